//! What is compared before a database is used: migrations, key, epoch.

use doorward_core::id::TenantId;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_core::{Ctx, Timestamp};
use doorward_crypto::base64url;
use doorward_crypto::random::{SeededRandom, SystemRandom};
use doorward_store::seal::data_key::DataKeys;
use doorward_store::seal::key_text::KeyText;
use doorward_store::seal::{KeyError, KeySource};
use doorward_store::{OpenError, epoch, migration};

use crate::support::*;

fn source(byte: u8) -> KeySource {
    KeySource { current: KeyText::Value(base64url::encode(&[byte; 32]).into()), previous: None }
}

#[tokio::test]
async fn two_nodes_migrate_at_once_and_each_migration_is_applied_once() {
    let Some(database) = Database::empty().await else { return };
    let (first, second) = (database.driver(), database.driver());
    assert_eq!(migration::status(&first).await.unwrap()[0].applied_at, None);
    let (first_result, second_result) = tokio::join!(migration::up(&first, 7), migration::up(&second, 8));
    first_result.unwrap();
    second_result.unwrap();
    assert!(migration::plan(&first).await.unwrap().is_empty());
    assert!(!first.columns().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wrong_or_missing_key_is_refused_and_every_node_seals_alike() {
    let Some(database) = Database::new().await else { return };
    let (tenant, now, mut rng) = (TenantId::from("demo"), Timestamp(1), SeededRandom::new(1));
    let missing = KeySource { current: KeyText::Value(String::new().into()), previous: None };
    let refused = DataKeys::open(database.driver(), missing.clone(), false, &mut rng).await.unwrap_err();
    assert!(matches!(refused, OpenError::Key(KeyError::Missing(_))), "{refused}");

    let first = DataKeys::open(database.driver(), source(1), false, &mut rng).await.unwrap();
    let second =
        DataKeys::open(database.driver(), source(1), false, &mut SeededRandom::new(9)).await.unwrap();
    let mut other_rng = SeededRandom::new(2);
    let (here, there) =
        tokio::join!(first.of(&tenant, now, &mut rng), second.of(&tenant, now, &mut other_rng));
    let sealed = here.unwrap().seal(b"place", b"value", &mut SeededRandom::new(3));
    assert_eq!(there.unwrap().open(b"place", &sealed).unwrap(), b"value");

    for (key, error) in [(source(2), "not the one"), (missing, "backup")] {
        let refused =
            DataKeys::open(database.driver(), key, false, &mut SeededRandom::new(4)).await.unwrap_err();
        assert!(refused.to_string().contains(error), "{refused}");
    }

    // Every node knows both keys, one wraps anew, and the old one can go.
    let both = KeySource { previous: Some(source(1).current), ..source(2) };
    let changing = DataKeys::open(database.driver(), both, false, &mut rng).await.unwrap();
    assert_eq!(changing.rewrap(&mut wrapped, &mut rng).await.unwrap(), 1);
    let after = DataKeys::open(database.driver(), source(2), false, &mut rng).await.unwrap();
    assert_eq!(after.of(&tenant, now, &mut rng).await.unwrap().open(b"place", &sealed).unwrap(), b"value");
    assert!(DataKeys::open(database.driver(), source(1), false, &mut rng).await.is_err());
}

#[tokio::test]
async fn a_key_changes_node_by_node_and_no_data_key_stays_behind() {
    let Some(database) = Database::new().await else { return };
    let (now, mut rng) = (Timestamp(1), SeededRandom::new(5));
    let [one, two, three, four] = ["one", "two", "three", "four"].map(TenantId::from);
    let late = DataKeys::open(database.driver(), source(1), false, &mut rng).await.unwrap();
    late.of(&one, now, &mut rng).await.unwrap();
    let both = || KeySource { previous: Some(source(1).current), ..source(2) };
    let first = DataKeys::open(database.driver(), both(), false, &mut rng).await.unwrap();

    // Until it is ordered, what a node with both keys makes is of use to a node that has only the old one.
    first.of(&two, now, &mut rng).await.unwrap();
    late.of(&two, now, &mut rng).await.unwrap();
    DataKeys::open(database.driver(), source(1), false, &mut rng).await.unwrap();

    // One of the two conflicts and is done again; in whatever order, both stand.
    let second = DataKeys::open(database.driver(), both(), false, &mut rng).await.unwrap();
    let mut other_rng = SeededRandom::new(6);
    let (rewrapped, made) = tokio::join!(
        async {
            for _ in 0..8 {
                if let Ok(count) = first.rewrap(&mut wrapped, &mut rng).await {
                    return count;
                }
            }
            panic!("it never succeeds");
        },
        second.of(&three, now, &mut other_rng)
    );
    made.unwrap();
    assert!((2..=3).contains(&rewrapped), "{rewrapped}");
    assert_eq!(count(&database.driver(), &EVENTS).await, i64::try_from(rewrapped).unwrap());
    let after = DataKeys::open(database.driver(), source(2), false, &mut rng).await.unwrap();
    for tenant in [&one, &two, &three] {
        after.of(tenant, now, &mut rng).await.unwrap();
    }

    // A node that was not started again goes on with what it has, makes nothing under the old key, and is not started with it.
    late.of(&one, now, &mut rng).await.unwrap();
    let fault = late.of(&four, now, &mut rng).await.unwrap_err();
    assert!(fault.detail.contains("start it again"), "{fault}");
    assert!(late.rewrap(&mut wrapped, &mut rng).await.is_err());
    assert!(DataKeys::open(database.driver(), source(1), false, &mut rng).await.is_err());
    after.of(&four, now, &mut rng).await.unwrap();
}

/// The event of a data key that was wrapped anew.
fn wrapped(tenant: &TenantId) -> Event {
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now: Timestamp(1), rng: &mut rng, request_id: "test", address: "" };
    Event::new(EventKind::KeyWrapped, tenant, Actor::Operator, &mut ctx)
}

#[tokio::test]
async fn another_epoch_is_refused_at_start_and_on_every_later_connection() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    epoch::check(&driver, 3).await.unwrap();
    epoch::check(&driver, 3).await.unwrap();
    driver.read(&EVENTS, &[]).await.unwrap();

    let refused = epoch::check(&database.driver(), 4).await.unwrap_err();
    assert!(refused.to_string().contains("backup"), "{refused}");

    // The database behind the same address is replaced by an older one.
    database.sql("UPDATE meta SET value = '2' WHERE key = 'epoch'").await;
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").await;
    let fault = driver.read(&EVENTS, &[]).await.unwrap_err();
    assert!(fault.detail.contains("epoch 2"), "{fault}");
}
