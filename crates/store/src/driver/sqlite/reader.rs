//! Read-only connections, used on the thread that asks. Each thread has a favourite, so that two threads do not meet.
//!
//! A connection keeps its snapshot of the database until the writer has committed again: to begin and end one costs file locks, a
//! tenth of an introspection. Nobody else writes the file (`ServerLock`), so every read still sees all that was committed before it.
//! A snapshot that is kept keeps the log from being copied back past it: the checkpointer ends all of them first.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params_from_iter};

use super::connection::{self, Bound, fault, owned};
use crate::Fault;
use crate::driver::{Column, Prepared};
use crate::migration::Applied;
use crate::statement::Statement;
use crate::value::{Row, Value};

#[derive(Debug)]
pub(super) struct Readers {
    slots: Box<[Mutex<Reader>]>,
    /// Counts transactions of the writer.
    tide: AtomicU64,
    /// Whether snapshots end with their read, because the log is begun anew.
    brief: AtomicBool,
}

#[derive(Debug)]
struct Reader {
    connection: Connection,
    /// The tide at which its snapshot was taken; none: it has none.
    snapshot: Option<u64>,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize) -> Result<Self, Fault> {
        let slots = (0..count.max(1)).map(|_| {
            let connection = connection::reading(path)?;
            Ok(Mutex::new(Reader { connection, snapshot: None }))
        });
        Ok(Self {
            slots: slots.collect::<Result<_, _>>()?,
            tide: AtomicU64::new(0),
            brief: AtomicBool::new(false),
        })
    }

    pub(super) fn read(&self, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Fault> {
        let mut reader = self.pick();
        reader.renew(&self.tide)?;
        let rows = rows(&reader.connection, statement, params);
        if rows.is_err() || self.brief.load(Ordering::Relaxed) {
            reader.leave()?;
        }
        rows
    }

    /// The writer has ended a transaction: whoever reads from now on needs a new snapshot.
    pub(super) fn turn(&self) {
        self.tide.fetch_add(1, Ordering::Release);
    }

    /// Ends all snapshots.
    pub(super) fn leave(&self) {
        for slot in &self.slots {
            // One that cannot be ended now is ended before its connection reads again.
            if let Err(fault) = slot.lock().unwrap_or_else(PoisonError::into_inner).leave() {
                tracing::warn!(fault = %fault, "a snapshot was not ended");
            }
        }
    }

    /// While `work` runs no snapshot outlives its read.
    pub(super) fn briefly<T>(&self, work: impl FnOnce() -> T) -> T {
        self.brief.store(true, Ordering::Relaxed);
        self.leave();
        let done = work();
        self.brief.store(false, Ordering::Relaxed);
        done
    }

    pub(super) fn prepare(&self, statement: &'static Statement) -> Result<Prepared, Fault> {
        let connection = &self.pick().connection;
        let prepared = connection.prepare(statement.sqlite).map_err(|error| fault(statement.name, &error))?;
        Ok(Prepared {
            params: prepared.parameter_count(),
            columns: prepared.column_names().map(str::to_owned).collect(),
        })
    }

    pub(super) fn applied(&self) -> Result<Vec<Applied>, Fault> {
        let mut reader = self.pick();
        reader.renew(&self.tide)?;
        applied(&reader.connection)
    }

    pub(super) fn columns(&self) -> Result<Vec<Column>, Fault> {
        let mut reader = self.pick();
        reader.renew(&self.tide)?;
        let connection = &reader.connection;
        let read = || -> rusqlite::Result<Vec<Column>> {
            let mut statement = connection.prepare(
                "SELECT tables.name, columns.name, columns.type, columns.\"notnull\", columns.pk
                 FROM sqlite_schema AS tables
                 JOIN pragma_table_info(tables.name) AS columns
                 WHERE tables.type = 'table' AND substr(tables.name, 1, 7) <> 'sqlite_'
                 ORDER BY tables.name, columns.name",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Column {
                    table: row.get(0)?,
                    name: row.get(1)?,
                    kind: row.get(2)?,
                    nullable: row.get::<_, i64>(3)? == 0,
                    key: row.get(4)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|error| fault("columns", &error))
    }

    /// A connection of one's own while the guard lives: the thread's favourite, or another that is free, or the favourite
    /// once it is. A read takes microseconds, so waiting does not hold up the thread's other tasks.
    fn pick(&self) -> MutexGuard<'_, Reader> {
        let first = FAVOURITE.with(|favourite| *favourite) % self.slots.len();
        for step in 0..self.slots.len() {
            if let Ok(reader) = self.slots[(first + step) % self.slots.len()].try_lock() {
                return reader;
            }
        }
        // A panic while reading leaves no half-done work behind: the connection is as good as before.
        self.slots[first].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// Sees to it that what is read next is what the database holds now.
    fn renew(&mut self, tide: &AtomicU64) -> Result<(), Fault> {
        // Read before the snapshot is taken, which may then be newer than this says, and never older.
        let tide = tide.load(Ordering::Acquire);
        if self.snapshot == Some(tide) {
            return Ok(());
        }
        self.leave()?;
        self.run("BEGIN")?;
        self.snapshot = Some(tide);
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Fault> {
        self.snapshot = None;
        if self.connection.is_autocommit() { Ok(()) } else { self.run("COMMIT") }
    }

    fn run(&self, sql: &'static str) -> Result<(), Fault> {
        let run = self.connection.prepare_cached(sql).and_then(|mut prepared| prepared.execute([]));
        run.map(drop).map_err(|error| fault(sql, &error))
    }
}

fn rows(connection: &Connection, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Fault> {
    let name = statement.name;
    let mut prepared = connection.prepare_cached(statement.sqlite).map_err(|error| fault(name, &error))?;
    let width = prepared.column_count();
    let mut found =
        prepared.query(params_from_iter(params.iter().map(Bound))).map_err(|error| fault(name, &error))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(|error| fault(name, &error))? {
        let mut columns = Vec::with_capacity(width);
        for index in 0..width {
            columns.push(owned(row.get_ref(index).map_err(|error| fault(name, &error))?, name)?);
        }
        rows.push(Row::new(name, columns));
    }
    Ok(rows)
}

thread_local! {
    static FAVOURITE: usize = NEXT.fetch_add(1, Ordering::Relaxed);
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// The migrations that a database has.
pub(super) fn applied(connection: &Connection) -> Result<Vec<Applied>, Fault> {
    let read = || -> rusqlite::Result<Result<Vec<Applied>, Fault>> {
        let tables = "SELECT COUNT(*), COUNT(*) FILTER (WHERE name = 'migrations') FROM sqlite_schema";
        match connection.query_row(tables, [], |row| Ok((row.get(0)?, row.get(1)?)))? {
            (0, 0) => return Ok(Ok(Vec::new())),
            (1.., 0) => return Ok(Err(Fault::new("open", "the file is another program's database"))),
            (i64::MIN..=i64::MAX, i64::MIN..=i64::MAX) => {}
        }
        recorded(connection).map(Ok)
    };
    read().map_err(|error| fault("migrations", &error))?
}

/// The migrations that the table of migrations records.
pub(crate) fn recorded(connection: &Connection) -> rusqlite::Result<Vec<Applied>> {
    let sql = "SELECT version, name, checksum, applied_at FROM migrations ORDER BY version";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Applied {
            version: row.get(0)?,
            name: row.get(1)?,
            checksum: row.get(2)?,
            applied_at: row.get(3)?,
        })
    })?;
    rows.collect()
}
