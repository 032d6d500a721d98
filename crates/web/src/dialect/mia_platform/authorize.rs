//! The three forms of their authorization request. None names what the specifications do: an extension is named by its tenant and its id,
//! and goes back to its callback; the command-line client is named as an app.

use doorward_core::Reason;
use doorward_crypto::base64url;
use doorward_crypto::random::{Random, SystemRandom};
use doorward_wire::params::Params;

use super::providers::LOCAL;
use crate::app::Call;
use crate::endpoint::extension;
use crate::form::browser::Browser;
use crate::form::error;
use crate::render::Answer;

/// What a query means at the path that it came to.
pub async fn meant(call: &Call<'_>, query: Params) -> Result<Params, Box<Answer>> {
    match call.segments.as_slice() {
        [tenant, extension] => of_extension(call, tenant, extension, &query).await,
        _ if call.path == OF_APP => of_app(call, &query).await,
        // A frame that has been signed in goes on with what it asked for.
        _ if query.contains("client_id") => match is_one(&query) {
            true => Ok(query),
            false => Err(refused(call, Reason::ParameterMalformed)),
        },
        _ => match (query.get("tenantId"), query.get("extensionId")) {
            (Some(tenant), Some(extension)) => of_extension(call, tenant, extension, &query).await,
            (None, _) | (_, None) => Err(refused(call, Reason::ParameterMissing)),
        },
    }
}

/// Whether what names an extension in their way, where it is said too, names the same as what stands beside it.
fn is_one(query: &Params) -> bool {
    let is_same = |theirs: Option<&str>, ours: &str| theirs.is_none() || theirs == query.get(ours);
    is_same(query.get("extensionId"), "client_id")
        && is_same(query.get("tenantId").map(context).as_deref(), "context")
}

/// The context that a tenant of theirs is.
fn context(tenant: &str) -> String {
    format!("{COMPANY}/{tenant}")
}

/// The sign-in of an extension in the context that a tenant of theirs is.
async fn of_extension(
    call: &Call<'_>,
    tenant: &str,
    extension: &str,
    query: &Params,
) -> Result<Params, Box<Answer>> {
    let mut asked = vec![("context".to_owned(), context(tenant))];
    for name in PASSED_ON {
        asked.extend(query.get(name).map(|value| ((*name).to_owned(), value.to_owned())));
    }
    extension::sign_in(call, &Browser::of(call), extension, &Params::from_pairs(asked)).await
}

/// The sign-in of an app of the command line. One that sends no `state` is told the one that was made for it; an extension sends its own, as
/// at its own path.
async fn of_app(call: &Call<'_>, query: &Params) -> Result<Params, Box<Answer>> {
    if query.get("providerId").is_some_and(|provider| provider != LOCAL) {
        return Err(refused(call, Reason::ParameterMalformed));
    }
    let (app, back) = match (query.get("appId"), query.get("redirect_uri").or_else(|| query.get("redirect")))
    {
        (Some(app), Some(back)) => (app, back),
        (None, _) | (_, None) => return Err(refused(call, Reason::ParameterMissing)),
    };
    let state = match query.get("state").filter(|state| !state.is_empty()) {
        Some(state) => state.to_owned(),
        None => match call.app.store.client(&call.issuer.tenant, &app.into()).await {
            Ok(Some(found)) if found.is_extension => return Err(refused(call, Reason::StateMissing)),
            Ok(_) => fresh_state(),
            Err(fault) => return Err(Box::new(error::fault(call, &Browser::of(call), &fault))),
        },
    };
    let mut params =
        vec![("response_type", "code"), ("client_id", app), ("redirect_uri", back), ("state", &state)];
    params.extend(CHALLENGE.iter().filter_map(|name| Some((*name, query.get(name)?))));
    let owned = params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Params::from_pairs(owned.collect()))
}

fn fresh_state() -> String {
    let mut bytes = [0; 24];
    SystemRandom.fill(&mut bytes);
    base64url::encode(&bytes)
}

fn refused(call: &Call<'_>, reason: Reason) -> Box<Answer> {
    Box::new(error::refused(call, &Browser::of(call), &reason.into()))
}

/// Where their command-line client asks.
pub const OF_APP: &str = "/api/authorize";
/// The kind of contexts that their tenants are.
pub const COMPANY: &str = "company";
/// What of the query counts. PKCE is more than their own clients send; whoever can, should.
const PASSED_ON: &[&str] = &["state", "code_challenge", "code_challenge_method", "ui_locales"];
const CHALLENGE: &[&str] = &["code_challenge", "code_challenge_method"];
