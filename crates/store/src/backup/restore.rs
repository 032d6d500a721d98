//! Bringing a backup back: verified and prepared beside the database, then put in its place (`finish.rs`).

use std::fs;
use std::path::{Path, PathBuf};

use doorward_crypto::base64url;
use doorward_crypto::random::SystemRandom;
use rusqlite::Connection;

use super::contents::glance;
use super::files;
use super::finish::{Prepared, aside_name, prepared_epochs, prepared_name, restored_name};
use super::{BackupError, Contents, Manifest, contents, finish, key_of, manifest_of};
use crate::driver::sqlite::{SqliteConfig, fault};
use crate::driver::{Driver, Sqlite};
use crate::lock::ServerLock;
use crate::seal::key_text::{self, KeyText};
use crate::seal::{KeyError, KeySource, Keyring};
use crate::worker::mark;
use crate::{Fault, epoch, migration};

/// What is to be brought back, and how.
#[derive(Debug)]
pub struct Restore<'a> {
    /// The database, there or not.
    pub database: &'a Path,
    /// The key-encryption key.
    pub key: &'a KeySource,
    /// The backup.
    pub backup: &'a Path,
    /// Whether its key takes the place of the one in the key file.
    pub with_key: bool,
    /// Whether a file without a manifest is taken: one that was copied by other means.
    pub without_manifest: bool,
    /// Whether sessions, grants and whatever was handed out go on as they were then.
    pub keep_grants: bool,
}

/// What was brought back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// The manifest, when there was one.
    pub manifest: Option<Manifest>,
    /// The epoch from now on.
    pub epoch: i64,
    /// Where the database that was replaced is.
    pub aside: Option<PathBuf>,
    /// What became of the key.
    pub key: KeyAfter,
}

/// What became of the key at a restore.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyAfter {
    /// The backup's key is in the key file.
    Brought(PathBuf),
    /// The key file says the new epoch.
    Raised(PathBuf),
    /// The key is a setting: whoever wrote it has to write the new epoch behind it.
    Setting,
}

/// Brings a backup back. Refuses while a server runs. Nothing is changed unless everything was found to be in order.
pub async fn restore(wish: &Restore<'_>) -> Result<Restored, BackupError> {
    let _lock = ServerLock::take(wish.database)?;
    finish(wish.database, &wish.key.current)?;
    forget_prepared_key(&wish.key.current)?;
    let manifest = manifest(wish)?;
    let prepared = prepared_name(wish.database, "");
    let done = prepare(wish, manifest.as_ref(), &prepared).await;
    let (epoch, is_brought) = match done {
        Ok(done) => done,
        Err(error) => {
            for end in ["", "-wal", "-shm", "-ballast"] {
                // Nobody will use it, and the error is what matters.
                let _ = fs::remove_file(prepared_name(wish.database, end));
            }
            return Err(error.told_of(&prepared, wish.database));
        }
    };
    let aside = wish.database.exists().then(|| aside_name(wish.database, epoch));
    let name = restored_name(wish.database, epoch);
    fs::rename(&prepared, &name).and_then(|()| files::sync_folder(&name)).map_err(BackupError::io(&name))?;
    Prepared::new(wish.database, &wish.key.current, epoch).put()?;
    let key = match &wish.key.current {
        KeyText::File(path) if is_brought => KeyAfter::Brought(path.clone()),
        KeyText::File(path) => KeyAfter::Raised(path.clone()),
        KeyText::Value(_) => KeyAfter::Setting,
    };
    Ok(Restored { manifest, epoch, aside, key })
}

/// A key that a restore prepared which then did not take effect.
fn forget_prepared_key(key: &KeyText) -> Result<(), BackupError> {
    let KeyText::File(path) = key else { return Ok(()) };
    for epoch in prepared_epochs(path).map_err(BackupError::io(path))? {
        let left = restored_name(path, epoch);
        files::remove(&left).map_err(BackupError::io(&left))?;
    }
    Ok(())
}

fn manifest(wish: &Restore<'_>) -> Result<Option<Manifest>, BackupError> {
    let path = manifest_of(wish.backup);
    match fs::read_to_string(&path) {
        Ok(text) => Manifest::read(&text).map(Some).map_err(|what| BackupError::damaged(wish.backup, what)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && wish.without_manifest => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && wish.backup.exists() => {
            Err(BackupError::NoManifest(path))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(BackupError::Io(wish.backup.to_owned(), error))
        }
        Err(error) => Err(BackupError::Io(path, error)),
    }
}

/// A copy of the backup as it shall be, on the disk; its epoch, and whether the backup's key was prepared too.
pub(super) async fn prepare(
    wish: &Restore<'_>,
    manifest: Option<&Manifest>,
    at: &Path,
) -> Result<(i64, bool), BackupError> {
    files::remove(at).map_err(BackupError::io(at))?;
    let sha256 = files::copy(wish.backup, at).map_err(BackupError::io(wish.backup))?;
    if manifest.is_some_and(|manifest| manifest.sha256 != sha256) {
        return Err(BackupError::damaged(
            wish.backup,
            "it is not what its manifest says: the digest differs",
        ));
    }
    let found = contents(at).map_err(|error| error.told_of(at, wish.backup))?;
    if manifest.is_some_and(|manifest| manifest.rows != found.rows) {
        return Err(BackupError::damaged(wish.backup, "it is not what its manifest says: the rows differ"));
    }
    let brought = brought_key(wish)?;
    let keyring = keyring(wish, brought.as_deref(), &found)?;
    let replaced = wish.database.exists().then(|| glance(wish.database)).flatten();
    let beside_key = match &wish.key.current {
        KeyText::File(path) if path.exists() => {
            Keyring::load(wish.key, true, false, &mut SystemRandom).map_or(0, |keyring| keyring.epoch())
        }
        KeyText::File(_) | KeyText::Value(_) => 0,
    };
    let known = [
        found.epoch,
        keyring.map_or(0, |keyring| keyring.epoch()),
        beside_key,
        replaced.map_or(0, |seen| seen.0),
    ];
    let to = known.into_iter().max().unwrap_or(epoch::FIRST) + 1;
    go_on_counting(at, replaced.map_or(0, |seen| seen.1))?;
    change(at, to, wish.keep_grants).await?;
    files::sync(at).map_err(BackupError::io(at))?;
    if let (Some(from), KeyText::File(path)) = (&brought, &wish.key.current) {
        key_text::rewrite(from, &restored_name(path, to), to)?;
    }
    Ok((to, brought.is_some()))
}

/// The key that came with the backup, where it is wanted.
fn brought_key(wish: &Restore<'_>) -> Result<Option<PathBuf>, BackupError> {
    if !wish.with_key {
        return Ok(None);
    }
    match &wish.key.current {
        KeyText::File(_) => {}
        KeyText::Value(_) => {
            let what = "the key-encryption key is given by a setting, where no command can put the backup's";
            return Err(KeyError::Io(what.to_owned()).into());
        }
    }
    let path = key_of(wish.backup);
    if path.exists() {
        Ok(Some(path))
    } else {
        Err(KeyError::Missing(format!("the backup was made without its key: there is no {}", path.display()))
            .into())
    }
}

/// The key, which must be the one that the backup is sealed by. None where nothing is sealed yet.
fn keyring(
    wish: &Restore<'_>,
    brought: Option<&Path>,
    found: &Contents,
) -> Result<Option<Keyring>, BackupError> {
    let Some(check) = &found.key_check else { return Ok(None) };
    let source = match brought {
        Some(path) => KeySource { current: KeyText::File(path.to_owned()), previous: None },
        None => wish.key.clone(),
    };
    let keyring = Keyring::load(&source, true, false, &mut SystemRandom)?;
    keyring.verify_check(&base64url::decode(check).unwrap_or_default())?;
    Ok(Some(keyring))
}

/// Numbers of events that were given out after the backup are not given out again: who reads them by number would miss some.
fn go_on_counting(path: &Path, seq: i64) -> Result<(), BackupError> {
    let set = || -> rusqlite::Result<()> {
        let connection = Connection::open(path)?;
        let sql = "UPDATE sqlite_sequence SET seq = MAX(seq, ?1) WHERE name = 'events'";
        if connection.execute(sql, [seq])? == 0 {
            connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?1)", [seq])?;
        }
        Ok(())
    };
    set().map_err(|error| fault("restore", &error).into())
}

/// Brings the copy's schema up to date, raises its epoch and ends what must be ended. Afterwards it is one file.
async fn change(path: &Path, to: i64, keep_grants: bool) -> Result<(), BackupError> {
    let driver = {
        let config = SqliteConfig { readers: 1, ballast_bytes: 0, ..SqliteConfig::new(path) };
        Driver::Sqlite(Sqlite::open(&config)?)
    };
    let now = mark::latest(&driver).await?;
    migration::up(&driver, now.0).await?;
    epoch::raise(&driver, to, keep_grants, now).await?;
    // Its threads end, and the log is copied back.
    drop(driver);
    let connection = Connection::open(path).map_err(|error| fault("restore", &error))?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
        .map_err(|error| fault("restore", &error))?;
    if mode == "delete" { Ok(()) } else { Err(Fault::new("restore", "the log cannot be copied back").into()) }
}
