//! The client's credentials and the form of a request to a protocol endpoint (RFC 6749, sections 2.3 and 3.2).

use http::header;

use doorward_core::client_auth::{Credentials, client_token, shared_secret};
use doorward_core::id::ClientId;
use doorward_core::token::read::Presented;
use doorward_core::{Reason, Refusal};
use doorward_wire::bearer::{self, BadBearer};
use doorward_wire::params::{self, ParamError, Params};
use doorward_wire::{basic, media_type};

use crate::app::Call;
use crate::limit::{Pending, holder};
use crate::traffic::ClientKey;

/// The form in the body: `application/x-www-form-urlencoded`, each parameter once (RFC 6749, section 3.2). What stands in the query
/// does not count, and a secret there is refused: it would be logged by others.
pub fn form(call: &Call<'_>) -> Result<Params, Reason> {
    no_secret_in_query(call)?;
    let content_type = call.header("content-type").ok_or(Reason::MediaType)?;
    media_type::form(content_type).map_err(|_| Reason::MediaType)?;
    Params::parse_form(&call.request.body).map_err(|error| match error {
        ParamError::Duplicate(_) => Reason::ParameterRepeated,
        _ => Reason::BodyMalformed,
    })
}

/// Refuses a secret in the query, whatever body there is, and whatever else that query is: a name may stand there twice, or percent-encoded.
pub fn no_secret_in_query(call: &Call<'_>) -> Result<(), Reason> {
    let query = call.request.query.as_deref().unwrap_or_default();
    let is_secret = |name: &str| SECRETS.contains(&name) || call.dialect.codec.secrets.contains(&name);
    match params::names(query).any(|name| is_secret(&name)) {
        true => Err(Reason::SecretInQuery),
        false => Ok(()),
    }
}

/// What the request brings to authenticate its client.
pub fn credentials(call: &Call<'_>, params: &Params) -> Credentials {
    let text = |name: &str| params.get(name).map(str::to_owned);
    let mut headers = call.request.headers.get_all(header::AUTHORIZATION).iter();
    let authorization = headers.next();
    let is_repeated = headers.next().is_some();
    let authorization = authorization.map(|value| value.to_str().unwrap_or("?"));
    let is_basic = authorization.is_some_and(basic::is_basic);
    let client_token = authorization.filter(|_| !is_repeated).and_then(|text| client_token(call, text));
    Credentials {
        basic: authorization.filter(|_| is_basic && !is_repeated).map(basic::parse),
        other_scheme: authorization.is_some() && client_token.is_none() && (!is_basic || is_repeated),
        client_token,
        client_id: text("client_id"),
        client_secret: text("client_secret"),
        shared_secret: shared_secret(call),
        assertion_type: text("client_assertion_type"),
        assertion: text("client_assertion"),
    }
}

/// A token behind `Bearer`, where a client may show itself so. What cannot be one is none that there is.
fn client_token(call: &Call<'_>, authorization: &str) -> Option<Presented> {
    if !call.dialect.policies.auth_methods.contains(&client_token::METHOD.name) {
        return None;
    }
    match bearer::parse(authorization, bearer::BEARER) {
        Ok(token) => Some(call.app.tokens.read(token, &call.issuer, &call.tenant.keys.ring)),
        Err(BadBearer::Scheme) => None,
        Err(BadBearer::Character | BadBearer::TooLong) => Some(Presented::Unknown),
    }
}

/// The header of a shared secret, where the dialect has such a one. What is no text, or comes twice, fits nothing.
fn shared_secret(call: &Call<'_>) -> Option<String> {
    if !call.dialect.policies.auth_methods.contains(&shared_secret::METHOD.name) {
        return None;
    }
    let mut values = call.request.headers.get_all("x-auth-secret").iter();
    let first = values.next()?;
    let text = first.to_str().ok().filter(|_| values.next().is_none());
    Some(text.unwrap_or_default().to_owned())
}

/// An authentication on its way.
pub struct Authentication<'a> {
    call: &'a Call<'a>,
    known: Option<Known<'a>>,
}

struct Known<'a> {
    failures: Pending<'a>,
    client: ClientId,
    /// The address, where the client shows nothing.
    holder: Option<u128>,
}

/// Begin an authentication, unless the client has asked too often. Failures are limited per client, method and address: also of those
/// that prove nothing, for each one leaves an event.
pub fn begin<'a>(call: &'a Call<'_>, credentials: &Credentials) -> Result<Authentication<'a>, Refusal> {
    let Ok((method, client)) = doorward_core::client_auth::identify(credentials) else {
        return Ok(Authentication { call, known: None });
    };
    let (address, now) = (holder(call.request.client_ip), call.app.store.now());
    let wait = |reason: Reason| move |wait_s| Refusal { retry_after_s: Some(wait_s), ..reason.into() };
    let key = (call.issuer.tenant.as_str(), client.0.as_str(), method.name, address);
    let failures = call.app.client_failures.watch(key, now).map_err(wait(Reason::ClientThrottled))?;
    let known = Known { failures, holder: (method.name == "none").then_some(address), client };
    call.of_client.look(&call.app.traffic, &known.key(call), now).map_err(|wait_s| {
        // Only a client that has shown itself before has a quota: it exists.
        let _first = call.client.set(known.client.clone());
        wait(Reason::TooMany)(wait_s)
    })?;
    Ok(Authentication { call, known: Some(known) })
}

impl Known<'_> {
    fn key<'k>(&'k self, call: &'k Call<'_>) -> ClientKey<'k> {
        ClientKey { tenant: call.issuer.tenant.as_str(), client: self.client.as_str(), holder: self.holder }
    }
}

impl Authentication<'_> {
    /// Tell the limits how it went: only a wrong proof counts as a failure, and only what was the client's own towards its quota.
    pub fn settle(self, reason: Option<Reason>) {
        let Some(known) = self.known else { return };
        if reason.is_some_and(|reason| reason.status() == 401) {
            known.failures.failed();
            return;
        }
        let (call, key) = (self.call, known.key(self.call));
        let _done_already = call.of_client.count(&call.app.traffic, &key, call.app.store.now());
        known.failures.succeeded();
    }
}

/// The names that secrets have in the specifications.
const SECRETS: [&str; 9] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "password",
    "refresh_token",
    "retrieval_key",
    "subject_token",
    "token",
];
