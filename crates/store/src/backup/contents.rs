//! What is in a database file that no server uses: whether it is sound, and what of.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::BackupError;
use crate::driver::sqlite::{fault, recorded};
use crate::meta;
use crate::migration::{self, Applied};

/// What a database file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contents {
    /// Its epoch.
    pub epoch: i64,
    /// The value that tells the right key-encryption key; none before one was used.
    pub key_check: Option<String>,
    /// Its migrations.
    pub migrations: Vec<Applied>,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
}

/// Looks through a whole file: every page and index, the schema, the rows of each table. The file is left as one that is whole by
/// itself, without a log beside it.
pub fn contents(path: &Path) -> Result<Contents, BackupError> {
    let damaged = |error: rusqlite::Error| BackupError::damaged(path, fault("check", &error).detail);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(damaged)?;
    let mode: String =
        connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(damaged)?;
    if mode != "delete" {
        return Err(BackupError::damaged(path, "another program has it open"));
    }
    let told: Vec<String> = {
        let mut check = connection.prepare("PRAGMA integrity_check(3)").map_err(damaged)?;
        let lines = check.query_map([], |row| row.get(0)).map_err(damaged)?;
        lines.collect::<Result<_, _>>().map_err(damaged)?
    };
    if told != ["ok"] {
        return Err(BackupError::damaged(path, told.join("; ")));
    }
    let migrations = recorded(&connection).map_err(|_| {
        BackupError::damaged(path, "it is a database, and not one of Doorward: it has no table of migrations")
    })?;
    migration::pending(&migrations, |migration| migration.sqlite)?;
    let told = |key: &str| -> Result<Option<String>, BackupError> {
        let found = connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0));
        found.optional().map_err(damaged)
    };
    Ok(Contents {
        epoch: told(meta::EPOCH)?.and_then(|text| text.parse().ok()).unwrap_or(crate::epoch::FIRST),
        key_check: told(meta::KEY_CHECK)?,
        rows: rows(&connection).map_err(damaged)?,
        migrations,
    })
}

/// The epoch and the number of the last event of a database that is to be replaced, as far as it can be read; it is not touched.
pub(super) fn glance(path: &Path) -> Option<(i64, i64)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).ok()?;
    let epoch: String = connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [meta::EPOCH], |row| row.get(0))
        .ok()?;
    let seq = "SELECT COALESCE(MAX(seq), 0) FROM events";
    let seq = connection.query_row(seq, [], |row| row.get(0)).unwrap_or_default();
    Some((epoch.parse().ok()?, seq))
}

fn rows(connection: &Connection) -> rusqlite::Result<BTreeMap<String, i64>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'";
    let mut found = connection.prepare(sql)?;
    let tables: Vec<String> = found.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    tables
        .into_iter()
        .map(|table| {
            let quoted = table.replace('"', "\"\"");
            let count =
                connection.query_row(&format!("SELECT COUNT(*) FROM \"{quoted}\""), [], |row| row.get(0))?;
            Ok((table, count))
        })
        .collect()
}
