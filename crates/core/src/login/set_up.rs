//! The first administrator: made through a link that works once, for an hour.

use crate::effect::ConsumeTicket;
use crate::model::{Actor, Credential, Event, EventKind, Ticket, TicketKey, TicketKind, User};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Timestamp};
use doorward_crypto::secret::SecretString;

/// Make a link. Who holds the data folder or the local socket may. It takes the place of those made before.
pub fn make_link(facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<SecretString> {
    let nothing = serde_json::Map::new();
    let (ticket, secret) = Ticket::of_link(TicketKind::SetUp, &facts.tenant.id, LINK_S, &nothing, ctx);
    let event = Event::new(EventKind::SetUpLinkMade, &facts.tenant.id, Actor::Operator, ctx);
    Decision::with(
        vec![end_others(facts, ctx.now), Effect::InsertTicket(ticket), Effect::Record(event)],
        secret,
    )
}

/// No other link works any more.
fn end_others(facts: &Facts, now: Timestamp) -> Effect {
    let tenant = facts.tenant.id.clone();
    Effect::EndTicketsOf { tenant, kind: TicketKind::SetUp, now, until: now.plus_s(LINK_S) }
}

/// A link that is opened, or used.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// The link's secret.
    pub link: String,
}

impl SetUp {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { ticket: TicketKey::of_secret(TicketKind::SetUp, &self.link), ..Needs::default() }
    }

    /// Whether the link still works. Looking spends nothing.
    pub fn look<'a>(&self, facts: &'a Facts, ctx: &Ctx<'_>) -> Result<&'a Ticket, Reason> {
        let ticket = facts.ticket.as_ref().map(|found| &found.ticket).ok_or(Reason::LinkSpent)?;
        let works =
            ticket.kind == TicketKind::SetUp && ticket.consumed_at.is_none() && ctx.now < ticket.expires_at;
        if works { Ok(ticket) } else { Err(Reason::LinkSpent) }
    }

    /// Spend the link: `user` is who they say to be, `phc` the hash of their password.
    pub fn decide(&self, user: User, phc: String, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let ticket = match self.look(facts, ctx) {
            Ok(ticket) => ticket,
            Err(reason) => return Decision::refuse(reason),
        };
        let event = Event::new(EventKind::SetUpDone, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
            .user(&user.id);
        let credential = Credential {
            tenant: facts.tenant.id.clone(),
            user: user.id.clone(),
            kind: "password".to_owned(),
            data: phc,
            created_at: ctx.now,
        };
        let user = User { administrator_since: Some(ctx.now), ..user };
        let effects = vec![
            Effect::ConsumeTicket(ConsumeTicket::of(ticket, ctx.now)),
            end_others(facts, ctx.now),
            Effect::PutUser(user),
            Effect::PutCredential(credential),
            Effect::Record(event),
        ];
        Decision::with(effects, ())
    }
}

/// Seconds that a link works.
pub const LINK_S: i64 = 3600;
