//! `private_key_jwt`: an assertion signed by the client's key, used once (RFC 7523, sections 2.2 and 3; OpenID Connect Core,
//! section 9).

use serde::Deserialize;
use serde_json::Value;

use doorward_crypto::jose::verify::Unverified;
use doorward_wire::limits::CLIENT_ID_BYTES;

use super::{Credentials, Method};
use crate::facts::ClientFacts;
use crate::id::{ClientId, TenantId};
use crate::model::{Ticket, TicketKey, TicketKind};
use crate::{Ctx, Effect, Facts, Needs, Reason, Timestamp};

/// The row.
pub const METHOD: Method = Method {
    name: "private_key_jwt",
    only_for: None,
    is_used: |credentials| credentials.assertion.is_some(),
    client_id: said_client,
    needs: add_needs,
    verify,
};

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Value>,
    #[serde(default, deserialize_with = "numeric_date")]
    exp: Option<i64>,
    #[serde(default, deserialize_with = "numeric_date")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "numeric_date")]
    nbf: Option<i64>,
    jti: Option<String>,
}

/// A NumericDate in whole seconds: it may have a fraction (RFC 7519, section 2).
fn numeric_date<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else { return Ok(None) };
    let whole = number.as_i64().or_else(|| {
        let seconds = number.as_f64()?.floor();
        // Beyond this a double has no whole seconds.
        (seconds.abs() < 9_007_199_254_740_992.0).then_some(seconds as i64)
    });
    whole.map(Some).ok_or_else(|| serde::de::Error::custom("not a time"))
}

fn said_client(credentials: &Credentials) -> Result<ClientId, Reason> {
    if credentials.assertion_type.as_deref() != Some(ASSERTION_TYPE) {
        return Err(Reason::AssertionType);
    }
    let claims = unverified_claims(credentials)?;
    // JSON can spell what no form can: a NUL would reach a database that has none.
    let is_name = |sub: &String| sub.len() <= CLIENT_ID_BYTES && !sub.chars().any(char::is_control);
    claims.sub.filter(is_name).map(ClientId).ok_or(Reason::AssertionSubject)
}

fn add_needs(credentials: &Credentials, tenant: &TenantId, needs: &mut Needs) {
    let unverified = credentials.assertion.as_deref().and_then(|assertion| Unverified::parse(assertion).ok());
    needs.client_key = unverified.and_then(|unverified| unverified.header().kid().map(str::to_owned));
    if let Ok(Claims { sub: Some(sub), jti: Some(jti), exp: Some(exp), .. }) = unverified_claims(credentials)
    {
        needs.mark = Some(mark(tenant, &sub, &jti, exp));
    }
}

fn verify(
    credentials: &Credentials,
    found: &ClientFacts,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Result<Vec<Effect>, Reason> {
    let assertion = credentials.assertion.as_deref().ok_or(Reason::AssertionMalformed)?;
    let unverified = Unverified::parse(assertion).map_err(|_| Reason::AssertionMalformed)?;
    if facts.policies.assertions.names_key && unverified.header().kid().is_none() {
        return Err(Reason::AssertionMalformed);
    }
    let keys = facts.client_keys.as_deref().ok_or(Reason::AssertionKeys)?;
    let key = keys.find(unverified.header()).ok_or(Reason::AssertionSignature)?;
    let payload = unverified.verify(key).map_err(|_| Reason::AssertionSignature)?;
    // Whoever cannot sign for the client learns nothing but that.
    if !matches!(unverified.header().typ(), None | Some("JWT" | "client-authentication+jwt")) {
        return Err(Reason::AssertionMalformed);
    }
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| Reason::AssertionMalformed)?;

    let client = &found.client.id;
    if claims.iss.as_deref() != Some(client.as_str()) || claims.sub.as_deref() != Some(client.as_str()) {
        return Err(Reason::AssertionSubject);
    }
    if !is_for_us(claims.aud.as_ref(), facts) {
        return Err(Reason::AssertionAudience);
    }
    let exp = claims.exp.ok_or(Reason::AssertionTimes)?;
    times_fit(exp, claims.iat, claims.nbf, facts.policies.assertions.longest_s, ctx.now)?;
    let jti =
        claims.jti.filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI).ok_or(Reason::AssertionMalformed)?;
    if facts.marked {
        return Err(Reason::AssertionReplayed);
    }
    Ok(vec![Effect::InsertTicket(used(facts, client, &jti, exp, ctx.now))])
}

/// The audience is this issuer or its token endpoint, by name, or what the wire contract calls it; alone or in a list of nothing but names.
fn is_for_us(aud: Option<&Value>, facts: &Facts) -> bool {
    let issuer = facts.issuer.url.as_str();
    let ours = |name: &str| {
        name == issuer
            || Some(name) == facts.policies.assertions.audience
            || name
                .strip_prefix(issuer)
                .is_some_and(|rest| matches!(rest, "/" | "/token" | "/introspect" | "/revoke"))
    };
    match aud {
        Some(Value::String(name)) => ours(name),
        Some(Value::Array(names)) => {
            names.iter().all(Value::is_string) && names.iter().filter_map(Value::as_str).any(ours)
        }
        _ => false,
    }
}

/// `exp` is ahead, at most so many seconds; `iat` and `nbf` are not (30 s of skew each).
fn times_fit(
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    longest_s: i64,
    now: Timestamp,
) -> Result<(), Reason> {
    let now = now.seconds();
    let expired = exp.saturating_add(SKEW_S) < now;
    let too_long = exp.saturating_sub(iat.unwrap_or(now).min(now)) > longest_s + SKEW_S;
    let ahead = [iat, nbf].into_iter().flatten().any(|time| time > now + SKEW_S);
    if expired || too_long || ahead { Err(Reason::AssertionTimes) } else { Ok(()) }
}

fn used(facts: &Facts, client: &ClientId, jti: &str, exp: i64, now: Timestamp) -> Ticket {
    let mark = mark(&facts.tenant.id, client.as_str(), jti, exp);
    Ticket {
        client: Some(client.clone()),
        consumed_at: Some(now),
        ..Ticket::unbound(mark, TicketKind::Assertion, &facts.tenant.id, forget_at(exp))
    }
}

/// The row that says this `jti` was used. Its key is made from the assertion and whose client it is, so that two uses meet, and those
/// of two tenants never do.
fn mark(tenant: &TenantId, client: &str, jti: &str, exp: i64) -> TicketKey {
    TicketKey::of_mark(TicketKind::Assertion, forget_at(exp), &[tenant.as_str(), client, jti])
}

fn forget_at(exp: i64) -> Timestamp {
    Timestamp(exp.saturating_add(2 * SKEW_S).saturating_mul(1000))
}

fn unverified_claims(credentials: &Credentials) -> Result<Claims, Reason> {
    let assertion = credentials.assertion.as_deref().ok_or(Reason::AssertionMalformed)?;
    let unverified = Unverified::parse(assertion).map_err(|_| Reason::AssertionMalformed)?;
    serde_json::from_slice(unverified.claims_unverified()).map_err(|_| Reason::AssertionMalformed)
}

/// RFC 7523, section 2.2.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SKEW_S: i64 = 30;
const MAX_JTI: usize = 256;
