//! Their configuration: the members that it has, and no others.

use serde_json::json;

use super::SIGNED_BY;
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
        "id_token_signing_alg_values_supported": [SIGNED_BY.as_str()],
    });
    render::public_json(codec::json(&document), MAX_AGE)
}

/// GET: of the tenant's keys those that sign ID tokens here, since their clients look at no `kid`.
pub fn keys(call: &Call<'_>) -> Answer {
    render::public_json(call.tenant.keys.jwks_of(SIGNED_BY), MAX_AGE)
}

/// A new key is published longer than this before it signs.
const MAX_AGE: &str = "public, max-age=300";
