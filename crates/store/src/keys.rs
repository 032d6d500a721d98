//! Signing keys and the MAC keys of refresh tokens, sealed.

use doorward_core::Timestamp;
use doorward_core::id::{KeyId, TenantId};
use doorward_core::model::{KeyRecord, KeyState, MacKeyRecord};
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::random::{self, SystemRandom};
use doorward_crypto::secret::Secret;

use crate::seal::aad;
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Stores a signing key. Conflict: its tenant has one of that algorithm in that state, `next` or `current`.
    pub(crate) KEY_INSERT = tenant
        "INSERT INTO signing_keys (", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Moves a signing key on from a state.
    pub(crate) KEY_MOVE = tenant
        "UPDATE signing_keys SET
             state = $4,
             activated_at = COALESCE($5, activated_at),
             retired_at = COALESCE($6, retired_at),
             published_until = COALESCE($7, published_until)
         WHERE kid = $1 AND tenant = $2 AND state = $3";
    /// Removes a signing key.
    pub(crate) KEY_DELETE = tenant "DELETE FROM signing_keys WHERE kid = $1 AND tenant = $2";
    /// A tenant's signing keys.
    pub(crate) KEYS_OF = tenant
        "SELECT", COLUMNS, "FROM signing_keys WHERE tenant = $1 ORDER BY algorithm, created_at, kid";
    /// Stores a MAC key. Conflict: there is one of that serial.
    pub(crate) MAC_KEY_INSERT = tenant
        "INSERT INTO mac_keys (", MAC_COLUMNS, ") VALUES ($1, $2, $3, $4)";
    /// A tenant's MAC keys.
    pub(crate) MAC_KEYS_OF = tenant
        "SELECT", MAC_COLUMNS, "FROM mac_keys WHERE tenant = $1 ORDER BY serial";
}

/// The columns of a signing key's row.
const COLUMNS: &str = "kid, tenant, algorithm, state, sealed, public_jwk, created_at, activated_at, retired_at, published_until";
/// The columns of a MAC key's row.
const MAC_COLUMNS: &str = "tenant, serial, sealed, created_at";

pub(crate) fn put(key: &KeyRecord) -> Write {
    Write::new(
        &KEY_INSERT,
        Expect::One,
        vec![
            key.kid.as_str().into(),
            key.tenant.as_str().into(),
            key.algorithm.as_str().into(),
            key.state.as_str().into(),
            key.sealed.clone().into(),
            key.public_jwk.as_str().into(),
            key.created_at.into(),
            key.activated_at.into(),
            key.retired_at.into(),
            key.published_until.into(),
        ],
    )
}

pub(crate) fn shift(
    (tenant, kid): (&TenantId, &KeyId),
    (from, to): (KeyState, KeyState),
    now: Timestamp,
    published_until: Option<Timestamp>,
) -> Write {
    let at = |state: KeyState| (to == state).then_some(now);
    Write::new(
        &KEY_MOVE,
        Expect::One,
        vec![
            kid.as_str().into(),
            tenant.as_str().into(),
            from.as_str().into(),
            to.as_str().into(),
            at(KeyState::Current).into(),
            at(KeyState::Previous).into(),
            published_until.into(),
        ],
    )
}

pub(crate) fn remove(tenant: &TenantId, kid: &KeyId) -> Write {
    Write::new(&KEY_DELETE, Expect::AtMostOne, vec![kid.as_str().into(), tenant.as_str().into()])
}

pub(crate) fn put_mac(key: &MacKeyRecord) -> Write {
    Write::new(
        &MAC_KEY_INSERT,
        Expect::One,
        vec![key.tenant.as_str().into(), key.serial.into(), key.sealed.clone().into(), key.created_at.into()],
    )
}

fn key(row: &mut Row) -> Result<KeyRecord, Fault> {
    Ok(KeyRecord {
        kid: row.text()?.into(),
        tenant: row.text()?.into(),
        algorithm: row.text()?,
        state: row.word(KeyState::parse)?,
        sealed: row.blob()?,
        public_jwk: row.text()?,
        created_at: row.time()?,
        activated_at: row.opt_time()?,
        retired_at: row.opt_time()?,
        published_until: row.opt_time()?,
    })
}

fn mac_key(row: &mut Row) -> Result<MacKeyRecord, Fault> {
    Ok(MacKeyRecord {
        tenant: row.text()?.into(),
        serial: row.int()?,
        sealed: row.blob()?,
        created_at: row.time()?,
    })
}

/// Associated data of a signing key's private part.
pub fn signing_key_aad(tenant: &TenantId, kid: &str) -> Vec<u8> {
    aad("signing_keys", &[tenant.as_str(), kid], "sealed")
}

/// Associated data of a MAC key.
pub fn mac_key_aad(tenant: &TenantId, serial: i64) -> Vec<u8> {
    aad("mac_keys", &[tenant.as_str(), &serial.to_string()], "sealed")
}

impl Store {
    /// The row of a signing key, its private part sealed; to be committed by [`doorward_core::Effect::PutKey`].
    pub async fn seal_key(
        &self,
        tenant: &TenantId,
        key: &SigningKey,
        state: KeyState,
    ) -> Result<KeyRecord, Fault> {
        let now = self.now();
        let aad = signing_key_aad(tenant, key.kid());
        let sealed = self.sealer(tenant).await?.seal(&aad, key.pkcs8().expose(), &mut SystemRandom);
        Ok(KeyRecord {
            tenant: tenant.clone(),
            kid: key.kid().into(),
            algorithm: key.algorithm().as_str().to_owned(),
            state,
            sealed,
            public_jwk: key.public_jwk().to_json(),
            created_at: now,
            activated_at: (state == KeyState::Current).then_some(now),
            retired_at: None,
            published_until: None,
        })
    }

    /// The row of a fresh MAC key of that serial, sealed; to be committed by [`doorward_core::Effect::PutMacKey`].
    pub async fn fresh_mac_key(&self, tenant: &TenantId, serial: u8) -> Result<MacKeyRecord, Fault> {
        let serial = i64::from(serial);
        let key: Secret<[u8; 32]> = Secret::new(random::array(&mut SystemRandom));
        let aad = mac_key_aad(tenant, serial);
        let sealed = self.sealer(tenant).await?.seal(&aad, key.expose(), &mut SystemRandom);
        Ok(MacKeyRecord { tenant: tenant.clone(), serial, sealed, created_at: self.now() })
    }

    /// A tenant's signing keys, from the database, in whatever state.
    pub async fn keys(&self, tenant: &TenantId) -> Result<Vec<KeyRecord>, Fault> {
        self.list(&KEYS_OF, &[tenant.as_str().into()], key).await
    }

    /// A tenant's MAC keys, from the database, oldest first.
    pub async fn mac_keys(&self, tenant: &TenantId) -> Result<Vec<MacKeyRecord>, Fault> {
        self.list(&MAC_KEYS_OF, &[tenant.as_str().into()], mac_key).await
    }
}
