//! The two database drivers behind one door. Adding a database is one file here and one arm.
//!
//! No code outside of this folder branches on the engine.

pub mod postgres;
pub mod sqlite;

use std::sync::atomic::Ordering;

use doorward_core::Timestamp;

use crate::migration::{Applied, Migration};
use crate::statement::Statement;
use crate::value::{Row, Value};
use crate::write::Commit;
use crate::{CommitError, Fault, OpenError};

pub use postgres::Postgres;
pub use sqlite::Sqlite;

/// A database. Cheap to clone; all clones share its connections.
#[derive(Clone, Debug)]
pub enum Driver {
    /// A file in the data folder: one writer thread with group commit, read-only connections for reads.
    Sqlite(Sqlite),
    /// A server: a pool of connections, one transaction per commit.
    Postgres(Postgres),
}

/// What an engine says of a statement that it has prepared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prepared {
    /// How many parameters it takes.
    pub params: usize,
    /// The names of the columns that it answers.
    pub columns: Vec<String>,
}

/// A column as the engine's catalogue knows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Column {
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Its type in the words of SQLite: `INTEGER`, `TEXT` or `BLOB`.
    pub kind: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Its place in the primary key, from 1; 0 when it has none.
    pub key: i64,
}

impl Driver {
    /// The rows that `statement` finds.
    pub async fn read(&self, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(statement, params),
            Self::Postgres(postgres) => postgres.read(statement, params).await,
        }
    }

    /// The rows that each of several statements finds, asked in one go.
    pub async fn read_all(&self, queries: &[(&'static Statement, &[Value])]) -> Result<Vec<Vec<Row>>, Fault> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Sqlite(sqlite) => {
                queries.iter().map(|(statement, params)| sqlite.read(statement, params)).collect()
            }
            Self::Postgres(postgres) => postgres.read_all(queries).await,
        }
    }

    /// Commits all writes or none; durable when it returns. Returns how many rows were changed in all.
    pub async fn commit(&self, commit: Commit) -> Result<u64, CommitError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.commit(commit).await,
            Self::Postgres(postgres) => postgres.commit(commit).await,
        }
    }

    /// The migrations that the database has; none when it is empty.
    pub async fn applied(&self) -> Result<Vec<Applied>, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.applied(),
            Self::Postgres(postgres) => postgres.applied().await,
        }
    }

    /// Applies one migration and notes it in the table `migrations`, in one transaction under a lock that every node
    /// respects. Applied meanwhile by another node is no error.
    pub async fn apply(&self, migration: &'static Migration, now_ms: i64) -> Result<(), OpenError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.apply(migration, now_ms).await,
            Self::Postgres(postgres) => postgres.apply(migration, now_ms).await,
        }
    }

    /// Prepares a statement without running it.
    pub async fn prepare(&self, statement: &'static Statement) -> Result<Prepared, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.prepare(statement),
            Self::Postgres(postgres) => postgres.prepare(statement).await,
        }
    }

    /// Every column of every table, in order of table and name.
    pub async fn columns(&self) -> Result<Vec<Column>, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.columns(),
            Self::Postgres(postgres) => postgres.columns().await,
        }
    }

    /// Whether other servers can use the same database at the same time.
    pub const fn is_shared(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(_) => true,
        }
    }

    /// The database's own clock, and [`crate::clock::boot_ms`] when its answer had arrived; none where the wall clock of
    /// this machine is the database's.
    pub async fn time(&self) -> Result<Option<(Timestamp, i64)>, Fault> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(postgres) => postgres.time().await.map(Some),
        }
    }

    /// [`crate::clock::boot_ms`] when something was last committed; 0 before that.
    pub fn committed_at(&self) -> i64 {
        match self {
            Self::Sqlite(sqlite) => sqlite.figures().committed_at.load(Ordering::Acquire),
            Self::Postgres(postgres) => postgres.committed_at(),
        }
    }

    /// Statements that were asked since the database was opened.
    pub fn asked(&self) -> u64 {
        match self {
            Self::Sqlite(sqlite) => sqlite.figures().asked.load(Ordering::Relaxed),
            Self::Postgres(postgres) => postgres.asked(),
        }
    }

    /// Commits that wait for their turn: in the writer's queue, or for a connection of the pool.
    pub fn commits_waiting(&self) -> usize {
        match self {
            Self::Sqlite(sqlite) => sqlite.commits_waiting(),
            Self::Postgres(postgres) => postgres.waiting(),
        }
    }

    /// Bytes in use of the write-ahead log, where it is ours to look after.
    pub fn wal_bytes(&self) -> Option<u64> {
        match self {
            Self::Sqlite(sqlite) => Some(sqlite.figures().wal_bytes.load(Ordering::Relaxed)),
            Self::Postgres(_) => None,
        }
    }

    /// Whether the disk is full, where it is ours to look after: then only endings are committed.
    pub fn disk_full(&self) -> Option<bool> {
        match self {
            Self::Sqlite(sqlite) => Some(sqlite.figures().disk_full.load(Ordering::Acquire)),
            Self::Postgres(_) => None,
        }
    }

    /// Gives `seq` to up to `limit` events that have none yet; returns to how many.
    pub async fn number_events(&self, limit: i64) -> Result<u64, Fault> {
        match self {
            Self::Sqlite(_) => Ok(0),
            Self::Postgres(postgres) => postgres.number_events(limit).await,
        }
    }

    /// From now on every new connection must find that epoch.
    pub fn expect_epoch(&self, epoch: i64) {
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres(postgres) => postgres.expect_epoch(epoch),
        }
    }

    /// The migration's text for this engine.
    pub fn text_of(&self, migration: &Migration) -> &'static str {
        match self {
            Self::Sqlite(_) => migration.sqlite,
            Self::Postgres(_) => migration.postgres,
        }
    }
}
