//! SQLite: one writer thread with group commit, a few read-only connections for keyed reads, and a thread that copies the
//! write-ahead log back into the file (design, section 5).

mod ballast;
mod checkpoint;
mod connection;
mod place;
mod reader;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::driver::{Column, Prepared};
use crate::migration::{Applied, Migration};
use crate::statement::Statement;
use crate::value::{Row, Value};
use crate::write::Commit;
use crate::{CommitError, Fault, OpenError};
use ballast::Ballast;
use checkpoint::Checkpointer;
pub(crate) use connection::{fault, is_damage};
use place::Place;
use reader::Readers;
pub(crate) use reader::recorded;
use writer::{Job, Writer};

/// How a SQLite database is opened.
#[derive(Clone, Debug)]
pub struct SqliteConfig {
    /// The database file; made when it does not exist.
    pub path: PathBuf,
    /// Read-only connections; as many as threads that serve requests is right.
    pub readers: usize,
    /// Bytes held back on the disk, so that endings still commit when it is full. 0: none.
    pub ballast_bytes: u64,
    /// Bytes of write-ahead log after which the writer resets it.
    pub wal_limit_bytes: u64,
    /// Commits that may wait; beyond, storage is overloaded and says so.
    pub queue: usize,
}

/// The SQLite driver. Cheap to clone. When the last clone is dropped, waiting commits are finished and the threads end.
#[derive(Clone, Debug)]
pub struct Sqlite {
    shared: Arc<Shared>,
}

/// Figures of the driver, for metrics and `doctor`.
#[derive(Debug, Default)]
pub struct Figures {
    /// Statements that were asked.
    pub asked: AtomicU64,
    /// Bytes in use of the write-ahead log, as of the last checkpoint.
    pub wal_bytes: AtomicU64,
    /// Batches committed.
    pub batches: AtomicU64,
    /// Commits in them.
    pub commits: AtomicU64,
    /// [`crate::clock::boot_ms`] when the last batch was on the disk.
    pub committed_at: AtomicI64,
    /// Whether the ballast was released: only endings commit until there is space again.
    pub disk_full: AtomicBool,
}

/// How a database file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Health {
    /// What is damaged, in SQLite's words.
    pub damage: Vec<String>,
    /// Whether the disk is full.
    pub disk_full: bool,
    /// Whether the ballast is held.
    pub has_ballast: bool,
    /// Bytes of the ballast.
    pub ballast_bytes: u64,
    /// Bytes that are free on its disk.
    pub free_bytes: Option<u64>,
    /// Bytes in use of the write-ahead log.
    pub wal_bytes: u64,
    /// Bytes past which it is begun anew.
    pub wal_limit: u64,
}

/// The newest time that the clock has given out, once there is a clock.
type Mark = Arc<OnceLock<Arc<AtomicI64>>>;

#[derive(Debug)]
struct Shared {
    readers: Arc<Readers>,
    place: Arc<Place>,
    figures: Arc<Figures>,
    mark: Mark,
    ballast: Ballast,
    wal_limit: u64,
    jobs: Option<mpsc::Sender<Job>>,
    checkpointer: Option<Checkpointer>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteConfig {
    /// The usual settings for that file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            readers: std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 16),
            ballast_bytes: 64 << 20,
            wal_limit_bytes: 64 << 20,
            queue: 4096,
        }
    }
}

impl Sqlite {
    /// Opens the database and starts its threads.
    pub fn open(config: &SqliteConfig) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST_SAFE_VERSION {
            return Err(OpenError::Settings(format!(
                "SQLite {} can corrupt a write-ahead log (fixed in 3.51.3): build with a newer one",
                rusqlite::version()
            )));
        }
        let figures = Arc::new(Figures::default());
        let mark = Mark::default();
        let wish = Arc::new(AtomicBool::new(false));
        let ballast = Ballast::beside(&config.path, config.ballast_bytes);
        let connection = connection::writing(&config.path)?;
        let place = Arc::new(Place::of(&config.path)?);
        let readers = Arc::new(Readers::open(&config.path, config.readers)?);
        let checkpointer = Checkpointer::start(
            config,
            &place,
            Arc::clone(&figures),
            Arc::clone(&readers),
            Arc::clone(&wish),
            ballast.clone(),
        )?;
        let (jobs, queue) = mpsc::channel(config.queue);
        let writer = {
            let (place, figures, mark) = (Arc::clone(&place), Arc::clone(&figures), Arc::clone(&mark));
            let (readers, ballast) = (Arc::clone(&readers), ballast.clone());
            Writer::start(
                move || Writer::new(connection, place, figures, mark, readers, wish, ballast),
                queue,
            )?
        };
        Ok(Self {
            shared: Arc::new(Shared {
                readers,
                place,
                figures,
                mark,
                ballast,
                wal_limit: config.wal_limit_bytes,
                jobs: Some(jobs),
                checkpointer: Some(checkpointer),
                writer: Some(writer),
            }),
        })
    }

    /// The rows that `statement` finds. Answers on the calling thread: a keyed read takes microseconds.
    pub fn read(&self, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Fault> {
        self.shared.place.known()?;
        self.shared.figures.asked.fetch_add(1, Ordering::Relaxed);
        self.shared.readers.read(statement, params)
    }

    /// Commits all writes or none, together with whatever else waits; durable when it returns.
    pub async fn commit(&self, commit: Commit) -> Result<u64, CommitError> {
        let (answer, outcome) = oneshot::channel();
        self.send(Job::Commit(commit, answer))?;
        outcome.await.unwrap_or_else(|_| Err(writer_ended().into()))
    }

    /// Writes the newest time that the clock has given out with every batch from now on.
    pub fn follow(&self, told: Arc<AtomicI64>) {
        let _ = self.shared.mark.set(told);
    }

    /// Copies the database, as it is when the copy is done, into a new file; commits go on meanwhile. The copy is not on the
    /// disk yet.
    pub async fn copy(&self, path: PathBuf) -> Result<(), Fault> {
        let (answer, outcome) = oneshot::channel();
        self.send(Job::Copy(path, answer))?;
        outcome.await.unwrap_or_else(|_| Err(writer_ended()))
    }

    /// Looks whether the file is sound and has room. Reads all of it: for a command, on a thread that may wait.
    pub fn health(&self) -> Result<Health, Fault> {
        let shared = &self.shared;
        Ok(Health {
            damage: connection::quick_check(self.path())?,
            disk_full: shared.figures.is_full(),
            has_ballast: shared.ballast.is_held(),
            ballast_bytes: shared.ballast.bytes(),
            free_bytes: rustix::fs::statvfs(self.path()).ok().map(|disk| disk.f_bavail * disk.f_frsize),
            wal_bytes: shared.figures.wal_bytes.load(Ordering::Relaxed),
            wal_limit: shared.wal_limit,
        })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        self.shared.place.path()
    }

    /// The migrations that the database has.
    pub fn applied(&self) -> Result<Vec<Applied>, Fault> {
        self.shared.readers.applied()
    }

    /// Those of a file that is not opened for it: a server may have it open.
    pub fn applied_in(path: &Path) -> Result<Vec<Applied>, Fault> {
        reader::applied(&connection::looking(path)?)
    }

    /// Applies one migration, unless the database has it.
    pub async fn apply(&self, migration: &'static Migration, now_ms: i64) -> Result<(), OpenError> {
        let (answer, outcome) = oneshot::channel();
        self.send(Job::Migrate(migration, now_ms, answer))?;
        outcome.await.unwrap_or_else(|_| Err(writer_ended())).map_err(OpenError::Fault)
    }

    /// Prepares a statement without running it.
    pub fn prepare(&self, statement: &'static Statement) -> Result<Prepared, Fault> {
        self.shared.readers.prepare(statement)
    }

    /// Every column of every table.
    pub fn columns(&self) -> Result<Vec<Column>, Fault> {
        self.shared.readers.columns()
    }

    /// Tries to hold back the ballast again, now instead of within a second. Whether all commits are taken again.
    pub fn hold_ballast(&self) -> bool {
        checkpoint::hold(&self.shared.ballast, &self.shared.figures);
        !self.shared.figures.is_full()
    }

    /// Runs a pragma on the writer, for tests that provoke trouble.
    #[doc(hidden)]
    pub async fn pragma(&self, text: &'static str) -> Result<(), Fault> {
        let (answer, outcome) = oneshot::channel();
        self.send(Job::Pragma(text, answer))?;
        outcome.await.unwrap_or_else(|_| Err(writer_ended()))
    }

    /// Commits in the queue of the writer.
    pub fn commits_waiting(&self) -> usize {
        self.shared.jobs.as_ref().map_or(0, |jobs| jobs.max_capacity() - jobs.capacity())
    }

    /// Figures of the driver.
    pub fn figures(&self) -> &Figures {
        &self.shared.figures
    }

    fn send(&self, job: Job) -> Result<(), Fault> {
        let jobs = self.shared.jobs.as_ref().ok_or_else(writer_ended)?;
        jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Fault::new("commit", "too many commits are waiting"),
            mpsc::error::TrySendError::Closed(_) => writer_ended(),
        })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer thread panicked");
        }
        self.readers.leave();
        self.checkpointer = None;
    }
}

impl Figures {
    fn set_full(&self, full: bool) {
        self.disk_full.store(full, Ordering::Release);
    }

    fn is_full(&self) -> bool {
        self.disk_full.load(Ordering::Acquire)
    }
}

fn writer_ended() -> Fault {
    Fault::new("commit", "the writer has ended")
}

/// 3.51.3: older ones have the WAL-reset bug.
const OLDEST_SAFE_VERSION: i32 = 3_051_003;

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_sqlite_has_no_wal_reset_bug() {
        assert!(rusqlite::version_number() >= super::OLDEST_SAFE_VERSION);
    }
}
