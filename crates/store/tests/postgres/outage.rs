//! The database is out of reach, slow, or restarted: a fault, soon, and then all is well again.

use std::time::{Duration, Instant};

use doorward_store::CommitError;
use doorward_store::value::Value;

use crate::proxy::Proxy;
use crate::support::*;

/// RELIABILITY, F10: p99 at most 3 s, then 503. Twice that on a machine that does other things too.
const SOON: Duration = Duration::from_secs(6);

#[tokio::test]
async fn out_of_reach_is_a_fault_soon_and_recovery_is_by_itself() {
    let Some(database) = Database::new().await else { return };
    let proxy = Proxy::to(&database.address()).await;
    let driver = open(&database.url_by(&proxy.address, "pool=4"));
    driver.commit(commit(vec![put("one")])).await.unwrap();

    proxy.set_down(true);
    let began = Instant::now();
    driver.read(&HOLDER, &[]).await.unwrap_err();
    assert!(matches!(driver.commit(commit(vec![put("two")])).await, Err(CommitError::Fault(_))));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

    proxy.set_down(false);
    driver.read(&HOLDER, &[]).await.unwrap();
    driver.commit(commit(vec![put("two")])).await.unwrap();
}

#[tokio::test]
async fn a_restart_of_the_database_is_not_noticed_when_it_is_back() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    driver.commit(commit(vec![put("one")])).await.unwrap();
    let busy: Vec<_> =
        (0..8).map(|_| async { driver.read_all(&[(&HOLDER, &[]), (&LEASES, &[])]).await }).collect();
    for task in busy {
        task.await.unwrap();
    }
    // What a restart does to every connection of the pool.
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").await;
    driver.read(&HOLDER, &[]).await.unwrap();
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").await;
    driver.commit(recorded(1, vec![take("nobody", "me")])).await.unwrap();
}

#[tokio::test]
async fn a_slow_statement_is_given_up_and_its_connection_closed() {
    let Some(database) = Database::new().await else { return };
    let driver = open(&database.url("pool=1"));
    let began = Instant::now();
    driver.read(&SLEEP, &[]).await.unwrap_err();
    driver.read(&EVENTS, &[]).await.unwrap();
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_locked_row_is_a_fault_and_no_conflict() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    driver.commit(commit(vec![put("one")])).await.unwrap();
    let (client, connection) =
        tokio_postgres::connect(&database.url(""), tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute("BEGIN; UPDATE leases SET expires_at = 1").await.unwrap();
    let error = driver.commit(commit(vec![take("nobody", "me")])).await.unwrap_err();
    assert!(matches!(&error, CommitError::Fault(fault) if fault.detail.contains("57014")), "{error}");
    client.batch_execute("ROLLBACK").await.unwrap();
    driver.commit(commit(vec![take("nobody", "me")])).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_pool_with_nothing_free_says_so_within_a_second() {
    let Some(database) = Database::new().await else { return };
    let driver = open(&database.url("pool=1"));
    driver.read(&EVENTS, &[]).await.unwrap();
    let slow = tokio::spawn({
        let driver = driver.clone();
        async move { driver.read(&SLEEP, &[]).await }
    });
    tokio::task::yield_now().await;
    let began = Instant::now();
    let fault = driver.read(&EVENTS, &[]).await.unwrap_err();
    assert!(fault.detail.contains("no connection came free"), "{fault}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    slow.await.unwrap().unwrap_err();
}

/// Who is in line is served while others are, however many came before it; and not for ever.
#[tokio::test]
async fn a_connection_is_waited_for_while_others_come_free() {
    let Some(database) = Database::new().await else { return };
    let driver = open(&database.url("pool=1"));
    driver.read(&EVENTS, &[]).await.unwrap();
    let began = Instant::now();
    let naps: Vec<_> = (0..16)
        .map(|_| {
            let driver = driver.clone();
            tokio::spawn(async move { driver.read(&NAP, &[]).await })
        })
        .collect();
    let mut ends = Vec::new();
    for nap in naps {
        ends.push(nap.await.unwrap());
    }
    assert!(ends[..6].iter().all(Result::is_ok), "the sixth waited for more than a second");
    let fault = ends.pop().unwrap().expect_err("more than all that one waits");
    assert!(fault.detail.contains("no connection came free"), "{fault}");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_primary_that_became_a_standby_is_left() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    driver.commit(commit(vec![put("one")])).await.unwrap();
    let name = database.url("").rsplit('/').next().unwrap().trim_end_matches('?').to_owned();
    database.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    // Connections made before do not know yet; those made from now on are refused as they are not read-write.
    let fresh = database.driver();
    let fault = fresh.read(&EVENTS, &[]).await.unwrap_err();
    assert!(fault.detail.contains("does not allow writes"), "{fault}");
    let error = fresh.commit(commit(vec![take("nobody", "me")])).await.unwrap_err();
    assert!(matches!(error, CommitError::Fault(_)));
    assert_eq!(driver.read(&HOLDER, &[]).await.unwrap().remove(0).value().unwrap(), Value::from("nobody"));
}
