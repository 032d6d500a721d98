//! Connections, values on their way in and out, and what SQLite's errors mean.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, OpenFlags};

use crate::Fault;
use crate::value::Value;

/// The connection that writes. `FULL`: a commit is on the disk when it returns (`NORMAL` loses acknowledged rows in a power
/// cut). Nothing is checkpointed by a commit: another thread does that.
pub(super) fn writing(path: &Path) -> Result<Connection, Fault> {
    make_private(path)?;
    writing_again(path)
}

/// The same on a file that is there: a server that runs never makes another one in its place.
pub(super) fn writing_again(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA busy_timeout = 1000;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -32768;",
        )?;
        prepare_once(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| fault("open", &error))
}

/// A new file that a copy is written into; whoever asked for it brings it to the disk.
pub(super) fn copy(path: &Path) -> Result<Connection, Fault> {
    make_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        Ok(connection)
    };
    open().map_err(|error| fault("copy", &error))
}

/// Makes the file when there is none: password hashes are in it, so only its owner reads it. The log inherits that.
fn make_private(path: &Path) -> Result<(), Fault> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(Fault::new("open", format!("{}: {error}", path.display())))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// What is damaged in a file, by a connection of its own.
pub(super) fn quick_check(path: &Path) -> Result<Vec<String>, Fault> {
    let connection = reading(path)?;
    let look = || -> rusqlite::Result<Vec<String>> {
        let mut check = connection.prepare("PRAGMA quick_check(3)")?;
        let lines = check.query_map([], |row| row.get(0))?;
        lines.collect()
    };
    let mut lines = look().map_err(|error| fault("quick_check", &error))?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

/// A connection that only reads.
pub(super) fn reading(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch(
            "PRAGMA query_only = ON;
             PRAGMA busy_timeout = 250;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -8192;",
        )?;
        prepare_once(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| fault("open", &error))
}

/// A connection that leaves nothing behind, whether a server has the file open or not. Without a log nobody has, and the file is whole
/// by itself: it is read as one that nobody changes, where SQLite would make a log to look into.
pub(super) fn looking(path: &Path) -> Result<Connection, Fault> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).exists() {
        return reading(path);
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let escaped: String =
        path.as_os_str().as_encoded_bytes().iter().map(|byte| format!("%{byte:02X}")).collect();
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)
        .map_err(|error| fault("open", &error))
}

/// Statements are prepared once and kept. Without the stability guarantee SQLite would prepare a joined SELECT again at every
/// call, because a partial index could matter to another value of a parameter: 150 µs instead of 10.
fn prepare_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// A parameter, borrowed.
pub(super) struct Bound<'a>(pub &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A column of a row, owned.
pub(super) fn owned(value: ValueRef<'_>, during: &'static str) -> Result<Value, Fault> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err(Fault::new(during, "a text is not UTF-8")),
        },
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Real(_) => Err(Fault::new(during, "a column is a floating-point number")),
    }
}

/// What an error means for a batch of commits.
pub(super) enum Trouble {
    /// A unique constraint is violated: this commit's precondition does not hold.
    Conflict,
    /// This commit cannot be done; the others of its batch can.
    Member(Fault),
    /// The transaction is lost, and with it the batch.
    Batch(Fault),
    /// The disk is full: the same, and only endings are tried again.
    Full(Fault),
    /// Reading or writing failed: the same, and the connection cannot be trusted any more.
    Broken(Fault),
}

impl Trouble {
    /// The trouble that `error` makes.
    pub(super) fn of(during: &'static str, error: &Error) -> Self {
        let fault = fault(during, error);
        let Error::SqliteFailure(inner, _) = error else {
            return Self::Member(fault);
        };
        match inner.code {
            ErrorCode::ConstraintViolation if UNIQUE.contains(&inner.extended_code) => Self::Conflict,
            ErrorCode::DiskFull => Self::Full(fault),
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase => Self::Broken(fault),
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted
            | ErrorCode::OutOfMemory
            | ErrorCode::ReadOnly => Self::Batch(fault),
            _ => Self::Member(fault),
        }
    }
}

/// The fault of a SQLite error. Its messages name tables and columns, never values.
pub(crate) fn fault(during: &'static str, error: &Error) -> Fault {
    match error {
        Error::SqliteFailure(inner, message) => Fault::new(
            during,
            format!("SQLite {}: {}", inner.extended_code, message.as_deref().unwrap_or("no message")),
        ),
        other => Fault::new(during, other.to_string()),
    }
}

/// Whether a fault says that the file is damaged, or no database (SQLITE_CORRUPT, SQLITE_NOTADB).
pub(crate) fn is_damage(fault: &Fault) -> bool {
    ["SQLite 11:", "SQLite 26:"].iter().any(|code| fault.detail.starts_with(code))
}

/// SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID.
const UNIQUE: [i32; 3] = [1555, 2067, 2579];
/// More than there are statements, so that none is ever prepared twice.
const STATEMENTS: usize = 256;

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::migration::MIGRATIONS;
    use crate::statement;

    #[test]
    fn no_statement_is_prepared_again_when_its_parameters_change() {
        let folder = std::env::temp_dir().join(format!("doorward-prepared-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("test.db");
        let writing = writing(&path).unwrap();
        for migration in MIGRATIONS {
            writing.execute_batch(migration.sqlite).unwrap();
        }
        for connection in [&writing, &reading(&path).unwrap()] {
            for statement in statement::all().filter(|statement| statement.sql.starts_with("SELECT")) {
                let mut prepared = connection.prepare(statement.sqlite).unwrap();
                for value in 0..3_i64 {
                    let params = vec![value; prepared.parameter_count()];
                    let mut rows = prepared.query(rusqlite::params_from_iter(params)).unwrap();
                    while rows.next().unwrap().is_some() {}
                }
                assert_eq!(prepared.get_status(StatementStatus::RePrepare), 0, "{}", statement.name);
            }
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
