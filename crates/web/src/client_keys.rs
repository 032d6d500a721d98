//! Public keys of clients, for `private_key_jwt`: inline in the registration, or fetched from `jwks_uri` by the guarded fetcher.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use doorward_core::Timestamp;
use doorward_core::model::Client;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_guard::jwks::{Freshness, JwksCache};

use crate::fetch::Fetcher;

/// The keys, parsed once.
pub struct ClientKeys {
    fetched: JwksCache<Fetcher>,
    inline: Mutex<HashMap<String, Arc<JwkSet>>>,
}

impl ClientKeys {
    /// None is fetched yet.
    pub fn new(fetcher: Fetcher) -> Self {
        Self { fetched: JwksCache::new(fetcher, Freshness::default()), inline: Mutex::new(HashMap::new()) }
    }

    /// The keys of a client, with the one of that `kid` where it can be had; none when it has none, or they cannot be had.
    pub async fn of(&self, client: &Client, wanted: Option<&str>, now: Timestamp) -> Option<Arc<JwkSet>> {
        if let Some(text) = &client.jwks {
            return self.parsed(text);
        }
        let uri = client.jwks_uri.as_deref()?;
        let has_it =
            |set: &JwkSet| wanted.is_none_or(|kid| set.keys().iter().any(|key| key.kid() == Some(kid)));
        let found = self.fetched.keys(uri, now.0, has_it).await;
        found
            .inspect_err(|error| {
                tracing::info!(client.id = %client.id, tenant.id = %client.tenant, %error, "the keys of a client's jwks_uri cannot be had");
            })
            .ok()
    }

    fn parsed(&self, text: &str) -> Option<Arc<JwkSet>> {
        let mut inline = self.inline.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = inline.get(text) {
            return Some(Arc::clone(known));
        }
        let parsed = Arc::new(JwkSet::parse(text).ok()?);
        if inline.len() >= MAX_INLINE {
            inline.clear();
        }
        inline.insert(text.to_owned(), Arc::clone(&parsed));
        Some(parsed)
    }
}

const MAX_INLINE: usize = 10_000;
