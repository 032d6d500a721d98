//! The audit trail as administrators read it: by filters, newest or oldest first. A filter that fits little does not make a request
//! long: each looks at so many events of the tenant and says where the next one goes on. What happened to one person is found by an
//! index.

use doorward_core::Timestamp;
use doorward_core::id::{TenantId, UserId};

use crate::events::{NUMBERED, Numbered, numbered};
use crate::statement::statements;
use crate::value::Value;
use crate::{Fault, Store};

statements! {
    /// How far the next slice of a tenant's events reaches.
    pub(crate) EVENTS_SLICE = tenant
        "SELECT COUNT(*) AS rows, MAX(seq) AS last
         FROM (SELECT seq FROM events WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS slice";
    /// The same backwards.
    pub(crate) EVENTS_SLICE_BACK = tenant
        "SELECT COUNT(*) AS rows, MIN(seq) AS last
         FROM (SELECT seq FROM events WHERE tenant = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3) AS slice";
    /// Events of a slice that fit a filter; what is empty fits all.
    pub(crate) EVENTS_FILTERED = tenant
        "SELECT", NUMBERED, "FROM events
         WHERE tenant = $1 AND seq > $2 AND seq <= $3", FITS, "ORDER BY seq LIMIT $8";
    /// The same backwards, from below `$3` down to `$2`.
    pub(crate) EVENTS_FILTERED_BACK = tenant
        "SELECT", NUMBERED, "FROM events
         WHERE tenant = $1 AND seq >= $2 AND seq < $3", FITS, "ORDER BY seq DESC LIMIT $8";
    /// A person's events that fit a filter, from the one after `$3`.
    pub(crate) EVENTS_OF_USER = tenant
        "SELECT", NUMBERED, "FROM events
         WHERE tenant = $1 AND user_id = $2 AND seq > $3", FITS, "ORDER BY seq LIMIT $8";
    /// The same backwards, from the one before `$3`.
    pub(crate) EVENTS_OF_USER_BACK = tenant
        "SELECT", NUMBERED, "FROM events
         WHERE tenant = $1 AND user_id = $2 AND seq < $3", FITS, "ORDER BY seq DESC LIMIT $8";
}

/// What is empty fits all.
const FITS: &str = "
    AND ($4 = '' OR client_id = $4) AND ($5 = '' OR kind = $5)
    AND happened_at >= $6 AND happened_at < $7";

/// Which events.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EventFilter {
    /// Concerning this person.
    pub user: Option<UserId>,
    /// Concerning this client.
    pub client: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Newest first.
    pub newest_first: bool,
}

impl EventFilter {
    /// The parameters of a statement with [`FITS`]: the range, what must fit, and how many.
    fn params(&self, range: [Value; 3], limit: i64) -> [Value; 8] {
        let [tenant, low, high] = range;
        [
            tenant,
            low,
            high,
            self.client.clone().unwrap_or_default().into(),
            self.kind.clone().unwrap_or_default().into(),
            self.from.unwrap_or(Timestamp(0)).into(),
            self.to.unwrap_or(Timestamp(i64::MAX)).into(),
            limit.into(),
        ]
    }
}

impl Store {
    /// At most `limit` events of a tenant that fit, from the one after (or, newest first, before) the number `place`, and the number
    /// where to go on when there may be more.
    pub async fn events_filtered(
        &self,
        tenant: &TenantId,
        filter: &EventFilter,
        place: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<Numbered>, Option<i64>), Fault> {
        match &filter.user {
            Some(user) => self.events_of_user(tenant, user, filter, place, limit).await,
            None => self.events_of_slice(tenant, filter, place, limit).await,
        }
    }

    async fn events_of_user(
        &self,
        tenant: &TenantId,
        user: &UserId,
        filter: &EventFilter,
        place: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<Numbered>, Option<i64>), Fault> {
        let after = place.unwrap_or(if filter.newest_first { i64::MAX } else { 0 });
        let statement = if filter.newest_first { &EVENTS_OF_USER_BACK } else { &EVENTS_OF_USER };
        let params = filter.params([tenant.as_str().into(), user.as_str().into(), after.into()], limit);
        let found = self.list(statement, &params, numbered).await?;
        let is_full = i64::try_from(found.len()).is_ok_and(|many| many >= limit);
        let next = found.last().filter(|_| is_full).map(|last| last.seq);
        Ok((found, next))
    }

    async fn events_of_slice(
        &self,
        tenant: &TenantId,
        filter: &EventFilter,
        place: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<Numbered>, Option<i64>), Fault> {
        let after = place.unwrap_or(if filter.newest_first { i64::MAX } else { 0 });
        let (slice, statement) = if filter.newest_first {
            (&EVENTS_SLICE_BACK, &EVENTS_FILTERED_BACK)
        } else {
            (&EVENTS_SLICE, &EVENTS_FILTERED)
        };
        let params = [tenant.as_str().into(), after.into(), SLICE.into()];
        let reach = self.one(slice, &params, |row| Ok((row.int()?, row.opt_int()?))).await?;
        let Some((rows, Some(last))) = reach else { return Ok((Vec::new(), None)) };
        let (low, high) = if filter.newest_first { (last, after) } else { (after, last) };
        let params = filter.params([tenant.as_str().into(), low.into(), high.into()], limit);
        let found = self.list(statement, &params, numbered).await?;
        let is_full = i64::try_from(found.len()).is_ok_and(|many| many >= limit);
        let next = match found.last().filter(|_| is_full) {
            Some(last) => Some(last.seq),
            None => (rows >= SLICE).then_some(last),
        };
        Ok((found, next))
    }
}

/// Events that one request looks at.
const SLICE: i64 = 5000;
