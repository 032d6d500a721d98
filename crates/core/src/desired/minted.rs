//! Ids of what a plan makes: given before anything is carried out, so that what is made can be named by what comes after it.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::Change;
use super::step::{Step, UserRef};
use crate::id::{ContextId, ContextKey, ExtensionId, ExtensionKey, RoleId, RoleKey, TenantId, UserId};
use crate::model::{Actor, Assignment, Event, EventKind};
use crate::{Ctx, Effect};

/// The ids.
#[derive(Debug, Default)]
pub(super) struct Minted {
    roles: HashMap<(TenantId, RoleId), RoleKey>,
    /// Each with the keys of all above it, the nearest first.
    contexts: HashMap<(TenantId, ContextId), (ContextKey, Vec<ContextKey>)>,
    /// By the canonical user name.
    users: HashMap<(TenantId, String), UserId>,
    extensions: HashMap<(TenantId, ExtensionId), ExtensionKey>,
}

impl Minted {
    /// Ids for all that the changes make. Parents of contexts come before what lies in them.
    pub(super) fn of(changes: &[Change], ctx: &mut Ctx<'_>) -> Self {
        let mut minted = Self::default();
        let mut roles = RoleKey::series(ctx.now, ctx.rng);
        let mut contexts = ContextKey::series(ctx.now, ctx.rng);
        let mut extensions = ExtensionKey::series(ctx.now, ctx.rng);
        for change in changes {
            let tenant = &change.tenant;
            match &change.step {
                Step::Role(spec, None) => {
                    let key = roles.next();
                    minted.roles.extend(key.map(|key| ((tenant.clone(), spec.id.clone()), key)));
                }
                Step::Context(spec, known, None) => {
                    let Some(key) = contexts.next() else { continue };
                    let made = spec.parent.as_ref().and_then(|parent| {
                        let (key, above) = minted.contexts.get(&(tenant.clone(), parent.clone()))?;
                        Some([&[*key], above.as_slice()].concat())
                    });
                    let ancestors = known.clone().or(made).unwrap_or_default();
                    minted.contexts.insert((tenant.clone(), spec.id.clone()), (key, ancestors));
                }
                Step::User(spec, names, None, _) => {
                    let id = spec.id.clone().unwrap_or_else(|| super::user::fresh_id(ctx));
                    minted.users.insert((tenant.clone(), names.user_name.key().to_owned()), id);
                }
                Step::Extension(spec, _, None) => {
                    let key = extensions.next();
                    minted.extensions.extend(key.map(|key| ((tenant.clone(), spec.id.clone()), key)));
                }
                _ => {}
            }
        }
        minted
    }

    pub(super) fn extension(&self, tenant: &TenantId, id: &ExtensionId) -> ExtensionKey {
        self.extensions.get(&(tenant.clone(), id.clone())).copied().unwrap_or(ExtensionKey(0))
    }

    pub(super) fn role(&self, tenant: &TenantId, id: &RoleId) -> RoleKey {
        self.roles.get(&(tenant.clone(), id.clone())).copied().unwrap_or(RoleKey(0))
    }

    pub(super) fn context(&self, tenant: &TenantId, id: &ContextId) -> (ContextKey, Vec<ContextKey>) {
        self.contexts.get(&(tenant.clone(), id.clone())).cloned().unwrap_or((ContextKey(0), Vec::new()))
    }

    pub(super) fn user(&self, tenant: &TenantId, user: &UserRef) -> UserId {
        match user {
            UserRef::Known(id) => id.clone(),
            UserRef::Made(name) => self
                .users
                .get(&(tenant.clone(), name.clone()))
                .cloned()
                .unwrap_or_else(|| UserId(name.clone())),
        }
    }
}

/// Whose roles change, and where.
pub(super) struct Place<'a> {
    pub tenant: &'a TenantId,
    pub user: &'a UserId,
    /// None: in the whole tenant.
    pub context: Option<(ContextKey, &'a ContextId)>,
}

/// What gives and takes roles so that a person has those that are `wanted`, each with its event.
pub(super) fn assign<'a>(
    place: &Place<'_>,
    wanted: impl IntoIterator<Item = &'a RoleId>,
    has: &[Assignment],
    keys: &BTreeMap<RoleId, RoleKey>,
    minted: &Minted,
    actor: &Actor,
    ctx: &mut Ctx<'_>,
) -> Vec<Effect> {
    let wanted: Vec<&RoleId> = wanted.into_iter().collect();
    let mut effects = Vec::new();
    for gone in has.iter().filter(|held| !wanted.contains(&&held.role_id)) {
        effects.push(Effect::Unassign {
            tenant: place.tenant.clone(),
            user: place.user.clone(),
            context: place.context.map(|(key, _)| key),
            role: gone.role,
        });
        effects.push(Effect::Record(place.event(EventKind::RoleTaken, &gone.role_id, actor, ctx)));
    }
    for role in wanted.into_iter().filter(|role| !has.iter().any(|held| held.role_id == **role)) {
        effects.push(Effect::Assign(Assignment {
            tenant: place.tenant.clone(),
            user: place.user.clone(),
            context: place.context.map(|(key, _)| key),
            role: keys.get(role).copied().unwrap_or_else(|| minted.role(place.tenant, role)),
            role_id: role.clone(),
            created_at: ctx.now,
        }));
        effects.push(Effect::Record(place.event(EventKind::RoleGiven, role, actor, ctx)));
    }
    effects
}

impl Place<'_> {
    fn event(&self, kind: EventKind, role: &RoleId, actor: &Actor, ctx: &mut Ctx<'_>) -> Event {
        let data = match self.context {
            Some((_, context)) => json!({ "role": role, "context": context }),
            None => json!({ "role": role }),
        };
        Event::new(kind, self.tenant, actor.clone(), ctx).user(self.user).data(data)
    }
}
