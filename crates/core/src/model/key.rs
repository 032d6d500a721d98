//! Keys at rest: signing keys per tenant and algorithm, and the MAC keys of refresh tokens.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ExtensionKey, KeyId, SecretId, TenantId};

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

/// A key that signs what extensions are told. The newest of a tenant signs; all stay known by their serial, for ever.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WebhookKeyRecord {
    /// Whose key.
    pub tenant: TenantId,
    /// A UUID, unique in the server.
    pub serial: String,
    /// The higher is the newer, from 1.
    pub number: i64,
    /// PKCS#8, sealed by the tenant's data key.
    pub sealed: Vec<u8>,
    /// The public key: base64 of its 32 bytes.
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A secret that an extension and we share: what it is told is signed by it too (Standard Webhooks, `v1`).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WebhookSecretRecord {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose secret.
    pub extension: ExtensionKey,
    /// The higher is the newer, from 1.
    pub number: i64,
    /// Its id.
    pub id: SecretId,
    /// The secret, sealed by the tenant's data key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it signs; none: it is the newest.
    pub expires_at: Option<Timestamp>,
}
