//! What one change does: the effects that carry it out, and its one event.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::minted::{Minted, Place, assign};
use super::recorded::{changes, event};
use super::secret::counts;
use super::user::Names;
use super::{
    ApiSpec, Change, ClientSpec, ContextSpec, CurrentClient, CurrentMembership, CurrentUser, ExtensionSpec,
    InstallationSpec, IssuerSpec, MembershipSpec, RoleSpec, SecretSpec, TenantSpec, UserSpec,
};
use crate::id::{ApiId, ContextKey, ExtensionKey, IssuerId, RoleId, RoleKey, SecretId, TenantId, UserId};
use crate::model::legacy::{OF_APIS, OF_CLIENTS, newly_on};
use crate::model::{
    Actor, Api, Client, ClientSecret, Context, Credential, Event, EventKind, Extension, Installation, Issuer,
    Membership, Role, SecretState, Tenant, User,
};
use crate::{Ctx, Effect, installation};
use doorward_crypto::digest::constant_time_eq;

/// What is done, and to what.
#[derive(Clone, Debug, Default)]
pub(crate) enum Step {
    /// Nothing.
    #[default]
    Nothing,
    Tenant(Box<TenantSpec>, Option<Box<Tenant>>),
    Issuer(Box<IssuerSpec>, Option<Box<Issuer>>),
    Api(Box<ApiSpec>, Option<Box<Api>>),
    Client(Box<ClientSpec>, Option<Box<CurrentClient>>),
    Role(Box<RoleSpec>, Option<Box<Role>>),
    /// With the keys of all above a context that is made in one that is there, the nearest first.
    Context(Box<ContextSpec>, Option<Vec<ContextKey>>, Option<Box<Context>>),
    /// With the keys of the roles that there are.
    User(Box<UserSpec>, Box<Names>, Option<Box<CurrentUser>>, Arc<BTreeMap<RoleId, RoleKey>>),
    Membership(Box<MembershipStep>),
    /// With the key of its contributor, where that is there already.
    Extension(Box<ExtensionSpec>, Option<ContextKey>, Option<Box<Extension>>),
    Installation(Box<InstallationStep>),
    RemoveRole(Box<Role>),
    RemoveContext(ContextKey, i64),
    RemoveMembership(UserId, ContextKey, i64),
    RemoveIssuer(IssuerId, i64),
    RemoveApi(ApiId, i64),
    RemoveClient(Box<CurrentClient>),
    RemoveUser(Box<CurrentUser>),
    RemoveExtension(Box<Extension>),
    RemoveInstallation(Box<Installation>),
}

/// A membership that is made or changed.
#[derive(Clone, Debug)]
pub(crate) struct MembershipStep {
    pub spec: MembershipSpec,
    pub user: UserRef,
    /// The context, where it is there already.
    pub context: Option<ContextKey>,
    pub before: Option<CurrentMembership>,
    /// Keys of the roles that there are.
    pub roles: Arc<BTreeMap<RoleId, RoleKey>>,
}

/// An installation that is made or changed.
#[derive(Clone, Debug)]
pub(crate) struct InstallationStep {
    pub spec: InstallationSpec,
    /// The extension, where it is there already.
    pub extension: Option<ExtensionKey>,
    /// The context, where it is there already.
    pub context: Option<ContextKey>,
    pub before: Option<Installation>,
}

/// A person, there already or made by the same plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum UserRef {
    Known(UserId),
    /// By their canonical user name.
    Made(String),
}

impl Step {
    /// Whether it takes something away; such steps come first, so that what they free can be taken.
    pub(super) const fn is_removal(&self) -> bool {
        matches!(
            self,
            Self::RemoveIssuer(..)
                | Self::RemoveApi(..)
                | Self::RemoveClient(..)
                | Self::RemoveContext(..)
                | Self::RemoveMembership(..)
                | Self::RemoveRole(..)
                | Self::RemoveUser(..)
                | Self::RemoveExtension(..)
                | Self::RemoveInstallation(..)
        )
    }
}

/// What a client may do, or an API takes, from now on that the specifications have given up: a warning.
fn weakened(change: &Change, effects: &[Effect], actor: &Actor, ctx: &mut Ctx<'_>) -> Option<Effect> {
    let mut event = |kind| Event::new(kind, &change.tenant, actor.clone(), ctx);
    let event = match (&change.step, effects.first()) {
        (Step::Client(_, before), Some(Effect::PutClient(client))) => {
            let switches = newly_on(&OF_CLIENTS, client, before.as_deref().map(|found| &found.client))?;
            event(EventKind::LegacyAllowed)
                .client(&client.id)
                .data(serde_json::json!({ "switches": switches }))
        }
        (Step::Api(_, before), Some(Effect::PutApi(api))) => {
            let switches = newly_on(&OF_APIS, api, before.as_deref())?;
            let told = serde_json::json!({ "api": api.id, "switches": switches });
            event(EventKind::LegacyTaken).data(told)
        }
        _ => return None,
    };
    Some(Effect::Record(event))
}

/// The effects of a change.
pub(super) fn effects(change: &Change, minted: &Minted, actor: &Actor, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let tenant = &change.tenant;
    let (mut effects, kind) = match &change.step {
        Step::Nothing => return Vec::new(),
        Step::Tenant(spec, before) => {
            let row = spec.onto(before.as_deref(), ctx.now);
            (vec![Effect::PutTenant(row)], made_or_changed(before.is_some()))
        }
        Step::Issuer(spec, before) => {
            let row = spec.onto(tenant, before.as_deref(), ctx.now);
            (vec![Effect::PutIssuer(row)], made_or_changed(before.is_some()))
        }
        Step::Api(spec, before) => {
            let row = spec.onto(tenant, before.as_deref(), ctx.now);
            (vec![Effect::PutApi(row)], made_or_changed(before.is_some()))
        }
        Step::Client(spec, before) => {
            let row = spec.onto(tenant, before.as_deref().map(|found| &found.client), ctx.now);
            let mut effects = vec![Effect::PutClient(row)];
            let known = before.as_deref().map_or(&[][..], |found| &found.secrets);
            secrets(change, spec, known, &mut effects, ctx);
            (effects, made_or_changed(before.is_some()))
        }
        Step::Role(spec, before) => {
            let key = minted.role(tenant, &spec.id);
            let row = spec.onto(tenant, before.as_deref(), key, ctx.now);
            (vec![Effect::PutRole(row)], made_or_changed(before.is_some()))
        }
        Step::Context(spec, _, before) => {
            let made = minted.context(tenant, &spec.id);
            let row = spec.onto(tenant, before.as_deref(), made, ctx.now);
            (vec![Effect::PutContext(row)], made_or_changed(before.is_some()))
        }
        Step::User(spec, names, before, keys) => {
            let made = minted.user(tenant, &UserRef::Made(names.user_name.key().to_owned()));
            let row = spec.onto(tenant, names, made, before.as_deref(), ctx.now);
            let mut effects = password(spec, &row, before.as_deref(), actor, ctx);
            let place = Place { tenant, user: &row.id, context: None };
            let has = before.as_deref().map_or(&[][..], |found| &found.roles);
            effects.extend(assign(&place, spec.roles.iter().flatten(), has, keys, minted, actor, ctx));
            effects.insert(0, Effect::PutUser(row));
            (effects, made_or_changed(before.is_some()))
        }
        Step::Membership(step) => {
            (membership(tenant, step, minted, actor, ctx), made_or_changed(step.before.is_some()))
        }
        Step::Extension(spec, contributor, before) => {
            let made_with = spec.contributor.as_ref().map(|id| minted.context(tenant, id).0);
            let keys = (minted.extension(tenant, &spec.id), contributor.or(made_with));
            let row = spec.onto(tenant, before.as_deref(), keys, ctx.now);
            (vec![Effect::PutExtension(Box::new(row))], made_or_changed(before.is_some()))
        }
        Step::Installation(step) => return installed(change, step, minted, actor, ctx),
        // It tells of itself.
        Step::RemoveInstallation(row) => return installation::remove(row, actor, ctx).unwrap_or_default(),
        Step::RemoveExtension(row) => {
            let remove = Effect::RemoveExtension(tenant.clone(), row.key, row.version);
            (vec![remove], EventKind::ObjectRemoved)
        }
        Step::RemoveRole(role) => {
            let Role { key, version, .. } = &**role;
            (vec![Effect::RemoveRole(tenant.clone(), *key, *version)], EventKind::ObjectRemoved)
        }
        Step::RemoveContext(key, version) => {
            let tenant = tenant.clone();
            let remove = Effect::RemoveContext { tenant, key: *key, version: *version, now: ctx.now };
            (vec![remove], EventKind::ObjectRemoved)
        }
        Step::RemoveMembership(user, context, version) => {
            let remove = Effect::RemoveMembership(tenant.clone(), user.clone(), *context, *version);
            (vec![remove], EventKind::ObjectRemoved)
        }
        Step::RemoveIssuer(id, version) => {
            (vec![Effect::RemoveIssuer(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
        Step::RemoveApi(id, version) => {
            (vec![Effect::RemoveApi(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
        Step::RemoveClient(found) => {
            let Client { id, version, .. } = &found.client;
            (vec![Effect::RemoveClient(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
        Step::RemoveUser(found) => {
            let User { id, version, .. } = &found.user;
            (vec![Effect::RemoveUser(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
    };
    effects.push(Effect::Record(event(change, kind, &effects, actor, ctx)));
    effects.extend(weakened(change, &effects, actor, ctx));
    effects
}

/// What gives back the names that an object has and shall not have any longer.
pub(super) fn frees(change: &Change) -> Option<Effect> {
    let tenant = || change.tenant.clone();
    match &change.step {
        Step::Issuer(spec, Some(before)) if spec.url != before.url => {
            Some(Effect::FreeMount(tenant(), before.id.clone()))
        }
        Step::User(spec, names, Some(before), _) => {
            let user = &before.user;
            let stays = names.user_name.key() == user.user_name_key
                && names.email.as_ref().map(|email| email.key()) == user.email_key.as_deref()
                && spec.external_id == user.external_id;
            (!stays).then(|| Effect::FreeNames(tenant(), user.id.clone()))
        }
        Step::Extension(spec, _, Some(before)) if !spec.audiences().is_superset(&before.audiences()) => {
            Some(Effect::FreeAudiences(tenant(), before.key))
        }
        Step::Nothing
        | Step::Tenant(..)
        | Step::Issuer(..)
        | Step::Api(..)
        | Step::Client(..)
        | Step::Role(..)
        | Step::Context(..)
        | Step::User(..)
        | Step::Membership(..)
        | Step::RemoveRole(..)
        | Step::RemoveContext(..)
        | Step::RemoveMembership(..)
        | Step::RemoveIssuer(..)
        | Step::RemoveApi(..)
        | Step::RemoveClient(..)
        | Step::RemoveUser(..)
        | Step::Extension(..)
        | Step::Installation(..)
        | Step::RemoveExtension(..)
        | Step::RemoveInstallation(..) => None,
    }
}

fn made_or_changed(existed: bool) -> EventKind {
    if existed { EventKind::ObjectChanged } else { EventKind::ObjectCreated }
}

/// An installation that is made or changed, with its own event and what its extension is told.
fn installed(
    change: &Change,
    step: &InstallationStep,
    minted: &Minted,
    actor: &Actor,
    ctx: &mut Ctx<'_>,
) -> Vec<Effect> {
    let InstallationStep { spec, extension, context, before } = step;
    let tenant = &change.tenant;
    let extension = extension.unwrap_or_else(|| minted.extension(tenant, &spec.extension));
    let context = context.unwrap_or_else(|| minted.context(tenant, &spec.context).0);
    let row = spec.onto(tenant, before.as_ref(), (extension, context), ctx);
    if before.is_some() {
        return installation::update(row, changes(change), actor, ctx);
    }
    let installed_by = if let Actor::User(user) = actor { Some(user.clone()) } else { None };
    installation::install(Installation { installed_by, ..row }, actor, ctx)
}

/// The row, and the roles that come and go there.
fn membership(
    tenant: &TenantId,
    step: &MembershipStep,
    minted: &Minted,
    actor: &Actor,
    ctx: &mut Ctx<'_>,
) -> Vec<Effect> {
    let MembershipStep { spec, user, context, before, roles } = step;
    let user = minted.user(tenant, user);
    let context = context.unwrap_or_else(|| minted.context(tenant, &spec.context).0);
    let known = before.as_ref().map(|found| &found.membership);
    let row = Membership {
        tenant: tenant.clone(),
        user: user.clone(),
        context,
        context_id: spec.context.clone(),
        external_version: spec.external_version,
        version: known.map_or(0, |known| known.version),
        created_at: known.map_or(ctx.now, |known| known.created_at),
    };
    let place = Place { tenant, user: &user, context: Some((context, &spec.context)) };
    let has = before.as_ref().map_or(&[][..], |found| &found.roles);
    let mut effects = vec![Effect::PutMembership(row)];
    effects.extend(assign(&place, &spec.roles, has, roles, minted, actor, ctx));
    effects
}

fn password(
    spec: &UserSpec,
    user: &User,
    before: Option<&CurrentUser>,
    by: &Actor,
    ctx: &mut Ctx<'_>,
) -> Vec<Effect> {
    let stored = before.and_then(|found| found.password.as_ref()).map(|credential| &credential.data);
    let Some(data) = spec.password_hash.as_ref().filter(|data| stored != Some(*data)) else {
        return Vec::new();
    };
    let put = Effect::PutCredential(Credential {
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        kind: "password".to_owned(),
        data: data.clone(),
        created_at: ctx.now,
    });
    let changed = stored.map(|_| {
        let event = Event::new(EventKind::PasswordChanged, &user.tenant, by.clone(), ctx).user(&user.id);
        Effect::Record(event.data(serde_json::json!({ "by": "administrator" })))
    });
    std::iter::once(put).chain(changed).collect()
}

/// Secrets that go, come, or end at another time.
fn secrets(
    change: &Change,
    spec: &ClientSpec,
    known: &[ClientSecret],
    effects: &mut Vec<Effect>,
    ctx: &mut Ctx<'_>,
) {
    let wanted = spec.secrets.as_deref().unwrap_or_default();
    let is = |secret: &ClientSecret, spec: &SecretSpec| {
        spec.digest().is_some_and(|digest| constant_time_eq(&digest, &secret.hash))
    };
    // What was there stays as it is only when it is wanted with that very end.
    let stays = |secret: &ClientSecret| {
        wanted
            .iter()
            .any(|spec| is(secret, spec) && spec.expires_at == secret.expires_at.map(super::date::write))
    };
    for secret in known.iter().filter(|secret| counts(secret, ctx.now) && !stays(secret)) {
        effects.push(Effect::RemoveSecret(change.tenant.clone(), spec.id.clone(), secret.id.clone()));
    }
    for wish in wanted {
        if known.iter().any(|secret| counts(secret, ctx.now) && is(secret, wish) && stays(secret)) {
            continue;
        }
        let Some(hash) = wish.digest() else { continue };
        let expires_at = wish.ends();
        effects.push(Effect::PutSecret(ClientSecret {
            tenant: change.tenant.clone(),
            client: spec.id.clone(),
            id: SecretId::fresh(ctx.rng),
            hash,
            state: if expires_at.is_some() { SecretState::Retiring } else { SecretState::Current },
            created_at: ctx.now,
            expires_at,
        }));
    }
}
