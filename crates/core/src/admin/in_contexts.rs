//! Extensions and installations are administered in the whole tenant, or in a context and all below it: what a plan may do to them under
//! the rights of an actor, and that nobody consents to what they could not do themselves.

use super::authority::holds;
use super::{Access, Area, Denied, Place, Rights, is_scope};
use crate::desired::installation::is_tenant;
use crate::desired::step::InstallationStep;
use crate::desired::{ClientSpec, CurrentClient, CurrentTenant, ExtensionSpec};
use crate::id::{ApiId, ContextId, ContextKey, TenantId};
use crate::model::{Api, Extension, ExtensionState, Installation};
use doorward_wire::scope::Scopes;

/// A context that was read, with all above it; none: it was not, as the tenant itself never is.
pub fn place(found: Option<&CurrentTenant>, id: &ContextId) -> Option<(ContextKey, Place)> {
    let contexts = &found?.contexts;
    let by_id = |id: &ContextId| contexts.iter().find(|context| context.id == *id);
    let context = by_id(id)?;
    let mut above = Vec::new();
    let mut next = context.parent.as_ref();
    while let Some(parent) = next.filter(|_| above.len() < contexts.len()) {
        above.push(parent.clone());
        next = by_id(parent).and_then(|parent| parent.parent.as_ref());
    }
    Some((context.key, Place { context: id.clone(), above }))
}

/// Whether an installation may be made, or changed, so.
pub(super) fn over_installation(
    tenant: &TenantId,
    step: &InstallationStep,
    found: Option<&CurrentTenant>,
    rights: &Rights,
) -> Result<(), Denied> {
    let InstallationStep { spec, before, .. } = step;
    let place = place(found, &spec.context).map(|(_, place)| place);
    if let Err(denied) = rights.allow(tenant, Area::Installations, Access::Write) {
        let place = place.as_ref().filter(|_| !is_tenant(&spec.context, tenant)).ok_or(denied.clone())?;
        rights.allow_in(tenant, (Area::Installations, Access::Write), place)?;
        let was_suspended = before.as_ref().is_some_and(|row| row.life.suspended_at().is_some());
        // What the platform switches off, it alone switches on.
        if spec.suspended.unwrap_or_default() != was_suspended {
            return Err(denied);
        }
        let of = found.and_then(|found| found.extensions.iter().find(|known| known.id == spec.extension));
        if before.is_none() && !of.is_some_and(|of| is_offered(of, place, found)) {
            return Err(denied);
        }
    }
    let had = before.as_ref().map(|row| row.scopes.clone()).unwrap_or_default();
    let gets = spec.scopes.clone().unwrap_or_default().minus(&had);
    let apis: &[Api] = found.map_or(&[], |found| &found.apis);
    may_consent(&gets, apis, place.as_ref(), rights)
}

/// Whether an installation may be removed.
pub(super) fn over_removed(
    tenant: &TenantId,
    row: &Installation,
    found: Option<&CurrentTenant>,
    rights: &Rights,
) -> Result<(), Denied> {
    let wide = rights.allow(tenant, Area::Installations, Access::Write);
    match place(found, &row.context_id) {
        Some((key, place)) if wide.is_err() && key == row.context => {
            rights.allow_in(tenant, (Area::Installations, Access::Write), &place)
        }
        _ => wide,
    }
}

/// Whether whoever administers installations in a place may install the extension there: a draft is for its contributor's own place.
pub fn is_offered(extension: &Extension, place: &Place, found: Option<&CurrentTenant>) -> bool {
    let key = |id: &ContextId| self::place(found, id).map(|(key, _)| key);
    extension.state != ExtensionState::Draft
        || place
            .and_above()
            .any(|id| extension.contributor.as_ref() == Some(id) && key(id) == extension.contributor_key)
}

/// The actor could have all these scopes themselves there: of the administration they hold them, and where a scope of the platform's
/// own needs a permission, the person who acts has that. A client that acts for itself is the platform.
pub fn may_consent(
    scopes: &Scopes,
    apis: &[Api],
    place: Option<&Place>,
    rights: &Rights,
) -> Result<(), Denied> {
    for scope in scopes.iter() {
        if is_scope(scope) {
            holds(scope, rights)?;
            continue;
        }
        let wanted = apis.iter().find_map(|api| api.scope(scope)).and_then(|scope| scope.permission.as_ref());
        if let Some(wanted) = wanted.filter(|wanted| !rights.could_themselves(wanted, place)) {
            return Err(Denied::Scope(wanted.to_string()));
        }
    }
    Ok(())
}

/// Whether an extension may be made, or changed, so.
pub(super) fn over_extension(
    tenant: &TenantId,
    (spec, before): (&ExtensionSpec, Option<&Extension>),
    found: Option<&CurrentTenant>,
    rights: &Rights,
) -> Result<(), Denied> {
    let Err(denied) = rights.allow(tenant, Area::Extensions, Access::Write) else { return Ok(()) };
    makes(tenant, (spec.contributor.as_ref(), before), found, rights).map_err(|_| denied.clone())?;
    let was = before.map(|known| known.state).unwrap_or_default();
    let state = spec.state.unwrap_or_default();
    // Looking at it is the platform's; taking it back is its maker's, too.
    let goes = state == was
        || state == ExtensionState::Withdrawn
        || (state == ExtensionState::Deprecated && was == ExtensionState::Published);
    let is_reviewed = was != ExtensionState::Draft;
    let swaps = before.is_some_and(|known| is_reviewed && known.manifest != spec.manifest);
    let was_stopped = before.is_some_and(|known| known.suspended_at.is_some());
    if goes && !swaps && spec.suspended.unwrap_or_default() == was_stopped { Ok(()) } else { Err(denied) }
}

/// Whether the client of an extension may become so by who administers the extension: where codes go and what it may ask for, as far as
/// the manifest in force goes, and while it is a draft how people sign in. Whoever does so only where it is made does it while it is a draft:
/// an address that was looked at is swapped by nobody.
pub(super) fn over_its_client(
    tenant: &TenantId,
    (spec, before): (&ClientSpec, &CurrentClient),
    found: Option<&CurrentTenant>,
    rights: &Rights,
) -> Result<(), Denied> {
    let denied = || Denied::Scope(Area::Clients.scope(Access::Write).to_owned());
    let known = &before.client;
    let of = found.and_then(|found| found.extensions.iter().find(|of| of.client() == known.id));
    let of = of.ok_or_else(denied)?;
    if rights.allow(tenant, Area::Extensions, Access::Write).is_err() {
        makes(tenant, (None, Some(of)), found, rights).map_err(|_| denied())?;
        if of.state != ExtensionState::Draft {
            return Err(denied());
        }
    }
    let asks = of.manifest.asks();
    let apis: &[Api] = found.map_or(&[], |found| &found.apis);
    let is_asked = |id: &ApiId| {
        apis.iter().any(|api| api.id == *id && api.scopes.iter().any(|scope| asks.contains(&scope.name)))
    };
    let is_within = spec.scopes.minus(&known.scopes).is_subset(&asks)
        && spec.apis.difference(&known.apis).all(is_asked)
        && spec.changes_only_what_makers_may(before, of.state == ExtensionState::Draft);
    if is_within { Ok(()) } else { Err(denied()) }
}

/// Whether an extension may be removed.
pub(super) fn over_extension_gone(
    tenant: &TenantId,
    row: &Extension,
    found: Option<&CurrentTenant>,
    rights: &Rights,
) -> Result<(), Denied> {
    match rights.allow(tenant, Area::Extensions, Access::Write) {
        Ok(()) => Ok(()),
        Err(denied) => makes(tenant, (None, Some(row)), found, rights).map_err(|_| denied),
    }
}

/// The actor administers extensions where this one is made.
fn makes(
    tenant: &TenantId,
    (wish, before): (Option<&ContextId>, Option<&Extension>),
    found: Option<&CurrentTenant>,
    rights: &Rights,
) -> Result<(), Denied> {
    let refused = || Denied::Scope(Area::Extensions.scope(Access::Write).to_owned());
    let contributor = before.map_or(wish, |known| known.contributor.as_ref()).ok_or_else(refused)?;
    let (key, place) = place(found, contributor).ok_or_else(refused)?;
    if before.is_some_and(|known| known.contributor_key != Some(key)) {
        return Err(refused());
    }
    rights.allow_in(tenant, (Area::Extensions, Access::Write), &place)
}

/// What whoever administers an extension only where it is made wishes of its manifest, once the platform has looked at it, is proposed:
/// what is in force stays until it is taken over (row EX-013 of the catalogue of bad inputs).
pub fn propose(wish: &mut ExtensionSpec, before: Option<&Extension>, tenant: &TenantId, rights: &Rights) {
    let is_wide = rights.allow(tenant, Area::Extensions, Access::Write).is_ok();
    let Some(before) = before.filter(|known| !is_wide && known.state != ExtensionState::Draft) else {
        return;
    };
    if wish.manifest != before.manifest {
        wish.proposed = Some(std::mem::replace(&mut wish.manifest, before.manifest.clone()));
    }
}
