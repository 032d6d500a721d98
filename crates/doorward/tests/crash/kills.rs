//! kill -9, again and again, under load: what was acknowledged holds, and what was ended stays so.
//!
//! That it would be noticed was tried with faults planted in the store: answers sent before their COMMIT, and codes consumed
//! without the condition that they are not consumed yet, are each found within the kills of a short run.

use std::sync::Arc;
use std::time::Duration;

use doorward_tests::report;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::chance::{Chance, seed};
use crate::checker::check;
use crate::finale;
use crate::history::{Entry, History, Op, Outcome, text};
use crate::load::{Phase, Worker};
use crate::server::Running;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills() {
    let seed = seed();
    let mut chance = Chance::new(seed, 0);
    let kills = if std::env::var_os("DOORWARD_TEST_LONG").is_some() { 50 } else { 12 };
    let world = World::new().await;
    let history = Arc::new(History::new());
    let phase = watch::Sender::new(Phase::Down);
    let workers: Vec<_> = (0..WORKERS)
        .map(|index| tokio::spawn(Worker::new(&world, &history, phase.subscribe(), seed, index).run()))
        .collect();

    let mut starts = Vec::new();
    for kill in 0..kills {
        // One in six does not live to see its first request, but for the first, which fills the database.
        if kill > 0 && chance.percent(17) {
            let early = Running::start(&world);
            tokio::time::sleep(Duration::from_millis(chance.below(150))).await;
            early.kill();
            continue;
        }
        let mut running = Running::start(&world);
        starts.push(running.ready().await);
        phase.send_replace(Phase::Up);
        get_on(&history, 40 + chance.below(160)).await;
        tokio::time::sleep(Duration::from_micros(chance.below(5000))).await;
        running.kill();
        phase.send_replace(Phase::Down);
    }

    let mut running = Running::start(&world);
    starts.push(running.ready().await);
    phase.send_replace(Phase::Over);
    let work = Work { workers, seed, kills, starts };
    work.conclude(&world, &history, vec![running], "under load").await;
}

/// A node dies while the other serves on: clients lose the answers that were under way, and nothing else. Every client speaks to both
/// in turn, so that what one node gave is used at the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_the_death_of_one_of_two_nodes() {
    if std::env::var_os("DOORWARD_TEST_POSTGRES").is_none() {
        println!("needs DOORWARD_TEST_POSTGRES: SQLite has one node");
        return;
    }
    let seed = seed();
    let mut chance = Chance::new(seed, 0);
    let kills = if std::env::var_os("DOORWARD_TEST_LONG").is_some() { 50 } else { 8 };
    let world = World::of(2).await;
    let history = Arc::new(History::new());
    let phase = watch::Sender::new(Phase::Down);
    let workers: Vec<_> = (0..WORKERS)
        .map(|index| tokio::spawn(Worker::new(&world, &history, phase.subscribe(), seed, index).run()))
        .collect();

    let mut nodes = Vec::new();
    let mut starts = Vec::new();
    for node in 0..2 {
        let mut running = Running::start_node(&world, node);
        starts.push(running.ready().await);
        nodes.push(running);
    }
    phase.send_replace(Phase::Up);
    for _ in 0..kills {
        get_on(&history, 40 + chance.below(100)).await;
        let node = usize::try_from(chance.below(2)).expect("a small number");
        tokio::time::sleep(Duration::from_micros(chance.below(5000))).await;
        nodes.remove(node).kill();
        // The other one does all the work meanwhile.
        get_on(&history, 20 + chance.below(60)).await;
        let mut again = Running::start_node(&world, node);
        starts.push(again.ready().await);
        nodes.insert(node, again);
    }
    phase.send_replace(Phase::Over);
    let work = Work { workers, seed, kills, starts };
    work.conclude(&world, &history, nodes, "of one of two nodes under load").await;
}

/// Waits until so many more operations were answered.
async fn get_on(history: &History, more: u64) {
    let mut answered = history.answered();
    let enough = *answered.borrow() + usize::try_from(more).expect("a small number");
    let reached = tokio::time::timeout(PATIENCE, answered.wait_for(|count| *count >= enough)).await;
    reached.expect("the workers get on").expect("the history counts");
}

/// What was done to the servers of a run.
struct Work {
    workers: Vec<JoinHandle<()>>,
    seed: u64,
    kills: u32,
    starts: Vec<Duration>,
}

impl Work {
    /// Everything is tried once more, the servers are ended, and the history is held against the rules.
    async fn conclude(mut self, world: &World, history: &Arc<History>, nodes: Vec<Running>, what: &str) {
        for worker in self.workers.drain(..) {
            worker.await.expect("a worker ends well");
        }
        let tried = finale::run(world, history).await;
        for running in nodes {
            running.terminate();
            assert!(running.ended().await.success(), "a server ends well after kills");
        }
        let entries = history.entries();
        let mut violations = check(&entries);
        violations.extend(world.damage());
        self.report(what, &entries, tried, &violations);
        if !violations.is_empty() {
            let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
            let path = folder.join(format!("crash-history-{}.txt", self.seed));
            std::fs::write(&path, text(&entries)).expect("the history can be written");
            let first: Vec<&String> = violations.iter().take(10).collect();
            panic!("{} violations; the history is in {}: {first:#?}", violations.len(), path.display());
        }
        assert_covered(&entries);
    }

    fn report(&mut self, what: &str, entries: &[Entry], tried: usize, violations: &[String]) {
        self.starts.sort();
        let count =
            |wanted: fn(&Outcome) -> bool| entries.iter().filter(|entry| wanted(&entry.outcome)).count();
        let line = format!(
            "{} kills {what}, {} operations ({} tokens given, {} outcomes unknown), {tried} of them tried everything again \
             at the end, {} violations; ready again after {} ms (median) and {} ms (longest); seed {}",
            self.kills,
            entries.len(),
            count(|outcome| matches!(outcome, Outcome::Tokens { .. })),
            count(|outcome| matches!(outcome, Outcome::Unknown | Outcome::UnknownLate)),
            violations.len(),
            self.starts[self.starts.len() / 2].as_millis(),
            self.starts.last().map_or(0, Duration::as_millis),
            self.seed,
        );
        report("Crash", &line);
    }
}

/// A run in which something never happened shows nothing about it.
fn assert_covered(entries: &[Entry]) {
    let count = |wanted: fn(&Entry) -> bool| entries.iter().filter(|entry| wanted(entry)).count();
    let is_unknown = |entry: &Entry| entry.outcome == Outcome::Unknown;
    assert!(entries.iter().any(is_unknown), "no request was under way at any kill");
    assert!(count(|entry| matches!(entry.op, Op::SignIn { .. })) > 0);
    assert!(count(|entry| matches!((&entry.op, &entry.outcome), (Op::Revoke { .. }, Outcome::Done))) > 0);
    assert!(
        count(|entry| matches!((&entry.op, &entry.outcome), (Op::Refresh { .. }, Outcome::Tokens { .. })))
            > 0
    );
    assert!(count(|entry| entry.outcome == Outcome::Active(true)) > 0);
    assert!(count(|entry| entry.outcome == Outcome::Active(false)) > 0);
}

const WORKERS: u64 = 12;
const PATIENCE: Duration = Duration::from_secs(60);
