//! Removals: what is aborted, and what is told of installations that went with their context.

use doorward_core::Effect;
use doorward_core::id::ContextKey;
use doorward_core::model::{EventKind, Life};
use doorward_tests::T1;
use doorward_tests::sink::Answer;
use doorward_web::webhook::removal::{Sweep, follow};

use super::{World, numbers};

#[tokio::test]
async fn a_late_removal_names_the_old_installation_and_touches_no_new_one() {
    let world = World::installed().await;
    world.sink.answer([Answer::status(500), Answer::status(500)]);
    world.app.change("ins_1").await;
    assert_eq!(numbers(&world.turn().await, "ins_1"), [2]);
    world.app.uninstall("ins_1").await;
    assert_eq!(numbers(&world.turn().await, "ins_1"), [3], "what waited is void, and it is told at once");
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), Some("aborted"), None]);
    // The same extension is installed there again before the old one's removal was told.
    let new = world.app.install_as(&world.extension, "ins_2", (0, "tenant/t1")).await;
    assert_eq!(numbers(&world.turn().await, "ins_2"), [1]);
    world.app.advance_s(3600);
    let late = world.turn().await;
    assert_eq!((numbers(&late, "ins_1"), numbers(&late, "ins_2")), (vec![3], vec![]));
    assert_eq!(late[0].json()["state"], "removed");
    let after = world.app.standing("ins_2").await;
    assert_eq!((after.life, after.version), (Life::Enabled, new.version));
    let secrets = world.app.store.installation_secrets(&T1.into(), &"ins_2".into()).await.unwrap();
    assert!(secrets[0].is_in_force(world.app.clock.now()));
    assert!(world.app.store.installation_secrets(&T1.into(), &"ins_1".into()).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_installed_in_a_context_and_below_it_goes_after_it_and_is_told_once() {
    let world = World::new().await;
    world.app.context(10, "customer/c", &[]).await;
    world.app.context(11, "project/p", &[10]).await;
    world.app.context(12, "stage/s", &[11, 10]).await;
    world.app.context(20, "customer/d", &[]).await;
    let places =
        [(10, "customer/c"), (11, "project/p"), (12, "stage/s"), (20, "customer/d"), (0, "tenant/t1")];
    for (at, place) in places.into_iter().enumerate() {
        world.app.install_as(&world.extension, &format!("ins_{at}"), place).await;
    }
    world.turns().await;
    let remove = Effect::RemoveContext {
        tenant: T1.into(),
        key: ContextKey(10),
        version: 1,
        now: world.app.clock.now(),
    };
    world.app.store.commit(vec![remove]).await.unwrap();
    // Several at once, as nodes would: nobody tells it twice.
    let (one, two) = tokio::join!(follow(&world.app.app), follow(&world.app.app));
    assert_eq!(one.unwrap() + two.unwrap(), 3);
    assert_eq!(follow(&world.app.app).await.unwrap(), 0);
    let heard = world.turns().await;
    for (at, told) in [(0, vec![2]), (1, vec![2]), (2, vec![2]), (3, vec![]), (4, vec![])] {
        assert_eq!(numbers(&heard, &format!("ins_{at}")), told, "ins_{at}");
    }
    assert_eq!(world.events(EventKind::InstallationRemoved).await.len(), 3);
}

#[tokio::test]
async fn what_stands_where_nothing_is_remembered_is_found_too() {
    let world = World::new().await;
    world.app.install_as(&world.extension, "ins_1", (99, "project/forgotten")).await;
    world.app.install_as(&world.extension, "ins_2", (0, "tenant/t1")).await;
    assert_eq!(follow(&world.app.app).await.unwrap(), 0);
    let mut sweep = Sweep::default();
    for _ in 0..3 {
        sweep.turn(&world.app.app).await.unwrap();
    }
    assert!(matches!(world.app.standing("ins_1").await.life, Life::Removed { .. }));
    assert_eq!(world.app.standing("ins_2").await.life, Life::Enabled);
    assert_eq!(world.events(EventKind::InstallationRemoved).await.len(), 1);
}
