//! The admin API, at `{issuer}/admin/v1`: every object of a tenant as a resource, on the same decisions as commands and console.
//! Whoever asks is authorised before anything of the body is looked at.

pub mod asked;
pub mod caller;
mod cursor;
mod idempotency;
mod merge;
mod object;
pub mod openapi;
pub mod problem;
pub mod relay;
pub(crate) mod resource;
pub mod route;
pub mod schema;
mod settings;
mod shapes;
pub(crate) mod view;

use std::borrow::Cow;

use bytes::Bytes;
use doorward_core::admin::Errand;
use doorward_core::admin::access::Caller;
use doorward_core::id::{ExtensionId, InstallationId, TenantId};
use doorward_core::{Effect, Reason};
use doorward_wire::json;
use doorward_wire::params::Params;
use http::header::{self, HeaderValue};
use serde_json::Value;

use crate::app::Call;
use crate::dialect::scheme::{self, Carrier, Scheme};
use crate::manage::{By, Manage, Trouble};
use crate::render::{self, Answer};
use asked::{Asked, Reply};
use caller::authorised;
use idempotency::Keep;
use problem::{Kind, Problem};
use route::{Found, Route};
use schema::{Object, Whole};

/// What the paths of the API begin with.
pub const PREFIX: &str = "/admin/v1";

/// The most bytes of a body.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Whether a path is one of the API, under whatever issuer.
pub fn is_below(path: &str) -> bool {
    path.find(PREFIX).is_some_and(|at| path[at + PREFIX.len()..].starts_with('/'))
}

/// Any method, below [`PREFIX`].
pub async fn any(call: &Call<'_>) -> Answer {
    let path = call.path.strip_prefix(PREFIX).unwrap_or_default();
    if path == openapi::PATH && call.request.is_read() {
        return render::json(200, &openapi::document(&call.url(PREFIX)));
    }
    let (route, values) = match route::find(call.request.method.as_str(), path) {
        Found::Route(route, values) => (route, values),
        Found::Methods(methods) => return not_allowed(call, &methods),
        Found::Nothing => return Problem::not_found("resource").answer(call),
    };
    let caller = match authorised(call, token(call), route, &values).await {
        Ok(caller) => caller,
        Err(unwelcome) => return unwelcome.answer(call, route),
    };
    match answered(call, route, values, caller).await {
        Ok(reply) => rendered(call, reply),
        Err(problem) => problem.answer(call),
    }
}

/// The token, from the header and nowhere else: addresses and bodies are logged by others.
fn token<'a>(call: &'a Call<'_>) -> Result<Cow<'a, str>, Reason> {
    let carrier = Carrier { query: None, form: None, ..Carrier::of(call) };
    match scheme::presented(&[Scheme::BEARER], carrier) {
        Ok(token) => token.ok_or(Reason::TokenMissing),
        Err(_) => Err(Reason::TokenUnknown),
    }
}

async fn answered(
    call: &Call<'_>,
    route: &'static Route,
    values: Vec<String>,
    caller: Caller,
) -> Result<Reply, Problem> {
    let manage = admitted(call, route, &values, &caller).await?;
    let query = query(call, route)?;
    let body = body(call, route)?;
    let keep = if route.method == "POST" { Keep::of(call, &caller).await? } else { None };
    if let Some(keep) = &keep
        && let Some(reply) = keep.find(call).await?
    {
        return Ok(reply);
    }
    let asked = Asked { call, route, values, query, body, caller, manage, keep };
    match (route.run)(&asked).await {
        // Whoever was faster may have sent the same request.
        Err(problem)
            if matches!(problem.kind, Kind::Conflict | Kind::Invalid | Kind::Refused | Kind::Taken) =>
        {
            match &asked.keep {
                Some(keep) => keep.find(call).await?.ok_or(problem),
                None => Err(problem),
            }
        }
        answered => answered,
    }
}

/// What carries out what a caller may ask of a route. A tenant that is not there is not there, and what is out of their reach neither.
async fn admitted(
    call: &Call<'_>,
    route: &Route,
    values: &[String],
    caller: &Caller,
) -> Result<Manage, Problem> {
    let makes_tenant = route.path == "/tenants/{tenant}" && route.method == "PUT";
    if route.path.starts_with("/tenants/{tenant}") && !makes_tenant {
        let known = call.app.directory().tenant(&TenantId(values[0].clone())).is_some();
        if !known {
            return Err(Problem::not_found("tenant"));
        }
    }
    let by = By {
        actor: caller.actor.clone(),
        rights: caller.rights.clone(),
        session: caller.session,
        request_id: call.request.request_id.clone(),
        address: call.address.clone(),
    };
    let manage = Manage::new(call.app.store.clone(), by).sending_mail(call.sends_mail());
    let manage = manage.asking_for(call.app.options.password_min_length);
    in_reach(&manage, route, values).await?;
    Ok(manage)
}

/// Whoever administers an area in some contexts only asks of it what is in one of them: what a path names elsewhere is not there.
async fn in_reach(manage: &Manage, route: &Route, values: &[String]) -> Result<(), Problem> {
    let rights = &manage.by().rights;
    let (Some(tenant), Some(path)) = (values.first(), route.path.strip_prefix("/tenants/{tenant}")) else {
        return Ok(());
    };
    let tenant = TenantId(tenant.clone());
    let Err(denied) = rights.allow(&tenant, route.area, route.access) else { return Ok(()) };
    let id = values.get(1).cloned().unwrap_or_default();
    match path {
        // These look for what is in reach themselves.
        "/installations" | "/extensions" | "/extensions/{id}" => Ok(()),
        // Only a relay brings somebody here who may do no more than that: the plan is asked whether it is all.
        "/users" if route.method == "POST" && rights.allow_errand(&tenant, Errand::CreateUser).is_ok() => {
            Ok(())
        }
        _ if path.starts_with("/installations/{id}") => {
            manage.installation(&tenant, &InstallationId(id), route.access).await?;
            Ok(())
        }
        _ if path.starts_with("/extensions/{id}/") => {
            manage.extension(&tenant, &ExtensionId(id), route.access).await?;
            Ok(())
        }
        _ => Err(Trouble::Denied(denied).into()),
    }
}

fn query(call: &Call<'_>, route: &Route) -> Result<Params, Problem> {
    let text = call.request.query.as_deref().unwrap_or_default();
    let query =
        Params::parse_query(text).map_err(|error| Problem::new(Kind::Malformed, error.to_string()))?;
    // One without a value would be passed over: `?dry_run` would do what it was meant to keep from being done.
    let is_empty =
        |pair: &&str| !pair.is_empty() && pair.split_once('=').is_none_or(|(_, value)| value.is_empty());
    if let Some(pair) = text.split('&').find(is_empty) {
        let what = format!("the parameter '{}' has no value", shown(pair.trim_end_matches('=')));
        return Err(Problem::new(Kind::Malformed, what));
    }
    let unknown =
        query.iter().map(|(name, _)| name).find(|name| !route.query.iter().any(|known| known.name == *name));
    if let Some(name) = unknown {
        let known: Vec<&str> = route.query.iter().map(|known| known.name).collect();
        let what = format!("there is no parameter '{}' here; there are: {}", shown(name), known.join(", "));
        return Err(Problem::new(Kind::Malformed, what));
    }
    Ok(query)
}

/// The name of a parameter, as far as it can be shown.
fn shown(name: &str) -> String {
    name.chars().filter(char::is_ascii_graphic).take(40).collect()
}

/// The body of a request that says nothing.
static NOTHING: Object = Object { name: "Nothing", about: "Nothing.", members: &[] };

fn body(call: &Call<'_>, route: &Route) -> Result<Option<Value>, Problem> {
    let sent = &call.request.body;
    let Some(object) = route.request else {
        // What is read by nobody would be taken for something that was done.
        if route.path == resource::import::PATH || sent.is_empty() {
            return Ok(None);
        }
        let sent = json::strict(sent).map_err(|error| Problem::new(Kind::Malformed, error.to_string()))?;
        let errors = NOTHING.check(&mut sent.clone(), Whole::Yes);
        return if errors.is_empty() { Ok(None) } else { Err(Problem::invalid(errors)) };
    };
    // Nothing is as good as an object in which nothing is said.
    if sent.is_empty() && call.header("content-type").is_none() && route.may_be_empty() {
        return Ok(Some(Value::Object(serde_json::Map::new())));
    }
    let is_patch = route.method == "PATCH";
    let media_type = call.header("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fits = essence == "application/json" || (is_patch && essence == "application/merge-patch+json");
    if !fits {
        let what = if is_patch {
            "the body must be application/merge-patch+json or application/json"
        } else {
            "the body must be application/json"
        };
        return Err(Problem::new(Kind::MediaType, what));
    }
    let body =
        json::strict(&call.request.body).map_err(|error| Problem::new(Kind::Malformed, error.to_string()))?;
    checked(object, route, body).map(Some)
}

/// A body, where it is as the route takes it.
fn checked(object: &Object, route: &Route, mut body: Value) -> Result<Value, Problem> {
    let whole = match route.method {
        "PATCH" => Whole::Patch,
        "PUT" => Whole::Named,
        _ => Whole::Yes,
    };
    let errors = object.check(&mut body, whole);
    if errors.is_empty() { Ok(body) } else { Err(Problem::invalid(errors)) }
}

fn rendered(call: &Call<'_>, mut reply: Reply) -> Answer {
    reply.next = reply.next.as_deref().and_then(|key| cursor::write(call, key));
    if let (Some(next), Some(body)) = (&reply.next, &mut reply.body) {
        body["next"] = Value::from(next.as_str());
    }
    let mut answer = match (&reply.body, &reply.lines) {
        (_, Some(lines)) => {
            let mut answer = render::json_bytes(reply.status, Bytes::from(lines.clone()));
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
            answer
        }
        (Some(body), None) => render::json(reply.status, body),
        (None, None) => render::nothing(reply.status),
    };
    let headers = answer.headers_mut();
    let etag = reply.version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok());
    if let Some(etag) = etag {
        headers.insert(header::ETAG, etag);
    }
    if let Some(next) = &reply.next {
        let query = call.request.query.as_deref().unwrap_or_default();
        let kept: Vec<&str> =
            query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("after=")).collect();
        let query = [kept.join("&"), format!("after={next}")].join("&");
        let link = format!("<{}?{}>; rel=\"next\"", call.url(call.path), query.trim_start_matches('&'));
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, link);
        }
    }
    let location = reply.location.map(|path| call.url(&format!("{PREFIX}{path}")));
    if let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    answer
}

fn not_allowed(call: &Call<'_>, methods: &[&str]) -> Answer {
    let mut answer = Problem::new(Kind::Method, "the methods here are in Allow").answer(call);
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// Records what a caller may not do, as far as such events are written.
pub(super) async fn note_denied(call: &Call<'_>, effects: Vec<Effect>) -> Result<(), Problem> {
    let written: Vec<Effect> = effects.into_iter().filter(|effect| call.app.is_written(effect)).collect();
    match call.app.store.commit(written).await {
        Ok(()) | Err(doorward_store::CommitError::Conflict) => Ok(()),
        Err(doorward_store::CommitError::Fault(fault)) => Err(fault.into()),
    }
}
