//! Events. Readers go by `seq`: the order in which events were committed.

use doorward_core::Timestamp;
use doorward_core::id::{EventId, GrantId, TenantId};
use doorward_core::model::{Actor, Event, EventKind};

use crate::object::json;
use crate::statement::{joined, repeated, statements};
use crate::users::MANY;
use crate::value::{Row, Value};
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, Store};

statements! {
    /// Writes an event. SQLite numbers it here, PostgreSQL's sequencer afterwards.
    pub(crate) EVENT_INSERT = tenant "INSERT INTO events (", COLUMNS, ") VALUES", repeated!(ROW, 1, from 1);
    /// Writes as many events as [`MANY`] says. Both engines do most of an insert's work once per statement.
    pub(crate) EVENTS_INSERT = tenant "INSERT INTO events (", COLUMNS, ") VALUES", repeated!(ROW, MANY, from 1);
    /// A tenant's events after a number.
    pub(crate) EVENTS_OF = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    /// Forgets the oldest events of a tenant, as far as they are old enough.
    pub(crate) EVENTS_FORGET = tenant
        "DELETE FROM events
         WHERE seq IN (SELECT seq FROM events WHERE tenant = $1 AND seq IS NOT NULL ORDER BY seq LIMIT 500)
             AND tenant = $1 AND happened_at < $2";
    /// Every tenant's events after a number.
    pub(crate) EVENTS = server("the operator's audit trail")
        "SELECT", NUMBERED, "FROM events WHERE seq > $1 ORDER BY seq LIMIT $2";
}

/// The columns of an event's row, and what [`numbered`] reads.
const COLUMNS: &str = "
    id, tenant, happened_at, kind, actor, user_id, client_id, grant_id, installation_id, reason, request_id,
    address, data";
const ROW: &str = "($, $, $, $, $, $, $, $, $, $, $, $, $)";
pub(crate) const NUMBERED: &str = joined!("seq,", COLUMNS);

/// An event and its place in the order of commits.
#[derive(Clone, PartialEq, Debug)]
pub struct Numbered {
    /// Its number; the next reader asks for what comes after it.
    pub seq: i64,
    /// The event.
    pub event: Event,
}

pub(crate) fn insert(event: &Event) -> Result<Write, Fault> {
    Ok(Write::new(&EVENT_INSERT, Expect::One, params(event)?.into()))
}

/// Writes of all events, in their order.
pub(crate) fn insert_all(events: &[Event]) -> Result<Vec<Write>, Fault> {
    let (many, few) = events.as_chunks::<MANY>();
    let many = many.iter().map(|events| {
        let mut all = Vec::with_capacity(MANY * PARAMS);
        for event in events {
            all.extend(params(event)?);
        }
        Ok(Write::new(&EVENTS_INSERT, Expect::Exactly(MANY as u64), all))
    });
    many.chain(few.iter().map(insert)).collect()
}

fn params(event: &Event) -> Result<[Value; PARAMS], Fault> {
    Ok([
        event.id.0.into(),
        event.tenant.as_str().into(),
        event.at.into(),
        event.kind.as_str().into(),
        json("event", &event.actor)?.into(),
        event.user.as_ref().map(|user| user.as_str()).into(),
        event.client.as_ref().map(|client| client.as_str()).into(),
        event.grant.map(|grant| grant.0).into(),
        event.installation.as_ref().map(|installation| installation.as_str()).into(),
        event.reason.clone().into(),
        event.request_id.as_str().into(),
        event.address.as_str().into(),
        event.data.as_str().into(),
    ])
}

pub(crate) fn numbered(row: &mut Row) -> Result<Numbered, Fault> {
    Ok(Numbered {
        seq: row.int()?,
        event: Event {
            id: EventId(row.bytes()?),
            tenant: row.text()?.into(),
            at: row.time()?,
            kind: row.word(EventKind::parse)?,
            actor: row.json::<Actor>()?,
            user: row.opt_text()?.map(Into::into),
            client: row.opt_text()?.map(Into::into),
            grant: row.opt_int()?.map(GrantId),
            installation: row.opt_text()?.map(Into::into),
            reason: row.opt_text()?,
            request_id: row.text()?,
            address: row.text()?,
            data: row.text()?,
        },
    })
}

impl Store {
    /// Forgets a tenant's events from before `before`, some thousands at most: how many went.
    pub async fn forget_events(&self, tenant: &TenantId, before: Timestamp) -> Result<u64, Fault> {
        let mut forgotten = 0;
        for _ in 0..FORGET_BATCHES {
            let params = vec![tenant.as_str().into(), before.into()];
            let writes = vec![Write::new(&EVENTS_FORGET, Expect::Any, params)];
            let commit = Commit { event: None, ending: true, writes };
            let rows = match self.driver().commit(commit).await {
                Ok(rows) => rows,
                Err(CommitError::Fault(fault)) => return Err(fault),
                Err(CommitError::Conflict) => 0,
            };
            forgotten += rows;
            if rows < FORGET_BATCH {
                break;
            }
        }
        Ok(forgotten)
    }

    /// At most `limit` events after number `after_seq`, of one tenant or of all.
    pub async fn events(
        &self,
        tenant: Option<&TenantId>,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<Numbered>, Fault> {
        match tenant {
            Some(tenant) => {
                let params = [tenant.as_str().into(), after_seq.into(), limit.into()];
                self.list(&EVENTS_OF, &params, numbered).await
            }
            None => self.list(&EVENTS, &[after_seq.into(), limit.into()], numbered).await,
        }
    }
}

/// Rows of [`EVENTS_FORGET`].
const FORGET_BATCH: u64 = 500;
/// Batches in one go: others want to write too.
const FORGET_BATCHES: usize = 20;
const PARAMS: usize = 13;
