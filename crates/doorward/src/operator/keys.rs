//! Signing keys: listed, rotated, withdrawn.

use doorward_core::Effect;
use doorward_core::desired::date;
use doorward_core::id::{KeyId, TenantId};
use doorward_core::model::{Actor, Event, EventKind, KeyRecord, KeyState};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::random::SystemRandom;
use doorward_web::keys;
use doorward_web::worker::LONGEST_TOKEN_S;

use super::{Answer, KeyRow, Operator};
use crate::failure::{Exit, Failure};

impl Operator {
    /// Signing keys.
    pub(super) async fn keys(&self, tenant: Option<String>) -> Result<Answer, Failure> {
        let mut rows = Vec::new();
        for tenant in self.tenants(tenant).await? {
            let mut keys = self.store.keys(&tenant).await?;
            keys.sort_by_key(|key| (key.algorithm.clone(), key.state.as_str(), key.created_at));
            rows.extend(keys.iter().map(row));
        }
        Ok(Answer::Keys { keys: rows })
    }

    /// Lets the next keys take over.
    pub(super) async fn rotate_keys(
        &self,
        tenant: Option<String>,
        algorithm: Option<String>,
    ) -> Result<Answer, Failure> {
        let algorithms = match &algorithm {
            None => Algorithm::SIGNING.to_vec(),
            Some(name) => vec![signing(name)?],
        };
        for tenant in self.tenants(tenant.clone()).await? {
            keys::ensure(&self.store, &tenant, &Actor::Operator).await?;
            for algorithm in &algorithms {
                keys::rotate(&self.store, &tenant, *algorithm, LONGEST_TOKEN_S, &Actor::Operator).await?;
            }
        }
        self.keys(tenant).await
    }

    /// Withdraws a key at once. One that signs now is replaced first.
    pub(super) async fn remove_key(&self, tenant: Option<String>, kid: &str) -> Result<Answer, Failure> {
        let tenant = self.tenant(tenant).await?;
        let found = self.key(&tenant, kid).await?;
        if found.state == KeyState::Current {
            keys::rotate(&self.store, &tenant, signing(&found.algorithm)?, LONGEST_TOKEN_S, &Actor::Operator)
                .await?;
        }
        let event = {
            let mut rng = SystemRandom;
            let mut ctx = self.ctx(&mut rng);
            Event::new(EventKind::KeyChanged, &tenant, Actor::Operator, &mut ctx)
                .data(serde_json::json!({ "kid": kid, "algorithm": found.algorithm, "state": "removed" }))
        };
        let effects = vec![Effect::RemoveKey(tenant.clone(), KeyId(kid.to_owned())), Effect::Record(event)];
        self.store.commit(effects).await?;
        self.keys(Some(tenant.0)).await
    }

    async fn key(&self, tenant: &TenantId, kid: &str) -> Result<KeyRecord, Failure> {
        let found = self.store.keys(tenant).await?.into_iter().find(|key| key.kid.0 == kid);
        found.ok_or_else(|| {
            Failure::new(Exit::NotFound, format!("tenant {tenant} has no key {kid}"))
                .hint("`doorward keys list` shows all")
        })
    }
}

fn signing(name: &str) -> Result<Algorithm, Failure> {
    let names = || Algorithm::SIGNING.map(Algorithm::as_str).join(", ");
    Algorithm::SIGNING
        .into_iter()
        .find(|algorithm| algorithm.as_str() == name)
        .ok_or_else(|| Failure::new(Exit::Data, format!("the algorithm must be one of {}", names())))
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
