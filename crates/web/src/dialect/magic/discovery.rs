//! Their configuration: the members that it has, and no others.

use serde_json::json;

use crate::app::Call;
use crate::dialect::codec;
use crate::render::{self, Answer};

/// GET.
pub fn get(call: &Call<'_>) -> Answer {
    let words = call.dialect.policies.response_types.iter().map(|row| row.name.as_str());
    let document = json!({
        "issuer": call.issuer.url,
        "authorization_endpoint": call.url("/authorize"),
        "token_endpoint": call.url("/api/token"),
        "jwks_uri": call.url("/jwks.json"),
        "validation_endpoint": call.url("/api/validate"),
        "signout_endpoint": call.url("/api/signout"),
        "response_types_supported": words.collect::<Vec<_>>(),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    render::public_json(codec::json(&document), MAX_AGE)
}

const MAX_AGE: &str = "public, max-age=300";
