//! What extensions are told of an installation: looked at, sent again, passed over, stopped and let go on; and what one would answer.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::id::{ContextId, InstallationId};
use doorward_core::model::{EventKind, Installation, WebhookKind};
use doorward_core::{Effect, Timestamp};
use doorward_store::webhooks::{Attempt, Told};
use doorward_wire::scope::Scopes;
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::{WEBHOOK, WEBHOOK_ATTEMPT, WEBHOOK_DRY_RUN, WEBHOOK_PAUSE, WEBHOOK_QUEUE};
use super::one_more;
use crate::webhook::dry_run::{self, Supposed};
use crate::webhook::once::{Once, Seen};
use crate::webhook::outcome::is_success;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/installations/{id}/webhooks",
        area: Area::Installations,
        access: Access::Read,
        summary: "List what the extension of an installation is told, the latest first",
        query: PAGED,
        request: None,
        answer: Answered::Page(&WEBHOOK),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/installations/{id}/webhooks/attempts",
        area: Area::Installations,
        access: Access::Read,
        summary: "List how attempts to tell it went, the latest first",
        query: PAGED,
        request: None,
        answer: Answered::Page(&WEBHOOK_ATTEMPT),
        run: |asked| Box::pin(attempts(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/installations/{id}/webhooks/queue",
        area: Area::Installations,
        access: Access::Read,
        summary: "Read what it was not told yet, and whether that is stopped",
        query: &[],
        request: None,
        answer: Answered::One(&WEBHOOK_QUEUE),
        run: |asked| Box::pin(queue(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/webhooks/pause",
        area: Area::Installations,
        access: Access::Write,
        summary: "Tell it nothing until it is resumed",
        query: &[],
        request: Some(&WEBHOOK_PAUSE),
        answer: Answered::Nothing,
        run: |asked| Box::pin(pause(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/webhooks/resume",
        area: Area::Installations,
        access: Access::Write,
        summary: "Tell it what waits, from now on",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(resume(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/webhooks/dry-run",
        area: Area::Installations,
        access: Access::Write,
        summary: "Tell it as if something had happened, and see its answer; nothing is changed",
        query: &[],
        request: Some(&WEBHOOK_DRY_RUN),
        answer: Answered::One(&WEBHOOK_DRY_RUN),
        run: |asked| Box::pin(try_out(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/webhooks/{number}/resend",
        area: Area::Installations,
        access: Access::Write,
        summary: "Tell it again of something; a secret that it has is left out",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(resend(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/webhooks/{number}/skip",
        area: Area::Installations,
        access: Access::Write,
        summary: "Tell it no more of something that waits, and go on with the next",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(skip(asked)),
    },
];

/// The installation, standing or not: what its extension is told outlives it.
async fn found(asked: &Asked<'_>) -> Result<Installation, Problem> {
    let id = InstallationId(asked.value(1).to_owned());
    Ok(asked.manage.installation_ever(&asked.tenant(), &id, asked.route.access).await?)
}

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, before) = asked.page()?;
    let before = before.and_then(|key| key.parse().ok());
    let row = found(asked).await?;
    let told = asked.manage.store().webhooks(&row.tenant, &row.id, before, one_more(limit)).await?;
    Ok(Reply::page(told.iter().map(shown).collect(), limit))
}

async fn attempts(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, before) = asked.page()?;
    let before = before.and_then(|key| key.parse().ok());
    let row = found(asked).await?;
    let store = asked.manage.store();
    let tried = store.webhook_attempts(&row.tenant, &row.id, before, one_more(limit)).await?;
    Ok(Reply::page(tried.iter().map(tried_so).collect(), limit))
}

async fn queue(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?;
    let store = asked.manage.store();
    let line = store.webhook_queue(&row.tenant, &row.id).await?;
    let latest = store.webhooks(&row.tenant, &row.id, None, 1).await?;
    let time = |time: Option<Timestamp>| time.map(date::write);
    let body = json!({
        "is_waiting": line.is_some() && latest.first().is_some_and(|told| told.settled_at.is_none()),
        "attempts": line.as_ref().map_or(0, |line| line.attempts),
        "due_at": time(line.as_ref().and_then(|line| line.due_at)),
        "paused_at": time(line.as_ref().and_then(|line| line.paused_at)),
        "paused_reason": line.and_then(|line| line.reason),
    });
    Ok(Reply::plain(200, body))
}

async fn pause(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?;
    let reason = asked.text("reason").unwrap_or("paused").to_owned();
    let event = about(asked, EventKind::WebhooksPaused, &row, json!({ "reason": reason }));
    let pause = Effect::PauseWebhooks {
        tenant: row.tenant,
        installation: row.id,
        number: row.version,
        reason,
        now: asked.manage.store().now(),
    };
    asked.commit(vec![pause, event], Reply::nothing()).await
}

async fn resume(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?;
    let store = asked.manage.store();
    let line = store.webhook_queue(&row.tenant, &row.id).await?;
    if line.is_none_or(|line| line.paused_at.is_none()) {
        return Err(Problem::new(Kind::Refused, "it is not paused"));
    }
    let event = about(asked, EventKind::WebhooksResumed, &row, json!({}));
    let resume = Effect::ResumeWebhooks { tenant: row.tenant, installation: row.id, now: store.now() };
    asked.commit(vec![resume, event], Reply::nothing()).await
}

async fn try_out(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?;
    tried_out(asked, row).await
}

/// What is to be told of it in place of what is so.
fn supposed(asked: &Asked<'_>, row: &Installation) -> Result<Supposed, Problem> {
    let context = asked.text("context_id").map(|id| format!("{}/{id}", row.context_id.kind()));
    if context.as_deref().is_some_and(|context| !ContextId::is_well_formed(context)) {
        return Err(asked.wrong("/context_id", "must be the id of a context, without its kind"));
    }
    let scopes = asked.text("scopes").map(Scopes::parse).transpose();
    let time = asked.text("happened_at").map(|text| date::read(text).ok_or(text)).transpose();
    Ok(Supposed {
        context: context.map(ContextId),
        scopes: scopes.map_err(|_| asked.wrong("/scopes", "must be scopes, parted by spaces"))?,
        is_disabled: asked.body.as_ref().and_then(|body| body.get("is_disabled")?.as_bool()),
        at: time
            .map_err(|_| asked.wrong("/happened_at", "must be a time in UTC such as 2027-01-01T00:00:00Z"))?,
        secret: asked.text("secret").map(str::to_owned),
    })
}

/// Tells the extension of an installation as if something had happened.
pub(super) async fn tried_out(asked: &Asked<'_>, row: Installation) -> Result<Reply, Problem> {
    if row.life.removed_at().is_some() {
        return Err(Problem::new(Kind::Refused, "the installation is gone: nobody is told of it any more"));
    }
    let kind = asked.text("kind").and_then(WebhookKind::parse);
    let kind = kind.ok_or_else(|| asked.wrong("/kind", "there is no such kind"))?;
    let store = asked.manage.store();
    let extension = store.extension_of_key(&row.tenant, row.extension).await?;
    let extension = extension.ok_or_else(|| Problem::not_found("extension"))?;
    if extension.suspended_at.is_some() {
        return Err(Problem::new(Kind::Refused, "the platform has switched the extension off"));
    }
    let (by, supposed) = (&asked.manage.by().actor, supposed(asked, &row)?);
    let outcome = dry_run::run(asked.call.app, &row, &extension, kind, &supposed, by).await?;
    let Some(Once { url, duration_ms, answer }) = outcome else {
        return Err(Problem::new(Kind::Refused, "the extension has no webhook_url: it pulls its events"));
    };
    let mut body =
        json!({ "kind": kind.as_str(), "url": url, "duration_ms": duration_ms, "is_success": false });
    match answer {
        Ok(Seen { status, headers, body: answer }) => {
            body["is_success"] = json!(is_success(status));
            body["status"] = json!(status);
            body["headers"] = json!(String::from_utf8_lossy(&headers));
            body["answer"] = json!(String::from_utf8_lossy(&answer));
        }
        Err(error) => body["error"] = json!(error.to_string()),
    }
    asked.commit(Vec::new(), Reply::plain(200, body)).await
}

async fn resend(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?;
    let told = told(asked, &row).await?;
    if told.settled_at.is_none() {
        return Err(Problem::new(Kind::Refused, "it waits to be told"));
    }
    if row.life.removed_at().is_some() && told.event.kind != WebhookKind::Removed {
        return Err(Problem::new(Kind::Refused, "the installation is gone: only that is told again"));
    }
    let number = told.event.number;
    let event = about(asked, EventKind::WebhookResent, &row, json!({ "number": number }));
    let now = asked.manage.store().now();
    let resend = Effect::ResendWebhook { tenant: row.tenant, installation: row.id, number, now };
    asked.commit(vec![resend, event], Reply::nothing()).await
}

async fn skip(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?;
    let told = told(asked, &row).await?;
    if told.settled_at.is_some() {
        return Err(Problem::new(Kind::Refused, "it does not wait any longer"));
    }
    let number = told.event.number;
    let event = about(asked, EventKind::WebhookSkipped, &row, json!({ "number": number }));
    let now = asked.manage.store().now();
    let skip = Effect::SkipWebhook { tenant: row.tenant, installation: row.id, number, now };
    asked.commit(vec![skip, event], Reply::nothing()).await
}

async fn told(asked: &Asked<'_>, row: &Installation) -> Result<Told, Problem> {
    let number = asked.number(2, "webhook")?;
    let found = asked.manage.store().webhook(&row.tenant, &row.id, number).await?;
    found.ok_or_else(|| Problem::not_found("webhook"))
}

fn about(asked: &Asked<'_>, kind: EventKind, row: &Installation, data: Value) -> Effect {
    let event = asked.event(kind).client(&row.extension_id.client()).installation(&row.id);
    Effect::Record(event.data(data))
}

fn shown(told: &Told) -> (String, Value) {
    let event = &told.event;
    let mut body = json!({
        "number": event.number,
        "id": event.id,
        "kind": event.kind.as_str(),
        "brings_secret": event.secret.is_some(),
        "outcome": told.outcome.map_or("waiting", |outcome| outcome.as_str()),
        "created_at": date::write(event.created_at),
    });
    if let Some(settled_at) = told.settled_at {
        body["settled_at"] = json!(date::write(settled_at));
    }
    (event.number.to_string(), body)
}

fn tried_so(attempt: &Attempt) -> (String, Value) {
    let mut body = json!({
        "id": attempt.id.to_string(),
        "number": attempt.number,
        "request_id": attempt.request_id,
        "at": date::write(attempt.at),
        "duration_ms": attempt.duration_ms,
    });
    if let Some(status) = attempt.status {
        body["status"] = json!(status);
    }
    if let Some(error) = &attempt.error {
        body["error"] = json!(error);
    }
    if let Some(answer) = &attempt.answer {
        body["answer"] = json!(String::from_utf8_lossy(answer));
    }
    (attempt.id.to_string(), body)
}
