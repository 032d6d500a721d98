//! The one writer: takes all commits that wait, runs each in a savepoint of its own inside one transaction, and answers them
//! after the transaction is on the disk. There is no artificial delay: what queued during one fsync is the next batch.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use tokio::sync::{mpsc, oneshot};

use super::ballast::Ballast;
use super::checkpoint::checkpoint;
use super::connection::{self, Bound, Trouble, fault};
use super::place::Place;
use super::reader::Readers;
use super::{Figures, Mark};
use crate::clock::boot_ms;
use crate::migration::{Migration, checksum};
use crate::write::{Commit, Write};
use crate::{CommitError, Fault, OpenError, meta};

type Outcome = Result<u64, CommitError>;
type Answer<T> = oneshot::Sender<Result<T, Fault>>;

/// What the writer is asked to do.
pub(super) enum Job {
    /// Commit, and answer how many rows changed.
    Commit(Commit, oneshot::Sender<Outcome>),
    /// Copy the database into a file, between the batches.
    Copy(PathBuf, Answer<()>),
    /// Apply a migration.
    Migrate(&'static Migration, i64, Answer<()>),
    /// Run a pragma.
    Pragma(&'static str, Answer<()>),
}

pub(super) struct Writer {
    /// None after reading or writing failed: opened again for the next batch.
    connection: Option<Rc<Connection>>,
    place: Arc<Place>,
    figures: Arc<Figures>,
    mark: Mark,
    /// Told of each transaction before its answers are sent.
    readers: Arc<Readers>,
    /// Set when the write-ahead log has grown past its limit.
    wish: Arc<AtomicBool>,
    ballast: Ballast,
}

struct Member {
    commit: Commit,
    answer: oneshot::Sender<Outcome>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        place: Arc<Place>,
        figures: Arc<Figures>,
        mark: Mark,
        readers: Arc<Readers>,
        wish: Arc<AtomicBool>,
        ballast: Ballast,
    ) -> Self {
        Self { connection: Some(Rc::new(connection)), place, figures, mark, readers, wish, ballast }
    }

    /// Starts the thread, which makes its own writer.
    pub(super) fn start(
        make: impl FnOnce() -> Self + Send + 'static,
        mut queue: mpsc::Receiver<Job>,
    ) -> Result<JoinHandle<()>, OpenError> {
        Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                let mut writer = make();
                let mut jobs = Vec::with_capacity(BATCH);
                while queue.blocking_recv_many(&mut jobs, BATCH) > 0 {
                    for (path, answer) in writer.work(&mut jobs) {
                        let copied = writer.copy(&path, &mut queue, &mut jobs);
                        let _ = answer.send(copied);
                    }
                }
            })
            .map_err(|error| OpenError::Fault(Fault::new("writer", error.to_string())))
    }

    /// Does what waits; what it returns is left to do: copies of the database.
    fn work(&mut self, jobs: &mut Vec<Job>) -> Vec<(PathBuf, Answer<()>)> {
        let mut copies = Vec::new();
        let mut members = Vec::with_capacity(jobs.len());
        for job in jobs.drain(..) {
            match job {
                Job::Commit(commit, answer) => members.push(Member { commit, answer }),
                Job::Copy(path, answer) => copies.push((path, answer)),
                Job::Migrate(migration, now_ms, answer) => {
                    let done =
                        self.connection().and_then(|connection| migrate(connection, migration, now_ms));
                    self.readers.turn();
                    let _ = answer.send(done);
                }
                Job::Pragma(text, answer) => {
                    let done = self.connection().and_then(|connection| {
                        let answered = connection.query_row(text, [], |_| Ok(())).optional();
                        answered.map(|_| ()).map_err(|error| fault("pragma", &error))
                    });
                    self.readers.turn();
                    let _ = answer.send(done);
                }
            }
        }
        if !members.is_empty() {
            self.batch(members);
            self.reset_log();
        }
        copies
    }

    /// Copies the database into a new file by short steps, and does between them what came meanwhile. By this connection and no
    /// other: what it writes goes to the copy too, so that a copy never starts over, and nothing is read for long, so that the log
    /// can be begun anew.
    fn copy(
        &mut self,
        path: &Path,
        queue: &mut mpsc::Receiver<Job>,
        jobs: &mut Vec<Job>,
    ) -> Result<(), Fault> {
        let failed = |error: rusqlite::Error| fault("copy", &error);
        self.place.check()?;
        self.connection()?;
        let source = self.connection.clone().ok_or_else(|| Fault::new("copy", "there is no connection"))?;
        let mut copy = connection::copy(path)?;
        let steps = Backup::new(&source, &mut copy).map_err(failed)?;
        loop {
            match steps.step(COPIED_PAGES).map_err(failed)? {
                StepResult::Done => return Ok(()),
                StepResult::More => {}
                // Somebody looks into the file from outside.
                _ => std::thread::sleep(COPY_PAUSE),
            }
            while jobs.len() < BATCH
                && let Ok(job) = queue.try_recv()
            {
                jobs.push(job);
            }
            if jobs.is_empty() {
                continue;
            }
            for (_, answer) in self.work(jobs) {
                let _ = answer.send(Err(Fault::new("copy", "another copy is being made")));
            }
            if !self.connection.as_ref().is_some_and(|now| Rc::ptr_eq(now, &source)) {
                return Err(Fault::new(
                    "copy",
                    "storage failed meanwhile, and the database was opened again",
                ));
            }
        }
    }

    /// Commits the members together and answers each.
    fn batch(&mut self, members: Vec<Member>) {
        if let Err(fault) = self.place.check() {
            return refuse(members, &fault);
        }
        let (members, late) = if self.figures.is_full() { endings(members) } else { (members, Vec::new()) };
        refuse(late, &Fault::new("commit", "the disk is full: only endings are committed"));
        if members.is_empty() {
            return;
        }
        let trouble = match self.attempt(&members) {
            Ok(outcomes) => return answer(members, outcomes),
            Err(trouble) => trouble,
        };
        self.roll_back();
        match trouble {
            Trouble::Full(fault) => {
                tracing::error!(fault = %fault, "the disk is full: the ballast is released, only endings are committed");
                self.figures.set_full(true);
                self.ballast.release();
                let (members, others) = endings(members);
                refuse(others, &fault);
                if members.is_empty() {
                    return;
                }
                match self.attempt(&members) {
                    Ok(outcomes) => answer(members, outcomes),
                    Err(trouble) => {
                        self.roll_back();
                        refuse(members, &trouble.into_fault());
                    }
                }
            }
            Trouble::Broken(fault) => {
                tracing::error!(fault = %fault, "storage failed: the database is opened again");
                self.connection = None;
                refuse(members, &fault);
            }
            Trouble::Batch(fault) | Trouble::Member(fault) => refuse(members, &fault),
            Trouble::Conflict => {
                refuse(members, &Fault::new("commit", "the transaction met a conflict of its own"))
            }
        }
    }

    /// One transaction with every member in it. What it answers is true only because it has been committed.
    fn attempt(&mut self, members: &[Member]) -> Result<Vec<Outcome>, Trouble> {
        let mark = self.mark.get().map_or(0, |told| told.load(Ordering::Acquire));
        let connection = self.connection().map_err(Trouble::Batch)?;
        run(connection, "BEGIN IMMEDIATE")?;
        let mut outcomes = Vec::with_capacity(members.len());
        for member in members {
            let outcome = match member.commit.writes.as_slice() {
                [write] => single(connection, write)?,
                // Alone, the transaction is its savepoint: a statement's own rollback journal then has that statement only to go back over.
                writes if members.len() == 1 => match all(connection, writes)? {
                    Err(refused) => {
                        run(connection, "ROLLBACK")?;
                        return Ok(vec![Err(refused)]);
                    }
                    done => done,
                },
                writes => one(connection, writes)?,
            };
            outcomes.push(outcome);
        }
        if mark != 0 {
            let statement = &meta::META_SET;
            let params = (meta::CLOCK_MARK, mark.to_string());
            connection
                .prepare_cached(statement.sqlite)
                .and_then(|mut prepared| prepared.execute(params))
                .map_err(|error| Trouble::of(statement.name, &error))?;
        }
        let committed = run(connection, "COMMIT");
        // Also when it failed: it may stand all the same.
        self.readers.turn();
        committed?;
        self.figures.committed_at.store(boot_ms(), Ordering::Release);
        self.figures.batches.fetch_add(1, Ordering::Relaxed);
        self.figures.commits.fetch_add(members.len() as u64, Ordering::Relaxed);
        Ok(outcomes)
    }

    fn connection(&mut self) -> Result<&Connection, Fault> {
        if self.connection.is_none() {
            self.connection = Some(Rc::new(connection::writing_again(self.place.path())?));
        }
        self.connection.as_deref().ok_or_else(|| Fault::new("open", "there is no connection"))
    }

    fn roll_back(&mut self) {
        let failed = match &self.connection {
            Some(connection) if !connection.is_autocommit() => connection.execute_batch("ROLLBACK").is_err(),
            _ => false,
        };
        if failed {
            self.connection = None;
        }
    }

    /// Starts the log from its beginning again. Waits for readers, whose reads take microseconds.
    fn reset_log(&mut self) {
        if !self.wish.swap(false, Ordering::AcqRel) {
            return;
        }
        let readers = Arc::clone(&self.readers);
        let reset = self.connection().and_then(|connection| {
            readers.briefly(|| checkpoint(connection, "PRAGMA wal_checkpoint(RESTART)"))
        });
        if let Err(fault) = reset {
            tracing::warn!(fault = %fault, "the write-ahead log cannot be reset");
        }
    }
}

/// One commit in its savepoint: a conflict leaves nothing of it, and the others of its batch untouched.
fn one(connection: &Connection, writes: &[Write]) -> Result<Outcome, Trouble> {
    run(connection, "SAVEPOINT one")?;
    let outcome = all(connection, writes)?;
    if outcome.is_err() {
        run(connection, "ROLLBACK TO one")?;
    }
    run(connection, "RELEASE one")?;
    Ok(outcome)
}

/// The writes of a commit, until one is refused; what it leaves then is the caller's to take back.
fn all(connection: &Connection, writes: &[Write]) -> Result<Outcome, Trouble> {
    let mut changed = 0;
    for write in writes {
        match execute(connection, write) {
            Ok(rows) if write.expect.is_met_by(rows) => changed += rows,
            Ok(_) | Err(Trouble::Conflict) => return Ok(Err(CommitError::Conflict)),
            // Some errors end the whole transaction: then it is not this member's alone.
            Err(Trouble::Member(fault)) if connection.is_autocommit() => return Err(Trouble::Batch(fault)),
            Err(Trouble::Member(fault)) => return Ok(Err(fault.into())),
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(Ok(changed))
}

/// A commit of one write, which SQLite does whole or not at all by itself: the usual refresh saves a savepoint, a fifth of its CPU.
fn single(connection: &Connection, write: &Write) -> Result<Outcome, Trouble> {
    match execute(connection, write) {
        Ok(rows) if write.expect.is_met_by(rows) => Ok(Ok(rows)),
        Ok(0) | Err(Trouble::Conflict) => Ok(Err(CommitError::Conflict)),
        // It did more than it may, and that cannot be taken back alone.
        Ok(_) => {
            Err(Trouble::Batch(Fault::new(write.statement.name, "more rows were changed than one write may")))
        }
        Err(Trouble::Member(fault)) if connection.is_autocommit() => Err(Trouble::Batch(fault)),
        Err(Trouble::Member(fault)) => Ok(Err(fault.into())),
        Err(trouble) => Err(trouble),
    }
}

fn execute(connection: &Connection, write: &Write) -> Result<u64, Trouble> {
    connection
        .prepare_cached(write.statement.sqlite)
        .and_then(|mut prepared| prepared.execute(params_from_iter(write.params.iter().map(Bound))))
        .map(|rows| rows as u64)
        .map_err(|error| Trouble::of(write.statement.name, &error))
}

fn run(connection: &Connection, sql: &'static str) -> Result<(), Trouble> {
    connection.prepare_cached(sql).and_then(|mut prepared| prepared.execute([])).map(drop).map_err(|error| {
        match Trouble::of(sql, &error) {
            Trouble::Member(fault) => Trouble::Batch(fault),
            trouble => trouble,
        }
    })
}

fn migrate(connection: &Connection, migration: &Migration, now_ms: i64) -> Result<(), Fault> {
    let apply = || -> rusqlite::Result<()> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let known = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'";
        if connection.query_row(known, [], |row| row.get::<_, i64>(0))? > 0 {
            let applied = "SELECT COUNT(*) FROM migrations WHERE version = ?1";
            if connection.query_row(applied, [migration.version], |row| row.get::<_, i64>(0))? > 0 {
                return connection.execute_batch("ROLLBACK");
            }
        }
        connection.execute_batch(migration.sqlite)?;
        connection.execute(
            "INSERT INTO migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
            (migration.version, migration.name, checksum(migration.sqlite), now_ms),
        )?;
        connection.execute_batch("COMMIT")
    };
    apply().map_err(|error| {
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        fault("migrate", &error)
    })
}

/// The members that only end something, and the others.
fn endings(members: Vec<Member>) -> (Vec<Member>, Vec<Member>) {
    members.into_iter().partition(|member| member.commit.ending)
}

fn answer(members: Vec<Member>, outcomes: Vec<Outcome>) {
    for (member, outcome) in members.into_iter().zip(outcomes) {
        // Whoever asked may have hung up; the commit stands all the same.
        let _ = member.answer.send(outcome);
    }
}

fn refuse(members: Vec<Member>, fault: &Fault) {
    for member in members {
        let _ = member.answer.send(Err(CommitError::Fault(fault.clone())));
    }
}

impl Trouble {
    fn into_fault(self) -> Fault {
        match self {
            Self::Conflict => Fault::new("commit", "the transaction met a conflict of its own"),
            Self::Member(fault) | Self::Batch(fault) | Self::Full(fault) | Self::Broken(fault) => fault,
        }
    }
}

/// Commits in one transaction at most: an answer waits for at most this many others.
const BATCH: usize = 1024;
/// 256 KiB: what waits meanwhile waits for less than a millisecond.
const COPIED_PAGES: i32 = 64;
const COPY_PAUSE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests;
