//! The tenants' data keys: made on first use, stored wrapped, unwrapped once and kept.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_core::model::Event;
use doorward_crypto::base64url;
use doorward_crypto::random::Random;
use doorward_crypto::seal::SealingKey;

use super::key_text::{self, KeyText};
use super::{DatabaseMissing, KeyError, KeySource, Keyring, fresh};
use crate::driver::Driver;
use crate::statement::statements;
use crate::value::Value;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, OpenError, events, meta};

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
    /// One change of the outer key at a time.
    turn: tokio::sync::Mutex<()>,
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
            None if keyring.is_stamped() => return Err(DatabaseMissing::beside(&source.current, None).into()),
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
        let check = decoded(&known);
        keyring.verify_check(&check)?;
        if keyring.is_changing(&check) {
            tracing::warn!("a change of the key-encryption key is not finished: run `doorward keys rewrap`");
        }
        Ok(Self {
            driver,
            source,
            keyring: RwLock::new(Arc::new(keyring)),
            turn: tokio::sync::Mutex::default(),
            ready: Mutex::default(),
        })
    }

    /// The key file that was made just now, to be backed up.
    pub fn made(&self) -> Option<std::path::PathBuf> {
        self.keyring().made().cloned()
    }

    /// The epoch that stands beside the key.
    pub fn epoch(&self) -> i64 {
        self.keyring().epoch()
    }

    /// Notes beside the key, where that is not done, that a database is sealed by it. A file that cannot be written is only
    /// less guarded.
    pub fn stamp(&self) {
        let keyring = self.keyring();
        if let (KeyText::File(path), false) = (&self.source.current, keyring.is_stamped())
            && let Err(error) = key_text::stamp(path, keyring.epoch())
        {
            tracing::warn!(%error, "the epoch cannot be noted beside the key");
        }
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
        let wrapped = self.wrapped_or_made(tenant, now, rng).await?;
        let key = self.keyring().unwrap(tenant, DATA_KEY_ID, &wrapped).map_err(|_| fault(OTHER_KEY))?;
        let key = Arc::new(key);
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone(), Arc::clone(&key));
        Ok(key)
    }

    /// The file that the key-encryption key is in; none when it is supplied by a setting.
    pub fn file(&self) -> Option<&Path> {
        match &self.source.current {
            KeyText::File(path) => Some(path),
            KeyText::Value(_) => None,
        }
    }

    /// Whether the key before is still there: a change of keys is not finished.
    pub fn is_changing(&self) -> bool {
        self.file().is_some_and(|path| key_text::old(path).exists())
    }

    /// Puts a new key-encryption key into the key file and wraps every data key by it; `record` makes the event of each. When it was
    /// interrupted, the old key stands beside as `….old` and [`DataKeys::rewrap`] finishes the change.
    pub async fn replace_key(
        &self,
        record: &mut (dyn FnMut(&TenantId) -> Event + Send),
        rng: &mut (dyn Random + Send),
    ) -> Result<u64, OpenError> {
        let _turn = self.turn.lock().await;
        let Some(path) = self.file() else {
            return Err(KeyError::Io("the key-encryption key is supplied by a setting".into()).into());
        };
        // Who was not told of a change on another node must not begin one.
        self.keyring().verify_check(&decoded(&self.check().await?))?;
        key_text::replace(path, rng)?;
        self.read_again(rng).await?;
        self.wrap_all(record, rng).await
    }

    /// Wraps what is still wrapped by the previous key by the current one: data keys, their events and the check value in one commit.
    /// Returns how many data keys there were.
    pub async fn rewrap(
        &self,
        record: &mut (dyn FnMut(&TenantId) -> Event + Send),
        rng: &mut (dyn Random + Send),
    ) -> Result<u64, OpenError> {
        let _turn = self.turn.lock().await;
        self.read_again(rng).await?;
        self.wrap_all(record, rng).await
    }

    /// The key file may have been changed since: it is what counts after a restart.
    async fn read_again(&self, rng: &mut (dyn Random + Send)) -> Result<(), OpenError> {
        let keyring = Keyring::load(&self.source, true, false, rng)?;
        keyring.verify_check(&decoded(&self.check().await?))?;
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keyring);
        Ok(())
    }

    async fn wrap_all(
        &self,
        record: &mut (dyn FnMut(&TenantId) -> Event + Send),
        rng: &mut (dyn Random + Send),
    ) -> Result<u64, OpenError> {
        let keyring = self.keyring();
        let check = self.check().await?;
        keyring.verify_check(&decoded(&check))?;
        // First of all, so that a data key made meanwhile waits for it, or makes it conflict.
        let mut writes = vec![replace_check(&check, &keyring.check_value(rng))];
        let (mut count, mut event) = (0, None);
        for mut row in self.driver.read(&DATA_KEYS, &[]).await? {
            let (tenant, wrapped) = (TenantId::from(row.text()?), row.blob()?);
            let anew = keyring
                .rewrap(&tenant, DATA_KEY_ID, &wrapped, rng)
                .map_err(|error| fault(&error.to_string()))?;
            if let Some(anew) = anew {
                let row: Vec<Value> = vec![tenant.as_str().into(), wrapped.into(), anew.into()];
                let told = record(&tenant);
                event = event.or(Some(told.id));
                writes.push(Write::new(&DATA_KEY_REWRAP, Expect::One, row));
                writes.push(events::insert(&told)?);
                count += 1;
            }
        }
        self.driver.commit(Commit { event, ending: false, writes }).await.map_err(|error| match error {
            CommitError::Conflict => fault("the keys were changed meanwhile: try again").into(),
            CommitError::Fault(fault) => OpenError::Fault(fault),
        })?;
        if let Some(path) = self.file() {
            key_text::forget_old(path)?;
        }
        Ok(count)
    }

    /// The tenant's data key as it is stored. A new one is wrapped by the key in force, and the check value is written with it: a
    /// change of keys that comes in between makes one of the two conflict, so that no data key stays behind under a key that goes.
    async fn wrapped_or_made(
        &self,
        tenant: &TenantId,
        now: Timestamp,
        rng: &mut (dyn Random + Send),
    ) -> Result<Vec<u8>, Fault> {
        for _ in 0..ATTEMPTS {
            if let Some(wrapped) = self.wrapped(tenant).await? {
                return Ok(wrapped);
            }
            let check = self.check().await?;
            let keyring = self.keyring();
            keyring.verify_check(&decoded(&check)).map_err(|_| fault(OTHER_KEY))?;
            let in_force = keyring.in_force(&decoded(&check));
            let wrapped = in_force.wrap(tenant, DATA_KEY_ID, &fresh(rng), rng);
            let row = vec![tenant.as_str().into(), wrapped.clone().into(), now.into()];
            let writes = vec![
                replace_check(&check, &in_force.check_value(rng)),
                Write::new(&DATA_KEY_ADD, Expect::One, row),
            ];
            match self.driver.commit(Commit { event: None, ending: false, writes }).await {
                Ok(_) => return Ok(wrapped),
                Err(CommitError::Conflict) => {}
                Err(CommitError::Fault(fault)) => return Err(fault),
            }
        }
        Err(fault("the keys are changed all the time"))
    }

    async fn check(&self) -> Result<String, Fault> {
        Ok(meta::get(&self.driver, meta::KEY_CHECK).await?.unwrap_or_default())
    }

    fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn wrapped(&self, tenant: &TenantId) -> Result<Option<Vec<u8>>, Fault> {
        let rows = self.driver.read(&DATA_KEY, &[tenant.as_str().into()]).await?;
        rows.into_iter().next().map(|mut row| row.blob()).transpose()
    }
}

fn replace_check(known: &str, anew: &[u8]) -> Write {
    let anew = base64url::encode(anew);
    Write::new(&CHECK_REPLACE, Expect::One, vec![meta::KEY_CHECK.into(), known.into(), anew.into()])
}

fn decoded(check: &str) -> Vec<u8> {
    base64url::decode(check).unwrap_or_default()
}

fn fault(what: &str) -> Fault {
    Fault::new("data key", what)
}

/// A tenant has one data key so far; the number stands in everything that is sealed by it.
const DATA_KEY_ID: i64 = 1;
const ATTEMPTS: usize = 8;
const OTHER_KEY: &str =
    "the key-encryption key was changed on another node: give this one the new key and start it again";
