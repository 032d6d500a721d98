//! Events. Readers go by `seq`: the order in which events were committed.

use doorward_core::Timestamp;
use doorward_core::id::{EventId, GrantId, TenantId};
use doorward_core::model::{Actor, Event, EventKind};

use crate::object::json;
use crate::statement::statements;
use crate::value::{Row, Value};
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, Store};

statements! {
    /// Writes an event. SQLite numbers it here, PostgreSQL's sequencer afterwards.
    pub(crate) EVENT_INSERT = tenant
        "INSERT INTO events (
             id, tenant, happened_at, kind, actor, user_id, client_id, grant_id, reason, request_id, address, data
         ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// Writes as many events as [`MANY`] says. Both engines do most of an insert's work once per statement.
    pub(crate) EVENTS_INSERT = tenant
        "INSERT INTO events (
             id, tenant, happened_at, kind, actor, user_id, client_id, grant_id, reason, request_id, address, data
         ) VALUES
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12),
             ($13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24),
             ($25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36),
             ($37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48),
             ($49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60),
             ($61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72),
             ($73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84),
             ($85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96),
             ($97, $98, $99, $100, $101, $102, $103, $104, $105, $106, $107, $108),
             ($109, $110, $111, $112, $113, $114, $115, $116, $117, $118, $119, $120),
             ($121, $122, $123, $124, $125, $126, $127, $128, $129, $130, $131, $132),
             ($133, $134, $135, $136, $137, $138, $139, $140, $141, $142, $143, $144),
             ($145, $146, $147, $148, $149, $150, $151, $152, $153, $154, $155, $156),
             ($157, $158, $159, $160, $161, $162, $163, $164, $165, $166, $167, $168),
             ($169, $170, $171, $172, $173, $174, $175, $176, $177, $178, $179, $180),
             ($181, $182, $183, $184, $185, $186, $187, $188, $189, $190, $191, $192)";
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
    /// Forgets the oldest events of a tenant, as far as they are old enough.
    pub(crate) EVENTS_FORGET = tenant
        "DELETE FROM events
         WHERE seq IN (SELECT seq FROM events WHERE tenant = $1 AND seq IS NOT NULL ORDER BY seq LIMIT 500)
             AND tenant = $1 AND happened_at < $2";
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
    Ok(Write::new(&EVENT_INSERT, Expect::One, params(event)?.into()))
}

/// Writes of all events, in their order.
pub(crate) fn insert_all(events: &[Event]) -> Result<Vec<Write>, Fault> {
    let (many, few) = events.as_chunks::<MANY>();
    let many = many.iter().map(|events| {
        let mut all = Vec::with_capacity(MANY * COLUMNS);
        for event in events {
            all.extend(params(event)?);
        }
        Ok(Write::new(&EVENTS_INSERT, Expect::Exactly(MANY as u64), all))
    });
    many.chain(few.iter().map(insert)).collect()
}

fn params(event: &Event) -> Result<[Value; COLUMNS], Fault> {
    Ok([
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

/// Rows of [`EVENTS_FORGET`].
const FORGET_BATCH: u64 = 500;
/// Batches in one go: others want to write too.
const FORGET_BATCHES: usize = 20;
/// Rows of [`EVENTS_INSERT`].
const MANY: usize = 16;
const COLUMNS: usize = 12;
