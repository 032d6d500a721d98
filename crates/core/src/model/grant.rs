//! A grant: one authorization under a consent; the family of everything issued from it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ClientId, ConsentId, GrantId, InstallationId, IssuerId, SessionId, TenantId, UserId};
use doorward_wire::scope::Scopes;

/// A grant. Refresh tokens are pairs of its id and a generation (section 6 of the design).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose tenant.
    pub tenant: TenantId,
    /// By which issuer.
    pub issuer: IssuerId,
    /// Under which consent.
    pub consent: ConsentId,
    /// From which session; it ends with it unless `offline`. [`SessionId::NONE`]: from none, the platform opened an extension for a person.
    pub session: SessionId,
    /// Who allowed it.
    pub user: UserId,
    /// For whom.
    pub client: ClientId,
    /// In which installation of the extension that the client is; none for a plain client, and for sign-ins without one.
    #[serde(default)]
    pub installation: Option<Installed>,
    /// Who acts in the person's place, when another does.
    pub actor: Option<String>,
    /// What may be asked for.
    pub scopes: Scopes,
    /// Resources it may be used at (RFC 8707): ids of APIs. Empty: what its scopes belong to.
    pub resources: Vec<String>,
    /// `authorization_details` (RFC 9396), kept for later.
    pub authorization_details: Option<String>,
    /// The key that its tokens are bound to (`cnf`), kept for later.
    pub cnf: Option<String>,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
    /// The class of that proof.
    pub acr: String,
    /// The methods of that proof.
    pub amr: Vec<String>,
    /// The `claims` parameter (OpenID Connect Core, section 5.5) as it was asked, JSON.
    pub claims: Option<String>,
    /// Whether it outlives its session.
    pub offline: bool,
    /// Newest refresh generation; 0 until the first refresh token.
    pub generation: i64,
    /// Serial of the MAC key that the newest refresh token was made with: a retry is byte-identical.
    pub mac_key: i64,
    /// When generation − 1 was spent.
    pub spent_at: Option<Timestamp>,
    /// When generation − 2 was spent.
    pub spent_before_at: Option<Timestamp>,
    /// Last use.
    pub used_at: Timestamp,
    /// Unused for so many milliseconds, it is over.
    pub idle_ms: i64,
    /// When it is over, used or not. Until its first redemption: when its ticket is.
    pub expires_at: Timestamp,
    /// Whether it was first redeemed by a client that was not named: only then need none be at a refresh.
    #[serde(default)]
    pub unnamed: bool,
    /// When it was first redeemed.
    pub redeemed_at: Option<Timestamp>,
    /// When it was ended. Never cleared.
    pub ended_at: Option<Timestamp>,
    /// Why it was ended: a reason's or an event's name.
    pub ended_reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An installation, at a moment of its life.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Installed {
    /// Which.
    pub id: InstallationId,
    /// How often it, or its extension, had been switched off: what was issued before such a moment stays dead.
    pub epoch: i64,
}

impl Grant {
    /// Whether it is over when its session is: it is not offline, and there is one.
    pub fn ends_with_session(&self) -> bool {
        !self.offline && self.session != SessionId::NONE
    }

    /// Whether it is of that installation.
    pub fn is_of(&self, installation: &InstallationId) -> bool {
        self.installation.as_ref().is_some_and(|of| of.id == *installation)
    }

    /// Whether its own times and state let it be used at `now`; what it hangs on is asked by `may_issue`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.used_at.plus_ms(self.idle_ms)
    }
}
