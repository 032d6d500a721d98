//! `authorization_code`: a code is redeemed once, by whom and as it was issued (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use serde::{Deserialize, Serialize};

use doorward_crypto::{base64url, digest};
use doorward_wire::params::Params;
use doorward_wire::pkce::CodeVerifier;
use doorward_wire::redirect_uri::RedirectUri;

use super::redeem::{self, Redemption};
use super::{GrantType, TokenRequest};
use crate::client_auth::Authenticated;
use crate::client_auth::unnamed;
use crate::effect::MAX_TICKET_FAILURES;
use crate::facts::{GrantFacts, TicketFacts};
use crate::may_issue::may_issue;
use crate::model::{Actor, Event, EventKind, Ticket, TicketKey, TicketKind};
use crate::token::issue::Issued;
use crate::{Ctx, Decision, Effect, Facts, Reason};

/// The row.
pub const GRANT: GrantType = GrantType {
    name: "authorization_code",
    is_legacy: false,
    needs: |params, mount, needs| {
        needs.ticket = Some(key(params)?);
        needs.for_access_token(mount.policies);
        if mount.policies.binds_state && params.get("state").is_none() {
            return Err(Reason::ParameterMissing.into());
        }
        Ok(())
    },
    for_installations: false,
    decide,
};

/// What a code's ticket keeps besides its bindings.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct CodeData {
    /// `nonce` of the request.
    pub nonce: Option<String>,
    /// The registered redirect URI that was meant when the request named none.
    pub implied_redirect_uri: Option<String>,
    /// SHA-256 of the request's `state`, base64url, where the wire contract binds the code to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// What a code keeps of the `state` that it is bound to.
pub(crate) fn bound_state(state: &str) -> String {
    base64url::encode(&digest::sha256(state.as_bytes()))
}

fn key(params: &Params) -> Result<TicketKey, Reason> {
    let code = params.get("code").ok_or(Reason::ParameterMissing)?;
    TicketKey::of_secret(TicketKind::Code, code).ok_or(Reason::CodeUnknown)
}

fn decide(
    request: &TokenRequest,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let params = &request.params;
    let Some(TicketFacts { ticket, grant: Some(grant), .. }) = facts.ticket.as_ref() else {
        return Decision::refuse(Reason::CodeUnknown);
    };
    if ticket.kind != TicketKind::Code {
        return Decision::refuse(Reason::CodeUnknown);
    }
    // Whoever shows a spent code that was never theirs has it from somewhere: it ends what came of it like any other repeat.
    let was_redeemed = ticket.consumed_at.is_some() && ticket.failures < MAX_TICKET_FAILURES;
    let not_theirs = if ticket.client.as_ref() != Some(&client.client.id) {
        Some(Reason::CodeWrongClient)
    } else {
        (grant.grant.issuer != facts.issuer.id).then_some(Reason::CodeWrongIssuer)
    };
    match not_theirs {
        Some(_) if was_redeemed => return replayed(client, grant, ctx),
        Some(reason) => return refuse(reason, client, grant, ctx),
        None => {}
    }
    if client.is_unnamed() && !unnamed::is_excused(GRANT.name, client.client, false, facts.policies) {
        return refuse(Reason::ClientAnonymous, client, grant, ctx);
    }
    let data: CodeData = serde_json::from_str(&ticket.data).unwrap_or_default();
    let bindings = state_fits(params, &data, facts)
        .and_then(|()| redirect_uri_fits(params, ticket, &data, client, facts))
        .and_then(|()| verifier_fits(params, ticket))
        .and_then(|()| redirect_is_registered(params, client, facts));
    if let Some(consumed_at) = ticket.consumed_at {
        if ticket.failures >= MAX_TICKET_FAILURES {
            return refuse(Reason::CodeBurnt, client, grant, ctx);
        }
        let is_lost_answer =
            bindings.is_ok() && ticket.code_challenge.is_some() && ctx.now.since_ms(consumed_at) <= REPEAT_MS;
        return if is_lost_answer {
            refuse(Reason::CodeRepeated, client, grant, ctx)
        } else {
            replayed(client, grant, ctx)
        };
    }
    if ctx.now >= ticket.expires_at {
        return Decision::refuse(Reason::CodeExpired);
    }
    if let Err(reason) = may_issue(grant, ctx.now) {
        return refuse(reason, client, grant, ctx);
    }
    if let Err(reason) = bindings {
        let mut refusal = refuse(reason, client, grant, ctx);
        if matches!(reason, Reason::CodeStateWrong | Reason::PkceVerifierWrong) {
            refusal.effects.push(Effect::CountTicketFailure {
                tenant: ticket.tenant.clone(),
                key: ticket.key,
                now: ctx.now,
            });
        }
        return refusal;
    }
    let redemption = Redemption { ticket, of: grant, nonce: data.nonce, event: EventKind::CodeRedeemed };
    redeem::redeem(params, client, facts, redemption, ctx)
}

/// The redirect URI must come again as it was sent (RFC 6749, section 4.1.3); one that was implied may be left out.
/// Where `state` comes again, it may be left out too: then it must still be registered.
fn redirect_uri_fits(
    params: &Params,
    ticket: &Ticket,
    data: &CodeData,
    client: &Authenticated<'_>,
    facts: &Facts,
) -> Result<(), Reason> {
    let is_registered = |bound: &str| client.client.redirect_uris.iter().any(|uri| uri.matches(bound));
    let fits = match (&ticket.redirect_uri, params.get("redirect_uri")) {
        (Some(_), None) if facts.policies.asks_redirect_uri => return Err(Reason::ParameterMissing),
        (Some(bound), None) => facts.policies.binds_state && is_registered(bound),
        (Some(bound), Some(sent)) => sent == bound,
        (None, None) => true,
        (None, sent) => sent == data.implied_redirect_uri.as_deref(),
    };
    if fits { Ok(()) } else { Err(Reason::CodeRedirectMismatch) }
}

/// Where the browser goes next, where the wire contract lets that be said, is registered but for its query.
fn redirect_is_registered(params: &Params, client: &Authenticated<'_>, facts: &Facts) -> Result<(), Reason> {
    let Some(redirect) = params.get("redirect").filter(|_| facts.policies.redirects_on) else {
        return Ok(());
    };
    let redirect = RedirectUri::parse(redirect).map_err(|_| Reason::CodeRedirectOn)?;
    let fits = client.client.redirect_uris.iter().any(|uri| uri.matches_but_for_query(&redirect));
    if fits { Ok(()) } else { Err(Reason::CodeRedirectOn) }
}

/// Where the wire contract binds the code to it, the request's `state` comes again.
fn state_fits(params: &Params, data: &CodeData, facts: &Facts) -> Result<(), Reason> {
    if !facts.policies.binds_state {
        return Ok(());
    }
    let sent = params.get("state").map(bound_state).unwrap_or_default();
    let bound = data.state.as_deref().ok_or(Reason::CodeStateWrong)?;
    let fits = digest::constant_time_eq(sent.as_bytes(), bound.as_bytes());
    if fits { Ok(()) } else { Err(Reason::CodeStateWrong) }
}

/// The verifier must hash to the challenge (RFC 7636, section 4.6), and there must be none where there was no challenge.
fn verifier_fits(params: &Params, ticket: &Ticket) -> Result<(), Reason> {
    match (&ticket.code_challenge, params.get("code_verifier")) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Reason::PkceDowngrade),
        (Some(_), None) => Err(Reason::PkceVerifierMissing),
        (Some(challenge), Some(verifier)) => {
            let verifier = CodeVerifier::parse(verifier).map_err(|_| Reason::PkceVerifierWrong)?;
            let hash = base64url::encode(&digest::sha256(verifier.as_str().as_bytes()));
            let fits = digest::constant_time_eq(hash.as_bytes(), challenge.as_bytes());
            if fits { Ok(()) } else { Err(Reason::PkceVerifierWrong) }
        }
    }
}

fn refuse(
    reason: Reason,
    client: &Authenticated<'_>,
    of: &GrantFacts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let event = event(EventKind::CodeRefused, client, of, reason, ctx);
    Decision::refuse_with(vec![Effect::Record(event)], reason)
}

/// A true repeat: whoever has the code is not who it was for, or was robbed. What was issued with it ends.
fn replayed(client: &Authenticated<'_>, of: &GrantFacts, ctx: &mut Ctx<'_>) -> Decision<Issued> {
    let reason = Reason::CodeReplayed;
    let end = Effect::EndGrant {
        tenant: of.grant.tenant.clone(),
        id: of.grant.id,
        now: ctx.now,
        reason: reason.as_str().to_owned(),
    };
    let event = event(EventKind::CodeRefused, client, of, reason, ctx);
    Decision::refuse_with(vec![end, Effect::Record(event)], reason)
}

fn event(
    kind: EventKind,
    client: &Authenticated<'_>,
    of: &GrantFacts,
    reason: Reason,
    ctx: &mut Ctx<'_>,
) -> Event {
    Event::new(kind, &of.grant.tenant, Actor::Client(client.client.id.clone()), ctx)
        .client(&client.client.id)
        .user(&of.grant.user)
        .grant(of.grant.id)
        .reason(reason)
}

/// In so many milliseconds, a repeat by whoever holds the verifier is a lost answer.
const REPEAT_MS: i64 = 10_000;
