//! The pages of extensions in a person's account area, below `/account/extensions` and `/account/installations`.

mod acts;
mod directory;
pub mod framed;
mod handed;
pub mod handover;
mod install;
mod installation;
mod offer;
mod open;
pub mod select;
mod shown;
mod spots;
mod told;
mod visitor;
mod waiting;
mod words;

use http::Method;

use super::browser::Browser;
use super::error;
use crate::app::Call;
use crate::dialect;
use crate::page::view::ErrorKind;
use crate::render::Answer;

/// GET and POST of what lies below the prefix. What does not exist and what is not one's own look alike.
pub async fn installations(call: &Call<'_>) -> Answer {
    let path = call.path.strip_prefix(INSTALLATIONS).unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_post = call.request.method == Method::POST;
    match (segments.as_slice(), is_post) {
        ([id], false) => installation::get(call, id).await,
        ([id, "open"], true) => open::post(call, id).await,
        ([id, "session-token"], true) => handed::session_token(call, id).await,
        ([id, "sign-in-ticket"], true) => handed::sign_in_ticket(call, id).await,
        ([id, "frame"], false) => shown::get(call, id).await,
        ([id, "enable"], true) => acts::switch(call, id, true).await,
        ([id, "disable"], true) => acts::switch(call, id, false).await,
        ([id, "scopes"], false) => acts::ask_scopes(call, id).await,
        ([id, "scopes"], true) => acts::scopes(call, id).await,
        ([id, "remove"], false) => acts::ask_remove(call, id).await,
        ([id, "remove"], true) => acts::remove(call, id).await,
        _ => error::page(call, &Browser::of(call), ErrorKind::NotFound, None),
    }
}

/// GET and POST of the list of extensions, and of what lies below it.
pub async fn extensions(call: &Call<'_>) -> Answer {
    if !call.path.starts_with(EXTENSIONS) {
        return directory::get(call).await;
    }
    let path = call.path.strip_prefix(EXTENSIONS).unwrap_or_default();
    let id = path.strip_suffix("/install").filter(|id| !id.contains('/'));
    match (id.and_then(dialect::segment), call.request.method == Method::POST) {
        (Some(id), false) => install::get(call, &id).await,
        (Some(id), true) => install::post(call, &id).await,
        (None, _) => error::page(call, &Browser::of(call), ErrorKind::NotFound, None),
    }
}

/// The way back to the list, from a page that says what went wrong.
fn back(call: &Call<'_>, browser: &Browser) -> Option<(String, String)> {
    Some((browser.frame(call, None).say("extensions-title"), call.url("/account/extensions")))
}

/// What the paths of extensions begin with.
const EXTENSIONS: &str = "/account/extensions/";
/// What the paths of installations begin with.
pub const INSTALLATIONS: &str = "/account/installations/";
