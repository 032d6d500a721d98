//! A secret of a client, or of an issuer, as it is desired: its value going in, its hash coming out.

use serde::{Deserialize, Serialize};

use super::date;
use super::problem::{At, Problems};
use crate::Timestamp;
use crate::model::{ClientSecret, SecretState};
use doorward_crypto::secret::SecretString;
use doorward_crypto::{base64url, digest};
use doorward_wire::limits::CLIENT_SECRET_BYTES;

/// A secret: either `value` or `hash`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretSpec {
    /// The secret itself, at least 32 characters. Never written.
    #[serde(default, skip_serializing)]
    pub value: Option<SecretString>,
    /// `sha256:` and the SHA-256 of the secret in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Until when it works, such as `2027-01-01T00:00:00Z`; for good when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// A wish for a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// One that the server makes and shows once; nothing when the client has a secret.
    Generate,
}

impl SecretSpec {
    /// A secret by its hash.
    pub fn hashed(hash: &[u8; 32], expires_at: Option<Timestamp>) -> Self {
        Self { value: None, hash: Some(write_hash(hash)), expires_at: expires_at.map(date::write) }
    }

    /// The hash, whichever way it is given.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        match (&self.value, &self.hash) {
            (Some(value), None) => Some(digest::sha256(value.expose().as_bytes())),
            (None, Some(hash)) => read_hash(hash),
            _ => None,
        }
    }

    /// When it ends; none also when the text is malformed, which [`SecretSpec::check`] tells.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.expires_at.as_deref().and_then(date::read)
    }

    pub(super) fn check(&self, at: &At, problems: &mut Problems) {
        match (&self.value, &self.hash) {
            (Some(value), None) => problems.expect(
                (LEAST..=CLIENT_SECRET_BYTES).contains(&value.expose().len()),
                &at.field("value"),
                "a secret is 32 to 1024 characters long",
            ),
            (None, Some(hash)) => problems.expect(
                read_hash(hash).is_some(),
                &at.field("hash"),
                "must be 'sha256:' and the SHA-256 of the secret in unpadded base64url",
            ),
            _ => problems.add(at, "a secret has either 'value' or 'hash'"),
        }
        if let Some(text) = &self.expires_at {
            problems.expect(
                date::read(text).is_some(),
                &at.field("expires_at"),
                "must be a time in UTC such as 2027-01-01T00:00:00Z",
            );
        }
    }
}

/// The secrets of a client that count: in force, and not over at `now`. In the order of their hashes.
pub(super) fn in_force(secrets: &[ClientSecret], now: Timestamp) -> Vec<SecretSpec> {
    let mut found: Vec<&ClientSecret> = secrets.iter().filter(|secret| counts(secret, now)).collect();
    found.sort_by_key(|secret| secret.hash);
    found.iter().map(|secret| SecretSpec::hashed(&secret.hash, secret.expires_at)).collect()
}

/// Whether a stored secret can be used now or later without further ado.
pub(super) fn counts(secret: &ClientSecret, now: Timestamp) -> bool {
    secret.state != SecretState::Pending && secret.expires_at.is_none_or(|end| now < end)
}

fn write_hash(hash: &[u8; 32]) -> String {
    format!("{PREFIX}{}", base64url::encode(hash))
}

fn read_hash(text: &str) -> Option<[u8; 32]> {
    base64url::decode(text.strip_prefix(PREFIX)?)?.try_into().ok()
}

const PREFIX: &str = "sha256:";
/// Characters of a secret: an attacker who sees its hash cannot find it by trying.
const LEAST: usize = 32;
