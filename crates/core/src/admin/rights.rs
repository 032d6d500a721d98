//! What an actor may do: where, and by which scopes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Access, Area, Errand, SERVER};
use crate::id::{ContextId, TenantId};
use crate::permission::Permission;
use crate::permission::held::{ADMIN_DOMAIN, Permissions};

/// The rights of an actor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rights {
    /// The tenant that they belong to; none: whoever holds the machine.
    home: Option<TenantId>,
    scopes: BTreeSet<String>,
    /// Scopes that count in a context and all below it only.
    contexts: BTreeMap<ContextId, BTreeSet<String>>,
    /// What the person may do who acts; none: a client acts for itself.
    person: Option<Permissions>,
}

/// A context, with all that it lies in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The context.
    pub context: ContextId,
    /// What is above it.
    pub above: Vec<ContextId>,
}

impl Place {
    /// The context and all above it.
    pub fn and_above(&self) -> impl Iterator<Item = &ContextId> {
        std::iter::once(&self.context).chain(&self.above)
    }
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
        Self { home: None, scopes: BTreeSet::new(), contexts: BTreeMap::new(), person: None }
    }

    /// Those of a token of that tenant.
    pub fn of(home: &TenantId, scopes: impl IntoIterator<Item = String>) -> Self {
        let scopes = scopes.into_iter().collect();
        Self { home: Some(home.clone()), scopes, contexts: BTreeMap::new(), person: None }
    }

    /// The same in the name of a person: what they hold in single contexts counts there.
    pub fn of_person(mut self, permissions: Permissions) -> Self {
        let is_local = |scope: &String| {
            Area::is_scope_of_contexts(scope) && !permissions.is_administrator && !permissions.allow(scope)
        };
        let (local, scopes) = self.scopes.into_iter().partition(is_local);
        self.scopes = scopes;
        let local: BTreeSet<String> = local;
        for (context, held) in &permissions.contexts {
            let there: BTreeSet<String> =
                local.iter().filter(|scope| held.iter().any(|held| held.covers(scope))).cloned().collect();
            if !there.is_empty() {
                self.contexts.insert(context.clone(), there);
            }
        }
        self.person = Some(permissions);
        self
    }

    /// The contexts in which something in an area may be done, where it may not in the whole tenant. Each counts for all below it.
    pub fn contexts_of(&self, area: Area, access: Access) -> impl Iterator<Item = &ContextId> {
        let scope = area.scope(access);
        self.contexts.iter().filter(move |(_, scopes)| covers(scopes, scope)).map(|(context, _)| context)
    }

    /// Whether something in an area may be done in a context.
    pub fn allow_in(
        &self,
        tenant: &TenantId,
        (area, access): (Area, Access),
        place: &Place,
    ) -> Result<(), Denied> {
        let wide = self.allow(tenant, area, access);
        let is_home = self.home.as_ref() == Some(tenant);
        let held = || self.contexts_of(area, access).any(|held| place.and_above().any(|id| id == held));
        if wide.is_err() && is_home && held() { Ok(()) } else { wide }
    }

    /// Whether something in an area may be done in the whole tenant, or in some context of it.
    pub fn allow_somewhere(&self, tenant: &TenantId, area: Area, access: Access) -> Result<(), Denied> {
        let wide = self.allow(tenant, area, access);
        let is_local = self.home.as_ref() == Some(tenant) && self.contexts_of(area, access).next().is_some();
        if is_local { Ok(()) } else { wide }
    }

    /// Whether the person who acts could do that themselves in a place; none: in the whole tenant. Whoever administers the server could
    /// give it to themselves, and a client that acts for itself is nobody who could.
    pub fn could_themselves(&self, permission: &Permission, place: Option<&Place>) -> bool {
        let Some(person) = self.person.as_ref().filter(|_| !self.is_server_wide()) else { return true };
        match place {
            None => person.allow(permission.as_str()),
            Some(place) => {
                person.clone().within(&place.context, &place.above).allow_somewhere(permission.as_str())
            }
        }
    }

    /// Whether a scope of administration is held. Who may write may do all that there is in the area.
    pub fn holds(&self, scope: &str) -> bool {
        self.home.is_none() || covers(&self.scopes, scope)
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
        self.allow_scope(tenant, area.scope(access))
    }

    /// Whether an errand may be done in a tenant.
    pub fn allow_errand(&self, tenant: &TenantId, errand: Errand) -> Result<(), Denied> {
        self.allow_scope(tenant, errand.scope())
    }

    fn allow_scope(&self, tenant: &TenantId, scope: &str) -> Result<(), Denied> {
        match (self.holds(scope), self.reaches(tenant)) {
            (false, _) => Err(Denied::Scope(scope.to_owned())),
            (true, false) => Err(Denied::Tenant),
            (true, true) => Ok(()),
        }
    }
}

/// Whether a scope is among those that are held. Who may write may do all that there is in the area.
fn covers(held: &BTreeSet<String>, scope: &str) -> bool {
    held.contains(scope)
        || scope.rsplit_once('.').is_some_and(|(area, _)| held.contains(&format!("{area}{WRITE}")))
}

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
    fn an_errand_is_its_own_scope_or_all_of_its_area() {
        let own = TenantId::from("own");
        for errand in Errand::ALL {
            for (held, expected) in [
                (errand.scope(), true),
                ("admin:users.write", true),
                ("admin:users.read", false),
                ("admin:clients.write", false),
                (SERVER, false),
            ] {
                assert_eq!(rights(&[held]).allow_errand(&own, errand).is_ok(), expected, "{errand:?} {held}");
            }
            let narrow = rights(&[errand.scope()]);
            assert_eq!(narrow.allow_errand(&TenantId::from("other"), errand), Err(Denied::Tenant));
            for access in [Access::Read, Access::Write] {
                assert!(narrow.allow(&own, Area::Users, access).is_err(), "{errand:?}");
            }
            let others = Errand::ALL.into_iter().filter(|other| *other != errand);
            others.for_each(|other| assert!(narrow.allow_errand(&own, other).is_err(), "{errand:?}"));
        }
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
