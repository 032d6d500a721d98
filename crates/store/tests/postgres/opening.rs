//! What is compared before a database is used: migrations, key, epoch.

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_crypto::base64url;
use doorward_crypto::random::SeededRandom;
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
    assert_eq!(changing.rewrap(&mut rng).await.unwrap(), 1);
    let after = DataKeys::open(database.driver(), source(2), false, &mut rng).await.unwrap();
    assert_eq!(after.of(&tenant, now, &mut rng).await.unwrap().open(b"place", &sealed).unwrap(), b"value");
    assert!(DataKeys::open(database.driver(), source(1), false, &mut rng).await.is_err());
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
