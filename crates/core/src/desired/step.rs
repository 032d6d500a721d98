//! What one change does: the effects that carry it out, and its one event.

use serde_json::json;

use super::secret::counts;
use super::user::Names;
use super::{
    ApiSpec, Change, ClientSpec, CurrentClient, CurrentUser, IssuerSpec, SecretSpec, TenantSpec, UserSpec,
};
use crate::id::{ApiId, ClientId, IssuerId, SecretId, UserId};
use crate::model::{Actor, Api, ClientSecret, Credential, Event, EventKind, Issuer, SecretState, Tenant};
use crate::{Ctx, Effect};
use doorward_crypto::base62;
use doorward_crypto::digest::constant_time_eq;

/// What is done, and to what.
#[derive(Clone, Debug, Default)]
pub(super) enum Step {
    /// Nothing.
    #[default]
    Nothing,
    Tenant(Box<TenantSpec>, Option<Box<Tenant>>),
    Issuer(Box<IssuerSpec>, Option<Box<Issuer>>),
    Api(Box<ApiSpec>, Option<Box<Api>>),
    Client(Box<ClientSpec>, Option<Box<CurrentClient>>),
    User(Box<UserSpec>, Box<Names>, Option<Box<CurrentUser>>),
    RemoveIssuer(IssuerId, i64),
    RemoveApi(ApiId, i64),
    RemoveClient(ClientId, i64),
    RemoveUser(UserId, i64),
}

impl Step {
    /// Whether it takes something away; such steps come first, so that what they free can be taken.
    pub(super) const fn is_removal(&self) -> bool {
        matches!(
            self,
            Self::RemoveIssuer(..) | Self::RemoveApi(..) | Self::RemoveClient(..) | Self::RemoveUser(..)
        )
    }
}

/// The effects of a change.
pub(super) fn effects(change: &Change, ctx: &mut Ctx<'_>) -> Vec<Effect> {
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
        Step::User(spec, names, before) => {
            let row = spec.onto(tenant, names, before.as_deref(), ctx);
            let mut effects = password(spec, &row, before.as_deref(), ctx);
            effects.insert(0, Effect::PutUser(row));
            (effects, made_or_changed(before.is_some()))
        }
        Step::RemoveIssuer(id, version) => {
            (vec![Effect::RemoveIssuer(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
        Step::RemoveApi(id, version) => {
            (vec![Effect::RemoveApi(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
        Step::RemoveClient(id, version) => {
            (vec![Effect::RemoveClient(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
        Step::RemoveUser(id, version) => {
            (vec![Effect::RemoveUser(tenant.clone(), id.clone(), *version)], EventKind::ObjectRemoved)
        }
    };
    effects.push(Effect::Record(event(change, kind, &effects, ctx)));
    effects
}

/// What gives back the names that an object has and shall not have any longer.
pub(super) fn frees(change: &Change) -> Option<Effect> {
    let tenant = || change.tenant.clone();
    match &change.step {
        Step::Issuer(spec, Some(before)) if spec.url != before.url => {
            Some(Effect::FreeMount(tenant(), before.id.clone()))
        }
        Step::User(spec, names, Some(before)) => {
            let user = &before.user;
            let stays = names.user_name.key() == user.user_name_key
                && names.email.as_ref().map(|email| email.key()) == user.email_key.as_deref()
                && spec.external_id == user.external_id;
            (!stays).then(|| Effect::FreeNames(tenant(), user.id.clone()))
        }
        Step::Nothing
        | Step::Tenant(..)
        | Step::Issuer(..)
        | Step::Api(..)
        | Step::Client(..)
        | Step::User(..)
        | Step::RemoveIssuer(..)
        | Step::RemoveApi(..)
        | Step::RemoveClient(..)
        | Step::RemoveUser(..) => None,
    }
}

fn made_or_changed(existed: bool) -> EventKind {
    if existed { EventKind::ObjectChanged } else { EventKind::ObjectCreated }
}

/// The event names the object and the members that changed, never their values.
fn event(change: &Change, kind: EventKind, effects: &[Effect], ctx: &mut Ctx<'_>) -> Event {
    let mut fields: Vec<&str> = change.lines.iter().map(|line| line.field.as_str()).collect();
    fields.dedup();
    let data = match kind {
        EventKind::ObjectChanged => {
            json!({ "object": change.kind.as_str(), "id": change.id, "fields": fields })
        }
        _ => json!({ "object": change.kind.as_str(), "id": change.id }),
    };
    let event = Event::new(kind, &change.tenant, Actor::Operator, ctx).data(data);
    match (effects.first(), &change.step) {
        (Some(Effect::PutUser(user)), _) => event.user(&user.id),
        (Some(Effect::PutClient(client)), _) => event.client(&client.id),
        (_, Step::RemoveUser(id, _)) => event.user(id),
        (_, Step::RemoveClient(id, _)) => event.client(id),
        _ => event,
    }
}

fn password(
    spec: &UserSpec,
    user: &crate::model::User,
    before: Option<&CurrentUser>,
    ctx: &Ctx<'_>,
) -> Vec<Effect> {
    let stored = before.and_then(|found| found.password.as_ref()).map(|credential| &credential.data);
    match &spec.password_hash {
        Some(data) if stored != Some(data) => vec![Effect::PutCredential(Credential {
            tenant: user.tenant.clone(),
            user: user.id.clone(),
            kind: "password".to_owned(),
            data: data.clone(),
            created_at: ctx.now,
        })],
        _ => Vec::new(),
    }
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
            id: fresh_secret_id(ctx),
            hash,
            state: if expires_at.is_some() { SecretState::Retiring } else { SecretState::Current },
            created_at: ctx.now,
            expires_at,
        }));
    }
}

/// A new secret's id.
pub(super) fn fresh_secret_id(ctx: &mut Ctx<'_>) -> SecretId {
    let random: [u8; 16] = ctx.bytes();
    SecretId(format!("sec_{}", base62::encode_fixed(&random, 22)))
}
