//! The tenants' data keys: made on first use, stored wrapped, unwrapped once and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_crypto::base64url;
use doorward_crypto::random::Random;
use doorward_crypto::seal::SealingKey;

use super::key_text::{self, KeyText};
use super::{KeyError, KeySource, Keyring, fresh};
use crate::driver::Driver;
use crate::statement::statements;
use crate::value::Value;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, OpenError, meta};

statements! {
    /// A tenant's wrapped data key.
    pub(crate) DATA_KEY = tenant "SELECT sealed FROM data_keys WHERE tenant = $1";
    /// Every wrapped data key.
    pub(crate) DATA_KEYS = server("changing the outer key concerns every tenant")
        "SELECT tenant, sealed FROM data_keys ORDER BY tenant";
    /// Stores a wrapped data key. Conflict: the tenant has one.
    pub(crate) DATA_KEY_ADD = tenant "INSERT INTO data_keys (tenant, sealed, created_at) VALUES ($1, $2, $3)";
    /// Replaces a data key by the same one, wrapped anew.
    pub(crate) DATA_KEY_REWRAP = tenant "UPDATE data_keys SET sealed = $3 WHERE tenant = $1 AND sealed = $2";
    /// Replaces the check value. Conflict: somebody else has.
    pub(crate) CHECK_REPLACE = server("the key-encryption key is the server's")
        "UPDATE meta SET value = $3 WHERE key = $1 AND value = $2";
}

/// The key-encryption key and the tenants' data keys under it.
#[derive(Debug)]
pub struct DataKeys {
    driver: Driver,
    source: KeySource,
    keyring: RwLock<Arc<Keyring>>,
    ready: Mutex<HashMap<TenantId, Arc<SealingKey>>>,
}

impl DataKeys {
    /// Loads the key-encryption key and compares it with the database; writes the check value into a new one. `may_make`
    /// says that a missing key file may be made.
    pub async fn open(
        driver: Driver,
        source: KeySource,
        may_make: bool,
        rng: &mut dyn Random,
    ) -> Result<Self, OpenError> {
        let known = meta::get(&driver, meta::KEY_CHECK).await?;
        let keyring = Keyring::load(&source, known.is_some(), may_make, rng)?;
        if let Some(path) = keyring.made() {
            tracing::warn!(file = %path.display(), "made the key-encryption key: back it up apart from the database");
        }
        let known = match known {
            Some(known) => known,
            None => {
                let check = base64url::encode(&keyring.check_value(rng));
                match meta::add(&driver, meta::KEY_CHECK, &check).await {
                    Ok(()) => check,
                    // Another node was first: its key must be ours.
                    Err(CommitError::Conflict) => {
                        meta::get(&driver, meta::KEY_CHECK).await?.unwrap_or_default()
                    }
                    Err(CommitError::Fault(fault)) => return Err(fault.into()),
                }
            }
        };
        keyring.verify_check(&base64url::decode(&known).unwrap_or_default())?;
        Ok(Self { driver, source, keyring: RwLock::new(Arc::new(keyring)), ready: Mutex::default() })
    }

    /// The key file that was made just now, to be backed up.
    pub fn made(&self) -> Option<std::path::PathBuf> {
        self.keyring().made().cloned()
    }

    /// The epoch that stands beside the key.
    pub fn epoch(&self) -> i64 {
        self.keyring().epoch()
    }

    /// The tenant's data key, made on first use.
    pub async fn of(
        &self,
        tenant: &TenantId,
        now: Timestamp,
        rng: &mut (dyn Random + Send),
    ) -> Result<Arc<SealingKey>, Fault> {
        if let Some(key) = self.ready.lock().unwrap_or_else(PoisonError::into_inner).get(tenant) {
            return Ok(Arc::clone(key));
        }
        let keyring = self.keyring();
        let wrapped = match self.wrapped(tenant).await? {
            Some(wrapped) => wrapped,
            None => {
                let wrapped = keyring.wrap(tenant, DATA_KEY_ID, &fresh(rng), rng);
                let row = vec![tenant.as_str().into(), wrapped.clone().into(), now.into()];
                match self.commit(vec![Write::new(&DATA_KEY_ADD, Expect::One, row)]).await {
                    Ok(()) => wrapped,
                    Err(CommitError::Conflict) => {
                        self.wrapped(tenant).await?.ok_or_else(|| fault("it is gone again"))?
                    }
                    Err(CommitError::Fault(fault)) => return Err(fault),
                }
            }
        };
        let key = keyring.unwrap(tenant, DATA_KEY_ID, &wrapped).map_err(|error| fault(&error.to_string()))?;
        let key = Arc::new(key);
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone(), Arc::clone(&key));
        Ok(key)
    }

    /// Puts a new key-encryption key into the key file and wraps every data key by it. When it was interrupted, the old key
    /// stands beside as `….old` and [`DataKeys::rewrap`] finishes the change.
    pub async fn replace_key(&self, rng: &mut (dyn Random + Send)) -> Result<u64, OpenError> {
        let KeyText::File(path) = &self.source.current else {
            return Err(KeyError::Io(
                "the key-encryption key is supplied by a setting: set the new one, name the old one as the previous, and wrap anew".into(),
            )
            .into());
        };
        key_text::replace(path, rng)?;
        let keyring = Keyring::load(&self.source, true, false, rng)?;
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keyring);
        self.rewrap(rng).await
    }

    /// Wraps what is still wrapped by the previous key by the current one: data keys and check value in one commit. Returns
    /// how many data keys there were.
    pub async fn rewrap(&self, rng: &mut (dyn Random + Send)) -> Result<u64, OpenError> {
        let keyring = self.keyring();
        let check = meta::get(&self.driver, meta::KEY_CHECK).await?.unwrap_or_default();
        keyring.verify_check(&base64url::decode(&check).unwrap_or_default())?;
        let anew = base64url::encode(&keyring.check_value(rng));
        let mut writes = vec![Write::new(
            &CHECK_REPLACE,
            Expect::One,
            vec![meta::KEY_CHECK.into(), check.into(), anew.into()],
        )];
        for mut row in self.driver.read(&DATA_KEYS, &[]).await? {
            let (tenant, wrapped) = (TenantId::from(row.text()?), row.blob()?);
            let anew = keyring
                .rewrap(&tenant, DATA_KEY_ID, &wrapped, rng)
                .map_err(|error| fault(&error.to_string()))?;
            if let Some(anew) = anew {
                let row: Vec<Value> = vec![tenant.as_str().into(), wrapped.into(), anew.into()];
                writes.push(Write::new(&DATA_KEY_REWRAP, Expect::One, row));
            }
        }
        let count = writes.len() as u64 - 1;
        self.commit(writes).await.map_err(|error| match error {
            CommitError::Conflict => fault("another node changed the keys meanwhile: try again").into(),
            CommitError::Fault(fault) => OpenError::Fault(fault),
        })?;
        if let KeyText::File(path) = &self.source.current {
            key_text::forget_old(path)?;
        }
        Ok(count)
    }

    fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn wrapped(&self, tenant: &TenantId) -> Result<Option<Vec<u8>>, Fault> {
        let rows = self.driver.read(&DATA_KEY, &[tenant.as_str().into()]).await?;
        rows.into_iter().next().map(|mut row| row.blob()).transpose()
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        self.driver.commit(Commit { event: None, ending: false, writes }).await.map(drop)
    }
}

fn fault(what: &str) -> Fault {
    Fault::new("data key", what)
}

/// A tenant has one data key so far; the number stands in everything that is sealed by it.
const DATA_KEY_ID: i64 = 1;
