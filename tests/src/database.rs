//! A database per test: a folder with an SQLite file, or a fresh database on the PostgreSQL server that the environment names.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_crypto::secret::SecretString;
use doorward_store::clock::Clock;
use doorward_store::driver::sqlite::SqliteConfig;
use doorward_store::seal::KeySource;
use doorward_store::seal::key_text::KeyText;
use doorward_store::{Database, OpenError, Store, StoreConfig};

/// Where a test's data is. Removed when dropped.
pub struct TestDatabase {
    pub(crate) folder: PathBuf,
    pub(crate) server: Option<String>,
    pub(crate) name: String,
    /// Whether it goes with this value.
    pub(crate) is_ours: bool,
}

impl TestDatabase {
    /// A fresh one.
    pub async fn new() -> Self {
        let (name, folder) = fresh_folder();
        let server = std::env::var("DOORWARD_TEST_POSTGRES").ok();
        if let Some(server) = &server {
            admin(server, &format!("CREATE DATABASE {name}")).await;
        }
        Self { folder, server, name, is_ours: true }
    }

    /// Whether this is PostgreSQL, where several nodes can share it.
    pub fn is_shared(&self) -> bool {
        self.server.is_some()
    }

    /// A store on it, with that clock. Every call on PostgreSQL is a further node.
    pub async fn open(&self, clock: Clock) -> Store {
        let mut tries = 0;
        loop {
            let key = match &self.server {
                None => KeyText::File(self.folder.join("key")),
                Some(_) => KeyText::Value(SecretString::new(KEY.to_owned())),
            };
            let config = StoreConfig { clock: Some(clock.clone()), ..self.config(key) };
            match Store::open(config).await {
                // On a loaded machine a server that was just made a database for may be late.
                Err(OpenError::Server(_)) if tries < 3 => tries += 1,
                opened => return opened.expect("the store opens"),
            }
        }
    }

    /// How a store on it is opened, with that key.
    pub(crate) fn config(&self, key: KeyText) -> StoreConfig {
        let key = KeySource { current: key, previous: None };
        match self.url() {
            None => {
                let file =
                    SqliteConfig { ballast_bytes: 0, ..SqliteConfig::new(self.folder.join("doorward.db")) };
                StoreConfig { database: Database::Sqlite(file), ..StoreConfig::sqlite("unused", key) }
            }
            Some(url) => StoreConfig::postgres(SecretString::new(url), key),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
        let Some(server) = self.server.take().filter(|_| self.is_ours) else { return };
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // In a thread of its own: a runtime cannot be entered from within another.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(admin(&server, &drop));
            }
        });
        let _ended = thread.join();
    }
}

/// A name that no other test has, and a folder of that name.
pub(crate) fn fresh_folder() -> (String, PathBuf) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!("doorward_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(&name);
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    (name, folder)
}

pub(crate) async fn admin(server: &str, sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.expect("the test server answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("the test server does as told");
    connection.abort();
}

pub(crate) const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
