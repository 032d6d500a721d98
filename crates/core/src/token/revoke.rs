//! Revocation (RFC 7009): a client gives a token back, and the whole grant ends with it.

use super::access_pair::AccessPair;
use super::claims::AccessClaims;
use super::issue::{OpaqueData, grant_of_name};
use super::read::{Presented, revoked_mark};
use crate::client_auth::{Authenticated, Credentials, authenticate, needs};
use crate::id::{ClientId, GrantId, SessionId, TenantId};
use crate::keys::TenantKeys;
use crate::model::{Actor, Event, EventKind, Issuer, Ticket, TicketKey, TicketKind};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal, Timestamp};

/// A request to the revocation endpoint.
#[derive(Clone, Debug)]
pub struct RevocationRequest {
    /// How the client authenticates.
    pub credentials: Credentials,
    /// The token, read as far as it goes without the database. `token_type_hint` is not needed for that.
    pub token: Presented,
}

/// What a token is to revocation: whose, and what ends with it.
struct Target {
    client: ClientId,
    grant: Option<GrantId>,
    end: Option<Effect>,
}

impl RevocationRequest {
    /// Read the token.
    pub fn new(credentials: Credentials, token: &str, issuer: &Issuer, keys: &TenantKeys) -> Self {
        Self { credentials, token: Presented::read(token, &issuer.id, &issuer.url, keys) }
    }

    /// What must be loaded: the client, and the token's row.
    pub fn needs(&self, tenant: &TenantId) -> Result<Needs, Refusal> {
        let caller = needs(&self.credentials, tenant)?;
        Ok(Needs {
            client: caller.client,
            client_key: caller.client_key,
            mark: caller.mark,
            ..self.token.needs()
        })
    }

    /// Decide. A token that is unknown or dead is revoked already (section 2.2).
    pub fn decide(&self, facts: &Facts, subject: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        let (client, mut effects) = match authenticate(&self.credentials, facts, ctx) {
            Ok(authenticated) => authenticated,
            Err((refusal, effects)) => return Decision::refuse_with(effects, refusal),
        };
        let Some(target) = Target::of(&self.token, subject, ctx.now) else {
            return Decision::with(effects, ());
        };
        let caller = &client.client.id;
        if target.client != *caller {
            let event = target.event(EventKind::TokenForeign, caller, facts, ctx);
            effects.push(Effect::Record(event.reason(Reason::RevokeForeign)));
            return foreign(&client, effects);
        }
        effects.extend(target.ended(facts, ctx));
        Decision::with(effects, ())
    }
}

/// Whoever bears a token gives it back: they could use it, and need be nobody else to end it.
pub fn by_bearer(token: &Presented, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
    match token.borne(facts, ctx.now) {
        Ok(_) => {
            let target = Target::of(token, facts, ctx.now);
            Decision::with(target.map(|target| target.ended(facts, ctx)).unwrap_or_default(), ())
        }
        Err(reason) => Decision::refuse(reason),
    }
}

/// Whoever bears a token signs its person out: what came of the grant ends, and the session that it was given in.
pub fn sign_out(token: &Presented, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
    let mut decision = by_bearer(token, facts, ctx);
    let grant = facts.grant.as_ref().map(|of| &of.grant).filter(|grant| grant.session != SessionId::NONE);
    if let Some(grant) = grant.filter(|_| decision.answer.is_ok()) {
        let event =
            Event::new(EventKind::SessionEnded, &facts.tenant.id, Actor::Client(grant.client.clone()), ctx)
                .client(&grant.client)
                .user(&grant.user)
                .data(serde_json::json!({ "session": grant.session.to_string(), "by": "token" }));
        let end = Effect::EndSession { tenant: grant.tenant.clone(), id: grant.session, now: ctx.now };
        decision.effects.extend([end, Effect::Record(event)]);
    }
    decision
}

impl Target {
    fn of(token: &Presented, facts: &Facts, now: Timestamp) -> Option<Self> {
        match token {
            Presented::Refresh(pair) => {
                let of = facts.grant.as_ref()?;
                Some(Self { client: of.grant.client.clone(), grant: Some(pair.grant), end: None })
            }
            Presented::Opaque(key) | Presented::Pair(AccessPair { key, .. }) => {
                let ticket = &facts.ticket.as_ref()?.ticket;
                let data: OpaqueData = serde_json::from_str(&ticket.data).ok()?;
                let end = Effect::EndTicket { tenant: ticket.tenant.clone(), key: *key, now };
                Some(Self { client: data.claims.client_id.into(), grant: ticket.grant, end: Some(end) })
            }
            Presented::Id(claims) | Presented::Jwt(claims) => {
                let grant = claims.grant_id.as_deref().and_then(grant_of_name);
                let is_open = grant.is_none() && !facts.marked && now.seconds() < claims.exp;
                let end = is_open.then(|| Effect::InsertTicket(revoked(claims, facts, now)));
                Some(Self { client: claims.client_id.as_str().into(), grant, end })
            }
            Presented::Unknown => None,
        }
    }

    fn ended(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Vec<Effect> {
        let grant = self.grant.map(|id| Effect::EndGrant {
            tenant: facts.tenant.id.clone(),
            id,
            now: ctx.now,
            reason: "revoked".to_owned(),
        });
        let event = self.event(EventKind::TokenRevoked, &self.client, facts, ctx);
        grant.into_iter().chain(self.end.clone()).chain([Effect::Record(event)]).collect()
    }

    fn event(&self, kind: EventKind, caller: &ClientId, facts: &Facts, ctx: &mut Ctx<'_>) -> Event {
        let actor = Actor::Client(caller.clone());
        let event = Event::new(kind, &facts.tenant.id, actor, ctx).client(caller);
        match self.grant {
            Some(grant) => event.grant(grant),
            None => event,
        }
    }
}

/// Somebody else's token: a proven client is told so, a public one learns nothing (section 2.1).
fn foreign(client: &Authenticated<'_>, effects: Vec<Effect>) -> Decision<()> {
    if client.is_proven() {
        Decision::refuse_with(effects, Reason::RevokeForeign)
    } else {
        Decision::with(effects, ())
    }
}

fn revoked(claims: &AccessClaims, facts: &Facts, now: Timestamp) -> Ticket {
    let expires_at = Timestamp(claims.exp.saturating_mul(1000));
    let mark: TicketKey = revoked_mark(claims);
    Ticket {
        client: Some(claims.client_id.as_str().into()),
        consumed_at: Some(now),
        ..Ticket::unbound(mark, TicketKind::RevokedJti, &facts.tenant.id, expires_at)
    }
}
