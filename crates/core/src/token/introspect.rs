//! Introspection (RFC 7662): whether a token lives, told to its audience or to a client that may ask for every token.

use std::sync::Arc;

use serde_json::{Map, Value};

use doorward_wire::response::IntrospectionResponse;
use doorward_wire::scope::Scopes;

use super::claims::{InstalledClaims, MayClaims};
use super::read::{Live, Presented};
use crate::client_auth::{Authenticated, Credentials, authenticate, needs};
use crate::id::TenantId;
use crate::keys::TenantKeys;
use crate::may_issue::may_issue;
use crate::model::{Actor, Api, Client, Event, EventKind, Issuer, User};
use crate::permission::is_openid_scope;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// A request to the introspection endpoint.
#[derive(Clone, Debug)]
pub struct IntrospectionRequest {
    /// How the caller authenticates.
    pub credentials: Credentials,
    /// The token, read as far as it goes without the database.
    pub token: Presented,
}

impl IntrospectionRequest {
    /// Read the token.
    pub fn new(credentials: Credentials, token: &str, issuer: &Issuer, keys: &TenantKeys) -> Self {
        Self { credentials, token: Presented::read(token, &issuer.id, &issuer.url, keys) }
    }

    /// What must be loaded: the caller, and what the token hangs on.
    pub fn needs(&self, tenant: &TenantId) -> Result<Needs, Refusal> {
        let caller = needs(&self.credentials, tenant)?;
        let token = self.token.needs();
        Ok(Needs { client: caller.client, client_key: caller.client_key, mark: caller.mark, ..token })
    }

    /// Decide. What may not be told and what is not alive look alike: `{"active": false}` (section 2.2).
    pub fn decide(
        &self,
        facts: &Facts,
        subject: &Facts,
        ctx: &mut Ctx<'_>,
    ) -> Decision<IntrospectionResponse> {
        let (caller, mut effects) = match authenticate(&self.credentials, facts, ctx) {
            Ok(authenticated) => authenticated,
            Err((refusal, effects)) => return Decision::refuse_with(effects, refusal),
        };
        if !caller.is_proven() {
            return Decision::refuse(Reason::IntrospectPublic);
        }
        let Some(answer) = self.answer(subject, ctx) else {
            return Decision::with(effects, IntrospectionResponse::inactive());
        };
        if !may_introspect(caller.client, &answer) {
            effects.push(Effect::Record(foreign(&caller, facts, ctx)));
            return Decision::with(effects, IntrospectionResponse::inactive());
        }
        Decision::with(effects, answer)
    }

    fn answer(&self, facts: &Facts, ctx: &Ctx<'_>) -> Option<IntrospectionResponse> {
        match &self.token {
            Presented::Refresh(pair) => {
                let of = facts.grant.as_ref()?;
                may_issue(of, ctx.now).ok()?;
                let user = of.user.as_ref()?;
                let scopes = still_granted(&of.grant.scopes, Some(user), facts);
                (of.grant.generation == pair.generation).then(|| IntrospectionResponse {
                    active: true,
                    scope: Some(scopes),
                    client_id: Some(of.grant.client.0.clone()),
                    sub: Some(of.grant.user.0.clone()),
                    exp: Some(of.grant.expires_at.seconds()),
                    iat: of.grant.redeemed_at.map(crate::Timestamp::seconds),
                    iss: Some(facts.issuer.url.clone()),
                    ..IntrospectionResponse::inactive()
                })
            }
            Presented::Opaque(_) | Presented::Jwt(_) | Presented::Pair(_) => {
                let live = self.token.access(facts, ctx.now).ok()?;
                let user = live.grant.and_then(|of| of.user.as_ref());
                still_meant(of_access(live, facts), facts).map(|answer| permitted(answer, user, facts))
            }
            Presented::Id(_) | Presented::Unknown => None,
        }
    }
}

/// Whether this client may be told of the token: it is its audience, it is whom it was issued to, or it may ask for all.
fn may_introspect(caller: &Client, answer: &IntrospectionResponse) -> bool {
    let is_audience = answer
        .aud
        .iter()
        .flat_map(|aud| aud.iter())
        .any(|name| caller.introspects.iter().any(|api| api.as_str() == name));
    let is_its_own = answer.client_id.as_deref() == Some(caller.id.as_str());
    caller.introspects_all || is_audience || is_its_own
}

/// The token as far as the APIs that it is for are still there and switched on; nothing when none of its audience is.
fn still_meant(answer: IntrospectionResponse, facts: &Facts) -> Option<IntrospectionResponse> {
    let named =
        |name: &str| facts.apis.iter().find(|api| api.id.as_str() == name && api.disabled_at.is_none());
    let stands = |name: &&str| *name == facts.issuer.url || named(name).is_some();
    let aud = answer.aud.as_ref()?;
    if aud.iter().all(|name| stands(&name)) {
        return Some(answer);
    }
    let left: Vec<String> = aud.iter().filter(stands).map(str::to_owned).collect();
    if left.is_empty() {
        return None;
    }
    let apis: Vec<&Api> = left.iter().filter_map(|name| named(name)).collect();
    let is_left = |scope: &str| is_openid_scope(scope) || apis.iter().any(|api| api.has_scope(scope));
    let scope = answer.scope.as_ref().map(|scopes| scopes.filter(is_left));
    Some(IntrospectionResponse { aud: Some(left.into()), scope, ..answer })
}

/// The token as far as the person may still do what its scopes say, with what they may do where an API of its audience asks for it.
fn permitted(mut answer: IntrospectionResponse, user: Option<&User>, facts: &Facts) -> IntrospectionResponse {
    answer.scope = answer.scope.map(|scopes| still_granted(&scopes, user, facts));
    let Some(user) = user else { return answer };
    let permissions = facts.permissions(user);
    let is_meant = |api: &Api| answer.aud.as_ref().is_some_and(|aud| aud.contains(api.id.as_str()));
    let asking: Vec<&Api> =
        facts.apis.iter().filter(|api| api.permissions.introspection && is_meant(api)).collect();
    if !asking.is_empty() {
        let may = serde_json::to_value(MayClaims::of(permissions.told_to(&asking)));
        if let Ok(Value::Object(may)) = may {
            answer.more.extend(may);
        }
    }
    answer
}

/// What of the scopes of a token still counts: the person may still do it, and where an installation acts, it was consented to there and
/// the extension's client may have it.
pub(crate) fn still_granted(scopes: &Scopes, user: Option<&User>, facts: &Facts) -> Scopes {
    let permissions = user.map(|user| facts.permissions(user));
    let found = facts.of_installation();
    let client = found.and_then(|found| found.client.as_deref()).map(|found| &found.client);
    scopes.filter(|scope| {
        permissions.as_ref().is_none_or(|permissions| permissions.may_grant(scope, &facts.apis))
            && found.is_none_or(|found| {
                found.installation.scopes.contains(scope)
                    && client.is_some_and(|client| client.scopes.contains(scope))
            })
    })
}

fn of_access(live: Live<'_>, facts: &Facts) -> IntrospectionResponse {
    let user_name = live.grant.and_then(|of| of.user.as_ref()).map(|user| user.user_name.clone());
    let claims = Arc::unwrap_or_clone(live.claims);
    IntrospectionResponse {
        active: true,
        scope: Scopes::parse(&claims.scope).ok(),
        client_id: Some(claims.client_id),
        username: user_name,
        token_type: Some(facts.policies.access_tokens.token_type),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        sub: Some(claims.sub),
        aud: Some(claims.aud),
        iss: Some(claims.iss),
        jti: Some(claims.jti),
        auth_time: claims.auth_time,
        acr: claims.acr,
        amr: claims.amr,
        more: told_of_installation(claims.installed),
        ..IntrospectionResponse::inactive()
    }
}

fn told_of_installation(claims: InstalledClaims) -> Map<String, Value> {
    // The epoch is ours: whoever asks here is told whether the token lives.
    let claims = InstalledClaims { installation_epoch: None, ..claims };
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => claims,
        _ => Map::new(),
    }
}

fn foreign(caller: &Authenticated<'_>, facts: &Facts, ctx: &mut Ctx<'_>) -> Event {
    Event::new(EventKind::TokenForeign, &facts.tenant.id, Actor::Client(caller.client.id.clone()), ctx)
        .client(&caller.client.id)
        .reason(Reason::IntrospectForeign)
}
