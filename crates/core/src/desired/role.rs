//! A role as it is desired.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::is_default;
use super::problem::{At, Problems};
use crate::Timestamp;
use crate::id::{RoleId, RoleKey, TenantId};
use crate::model::Role;
use crate::permission::Permission;
use crate::permission::held::SERVER;
use doorward_wire::text::DisplayName;

/// A role of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// Its id: lower-case letters, digits, `.`, `_` and `-`.
    pub id: RoleId,
    /// Its name, shown to administrators. Absent: as it is, the id at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// What it lets a person do: `domain:action`, or `domain:*`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub permissions: BTreeSet<Permission>,
    /// Whoever has it must sign in with a second factor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requires_second_factor: bool,
}

impl RoleSpec {
    /// The role as it is.
    pub fn of(role: &Role) -> Self {
        Self {
            id: role.id.clone(),
            name: Some(role.name.clone()),
            description: role.description.clone(),
            permissions: role.permissions.clone(),
            requires_second_factor: role.requires_second_factor,
        }
    }

    pub(super) fn filled(&self, before: Option<&Role>) -> Self {
        let stored = || before.map_or_else(|| self.id.0.clone(), |role| role.name.clone());
        Self { name: Some(self.name.clone().unwrap_or_else(stored)), ..self.clone() }
    }

    /// Its row; `key` is for one that is made.
    pub(super) fn onto(
        &self,
        tenant: &TenantId,
        before: Option<&Role>,
        key: RoleKey,
        now: Timestamp,
    ) -> Role {
        Role {
            tenant: tenant.clone(),
            key: before.map_or(key, |role| role.key),
            id: self.id.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.0.clone()),
            description: self.description.clone(),
            permissions: self.permissions.clone(),
            requires_second_factor: self.requires_second_factor,
            version: before.map_or(0, |role| role.version),
            created_at: before.map_or(now, |role| role.created_at),
        }
    }

    pub(super) fn check(&self, at: &At, problems: &mut Problems) {
        let id = self.id.as_str();
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
        problems.expect(
            (1..=64).contains(&id.len())
                && id.bytes().all(fine)
                && id.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric()),
            &at.field("id"),
            "must be 1 to 64 lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit",
        );
        for (field, text) in
            [("name", self.name.as_deref()), ("description", Some(self.description.as_str()))]
        {
            if let Some(text) = text.filter(|text| !text.is_empty() && *text != id) {
                problems.take(&at.field(field), DisplayName::parse(text));
            }
        }
        problems.expect(
            self.permissions.len() <= MOST_PERMISSIONS,
            &at.field("permissions"),
            "a role has at most 500 permissions",
        );
        problems.expect(
            !self.permissions.iter().any(|permission| permission.as_str() == SERVER),
            &at.item("permissions", SERVER),
            "no role gives this: administrators of the server have it",
        );
    }
}

const MOST_PERMISSIONS: usize = 500;
