//! An issuer: tenant × unique mount (host and path prefix) × dialect × profile.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{IssuerId, TenantId};

/// An issuer. Its URL comes from here, never from a request.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Issuer {
    /// Its id.
    pub id: IssuerId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The issuer identifier, without a trailing slash (RFC 8414, section 2): scheme, host, optional path.
    pub url: String,
    /// The wire contract it speaks: a row of the table of dialects. `standard` is the specifications.
    pub dialect: String,
    /// A named set of stricter rules; `standard` is none.
    pub profile: String,
    /// SHA-256 of the secret that its clients share, where its wire contract has such a one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_secret: Option<[u8; 32]>,
    /// Since when it answers nothing.
    pub disabled_at: Option<Timestamp>,
    /// Counts its changes. 0 = not stored yet.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The dialects that an issuer may speak, `standard` first.
pub const DIALECTS: [&str; 6] = ["standard", "mittwald", "mia-platform", "smartenit", "magic", "ez-publish"];

impl Issuer {
    /// Host and port as a `Host` header names them, lower case.
    pub fn host(&self) -> &str {
        self.after_scheme().split('/').next().unwrap_or_default()
    }

    /// The path prefix: empty, or `/` and segments without a trailing slash.
    pub fn path(&self) -> &str {
        let rest = self.after_scheme();
        rest.find('/').map_or("", |slash| &rest[slash..])
    }

    /// The origin: scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.url[..self.url.len() - self.path().len()]
    }

    /// Whether browsers reach it by TLS.
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }

    fn after_scheme(&self) -> &str {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest)
    }
}
