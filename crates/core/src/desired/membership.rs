//! A membership as it is desired: a person in a context, with their roles there.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::is_default;
use crate::id::{ContextId, RoleId};

/// A person in a context.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipSpec {
    /// Who: the id or the user name.
    pub user: String,
    /// Where.
    pub context: ContextId,
    /// Their roles there, and in all contexts below.
    #[serde(default, skip_serializing_if = "is_default")]
    pub roles: BTreeSet<RoleId>,
    /// The version of the record in the system that brings memberships in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_version: Option<i64>,
}
