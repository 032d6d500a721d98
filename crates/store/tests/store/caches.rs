//! The cache of clients: nothing that was committed here is ever read stale, and other nodes hear of it.

use std::sync::Arc;

use doorward_core::facts::ClientFacts;
use doorward_core::{Effect, Needs};
use doorward_store::worker::poller::Poller;

use crate::support::{START, World, client, worlds};

fn needs(id: &str, fresh: bool) -> Needs {
    Needs { client: Some(id.into()), fresh, ..Needs::default() }
}

async fn web(world: &World) -> Arc<ClientFacts> {
    world.load(needs("web", false)).await.client.expect("it is there")
}

#[tokio::test]
async fn a_client_is_read_once_and_again_when_it_or_a_secret_of_it_changes() {
    for world in worlds().await {
        let first = web(&world).await;
        assert!(Arc::ptr_eq(&first, &web(&world).await), "it is kept");
        let fresh = world.load(needs("web", true)).await.client.unwrap();
        assert!(!Arc::ptr_eq(&first, &fresh), "it is read again when it must be fresh");

        let mut changed = first.client.clone();
        changed.disabled_at = Some(START);
        world.commit(vec![Effect::PutClient(changed)]).await;
        assert_eq!(web(&world).await.client.disabled_at, Some(START));
        let secret = doorward_core::model::ClientSecret {
            tenant: "demo".into(),
            client: "web".into(),
            id: "s".into(),
            hash: [1; 32],
            state: doorward_core::model::SecretState::Current,
            created_at: START,
            expires_at: None,
        };
        world.commit(vec![Effect::PutSecret(secret)]).await;
        assert_eq!(web(&world).await.secrets.len(), 1);
        world.commit(vec![Effect::RemoveClient("demo".into(), "web".into(), 2)]).await;
        assert!(world.load(needs("web", false)).await.client.is_none());
    }
}

#[tokio::test]
async fn a_client_that_is_not_there_is_not_remembered_as_missing() {
    for world in worlds().await {
        assert!(world.load(needs("new", false)).await.client.is_none());
        world.commit(vec![Effect::PutClient(client("demo", "new"))]).await;
        assert!(world.load(needs("new", false)).await.client.is_some());
    }
}

#[tokio::test]
async fn another_node_hears_of_changes_by_its_next_poll() {
    for world in worlds().await {
        let Some(other) = world.other_node().await else { continue };
        let there =
            || async { other.load(world.base().into(), &needs("web", false)).await.unwrap().client.unwrap() };
        assert_eq!(there().await.client.disabled_at, None);
        let mut changed = web(&world).await.client.clone();
        changed.disabled_at = Some(START);
        let mut tenant = crate::support::tenant("demo");
        (tenant.version, tenant.name) = (1, "Another name".to_owned());
        world.commit(vec![Effect::PutClient(changed), Effect::PutTenant(tenant)]).await;

        let mut poller: Poller = other.take_poller().expect("no workers were started");
        other.poll(&mut poller).await.unwrap();
        assert_eq!(there().await.client.disabled_at, Some(START));
        let directory = other.directory();
        assert_eq!(directory.tenant(&"demo".into()).unwrap().tenant.name, "Another name");
    }
}
