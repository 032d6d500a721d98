//! Batches, put together by hand so that it is known who shares one.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU32};

use super::*;
use crate::migration::MIGRATIONS;
use crate::statement::statements;
use crate::write::{Expect, Write};

statements! {
    COUNT = server("a test's own") "SELECT COUNT(*) FROM leases";
    PUT = server("a test's own") "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, 0)";
    TAKE = server("a test's own") "UPDATE leases SET holder = $2 WHERE name = $1 AND holder = 'nobody'";
    BROKEN = server("a test's own") "INSERT INTO leases (name, holder, expires_at) VALUES ($1, NULL, 0)";
}

struct World {
    writer: Writer,
    folder: PathBuf,
}

impl World {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("doorward-writer-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("test.db");
        let connection = connection::writing(&path).unwrap();
        migrate(&connection, &MIGRATIONS[0], 0).unwrap();
        for statement in ALL {
            connection.prepare_cached(statement.sqlite).unwrap();
        }
        let ballast = Ballast::beside(&path, 1 << 20);
        ballast.hold().unwrap();
        let mark = Arc::new(OnceLock::new());
        mark.set(Arc::new(AtomicI64::new(42))).unwrap();
        let place = Arc::new(Place::of(&path).unwrap());
        let readers = Arc::new(Readers::open(&path, 1).unwrap());
        let writer = Writer::new(connection, place, Arc::default(), mark, readers, Arc::default(), ballast);
        Self { writer, folder }
    }

    /// Commits these in one batch; what each was answered.
    fn batch(&mut self, commits: Vec<Commit>) -> Vec<Outcome> {
        let mut jobs = Vec::new();
        let mut answers = Vec::new();
        for commit in commits {
            let (answer, outcome) = oneshot::channel();
            jobs.push(Job::Commit(commit, answer));
            answers.push(outcome);
        }
        self.writer.work(&mut jobs);
        answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
    }

    fn sql(&mut self, sql: &str) -> i64 {
        self.writer.connection().unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn holds_ballast(&self) -> bool {
        self.folder.join("test.db-ballast").exists()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn put(name: &str) -> Commit {
    commit(vec![Write::new(&PUT, Expect::One, vec![name.into(), "nobody".into()])])
}

fn take(name: &str) -> Write {
    Write::new(&TAKE, Expect::One, vec![name.into(), "me".into()])
}

fn commit(writes: Vec<Write>) -> Commit {
    Commit { event: None, ending: false, writes }
}

fn ending(writes: Vec<Write>) -> Commit {
    Commit { event: None, ending: true, writes }
}

fn bloat(name: &str) -> Commit {
    commit(vec![Write::new(&PUT, Expect::One, vec![name.into(), "x".repeat(100_000).into()])])
}

fn is_fault(outcome: &Outcome, holding: &str) -> bool {
    matches!(outcome, Err(CommitError::Fault(fault)) if fault.detail.contains(holding))
}

#[test]
fn of_a_batch_those_that_conflict_or_fail_leave_the_others_and_nothing_of_themselves() {
    let mut world = World::new();
    let late = commit(vec![put("half").writes.remove(0), take("missing")]);
    let broken = commit(vec![
        put("other half").writes.remove(0),
        Write::new(&BROKEN, Expect::One, vec!["null".into()]),
    ]);
    let outcomes = world.batch(vec![put("a"), late, put("a"), broken, commit(vec![take("a")]), put("b")]);
    assert_eq!((&outcomes[0], &outcomes[4], &outcomes[5]), (&Ok(1), &Ok(1), &Ok(1)));
    assert_eq!((&outcomes[1], &outcomes[2]), (&Err(CommitError::Conflict), &Err(CommitError::Conflict)));
    assert!(is_fault(&outcomes[3], "NOT NULL"), "{:?}", outcomes[3]);
    assert_eq!(world.sql("SELECT COUNT(*) FROM leases"), 2);
    assert_eq!(world.sql("SELECT COUNT(*) FROM leases WHERE holder = 'me'"), 1);
    assert_eq!(world.sql("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'clock_mark'"), 42);
}

#[test]
fn on_a_full_disk_the_endings_of_a_batch_commit_and_every_other_member_meets_a_fault() {
    let mut world = World::new();
    world.batch(vec![put("session")]);
    world.sql("PRAGMA max_page_count = 1");
    let conflict = commit(vec![take("missing")]);
    let outcomes = world.batch(vec![put("small"), conflict, ending(vec![take("session")]), bloat("large")]);
    assert!(
        is_fault(&outcomes[0], "SQLite 13"),
        "it would have had room, but shared the batch: {:?}",
        outcomes[0]
    );
    assert!(is_fault(&outcomes[1], "SQLite 13"), "a conflict in a lost batch is none: {:?}", outcomes[1]);
    assert_eq!(outcomes[2], Ok(1));
    assert!(is_fault(&outcomes[3], "SQLite 13"));
    assert_eq!(world.sql("SELECT COUNT(*) FROM leases WHERE holder = 'me'"), 1);
    assert!(!world.holds_ballast(), "the ballast was released");
    assert!(world.writer.figures.is_full());

    let outcomes = world.batch(vec![put("small"), ending(vec![take("missing")])]);
    assert!(is_fault(&outcomes[0], "only endings"));
    assert_eq!(outcomes[1], Err(CommitError::Conflict), "an ending is answered as ever");

    world.sql("PRAGMA max_page_count = 1000000");
    super::super::checkpoint::hold(&world.writer.ballast, &world.writer.figures);
    assert!(world.holds_ballast());
    assert_eq!(world.batch(vec![put("small"), bloat("large")]), [Ok(1), Ok(1)]);
}

#[test]
fn a_connection_that_broke_is_opened_again() {
    let mut world = World::new();
    world.writer.connection = None;
    assert_eq!(world.batch(vec![put("a")]), [Ok(1)]);
}

#[test]
fn a_database_that_was_deleted_or_replaced_takes_no_batch_until_it_is_back() {
    let mut world = World::new();
    let (path, aside) = (world.folder.join("test.db"), world.folder.join("aside"));
    std::fs::rename(&path, &aside).unwrap();
    assert!(is_fault(&world.batch(vec![put("a")])[0], "deleted or replaced"));
    std::fs::copy(&aside, &path).unwrap();
    assert!(is_fault(&world.batch(vec![ending(vec![take("a")])])[0], "deleted or replaced"));
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(world.batch(vec![put("a")]), [Ok(1)]);
}

#[test]
fn a_connection_that_broke_makes_no_new_file() {
    let mut world = World::new();
    world.writer.connection = None;
    std::fs::remove_file(world.folder.join("test.db")).unwrap();
    world.writer.connection().unwrap_err();
    assert!(!world.folder.join("test.db").exists());
}

#[test]
fn a_log_past_its_limit_is_started_again() {
    let mut world = World::new();
    let length = |world: &World| std::fs::metadata(world.folder.join("test.db-wal")).unwrap().len();
    world.batch((0..20).map(|number| bloat(&number.to_string())).collect());
    let grown = length(&world);
    world.writer.wish.store(true, Ordering::Release);
    world.batch(vec![put("the wish is met after this batch")]);
    assert!(!world.writer.wish.load(Ordering::Acquire));
    let limit = length(&world);
    for round in 0..3 {
        world.writer.wish.store(true, Ordering::Release);
        world.batch((0..15).map(|number| bloat(&format!("{round} {number}"))).collect());
        assert!(length(&world) <= limit, "{} > {limit}, once {grown}", length(&world));
    }
}

#[test]
fn a_migration_is_applied_once_and_all_or_nothing() {
    static BAD: Migration = Migration {
        version: 7,
        name: "bad",
        sqlite: "CREATE TABLE half (x INTEGER) STRICT; CREATE TABLE meta (x INTEGER);",
        postgres: "",
    };
    let mut world = World::new();
    let connection = world.writer.connection().unwrap();
    migrate(connection, &MIGRATIONS[0], 0).unwrap();
    let fault = migrate(connection, &BAD, 0).unwrap_err();
    assert!(fault.detail.contains("already exists"), "{fault}");
    assert_eq!(world.sql("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'half'"), 0);
    assert_eq!(world.sql("SELECT COUNT(*) FROM migrations"), 1);
}

#[test]
fn a_kept_snapshot_ends_with_the_next_commit_and_does_not_hold_up_the_log() {
    let mut world = World::new();
    let leases = |world: &World| world.writer.readers.read(&COUNT, &[]).unwrap()[0].int().unwrap();
    assert_eq!(leases(&world), 0);
    assert_eq!(world.batch(vec![put("a")]), [Ok(1)]);
    assert_eq!(leases(&world), 1);
    // Behind the server's back: nobody said that there is something new.
    world.writer.connection().unwrap().execute("DELETE FROM leases", []).unwrap();
    assert_eq!(leases(&world), 1);
    assert_eq!(world.sql("PRAGMA busy_timeout = 0"), 0);
    let restart = "PRAGMA wal_checkpoint(RESTART)";
    assert_eq!(world.sql(restart), 1, "the snapshot is in the way");
    let readers = Arc::clone(&world.writer.readers);
    let is_busy = readers.briefly(|| {
        assert_eq!(leases(&world), 0);
        world.sql(restart)
    });
    assert_eq!(is_busy, 0);
}
