//! What happened to installations of an extension, after a cursor; and what is installed, in full.

use std::collections::BTreeMap;

use doorward_core::desired::date;
use doorward_core::id::InstallationId;
use doorward_core::model::{Installation, SecretState, WebhookEvent};
use doorward_store::webhooks::PAGE;
use serde_json::{Value, json};

use super::{Asked, Not, answered, authenticated};
use crate::app::Call;
use crate::render::{self, Answer};
use crate::webhook::state;

/// GET or POST `/extensions/{extension}/events`.
pub async fn events(call: &Call<'_>) -> Answer {
    answered(call, told(call).await)
}

/// GET or POST `/extensions/{extension}/installations`.
pub async fn installations(call: &Call<'_>) -> Answer {
    answered(call, listed(call).await)
}

async fn told(call: &Call<'_>) -> Result<Answer, Not> {
    let asked = authenticated(call).await?;
    let after = asked.number("after", 0..=i64::MAX)?.unwrap_or(0);
    let limit = limit(&asked)?;
    let of = (&asked.extension.client(), asked.extension.key);
    let (news, next) = call.app.store.webhook_news(&call.issuer.tenant, of, after, limit).await?;
    let events: Vec<Value> = in_order(news)
        .into_iter()
        .map(|(seq, event)| {
            let installation: Option<Installation> = serde_json::from_str(&event.state).ok();
            let mut body =
                installation.map(|installation| state(&installation, &asked.extension)).unwrap_or_default();
            let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
            add("seq", json!(seq));
            add("id", json!(event.id));
            add("kind", json!(event.kind.as_str()));
            add("number", json!(event.number));
            add("happened_at", json!(date::write(event.created_at)));
            if let Some(secret) = &event.secret {
                add("secret_id", json!(secret));
            }
            Value::Object(body)
        })
        .collect();
    Ok(render::json(200, &json!({ "events": events, "next": next })))
}

/// What was committed in one moment is numbered as it comes: of one installation in the order of its own numbers all the same.
fn in_order(news: Vec<(i64, WebhookEvent)>) -> Vec<(i64, WebhookEvent)> {
    let mut of: BTreeMap<InstallationId, Vec<WebhookEvent>> = BTreeMap::new();
    for (_, event) in &news {
        of.entry(event.installation.clone()).or_default().push(event.clone());
    }
    for events in of.values_mut() {
        events.sort_by_key(|event| std::cmp::Reverse(event.number));
    }
    let next = |(seq, event): (i64, WebhookEvent)| {
        let own = of.get_mut(&event.installation).and_then(Vec::pop);
        (seq, own.unwrap_or(event))
    };
    news.into_iter().map(next).collect()
}

async fn listed(call: &Call<'_>) -> Result<Answer, Not> {
    let asked = authenticated(call).await?;
    let (store, tenant) = (&call.app.store, &call.issuer.tenant);
    let after = asked.params.get("after").unwrap_or_default();
    let limit = limit(&asked)?;
    let most = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let mut found = match asked.params.get("removed") {
        Some("true") => store.installations_ever_of(tenant, asked.extension.key, after, most).await?,
        _ => store.installations_of(tenant, asked.extension.key, after, most).await?,
    };
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|row| row.id.clone());
    let mut rows = Vec::with_capacity(found.len());
    for installation in &found {
        let mut body = state(installation, &asked.extension);
        let mut secrets = Vec::new();
        for secret in store.installation_secrets(tenant, &installation.id).await? {
            let is_waiting = secret.state == SecretState::Pending && secret.delivered_at.is_none();
            secrets.push(json!({
                "id": secret.id,
                "state": secret.state.as_str(),
                "created_at": date::write(secret.created_at),
                "can_be_revealed": is_waiting,
            }));
        }
        body.insert("number".to_owned(), json!(installation.version));
        body.insert("updated_at".to_owned(), json!(date::write(installation.updated_at)));
        body.insert("secrets".to_owned(), Value::Array(secrets));
        rows.push(Value::Object(body));
    }
    Ok(render::json(200, &json!({ "installations": rows, "next": next })))
}

fn limit(asked: &Asked) -> Result<usize, Not> {
    let limit = asked.number("limit", 1..=i64::try_from(PAGE).unwrap_or(i64::MAX))?;
    Ok(limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE))
}
