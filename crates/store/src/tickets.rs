//! Tickets: one table, one statement that redeems.

use doorward_core::Timestamp;
use doorward_core::effect::{ConsumeTicket, MAX_TICKET_FAILURES};
use doorward_core::facts::TicketFacts;
use doorward_core::id::{GrantId, TenantId};
use doorward_core::login::invitation::Invited;
use doorward_core::model::{Ticket, TicketKey, TicketKind};

use crate::statement::{columns_of, statements};
use crate::tenants::standing;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store, grants};

statements! {
    /// Stores a ticket. Conflict: there is one of that key.
    pub(crate) TICKET_INSERT = tenant
        "INSERT INTO tickets (", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// Redeems a ticket: names every binding it has.
    pub(crate) TICKET_CONSUME = tenant
        "UPDATE tickets SET consumed_at = $9
         WHERE key = $1
             AND tenant = $2
             AND kind = $3
             AND grant_id IS NOT DISTINCT FROM $4
             AND client_id IS NOT DISTINCT FROM $5
             AND redirect_uri IS NOT DISTINCT FROM $6
             AND code_challenge IS NOT DISTINCT FROM $7
             AND cnf IS NOT DISTINCT FROM $8
             AND consumed_at IS NULL
             AND failures < $10
             AND expires_at > $9";
    /// Counts a failed try; the last one burns the ticket.
    pub(crate) TICKET_FAIL = tenant
        "UPDATE tickets SET
             failures = failures + 1,
             consumed_at = CASE WHEN failures + 1 >= $4 THEN $3 ELSE consumed_at END
         WHERE key = $1 AND tenant = $2 AND consumed_at IS NULL";
    /// Ends a ticket.
    pub(crate) TICKET_END = tenant
        "UPDATE tickets SET consumed_at = $3 WHERE key = $1 AND tenant = $2 AND consumed_at IS NULL";
    /// Ends the tickets of a kind in a range of keys, which begin with the time when they may be forgotten.
    pub(crate) TICKETS_END_OF = tenant
        "UPDATE tickets SET consumed_at = $5
         WHERE key >= $3 AND key < $4 AND tenant = $1 AND kind = $2 AND consumed_at IS NULL";
    /// Lets a mark name another grant, where it names the one that was read.
    pub(crate) TICKET_REBIND = tenant
        "UPDATE tickets SET grant_id = $4 WHERE key = $1 AND tenant = $2 AND grant_id IS NOT DISTINCT FROM $3";
    /// Whether there is a ticket of that key.
    pub(crate) TICKET_EXISTS = tenant "SELECT failures FROM tickets WHERE key = $1 AND tenant = $2";
    /// Invitations that are open, in the order in which they end, from the one after `$2`.
    pub(crate) INVITATIONS_FROM = tenant
        "SELECT key, data, expires_at FROM tickets
         WHERE tenant = $1 AND kind = 'invitation' AND consumed_at IS NULL AND key > $2 AND expires_at > $3
         ORDER BY key LIMIT $4";
    /// A ticket, its grant, and the state of all that they hang on. `own` is the client of a ticket without a grant.
    pub(crate) TICKET = tenant
        "SELECT", columns_of!("tickets", COLUMNS), ", tenants.disabled_at,",
        columns_of!("own", "version, disabled_at, created_at"), ",", grants::WITH_STATE, "FROM tickets
         JOIN tenants ON tenants.id = tickets.tenant
         LEFT JOIN clients AS own
             ON tickets.grant_id IS NULL AND own.tenant = tickets.tenant AND own.id = tickets.client_id
         LEFT JOIN grants ON grants.id = tickets.grant_id AND grants.tenant = tickets.tenant", grants::AND_STATE,
        "WHERE tickets.key = $1 AND tickets.tenant = $2";
}

/// The columns of a ticket's row.
const COLUMNS: &str = "
    key, kind, tenant, grant_id, client_id, redirect_uri, code_challenge, cnf, failures, expires_at, consumed_at, data";

pub(crate) fn insert(ticket: &Ticket) -> Write {
    Write::new(
        &TICKET_INSERT,
        Expect::One,
        vec![
            ticket.key.to_bytes().into(),
            ticket.kind.as_str().into(),
            ticket.tenant.as_str().into(),
            ticket.grant.map(|grant| grant.0).into(),
            ticket.client.as_ref().map(|client| client.as_str()).into(),
            ticket.redirect_uri.clone().into(),
            ticket.code_challenge.clone().into(),
            ticket.cnf.clone().into(),
            ticket.failures.into(),
            ticket.expires_at.into(),
            ticket.consumed_at.into(),
            ticket.data.as_str().into(),
        ],
    )
}

pub(crate) fn consume(consume: &ConsumeTicket) -> Write {
    Write::new(
        &TICKET_CONSUME,
        Expect::One,
        vec![
            consume.key.to_bytes().into(),
            consume.tenant.as_str().into(),
            consume.kind.as_str().into(),
            consume.grant.map(|grant| grant.0).into(),
            consume.client.as_ref().map(|client| client.as_str()).into(),
            consume.redirect_uri.clone().into(),
            consume.code_challenge.clone().into(),
            consume.cnf.clone().into(),
            consume.now.into(),
            MAX_TICKET_FAILURES.into(),
        ],
    )
}

pub(crate) fn count_failure(tenant: &TenantId, key: TicketKey, now: Timestamp) -> Write {
    Write::new(
        &TICKET_FAIL,
        Expect::One,
        vec![key.to_bytes().into(), tenant.as_str().into(), now.into(), MAX_TICKET_FAILURES.into()],
    )
}

pub(crate) fn end(tenant: &TenantId, key: TicketKey, now: Timestamp) -> Write {
    Write::new(
        &TICKET_END,
        Expect::AtMostOne,
        vec![key.to_bytes().into(), tenant.as_str().into(), now.into()],
    )
}

pub(crate) fn end_of(tenant: &TenantId, kind: TicketKind, now: Timestamp, until: Timestamp) -> Write {
    let from = TicketKey::forgotten_before(now);
    let past = TicketKey::forgotten_before(until);
    let past = TicketKey { forget: past.forget.saturating_add(2), ..past };
    Write::new(
        &TICKETS_END_OF,
        Expect::Any,
        vec![
            tenant.as_str().into(),
            kind.as_str().into(),
            from.to_bytes().into(),
            past.to_bytes().into(),
            now.into(),
        ],
    )
}

pub(crate) fn rebind(tenant: &TenantId, key: TicketKey, from: Option<GrantId>, to: GrantId) -> Write {
    Write::new(
        &TICKET_REBIND,
        Expect::One,
        vec![key.to_bytes().into(), tenant.as_str().into(), from.map(|grant| grant.0).into(), to.0.into()],
    )
}

pub(crate) fn facts(row: &mut Row) -> Result<TicketFacts, Fault> {
    let ticket = Ticket {
        key: TicketKey::from_bytes(&row.blob()?).ok_or_else(|| row.fault("a key of another length"))?,
        kind: row.word(TicketKind::parse)?,
        tenant: row.text()?.into(),
        grant: row.opt_int()?.map(GrantId),
        client: row.opt_text()?.map(Into::into),
        redirect_uri: row.opt_text()?,
        code_challenge: row.opt_text()?,
        cnf: row.opt_text()?,
        failures: row.int()?,
        expires_at: row.time()?,
        consumed_at: row.opt_time()?,
        data: row.text()?,
    };
    let tenant_disabled_at = row.opt_time()?;
    let own = standing(row)?;
    let client_since = row.opt_time()?;
    let client = (ticket.grant.is_none() && ticket.client.is_some()).then_some(own);
    let grant = grants::facts(row)?;
    Ok(TicketFacts { ticket, grant, client, client_since, tenant_disabled_at })
}

/// An invitation that nobody has used yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenInvitation {
    /// The key of its ticket.
    pub key: TicketKey,
    /// What it holds.
    pub invited: Invited,
    /// Until when it works.
    pub expires_at: Timestamp,
}

fn invitation(row: &mut Row) -> Result<OpenInvitation, Fault> {
    Ok(OpenInvitation {
        key: TicketKey::from_bytes(&row.blob()?).ok_or_else(|| row.fault("a key of another length"))?,
        invited: row.json()?,
        expires_at: row.time()?,
    })
}

impl Store {
    /// At most `limit` invitations of a tenant that are open, in the order in which they end, from the one after `after`.
    pub async fn invitations(
        &self,
        tenant: &TenantId,
        after: Option<TicketKey>,
        limit: i64,
    ) -> Result<Vec<OpenInvitation>, Fault> {
        let now = self.now();
        let after = after.unwrap_or_else(|| TicketKey::forgotten_before(now));
        let params = [tenant.as_str().into(), after.to_bytes().into(), now.into(), limit.into()];
        self.list(&INVITATIONS_FROM, &params, invitation).await
    }

    /// A ticket, dead or alive.
    pub async fn ticket(&self, tenant: &TenantId, key: TicketKey) -> Result<Option<Ticket>, Fault> {
        let found = self.one(&TICKET, &[key.to_bytes().into(), tenant.as_str().into()], facts).await?;
        Ok(found.map(|found| found.ticket))
    }
}
