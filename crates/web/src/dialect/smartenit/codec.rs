//! Bodies and errors. At the token endpoint they are OAuth's, elsewhere `{error: {errors: [{code, message}]}}`, whose codes 114 and 115 make
//! their applications refresh.

use bytes::Bytes;
use doorward_core::{Reason, Refusal};
use doorward_wire::error_code::ErrorCode;
use serde_json::json;

use super::super::scheme::Scheme;
use super::super::{Codec, body, codec};
use crate::app::Call;

/// The codec.
pub const CODEC: Codec = Codec {
    token_form: |call| body::form_or_json(call, &[]),
    refusal,
    schemes: &[Scheme::BEARER],
    ..codec::STANDARD
};

fn refusal(call: &Call<'_>, refusal: &Refusal) -> (u16, Bytes) {
    if call.path.starts_with("/v2/oauth2/") {
        return codec::refusal(call, refusal);
    }
    let status = refusal.reason.status();
    let code = match refusal.reason {
        Reason::TokenExpired => EXPIRED,
        // It would be refreshed in vain.
        Reason::TokenAudience => status,
        reason if reason.code() == ErrorCode::InvalidToken => INVALID,
        // Theirs are not known for anything else.
        _ => status,
    };
    (status, envelope(code, &refusal.description))
}

/// An error of theirs.
pub fn envelope(code: u16, message: &str) -> Bytes {
    codec::json(&json!({ "error": { "errors": [{ "code": code, "message": message }] } }))
}

/// The access token is none.
const INVALID: u16 = 114;
/// It was one, and is over.
const EXPIRED: u16 = 115;
