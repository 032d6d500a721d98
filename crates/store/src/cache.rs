//! The cache of clients: bounded, read through, dropped at once by the node that commits and by the poller elsewhere.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use doorward_core::facts::ClientFacts;
use doorward_core::id::{ClientId, TenantId};

use crate::worker::poller::Freshness;

/// Clients with their secrets.
///
/// Two halves of bounded size: what is asked for moves to the young half, and when that is full the old half is forgotten.
/// Never more than `capacity` clients, and those in use stay.
#[derive(Debug)]
pub struct ClientCache {
    halves: RwLock<Halves>,
    capacity: usize,
    /// Counts what was dropped: a row read before a drop must not be put in after it.
    drops: AtomicU64,
    /// Whether this node has heard lately of what others changed.
    freshness: Arc<Freshness>,
}

/// The moment before a row is read that is to be put into the cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began(u64);

#[derive(Debug, Default)]
struct Halves {
    young: Half,
    old: Half,
    in_young: usize,
}

type Half = HashMap<TenantId, HashMap<ClientId, Arc<ClientFacts>>>;

impl ClientCache {
    /// An empty cache for `capacity` clients.
    pub(crate) fn new(capacity: usize, freshness: Arc<Freshness>) -> Self {
        Self { halves: RwLock::default(), capacity, drops: AtomicU64::new(0), freshness }
    }

    /// The cached client.
    pub(crate) fn get(&self, tenant: &TenantId, id: &ClientId) -> Option<Arc<ClientFacts>> {
        if !self.freshness.is_fresh() {
            return None;
        }
        let began = self.begin();
        let old = {
            let halves = self.halves.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(client) = find(&halves.young, tenant, id) {
                return Some(Arc::clone(client));
            }
            Arc::clone(find(&halves.old, tenant, id)?)
        };
        self.put(began, Arc::clone(&old));
        Some(old)
    }

    /// To be called before the row is read.
    pub(crate) fn begin(&self) -> Began {
        Began(self.drops.load(Ordering::Acquire))
    }

    /// Puts a client in, unless anything was dropped since `began`.
    pub(crate) fn put(&self, began: Began, client: Arc<ClientFacts>) {
        let mut halves = self.halves.write().unwrap_or_else(PoisonError::into_inner);
        if self.drops.load(Ordering::Acquire) != began.0 {
            return;
        }
        if halves.in_young >= self.capacity.div_ceil(2) {
            halves.old = std::mem::take(&mut halves.young);
            halves.in_young = 0;
        }
        let (tenant, id) = (client.client.tenant.clone(), client.client.id.clone());
        if halves.young.entry(tenant).or_default().insert(id, client).is_none() {
            halves.in_young += 1;
        }
    }

    /// Drops every client.
    pub(crate) fn clear(&self) {
        let mut halves = self.halves.write().unwrap_or_else(PoisonError::into_inner);
        self.drops.fetch_add(1, Ordering::AcqRel);
        *halves = Halves::default();
    }

    /// Drops a client.
    pub(crate) fn drop_client(&self, tenant: &TenantId, id: &ClientId) {
        let mut halves = self.halves.write().unwrap_or_else(PoisonError::into_inner);
        self.drops.fetch_add(1, Ordering::AcqRel);
        if halves.young.get_mut(tenant).is_some_and(|clients| clients.remove(id).is_some()) {
            halves.in_young -= 1;
        }
        if let Some(clients) = halves.old.get_mut(tenant) {
            clients.remove(id);
        }
    }
}

fn find<'a>(half: &'a Half, tenant: &TenantId, id: &ClientId) -> Option<&'a Arc<ClientFacts>> {
    half.get(tenant)?.get(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str) -> Arc<ClientFacts> {
        let described = serde_json::json!({
            "tenant": "demo", "id": id, "name": id, "auth_method": "none", "grant_types": [], "scopes": "",
            "jwks": null, "jwks_uri": null, "disabled_at": null, "version": 1, "created_at": 0,
        });
        Arc::new(ClientFacts {
            client: serde_json::from_value(described).unwrap(),
            secrets: Vec::new(),
            is_extension: false,
        })
    }

    fn kept(cache: &ClientCache) -> usize {
        let halves = cache.halves.read().unwrap();
        [&halves.young, &halves.old].iter().flat_map(|half| half.values()).map(HashMap::len).sum()
    }

    #[test]
    fn it_never_grows_past_its_capacity_and_keeps_what_is_in_use() {
        let cache = ClientCache::new(10, Arc::new(Freshness::new(false)));
        let (demo, used) = (TenantId::from("demo"), ClientId::from("used"));
        cache.put(cache.begin(), client("used"));
        for number in 0..100 {
            cache.put(cache.begin(), client(&number.to_string()));
            assert!(kept(&cache) <= 10, "{number}: {}", kept(&cache));
            assert!(cache.get(&demo, &used).is_some(), "{number}");
        }
        assert!(cache.get(&demo, &ClientId::from("0")).is_none());
    }

    #[test]
    fn a_row_that_was_read_before_a_drop_is_not_put_in_after_it() {
        let cache = ClientCache::new(10, Arc::new(Freshness::new(false)));
        let (demo, id) = (TenantId::from("demo"), ClientId::from("a"));
        let began = cache.begin();
        cache.drop_client(&demo, &id);
        cache.put(began, client("a"));
        assert!(cache.get(&demo, &id).is_none());
        cache.put(cache.begin(), client("a"));
        assert!(cache.get(&demo, &id).is_some());
        cache.clear();
        assert!(cache.get(&demo, &id).is_none());
    }
}
