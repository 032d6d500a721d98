//! What happens to installations: each change with its event, and with what the extension is told of it, in one commit.
//!
//! Every change counts the installation's version up; that number orders what the extension is told.

pub mod at_once;
pub mod frame;
pub mod launch;
pub mod maker;
pub mod opening;
pub mod session_token;
pub mod template;

use serde_json::{Value, json};

use crate::id::{InstallationId, SecretId, WebhookId};
use crate::model::{
    Actor, Event, EventKind, Installation, InstallationSecret, Life, NewInstallationSecret, NoStep,
    SecretState, WebhookEvent, WebhookKind,
};
use crate::{Ctx, Effect};
use doorward_crypto::digest;
use doorward_crypto::secret::SecretString;

/// An extension is installed; its first secret is made, and travels with the news.
pub fn install(installation: Installation, by: &Actor, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let secret = fresh_secret(&installation, ctx);
    let id = secret.row.id.clone();
    let data = json!({ "scope": installation.scopes.to_string(), "variant": installation.variant });
    let told = Told { kind: WebhookKind::Added, event: EventKind::Installed, secret: Some(id), data };
    let mut effects = changed(installation, told, by, ctx);
    effects.insert(1, Effect::AddInstallationSecret(Box::new(secret)));
    effects
}

/// An installation becomes `after`; `changes` say how, for the audit trail. Its life changes with it.
pub fn update(after: Installation, changes: Value, by: &Actor, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let told = Told {
        kind: WebhookKind::Updated,
        event: EventKind::InstallationChanged,
        secret: None,
        data: json!({ "changes": changes }),
    };
    changed(Installation { updated_at: ctx.now, ..after }, told, by, ctx)
}

/// An installation takes a step in its life: `step` is one of the transitions of [`Life`]. A step that leads nowhere changes nothing.
pub fn live(
    installation: &Installation,
    step: impl FnOnce(Life) -> Result<Life, NoStep>,
    by: &Actor,
    ctx: &mut Ctx<'_>,
) -> Result<Vec<Effect>, NoStep> {
    let life = step(installation.life)?;
    if life == installation.life {
        return Ok(Vec::new());
    }
    if let Life::Removed { .. } = life {
        return Ok(removed(installation, life, by, ctx));
    }
    let changes = json!([{ "member": "state", "from": installation.life.as_str(), "to": life.as_str() }]);
    Ok(update(installation.clone().living(life, ctx.now), changes, by, ctx))
}

/// An installation goes: what its extension was not told yet, it is told no more; only that it is gone.
pub fn remove(installation: &Installation, by: &Actor, ctx: &mut Ctx<'_>) -> Result<Vec<Effect>, NoStep> {
    let now = ctx.now;
    live(installation, |life| life.remove(now), by, ctx)
}

fn removed(installation: &Installation, life: Life, by: &Actor, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let told = Told {
        kind: WebhookKind::Removed,
        event: EventKind::InstallationRemoved,
        secret: None,
        data: json!({}),
    };
    let (tenant, id) = (installation.tenant.clone(), installation.id.clone());
    let abort = Effect::AbortWebhooks {
        tenant: tenant.clone(),
        installation: id.clone(),
        before: installation.version + 1,
        now: ctx.now,
    };
    let mut effects = changed(installation.clone().living(life, ctx.now), told, by, ctx);
    effects.insert(1, Effect::ForgetInstallationSecrets(tenant, id));
    effects.insert(2, abort);
    effects
}

/// A new secret, pending until the extension has it. Who is answered with it (`is_shown`) has it at once; else it travels with the news.
pub fn rotate_secret(
    installation: &Installation,
    is_shown: bool,
    by: &Actor,
    ctx: &mut Ctx<'_>,
) -> (Vec<Effect>, SecretId, SecretString) {
    let mut secret = fresh_secret(installation, ctx);
    let plain = SecretString::new(secret.plain.clone().unwrap_or_default());
    if is_shown {
        secret.plain = None;
        secret.row.delivered_at = Some(ctx.now);
    }
    let id = secret.row.id.clone();
    let told = Told {
        kind: WebhookKind::SecretRotated,
        event: EventKind::InstallationSecretRotated,
        secret: Some(id.clone()),
        data: json!({ "secret": id, "shown": is_shown }),
    };
    let mut effects = changed(Installation { updated_at: ctx.now, ..installation.clone() }, told, by, ctx);
    effects.insert(1, Effect::AddInstallationSecret(Box::new(secret)));
    (effects, id, plain)
}

/// What is told of a change: to the extension, and in the audit trail.
struct Told {
    kind: WebhookKind,
    event: EventKind,
    secret: Option<SecretId>,
    data: Value,
}

/// The row, its event, and the news for the extension.
fn changed(after: Installation, told: Told, by: &Actor, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let number = after.version + 1;
    let mut data = told.data;
    data["extension"] = json!(after.extension_id);
    data["context"] = json!(after.context_id);
    data["number"] = json!(number);
    let event = Event::new(told.event, &after.tenant, by.clone(), ctx)
        .client(&after.extension_id.client())
        .installation(&after.id)
        .data(data);
    let stored = Installation { version: number, ..after.clone() };
    let news = WebhookEvent {
        tenant: after.tenant.clone(),
        installation: after.id.clone(),
        number,
        id: WebhookId::of(event.id),
        kind: told.kind,
        secret: told.secret,
        state: serde_json::to_string(&stored).unwrap_or_default(),
        created_at: ctx.now,
    };
    vec![
        Effect::PutInstallation(Box::new(after)),
        Effect::Record(event),
        Effect::QueueWebhook(Box::new(news)),
    ]
}

/// A secret that comes with the installation's next version.
fn fresh_secret(installation: &Installation, ctx: &mut Ctx<'_>) -> NewInstallationSecret {
    let plain = ctx.secret(SECRET_PREFIX);
    let row = InstallationSecret {
        tenant: installation.tenant.clone(),
        installation: installation.id.clone(),
        id: SecretId::fresh(ctx.rng),
        number: installation.version + 1,
        hash: digest::sha256(plain.expose().as_bytes()),
        state: SecretState::Pending,
        created_at: ctx.now,
        delivered_at: None,
        current_at: None,
        expires_at: None,
    };
    NewInstallationSecret { row, plain: Some(plain.expose().clone()) }
}

/// A fresh id.
pub fn fresh_id(ctx: &mut Ctx<'_>) -> InstallationId {
    InstallationId::fresh(ctx.rng)
}

/// What secrets of installations begin with: secret scanners find them.
pub const SECRET_PREFIX: &str = "dwx_";
/// How long the secrets before one that was used for the first time still work, where nobody says otherwise; seconds.
pub const OVERLAP_S: i64 = 86_400;

#[cfg(test)]
mod tests;
