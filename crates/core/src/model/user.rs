//! A person.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::Timestamp;
use crate::id::{TenantId, UserId};
use doorward_wire::text::{Email, UserName};

/// A person of a tenant. Passwords and other factors are credentials, rows of their own.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct User {
    /// Whose person.
    pub tenant: TenantId,
    /// Their id, the `sub` of tokens.
    pub id: UserId,
    /// The name they sign in with, as they write it.
    pub user_name: String,
    /// The canonical form of `user_name`, unique among names and e-mail addresses of the tenant.
    pub user_name_key: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// The canonical form of `email`, in the same namespace as `user_name_key`.
    pub email_key: Option<String>,
    /// When the address was shown to be theirs.
    pub email_verified_at: Option<Timestamp>,
    /// What standard claims say of them.
    #[serde(default)]
    pub profile: Profile,
    /// Since when they may do nothing: an administrator's act.
    pub disabled_at: Option<Timestamp>,
    /// Since when they may not sign in or be issued anything: a protective measure.
    pub locked_at: Option<Timestamp>,
    /// Since when they must choose a new password before anything else.
    #[serde(default)]
    pub password_due_at: Option<Timestamp>,
    /// Sessions and grants made before this moment stay dead for good.
    pub valid_from: Option<Timestamp>,
    /// Since when they administer the server; set by the set-up link. Roles come to stand beside it.
    #[serde(default)]
    pub administrator_since: Option<Timestamp>,
    /// Their id in the system that brings people in.
    pub external_id: Option<String>,
    /// The version of that system's record.
    pub external_version: Option<i64>,
    /// What tells the password hash that was brought in last: an import that brings it again leaves the password as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_hash: Option<String>,
    /// Counts changes. 0 = not stored yet.
    pub version: i64,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When it was last changed (`updated_at` of OpenID Connect).
    pub updated_at: Timestamp,
}

/// Standard claims of OpenID Connect Core, section 5.1, that are not kept elsewhere, by claim name.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(pub BTreeMap<String, serde_json::Value>);

impl Profile {
    /// A claim that is a string.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(serde_json::Value::as_str)
    }
}

impl User {
    /// Somebody new, of whom nothing but their names is known.
    pub fn named(
        tenant: &TenantId,
        id: UserId,
        (user_name, email): (&UserName, Option<&Email>),
        now: Timestamp,
    ) -> Self {
        Self {
            tenant: tenant.clone(),
            id,
            user_name: user_name.as_str().to_owned(),
            user_name_key: user_name.key().to_owned(),
            email: email.map(|email| email.as_str().to_owned()),
            email_key: email.map(|email| email.key().to_owned()),
            email_verified_at: None,
            profile: Profile::default(),
            disabled_at: None,
            locked_at: None,
            password_due_at: None,
            valid_from: None,
            administrator_since: None,
            external_id: None,
            external_version: None,
            imported_hash: None,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// What they are called by: no password of theirs holds it.
    pub fn called(&self) -> impl Iterator<Item = &str> {
        [Some(self.user_name.as_str()), self.email.as_deref(), self.profile.text("name")]
            .into_iter()
            .flatten()
    }

    /// The name to show on pages.
    pub fn display_name(&self) -> &str {
        self.profile.text("name").unwrap_or(&self.user_name)
    }

    /// The language they prefer.
    pub fn locale(&self) -> Option<&str> {
        self.profile.text("locale")
    }
}

/// A proof that a person can give: a password today; passkeys and one-time codes get rows of their own kind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Credential {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose credential.
    pub user: UserId,
    /// Its kind: `password`, `totp` or `recovery`. One row per person and kind.
    pub kind: String,
    /// What verifies it: for `password` its hash, ours or another system's; for the others JSON.
    pub data: String,
    /// When it was set.
    pub created_at: Timestamp,
}
