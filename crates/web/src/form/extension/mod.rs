//! The pages of extensions in a person's account area, below `/account/installations`.

pub mod directory;
pub mod framed;
mod handed;
pub mod handover;
mod open;
pub mod select;
mod shown;
mod words;

use http::Method;

use super::browser::Browser;
use super::error;
use crate::app::Call;
use crate::page::view::ErrorKind;
use crate::render::Answer;

/// GET and POST of what lies below the prefix. What does not exist and what is not one's own look alike.
pub async fn installations(call: &Call<'_>) -> Answer {
    let path = call.path.strip_prefix(INSTALLATIONS).unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_post = call.request.method == Method::POST;
    match (segments.as_slice(), is_post) {
        ([id, "open"], true) => open::post(call, id).await,
        ([id, "session-token"], true) => handed::session_token(call, id).await,
        ([id, "sign-in-ticket"], true) => handed::sign_in_ticket(call, id).await,
        ([id, "frame"], false) => shown::get(call, id).await,
        _ => error::page(call, &Browser::of(call), ErrorKind::NotFound, None),
    }
}

/// What the paths of installations begin with.
pub const INSTALLATIONS: &str = "/account/installations/";
