//! What whoever makes an extension does with its secrets and with its installations, wherever they are: asks what it would answer, and
//! gives an installation a new secret by telling it at once.

use doorward_core::admin::{Access, Area};
use doorward_core::id::{ExtensionId, InstallationId, WebhookId};
use doorward_core::model::{EventKind, Extension, Installation, WebhookKind};
use doorward_core::{Effect, installation};
use doorward_crypto::random::SystemRandom;
use serde_json::json;

use super::super::asked::{Asked, Reply};
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, Route};
use super::super::shapes::{SECRET, SECRET_TOLD, WEBHOOK_DRY_RUN};
use super::{installation_secrets, secrets, webhooks};
use crate::manage::Trouble;
use crate::webhook::once::{self, Once};
use crate::webhook::outcome::is_success;
use crate::webhook::{Letter, Secret, request_id};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/secrets",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Make a secret of an extension's client, shown this once",
        query: &[],
        request: Some(&SECRET),
        answer: Answered::Made(&SECRET),
        run: |asked| {
            Box::pin(async move {
                extension(asked).await?;
                secrets::make(asked).await
            })
        },
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/extensions/{id}/secrets/{secret}",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Remove a secret of an extension's client at once",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| {
            Box::pin(async move {
                extension(asked).await?;
                secrets::remove(asked).await
            })
        },
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/installations/{installation}/dry-run",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Tell an extension as if something had happened to an installation, and see its answer; nothing is changed",
        query: &[],
        request: Some(&WEBHOOK_DRY_RUN),
        answer: Answered::One(&WEBHOOK_DRY_RUN),
        run: |asked| {
            Box::pin(async move {
                let (_, row) = installed(asked).await?;
                webhooks::tried_out(asked, row).await
            })
        },
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/extensions/{id}/installations/{installation}/secret",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Tell an extension a new secret of an installation, at once; those before it end when it was told",
        query: &[],
        request: Some(&SECRET_TOLD),
        answer: Answered::One(&SECRET_TOLD),
        run: |asked| Box::pin(rotate(asked)),
    },
];

/// The extension that the path names, where the caller makes it. A client that is no extension's is not reached this way.
async fn extension(asked: &Asked<'_>) -> Result<Extension, Problem> {
    let id = ExtensionId(asked.value(1).to_owned());
    Ok(asked.manage.extension(&asked.tenant(), &id, asked.route.access).await?)
}

/// The same, and an installation of it that stands.
async fn installed(asked: &Asked<'_>) -> Result<(Extension, Installation), Problem> {
    let extension = extension(asked).await?;
    let id = InstallationId(asked.value(2).to_owned());
    let found = asked.manage.store().installation(&asked.tenant(), &id).await?;
    let found = found.filter(|row| row.life.removed_at().is_none() && row.extension == extension.key);
    Ok((extension, found.ok_or_else(|| Problem::not_found("installation"))?))
}

/// The new secret counts from the answer on, and those before it no longer. Where the extension was not told, the new one ends, unless the
/// caller takes it upon themselves to bring it there. What is told so is told once: it is taken out of the line.
async fn rotate(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (extension, row) = installed(asked).await?;
    if extension.suspended_at.is_some() {
        return Err(Problem::new(Kind::Refused, "the platform has switched the extension off"));
    }
    let (store, actor) = (asked.manage.store(), &asked.manage.by().actor);
    let (mut effects, id, plain) =
        installation::rotate_secret(&row, false, actor, &mut asked.manage.ctx(&mut SystemRandom));
    let (number, now) = (row.version + 1, store.now());
    effects.push(Effect::SkipWebhook {
        tenant: row.tenant.clone(),
        installation: row.id.clone(),
        number,
        now,
    });
    store.commit(effects).await.map_err(Trouble::from)?;
    let request_id = request_id();
    let letter = Letter {
        kind: WebhookKind::SecretRotated,
        installation: &row,
        extension: &extension,
        number,
        happened_at: now,
        secret: Secret::New(plain.expose()),
        request_id: &request_id,
        now,
        dry_run_by: None,
    };
    let webhook = WebhookId(format!("msg_{request_id}"));
    let status = match once::send(asked.call.app, &letter, &webhook).await? {
        Some(Once { answer: Ok((status, _)), .. }) => Some(status),
        Some(Once { answer: Err(_), .. }) | None => None,
    };
    let is_told = status.is_some_and(is_success);
    let counts = is_told || asked.body()["allow_failure"] == json!(true);
    let (tenant, installation, now) = (row.tenant.clone(), row.id.clone(), store.now());
    let living = installation_secrets::living(asked, &row).await?;
    let over = living.iter().filter(|secret| (secret.id != id) == counts);
    let mut effects: Vec<Effect> = over
        .map(|secret| Effect::RetireInstallationSecret {
            tenant: tenant.clone(),
            installation: installation.clone(),
            id: secret.id.clone(),
            expires_at: now,
        })
        .collect();
    if counts {
        effects.push(Effect::DeliverInstallationSecret { tenant, installation, id: id.clone(), now });
    }
    let change = if counts { "confirmed" } else { "removed" };
    let event = asked.event(EventKind::InstallationSecretChanged).client(&row.extension_id.client());
    let data = json!({ "secret": id, "change": change, "status": status });
    effects.push(Effect::Record(event.installation(&row.id).data(data)));
    let mut body = json!({ "id": id, "secret": plain.expose(), "is_told": is_told, "counts": counts });
    if let Some(status) = status {
        body["status"] = json!(status);
    }
    asked.commit(effects, Reply::plain(200, body)).await
}
