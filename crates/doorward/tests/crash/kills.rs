//! kill -9, again and again, under load: what was acknowledged holds, and what was ended stays so.
//!
//! That it would be noticed was tried with faults planted in the store: answers sent before their COMMIT, and codes consumed
//! without the condition that they are not consumed yet, are each found within the kills of a short run.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

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
        let mut answered = history.answered();
        let enough = *answered.borrow() + usize::try_from(40 + chance.below(160)).expect("a small number");
        phase.send_replace(Phase::Up);
        let reached = tokio::time::timeout(PATIENCE, answered.wait_for(|count| *count >= enough)).await;
        reached.expect("the workers get on").expect("the history counts");
        tokio::time::sleep(Duration::from_micros(chance.below(5000))).await;
        running.kill();
        phase.send_replace(Phase::Down);
    }

    let mut running = Running::start(&world);
    starts.push(running.ready().await);
    phase.send_replace(Phase::Over);
    for worker in workers {
        worker.await.expect("a worker ends well");
    }
    let tried = finale::run(&world, &history).await;
    running.terminate();
    assert!(running.ended().await.success(), "a server ends well after kills");

    let entries = history.entries();
    let mut violations = check(&entries);
    violations.extend(world.damage());
    report(&world, seed, kills, &entries, tried, &mut starts, &violations);
    if !violations.is_empty() {
        let path =
            std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-history-{seed}.txt"));
        std::fs::write(&path, text(&entries)).expect("the history can be written");
        let first: Vec<&String> = violations.iter().take(10).collect();
        panic!("{} violations; the history is in {}: {first:#?}", violations.len(), path.display());
    }
    assert_covered(&entries);
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

fn report(
    world: &World,
    seed: u64,
    kills: u32,
    entries: &[Entry],
    tried: usize,
    starts: &mut [Duration],
    violations: &[String],
) {
    starts.sort();
    let count = |wanted: fn(&Outcome) -> bool| entries.iter().filter(|entry| wanted(&entry.outcome)).count();
    let line = format!(
        "Crash, {}: {kills} kills under load, {} operations ({} tokens given, {} outcomes unknown), {tried} of them \
         tried everything again at the end, {} violations; ready again after {} ms (median) and {} ms (longest); seed {seed}",
        world.engine(),
        entries.len(),
        count(|outcome| matches!(outcome, Outcome::Tokens { .. })),
        count(|outcome| matches!(outcome, Outcome::Unknown | Outcome::UnknownLate)),
        violations.len(),
        starts[starts.len() / 2].as_millis(),
        starts.last().map_or(0, Duration::as_millis),
    );
    println!("{line}");
    let Some(path) = std::env::var_os("DOORWARD_TEST_REPORT") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let mut file = file.expect("the report can be opened");
    writeln!(file, "{line}").expect("the report can be written");
}

const WORKERS: u64 = 12;
const PATIENCE: Duration = Duration::from_secs(60);
