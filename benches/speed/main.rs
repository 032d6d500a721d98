//! The speed report: CPU microseconds of the server per request, beside floors measured in the same run.
//!
//! `cargo bench -p doorward-benches` prints it, `-- --write` also writes `docs/benchmarks.md`. PostgreSQL is measured too when
//! `DOORWARD_TEST_POSTGRES` names a server on which databases may be made. The server runs as a child process (this program again,
//! told so by a hidden argument), so that its CPU time is its own; the load comes from this process, on one thread.

mod child;
mod database;
mod floor_server;
mod floors;
mod growth;
mod imports;
mod load;
mod machine;
mod markdown;
mod overload;
mod paced;
mod plans;
mod raw;
mod report;
mod request;
mod rows;
mod sources;
mod start;
mod stats;
mod webhooks;
mod world;

use std::process::ExitCode;
use std::time::Duration;

use child::{CHILD_ARGUMENT, Child, Job};
use database::Place;
use report::{Report, Section};
use rows::Rows;
use stats::Samples;
use world::{Counts, World};

/// The server's allocator is what is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the command line asks for.
struct Settings {
    rounds: usize,
    round: Duration,
    connections: usize,
    grow: usize,
    only: Option<String>,
    /// What is measured alone; empty: everything.
    alone: Vec<Part>,
    no_overload: bool,
    write: bool,
}

/// What can be measured alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Imports,
    Overload,
    Plans,
    Webhooks,
}

impl Settings {
    fn wants(&self, part: Part) -> bool {
        if self.alone.is_empty() {
            return self.only.is_none() && !(part == Part::Overload && self.no_overload);
        }
        self.alone.contains(&part)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == CHILD_ARGUMENT) {
        return child::run();
    }
    let settings = match settings(&arguments) {
        Ok(settings) => settings,
        Err(problem) => {
            eprintln!("{problem}\n{HELP}");
            return ExitCode::from(2);
        }
    };
    overload::allow_descriptors();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let report = runtime.expect("a runtime starts").block_on(measure(&settings));
    print!("{}", report.text());
    if settings.write && settings.alone.is_empty() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md");
        std::fs::write(path, markdown::of(&report)).expect("docs/benchmarks.md can be written");
        println!("written: docs/benchmarks.md");
    }
    ExitCode::SUCCESS
}

async fn measure(settings: &Settings) -> Report {
    let mut report = Report::new(settings.rounds, settings.round, settings.connections);
    let all = settings.alone.is_empty();
    if all && settings.only.is_none() {
        progress("start and idle memory");
        report.start = Some(start::measure().await);
    }
    for place in Place::available().await {
        if all {
            progress(place.engine());
            report.sections.push(section(settings, &place).await);
        }
        if settings.wants(Part::Imports) {
            report.imports.push(imports::measure(&place, settings.rounds.min(3)).await);
        }
        if settings.wants(Part::Plans) {
            report.plans.push(plans::measure(&place, settings.rounds).await);
        }
        if settings.wants(Part::Webhooks) {
            report.webhooks.push(webhooks::measure(&place, settings.rounds.min(3)).await);
        }
        place.remove().await;
    }
    if settings.wants(Part::Overload) {
        progress("overload");
        report.overload = Some(overload::measure(settings).await);
    }
    if all && settings.only.is_none() && settings.grow > 0 {
        progress("growth");
        report.growth = Some(growth::measure(settings).await);
    }
    report
}

/// All rows on one database, floors between them: round after round, so that a busy minute meets all alike.
async fn section(settings: &Settings, place: &Place) -> Section {
    let counts = if place.is_postgres() { Counts::SMALL } else { Counts::FULL };
    let world = World::make(place, counts).await;
    let mut server = Child::spawn(&Job::Server(place.clone()));
    let mut bare = Child::spawn(&Job::Floor);
    let rows = Rows::new(&world, server.port(), settings.connections).await;
    let chosen =
        |name: &str| settings.only.as_deref().is_none_or(|only| only.split(',').any(|w| name.contains(w)));
    let rows: Vec<_> = rows.into_iter().filter(|row| chosen(row.name)).collect();
    let mut samples = Samples::default();
    for round in 0..settings.rounds {
        progress(&format!("{}: round {} of {}", place.engine(), round + 1, settings.rounds));
        floors::measure(place, &mut samples).await;
        for row in &rows {
            let (algorithm, times) = row.target.and_then(|target| target.signatures).unwrap_or(("ES256", 0));
            bare.ask(&format!("floor {} {algorithm} {times}", row.answer_bytes));
            let floor = load::run(&mut bare, row.floor_sources(), settings.round / 2, 200).await;
            samples.http(row.name, floor.cpu_us);
            let answered =
                load::run(&mut server, (row.sources)(row.connections), settings.round, row.status).await;
            samples.row(row.name, answered);
        }
    }
    bare.stop();
    server.stop();
    Section::new(place.engine(), rows, samples)
}

fn settings(arguments: &[String]) -> Result<Settings, String> {
    let mut settings = Settings {
        rounds: 5,
        round: Duration::from_millis(400),
        connections: 64,
        grow: 200_000,
        only: None,
        alone: Vec::new(),
        no_overload: false,
        write: false,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<usize, String> {
            let text = arguments.next().ok_or_else(|| format!("{argument} needs a number"))?;
            text.parse().map_err(|_| format!("{text} is no number"))
        };
        match argument.as_str() {
            // What cargo says to every benchmark.
            "--bench" => {}
            "--write" => settings.write = true,
            "--rounds" => settings.rounds = number()?.max(1),
            "--round-ms" => settings.round = Duration::from_millis(number()?.max(10) as u64),
            "--connections" => settings.connections = number()?.max(1),
            "--grow" => settings.grow = number()?,
            "--imports" => settings.alone.push(Part::Imports),
            "--overload" => settings.alone.push(Part::Overload),
            "--plans" => settings.alone.push(Part::Plans),
            "--webhooks" => settings.alone.push(Part::Webhooks),
            "--no-overload" => settings.no_overload = true,
            "--only" => settings.only = arguments.next().cloned(),
            _ => return Err(format!("no such argument: {argument}")),
        }
    }
    Ok(settings)
}

fn progress(what: &str) {
    eprintln!("  … {what}");
}

const HELP: &str = "\
cargo bench -p doorward-benches -- [--write] [--rounds N] [--round-ms N] [--connections N] [--grow N] [--only ROW,ROW]
                                [--imports] [--overload] [--plans] [--webhooks] [--no-overload]

  --write        write docs/benchmarks.md too
  --rounds       rounds per row; best and median are shown (5)
  --round-ms     milliseconds of a round (400)
  --connections  connections that wait for answers at once (64)
  --grow         live tickets and grants of the growth row; 0: none (200000)
  --only         only rows whose name contains one of these words; without start, idle memory and growth
  --imports      only the rate at which people are brought in; writes nothing
  --overload     only what happens under overload and under a flood of sign-ins; writes nothing
  --plans        only how long a plan of 10,000 objects takes; writes nothing
  --webhooks     only what telling extensions costs; writes nothing
  --no-overload  everything but what happens under overload";
