//! What an extension has below an issuer, at `/extensions/{extension}`: its sign-in, which is begun by a link, and how a frame is signed in.

use doorward_core::Reason;
use doorward_core::id::ExtensionId;
use doorward_core::model::{Extension, ExtensionState};
use doorward_store::Fault;
use doorward_wire::params::Params;
use http::Method;

use crate::app::Call;
use crate::dialect;
use crate::form::browser::Browser;
use crate::form::error;
use crate::form::extension::{framed, handover};
use crate::page::view::ErrorKind;
use crate::render::Answer;

/// Whatever lies below the prefix.
pub async fn any(call: &Call<'_>) -> Answer {
    let path = call.path.strip_prefix(PREFIX).unwrap_or_default();
    let (extension, below) = path.split_once('/').unwrap_or((path, ""));
    let Some(extension) = dialect::segment(extension) else { return not_found(call) };
    let is_get = call.request.method == Method::GET || call.request.method == Method::HEAD;
    // Whoever only looks at the head gets no code.
    let is_asked = call.request.method == Method::GET;
    match (below, is_get) {
        ("authorize", true) if is_asked => authorize(call, &extension).await,
        ("authorize", _) => error::method_not_allowed(call, "GET"),
        ("frame", true) => handover::get(call, &extension).await,
        ("frame", false) => framed::redeem(call, &extension).await,
        _ => not_found(call),
    }
}

fn not_found(call: &Call<'_>) -> Answer {
    error::page(call, &Browser::of(call), ErrorKind::NotFound, None)
}

/// The sign-in of an extension that is installed where the person belongs.
async fn authorize(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let Ok(query) = Params::parse_query(call.request.query.as_deref().unwrap_or_default()) else {
        return error::refused(call, &browser, &Reason::ParameterMalformed.into());
    };
    match sign_in(call, &browser, id, &query).await {
        Ok(params) => framed::arrive(call, &browser, params).await,
        Err(page) => *page,
    }
}

/// The authorization request that signs somebody in to the extension of that id: one of its client that takes nothing
/// but the installation for consent. Client and redirect URI are the extension's; `state` is required.
pub async fn sign_in(
    call: &Call<'_>,
    browser: &Browser,
    id: &str,
    query: &Params,
) -> Result<Params, Box<Answer>> {
    let extension = match named(call, id).await {
        Ok(Some(extension)) => extension,
        Ok(None) => return Err(Box::new(error::page(call, browser, ErrorKind::NotFound, None))),
        Err(fault) => return Err(Box::new(error::fault(call, browser, &fault))),
    };
    let Some(callback) = extension.manifest.callback_url.clone() else {
        return Err(Box::new(error::page(call, browser, ErrorKind::NotInstalled, None)));
    };
    if query.get("state").is_none_or(str::is_empty) {
        return Err(Box::new(error::refused(call, browser, &Reason::StateMissing.into())));
    }
    let mut params = vec![
        ("response_type".to_owned(), "code".to_owned()),
        ("client_id".to_owned(), extension.id.0),
        ("redirect_uri".to_owned(), callback),
        ("consent".to_owned(), "installation".to_owned()),
    ];
    let taken = |name: &&&str| query.get(name).is_some();
    for name in PASSED_ON.iter().filter(taken) {
        params.extend(query.get(name).map(|value| ((*name).to_owned(), value.to_owned())));
    }
    Ok(Params::from_pairs(params))
}

/// The extension of that id, where it is offered.
pub async fn named(call: &Call<'_>, id: &str) -> Result<Option<Extension>, Fault> {
    let found = call.app.store.extension(&call.issuer.tenant, &ExtensionId::from(id)).await?;
    Ok(found.filter(|extension| extension.state != ExtensionState::Withdrawn))
}

/// What of the query counts.
const PASSED_ON: &[&str] = &[
    "state",
    "scope",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "installation",
    "context",
    "prompt",
    "max_age",
    "acr_values",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "response_mode",
];
/// What the paths of extensions begin with.
pub const PREFIX: &str = "/extensions/";
