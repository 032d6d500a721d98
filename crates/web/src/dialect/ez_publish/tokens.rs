//! The token endpoint. Clients show themselves in the body only.

use doorward_core::client_auth::Credentials;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};

use super::super::challenge::Challenge;
use super::codec;
use crate::app::Call;
use crate::endpoint::credentials::{credentials, form};
use crate::endpoint::token;
use crate::render::{self, Answer};

/// Where it is.
pub const PATH: &str = "/api/auth/oauth/token";

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let params = match form(call) {
        Ok(params) => params,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    let shown = credentials(call, &params);
    let is_in_header = shown.other_scheme || shown.basic.is_some();
    let shown = Credentials { basic: None, other_scheme: is_in_header, ..shown };
    match token::issue(call, shown, params).await {
        Ok(issued) => render::json_bytes(200, (codec::CODEC.token)(issued)),
        Err(refused) => challenged(*refused),
    }
}

/// A code that is none, or is over, is told like an access token.
fn challenged(mut refused: Answer) -> Answer {
    let reason = refused.extensions().get().copied().filter(|_| refused.status() == StatusCode::UNAUTHORIZED);
    let value = reason.map(|reason| HeaderValue::from_str(&codec::challenge(&Challenge::of(reason))));
    if let Some(Ok(value)) = value {
        refused.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    refused
}
