//! How the directory is built from the database: whole at start, and a tenant at a time after changes.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use doorward_core::Timestamp;
use doorward_core::admin;
use doorward_core::id::{ClientId, TenantId};
use doorward_core::keys::TenantKeys;
use doorward_core::model::{KeyRecord, KeyState, MacKeyRecord};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::key_set::Jwk;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::mac::MacKey;
use doorward_crypto::seal::SealingKey;
use doorward_crypto::secret::Secret;

use crate::changes::Changed;
use crate::commit::Touched;
use crate::directory::{Directory, Entry, Keys};
use crate::keys::{mac_key_aad, signing_key_aad};
use crate::{Fault, Store};

impl Store {
    /// Drops what a commit of this node changed, before the commit is answered.
    ///
    /// What was committed stands whether or not it can be read back now: on a fault the directory stays as it was, noted as
    /// stale, and is read again within a second.
    pub(crate) async fn forget(&self, touched: &Touched) {
        self.drop_from_memory(touched);
        if let Err(fault) = self.refresh().await {
            tracing::warn!(fault = %fault, "the directory cannot be read again: it stays as it was for now");
        }
    }

    pub(crate) fn drop_from_memory(&self, touched: &Touched) {
        for (tenant, changed) in touched {
            for what in changed {
                match what {
                    Changed::Client(id) => self.client_cache().drop_client(tenant, &ClientId(id.clone())),
                    Changed::Directory => self.mark_stale(tenant),
                }
            }
        }
    }

    /// Reads the tenants that are noted as stale again.
    pub async fn refresh(&self) -> Result<(), Fault> {
        // One at a time: a slower one must not put back an older state over a newer one.
        let _turn = self.turn().lock().await;
        let mut read = Ok(());
        for tenant in self.take_stale() {
            match self.entry(&tenant).await {
                Ok(entry) => self.swap(self.directory().with(&tenant, entry)),
                // What is wrong with one tenant keeps no other from being read.
                Err(fault) => {
                    self.mark_stale(&tenant);
                    read = Err(fault);
                }
            }
        }
        read
    }

    /// Reads all tenants.
    pub async fn rebuild(&self) -> Result<(), Fault> {
        let _turn = self.turn().lock().await;
        let mut entries = HashMap::new();
        for tenant in self.tenants().await? {
            if let Some(entry) = self.entry(&tenant.id).await? {
                entries.insert(tenant.id, entry);
            }
        }
        self.swap(Directory::of(entries));
        Ok(())
    }

    async fn entry(&self, id: &TenantId) -> Result<Option<Arc<Entry>>, Fault> {
        let Some(tenant) = self.tenant(id).await? else {
            return Ok(None);
        };
        let former = self.directory().tenant(id).cloned();
        let records = self.keys(id).await?;
        let macs = self.mac_keys(id).await?;
        let keys = if records.is_empty() && macs.is_empty() {
            Keys::default()
        } else {
            let sealer = self.sealer(id).await?;
            ready(&sealer, &records, &macs, former.as_ref().map(|entry| &entry.keys), self.now())?
        };
        let mut issuers = self.issuers_of(id).await?;
        issuers.sort_by(|a, b| a.id.cmp(&b.id));
        let mut apis = self.apis(id).await?;
        apis.push(admin::api(id));
        Ok(Some(Arc::new(Entry {
            tenant: Arc::new(tenant),
            issuers: issuers.into_iter().map(Arc::new).collect(),
            apis: Arc::new(apis),
            keys,
        })))
    }
}

fn ready(
    sealer: &SealingKey,
    records: &[KeyRecord],
    macs: &[MacKeyRecord],
    former: Option<&Keys>,
    now: Timestamp,
) -> Result<Keys, Fault> {
    let (mut ring, mut signing) = (TenantKeys::default(), HashMap::new());
    let mut published = Vec::new();
    for record in records {
        let jwk = Jwk::parse(&record.public_jwk).map_err(|error| fault(record, &error.to_string()))?;
        let is_over = record.published_until.is_some_and(|until| until <= now);
        if is_over || record.state == KeyState::Retired {
            ring.retired.insert(record.kid.0.clone(), jwk.verifying_key().clone());
            continue;
        }
        ring.verifying.insert(record.kid.0.clone(), jwk.verifying_key().clone());
        if record.state == KeyState::Current {
            // Parsed once: a rebuilt entry takes the key over.
            let parsed = former.and_then(|former| former.signing_by_kid(record.kid.as_str()).cloned());
            let key = parsed.map_or_else(|| parse(sealer, record), Ok)?;
            signing.insert(key.algorithm(), key);
        }
        published.push((order(record.state), jwk));
    }
    published.sort_by_key(|(order, _)| *order);
    let published: Vec<Jwk> = published.into_iter().map(|(_, jwk)| jwk).collect();
    let of = |algorithm| published.iter().filter(move |jwk| jwk.algorithm() == Some(algorithm));
    let jwks_of = Algorithm::SIGNING.into_iter().map(|algorithm| Ok((algorithm, set(of(algorithm))?)));
    let jwks_of = jwks_of.collect::<Result<_, Fault>>()?;
    for record in macs {
        let aad = mac_key_aad(&record.tenant, record.serial);
        let plain = sealer.open(&aad, &record.sealed).ok().map(Secret::new);
        let bytes = plain.and_then(|plain| <[u8; 32]>::try_from(plain.expose().as_slice()).ok());
        let (Some(bytes), Ok(serial)) = (bytes, u8::try_from(record.serial)) else {
            let what = format!("MAC key {} of {} cannot be opened", record.serial, record.tenant);
            return Err(Fault::new("directory", what));
        };
        ring.mac.insert(serial, MacKey::from_bytes(bytes));
    }
    Ok(Keys { jwks: set(&published)?, jwks_of, ring: Arc::new(ring), signing })
}

/// The document of these keys.
fn set<'a>(keys: impl IntoIterator<Item = &'a Jwk>) -> Result<Bytes, Fault> {
    let set = JwkSet::from_keys(keys.into_iter().cloned());
    set.map(|set| Bytes::from(set.to_json())).map_err(|error| Fault::new("directory", error.to_string()))
}

fn parse(sealer: &SealingKey, record: &KeyRecord) -> Result<SigningKey, Fault> {
    let algorithm = Algorithm::parse(&record.algorithm).map_err(|error| fault(record, &error.to_string()))?;
    let aad = signing_key_aad(&record.tenant, record.kid.as_str());
    let pkcs8 = sealer
        .open(&aad, &record.sealed)
        .map(Secret::new)
        .map_err(|error| fault(record, &error.to_string()))?;
    SigningKey::from_pkcs8(record.kid.as_str(), algorithm, pkcs8.expose())
        .map_err(|error| fault(record, &error.to_string()))
}

/// Keys that sign now come first, so that clients which only look at the first one fare best.
const fn order(state: KeyState) -> u8 {
    match state {
        KeyState::Current => 0,
        KeyState::Next => 1,
        KeyState::Previous | KeyState::Retired => 2,
    }
}

fn fault(record: &KeyRecord, what: &str) -> Fault {
    Fault::new("directory", format!("signing key {} of {}: {what}", record.kid, record.tenant))
}
