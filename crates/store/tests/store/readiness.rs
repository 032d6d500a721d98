//! Readiness tells whether writes succeed, not only whether something can be read.

use doorward_store::driver::Driver;

use crate::support::{sqlite, worlds};

#[tokio::test]
async fn another_process_that_holds_the_write_lock_is_told_and_so_is_its_end() {
    let world = sqlite(|_| {}).await;
    world.store.write_probe().await.unwrap();
    let other = rusqlite::Connection::open(world.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let fault = world.store.write_probe().await.unwrap_err();
    assert!(fault.detail.contains("SQLite 5"), "{fault}");
    other.execute_batch("ROLLBACK").unwrap();
    world.store.write_probe().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_and_so_is_its_end() {
    let world = sqlite(|config| config.ballast_bytes = 1 << 20).await;
    let Driver::Sqlite(driver) = world.store.driver().clone() else { panic!("a world on SQLite") };
    assert!(driver.hold_ballast());
    driver.figures().disk_full.store(true, std::sync::atomic::Ordering::Release);
    let fault = world.store.write_probe().await.unwrap_err();
    assert!(fault.detail.contains("disk is full"), "{fault}");
    assert!(driver.hold_ballast());
    world.store.write_probe().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_gone_is_told() {
    let world = sqlite(|_| {}).await;
    world.store.ready().await.unwrap();
    std::fs::remove_file(world.file()).unwrap();
    world.store.write_probe().await.unwrap_err();
    // Known from now on, also to whoever only reads, and though something was committed a moment ago.
    world.store.ready().await.unwrap_err();
}

#[tokio::test]
async fn a_commit_proves_that_there_can_be_others_and_so_does_the_probe() {
    for world in worlds().await {
        let before = world.store.driver().committed_at();
        assert!(before > 0, "{}", world.engine);
        world.store.write_probe().await.unwrap();
        assert!(world.store.driver().committed_at() >= before);
        world.store.ready().await.unwrap();
    }
}
