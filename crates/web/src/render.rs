//! Answers in the standard dialect: JSON, errors with two faces, redirects.

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;

use doorward_core::client_auth::client_secret_basic;
use doorward_core::{Reason, Refusal};
use doorward_wire::basic::is_basic;
use doorward_wire::error_code::ErrorCode;

use crate::app::Call;
use crate::dialect::challenge::Challenge;
use crate::run::Failure;
use crate::traffic::{self, Class};

/// An answer.
pub type Answer = Response<Bytes>;

/// JSON that nobody may keep.
pub fn json(status: u16, body: &impl Serialize) -> Answer {
    json_bytes(status, Bytes::from(serde_json::to_vec(body).unwrap_or_default()))
}

/// JSON that nobody may keep, ready-made.
pub fn json_bytes(status: u16, body: Bytes) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

/// Nothing, and that it was done.
pub fn nothing(status: u16) -> Answer {
    let mut answer = json_bytes(status, Bytes::new());
    answer.headers_mut().remove(header::CONTENT_TYPE);
    answer
}

/// JSON that may be kept for a while: discovery, key sets.
pub fn public_json(body: Bytes, max_age: &'static str) -> Answer {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(max_age));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

/// A refusal at a JSON endpoint (RFC 6749, section 5.2). `Basic` is challenged only for who sent it.
///
/// It is counted, whoever was refused: what has consequences has an event of its own beside.
pub fn refused(call: &Call<'_>, refusal: &Refusal) -> Answer {
    call.app.tally.refused(&call.issuer.tenant, refusal.reason);
    tracing::info!(
        request.id = %call.request.request_id,
        tenant.id = %call.issuer.tenant,
        reason = refusal.reason.as_str(),
        "refused"
    );
    let mut answer = worded(call, refusal);
    let status = answer.status();
    let authorization = call.request.headers.get(header::AUTHORIZATION);
    let sent_basic = authorization.and_then(|value| value.to_str().ok()).is_some_and(is_basic);
    // Where no client is shown so it is a person, and nothing is said of the client by it.
    let is_of_client = refusal.reason.code() == ErrorCode::InvalidClient;
    let takes_basic =
        !is_of_client || call.dialect.policies.auth_methods.contains(&client_secret_basic::METHOD.name);
    if status == StatusCode::UNAUTHORIZED && sent_basic && takes_basic {
        answer.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"doorward\", charset=\"UTF-8\""),
        );
    }
    if let Some(retry_after_s) = refusal.retry_after_s {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    because(answer, refusal.reason)
}

/// A refusal in the words of the dialect.
pub fn worded(call: &Call<'_>, refusal: &Refusal) -> Answer {
    let codec = call.dialect.codec;
    let (status, body) = (codec.refusal)(call, refusal);
    let mut answer = json_bytes(status, body);
    let media_type = HeaderValue::from_static((codec.refusal_type)(call, refusal));
    answer.headers_mut().insert(header::CONTENT_TYPE, media_type);
    answer
}

/// Say to the metrics and the log why an answer is what it is; the caller does not see it.
pub fn because(mut answer: Answer, reason: Reason) -> Answer {
    answer.extensions_mut().insert(reason);
    answer
}

/// A refusal at an endpoint that takes access tokens (RFC 6750, section 3), as the dialect asks for them. Where there is nothing, no token
/// would help.
pub fn challenged(call: &Call<'_>, challenge: &Challenge<'_>) -> Answer {
    let mut answer = refused(call, &challenge.reason.into());
    if answer.status() == StatusCode::NOT_FOUND {
        return answer;
    }
    if let Ok(value) = HeaderValue::from_str(&(call.dialect.codec.challenge)(challenge)) {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    answer
}

/// Storage is out of reach: 503 with `Retry-After`, whatever was asked.
pub fn failed(call: &Call<'_>, failure: &Failure) -> Answer {
    let fault = match failure {
        Failure::Busy => return traffic::overloaded(call, Class::Protocol),
        Failure::Fault(fault) => fault,
    };
    call.app.note_fault(fault, &call.request.request_id);
    let refusal = Refusal::new(Reason::PasswordBusy, "the server cannot do this right now; try again");
    let mut answer = worded(call, &refusal);
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(header::RETRY_AFTER, traffic::retry_after());
    answer
}

/// Another method than these (RFC 9110, section 15.5.6).
pub fn method_not_allowed(call: &Call<'_>, allow: &str) -> Answer {
    let mut answer = refused(call, &Reason::MethodNotAllowed.into());
    answer.headers_mut().remove(header::WWW_AUTHENTICATE);
    allowing(answer, allow)
}

/// The answer, with the methods that there are.
pub fn allowing(mut answer: Answer, allow: &str) -> Answer {
    if let Ok(allow) = HeaderValue::from_str(allow) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// A redirect of the browser: 303, so that a POST becomes a GET and nothing is sent along (RFC 9700, section 4.12).
pub fn see_other(location: &str) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    match HeaderValue::from_str(location) {
        Ok(value) => {
            answer.headers_mut().insert(header::LOCATION, value);
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        Err(_) => *answer.status_mut() = StatusCode::BAD_REQUEST,
    }
    answer
}

/// Room for our headers and the edge's, taken once.
const HEADERS: usize = 14;
