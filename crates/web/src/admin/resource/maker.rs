//! What whoever makes an extension does with its secrets and with its installations, wherever they are: asks what it would answer, and
//! gives an installation a new secret by telling it at once.

use doorward_core::admin::{Access, Area};
use doorward_core::id::{ExtensionId, InstallationId};
use doorward_core::installation::at_once::{AtOnce, Outcome};
use doorward_core::model::{Extension, Installation, WebhookKind};
use doorward_crypto::random::SystemRandom;
use doorward_store::webhooks::Line;
use serde_json::json;

use super::super::asked::{Asked, Reply};
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, Route};
use super::super::shapes::{SECRET, SECRET_TOLD, WEBHOOK_DRY_RUN};
use super::{installation_secrets, secrets, webhooks};
use crate::manage::Trouble;
use crate::webhook::once;
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
/// caller takes it upon themselves to bring it there. What is told so is told once; only where the answer is lost, the line tells it again.
async fn rotate(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (extension, row) = installed(asked).await?;
    if extension.suspended_at.is_some() {
        return Err(Problem::new(Kind::Refused, "the platform has switched the extension off"));
    }
    let (store, by) = (asked.manage.store(), &asked.manage.by().actor);
    let is_next = match store.webhook_line(&row.tenant, &row.id).await? {
        Line::Free => true,
        Line::Taken => return Err(Trouble::Conflict.into()),
        Line::Waiting => false,
    };
    let (rotation, mut effects) = AtOnce::begin(&row, is_next, by, &mut asked.manage.ctx(&mut SystemRandom));
    let mut status = None;
    if is_next {
        store.commit(std::mem::take(&mut effects)).await.map_err(Trouble::from)?;
        status = told(asked, &rotation, &row, &extension).await?;
    }
    let is_told = status.is_some_and(is_success);
    let counts = is_told || asked.body()["allow_failure"] == json!(true);
    let living = installation_secrets::living(asked, &row).await?;
    let outcome = Outcome { status, is_told, counts };
    effects.extend(rotation.end(outcome, &living, by, &mut asked.manage.ctx(&mut SystemRandom)));
    let secret = rotation.plain.expose();
    let mut body = json!({ "id": rotation.secret, "secret": secret, "is_told": is_told, "counts": counts });
    if let Some(status) = status {
        body["status"] = json!(status);
    }
    asked.commit(effects, Reply::plain(200, body)).await
}

/// What the extension answers when it is told; none: it does not, or has no address for it.
async fn told(
    asked: &Asked<'_>,
    rotation: &AtOnce,
    installation: &Installation,
    extension: &Extension,
) -> Result<Option<u16>, Problem> {
    let (now, request_id) = (asked.manage.store().now(), request_id());
    let letter = Letter {
        kind: WebhookKind::SecretRotated,
        installation,
        extension,
        number: rotation.number,
        happened_at: rotation.happened_at,
        secret: Secret::New(rotation.plain.expose()),
        request_id: &request_id,
        now,
        dry_run_by: None,
    };
    let sent = once::send(asked.call.app, &letter, &rotation.webhook).await?;
    Ok(sent.and_then(|sent| sent.answer.ok()).map(|answered| answered.status))
}
