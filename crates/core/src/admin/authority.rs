//! Nobody gives what they do not hold, nor touches what holds more: what a plan may do under the rights of an actor.

use super::{Access, Area, Denied, Errand, Rights, SERVER, in_contexts, is_scope};
use crate::desired::step::Step;
use crate::desired::{Action, Change, Current, CurrentTenant, CurrentUser, IssuerSpec, Kind, Plan};
use crate::id::{IssuerId, RoleId, TenantId};
use crate::model::{Actor, Assignment, Client, Issuer, Role, TenantSettings, User};
use crate::permission::Permission;
use doorward_wire::scope::Scopes;
use std::collections::BTreeSet;

/// The first thing in a plan for `current` that the actor may not do.
pub fn check(plan: &Plan, current: &Current, rights: &Rights) -> Result<(), Denied> {
    plan.changes
        .iter()
        .filter(|change| matches!(change.action, Action::Create | Action::Update | Action::Remove))
        .try_for_each(|change| of_change(change, plan, current.tenant(&change.tenant), rights))
}

/// Why a plan is refused that takes from the person who acts what they act by: nobody locks themselves out by a slip.
pub fn harms_oneself(plan: &Plan, actor: &Actor) -> Option<&'static str> {
    plan.changes.iter().find_map(|change| match &change.step {
        Step::RemoveUser(found) => harm(actor, &found.user, None),
        Step::User(spec, _, Some(before), _) => {
            let is_closed = spec.disabled == Some(true) || spec.locked == Some(true);
            harm(actor, &before.user, Some(Becomes { is_closed, administers: spec.administrator }))
        }
        _ => None,
    })
}

/// What a person becomes by a change.
#[derive(Clone, Copy, Debug)]
pub struct Becomes {
    /// Whether they are disabled or locked.
    pub is_closed: bool,
    /// Whether they administer the server.
    pub administers: bool,
}

/// Why nobody does this to themselves; `becomes` is none where the person is removed.
pub fn harm(actor: &Actor, user: &User, becomes: Option<Becomes>) -> Option<&'static str> {
    if *actor != Actor::User(user.id.clone()) {
        return None;
    }
    match becomes {
        None => Some("nobody removes themselves"),
        Some(becomes) if becomes.is_closed => Some("nobody disables or locks themselves"),
        Some(becomes) if user.administrator_since.is_some() && !becomes.administers => {
            Some("nobody takes administration from themselves")
        }
        Some(_) => None,
    }
}

/// The addresses at which a plan places issuers anew, each with the tenant that it is for. Whoever does not administer the server
/// places them only where their tenant is reached already: elsewhere they could stand in front of another tenant's pages.
pub fn places(plan: &Plan) -> impl Iterator<Item = (&TenantId, &IssuerSpec)> {
    plan.changes.iter().filter_map(|change| match &change.step {
        Step::Issuer(spec, before) if before.as_ref().is_none_or(|before| is_elsewhere(spec, before)) => {
            Some((&change.tenant, spec.as_ref()))
        }
        _ => None,
    })
}

/// Whether an issuer answers other paths than before: from another place, or in another dialect.
fn is_elsewhere(spec: &IssuerSpec, before: &Issuer) -> bool {
    before.url != spec.url || before.dialect != spec.dialect
}

/// The issuers that a plan takes away from where they stand.
pub fn unplaced(plan: &Plan) -> impl Iterator<Item = &IssuerId> {
    plan.changes.iter().filter_map(|change| match &change.step {
        Step::Issuer(spec, Some(before)) if is_elsewhere(spec, before) => Some(&before.id),
        Step::RemoveIssuer(id, _) => Some(id),
        _ => None,
    })
}

/// What a plan makes of issuers: of which tenant, which, and whether it answers.
pub fn issuers(plan: &Plan) -> impl Iterator<Item = (&TenantId, IssuerId, bool)> {
    plan.changes.iter().filter_map(|change| match &change.step {
        Step::Issuer(spec, _) => Some((&change.tenant, spec.id(&change.tenant), spec.disabled != Some(true))),
        Step::RemoveIssuer(id, _) => Some((&change.tenant, id.clone(), false)),
        _ => None,
    })
}

/// The tenants whose sign-in a plan weakens below what comes by itself: whoever administers the server may live there, and is not left
/// to who holds less.
pub fn weakened(plan: &Plan) -> impl Iterator<Item = &TenantId> {
    plan.changes.iter().filter_map(|change| match &change.step {
        Step::Tenant(spec, Some(before))
            if spec.settings.as_ref().is_some_and(|wish| is_weaker(wish, &before.settings)) =>
        {
            Some(&change.tenant)
        }
        _ => None,
    })
}

/// Less of a second factor, or more guesses, than before and than by default.
fn is_weaker(wish: &TenantSettings, before: &TenantSettings) -> bool {
    let default = TenantSettings::default();
    wish.second_factor < before.second_factor.min(default.second_factor)
        || wish.throttle_limit > before.throttle_limit.max(default.throttle_limit)
        || wish.throttle_window_s < before.throttle_window_s.min(default.throttle_window_s)
}

/// The area that objects of a kind belong to.
pub const fn area_of(kind: Kind) -> Area {
    match kind {
        Kind::Tenant => Area::Tenants,
        Kind::Issuer => Area::Issuers,
        Kind::Api => Area::Apis,
        Kind::Client => Area::Clients,
        Kind::Role => Area::Roles,
        Kind::Context | Kind::Membership => Area::Contexts,
        Kind::User => Area::Users,
        Kind::Extension => Area::Extensions,
        Kind::Installation => Area::Installations,
    }
}

/// Whether the actor holds all that a client may have a token of, or look into: only then may they change it, or make a secret for it.
pub fn over_client(client: &Client, rights: &Rights) -> Result<(), Denied> {
    over_scopes(&client.scopes, rights)?;
    over_all_apis(client.introspects_all, &client.tenant, rights)
}

/// Whoever looks into every token of a tenant stands for every API of it, those to come included.
fn over_all_apis(introspects_all: bool, tenant: &TenantId, rights: &Rights) -> Result<(), Denied> {
    if introspects_all { rights.allow(tenant, Area::Apis, Access::Write) } else { Ok(()) }
}

/// Whether the actor holds all that a person does: only then may they change that person, or act in their place.
pub fn over_user(user: &CurrentUser, roles: &[Role], rights: &Rights) -> Result<(), Denied> {
    if user.user.administrator_since.is_some() {
        server_wide(rights)?;
    }
    let permissions = |assignment: &Assignment| {
        roles.iter().find(|role| role.key == assignment.role).map(|role| &role.permissions)
    };
    user.roles.iter().filter_map(permissions).try_for_each(|held| over_permissions(held, rights))?;
    let mut in_contexts = user.roles_in_contexts.iter().filter_map(permissions);
    in_contexts.try_for_each(|held| over_permissions_in_a_context(held, rights))
}

fn of_change(
    change: &Change,
    plan: &Plan,
    found: Option<&CurrentTenant>,
    rights: &Rights,
) -> Result<(), Denied> {
    let area = area_of(change.kind);
    // A client that comes or goes with its extension is asked about with that.
    let comes_with = change.kind == Kind::Client && plan.comes_with_extension(&change.tenant, &change.id);
    if !comes_with && !area.is_of_contexts() {
        let allowed = rights.allow(&change.tenant, area, Access::Write);
        match (allowed, &change.step) {
            // What an extension's client shares with its manifest is changed by who makes the extension, too.
            (Err(denied), Step::Client(spec, Some(before))) => {
                in_contexts::over_its_client(&change.tenant, (spec, before), found, rights)
                    .map_err(|_| denied)?;
            }
            // A person who is new and has no role is made by whoever may do just that, too.
            (Err(denied), Step::User(spec, _, None, _)) if spec.roles.iter().flatten().next().is_none() => {
                rights.allow_errand(&change.tenant, Errand::CreateUser).map_err(|_| denied)?;
            }
            (allowed, _) => allowed?,
        }
    }
    let roles: &[Role] = found.map_or(&[], |found| &found.roles);
    match &change.step {
        Step::Nothing
        | Step::Issuer(..)
        | Step::Api(..)
        | Step::Context(..)
        | Step::RemoveIssuer(..)
        | Step::RemoveApi(..)
        | Step::RemoveContext(..)
        | Step::RemoveMembership(..) => Ok(()),
        Step::Extension(spec, _, before) => {
            // A client that is there becomes an extension by who may change it.
            if before.is_none() && !plan.comes_with_extension(&change.tenant, &change.id) {
                rights.allow(&change.tenant, Area::Clients, Access::Write)?;
            }
            in_contexts::over_extension(&change.tenant, (spec, before.as_deref()), found, rights)
        }
        Step::RemoveExtension(row) => in_contexts::over_extension_gone(&change.tenant, row, found, rights),
        Step::Installation(step) => in_contexts::over_installation(&change.tenant, step, found, rights),
        Step::RemoveInstallation(row) => in_contexts::over_removed(&change.tenant, row, found, rights),
        // Whoever makes a tenant chooses who administers it.
        Step::Tenant(_, Some(_)) => Ok(()),
        Step::Tenant(_, None) => server_wide(rights),
        Step::Client(spec, before) => {
            over_scopes(&spec.scopes, rights)?;
            over_all_apis(spec.introspects_all, &change.tenant, rights)?;
            before.as_ref().map_or(Ok(()), |before| over_client(&before.client, rights))
        }
        Step::RemoveClient(before) => over_client(&before.client, rights),
        Step::Role(spec, before) => {
            over_permissions(&spec.permissions, rights)?;
            before.as_ref().map_or(Ok(()), |before| over_permissions(&before.permissions, rights))
        }
        Step::RemoveRole(before) => over_permissions(&before.permissions, rights),
        Step::User(spec, _, before, _) => {
            if spec.administrator {
                server_wide(rights)?;
            }
            give(spec.roles.iter().flatten(), roles, rights)?;
            before.as_ref().map_or(Ok(()), |before| over_user(before, roles, rights))
        }
        Step::RemoveUser(before) => over_user(before, roles, rights),
        Step::Membership(step) => give(&step.spec.roles, roles, rights),
    }
}

/// Roles that come to stand with a person. One that the same plan makes was asked about where it is made.
fn give<'a>(
    named: impl IntoIterator<Item = &'a RoleId>,
    roles: &[Role],
    rights: &Rights,
) -> Result<(), Denied> {
    named
        .into_iter()
        .filter_map(|id| roles.iter().find(|role| role.id == *id))
        .try_for_each(|role| over_permissions(&role.permissions, rights))
}

fn over_permissions<'a>(
    permissions: impl IntoIterator<Item = &'a Permission>,
    rights: &Rights,
) -> Result<(), Denied> {
    let lacks = permissions.into_iter().find(|permission| !rights.holds_permission(permission));
    lacks.map_or(Ok(()), |permission| Err(Denied::Scope(permission.to_string())))
}

/// What somebody may administer in a context, of what can be administered there; held in the whole tenant it is held in each.
fn over_permissions_in_a_context(permissions: &BTreeSet<Permission>, rights: &Rights) -> Result<(), Denied> {
    let scopes = Area::ALL
        .iter()
        .filter(|area| area.is_of_contexts())
        .flat_map(|area| [area.scope(Access::Read), area.scope(Access::Write)]);
    scopes
        .filter(|scope| permissions.iter().any(|permission| permission.covers(scope)))
        .try_for_each(|scope| holds(scope, rights))
}

fn over_scopes(scopes: &Scopes, rights: &Rights) -> Result<(), Denied> {
    let lacks = scopes.iter().find(|scope| is_scope(scope) && !rights.holds(scope));
    lacks.map_or(Ok(()), |scope| Err(Denied::Scope(scope.to_owned())))
}

/// A scope of administration is held.
pub(super) fn holds(scope: &str, rights: &Rights) -> Result<(), Denied> {
    if rights.holds(scope) { Ok(()) } else { Err(Denied::Scope(scope.to_owned())) }
}

fn server_wide(rights: &Rights) -> Result<(), Denied> {
    if rights.is_server_wide() { Ok(()) } else { Err(Denied::Scope(SERVER.to_owned())) }
}
