//! The guard, for who stands in front of an API: nginx asks it by `auth_request`, Traefik and Caddy by their forward authentication, HAProxy and
//! Envoy as an external authorization. 200 lets the request pass, in the name of whom the headers say; anything else does not.

use std::borrow::Cow;

use doorward_core::guard::{GuardRequest, Passed};
use doorward_core::model::Api;
use doorward_core::{Reason, Refusal};
use doorward_store::Fault;
use doorward_wire::params::Params;
use doorward_wire::percent;
use http::header::{HeaderName, HeaderValue};
use serde_json::json;

use crate::app::Call;
use crate::dialect;
use crate::dialect::challenge::Challenge;
use crate::dialect::scheme::{self, Carrier, Scheme};
use crate::render::{self, Answer};
use crate::run::{Failure, run_plain};

/// What is told of who passes: all of them each time, so that a client's own never reach the API.
pub const IDENTITY: [&str; 4] =
    ["doorward-user", "doorward-client", "doorward-installation", "doorward-scopes"];

/// Any method.
pub async fn any(call: &Call<'_>) -> Answer {
    let mut request = match asked(call) {
        Ok(request) => request,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    // What is open is so while the database is out of reach, too.
    if request.demand(&call.tenant.apis).is_ok_and(|demand| !demand.is_open()) {
        let parameters = api_of(call, request.api.as_str()).is_some_and(|api| api.guard.parameters);
        let token = token(call, &request.target, parameters);
        request.token = token.map(|token| call.borne(&token));
    }
    match run_plain(call, request.needs(), |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(passed)) => told(&passed).unwrap_or_else(|fault| render::failed(call, &Failure::Fault(fault))),
        Ok(Err(refusal)) => refused(call, &request, &refusal),
        Err(failure) => render::failed(call, &failure),
    }
}

/// GET of what clients are told of an API (RFC 9728, section 3.2).
pub fn metadata(call: &Call<'_>) -> Answer {
    let api = named(call).and_then(|id| api_of(call, &id).ok_or(Reason::GuardApi));
    let api = match api {
        Ok(api) => api,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    let scopes: Vec<&str> = api.scopes.iter().map(|scope| scope.name.as_str()).collect();
    // A scheme of another name is none of the ways of RFC 6750.
    let is_bearer = call.dialect.codec.schemes.contains(&Scheme::BEARER);
    let bearer_methods: &[&str] = if is_bearer { &["header"] } else { &[] };
    let document = json!({
        "resource": api.id,
        "resource_name": api.name,
        "authorization_servers": [call.issuer.url],
        "scopes_supported": scopes,
        "bearer_methods_supported": bearer_methods,
    });
    render::public_json(serde_json::to_vec(&document).unwrap_or_default().into(), METADATA_AGE)
}

/// What was asked of the API, without the token.
fn asked(call: &Call<'_>) -> Result<GuardRequest, Reason> {
    let of_path = call.path.strip_prefix(BY_PATH).map(|rest| by_path(call, rest)).transpose()?;
    let api = match &of_path {
        Some((api, _)) => api.clone(),
        None => named(call)?,
    };
    let mut said = of_path.map(|(_, target)| (call.request.method.as_str(), Cow::Owned(target)));
    for [method, target] in
        [["x-original-method", "x-original-uri"], ["x-forwarded-method", "x-forwarded-uri"]]
    {
        let other = match (original(call, method)?, original(call, target)?) {
            (Some(method), Some(target)) => (method, Cow::Borrowed(target)),
            (None, None) => continue,
            _ => return Err(Reason::GuardRequest),
        };
        if said.as_ref().is_some_and(|said| *said != other) {
            return Err(Reason::GuardRequest);
        }
        said = Some(other);
    }
    let (method, target) = said.ok_or(Reason::GuardRequest)?;
    Ok(GuardRequest {
        api: api.as_str().into(),
        method: method.to_owned(),
        target: target.into_owned(),
        https: matches!(original(call, "x-forwarded-proto"), Ok(Some(scheme)) if scheme.eq_ignore_ascii_case("https")),
        token: Err(Reason::TokenMissing),
    })
}

/// API and target where the request's own path, behind a prefix, is what was asked for, as Envoy tells it.
fn by_path(call: &Call<'_>, rest: &str) -> Result<(String, String), Reason> {
    let (api, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let api = dialect::segment(api).ok_or(Reason::GuardRequest)?;
    let target = match &call.request.query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    Ok((api, target))
}

/// The API that the query names.
fn named(call: &Call<'_>) -> Result<String, Reason> {
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default())?;
    query.get("api").map(str::to_owned).ok_or(Reason::ParameterMissing)
}

/// What a proxy says was asked of it. Who says two things says nothing.
fn original<'a>(call: &'a Call<'_>, name: &str) -> Result<Option<&'a str>, Reason> {
    let mut values = call.request.original.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => value.map(HeaderValue::to_str).transpose().map_err(|_| Reason::GuardRequest),
        _ => Err(Reason::GuardRequest),
    }
}

fn api_of<'a>(call: &'a Call<'_>, id: &str) -> Option<&'a Api> {
    call.tenant.apis.iter().find(|api| api.id.as_str() == id && api.disabled_at.is_none())
}

/// The token of the request to the API. A query is its own, never that of the question to us.
fn token(call: &Call<'_>, target: &str, parameters: bool) -> Result<String, Reason> {
    let codec = call.dialect.codec;
    let query = target.split_once('?').map(|(_, query)| query);
    let mut schemes = codec.schemes.to_vec();
    let mut carrier = Carrier { query: None, form: None, ..Carrier::of(call) };
    if parameters {
        schemes.extend_from_slice(codec.parameters);
        carrier = Carrier { query, ..Carrier::of(call) };
    }
    let token = scheme::presented(&schemes, carrier)?;
    token.map(Cow::into_owned).ok_or(Reason::TokenMissing)
}

fn told(passed: &Passed) -> Result<Answer, Fault> {
    let mut answer = Answer::default();
    let values = [
        passed.user.as_ref().map_or("", |user| user.as_str()),
        passed.client.as_ref().map_or("", |client| client.as_str()),
        passed.installation.as_ref().map_or("", |installation| installation.as_str()),
        &passed.scopes.to_string(),
    ];
    for (name, value) in IDENTITY.into_iter().zip(values) {
        let value = HeaderValue::from_str(value).map_err(|_| Fault::new("guard", "a name is no header"))?;
        answer.headers_mut().insert(HeaderName::from_static(name), value);
    }
    answer.headers_mut().insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

fn refused(call: &Call<'_>, request: &GuardRequest, refusal: &Refusal) -> Answer {
    let is_of_route = matches!(
        refusal.reason,
        Reason::GuardApi | Reason::GuardHttps | Reason::GuardPath | Reason::GuardRoute
    );
    let Some(demand) = request.demand(&call.tenant.apis).ok().filter(|_| !is_of_route) else {
        return render::refused(call, refusal);
    };
    let scope = demand.scopes().join(" ");
    let is_step_up = refusal.reason == Reason::TokenSignIn;
    let metadata = call.url(&format!("{METADATA}?api={}", percent::encode(request.api.as_str())));
    let challenge = Challenge {
        scope: Some(scope.as_str()).filter(|scope| !scope.is_empty()),
        acr_values: demand.acr().filter(|_| is_step_up),
        max_age: demand.max_age().filter(|_| is_step_up),
        resource_metadata: Some(&metadata),
        ..Challenge::of(refusal.reason)
    };
    render::challenged(call, &challenge)
}

const BY_PATH: &str = "/guard/at/";
const METADATA: &str = "/guard/metadata";
const METADATA_AGE: &str = "public, max-age=300";
