//! Events. Readers go by `seq`: the order in which events were committed.

use doorward_core::id::{EventId, GrantId, TenantId};
use doorward_core::model::{Actor, Event, EventKind};

use crate::object::json;
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Writes an event. SQLite numbers it here, PostgreSQL's sequencer afterwards.
    pub(crate) EVENT_INSERT = tenant
        "INSERT INTO events (
             id, tenant, happened_at, kind, actor, user_id, client_id, grant_id, reason, request_id, address, data
         ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// A tenant's events after a number.
    pub(crate) EVENTS_OF = tenant
        "SELECT
             seq,
             id,
             tenant,
             happened_at,
             kind,
             actor,
             user_id,
             client_id,
             grant_id,
             reason,
             request_id,
             address,
             data
         FROM events
         WHERE tenant = $1 AND seq > $2
         ORDER BY seq
         LIMIT $3";
    /// Every tenant's events after a number.
    pub(crate) EVENTS = server("the operator's audit trail")
        "SELECT
             seq,
             id,
             tenant,
             happened_at,
             kind,
             actor,
             user_id,
             client_id,
             grant_id,
             reason,
             request_id,
             address,
             data
         FROM events
         WHERE seq > $1
         ORDER BY seq
         LIMIT $2";
}

/// An event and its place in the order of commits.
#[derive(Clone, PartialEq, Debug)]
pub struct Numbered {
    /// Its number; the next reader asks for what comes after it.
    pub seq: i64,
    /// The event.
    pub event: Event,
}

pub(crate) fn insert(event: &Event) -> Result<Write, Fault> {
    Ok(Write::new(
        &EVENT_INSERT,
        Expect::One,
        vec![
            event.id.0.into(),
            event.tenant.as_str().into(),
            event.at.into(),
            event.kind.as_str().into(),
            json("event", &event.actor)?.into(),
            event.user.as_ref().map(|user| user.as_str()).into(),
            event.client.as_ref().map(|client| client.as_str()).into(),
            event.grant.map(|grant| grant.0).into(),
            event.reason.clone().into(),
            event.request_id.as_str().into(),
            event.address.as_str().into(),
            event.data.as_str().into(),
        ],
    ))
}

fn numbered(row: &mut Row) -> Result<Numbered, Fault> {
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
            reason: row.opt_text()?,
            request_id: row.text()?,
            address: row.text()?,
            data: row.text()?,
        },
    })
}

impl Store {
    /// At most `limit` events after number `after_seq`, of one tenant or of all.
    pub async fn events(
        &self,
        tenant: Option<&TenantId>,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<Numbered>, Fault> {
        let rows = match tenant {
            Some(tenant) => {
                let params = [tenant.as_str().into(), after_seq.into(), limit.into()];
                self.driver().read(&EVENTS_OF, &params).await?
            }
            None => self.driver().read(&EVENTS, &[after_seq.into(), limit.into()]).await?,
        };
        rows.into_iter().map(|mut row| numbered(&mut row)).collect()
    }
}
