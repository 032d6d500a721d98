//! Events read backwards: what happened last comes first. The cost of a page does not grow with the trail: it is read in slices by
//! `seq`, and a page ends after so many rows, whether or not they were what was asked for.

use doorward_core::Timestamp;
use doorward_core::id::{ClientId, GrantId, TenantId, UserId};
use doorward_core::model::EventKind;

use crate::events::{NUMBERED, Numbered, numbered};
use crate::statement::statements;
use crate::{Fault, Store};

statements! {
    /// A tenant's events before a number, the latest first.
    pub(crate) EVENTS_BACK = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    /// The same of those that concern a person.
    pub(crate) EVENTS_BACK_OF_USER = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND user_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    /// The same of those that concern a client.
    pub(crate) EVENTS_BACK_OF_CLIENT = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND client_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    /// Number and time of a tenant's last event up to a number: where a time lies is found by halving.
    pub(crate) EVENT_UP_TO = tenant
        "SELECT seq, happened_at FROM events WHERE tenant = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1";
}

/// Which events.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EventFilter {
    /// Those that concern this person.
    pub user: Option<UserId>,
    /// Those that concern this client.
    pub client: Option<ClientId>,
    /// Those that concern this grant.
    pub grant: Option<GrantId>,
    /// Those of this kind.
    pub kind: Option<EventKind>,
    /// Those that happened then or later.
    pub from: Option<Timestamp>,
    /// Those that happened before.
    pub to: Option<Timestamp>,
}

/// A page of events.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EventPage {
    /// The events, the latest first.
    pub events: Vec<Numbered>,
    /// Where the next page begins: before this number. None when there is nothing more.
    pub before: Option<i64>,
    /// When what was looked at last happened.
    pub reached: Option<Timestamp>,
}

impl EventFilter {
    /// Whether an event is one of those. Person and client are asked too: one of them may have been left to the statement.
    fn fits(&self, found: &Numbered) -> bool {
        let event = &found.event;
        let same = |wish: &Option<UserId>| wish.is_none() || *wish == event.user;
        same(&self.user)
            && (self.client.is_none() || self.client == event.client)
            && (self.grant.is_none() || self.grant == event.grant)
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }
}

impl Store {
    /// At most `limit` events of a tenant that fit, the latest first, before number `before`.
    pub async fn events_back(
        &self,
        tenant: &TenantId,
        filter: &EventFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<EventPage, Fault> {
        let mut before = match (before, filter.to) {
            (Some(before), _) => before,
            (None, Some(to)) => self.first_seq_from(tenant, to).await?,
            (None, None) => i64::MAX,
        };
        let mut page = EventPage::default();
        let mut looked_at = 0;
        while looked_at < MOST_LOOKED_AT {
            let slice = self.slice(tenant, filter, before).await?;
            let is_last = slice.len() < SLICE;
            looked_at += slice.len();
            for found in slice {
                before = found.seq;
                page.reached = Some(found.event.at);
                if filter.from.is_some_and(|from| found.event.at.plus_ms(DEFERRED_MS) < from) {
                    return Ok(page);
                }
                if filter.fits(&found) {
                    page.events.push(found);
                }
                if page.events.len() == limit {
                    page.before = Some(before);
                    return Ok(page);
                }
            }
            if is_last {
                return Ok(page);
            }
        }
        page.before = Some(before);
        Ok(page)
    }

    async fn slice(
        &self,
        tenant: &TenantId,
        filter: &EventFilter,
        before: i64,
    ) -> Result<Vec<Numbered>, Fault> {
        let tenant = tenant.as_str();
        match (&filter.user, &filter.client) {
            (Some(user), _) => {
                let params = [tenant.into(), user.as_str().into(), before.into(), SLICE_ROWS.into()];
                self.list(&EVENTS_BACK_OF_USER, &params, numbered).await
            }
            (None, Some(client)) => {
                let params = [tenant.into(), client.as_str().into(), before.into(), SLICE_ROWS.into()];
                self.list(&EVENTS_BACK_OF_CLIENT, &params, numbered).await
            }
            (None, None) => {
                self.list(&EVENTS_BACK, &[tenant.into(), before.into(), SLICE_ROWS.into()], numbered).await
            }
        }
    }

    /// The least number after which everything happened at `at` or later, near enough: by halving, for events are numbered about in
    /// the order of their times.
    async fn first_seq_from(&self, tenant: &TenantId, at: Timestamp) -> Result<i64, Fault> {
        let at = at.plus_ms(DEFERRED_MS);
        let Some((mut high, last)) = self.event_up_to(tenant, i64::MAX).await? else { return Ok(i64::MAX) };
        if last < at {
            return Ok(i64::MAX);
        }
        let mut low = 0;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.event_up_to(tenant, middle).await? {
                Some((_, then)) if then >= at => high = middle,
                Some(_) | None => low = middle,
            }
        }
        Ok(high.saturating_add(1))
    }

    async fn event_up_to(&self, tenant: &TenantId, seq: i64) -> Result<Option<(i64, Timestamp)>, Fault> {
        let params = [tenant.as_str().into(), seq.into()];
        self.one(&EVENT_UP_TO, &params, |row| Ok((row.int()?, row.time()?))).await
    }
}

const SLICE: usize = 200;
const SLICE_ROWS: i64 = 200;
/// Rows of one page, whatever of them is shown.
const MOST_LOOKED_AT: usize = 5_000;
/// Some events are written a moment after they happened, so that times of neighbours may be a little out of order.
const DEFERRED_MS: i64 = 120_000;
