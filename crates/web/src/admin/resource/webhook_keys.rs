//! Keys that sign what extensions are told: listed, and replaced. What one has signed can be verified for ever.

use doorward_core::Effect;
use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::model::WebhookKeyRecord;
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::WEBHOOK_KEY;
use crate::keys::new_webhook_key;
use crate::manage::Trouble;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/webhook-keys",
        area: Area::Keys,
        access: Access::Read,
        summary: "List the keys that sign what extensions are told, the newest first",
        query: PAGED,
        request: None,
        answer: Answered::Page(&WEBHOOK_KEY),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/webhook-keys/rotate",
        area: Area::Keys,
        access: Access::Write,
        summary: "Let a new key sign what extensions are told; the one before signs beside it for a day",
        query: &[],
        request: None,
        answer: Answered::Made(&WEBHOOK_KEY),
        run: |asked| Box::pin(rotate(asked)),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, before) = asked.page()?;
    let before = before.and_then(|key| key.parse::<i64>().ok());
    let found = asked.manage.store().webhook_keys(&asked.tenant(), MOST).await?;
    let rows = found.iter().filter(|key| before.is_none_or(|before| key.number < before));
    Ok(Reply::page(rows.map(|key| (key.number.to_string(), shown(key))).collect(), limit))
}

async fn rotate(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let tenant = asked.tenant();
    let effects = new_webhook_key(asked.manage.store(), &tenant, &asked.manage.by().actor).await?;
    let made = effects.iter().find_map(|effect| match effect {
        Effect::PutWebhookKey(key) => Some(key.clone()),
        _ => None,
    });
    let made = made.ok_or(Trouble::Conflict)?;
    let location = format!("/tenants/{tenant}/webhook-keys");
    asked.commit(effects, Reply::plain(201, shown(&made)).made(location)).await
}

fn shown(key: &WebhookKeyRecord) -> Value {
    json!({
        "serial": key.serial,
        "number": key.number,
        "algorithm": "Ed25519",
        "key": key.public_key,
        "created_at": date::write(key.created_at),
    })
}

/// Of these, so many of the newest are told; an older one is told by its serial.
const MOST: i64 = 1000;
