//! A membership: a person belongs to a context. Assignments: the roles they have there, or in the whole tenant.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ContextId, ContextKey, RoleId, RoleKey, TenantId, UserId};

/// A person in a context. Roles there are assignments, rows of their own.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// Where.
    pub context: ContextKey,
    /// The typed id of where, as it is read.
    pub context_id: ContextId,
    /// The version of the record in the system that brings memberships in.
    pub external_version: Option<i64>,
    /// Counts changes. 0 = not stored yet.
    pub version: i64,
    /// Since when.
    pub created_at: Timestamp,
}

/// A role given to a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Assignment {
    /// Whose tenant.
    pub tenant: TenantId,
    /// To whom.
    pub user: UserId,
    /// In which context; none: in the whole tenant.
    pub context: Option<ContextKey>,
    /// Which role.
    pub role: RoleKey,
    /// The role's id, as it is read.
    pub role_id: RoleId,
    /// Since when.
    pub created_at: Timestamp,
}
