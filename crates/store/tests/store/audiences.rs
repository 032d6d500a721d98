//! Audiences of extensions: which has each, as they are stored.

use doorward_core::Effect;
use doorward_core::id::ExtensionKey;
use doorward_core::model::Extension;

use crate::extensions::extension;
use crate::races::at_once;
use crate::support::{World, demo, worlds};

const BACK: &str = "https://back.example";
const FRONT: &str = "https://front.example";

fn with(key: i64, audiences: &[&str]) -> Extension {
    let mut row = extension(key, &format!("e{key}"));
    row.manifest.audiences = audiences.iter().map(|audience| (*audience).to_owned()).collect();
    row
}

fn put(row: Extension) -> Effect {
    Effect::PutExtension(Box::new(row))
}

/// Which extensions are told of these audiences.
async fn having(world: &World, audiences: &[&str]) -> Vec<i64> {
    let found = world.store.extensions_with(&demo(), &audiences.iter().copied().collect()).await.unwrap();
    found.into_iter().map(|found| found.key.0).collect()
}

#[tokio::test]
async fn an_audience_is_one_extensions_until_that_gave_it_back() {
    for world in worlds().await {
        world.commit(vec![put(with(1, &[BACK]))]).await;
        world.conflicts(vec![put(with(2, &[BACK]))]).await;
        // What is only proposed takes none.
        let proposes = Extension { proposed: Some(with(4, &[BACK, FRONT]).manifest), ..with(4, &[]) };
        world.commit(vec![put(proposes)]).await;
        assert_eq!(having(&world, &[BACK, FRONT]).await, [1]);
        world.conflicts(vec![put(Extension { version: 1, ..with(4, &[BACK, FRONT]) })]).await;
        world.commit(vec![put(with(2, &[FRONT])), put(with(3, &[]))]).await;
        assert_eq!(having(&world, &[BACK, FRONT, "https://none.example"]).await, [1, 2]);
        assert_eq!(world.store.extensions_with(&"acme".into(), &[BACK].into()).await.unwrap(), []);

        world.conflicts(vec![put(Extension { version: 1, ..with(3, &[BACK]) })]).await;
        world.commit(vec![put(Extension { version: 1, ..with(1, &[]) })]).await;
        world.commit(vec![Effect::RemoveExtension(demo(), ExtensionKey(2), 1)]).await;
        assert!(having(&world, &[BACK, FRONT]).await.is_empty());
        world.commit(vec![put(Extension { version: 1, ..with(3, &[BACK]) })]).await;
        assert_eq!((having(&world, &[BACK]).await, world.rows("extension_audiences").await), (vec![3], 1));
    }
}

#[tokio::test]
async fn more_audiences_than_a_statement_asks_for_are_asked_in_parts() {
    for world in worlds().await {
        let names: Vec<String> = (0..150).map(|number| format!("urn:x:{number:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        world.commit(vec![put(with(1, &names[..1])), put(with(2, &names[149..]))]).await;
        assert_eq!(having(&world, &names).await, [1, 2], "{}", world.engine);
        assert!(having(&world, &[]).await.is_empty());
    }
}

#[tokio::test]
async fn extensions_swap_audiences_that_are_freed_first() {
    for world in worlds().await {
        world.commit(vec![put(with(1, &[BACK])), put(with(2, &[FRONT]))]).await;
        let swapped = || {
            let (one, two) = (with(1, &[FRONT]), with(2, &[BACK]));
            [one, two].map(|row| put(Extension { version: 1, ..row })).to_vec()
        };
        world.conflicts(swapped()).await;
        let free = |key: i64| Effect::FreeAudiences(demo(), ExtensionKey(key));
        world.commit([vec![free(1), free(2)], swapped()].concat()).await;
        assert_eq!((having(&world, &[BACK]).await, having(&world, &[FRONT]).await), (vec![2], vec![1]));
    }
}

/// On PostgreSQL commits run side by side, and none sees what another has not committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_extensions_that_take_an_audience_at_once_one_succeeds() {
    for world in worlds().await {
        let mut nodes = vec![world.store.clone()];
        nodes.extend(world.other_node().await);
        for round in 0..8 {
            let audience = format!("urn:x:{round}");
            let takers = (1..=16).map(|number| vec![put(with(round * 100 + number, &[&audience]))]);
            assert_eq!(at_once(&nodes, takers.collect()).await, 1, "{}", world.engine);
        }
    }
}
