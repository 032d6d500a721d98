//! The secrets of installations: those an extension does not have yet are kept sealed.

use doorward_core::Timestamp;
use doorward_core::id::{ExtensionKey, InstallationId, SecretId, TenantId};
use doorward_core::model::{InstallationSecret, NewInstallationSecret, SecretState};
use doorward_crypto::random::SystemRandom;

use crate::outbox::Sealers;
use crate::seal::aad;
use crate::statement::statements;
use crate::value::{Row, Value};
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Adds a secret.
    pub(crate) INSTALLATION_SECRET_INSERT = tenant
        "INSERT INTO installation_secrets ( tenant, installation_id,", SECRET_COLUMNS, ", sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// The extension has a secret.
    pub(crate) INSTALLATION_SECRET_DELIVER = tenant
        "UPDATE installation_secrets SET delivered_at = COALESCE(delivered_at, $4), sealed = NULL
         WHERE tenant = $1 AND installation_id = $2 AND id = $3";
    /// A pending secret becomes current.
    pub(crate) INSTALLATION_SECRET_TAKE = tenant
        "UPDATE installation_secrets SET state = 'current', current_at = $4, sealed = NULL
         WHERE tenant = $1 AND installation_id = $2 AND hash = $3 AND state = 'pending'";
    /// Those that are older than a current one retire.
    pub(crate) INSTALLATION_SECRETS_RETIRE = tenant
        "UPDATE installation_secrets SET
             state = 'retiring',
             expires_at = CASE WHEN expires_at < $5 THEN expires_at ELSE $5 END,
             sealed = NULL
         WHERE tenant = $1 AND installation_id = $2 AND hash <> $3 AND number < $4 AND state <> 'retiring'";
    /// A secret works until then.
    pub(crate) INSTALLATION_SECRET_RETIRE = tenant
        "UPDATE installation_secrets SET state = 'retiring', expires_at = $4, sealed = NULL
         WHERE tenant = $1 AND installation_id = $2 AND id = $3";
    /// No secret of an extension's installations works any longer.
    pub(crate) INSTALLATION_SECRETS_END = tenant
        "UPDATE installation_secrets SET state = 'retiring', expires_at = $3, sealed = NULL
         WHERE tenant = $1 AND (expires_at IS NULL OR expires_at > $3) AND installation_id IN (
             SELECT id FROM installations WHERE tenant = $1 AND extension_key = $2
         )";
    /// Removes all secrets of an installation.
    pub(crate) INSTALLATION_SECRETS_DELETE = tenant
        "DELETE FROM installation_secrets WHERE tenant = $1 AND installation_id = $2";
    /// The secrets of an installation, the oldest first.
    pub(crate) INSTALLATION_SECRETS = tenant
        "SELECT", SECRET_COLUMNS, "FROM installation_secrets
         WHERE tenant = $1 AND installation_id = $2 ORDER BY number, id";
    /// A secret that the extension does not have yet, sealed.
    pub(crate) INSTALLATION_SECRET_SEALED = tenant
        "SELECT sealed FROM installation_secrets WHERE tenant = $1 AND installation_id = $2 AND id = $3";
}

/// The columns of a secret's row behind tenant and installation.
pub(crate) const SECRET_COLUMNS: &str =
    "hash, id, number, state, created_at, delivered_at, current_at, expires_at";

pub(crate) fn end_secrets(tenant: &TenantId, extension: ExtensionKey, now: Timestamp) -> Write {
    let params = vec![tenant.as_str().into(), extension.0.into(), now.into()];
    Write::new(&INSTALLATION_SECRETS_END, Expect::Any, params)
}

pub(crate) fn add_secret(new: &NewInstallationSecret, sealers: &Sealers) -> Result<Write, Fault> {
    let row = &new.row;
    let sealed = match &new.plain {
        None => None,
        Some(plain) => {
            let fault = || Fault::new("add a secret of an installation", "there is no data key".to_owned());
            let sealer = sealers.get(&row.tenant).ok_or_else(fault)?;
            Some(sealer.seal(
                &aad_of(&row.tenant, &row.installation, &row.id),
                plain.as_bytes(),
                &mut SystemRandom,
            ))
        }
    };
    Ok(Write::new(
        &INSTALLATION_SECRET_INSERT,
        Expect::One,
        vec![
            row.tenant.as_str().into(),
            row.installation.as_str().into(),
            row.hash.into(),
            row.id.as_str().into(),
            row.number.into(),
            row.state.as_str().into(),
            row.created_at.into(),
            row.delivered_at.into(),
            row.current_at.into(),
            row.expires_at.into(),
            sealed.into(),
        ],
    ))
}

fn aad_of(tenant: &TenantId, installation: &InstallationId, id: &SecretId) -> Vec<u8> {
    aad("installation_secrets", &[tenant.as_str(), installation.as_str(), id.as_str()], "sealed")
}

pub(crate) fn deliver_secret(
    tenant: &TenantId,
    installation: &InstallationId,
    id: &SecretId,
    now: Timestamp,
) -> Write {
    let params = vec![tenant.as_str().into(), installation.as_str().into(), id.as_str().into(), now.into()];
    Write::new(&INSTALLATION_SECRET_DELIVER, Expect::AtMostOne, params)
}

pub(crate) fn take_secret(
    (tenant, installation, hash): (&TenantId, &InstallationId, [u8; 32]),
    number: i64,
    now: Timestamp,
    retire_at: Timestamp,
) -> [Write; 2] {
    let of = || -> Vec<Value> { vec![tenant.as_str().into(), installation.as_str().into(), hash.into()] };
    let take = [of(), vec![now.into()]].concat();
    let retire = [of(), vec![number.into(), retire_at.into()]].concat();
    [
        Write::new(&INSTALLATION_SECRET_TAKE, Expect::One, take),
        Write::new(&INSTALLATION_SECRETS_RETIRE, Expect::Any, retire),
    ]
}

pub(crate) fn retire_secret(
    tenant: &TenantId,
    installation: &InstallationId,
    id: &SecretId,
    expires_at: Timestamp,
) -> Write {
    let params =
        vec![tenant.as_str().into(), installation.as_str().into(), id.as_str().into(), expires_at.into()];
    Write::new(&INSTALLATION_SECRET_RETIRE, Expect::AtMostOne, params)
}

pub(crate) fn forget_secrets(tenant: &TenantId, installation: &InstallationId) -> Write {
    let params = vec![tenant.as_str().into(), installation.as_str().into()];
    Write::new(&INSTALLATION_SECRETS_DELETE, Expect::Any, params)
}

/// The secret of the next eight columns; none when a LEFT JOIN found none.
pub(crate) fn secret(
    tenant: &TenantId,
    installation: &InstallationId,
    row: &mut Row,
) -> Result<Option<InstallationSecret>, Fault> {
    let Some(hash) = row.opt_blob()? else {
        row.skip(7)?;
        return Ok(None);
    };
    Ok(Some(InstallationSecret {
        tenant: tenant.clone(),
        installation: installation.clone(),
        hash: hash.try_into().map_err(|_| row.fault("a hash of another length"))?,
        id: row.text()?.into(),
        number: row.int()?,
        state: row.word(SecretState::parse)?,
        created_at: row.time()?,
        delivered_at: row.opt_time()?,
        current_at: row.opt_time()?,
        expires_at: row.opt_time()?,
    }))
}

impl Store {
    /// The secrets of an installation, the oldest first.
    pub async fn installation_secrets(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
    ) -> Result<Vec<InstallationSecret>, Fault> {
        let read = |row: &mut Row| {
            secret(tenant, installation, row)?.ok_or_else(|| row.fault("a secret without a hash"))
        };
        self.list(&INSTALLATION_SECRETS, &[tenant.as_str().into(), installation.as_str().into()], read).await
    }

    /// A secret in the clear, as long as its extension does not have it.
    pub async fn undelivered_secret(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
        id: &SecretId,
    ) -> Result<Option<String>, Fault> {
        let params = [tenant.as_str().into(), installation.as_str().into(), id.as_str().into()];
        let sealed = self.one(&INSTALLATION_SECRET_SEALED, &params, |row| row.opt_blob()).await?;
        let Some(sealed) = sealed.flatten() else { return Ok(None) };
        let fault = |what: &str| Fault::new("open a secret of an installation", what.to_owned());
        let plain = self.sealer(tenant).await?.open(&aad_of(tenant, installation, id), &sealed);
        let plain = plain.map_err(|error| fault(&error.to_string()))?;
        String::from_utf8(plain.to_vec()).map(Some).map_err(|_| fault("it is no text"))
    }
}
