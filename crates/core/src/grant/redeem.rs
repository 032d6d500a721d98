//! The first redemption of a grant: its ticket is consumed, the grant begins to live, and the client has its first tokens.

use doorward_wire::params::Params;

use super::{lifetime, touch_session};
use crate::client_auth::Authenticated;
use crate::effect::ConsumeTicket;
use crate::facts::GrantFacts;
use crate::model::{Actor, Event, EventKind, Ticket};
use crate::permission::audience::{audience, named};
use crate::permission::{effective, is_withdrawn};
use crate::token::issue::{Generation, Issued, access_token_of, id_token, is_answered};
use crate::token::refresh_pair::{FIRST_GENERATION, RefreshPair};
use crate::{Ctx, Decision, Effect, Facts, Reason};

/// What is redeemed. That it may be, and that the grant stands, was asked before.
pub(super) struct Redemption<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// Its grant.
    pub of: &'a GrantFacts,
    /// `nonce` of the request, for the ID token.
    pub nonce: Option<String>,
    /// What the audit trail calls it.
    pub event: EventKind,
}

/// Redeem it.
pub(super) fn redeem(
    params: &Params,
    client: &Authenticated<'_>,
    facts: &Facts,
    redemption: Redemption<'_>,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let Redemption { ticket, of, nonce, event } = redemption;
    let grant = &of.grant;
    let resources = match resources_of(params, client, of, facts) {
        Ok(resources) => resources,
        Err(reason) => return Decision::refuse(reason),
    };
    let permissions = facts.permissions_of(of);
    let left = effective(&grant.scopes, &facts.limits(client.client, of, &permissions)).scopes;
    if is_withdrawn(&grant.scopes, &left) || !is_answered(&left, facts) {
        return Decision::refuse(Reason::ScopeEmpty);
    }
    let audience = audience(&left, &grant.scopes, &resources, client.client, facts).as_spoken(of, facts);
    let life = lifetime::of_grant(client.client, &audience, ctx.now);
    let audience = audience.until(of.ends_at(life.expires_at), ctx.now);
    let id_token = left.contains("openid").then(|| id_token(facts, client.client, of, nonce, ctx));

    let serial = facts.keys.newest_mac().map_or(0, |(serial, _)| serial);
    let refresh_token = life.refreshes.then(|| {
        let pair = RefreshPair { grant: grant.id, generation: FIRST_GENERATION };
        pair.encode_as(facts.policies, &facts.issuer.id, serial, &facts.keys)
    });
    let refresh_token = refresh_token.flatten();
    let number = if refresh_token.is_some() { FIRST_GENERATION } else { 0 };
    let generation = Generation { of, number, serial, since: ctx.now, is_known: false };
    let Some((access_token, stored, validity)) =
        access_token_of(&generation, facts, client.client, &audience, ctx)
    else {
        return Decision::refuse(Reason::Overloaded);
    };
    let event =
        Event::new(event, &facts.tenant.id, Actor::Client(client.client.id.clone()), ctx).of_grant(grant);
    let mut effects = vec![
        Effect::ConsumeTicket(ConsumeTicket::of(ticket, ctx.now)),
        Effect::StartGrant {
            tenant: facts.tenant.id.clone(),
            id: grant.id,
            now: ctx.now,
            generation: number,
            mac_key: if number == 0 { 0 } else { i64::from(serial) },
            idle_ms: life.idle_ms,
            expires_at: life.expires_at,
            unnamed: client.is_unnamed(),
        },
        Effect::Record(event),
    ];
    effects.extend(stored);
    effects.extend(touch_session(of, ctx));
    let issued = Issued {
        access_token,
        validity,
        scopes: audience.scopes,
        id_token,
        refresh_token,
        issued_token_type: None,
        account: None,
    };
    Decision::with(effects, issued)
}

/// The resources of the token: those named here, each of which the grant must have (RFC 8707, section 2.2), or all of the grant's.
pub(super) fn resources_of(
    params: &Params,
    client: &Authenticated<'_>,
    of: &GrantFacts,
    facts: &Facts,
) -> Result<Vec<String>, Reason> {
    let asked = named(params.all("resource"), client.client, &facts.apis)?;
    if asked.is_empty() {
        return Ok(of.grant.resources.clone());
    }
    let granted = if of.grant.resources.is_empty() {
        audience(&of.grant.scopes, &of.grant.scopes, &[], client.client, facts).names
    } else {
        of.grant.resources.clone()
    };
    if asked.iter().all(|resource| granted.contains(resource)) {
        Ok(asked)
    } else {
        Err(Reason::ResourceNotGranted)
    }
}
