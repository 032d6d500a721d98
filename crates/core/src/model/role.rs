//! A role: a name for what people may do, assigned to them for the whole tenant or in one context.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::Timestamp;
use crate::id::{RoleId, RoleKey, TenantId};
use crate::permission::word::Permission;

/// A role of a tenant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Role {
    /// Whose role.
    pub tenant: TenantId,
    /// What assignments name: one removed and made anew has another, so that old assignments stay dead.
    pub key: RoleKey,
    /// Its id, unique in the tenant.
    pub id: RoleId,
    /// Its name, shown to administrators.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it lets a person do.
    pub permissions: BTreeSet<Permission>,
    /// Whether who has it must sign in with a second factor.
    #[serde(default)]
    pub requires_second_factor: bool,
    /// Counts changes. 0 = not stored yet.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}
