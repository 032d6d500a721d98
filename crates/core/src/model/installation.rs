//! An installation: an extension in a context, with what was consented to and secrets of its own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Timestamp;
use crate::id::{
    ContextId, ContextKey, ExtensionId, ExtensionKey, InstallationId, SecretId, TenantId, UserId, WebhookId,
};
use doorward_wire::scope::Scopes;

use super::secret::SecretState;

/// An installation. At most one of an extension stands in a context; removed is final.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Installation {
    /// Its id; the `sub` of tokens that it gets for itself.
    pub id: InstallationId,
    /// Whose tenant.
    pub tenant: TenantId,
    /// Which extension.
    pub extension: ExtensionKey,
    /// The extension's id, as it is read.
    pub extension_id: ExtensionId,
    /// Into what; key 0: the tenant itself.
    pub context: ContextKey,
    /// The typed id of where, as it is read; `tenant/<id>`: the tenant itself.
    pub context_id: ContextId,
    /// What was consented to.
    pub scopes: Scopes,
    /// Of which version of the manifest.
    pub manifest_version: i64,
    /// The variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// What the extension or the platform keeps with it: small values by name.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// Who installed it, where it was a person.
    #[serde(default)]
    pub installed_by: Option<UserId>,
    /// Where it is in its life.
    pub life: Life,
    /// Which of its lives this is, from 1. Being switched off ends one: what was issued in it stays dead.
    pub epoch: i64,
    /// Counts changes, and so numbers its events. 0 = not stored yet.
    pub version: i64,
    /// When it was installed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Where an installation is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Life {
    /// It works.
    Enabled,
    /// Members of its context switched it off.
    Disabled {
        /// Since when.
        since: Timestamp,
    },
    /// The platform switched it off; members cannot switch it on.
    Suspended {
        /// Since when.
        since: Timestamp,
        /// Since when members had switched it off, and will find it so again.
        disabled_since: Option<Timestamp>,
    },
    /// It is gone. Final.
    Removed {
        /// When.
        at: Timestamp,
    },
}

/// A step in an installation's life that is none from where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoStep {
    /// It is gone: nothing is done to it any more.
    Removed,
    /// The platform switched it off, and only the platform switches it on.
    Suspended,
}

impl Life {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled { .. } => "disabled",
            Self::Suspended { .. } => "suspended",
            Self::Removed { .. } => "removed",
        }
    }

    /// Members switch it off.
    pub fn disable(self, now: Timestamp) -> Result<Self, NoStep> {
        match self {
            Self::Enabled => Ok(Self::Disabled { since: now }),
            Self::Disabled { .. } => Ok(self),
            Self::Suspended { since, disabled_since } => {
                Ok(Self::Suspended { since, disabled_since: disabled_since.or(Some(now)) })
            }
            Self::Removed { .. } => Err(NoStep::Removed),
        }
    }

    /// Members switch it on.
    pub const fn enable(self) -> Result<Self, NoStep> {
        match self {
            Self::Enabled | Self::Disabled { .. } => Ok(Self::Enabled),
            Self::Suspended { .. } => Err(NoStep::Suspended),
            Self::Removed { .. } => Err(NoStep::Removed),
        }
    }

    /// The platform switches it off.
    pub const fn suspend(self, now: Timestamp) -> Result<Self, NoStep> {
        match self {
            Self::Enabled => Ok(Self::Suspended { since: now, disabled_since: None }),
            Self::Disabled { since } => Ok(Self::Suspended { since: now, disabled_since: Some(since) }),
            Self::Suspended { .. } => Ok(self),
            Self::Removed { .. } => Err(NoStep::Removed),
        }
    }

    /// The platform gives it back, as its members left it.
    pub const fn resume(self) -> Result<Self, NoStep> {
        match self {
            Self::Suspended { disabled_since: None, .. } => Ok(Self::Enabled),
            Self::Suspended { disabled_since: Some(since), .. } => Ok(Self::Disabled { since }),
            Self::Enabled | Self::Disabled { .. } => Ok(self),
            Self::Removed { .. } => Err(NoStep::Removed),
        }
    }

    /// It goes.
    pub const fn remove(self, now: Timestamp) -> Result<Self, NoStep> {
        match self {
            Self::Removed { .. } => Err(NoStep::Removed),
            Self::Enabled | Self::Disabled { .. } | Self::Suspended { .. } => Ok(Self::Removed { at: now }),
        }
    }

    /// Whether it works.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::Enabled)
    }

    /// The life of a row with these columns.
    pub const fn of(
        disabled_at: Option<Timestamp>,
        suspended_at: Option<Timestamp>,
        removed_at: Option<Timestamp>,
    ) -> Self {
        match (removed_at, suspended_at, disabled_at) {
            (Some(at), _, _) => Self::Removed { at },
            (None, Some(since), disabled_since) => Self::Suspended { since, disabled_since },
            (None, None, Some(since)) => Self::Disabled { since },
            (None, None, None) => Self::Enabled,
        }
    }

    /// Since when members have switched it off.
    pub const fn disabled_at(self) -> Option<Timestamp> {
        match self {
            Self::Disabled { since } => Some(since),
            Self::Suspended { disabled_since, .. } => disabled_since,
            Self::Enabled | Self::Removed { .. } => None,
        }
    }

    /// Since when the platform has switched it off.
    pub const fn suspended_at(self) -> Option<Timestamp> {
        if let Self::Suspended { since, .. } = self { Some(since) } else { None }
    }

    /// When it went.
    pub const fn removed_at(self) -> Option<Timestamp> {
        if let Self::Removed { at } = self { Some(at) } else { None }
    }
}

impl Installation {
    /// Whether it is in the tenant itself.
    pub fn is_of_tenant(&self) -> bool {
        self.context == ContextKey(0)
    }

    /// The same in another moment of its life. One that was switched off ends an epoch.
    pub fn living(self, life: Life, now: Timestamp) -> Self {
        let epoch = self.epoch + i64::from(self.life.is_on() && !life.is_on());
        Self { life, epoch, updated_at: now, ..self }
    }
}

/// A secret of an installation. In force: current; retiring, until its end; pending, once it was delivered or revealed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct InstallationSecret {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose secret.
    pub installation: InstallationId,
    /// Its id.
    pub id: SecretId,
    /// The installation's version with which it came: the higher is the newer.
    pub number: i64,
    /// SHA-256 of the secret: it holds 256 random bits.
    pub hash: [u8; 32],
    /// Where it stands in its life.
    pub state: SecretState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the extension had it: a webhook with it was answered by 2xx, or it was shown.
    pub delivered_at: Option<Timestamp>,
    /// Since when it is current.
    pub current_at: Option<Timestamp>,
    /// Until when it works.
    pub expires_at: Option<Timestamp>,
}

impl InstallationSecret {
    /// Whether it authenticates its installation at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        let is_known = match self.state {
            SecretState::Pending => self.delivered_at.is_some(),
            SecretState::Current | SecretState::Retiring => true,
        };
        is_known && self.expires_at.is_none_or(|end| now < end)
    }
}

/// A secret that is added. In the clear it is kept, sealed, until the extension has it.
#[derive(Clone, PartialEq)]
pub struct NewInstallationSecret {
    /// Its row.
    pub row: InstallationSecret,
    /// The secret in the clear; none: whoever is answered has it.
    pub plain: Option<String>,
}

impl std::fmt::Debug for NewInstallationSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewInstallationSecret({})", self.row.id)
    }
}

/// What an extension is told of an installation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum WebhookKind {
    /// It was installed; its first secret comes with it.
    Added,
    /// It was changed; its full state comes with it.
    Updated,
    /// It has a new secret, which comes with it.
    SecretRotated,
    /// It was removed.
    Removed,
}

/// An event of an installation, for its extension.
#[derive(Clone, PartialEq, Debug)]
pub struct WebhookEvent {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Of which installation.
    pub installation: InstallationId,
    /// Its number among the events of the installation: the installation's version after the change. They are delivered in this order.
    pub number: i64,
    /// The `webhook-id`: the same at every attempt.
    pub id: WebhookId,
    /// What happened.
    pub kind: WebhookKind,
    /// The secret that comes with it.
    pub secret: Option<SecretId>,
    /// The installation as it was then, JSON of [`Installation`].
    pub state: String,
    /// When.
    pub created_at: Timestamp,
}

impl WebhookKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Added, Self::Updated, Self::SecretRotated, Self::Removed];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Updated => "Updated",
            Self::SecretRotated => "SecretRotated",
            Self::Removed => "Removed",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1000);
    const THEN: Timestamp = Timestamp(500);

    #[test]
    fn each_step_leads_where_it_says() {
        let disabled = Life::Disabled { since: THEN };
        let suspended = Life::Suspended { since: THEN, disabled_since: None };
        let both = Life::Suspended { since: THEN, disabled_since: Some(THEN) };
        let removed = Life::Removed { at: THEN };
        let gone = Err(NoStep::Removed);
        let rows = [
            (Life::Enabled, Ok(Life::Disabled { since: NOW }), Ok(Life::Enabled)),
            (disabled, Ok(disabled), Ok(Life::Enabled)),
            (
                suspended,
                Ok(Life::Suspended { since: THEN, disabled_since: Some(NOW) }),
                Err(NoStep::Suspended),
            ),
            (both, Ok(both), Err(NoStep::Suspended)),
            (removed, gone, gone),
        ];
        for (life, disable, enable) in rows {
            assert_eq!((life.disable(NOW), life.enable()), (disable, enable), "{life:?}");
        }
        let rows = [
            (Life::Enabled, Ok(Life::Suspended { since: NOW, disabled_since: None }), Ok(Life::Enabled)),
            (disabled, Ok(Life::Suspended { since: NOW, disabled_since: Some(THEN) }), Ok(disabled)),
            (suspended, Ok(suspended), Ok(Life::Enabled)),
            (both, Ok(both), Ok(disabled)),
            (removed, gone, gone),
        ];
        for (life, suspend, resume) in rows {
            assert_eq!((life.suspend(NOW), life.resume()), (suspend, resume), "{life:?}");
        }
        for life in [Life::Enabled, disabled, suspended, both] {
            assert_eq!(life.remove(NOW), Ok(Life::Removed { at: NOW }), "{life:?}");
            assert_eq!(Life::of(life.disabled_at(), life.suspended_at(), life.removed_at()), life);
        }
        assert_eq!(removed.remove(NOW), gone);
        assert_eq!(Life::of(Some(THEN), Some(THEN), Some(THEN)), removed);
    }
}
