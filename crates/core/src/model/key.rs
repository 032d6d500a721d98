//! Keys at rest: signing keys per tenant and algorithm, and the MAC keys of refresh tokens.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{KeyId, TenantId};

/// A signing key of a tenant; the private part is sealed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Whose key.
    pub tenant: TenantId,
    /// Its `kid`, unique in the server.
    pub kid: KeyId,
    /// JWS algorithm (RFC 7518, section 3.1).
    pub algorithm: String,
    /// Where it stands in its life.
    pub state: KeyState,
    /// PKCS#8, sealed by the tenant's data key; empty once retired.
    pub sealed: Vec<u8>,
    /// The public JWK, as JSON.
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it ceased to sign.
    pub retired_at: Option<Timestamp>,
    /// Until when it is published: no token signed by it lives longer.
    pub published_until: Option<Timestamp>,
}

/// Where a signing key stands in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, so that caches know it, and not signing yet.
    Next,
    /// Signing.
    Current,
    /// No longer signing, still published.
    Previous,
    /// No longer published: no token signed by it is good any more, but an ID token may still be a hint. Its private part is wiped.
    Retired,
}

impl KeyState {
    /// Its name in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Retired => "retired",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Next, Self::Current, Self::Previous, Self::Retired]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// A MAC key of a tenant; refresh tokens name its serial.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MacKeyRecord {
    /// Whose key.
    pub tenant: TenantId,
    /// 1 to 255, as in the token.
    pub serial: i64,
    /// 32 bytes, sealed by the tenant's data key.
    pub sealed: Vec<u8>,
    /// When it was made; the newest makes new tokens.
    pub created_at: Timestamp,
}
