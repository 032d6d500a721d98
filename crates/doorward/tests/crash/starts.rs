//! What a server refuses to start with, and how it says so.

use crate::server::{Running, output, serve};
use crate::world::{KEY, World, free_port};

/// A world on which a server has worked, and that nobody has open.
async fn used() -> World {
    let world = World::new().await;
    let mut running = Running::start(&world);
    running.ready().await;
    running.terminate();
    assert!(running.ended().await.success());
    world
}

/// Starts a server that must not run.
async fn refused(world: &World, key: &str, code: i32, says: &[&str]) {
    let output = output(serve(world, free_port(), key)).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for words in says {
        assert!(said.contains(words), "{words}? {said}");
    }
    assert!(!said.contains(KEY) && !said.contains(OTHER_KEY), "a key was printed");
}

#[tokio::test]
async fn one_sqlite_file_has_one_server() {
    let world = World::new().await;
    if world.sqlite().is_none() {
        return;
    }
    let mut running = Running::start(&world);
    running.ready().await;
    refused(&world, KEY, 75, &["another", "stop the other server"]).await;
    running.ready().await;
    running.kill();
    // A lock does not outlive its holder.
    let mut next = Running::start(&world);
    next.ready().await;
    next.terminate();
    assert!(next.ended().await.success());
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let world = used().await;
    if world.sqlite().is_some() {
        std::fs::write(world.data().join("key"), format!("{OTHER_KEY} 1\n"))
            .expect("the key file can be written");
    }
    refused(&world, OTHER_KEY, 78, &["key", "key_encryption_key"]).await;
}

#[tokio::test]
async fn a_missing_key_is_refused() {
    let world = used().await;
    if world.sqlite().is_some() {
        std::fs::remove_file(world.data().join("key")).expect("the key file can be removed");
    }
    refused(&world, "", 78, &["key", "key_encryption_key"]).await;
    assert!(!world.data().join("key").exists(), "a new key would hide that the old one is lost");
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let world = used().await;
    world
        .execute(
            "INSERT INTO migrations (version, name, checksum, applied_at) VALUES (9999, 'later', 'x', 0)",
        )
        .await;
    refused(&world, KEY, 78, &["newer"]).await;
}

const OTHER_KEY: &str = "b3RoZXI2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjA";
