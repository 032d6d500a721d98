//! A context: something of the platform that people have roles in, such as a project or a customer. Contexts nest.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ContextId, ContextKey, TenantId};

/// A context of a tenant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Context {
    /// Whose context.
    pub tenant: TenantId,
    /// What memberships and assignments name: one removed and made anew has another, so that what was in it stays dead.
    pub key: ContextKey,
    /// Its typed id, such as `project/p-123`; unique among those that stand.
    pub id: ContextId,
    /// Its name, shown to people.
    pub name: String,
    /// The context that it lies in. Never changes.
    #[serde(default)]
    pub parent: Option<ContextId>,
    /// The keys of all above it, the nearest first; at most three. Never change.
    #[serde(default)]
    pub ancestors: Vec<ContextKey>,
    /// Since when nobody may do anything in it or below.
    pub disabled_at: Option<Timestamp>,
    /// When it was removed, with all below it. Never cleared.
    pub removed_at: Option<Timestamp>,
    /// Its id in the system that brings contexts in.
    pub external_id: Option<String>,
    /// The version of that system's record.
    pub external_version: Option<i64>,
    /// Counts changes. 0 = not stored yet.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Contexts nest at most so deep: a context has at most three above it.
pub const MAX_DEPTH: usize = 4;

impl ContextId {
    /// Whether a text can be a typed id: a kind of lower-case letters, digits, `-` and `_`, a slash, and an id of letters, digits, `.`,
    /// `_`, `~` and `-`.
    pub fn is_well_formed(text: &str) -> bool {
        let Some((kind, id)) = text.split_once('/') else { return false };
        let is_kind = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        let is_id = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
        (1..=32).contains(&kind.len())
            && kind.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && kind.bytes().all(is_kind)
            && (1..=128).contains(&id.len())
            && id.bytes().all(is_id)
            && !id.bytes().all(|b| b == b'.')
    }

    /// The part before the slash.
    pub fn kind(&self) -> &str {
        self.0.split_once('/').map_or("", |(kind, _)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_kind_and_an_id() {
        for good in ["project/p-123", "customer/C_9.x~", "k8s-ns/default"] {
            assert!(ContextId::is_well_formed(good), "{good}");
        }
        let long = format!("p/{}", "x".repeat(129));
        for bad in
            ["", "project", "/p", "project/", "Project/p", "project/a/b", "p/..", "p/a b", "1p/a", &long]
        {
            assert!(!ContextId::is_well_formed(bad), "{bad}");
        }
        assert_eq!(ContextId::from("project/p-1").kind(), "project");
    }
}
