//! The person as some wire contracts have them: in the claim `user` of access tokens, and as the whole answer of userinfo.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use doorward_wire::scope::Scopes;

use super::claims::value_of;
use crate::Facts;
use crate::facts::GrantFacts;
use crate::id::RoleId;
use crate::model::User;
use crate::permission::Held;
use crate::permission::held::ADMIN_DOMAIN;

/// The person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserClaim {
    /// Their id.
    pub user_id: String,
    /// The roles that they have where the extension is installed, and of a plain client, in the whole tenant; empty without `profile`.
    pub groups: BTreeSet<RoleId>,
    /// With the scope `email`, where they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// With the scope `profile`: what they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl UserClaim {
    /// What these scopes let be said of the person of a grant.
    pub fn of(user: &User, of: &GrantFacts, scopes: &Scopes, facts: &Facts) -> Self {
        let has_profile = scopes.contains("profile");
        let email = value_of(user, "email").filter(|_| scopes.contains("email"));
        Self {
            user_id: user.id.0.clone(),
            groups: if has_profile { groups(of, facts) } else { BTreeSet::new() },
            email: email.and_then(|email| email.as_str().map(str::to_owned)),
            name: has_profile.then(|| user.display_name().to_owned()),
        }
    }
}

/// Roles that say something to others than the administration, as far as the client's map of roles names them.
fn groups(of: &GrantFacts, facts: &Facts) -> BTreeSet<RoleId> {
    let Some(held) = &facts.held else { return BTreeSet::new() };
    let place = of.installation.as_deref();
    let is_here = |role: &&Held| match &role.context {
        None => true,
        Some(context) => place
            .is_some_and(|found| found.installation.context_id == *context || found.above.contains(context)),
    };
    let map = held.client.as_ref().and_then(|found| found.client.role_permissions.as_ref());
    let is_told = |role: &&Held| {
        let is_named = map.is_none_or(|map| map.contains_key(&role.role));
        let mut permissions = role.permissions.iter();
        let is_plain = role.permissions.is_empty() || permissions.any(|has| has.domain() != ADMIN_DOMAIN);
        is_named && is_plain
    };
    held.roles.iter().filter(is_here).filter(is_told).map(|role| role.role.clone()).collect()
}
