//! A restore that is killed at any step leaves the old database or the new one, and the next start says which.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use doorward_core::Effect;
use doorward_core::model::{Tenant, TenantSettings};
use doorward_crypto::base64url;

use super::finish::{Prepared, prepared_name, restored_name};
use super::restore::prepare;
use super::*;
use crate::driver::Driver;
use crate::driver::sqlite::SqliteConfig;
use crate::seal::KeySource;
use crate::seal::key_text::KeyText;
use crate::{Database, OpenError, Store, StoreConfig};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("doorward-backup-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    async fn open(&self) -> Result<Store, OpenError> {
        self.open_by(self.key()).await
    }

    async fn open_by(&self, key: KeySource) -> Result<Store, OpenError> {
        let mut config = StoreConfig { key, ..StoreConfig::folder(&self.0) };
        let sqlite = SqliteConfig { ballast_bytes: 0, ..SqliteConfig::new(self.at("doorward.db")) };
        config.database = Database::Sqlite(sqlite);
        Store::open(config).await
    }

    fn key(&self) -> KeySource {
        KeySource { current: KeyText::File(self.at("key")), previous: None }
    }

    /// The tenants of the database that opens, which must open.
    async fn tenants(&self) -> Vec<String> {
        let store = self.open().await.unwrap();
        let mut found: Vec<String> =
            store.tenants().await.unwrap().into_iter().map(|tenant| tenant.id.0).collect();
        found.sort();
        found
    }

    /// A database with a tenant, its backup, and another tenant since.
    async fn with_backup() -> Self {
        let folder = Self::new();
        let store = folder.open().await.unwrap();
        add(&store, "before").await;
        let Driver::Sqlite(sqlite) = store.driver() else { panic!("SQLite") };
        sqlite.copy(folder.at("copy")).await.unwrap();
        keep(&folder.at("copy"), &folder.at("backup"), ("a test", "today"), None).unwrap();
        add(&store, "since").await;
        folder
    }

    /// A log that a server left which did not end well: SQLite would carry it over into whatever database stands beside it.
    fn leave_a_log(&self) {
        let (log, kept) = (self.at("doorward.db-wal"), self.at("log"));
        let connection = rusqlite::Connection::open(self.at("doorward.db")).unwrap();
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        assert_eq!(mode.unwrap(), "wal");
        connection.execute("UPDATE tenants SET id = 'of the log' WHERE id = 'since'", []).unwrap();
        fs::copy(&log, &kept).unwrap();
        drop(connection);
        fs::rename(kept, log).unwrap();
    }

    fn wish<'a>(&self, database: &'a PathBuf, key: &'a KeySource, backup: &'a PathBuf) -> Restore<'a> {
        Restore { database, key, backup, with_key: false, without_manifest: false, keep_grants: false }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

async fn add(store: &Store, id: &str) {
    let tenant = Tenant {
        id: id.into(),
        name: id.to_owned(),
        disabled_at: None,
        settings: TenantSettings::default(),
        version: 0,
        created_at: store.now(),
    };
    store.commit(vec![Effect::PutTenant(tenant)]).await.unwrap();
}

#[tokio::test]
async fn a_restore_that_is_killed_after_any_step_is_finished_by_the_next_start() {
    for killed_after in 0..=Prepared::STEPS.len() {
        let folder = Folder::with_backup().await;
        let (database, key, backup) = (folder.at("doorward.db"), folder.key(), folder.at("backup"));
        // The server did not end well: its log is still there, and must not meet the new file.
        folder.leave_a_log();
        let wish = folder.wish(&database, &key, &backup);
        let (epoch, _) = prepare(&wish, None, &prepared_name(&database, "")).await.unwrap();
        fs::rename(prepared_name(&database, ""), restored_name(&database, epoch)).unwrap();
        let prepared = Prepared::new(&database, &key.current, epoch);
        for step in &Prepared::STEPS[..killed_after] {
            step(&prepared).unwrap();
        }
        assert_eq!(folder.tenants().await, ["before"], "killed after step {killed_after}");
        assert_eq!(folder.tenants().await, ["before"], "and it stays so");
        assert!(folder.at("doorward.db.before-2").exists() && !restored_name(&database, epoch).exists());
    }
}

#[tokio::test]
async fn a_restore_that_is_killed_before_it_takes_effect_changes_nothing() {
    let folder = Folder::with_backup().await;
    let (database, key, backup) = (folder.at("doorward.db"), folder.key(), folder.at("backup"));
    prepare(&folder.wish(&database, &key, &backup), None, &prepared_name(&database, "")).await.unwrap();
    assert_eq!(folder.tenants().await, ["before", "since"]);
    assert!(!prepared_name(&database, "").exists(), "what was prepared is of no use");
}

#[tokio::test]
async fn the_database_that_was_replaced_is_refused_afterwards() {
    let folder = Folder::with_backup().await;
    let (database, key, backup) = (folder.at("doorward.db"), folder.key(), folder.at("backup"));
    let restored = restore(&folder.wish(&database, &key, &backup)).await.unwrap();
    assert_eq!((restored.epoch, &restored.aside), (2, &Some(folder.at("doorward.db.before-2"))));
    assert_eq!(restored.key, KeyAfter::Raised(folder.at("key")));
    fs::copy(folder.at("doorward.db.before-2"), &database).unwrap();
    let error = folder.open().await.unwrap_err();
    assert!(
        matches!(&error, OpenError::OtherEpoch(differs) if (differs.database, differs.beside_key) == (1, 2)),
        "{error}"
    );
    // The backup itself, put there by hand, is none better.
    fs::copy(&backup, &database).unwrap();
    assert!(matches!(folder.open().await.unwrap_err(), OpenError::OtherEpoch(_)));
    // Another restore makes all well.
    assert_eq!(restore(&folder.wish(&database, &key, &backup)).await.unwrap().epoch, 3);
    assert_eq!(folder.tenants().await, ["before"]);
}

#[tokio::test]
async fn a_backup_that_is_not_sound_is_refused_and_nothing_changes() {
    let folder = Folder::with_backup().await;
    let (database, key, backup) = (folder.at("doorward.db"), folder.key(), folder.at("backup"));
    let sound = fs::read(&backup).unwrap();
    let refused = async |told: &str| {
        let error = restore(&folder.wish(&database, &key, &backup)).await.unwrap_err().to_string();
        assert!(error.contains(told), "{told}: {error}");
        assert_eq!(folder.tenants().await, ["before", "since"], "{told}");
    };
    let mut bytes = sound.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&backup, &bytes).unwrap();
    refused("digest").await;
    // Whoever leaves the manifest out still gets a database that is sound.
    let loose = |folder: &Folder| Restore { without_manifest: true, ..folder.wish(&database, &key, &backup) };
    fs::remove_file(manifest_of(&backup)).unwrap();
    refused("no manifest").await;
    for (bytes, told) in
        [(&sound[..sound.len() / 2], "no sound backup"), (b"no database at all", "no sound backup")]
    {
        fs::write(&backup, bytes).unwrap();
        let error = restore(&loose(&folder)).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        let named = error.starts_with(&format!("{} is no", backup.display()));
        assert!(named && !error.contains(".restoring"), "the file that was given is named: {error}");
    }
    fs::write(&backup, &sound).unwrap();
    fs::rename(folder.at("key"), folder.at("other")).unwrap();
    let error = restore(&loose(&folder)).await.unwrap_err().to_string();
    assert!(error.contains("missing"), "{error}");
    fs::rename(folder.at("other"), folder.at("key")).unwrap();
    assert_eq!(folder.tenants().await, ["before", "since"]);
    let store = folder.open().await.unwrap();
    let error = restore(&loose(&folder)).await.unwrap_err().to_string();
    assert!(error.contains("another server"), "{error}");
    drop(store);
    restore(&loose(&folder)).await.unwrap();
}

/// Where the key is a setting, no file remembers the epoch: the replaced database does. A second restore that forgot it would make a
/// database of the very epoch of the one that it replaces, which could then come back with all that was revoked since.
#[tokio::test]
async fn where_the_key_is_a_setting_the_epoch_of_the_replaced_database_counts() {
    let folder = Folder::new();
    let (database, backup) = (folder.at("doorward.db"), folder.at("backup"));
    // One without a number is of the first epoch.
    let key = |epoch: i64| {
        let number = if epoch == 1 { String::new() } else { format!(" {epoch}") };
        let text = base64url::encode(&[7; 32]) + &number;
        KeySource { current: KeyText::Value(text.into()), previous: None }
    };
    let store = folder.open_by(key(1)).await.unwrap();
    add(&store, "before").await;
    let sql = |text: &str| rusqlite::Connection::open(&database).unwrap().execute(text, []).unwrap();
    let session =
        "INSERT INTO sessions VALUES (5, 'before', 'u', x'00', 0, '', '[]', 0, 0, 1, 9, NULL, '', '', 0)";
    assert_eq!(sql(session), 1);
    let Driver::Sqlite(sqlite) = store.driver() else { panic!("SQLite") };
    sqlite.copy(folder.at("copy")).await.unwrap();
    keep(&folder.at("copy"), &backup, ("a test", "today"), None).unwrap();
    drop(store);
    // After the backup the session is ended.
    assert_eq!(sql("UPDATE sessions SET ended_at = 1"), 1);
    let live = || {
        let connection = rusqlite::Connection::open(&database).unwrap();
        let sql = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL";
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    // The setting is as it was, at the second restore too: whoever runs it has not written the new number yet.
    let given = key(1);
    for (round, epoch) in [(1, 2), (2, 3)] {
        let restored = restore(&folder.wish(&database, &given, &backup)).await.unwrap();
        assert_eq!((restored.epoch, &restored.key), (epoch, &KeyAfter::Setting), "round {round}");
        assert_eq!(live(), 0, "round {round}: what was ended since the backup stays so");
        let old = folder.open_by(key(1)).await.unwrap_err();
        assert!(
            matches!(&old, OpenError::OtherEpoch(differs) if (differs.database, differs.beside_key) == (epoch, 1)),
            "{old}"
        );
    }
    drop(folder.open_by(key(3)).await.unwrap());
    // What was replaced is refused by the key of what is in use, and so is the backup itself.
    for (old, epoch) in [("doorward.db.before-2", 1), ("doorward.db.before-3", 2), ("backup", 1)] {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.at(&format!("doorward.db{end}")));
        }
        fs::copy(folder.at(old), &database).unwrap();
        let error = folder.open_by(key(3)).await.unwrap_err();
        assert!(
            matches!(&error, OpenError::OtherEpoch(differs) if (differs.database, differs.beside_key) == (epoch, 3)),
            "{old}: {error}"
        );
    }
}

/// The key that is there must be the one that the backup is sealed by: a server would open and read nothing.
#[tokio::test]
async fn a_backup_of_another_key_is_refused_and_nothing_changes() {
    let (folder, other) = (Folder::with_backup().await, Folder::with_backup().await);
    let (database, key, backup) = (folder.at("doorward.db"), folder.key(), other.at("backup"));
    let error = restore(&folder.wish(&database, &key, &backup)).await.unwrap_err();
    assert!(matches!(error, BackupError::Open(OpenError::Key(_))), "{error}");
    assert_eq!(folder.tenants().await, ["before", "since"]);
}

#[tokio::test]
async fn numbers_of_events_are_not_given_out_twice() {
    let folder = Folder::with_backup().await;
    let (database, key, backup) = (folder.at("doorward.db"), folder.key(), folder.at("backup"));
    let last = {
        let connection = rusqlite::Connection::open(&database).unwrap();
        connection
            .execute(
                "INSERT INTO events (seq, id, tenant, happened_at, kind, actor, request_id, address, data)
            VALUES (700, x'01', 'before', 0, 'refusals', '\"operator\"', '', '', '{}')",
                [],
            )
            .unwrap();
        700
    };
    restore(&folder.wish(&database, &key, &backup)).await.unwrap();
    let store = folder.open().await.unwrap();
    let events = store.events(None, 0, 1000).await.unwrap();
    let raised: Vec<_> = events.iter().filter(|event| event.event.kind.as_str() == "epoch.raised").collect();
    assert!(!raised.is_empty() && raised.iter().all(|event| event.seq > last), "{raised:?}");
}

#[tokio::test]
async fn a_copy_is_whole_while_others_commit() {
    let folder = Folder::new();
    let store = folder.open().await.unwrap();
    for number in 0..200 {
        add(&store, &format!("tenant-{number:03}{}", "x".repeat(3000))).await;
    }
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let others = {
        let (store, stop) = (store.clone(), stop.clone());
        tokio::spawn(async move {
            let mut made = 0;
            while !stop.load(Ordering::Relaxed) {
                add(&store, &format!("meanwhile-{made:05}")).await;
                made += 1;
            }
            made
        })
    };
    let Driver::Sqlite(sqlite) = store.driver() else { panic!("SQLite") };
    for round in 0..3 {
        let path = folder.at(&format!("copy-{round}"));
        sqlite.copy(path.clone()).await.unwrap();
        let found = contents(&path).unwrap();
        assert!(found.rows["tenants"] >= 200, "{found:?}");
    }
    stop.store(true, Ordering::Relaxed);
    let made: i64 = others.await.unwrap();
    let all = store.counts().await.unwrap().into_iter().find(|(table, _)| *table == "tenants").unwrap().1;
    assert_eq!(all, 200 + made);
}
