//! Secrets for an extension's maker: a pending one of an installation, shown this once; and those that sign what the extension is told.

use doorward_core::desired::date;
use doorward_core::id::{InstallationId, SecretId};
use doorward_core::installation::maker;
use doorward_core::model::{Actor, Event, EventKind, WebhookSecretRecord};
use doorward_core::{Effect, Reason};
use doorward_crypto::random::SystemRandom;
use doorward_crypto::webhook::SharedSecret;
use doorward_store::CommitError;
use http::Method;
use serde_json::{Value, json};

use super::{Not, answered, authenticated};
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::ctx;
use crate::webhook::OVERLAP_MS;

/// POST `/extensions/{extension}/installations/{id}/secrets/{secret}/reveal`.
pub async fn reveal(call: &Call<'_>) -> Answer {
    answered(call, shown(call).await)
}

/// GET `/extensions/{extension}/webhook-secrets`: those that sign now; POST: a further one.
pub async fn webhook_secrets(call: &Call<'_>) -> Answer {
    let outcome = match call.request.method {
        Method::POST => made(call).await,
        _ => listed(call).await,
    };
    answered(call, outcome)
}

async fn shown(call: &Call<'_>) -> Result<Answer, Not> {
    let asked = authenticated(call).await?;
    // What happened may be read by whoever is stopped; a secret that nobody has yet stays so.
    if asked.extension.suspended_at.is_some() {
        return Err(Reason::ExtensionSuspended.into());
    }
    let (store, tenant) = (&call.app.store, &call.issuer.tenant);
    let (installation, secret) = (InstallationId::from(call.segment(1)), SecretId::from(call.segment(2)));
    let found = store.installation(tenant, &installation).await?;
    if found.is_none_or(|found| found.extension != asked.extension.key) {
        return Err(Reason::SecretNotPending.into());
    }
    let plain = store.undelivered_secret(tenant, &installation, &secret).await?;
    let plain = plain.ok_or(Reason::SecretNotPending)?;
    let effects = maker::reveal(
        tenant,
        &asked.extension.id,
        (&installation, &secret),
        &mut ctx(call, &mut SystemRandom),
    );
    match store.commit(effects).await {
        Ok(()) => Ok(render::json(200, &json!({ "id": secret, "secret": plain }))),
        Err(CommitError::Conflict) => Err(Reason::SecretNotPending.into()),
        Err(CommitError::Fault(fault)) => Err(fault.into()),
    }
}

async fn listed(call: &Call<'_>) -> Result<Answer, Not> {
    let asked = authenticated(call).await?;
    let found = call.app.store.webhook_secrets(&call.issuer.tenant, asked.extension.key).await?;
    let secrets: Vec<Value> = found.iter().map(|(row, secret)| told(row, secret)).collect();
    Ok(render::json(200, &json!({ "secrets": secrets })))
}

/// A further secret signs at once; those before it sign beside it for a day, or for as long as is asked.
async fn made(call: &Call<'_>) -> Result<Answer, Not> {
    let asked = authenticated(call).await?;
    let (store, tenant, key) = (&call.app.store, &call.issuer.tenant, asked.extension.key);
    let overlap_ms = asked.number("overlap_s", 0..=MOST_OVERLAP_S)?.map_or(OVERLAP_MS, |s| s * 1000);
    for _ in 0..ATTEMPTS {
        let newest = store.newest_webhook_secret(tenant, key).await?;
        let (row, secret) = store.fresh_webhook_secret(tenant, key, newest.unwrap_or(0) + 1).await?;
        let event = {
            let actor = Actor::Client(asked.extension.client());
            Event::new(EventKind::WebhookSecretChanged, tenant, actor, &mut ctx(call, &mut SystemRandom))
                .client(&asked.extension.client())
                .data(json!({ "secret": row.id }))
        };
        let answer = told(&row, &secret);
        let retire_at = store.now().plus_ms(overlap_ms);
        match store.commit(vec![Effect::PutWebhookSecret(row, retire_at), Effect::Record(event)]).await {
            Ok(()) => return Ok(render::json(201, &answer)),
            Err(CommitError::Conflict) => {}
            Err(CommitError::Fault(fault)) => return Err(fault.into()),
        }
    }
    Err(doorward_store::Fault::new("make a webhook secret", "conflicts in a row").into())
}

fn told(row: &WebhookSecretRecord, secret: &SharedSecret) -> Value {
    json!({
        "id": row.id,
        "secret": secret.text().expose(),
        "created_at": date::write(row.created_at),
        "expires_at": row.expires_at.map(date::write),
    })
}

/// Thirty days.
const MOST_OVERLAP_S: i64 = 30 * 86_400;
const ATTEMPTS: usize = 3;
