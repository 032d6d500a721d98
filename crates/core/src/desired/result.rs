//! What there will be once a plan is carried out, for the checks that look across objects.

use super::user::Names;
use super::{ApiSpec, ClientSpec, IssuerSpec};
use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ContextId, RoleId, TenantId, UserId};

/// A tenant as it will be. What the document does not name comes first, so that a clash is told of what it names.
#[derive(Debug)]
pub(super) struct Resulting {
    pub id: TenantId,
    pub issuers: Vec<IssuerSpec>,
    /// How many of the issuers, the first, are not in the document.
    pub kept_issuers: usize,
    pub apis: Vec<ApiSpec>,
    pub clients: Vec<ClientSpec>,
    pub users: Vec<ResultingUser>,
    pub roles: BTreeSet<RoleId>,
    /// Each with what it lies in.
    pub contexts: BTreeMap<ContextId, Option<ContextId>>,
    pub external_contexts: Vec<(ContextId, String)>,
    pub memberships: Vec<ResultingMembership>,
}

/// What of a membership must exist.
#[derive(Debug)]
pub(super) struct ResultingMembership {
    pub label: String,
    pub user: String,
    pub context: ContextId,
    pub roles: BTreeSet<RoleId>,
}

/// What of a person must not clash with another's.
#[derive(Debug)]
pub(super) struct ResultingUser {
    pub id: Option<UserId>,
    pub label: String,
    pub keys: Vec<String>,
    pub external_id: Option<String>,
    pub roles: BTreeSet<RoleId>,
}

impl ResultingUser {
    pub(super) fn keys_of(names: &Names) -> Vec<String> {
        let mut keys = vec![names.user_name.key().to_owned()];
        keys.extend(names.email.as_ref().map(|email| email.key().to_owned()));
        keys.dedup();
        keys
    }
}
