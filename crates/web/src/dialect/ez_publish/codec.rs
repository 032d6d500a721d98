//! Bodies, errors and challenges. `expired_token` makes their clients refresh. The token endpoint says most errors in a word of plain text, all
//! else is `{error}`.

use bytes::Bytes;
use doorward_core::{Reason, Refusal};
use doorward_wire::error_code::ErrorCode;
use doorward_wire::response::TokenResponse;
use http::StatusCode;
use serde_json::json;

use super::super::challenge::Challenge;
use super::super::scheme::Scheme;
use super::super::{Codec, codec};
use super::tokens;
use crate::app::Call;

/// The codec.
pub const CODEC: Codec = Codec {
    secrets: &["oauth_token"],
    token,
    refusal,
    refusal_type,
    schemes: &[Scheme::OAUTH],
    parameters: &[Scheme::OAUTH_QUERY, Scheme::OAUTH_FORM],
    challenge,
    sends_on: StatusCode::FOUND,
    ..codec::STANDARD
};

fn token(issued: TokenResponse) -> Bytes {
    let TokenResponse { access_token, expires_in, refresh_token, .. } = issued;
    let mut body = json!({ "access_token": access_token, "expires_in": expires_in });
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = refresh_token.into();
    }
    codec::json(&body)
}

/// Their challenge. Who sent no token is told no error.
pub fn challenge(challenge: &Challenge<'_>) -> String {
    match error(challenge.reason) {
        Some(error) => format!("OAuth realm='{REALM}', error='{error}'"),
        None => format!("OAuth realm='{REALM}'"),
    }
}

fn refusal(call: &Call<'_>, refusal: &Refusal) -> (u16, Bytes) {
    let (status, error) = (status(call, refusal.reason), error(refusal.reason));
    let body = match error {
        Some(error) if is_plain(call, refusal.reason) => Bytes::from_static(error.as_bytes()),
        Some(error) => codec::json(&json!({ "error": error })),
        None => codec::json(&json!({})),
    };
    (status, body)
}

fn refusal_type(call: &Call<'_>, refusal: &Refusal) -> &'static str {
    if is_plain(call, refusal.reason) { "text/plain; charset=utf-8" } else { "application/json" }
}

fn is_plain(call: &Call<'_>, reason: Reason) -> bool {
    call.path == tokens::PATH && !is_of_token(reason)
}

/// At their token endpoint nothing but a code is 401.
fn status(call: &Call<'_>, reason: Reason) -> u16 {
    match reason.status() {
        _ if is_of_token(reason) => 401,
        401 if call.path == tokens::PATH => 400,
        status => status,
    }
}

/// Whether it is told of a code or an access token that it is over, or none.
fn is_of_token(reason: Reason) -> bool {
    matches!(error(reason), Some(EXPIRED | INVALID))
}

fn error(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::TokenMissing => None,
        Reason::CodeExpired | Reason::TokenExpired => Some(EXPIRED),
        Reason::CodeBurnt
        | Reason::CodeRepeated
        | Reason::CodeReplayed
        | Reason::CodeUnknown
        | Reason::CodeWrongClient
        | Reason::CodeWrongIssuer => Some(INVALID),
        Reason::CodeRedirectMismatch => Some("redirect_uri_mismatch"),
        reason => Some(reason.code().as_str()),
    }
}

const EXPIRED: &str = "expired_token";
const INVALID: &str = ErrorCode::InvalidToken.as_str();
const REALM: &str = "eZ Publish REST";
