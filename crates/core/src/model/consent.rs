//! A consent: what a person allowed a client, remembered.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ClientId, ConsentId, InstallationId, TenantId, UserId};
use doorward_wire::scope::Scopes;

/// A consent. At most one per person and client is live; ended is final.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// Whose tenant.
    pub tenant: TenantId,
    /// Who allowed it.
    pub user: UserId,
    /// To whom.
    pub client: ClientId,
    /// For which installation of an extension; none for a plain client.
    pub installation: Option<InstallationId>,
    /// What. Grows when the person allows more.
    pub scopes: Scopes,
    /// Whether no page was shown, because the client is the platform's own.
    pub implicit: bool,
    /// Counts changes.
    pub version: i64,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it was taken back. Never cleared.
    pub ended_at: Option<Timestamp>,
}
