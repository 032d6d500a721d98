//! `refresh_token`: rotation that cannot sign a person out by accident (RFC 6749, section 6; RFC 9700, section 4.14; section 6 of
//! the design).

use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::redeem::resources_of;
use super::{GrantType, TokenRequest, touch_session};
use crate::client_auth::Authenticated;
use crate::client_auth::unnamed::{self, Excuse};
use crate::facts::GrantFacts;
use crate::keys::TenantKeys;
use crate::may_issue::may_issue;
use crate::model::{Actor, Event, EventKind, Issuer, RefreshPolicy};
use crate::permission::audience::audience;
use crate::permission::{effective, is_withdrawn};
use crate::token::issue::{Generation, Issued, access_token_of, id_token, is_answered};
use crate::token::refresh_pair::RefreshPair;
use crate::{Ctx, Decision, Effect, Facts, Reason};

/// The row.
pub const GRANT: GrantType = GrantType {
    name: "refresh_token",
    is_legacy: false,
    needs: |params, mount, needs| {
        needs.grant = Some(pair(params, mount.issuer, mount.keys)?.grant);
        needs.for_access_token(mount.policies);
        Ok(())
    },
    for_installations: true,
    decide,
};

/// What a presented generation means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// It is newer than the row: an asynchronous failover lost the rotation. Adopted.
    Ahead,
    /// It was spent a moment ago and its successor is in use: refused, the grant lives.
    Duplicate,
    /// It is the newest.
    Newest,
    /// It was spent, and its successor is in use: the grant ends.
    Replay,
    /// It was spent, and its successor is not in use: the same successor again.
    Retry,
}

fn pair(params: &Params, issuer: &Issuer, keys: &TenantKeys) -> Result<RefreshPair, Reason> {
    let token = params.get("refresh_token").ok_or(Reason::ParameterMissing)?;
    RefreshPair::decode(token, &issuer.id, keys).ok_or(Reason::RefreshUnknown)
}

/// What presenting `generation` means, to a client that proved itself or did not.
pub fn classify(generation: i64, of: &GrantFacts, is_proven: bool, grace_s: i64, ctx: &Ctx<'_>) -> Use {
    let grant = &of.grant;
    let within =
        |since: Option<crate::Timestamp>, ms: i64| since.is_some_and(|since| ctx.now.since_ms(since) <= ms);
    match grant.generation - generation {
        0 => Use::Newest,
        1 if is_proven || within(grant.spent_at, grace_s.min(MAX_GRACE_S) * 1000) => Use::Retry,
        2 if within(grant.spent_before_at, DUPLICATE_MS) => Use::Duplicate,
        behind if behind > 0 => Use::Replay,
        _ => Use::Ahead,
    }
}

fn decide(
    request: &TokenRequest,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let params = &request.params;
    let pair = match pair(params, &facts.issuer, &facts.keys) {
        Ok(pair) => pair,
        Err(reason) => return Decision::refuse(reason),
    };
    let Some(of) = facts.grant.as_ref() else { return Decision::refuse(Reason::RefreshUnknown) };
    let is_another = client.installation.is_some_and(|found| !of.grant.is_of(&found.installation.id));
    if of.grant.client != client.client.id || is_another {
        return refuse(EventKind::RefreshRefused, Reason::RefreshWrongClient, client, of, ctx);
    }
    let is_excused = || unnamed::is_excused(GRANT.name, client.client, of.grant.unnamed, facts.policies);
    if client.is_unnamed() && !is_excused() {
        return refuse(EventKind::RefreshRefused, Reason::ClientAnonymous, client, of, ctx);
    }
    if let Err(reason) = may_issue(of, ctx.now) {
        return refuse(EventKind::RefreshRefused, reason, client, of, ctx);
    }
    let presented = classify(pair.generation, of, client.is_proven(), client.client.refresh_grace_s, ctx);
    match presented {
        Use::Duplicate => refuse(EventKind::RefreshDuplicate, Reason::RefreshDuplicate, client, of, ctx),
        Use::Replay => {
            let mut refusal = refuse(EventKind::RefreshRefused, Reason::RefreshReplayed, client, of, ctx);
            refusal.effects.insert(
                0,
                Effect::EndGrant {
                    tenant: of.grant.tenant.clone(),
                    id: of.grant.id,
                    now: ctx.now,
                    reason: Reason::RefreshReplayed.as_str().to_owned(),
                },
            );
            refusal
        }
        Use::Ahead | Use::Newest | Use::Retry => issue(params, pair, presented, client, facts, of, ctx),
    }
}

fn issue(
    params: &Params,
    pair: RefreshPair,
    presented: Use,
    client: &Authenticated<'_>,
    facts: &Facts,
    of: &GrantFacts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let grant = &of.grant;
    let scopes = match scopes(params, client, of, facts) {
        Ok(scopes) => scopes,
        Err(Reason::RefreshScopeWithdrawn) => {
            return refuse(EventKind::RefreshRefused, Reason::RefreshScopeWithdrawn, client, of, ctx);
        }
        Err(reason) => return Decision::refuse(reason),
    };
    let resources = match resources_of(params, client, of, facts) {
        Ok(resources) => resources,
        Err(reason) => return Decision::refuse(reason),
    };
    let (mut effects, generation, serial) = successor(pair, presented, client, facts, of, ctx);
    let next = RefreshPair { grant: grant.id, generation };
    let is_known = presented == Use::Retry;
    // A pair that was issued before is given again as it was.
    let before = grant.spent_at.filter(|_| is_known && facts.policies.rotates_pairs);
    let since = before.unwrap_or(ctx.now);
    let audience = audience(&scopes, &grant.scopes, &resources, client.client, facts)
        .as_spoken(of, facts)
        .until(of.ends_at(grant.expires_at), since);
    let id_token = scopes.contains("openid").then(|| id_token(facts, client.client, of, None, ctx));
    let tokens = u8::try_from(serial).ok().and_then(|serial| {
        let refresh_token = next.encode_as(facts.policies, &facts.issuer.id, serial, &facts.keys)?;
        let generation = Generation { of, number: generation, serial, since, is_known };
        Some((refresh_token, access_token_of(&generation, facts, client.client, &audience, ctx)?))
    });
    let Some((refresh_token, (access_token, stored, validity))) = tokens else {
        return Decision::refuse(Reason::RefreshUnknown);
    };
    effects.extend(stored);
    effects.extend(touch_session(of, ctx));
    let issued = Issued {
        access_token,
        validity,
        scopes: audience.scopes,
        id_token,
        refresh_token: Some(refresh_token),
        issued_token_type: None,
        account: None,
    };
    Decision::with(effects, issued)
}

/// What replaces the presented token: the effects, and generation and MAC key of the token to answer with.
fn successor(
    pair: RefreshPair,
    presented: Use,
    client: &Authenticated<'_>,
    facts: &Facts,
    of: &GrantFacts,
    ctx: &mut Ctx<'_>,
) -> (Vec<Effect>, i64, i64) {
    let grant = &of.grant;
    let tenant = || grant.tenant.clone();
    if presented == Use::Retry {
        // Determined by the row: byte for byte what the lost answer said.
        let event = event(EventKind::RefreshRetried, client, of, ctx);
        return (vec![Effect::Record(event)], grant.generation, grant.mac_key);
    }
    let by_switch = matches!(unnamed::excuse(GRANT.name, facts.policies), Some(Excuse::Switch(_)));
    let may_reuse = client.is_proven() || (client.is_unnamed() && by_switch);
    let is_reusing = client.client.refresh_policy == RefreshPolicy::Reuse && !facts.policies.rotates_pairs;
    let reuses = is_reusing && may_reuse;
    if presented == Use::Newest && reuses {
        return (
            vec![Effect::TouchGrant { tenant: tenant(), id: grant.id, now: ctx.now }],
            grant.generation,
            grant.mac_key,
        );
    }
    let serial = facts.keys.newest_mac().map_or(grant.mac_key, |(serial, _)| i64::from(serial));
    let to = pair.generation + 1;
    let mut effects = vec![Effect::RotateGrant {
        tenant: tenant(),
        id: grant.id,
        from: grant.generation,
        to,
        mac_key: serial,
        now: ctx.now,
    }];
    if presented == Use::Ahead {
        effects.push(Effect::Record(event(EventKind::RefreshAhead, client, of, ctx)));
    }
    (effects, to, serial)
}

/// Scopes of the new access token: what is asked, never more than was granted (RFC 6749, section 6), and never more than the
/// client may still have. Without `offline_access` an offline grant has lost its ground.
fn scopes(
    params: &Params,
    client: &Authenticated<'_>,
    of: &GrantFacts,
    facts: &Facts,
) -> Result<Scopes, Reason> {
    let granted = &of.grant.scopes;
    let permissions = facts.permissions_of(of);
    let left = effective(granted, &facts.limits(client.client, of, &permissions)).scopes;
    if is_withdrawn(granted, &left) || (of.grant.offline && !left.contains("offline_access")) {
        return Err(Reason::RefreshScopeWithdrawn);
    }
    let scopes = match params.get("scope") {
        None => left,
        Some(asked) => {
            let asked = Scopes::parse(asked).map_err(|_| Reason::ScopeMalformed)?;
            if !asked.is_subset(granted) {
                return Err(Reason::ScopeWidened);
            }
            let asked = asked.intersection(&left);
            if asked.is_empty() {
                return Err(Reason::ScopeEmpty);
            }
            asked
        }
    };
    if is_answered(&scopes, facts) { Ok(scopes) } else { Err(Reason::ScopeEmpty) }
}

fn refuse(
    kind: EventKind,
    reason: Reason,
    client: &Authenticated<'_>,
    of: &GrantFacts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let event = event(kind, client, of, ctx).reason(reason);
    Decision::refuse_with(vec![Effect::Record(event)], reason)
}

fn event(kind: EventKind, client: &Authenticated<'_>, of: &GrantFacts, ctx: &mut Ctx<'_>) -> Event {
    Event::new(kind, &of.grant.tenant, Actor::Client(client.client.id.clone()), ctx)
        .client(&client.client.id)
        .user(&of.grant.user)
        .grant(of.grant.id)
}

/// A spent token whose successor is in use may still arrive late, for so many milliseconds, from the client that spent it.
const DUPLICATE_MS: i64 = 10_000;
/// No client's grace is longer than ten minutes.
const MAX_GRACE_S: i64 = 600;
