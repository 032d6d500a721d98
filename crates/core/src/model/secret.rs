//! A secret of a client: what may be used many times to authenticate.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ClientId, SecretId, TenantId};

/// A client's secret, as a row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ClientSecret {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose secret.
    pub client: ClientId,
    /// Its id.
    pub id: SecretId,
    /// SHA-256 of the secret: ours hold 256 random bits.
    pub hash: [u8; 32],
    /// Where it stands in its life.
    pub state: SecretState,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works (`client_secret_expires_at`).
    pub expires_at: Option<Timestamp>,
}

/// Where a secret stands in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretState {
    /// Made, not yet in force.
    Pending,
    /// In force.
    Current,
    /// Replaced, works until `expires_at`.
    Retiring,
}

impl SecretState {
    /// Its name in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Current => "current",
            Self::Retiring => "retiring",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Current, Self::Retiring].into_iter().find(|state| state.as_str() == name)
    }
}
