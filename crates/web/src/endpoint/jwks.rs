//! The issuer's public keys (RFC 7517, section 5): next, current and previous, ready-made.

use crate::app::Call;
use crate::render::{self, Answer};

/// GET.
pub fn get(call: &Call<'_>) -> Answer {
    render::public_json(call.tenant.keys.jwks.clone(), MAX_AGE)
}

/// A new key is published longer than this before it signs.
const MAX_AGE: &str = "public, max-age=300";
