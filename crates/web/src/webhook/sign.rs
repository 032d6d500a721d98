//! By what it is signed: the tenant's key, and the secret that the extension shares with us. For a day after one of them was replaced the
//! one before signs too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::Effect;
use doorward_core::id::{ClientId, ExtensionKey, TenantId};
use doorward_core::model::{Actor, Event, EventKind};
use doorward_crypto::random::SystemRandom;
use doorward_crypto::webhook::{SharedSecret, WebhookKey};
use doorward_store::{CommitError, Fault, Store};

use super::format::Headers;

/// Keys that were opened, by serial.
#[derive(Debug, Default)]
pub struct Opened(Mutex<HashMap<String, Arc<WebhookKey>>>);

/// What signs what an extension is told, the newest first.
#[derive(Debug)]
pub struct Signers {
    keys: Vec<(String, Arc<WebhookKey>)>,
    secrets: Vec<SharedSecret>,
}

impl Opened {
    /// What signs for an extension now. Where it shares no secret with us yet, one is made.
    pub async fn signers(
        &self,
        store: &Store,
        tenant: &TenantId,
        (extension, client): (ExtensionKey, &ClientId),
    ) -> Result<Signers, Fault> {
        let mut signers = self.known_signers(store, tenant, extension).await?;
        if signers.secrets.is_empty() {
            first_secret(store, tenant, extension, client).await?;
            signers.secrets = secrets(store, tenant, extension).await?;
        }
        Ok(signers)
    }

    /// The same, of what there is.
    pub async fn known_signers(
        &self,
        store: &Store,
        tenant: &TenantId,
        extension: ExtensionKey,
    ) -> Result<Signers, Fault> {
        let mut keys = Vec::new();
        let found = store.webhook_keys(tenant, 2).await?;
        let replaced_lately =
            found.first().is_some_and(|key| store.now().since_ms(key.created_at) < OVERLAP_MS);
        for key in found.iter().take(1 + usize::from(replaced_lately)) {
            keys.push((key.serial.clone(), self.opened(store, key).await?));
        }
        if keys.is_empty() {
            return Err(Fault::new("sign a webhook", "the tenant has no key for it yet"));
        }
        Ok(Signers { keys, secrets: secrets(store, tenant, extension).await? })
    }

    async fn opened(
        &self,
        store: &Store,
        key: &doorward_core::model::WebhookKeyRecord,
    ) -> Result<Arc<WebhookKey>, Fault> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key.serial) {
            return Ok(Arc::clone(known));
        }
        let opened = Arc::new(store.open_webhook_key(key).await?);
        let mut kept = lock();
        if kept.len() >= MOST_OPENED {
            kept.clear();
        }
        kept.insert(key.serial.clone(), Arc::clone(&opened));
        Ok(opened)
    }
}

async fn secrets(
    store: &Store,
    tenant: &TenantId,
    extension: ExtensionKey,
) -> Result<Vec<SharedSecret>, Fault> {
    let found = store.webhook_secrets(tenant, extension).await?;
    Ok(found.into_iter().map(|(_, secret)| secret).collect())
}

/// Another node that was faster has made it.
async fn first_secret(
    store: &Store,
    tenant: &TenantId,
    extension: ExtensionKey,
    client: &ClientId,
) -> Result<(), Fault> {
    let (record, _) = store.fresh_webhook_secret(tenant, extension, 1).await?;
    let event = {
        let mut rng = SystemRandom;
        let mut ctx = super::ctx(store, &mut rng);
        Event::new(EventKind::WebhookSecretChanged, tenant, Actor::Server, &mut ctx)
            .client(client)
            .data(serde_json::json!({ "secret": record.id }))
    };
    let retire_at = store.now().plus_ms(OVERLAP_MS);
    match store.commit(vec![Effect::PutWebhookSecret(record, retire_at), Effect::Record(event)]).await {
        Ok(()) | Err(CommitError::Conflict) => Ok(()),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

impl Signers {
    /// The signature of the newest key over a body as it is, and the key's serial, under these names for serial, algorithm and signature.
    pub fn plain(&self, names: [&'static str; 3], body: &[u8]) -> Headers {
        let Some((serial, key)) = self.keys.first() else { return Vec::new() };
        let [of_serial, of_algorithm, of_signature] = names;
        vec![
            (of_serial, serial.clone()),
            (of_algorithm, "Ed25519".to_owned()),
            (of_signature, key.sign(body)),
        ]
    }
}

/// The headers of our format: Standard Webhooks by all that sign, and the newest key over the body alone.
pub fn standard(signers: &Signers, id: &str, timestamp_s: i64, body: &[u8]) -> Headers {
    let shared = signers.secrets.iter().map(|secret| secret.sign_standard(id, timestamp_s, body));
    let own = signers.keys.iter().map(|(_, key)| key.sign_standard(id, timestamp_s, body));
    let standard: Vec<String> = shared.chain(own).collect();
    let mut values = vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp_s.to_string()),
        ("webhook-signature", standard.join(" ")),
    ];
    values.extend(signers.plain(PLAIN, body));
    values
}

/// What signs the body alone, for receivers that know no Standard Webhooks.
const PLAIN: [&str; 3] = ["doorward-signature-serial", "doorward-signature-algorithm", "doorward-signature"];

/// How long what was replaced signs beside what replaced it.
pub const OVERLAP_MS: i64 = 86_400_000;
const MOST_OPENED: usize = 1000;
