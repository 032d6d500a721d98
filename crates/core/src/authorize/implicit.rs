//! Tokens in the redirect (RFC 6749, section 4.2; OpenID Connect Core, section 3.2): for older clients, where the wire contract has it.

use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::{Asked, Draft, Return, Step, closing};
use crate::facts::{GrantFacts, SessionState};
use crate::grant::lifetime;
use crate::model::{Actor, Event, EventKind, Grant, Legacy, User};
use crate::permission::audience::audience;
use crate::token::issue::{AccessToken, Subject, UnsignedJwt, access_token, id_token};
use crate::{Ctx, Decision, Effect, Facts, Reason, Refusal};

/// Tokens that are handed to the browser.
#[derive(Debug)]
pub struct Handed {
    /// The access token, seconds it lives, what it allows.
    pub access: Option<(AccessToken, i64, Scopes)>,
    /// The ID token.
    pub id_token: Option<UnsignedJwt>,
}

/// An ID token needs `openid`, and a `nonce` that ties it to the browser that asked (section 3.2.2.1).
pub(super) fn check<'a>(_: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    if !draft.response.is_some_and(|row| row.id_token) {
        return Ok(());
    }
    if !draft.scopes.contains("openid") {
        return Err(Reason::ScopeNotAllowed.into());
    }
    let is_excused = draft.client.is_some_and(|client| client.legacy.contains(&Legacy::ImplicitWithoutNonce));
    if draft.nonce.is_none() && !is_excused { Err(Reason::NonceMissing.into()) } else { Ok(()) }
}

/// The tokens, and the grant that they are of. It never refreshes, and lives as long as they do.
pub(super) fn answer(
    asked: Asked<'_>,
    mut grant: Grant,
    user: &User,
    mut effects: Vec<Effect>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Step> {
    let client = asked.client;
    let audience = audience(&asked.scopes, &asked.scopes, &asked.resources, client, facts);
    let life = lifetime::of_tokens(client, &audience, ctx.now);
    (grant.redeemed_at, grant.offline) = (Some(ctx.now), false);
    (grant.idle_ms, grant.expires_at) = (life.idle_ms, life.expires_at);
    let session = facts.session.as_ref().filter(|found| found.session.id == grant.session);
    let of = GrantFacts::begun(
        grant,
        user,
        session.map(|found| SessionState::of(&found.session)),
        facts.installation.clone().filter(|_| asked.installed.is_some()),
    );
    let audience = audience.until(of.ends_at(of.grant.expires_at), ctx.now);
    let mut handed = Handed { access: None, id_token: None };
    if asked.response.token {
        let (token, stored) = access_token(facts, client, Subject::Person(&of), &audience, ctx);
        effects.extend(stored);
        handed.access = Some((token, audience.lifetime_s, audience.scopes.clone()));
    }
    if asked.response.id_token {
        handed.id_token = Some(id_token(facts, client, &of, asked.nonce.clone(), ctx));
    }
    let event = Event::new(EventKind::ImplicitIssued, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
        .of_grant(&of.grant)
        .data(serde_json::json!({ "scope": audience.scopes.to_string() }));
    effects.extend([Effect::InsertGrant(of.grant), Effect::Record(event)]);
    let params = closing(&asked.target, facts);
    let handed = Some(Box::new(handed));
    Decision::with(effects, Step::Return(Return { target: asked.target, params, handed, refused: None }))
}
