//! What an actor may do: where, and by which scopes.

use std::collections::BTreeSet;

use super::{Access, Area, SERVER};
use crate::id::TenantId;
use crate::permission::Permission;
use crate::permission::held::ADMIN_DOMAIN;

/// The rights of an actor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rights {
    /// The tenant that they belong to; none: whoever holds the machine.
    home: Option<TenantId>,
    scopes: BTreeSet<String>,
}

/// Why something may not be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Denied {
    /// A permission is missing.
    Scope(String),
    /// It is in another tenant.
    Tenant,
}

impl Rights {
    /// Everything: the operator's.
    pub fn everything() -> Self {
        Self { home: None, scopes: BTreeSet::new() }
    }

    /// Those of a token of that tenant.
    pub fn of(home: &TenantId, scopes: impl IntoIterator<Item = String>) -> Self {
        Self { home: Some(home.clone()), scopes: scopes.into_iter().collect() }
    }

    /// Whether a scope of administration is held. Who may write may read.
    pub fn holds(&self, scope: &str) -> bool {
        self.home.is_none()
            || self.scopes.contains(scope)
            || scope.strip_suffix(READ).is_some_and(|area| self.scopes.contains(&format!("{area}{WRITE}")))
    }

    /// Whether all that a permission lets its holder administer is held. One of the platform's own is not ours to guard.
    pub fn holds_permission(&self, permission: &Permission) -> bool {
        if permission.domain() != ADMIN_DOMAIN {
            return true;
        }
        let every = Area::ALL.iter().flat_map(|area| [area.scope(Access::Read), area.scope(Access::Write)]);
        let mut covered = every.filter(|scope| permission.covers(scope)).peekable();
        match covered.peek() {
            Some(_) => covered.all(|scope| self.holds(scope)),
            None => self.holds(permission.as_str()),
        }
    }

    /// Whether every tenant is within reach.
    pub fn is_server_wide(&self) -> bool {
        self.holds(SERVER)
    }

    /// The tenant that they belong to; none: whoever holds the machine.
    pub fn home(&self) -> Option<&TenantId> {
        self.home.as_ref()
    }

    /// Whether that tenant is within reach.
    pub fn reaches(&self, tenant: &TenantId) -> bool {
        self.is_server_wide() || self.home.as_ref() == Some(tenant)
    }

    /// Whether something in an area of a tenant may be done.
    pub fn allow(&self, tenant: &TenantId, area: Area, access: Access) -> Result<(), Denied> {
        let scope = area.scope(access);
        match (self.holds(scope), self.reaches(tenant)) {
            (false, _) => Err(Denied::Scope(scope.to_owned())),
            (true, false) => Err(Denied::Tenant),
            (true, true) => Ok(()),
        }
    }
}

const READ: &str = ".read";
const WRITE: &str = ".write";

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(scopes: &[&str]) -> Rights {
        Rights::of(&TenantId::from("own"), scopes.iter().map(|scope| (*scope).to_owned()))
    }

    #[test]
    fn a_token_reaches_its_own_tenant_unless_it_is_the_servers() {
        let (own, other) = (TenantId::from("own"), TenantId::from("other"));
        let missing = |scope: &str| Err(Denied::Scope(scope.to_owned()));
        let narrow = rights(&["admin:users.read"]);
        assert_eq!(narrow.allow(&own, Area::Users, Access::Read), Ok(()));
        assert_eq!(narrow.allow(&own, Area::Users, Access::Write), missing("admin:users.write"));
        assert_eq!(narrow.allow(&other, Area::Users, Access::Read), Err(Denied::Tenant));
        assert_eq!(narrow.allow(&other, Area::Keys, Access::Read), missing("admin:keys.read"));
        let wide = rights(&["admin:users.write", SERVER]);
        assert_eq!(wide.allow(&other, Area::Users, Access::Read), Ok(()), "who may write may read");
        assert_eq!(wide.allow(&other, Area::Keys, Access::Read), missing("admin:keys.read"));
        assert!(Rights::everything().allow(&other, Area::Keys, Access::Write).is_ok());
    }

    #[test]
    fn a_permission_is_held_when_all_that_it_covers_is() {
        let held = |scopes: &[&str], permission: &str| {
            rights(scopes).holds_permission(&Permission::parse(permission).unwrap())
        };
        assert!(held(&[], "orders:*"));
        assert!(held(&["admin:users.write"], "admin:users.read"));
        assert!(!held(&["admin:users.read"], "admin:users.write"));
        assert!(!held(&["admin:users.write", "admin:keys.write"], "admin:*"));
        assert!(!held(&["admin:users.write"], SERVER));
        assert!(held(&[SERVER], SERVER));
        let all: Vec<&str> = Area::ALL.iter().map(|area| area.scope(Access::Write)).collect();
        assert!(held(&all, "admin:*"));
    }
}
