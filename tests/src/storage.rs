//! What happens to storage: writes that fail, a server that is killed, and everything that stands on the disk.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use doorward_core::id::TenantId;
use doorward_core::model::Actor;
use doorward_crypto::secret::SecretString;
use doorward_store::clock::Clock;
use doorward_store::driver::Driver;
use doorward_store::driver::sqlite::SqliteConfig;
use doorward_store::seal::KeySource;
use doorward_store::seal::key_text::KeyText;
use doorward_store::store::raise_epoch;
use doorward_store::{Database, OpenError, Store, StoreConfig, backup};
use doorward_web::fetch::Policy;
use doorward_web::keys;

use crate::TestApp;
use crate::database::{KEY, TestDatabase, admin, fresh_folder};
use crate::fixture::{T1, T2};

impl TestApp {
    /// Whether writes fail from now on, while reads go on.
    pub async fn fail_writes(&self, fail: bool) {
        if let Driver::Sqlite(sqlite) = self.store.driver() {
            let pragma = if fail { "PRAGMA query_only = ON" } else { "PRAGMA query_only = OFF" };
            sqlite.pragma(pragma).await.expect("the writer can be told");
            return;
        }
        let tables = ["events", "grants", "meta", "tickets", "webhook_attempts", "webhook_queues"];
        let each = |sql: fn(&str) -> String| tables.map(sql).concat();
        let sql = if fail {
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
                .to_owned()
                + &each(|table| {
                    format!("CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION fail();")
                })
        } else {
            each(|table| format!("DROP TRIGGER fail ON {table};")) + "DROP FUNCTION fail()"
        };
        admin(&self.database.url().expect("it is a server"), &sql).await;
    }

    /// From now on commits do not wait for the disk: they survive a kill, and no power cut. The cluster of the tests does the same.
    pub async fn hurry(&self) {
        if let Driver::Sqlite(sqlite) = self.store.driver() {
            sqlite.pragma("PRAGMA synchronous = OFF").await.expect("the writer can be told");
        }
    }

    /// Whether reads of clients, sessions and grants fail from now on, as when the database is away.
    pub async fn fail_reads(&self, fail: bool) {
        let renames = if fail {
            [
                "ALTER TABLE clients RENAME TO clients_away",
                "ALTER TABLE grants RENAME TO grants_away",
                "ALTER TABLE sessions RENAME TO sessions_away",
            ]
        } else {
            [
                "ALTER TABLE clients_away RENAME TO clients",
                "ALTER TABLE grants_away RENAME TO grants",
                "ALTER TABLE sessions_away RENAME TO sessions",
            ]
        };
        for rename in renames {
            self.alter(rename).await;
        }
    }

    /// Alters a table behind the server's back.
    pub async fn alter(&self, sql: &'static str) {
        match self.store.driver() {
            Driver::Sqlite(sqlite) => sqlite.pragma(sql).await.expect("the writer can be told"),
            Driver::Postgres(_) => admin(&self.database.url().expect("it is a server"), sql).await,
        }
    }

    /// A server on what stood on the disk at this moment, as after `kill -9`.
    pub async fn killed(&self) -> Self {
        let database = self.copy();
        let store = database.open(self.clock.clone()).await;
        Self::on(database, store, self.clock.clone(), Policy::default())
    }

    /// Whether the database is on a server.
    pub fn is_on_a_server(&self) -> bool {
        self.database.is_shared()
    }

    /// A backup of the database as it is now; none of one on a server, which has backups of its own.
    pub async fn back_up(&self) -> Option<PathBuf> {
        let Driver::Sqlite(sqlite) = self.store.driver() else { return None };
        let (copy, backup) = (self.database.folder.join("copy"), self.database.folder.join("backup"));
        sqlite.copy(copy.clone()).await.expect("the database can be copied");
        backup::keep(&copy, &backup, ("a test", "now"), None).expect("the backup is sound");
        Some(backup)
    }

    /// A server in a folder of its own, whose database was brought back from that backup.
    pub async fn restored(&self, backup: &Path, keep_grants: bool) -> Self {
        let database = self.copy();
        let key = KeySource { current: KeyText::File(database.folder.join("key")), previous: None };
        let file = database.folder.join("doorward.db");
        let wish = backup::Restore {
            database: &file,
            key: &key,
            backup,
            with_key: false,
            without_manifest: false,
            keep_grants,
        };
        backup::restore(&wish).await.expect("the backup can be brought back");
        let store = database.open(self.clock.clone()).await;
        self.started(database, store).await
    }

    /// A server on this database once its epoch was raised, as after a restore by other means.
    pub async fn raised(&self) -> Self {
        let database = self.copy();
        let at = match database.url() {
            Some(url) => Database::Postgres(SecretString::new(url)),
            None => Database::Sqlite(SqliteConfig::new(database.folder.join("doorward.db"))),
        };
        let before = match &database.server {
            Some(_) => KeyText::Value(SecretString::new(KEY.to_owned())),
            None => KeyText::File(database.folder.join("key")),
        };
        let source = KeySource { current: before.clone(), previous: None };
        let epoch = raise_epoch(&at, &source, false).await.expect("the epoch can be raised");
        let after = match &database.server {
            // Who wrote the key as a setting has to do it again.
            Some(_) => {
                let config = StoreConfig { clock: Some(self.clock.clone()), ..database.config(before) };
                let refused = Store::open(config).await.expect_err("the key's epoch is the old one");
                assert!(refused.to_string().contains(&format!("stands {epoch}")), "{refused}");
                KeyText::Value(SecretString::new(format!("{KEY} {epoch}")))
            }
            None => before,
        };
        let config = StoreConfig { clock: Some(self.clock.clone()), ..database.config(after) };
        let store = Store::open(config).await.expect("the store opens");
        self.started(database, store).await
    }

    async fn started(&self, database: TestDatabase, store: Store) -> Self {
        for tenant in [T1, T2] {
            keys::ensure(&store, &TenantId::from(tenant), &Actor::Server).await.expect("keys can be made");
        }
        Self::on(database, store, self.clock.clone(), Policy::default())
    }

    /// The files as they are now; none of a database on a server, which is the same one.
    pub(crate) fn left(&self) -> Option<TestDatabase> {
        (!self.database.is_shared()).then(|| self.copy())
    }

    /// The files as they are now; a database on a server is the same one.
    fn copy(&self) -> TestDatabase {
        let (name, folder) = fresh_folder();
        if let Some(server) = &self.database.server {
            let (server, name) = (Some(server.clone()), self.database.name.clone());
            return TestDatabase { folder, server, name, is_ours: false };
        }
        for file in ["doorward.db", "doorward.db-wal", "key"] {
            let from = self.database.folder.join(file);
            if from.exists() {
                std::fs::copy(&from, folder.join(file)).expect("a file can be copied");
            }
        }
        TestDatabase { folder, server: None, name, is_ours: true }
    }

    /// Start on what stands on the disk now.
    pub async fn reopen(&self) -> Result<Store, OpenError> {
        let copy = self.copy();
        self.open_copy(copy, Some(self.clock.clone())).await
    }

    /// Advance the clock to so many seconds after the wall clock, and have that written down. The milliseconds.
    pub async fn ahead_of_the_wall(&self, seconds: i64) -> i64 {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis();
        let wall = i64::try_from(wall).expect("it is before the end of time");
        self.clock.advance_ms(wall + seconds * 1000 - self.clock.now().0);
        seconds * 1000
    }

    /// Start on what stands on the disk now, by this machine's clock; none where the database's clock counts.
    pub async fn open_by_the_wall(&self) -> Option<Result<Store, OpenError>> {
        if self.database.is_shared() {
            return None;
        }
        let copy = self.copy();
        Some(self.open_copy(copy, None).await)
    }

    /// The text of the key-encryption key.
    pub fn key_text(&self) -> String {
        let file = std::fs::read_to_string(self.database.folder.join("key"));
        file.unwrap_or_else(|_| KEY.to_owned())
    }

    /// Try to start on what stands on the disk with that key, or without one; none when it does start.
    pub async fn refused_with_key(&self, key: Option<&str>) -> Option<OpenError> {
        let copy = self.copy();
        let source = match (&copy.server, key) {
            (Some(_), Some(key)) => KeyText::Value(SecretString::new(key.to_owned())),
            (Some(_), None) => KeyText::File(copy.folder.join("no-such-key")),
            (None, key) => {
                let file = copy.folder.join("key");
                match key {
                    Some(key) => std::fs::write(&file, key).expect("a file can be written"),
                    None => std::fs::remove_file(&file).expect("a file can be removed"),
                }
                KeyText::File(file)
            }
        };
        let config = StoreConfig { clock: Some(self.clock.clone()), ..copy.config(source) };
        let refused = Store::open(config).await.err()?;
        // Refused, it has changed nothing: with the right key everything is there.
        if copy.server.is_none() {
            std::fs::write(copy.folder.join("key"), self.key_text()).expect("a file can be written");
        }
        let mended = self.open_copy(copy, Some(self.clock.clone())).await.expect("the right key opens it");
        let counts = async |store: &Store| store.counts().await.expect("rows can be counted");
        assert_eq!(counts(&mended).await, counts(&self.store).await, "rows changed");
        Some(refused)
    }

    async fn open_copy(&self, copy: TestDatabase, clock: Option<Clock>) -> Result<Store, OpenError> {
        let key = match &copy.server {
            None => KeyText::File(copy.folder.join("key")),
            Some(_) => KeyText::Value(SecretString::new(KEY.to_owned())),
        };
        let mut config = copy.config(key);
        config.clock = clock;
        Store::open(config).await
    }

    /// Every byte that storage holds: the files of the folder, or every row of every table as text.
    pub async fn dump(&self) -> Vec<u8> {
        let Some(url) = self.database.url() else {
            let files = ["doorward.db", "doorward.db-wal"].map(|name| self.database.folder.join(name));
            let contents = files.iter().map(|file| std::fs::read(file).unwrap_or_default());
            return contents.collect::<Vec<_>>().concat();
        };
        let (client, connection) =
            tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("the test server answers");
        let connection = tokio::spawn(connection);
        let tables = client
            .query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", &[])
            .await
            .expect("tables can be listed");
        let mut dump = Vec::new();
        for table in tables {
            let table: String = table.get(0);
            let rows =
                client.query(&format!("SELECT t::text FROM {table} t"), &[]).await.expect("rows can be read");
            for row in rows {
                dump.extend_from_slice(row.get::<_, String>(0).as_bytes());
                dump.push(b'\n');
            }
        }
        connection.abort();
        dump
    }
}

impl TestDatabase {
    /// The URL of the database, where it is on a server.
    pub(crate) fn url(&self) -> Option<String> {
        let (base, _) = self.server.as_deref()?.rsplit_once('/')?;
        Some(format!("{base}/{}", self.name))
    }
}
