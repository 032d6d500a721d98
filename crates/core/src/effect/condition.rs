//! What must still be as it was read for an effect to stand.

use crate::Timestamp;
use crate::id::{ClientId, GrantId, RoleKey, TenantId, UserId};
use crate::model::{Ticket, TicketKey, TicketKind};

/// How a ticket is redeemed: every binding it has is named, so that what was decided on is what is consumed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsumeTicket {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Which ticket.
    pub key: TicketKey,
    /// Of which kind.
    pub kind: TicketKind,
    /// Bound to which grant.
    pub grant: Option<GrantId>,
    /// Bound to which client.
    pub client: Option<ClientId>,
    /// Bound to which redirect URI.
    pub redirect_uri: Option<String>,
    /// Bound to which PKCE challenge.
    pub code_challenge: Option<String>,
    /// Bound to which key.
    pub cnf: Option<String>,
    /// Now.
    pub now: Timestamp,
}

impl ConsumeTicket {
    /// The redemption of exactly this ticket.
    pub fn of(ticket: &Ticket, now: Timestamp) -> Self {
        Self {
            tenant: ticket.tenant.clone(),
            key: ticket.key,
            kind: ticket.kind,
            grant: ticket.grant,
            client: ticket.client.clone(),
            redirect_uri: ticket.redirect_uri.clone(),
            code_challenge: ticket.code_challenge.clone(),
            cnf: ticket.cnf.clone(),
            now,
        }
    }
}

/// Somebody who is needed, as they were read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guard {
    /// Their tenant.
    pub tenant: TenantId,
    /// Its version.
    pub tenant_version: i64,
    /// Who.
    pub user: UserId,
    /// Their version.
    pub version: i64,
    /// A role that they have in the whole tenant, at its version.
    pub role: Option<(RoleKey, i64)>,
}

/// Failed tries after which a code is burnt.
pub const MAX_TICKET_FAILURES: i64 = 5;
