//! Signing keys: listed, rotated, withdrawn.

use doorward_core::Effect;
use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::id::{KeyId, TenantId};
use doorward_core::model::{Event, EventKind, KeyRecord, KeyState};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::random::SystemRandom;
use serde::{Deserialize, Serialize};

use super::{Manage, Trouble};
use crate::keys;
use crate::worker::LONGEST_TOKEN_S;

/// A signing key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyRow {
    /// Whose tenant.
    pub tenant: String,
    /// Its kid.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: String,
    /// `next`, `current`, `previous` or `retired`.
    pub state: String,
    /// When it was made.
    pub created_at: String,
    /// When it began to sign.
    pub activated_at: Option<String>,
    /// When it ceased to.
    pub retired_at: Option<String>,
    /// Until when it is published.
    pub published_until: Option<String>,
}

impl Manage {
    /// Signing keys.
    pub async fn keys(&self, tenant: Option<String>) -> Result<Vec<KeyRow>, Trouble> {
        let mut rows = Vec::new();
        for tenant in self.tenants(tenant).await? {
            self.allow(&tenant, Area::Keys, Access::Read)?;
            rows.extend(shown(self.store.keys(&tenant).await?));
        }
        Ok(rows)
    }

    /// Lets the next keys take over.
    pub async fn rotate_keys(
        &self,
        tenant: Option<String>,
        algorithm: Option<String>,
    ) -> Result<Vec<KeyRow>, Trouble> {
        let mut rows = Vec::new();
        for tenant in self.tenants(tenant).await? {
            let none = |_: &[KeyRow]| Vec::new();
            match self.rotate_keys_of(&tenant, algorithm.as_deref(), none).await {
                Ok(found) => rows.extend(found),
                // Whoever was faster has rotated them.
                Err(Trouble::Conflict) => rows.extend(shown(self.store.keys(&tenant).await?)),
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(rows)
    }

    /// The same for a tenant: all of it is one commit, to which `beside` adds, given the keys as they are afterwards.
    pub async fn rotate_keys_of(
        &self,
        tenant: &TenantId,
        algorithm: Option<&str>,
        beside: impl FnOnce(&[KeyRow]) -> Vec<Effect>,
    ) -> Result<Vec<KeyRow>, Trouble> {
        self.allow(tenant, Area::Keys, Access::Write)?;
        let algorithms = match algorithm {
            None => Algorithm::SIGNING.to_vec(),
            Some(name) => vec![signing(name)?],
        };
        keys::ensure(&self.store, tenant, &self.by.actor).await?;
        let before = self.store.keys(tenant).await?;
        if keys::is_full(&before, algorithms.len(), self.store.now()) {
            return Err(Trouble::Refused(
                "too many keys are published: wait until the tokens of the first are over, or remove some of those that were before",
            ));
        }
        let mut effects = Vec::new();
        for algorithm in algorithms {
            let by = &self.by.actor;
            effects
                .extend(keys::rotating(&self.store, tenant, &before, algorithm, LONGEST_TOKEN_S, by).await?);
        }
        let rows = shown(keys::after(before, &effects));
        effects.extend(beside(&rows));
        self.store.commit(effects).await?;
        Ok(rows)
    }

    /// Withdraws a key at once. One that signs now is replaced first.
    pub async fn remove_key(&self, tenant: Option<String>, kid: &str) -> Result<Vec<KeyRow>, Trouble> {
        let tenant = self.tenant(tenant).await?;
        self.allow(&tenant, Area::Keys, Access::Write)?;
        let effects = self.withdrawing(&tenant, kid).await?;
        self.store.commit(effects).await?;
        self.keys(Some(tenant.0)).await
    }

    /// What withdraws a key. One that signs now is replaced before, in a commit of its own.
    pub(super) async fn withdrawing(&self, tenant: &TenantId, kid: &str) -> Result<Vec<Effect>, Trouble> {
        let found = self.key(tenant, kid).await?;
        if found.state == KeyState::Current {
            let (algorithm, by) = (signing(&found.algorithm)?, &self.by.actor);
            let replaced = keys::rotate(&self.store, tenant, algorithm, LONGEST_TOKEN_S, by).await;
            // On a full disk it goes all the same: what it signed is worth nothing, and another is made when there is room.
            if self.store.driver().disk_full() != Some(true) {
                replaced?;
            }
        }
        let event = {
            let mut rng = SystemRandom;
            let mut ctx = self.ctx(&mut rng);
            Event::new(EventKind::KeyChanged, tenant, self.by.actor.clone(), &mut ctx)
                .data(serde_json::json!({ "kid": kid, "algorithm": found.algorithm, "state": "removed" }))
        };
        Ok(vec![Effect::RemoveKey(tenant.clone(), KeyId(kid.to_owned())), Effect::Record(event)])
    }

    async fn key(&self, tenant: &TenantId, kid: &str) -> Result<KeyRecord, Trouble> {
        let found = self.store.keys(tenant).await?.into_iter().find(|key| key.kid.0 == kid);
        found.ok_or_else(|| Trouble::Unknown { noun: "key", name: kid.to_owned() })
    }
}

fn signing(name: &str) -> Result<Algorithm, Trouble> {
    let names = || Algorithm::SIGNING.map(Algorithm::as_str).join(", ");
    Algorithm::SIGNING
        .into_iter()
        .find(|algorithm| algorithm.as_str() == name)
        .ok_or_else(|| Trouble::Malformed(format!("the algorithm must be one of {}", names())))
}

fn shown(mut keys: Vec<KeyRecord>) -> Vec<KeyRow> {
    keys.sort_by_key(|key| (key.algorithm.clone(), key.state.as_str(), key.created_at));
    keys.iter().map(row).collect()
}

fn row(key: &KeyRecord) -> KeyRow {
    KeyRow {
        tenant: key.tenant.0.clone(),
        kid: key.kid.0.clone(),
        algorithm: key.algorithm.clone(),
        state: key.state.as_str().to_owned(),
        created_at: date::write(key.created_at),
        activated_at: key.activated_at.map(date::write),
        retired_at: key.retired_at.map(date::write),
        published_until: key.published_until.map(date::write),
    }
}
