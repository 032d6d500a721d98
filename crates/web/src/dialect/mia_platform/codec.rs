//! Bodies and errors: `{statusCode, message, error}`, and at userinfo `{message, description}`, which is the status too.

use bytes::Bytes;
use doorward_core::{Reason, Refusal};
use http::StatusCode;
use serde_json::{Value, json};

use super::super::{Codec, codec};
use super::{authorize, userinfo};
use crate::app::Call;

/// The codec.
pub const CODEC: Codec = Codec {
    authorization: Some(|call, query| Box::pin(authorize::meant(call, query))),
    secrets: &["accessToken", "refreshToken"],
    refusal,
    sends_on: StatusCode::FOUND,
    ..codec::STANDARD
};

fn refusal(call: &Call<'_>, refusal: &Refusal) -> (u16, Bytes) {
    let status = match refusal.reason {
        // Of a machine: it began to show who it is, and left something out.
        Reason::AssertionType => 403,
        reason => reason.status(),
    };
    if call.path == userinfo::PATH {
        let body = json!({ "message": refusal.description, "description": status });
        return (status, codec::json(&body));
    }
    (status, codec::json(&error(status, &refusal.description)))
}

/// An error as they have it.
pub fn error(status: u16, message: &str) -> Value {
    let phrase = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    json!({ "statusCode": status, "message": message, "error": phrase })
}
