//! What an order leaves behind in the store.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_core::model::{Actor, EventKind};
use doorward_store::clock::Clock;
use doorward_store::{Store, StoreConfig};
use doorward_web::keys;

use super::{Operator, Order};

/// A store in a folder of its own, and the operator of it.
struct World {
    store: Store,
    operator: Operator,
    folder: PathBuf,
}

impl World {
    async fn new(document: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("doorward-operator-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut config = StoreConfig::folder(&folder);
        config.clock = Some(Clock::manual(Timestamp(1_800_000_000_000)));
        let store = Store::open(config).await.unwrap();
        let world = Self { operator: Operator::new(store.clone(), true), store, folder };
        world.run(Order::Apply { document: document.to_owned(), dry_run: false, prune: false }).await;
        world
    }

    async fn run(&self, order: Order) -> super::Answer {
        self.operator.run(order).await.unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Who made the events of that kind since the last look.
    async fn actors(&self, kind: EventKind, seen: &mut i64) -> Vec<Actor> {
        let events = self.store.events(None, *seen, 10_000).await.unwrap();
        *seen = events.last().map_or(*seen, |last| last.seq);
        events
            .into_iter()
            .map(|found| found.event)
            .filter(|event| event.kind == kind)
            .map(|e| e.actor)
            .collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

#[tokio::test]
async fn keys_that_an_order_makes_name_the_operator_and_keys_by_age_the_server() {
    let world = World::new(ONE).await;
    let (tenant, mut seen) = (TenantId::from("main"), 0);
    let made = world.actors(EventKind::KeyChanged, &mut seen).await;
    assert_eq!(
        made,
        vec![Actor::Operator; keys::ALGORITHMS.len() + 1],
        "apply made a tenant, which signs webhooks too"
    );

    world.run(Order::RotateKeys { tenant: None, algorithm: None }).await;
    let made = world.actors(EventKind::KeyChanged, &mut seen).await;
    assert_eq!(made, vec![Actor::Operator; 2 * keys::ALGORITHMS.len()]);

    let all = world.store.keys(&tenant).await.unwrap();
    let kid = all.iter().find(|key| key.state.as_str() == "current").unwrap().kid.0.clone();
    world.run(Order::RemoveKey { tenant: None, kid }).await;
    let made = world.actors(EventKind::KeyChanged, &mut seen).await;
    assert_eq!(made, vec![Actor::Operator; 2], "its successor's successor, and the withdrawal");

    world.store.clock().advance_ms(4_000_000);
    keys::rotate_by_age(&world.store, &tenant, 0, 600).await.unwrap();
    let made = world.actors(EventKind::KeyChanged, &mut seen).await;
    assert_eq!(made, vec![Actor::Server; keys::ALGORITHMS.len()]);
}

const ONE: &str = "tenants: [{ id: main, issuers: [{ url: http://localhost:8080 }] }]";
