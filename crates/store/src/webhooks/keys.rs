//! What signs what extensions are told: a key of each tenant, and a secret of each extension. Both are sealed.

use doorward_core::Timestamp;
use doorward_core::id::{ExtensionKey, SecretId, TenantId, uuid};
use doorward_core::model::{WebhookKeyRecord, WebhookSecretRecord};
use doorward_crypto::random::{self, SystemRandom};
use doorward_crypto::webhook::{SharedSecret, WebhookKey};

use crate::seal::aad;
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Stores a key. Conflict: its tenant has one of that number.
    pub(crate) WEBHOOK_KEY_INSERT = tenant
        "INSERT INTO webhook_keys (", KEY, ") VALUES ($1, $2, $3, $4, $5, $6)";
    /// A tenant's newest keys.
    pub(crate) WEBHOOK_KEYS = tenant
        "SELECT", KEY, "FROM webhook_keys WHERE tenant = $1 ORDER BY number DESC LIMIT $2";
    /// The key of a serial.
    pub(crate) WEBHOOK_KEY = tenant "SELECT", KEY, "FROM webhook_keys WHERE serial = $2 AND tenant = $1";
    /// Stores a secret. Conflict: its extension has one of that number.
    pub(crate) WEBHOOK_SECRET_INSERT = tenant
        "INSERT INTO webhook_secrets (", SECRET, ") VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Those before a number end then, unless they end sooner.
    pub(crate) WEBHOOK_SECRETS_RETIRE = tenant
        "UPDATE webhook_secrets SET expires_at = CASE WHEN expires_at < $4 THEN expires_at ELSE $4 END
         WHERE tenant = $1 AND extension_key = $2 AND number < $3";
    /// An extension's secrets, the newest first.
    pub(crate) WEBHOOK_SECRETS = tenant
        "SELECT", SECRET, "FROM webhook_secrets WHERE tenant = $1 AND extension_key = $2 ORDER BY number DESC LIMIT 10";
}

/// The columns of a key's row.
const KEY: &str = "tenant, serial, number, sealed, public_key, created_at";
/// The columns of a secret's row.
const SECRET: &str = "tenant, extension_key, number, id, sealed, created_at, expires_at";

pub(crate) fn put(key: &WebhookKeyRecord) -> Write {
    Write::new(
        &WEBHOOK_KEY_INSERT,
        Expect::One,
        vec![
            key.tenant.as_str().into(),
            key.serial.as_str().into(),
            key.number.into(),
            key.sealed.clone().into(),
            key.public_key.as_str().into(),
            key.created_at.into(),
        ],
    )
}

pub(crate) fn put_secret(secret: &WebhookSecretRecord, retire_at: Timestamp) -> [Write; 2] {
    let of = || vec![secret.tenant.as_str().into(), secret.extension.0.into(), secret.number.into()];
    let mut insert = of();
    insert.extend([
        secret.id.as_str().into(),
        secret.sealed.clone().into(),
        secret.created_at.into(),
        secret.expires_at.into(),
    ]);
    let mut retire = of();
    retire.push(retire_at.into());
    [
        Write::new(&WEBHOOK_SECRET_INSERT, Expect::One, insert),
        Write::new(&WEBHOOK_SECRETS_RETIRE, Expect::Any, retire),
    ]
}

fn key(row: &mut Row) -> Result<WebhookKeyRecord, Fault> {
    Ok(WebhookKeyRecord {
        tenant: row.text()?.into(),
        serial: row.text()?,
        number: row.int()?,
        sealed: row.blob()?,
        public_key: row.text()?,
        created_at: row.time()?,
    })
}

fn secret(row: &mut Row) -> Result<WebhookSecretRecord, Fault> {
    Ok(WebhookSecretRecord {
        tenant: row.text()?.into(),
        extension: ExtensionKey(row.int()?),
        number: row.int()?,
        id: row.text()?.into(),
        sealed: row.blob()?,
        created_at: row.time()?,
        expires_at: row.opt_time()?,
    })
}

fn key_aad(tenant: &TenantId, serial: &str) -> Vec<u8> {
    aad("webhook_keys", &[tenant.as_str(), serial], "sealed")
}

fn secret_aad(tenant: &TenantId, extension: ExtensionKey, id: &SecretId) -> Vec<u8> {
    aad("webhook_secrets", &[tenant.as_str(), &extension.to_string(), id.as_str()], "sealed")
}

impl Store {
    /// A fresh key of that number, sealed; to be committed by [`doorward_core::Effect::PutWebhookKey`].
    pub async fn fresh_webhook_key(&self, tenant: &TenantId, number: i64) -> Result<WebhookKeyRecord, Fault> {
        let made = WebhookKey::generate();
        let made = made.ok_or_else(|| Fault::new("make a key", "the key could not be generated"))?;
        let serial = uuid(&mut SystemRandom);
        let sealer = self.sealer(tenant).await?;
        Ok(WebhookKeyRecord {
            tenant: tenant.clone(),
            number,
            sealed: sealer.seal(&key_aad(tenant, &serial), made.pkcs8().expose(), &mut SystemRandom),
            public_key: made.public_base64(),
            serial,
            created_at: self.now(),
        })
    }

    /// A tenant's newest keys, at most `limit`, the newest first.
    pub async fn webhook_keys(&self, tenant: &TenantId, limit: i64) -> Result<Vec<WebhookKeyRecord>, Fault> {
        self.list(&WEBHOOK_KEYS, &[tenant.as_str().into(), limit.into()], key).await
    }

    /// A tenant's key of that serial.
    pub async fn webhook_key(
        &self,
        tenant: &TenantId,
        serial: &str,
    ) -> Result<Option<WebhookKeyRecord>, Fault> {
        self.one(&WEBHOOK_KEY, &[tenant.as_str().into(), serial.into()], key).await
    }

    /// A key, opened.
    pub async fn open_webhook_key(&self, key: &WebhookKeyRecord) -> Result<WebhookKey, Fault> {
        let fault = |what: String| Fault::new("open a webhook key", what);
        let sealer = self.sealer(&key.tenant).await?;
        let plain = sealer.open(&key_aad(&key.tenant, &key.serial), &key.sealed);
        let plain = plain.map_err(|error| fault(error.to_string()))?;
        WebhookKey::from_pkcs8(&plain).ok_or_else(|| fault("it is no key".to_owned()))
    }

    /// A fresh secret of that number, sealed; to be committed by [`doorward_core::Effect::PutWebhookSecret`].
    pub async fn fresh_webhook_secret(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
        number: i64,
    ) -> Result<(WebhookSecretRecord, SharedSecret), Fault> {
        let made = SharedSecret::from_bytes(random::array(&mut SystemRandom));
        let id = SecretId::fresh(&mut SystemRandom);
        let sealer = self.sealer(tenant).await?;
        let record = WebhookSecretRecord {
            tenant: tenant.clone(),
            extension,
            number,
            sealed: sealer.seal(&secret_aad(tenant, extension, &id), made.bytes(), &mut SystemRandom),
            id,
            created_at: self.now(),
            expires_at: None,
        };
        Ok((record, made))
    }

    /// The number of an extension's newest secret.
    pub async fn newest_webhook_secret(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
    ) -> Result<Option<i64>, Fault> {
        let params = [tenant.as_str().into(), extension.0.into()];
        Ok(self.one(&WEBHOOK_SECRETS, &params, secret).await?.map(|newest| newest.number))
    }

    /// An extension's secrets that sign now, the newest first, each opened.
    pub async fn webhook_secrets(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
    ) -> Result<Vec<(WebhookSecretRecord, SharedSecret)>, Fault> {
        let now = self.now();
        let found =
            self.list(&WEBHOOK_SECRETS, &[tenant.as_str().into(), extension.0.into()], secret).await?;
        let sealer = self.sealer(tenant).await?;
        let fault = |what: String| Fault::new("open a webhook secret", what);
        let in_force = found.into_iter().filter(|row| row.expires_at.is_none_or(|end| now < end));
        in_force
            .map(|row| {
                let plain = sealer.open(&secret_aad(tenant, extension, &row.id), &row.sealed);
                let plain = plain.map_err(|error| fault(error.to_string()))?;
                let bytes: [u8; 32] = plain.try_into().map_err(|_| fault("of another length".to_owned()))?;
                Ok((row, SharedSecret::from_bytes(bytes)))
            })
            .collect()
    }
}
