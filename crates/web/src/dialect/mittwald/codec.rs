//! Bodies and errors. Below `/oauth2/` they are OAuth's, with `invalid_client` under 400; elsewhere `{type, message}`.

use bytes::Bytes;
use doorward_core::{Reason, Refusal};
use doorward_wire::error_code::ErrorCode;
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::{Value, json};

use super::super::scheme::Scheme;
use super::super::{Codec, body, challenge, codec, named};
use super::uuid;
use crate::app::Call;
use crate::traffic::{self, Standings};

/// The codec.
pub const CODEC: Codec = Codec {
    authorization: None,
    secrets: &[
        "accessTokenRetrievalKey",
        "extensionInstanceSecret",
        "extensionSecret",
        "refreshToken",
        "sessionToken",
    ],
    token_form: |call| body::form_or_json(call, &[]).map(|params| uuid::form(&params)),
    token: |response| {
        let mut body = serde_json::to_value(&response).unwrap_or_default();
        body["token_type"] = json!("bearer");
        codec::json(&body)
    },
    refusal,
    refusal_type: |_, _| "application/json",
    schemes: &[Scheme::BEARER, Scheme::X_ACCESS_TOKEN],
    parameters: &[],
    challenge: challenge::bearer,
    quotas,
    sends_on: StatusCode::FOUND,
    refuses_plainly: true,
};

fn refusal(call: &Call<'_>, refusal: &Refusal) -> (u16, Bytes) {
    let status = match refusal.reason.code() {
        ErrorCode::InvalidClient => 400,
        _ => refusal.reason.status(),
    };
    if is_oauth(call) {
        return (status, codec::refusal(call, refusal).1);
    }
    let (status, kind) = match refusal.reason {
        Reason::TooMany | Reason::ClientThrottled => (429, "RateLimitError"),
        Reason::InstallationOff => (400, "ValidationError"),
        reason => match (kind(reason.code()), status) {
            (UNAUTHORIZED, _) => (401, UNAUTHORIZED),
            (DENIED, _) => (403, DENIED),
            (_, 404) => (404, "ObjectNotFound"),
            (_, 405) => (405, "MethodNotAllowed"),
            (_, 500..) => (status, "ServiceUnavailable"),
            // Their description has one body for 400, and clients that are made from it read no other.
            (_, 400) => (status, "ValidationError"),
            (kind, _) => (status, kind),
        },
    };
    let opens_nothing = refusal.reason.code() == ErrorCode::InvalidClient
        || matches!(refusal.reason, Reason::LaunchKeyUnknown | Reason::RefreshUnknown);
    let unproven = opens_nothing.then(|| unproven(call.path)).flatten();
    let mut body = json!({ "type": kind, "message": unproven.unwrap_or(&refusal.description) });
    if kind == "ValidationError" {
        body["validationErrors"] = Value::Array(Vec::new());
    }
    (status, codec::json(&body))
}

/// What an error is called, where its status does not say it.
fn kind(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidToken => UNAUTHORIZED,
        ErrorCode::InsufficientScope | ErrorCode::AccessDenied => DENIED,
        ErrorCode::InvalidRequest => "ValidationError",
        ErrorCode::AccountSelectionRequired
        | ErrorCode::AuthorizationPending
        | ErrorCode::ConsentRequired
        | ErrorCode::ExpiredToken
        | ErrorCode::InsufficientUserAuthentication
        | ErrorCode::InteractionRequired
        | ErrorCode::InvalidAuthorizationDetails
        | ErrorCode::InvalidClient
        | ErrorCode::InvalidClientMetadata
        | ErrorCode::InvalidDpopProof
        | ErrorCode::InvalidGrant
        | ErrorCode::InvalidRedirectUri
        | ErrorCode::InvalidRequestObject
        | ErrorCode::InvalidRequestUri
        | ErrorCode::InvalidScope
        | ErrorCode::InvalidTarget
        | ErrorCode::LoginRequired
        | ErrorCode::RegistrationNotSupported
        | ErrorCode::RequestNotSupported
        | ErrorCode::RequestUriNotSupported
        | ErrorCode::ServerError
        | ErrorCode::SlowDown
        | ErrorCode::TemporarilyUnavailable
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnmetAuthenticationRequirements
        | ErrorCode::UnsupportedGrantType
        | ErrorCode::UnsupportedResponseType
        | ErrorCode::UnsupportedTokenType
        | ErrorCode::UseDpopNonce => "DomainError",
    }
}

/// As elsewhere, and in their names the quota that is nearest to its end.
fn quotas(standings: &Standings, headers: &mut HeaderMap) {
    traffic::tell(standings, headers);
    let Some((_, nearest)) = standings.named().min_by_key(|(_, standing)| standing.left) else { return };
    for (name, value) in [(LIMIT, nearest.quota), (REMAINING, nearest.left), (RESET, nearest.reset_s)] {
        headers.insert(name, value.into());
    }
}

/// What is told where whoever asks shows nothing that opens something: the same of what there never was, of what is another's and of what
/// has ended.
fn unproven(path: &str) -> Option<&'static str> {
    let row = UNPROVEN.iter().find(|(pattern, _)| named(pattern, path).is_some());
    row.map(|(_, text)| *text)
}

/// Whether what is asked for is an endpoint of OAuth.
fn is_oauth(call: &Call<'_>) -> bool {
    call.path.starts_with("/v2/oauth2/") || call.path.starts_with("/oauth2/")
}

const UNPROVEN: [(&str, &str); 4] = [
    ("/v2/authenticate-token-retrieval-key", "the retrieval key opens nothing"),
    ("/v2/users/self/sessions", "the refresh token is of no session"),
    ("/v2/extension-instances/*/tokens", "the secret is none of this instance"),
    ("/v2/authenticate-session-token", "the session token is none, or the secret is none of its extension"),
];
const UNAUTHORIZED: &str = "Unauthorized";
const DENIED: &str = "PermissionDenied";
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
