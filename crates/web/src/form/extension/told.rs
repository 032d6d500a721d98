//! What is told of an installation to who administers it: its secrets by age, what its extension was told, and what that asks for now.

use std::collections::HashMap;

use doorward_core::Timestamp;
use doorward_core::model::{InstallationSecret, User};
use doorward_store::Fault;
use doorward_store::webhooks::{self, Attempt};

use super::super::continuation::lines;
use super::installation::Seen;
use crate::app::Call;
use crate::page::view::{NewsRow, SecretRow, Told};

/// It.
pub(super) async fn of(call: &Call<'_>, user: &User, seen: &Seen) -> Result<Told, Fault> {
    let (store, row, now) = (&call.app.store, &seen.row, call.app.store.now());
    let mut secrets = store.installation_secrets(&row.tenant, &row.id).await?;
    secrets.retain(|secret| secret.expires_at.is_none_or(|end| now < end));
    let news = store.webhooks(&row.tenant, &row.id, None, NEWS).await?;
    let tried = store.webhook_attempts(&row.tenant, &row.id, None, ATTEMPTS).await?;
    let line = store.webhook_queue(&row.tenant, &row.id).await?;
    let asks_more = match seen.extension.manifest.asks().minus(&row.scopes) {
        more if row.manifest_version < seen.extension.manifest_version => more,
        _ => Default::default(),
    };
    let waiting = news.iter().filter(|told| told.settled_at.is_none()).count();
    let tries = tries(&tried);
    Ok(Told {
        installed_by: None,
        disabled_by: None,
        manifest: (row.manifest_version, seen.extension.manifest_version),
        asks_more: lines(call, &asks_more, &row.scopes, user, None),
        secrets: secrets.iter().rev().map(|secret| secret_row(secret, now)).collect(),
        paused: line
            .as_ref()
            .and_then(|line| Some((line.paused_at?.seconds(), line.reason.clone().unwrap_or_default()))),
        waiting: i64::try_from(waiting).unwrap_or_default(),
        due: line.and_then(|line| line.due_at).filter(|_| waiting > 0).map(Timestamp::seconds),
        news: news.iter().map(|told| news_row(told, tries.get(&told.event.number))).collect(),
    })
}

/// How often each event was tried, and the latest attempt. They come the latest first.
fn tries(attempts: &[Attempt]) -> HashMap<i64, (i64, &Attempt)> {
    let mut tries: HashMap<i64, (i64, &Attempt)> = HashMap::new();
    for attempt in attempts {
        tries.entry(attempt.number).or_insert((0, attempt)).0 += 1;
    }
    tries
}

fn secret_row(secret: &InstallationSecret, now: Timestamp) -> SecretRow {
    SecretRow {
        state: secret.state,
        age_s: now.since_ms(secret.created_at) / 1000,
        is_delivered: secret.delivered_at.is_some(),
        until: secret.expires_at.map(Timestamp::seconds),
    }
}

fn news_row(told: &webhooks::Told, tries: Option<&(i64, &Attempt)>) -> NewsRow {
    NewsRow {
        kind: told.event.kind,
        at: told.event.created_at.seconds(),
        outcome: told.outcome,
        attempts: tries.map_or(0, |(count, _)| *count),
        status: tries.and_then(|(_, latest)| latest.status),
    }
}

/// News that are shown.
const NEWS: i64 = 10;
/// Attempts that are looked at.
const ATTEMPTS: i64 = 200;
