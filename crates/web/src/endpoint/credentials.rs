//! The client's credentials and the form of a request to a protocol endpoint (RFC 6749, sections 2.3 and 3.2).

use http::header;

use doorward_core::Reason;
use doorward_core::client_auth::Credentials;
use doorward_wire::params::{ParamError, Params};
use doorward_wire::{basic, media_type};

use crate::app::Call;
use crate::limit::{Pending, holder};

/// The form in the body: `application/x-www-form-urlencoded`, each parameter once (RFC 6749, section 3.2). What stands in the query
/// does not count, and a secret there is refused: it would be logged by others.
pub fn form(call: &Call<'_>) -> Result<Params, Reason> {
    let has_secret = |query: &str| {
        Params::parse_query(query).is_ok_and(|params| SECRETS.iter().any(|name| params.get(name).is_some()))
    };
    if call.request.query.as_deref().is_some_and(has_secret) {
        return Err(Reason::SecretInQuery);
    }
    let content_type = call.header("content-type").ok_or(Reason::MediaType)?;
    media_type::form(content_type).map_err(|_| Reason::MediaType)?;
    Params::parse_form(&call.request.body).map_err(|error| match error {
        ParamError::Duplicate(_) => Reason::ParameterRepeated,
        _ => Reason::BodyMalformed,
    })
}

/// What the request brings to authenticate its client.
pub fn credentials(call: &Call<'_>, params: &Params) -> Credentials {
    let text = |name: &str| params.get(name).map(str::to_owned);
    let mut headers = call.request.headers.get_all(header::AUTHORIZATION).iter();
    let authorization = headers.next();
    let is_repeated = headers.next().is_some();
    let authorization = authorization.map(|value| value.to_str().unwrap_or("?"));
    let is_basic = authorization.is_some_and(basic::is_basic);
    Credentials {
        basic: authorization.filter(|_| is_basic && !is_repeated).map(basic::parse),
        other_scheme: authorization.is_some() && (!is_basic || is_repeated),
        client_id: text("client_id"),
        client_secret: text("client_secret"),
        assertion_type: text("client_assertion_type"),
        assertion: text("client_assertion"),
    }
}

/// Begin an authentication. Failures are limited per client, method and address: also of those that prove nothing, for each one leaves
/// an event.
pub fn begin<'a>(call: &'a Call<'_>, credentials: &Credentials) -> Result<Option<Pending<'a>>, u32> {
    let Ok((method, client)) = doorward_core::client_auth::identify(credentials) else { return Ok(None) };
    let key = (call.issuer.tenant.as_str(), client.0, method.name, holder(call.request.client_ip));
    call.app.client_failures.watch(key, call.app.store.now()).map(Some)
}

/// Tell the limit how an authentication went: only a wrong proof counts.
pub fn settle(pending: Option<Pending<'_>>, reason: Option<Reason>) {
    let Some(pending) = pending else { return };
    if reason.is_some_and(|reason| reason.status() == 401) { pending.failed() } else { pending.succeeded() }
}

const SECRETS: [&str; 7] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "password",
    "refresh_token",
    "token",
];
