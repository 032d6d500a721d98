//! The last administrator stays: what a change takes from those who administer the server or a tenant, so that it is refused where
//! nobody would be left to do it. Who administers the server is told by their row. A tenant is administered by who may change its
//! people ([`POWER`]) by a role in the whole tenant: whoever may can let others in. Whoever cannot sign in (is disabled or locked, has no
//! password, or belongs to a tenant that is switched off or has no issuer) administers nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::step::Step;
use crate::desired::{Current, CurrentUser, Plan};
use crate::id::{RoleId, RoleKey, TenantId, UserId};
use crate::model::Role;
use crate::permission::Permission;

/// What makes a person one of those who administer a tenant.
pub const POWER: &str = "admin:users.write";

/// What a change takes from those who administer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loss {
    server: Share,
    tenants: BTreeMap<TenantId, OfTenant>,
    touched: BTreeSet<(TenantId, UserId)>,
    off: BTreeSet<TenantId>,
}

/// Whether somebody ceases to be one of those, and whether somebody whom the change names is one afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Share {
    is_taken: bool,
    is_left: bool,
}

/// The roles by which a tenant is administered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfTenant {
    share: Share,
    /// Those that were there.
    pub before: BTreeMap<RoleId, RoleKey>,
    /// Those of the roles that were there, each at a version, by which it is administered afterwards.
    pub after: BTreeMap<RoleKey, i64>,
    named: BTreeSet<RoleId>,
}

/// A person as a change leaves them.
struct After<'a> {
    can_act: bool,
    is_administrator: bool,
    roles: Vec<&'a RoleId>,
}

impl Loss {
    /// What a plan for `current` takes, which leaves the tenants `shut` without an issuer.
    pub fn of_plan(plan: &Plan, current: &Current, shut: BTreeSet<TenantId>) -> Self {
        let mut loss = Self::default();
        loss.server.is_taken = !shut.is_empty();
        loss.off = shut;
        for change in &plan.changes {
            let found = current.tenant(&change.tenant);
            if found.is_some_and(|found| found.tenant.disabled_at.is_some()) {
                continue;
            }
            let of = loss.of_tenant(&change.tenant, found.map_or(&[], |found| &found.roles));
            match &change.step {
                Step::Role(spec, before) => of.role(&spec.id, before.as_deref(), gives(&spec.permissions)),
                Step::RemoveRole(before) => of.role(&before.id, Some(before), false),
                Step::Tenant(spec, Some(_)) if spec.disabled == Some(true) => {
                    loss.off.insert(change.tenant.clone());
                    loss.server.is_taken = true;
                }
                _ => {}
            }
        }
        for change in &plan.changes {
            match &change.step {
                Step::User(spec, _, before, _) => {
                    let has_password = spec.password_hash.is_some()
                        || before.as_ref().is_some_and(|before| before.password.is_some());
                    let after = After {
                        can_act: spec.disabled != Some(true) && spec.locked != Some(true) && has_password,
                        is_administrator: spec.administrator,
                        roles: spec.roles.iter().flatten().collect(),
                    };
                    loss.person(&change.tenant, before.as_deref(), Some(after));
                }
                Step::RemoveUser(before) => loss.person(&change.tenant, Some(before), None),
                _ => {}
            }
        }
        loss
    }

    /// What becomes of people of a tenant, whose roles stay as they are, from one state to another.
    pub fn of_people<'a>(
        tenant: &TenantId,
        roles: &[Role],
        people: impl IntoIterator<Item = (Option<&'a CurrentUser>, Option<&'a CurrentUser>)>,
    ) -> Self {
        let mut loss = Self::default();
        loss.of_tenant(tenant, roles);
        for (before, after) in people.into_iter().filter(|(before, after)| !is_same(*before, *after)) {
            let after = after.map(|found| After {
                can_act: can_act(found),
                is_administrator: found.user.administrator_since.is_some(),
                roles: roles_of(found).collect(),
            });
            loss.person(tenant, before, after);
        }
        loss
    }

    /// Whether it takes from somebody what they administer by: the server, or the tenant.
    pub fn is_any(&self) -> bool {
        self.server.is_taken || self.tenants.values().any(|of| of.share.is_taken)
    }

    /// Whether somebody else must administer the server.
    pub const fn of_server(&self) -> bool {
        self.server.is_taken && !self.server.is_left
    }

    /// The tenants that somebody else must administer.
    pub fn of_tenants(&self) -> impl Iterator<Item = (&TenantId, &OfTenant)> {
        let needed = |(tenant, of): &(&TenantId, &OfTenant)| {
            of.share.is_taken && !of.share.is_left && !self.off.contains(*tenant)
        };
        self.tenants.iter().filter(needed)
    }

    /// Whether what is stored of a person stays as it is, so that they can be that somebody else.
    pub fn leaves(&self, tenant: &TenantId, user: &UserId) -> bool {
        !self.off.contains(tenant) && !self.touched.contains(&(tenant.clone(), user.clone()))
    }

    fn of_tenant(&mut self, tenant: &TenantId, roles: &[Role]) -> &mut OfTenant {
        self.tenants.entry(tenant.clone()).or_insert_with(|| {
            let mut of = OfTenant::default();
            for role in roles.iter().filter(|role| gives(&role.permissions)) {
                of.before.insert(role.id.clone(), role.key);
                of.after.insert(role.key, role.version);
                of.named.insert(role.id.clone());
            }
            of
        })
    }

    fn person(&mut self, tenant: &TenantId, before: Option<&CurrentUser>, after: Option<After<'_>>) {
        if let Some(before) = before {
            self.touched.insert((tenant.clone(), before.user.id.clone()));
        }
        // A tenant that is off was passed over.
        let Some(of) = self.tenants.get_mut(tenant).filter(|_| !self.off.contains(tenant)) else { return };
        let before = before.filter(|before| can_act(before));
        let after = after.filter(|after| after.can_act);
        let was_server = before.is_some_and(|before| before.user.administrator_since.is_some());
        let is_server = after.as_ref().is_some_and(|after| after.is_administrator);
        self.server.is_taken |= was_server && !is_server;
        self.server.is_left |= is_server;
        let was = before.is_some_and(|before| roles_of(before).any(|role| of.before.contains_key(role)));
        let is = after.is_some_and(|after| after.roles.iter().any(|role| of.named.contains(*role)));
        of.share.is_taken |= was && !is;
        // Whoever administers the whole server administers their own tenant.
        of.share.is_left |= is || is_server;
    }
}

impl OfTenant {
    /// What becomes of a role.
    fn role(&mut self, id: &RoleId, before: Option<&Role>, gives: bool) {
        let gave = self.before.contains_key(id);
        match (before, gives) {
            (Some(role), true) => drop(self.after.insert(role.key, role.version)),
            (Some(role), false) => drop(self.after.remove(&role.key)),
            (None, _) => {}
        }
        if gives {
            self.named.insert(id.clone());
        } else {
            self.named.remove(id);
        }
        self.share.is_taken |= gave && !gives;
    }
}

/// Whom a change leaves as they are states nothing of them: only as somebody else can they be counted on.
fn is_same(before: Option<&CurrentUser>, after: Option<&CurrentUser>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => {
            before.user == after.user && before.roles == after.roles && before.password == after.password
        }
        (before, after) => before.is_none() && after.is_none(),
    }
}

fn can_act(found: &CurrentUser) -> bool {
    let user = &found.user;
    user.disabled_at.is_none() && user.locked_at.is_none() && found.password.is_some()
}

/// Their roles in the whole tenant.
fn roles_of(found: &CurrentUser) -> impl Iterator<Item = &RoleId> {
    found.roles.iter().filter(|role| role.context.is_none()).map(|role| &role.role_id)
}

fn gives(permissions: &BTreeSet<Permission>) -> bool {
    permissions.iter().any(|permission| permission.covers(POWER))
}
