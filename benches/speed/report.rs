//! What the report says: rows against targets.

use std::fmt::Write;
use std::time::Duration;

use crate::growth::Growth;
use crate::imports::Imports;
use crate::load::Round;
use crate::machine;
use crate::overload::Overload;
use crate::plans::Plans;
use crate::rows::{Row, Target};
use crate::start::Start;
use crate::stats::{Samples, Spread};
use crate::webhooks::Webhooks;

/// The whole report.
pub struct Report {
    /// Processor, cores, memory, system.
    pub machine: String,
    /// Milliseconds of one fdatasync.
    pub sync_ms: f64,
    /// How it was measured.
    pub method: String,
    /// One per engine.
    pub sections: Vec<Section>,
    /// Start and idle memory.
    pub start: Option<Start>,
    /// Imports, one per engine.
    pub imports: Vec<Imports>,
    /// Plans, one per engine.
    pub plans: Vec<Plans>,
    /// Webhooks, one per engine.
    pub webhooks: Vec<Webhooks>,
    /// Growth.
    pub growth: Option<Growth>,
    /// Overload, and a flood of sign-ins.
    pub overload: Option<Overload>,
}

/// The rows of one engine.
pub struct Section {
    /// Which.
    pub engine: &'static str,
    /// Its rows.
    pub lines: Vec<Line>,
    /// Floors that are not bare answers.
    pub floors: Vec<(&'static str, Spread)>,
}

/// A row with what was measured.
pub struct Line {
    /// Its name.
    pub name: &'static str,
    /// CPU per request.
    pub cpu: Spread,
    /// The round with the least CPU.
    pub round: Round,
    /// The bare answer of the same size.
    pub bare: Spread,
    /// Answers of another status than expected, in all rounds.
    pub failed: usize,
    /// What it may cost.
    pub target: Option<Judged>,
}

/// A row beside its target.
#[derive(Clone, Copy)]
pub struct Judged {
    /// The target.
    pub target: Target,
    /// What is compared with its factor, by best and by median.
    pub ratio: Spread,
}

impl Judged {
    fn of(target: Target, cpu: Spread, bare: Spread, samples: &Samples) -> Self {
        let zero = Spread::default();
        let sum = |start: Spread, floors: &[(&str, f64)]| {
            floors.iter().fold(start, |sum, (name, times)| sum.plus(*times, samples.of_floor(name)))
        };
        let inside = sum(if target.bare { bare } else { zero }, target.inside);
        let beside = sum(zero, target.beside);
        // What is left of a bare answer when its signature is taken off is no less than the barest answer.
        let least = samples.least_http();
        let ratio = |cpu: f64, inside: f64, beside: f64| (cpu - beside).max(0.0) / inside.max(least);
        let best = ratio(cpu.best, inside.best, beside.best);
        Self { target, ratio: Spread { best, median: ratio(cpu.median, inside.median, beside.median) } }
    }

    /// Whether it is reached, by the best round.
    pub fn is_reached(&self) -> bool {
        self.ratio.best <= self.target.times
    }
}

impl Section {
    /// The rows with their samples.
    pub fn new(engine: &'static str, rows: Vec<Row>, samples: Samples) -> Self {
        let line = |row: Row| {
            let rounds = samples.rounds(row.name);
            let cpu = Spread::of(&rounds.iter().map(|round| round.cpu_us).collect::<Vec<_>>());
            let best = rounds.iter().min_by(|a, b| a.cpu_us.total_cmp(&b.cpu_us));
            let bare = samples.of_http(row.name);
            Line {
                name: row.name,
                cpu,
                round: *best.expect("a row has rounds"),
                bare,
                failed: rounds.iter().map(|round| round.failed).sum(),
                target: row.target.map(|target| Judged::of(target, cpu, bare, &samples)),
            }
        };
        Self { engine, lines: rows.into_iter().map(line).collect(), floors: samples.floors().collect() }
    }
}

impl Report {
    /// An empty report on this machine.
    pub fn new(rounds: usize, round: Duration, connections: usize) -> Self {
        let method = format!(
            "{rounds} rounds of {} ms per row, in turn; {connections} connections (code exchange and refresh: {}; sign-in: 4)",
            round.as_millis(),
            4 * connections
        );
        Self {
            machine: machine::describe(),
            sync_ms: machine::sync_ms(),
            method,
            sections: Vec::new(),
            start: None,
            imports: Vec::new(),
            plans: Vec::new(),
            webhooks: Vec::new(),
            growth: None,
            overload: None,
        }
    }

    /// For the terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let mut say = |line: String| {
            let _ = writeln!(text, "{line}");
        };
        say(self.machine.clone());
        say(format!("{}; one fdatasync {:.1} ms", self.method, self.sync_ms));
        for section in &self.sections {
            say(format!("\n{}\n{}", section.engine, table(&section.cells(), "  ", "")));
            let floors = section.floors.iter().map(|(name, us)| format!("{name} {:.1}", us.best));
            say(format!("floors, CPU µs: {}", floors.collect::<Vec<_>>().join(", ")));
        }
        for line in self.rest() {
            say(line);
        }
        text
    }

    /// Start, idle memory, imports and growth, a line each.
    pub fn rest(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let reached = |is| if is { "reached" } else { "missed" };
        if let Some(start) = self.start {
            lines.push(format!(
                "start to the first answer: {:.0} ms (median {:.0}), target 50 ms: {}",
                start.ready_ms.best,
                start.ready_ms.median,
                reached(start.ready_ms.best <= 50.0)
            ));
            lines.push(format!(
                "idle resident memory: {:.1} MiB, target 20 MiB: {}",
                start.idle_mib,
                reached(start.idle_mib <= 20.0)
            ));
        }
        lines.extend(self.imports.iter().map(Imports::line));
        lines.extend(self.plans.iter().map(Plans::line));
        lines.extend(self.webhooks.iter().map(Webhooks::line));
        if let Some(growth) = &self.growth {
            for (name, few, many) in &growth.rows {
                let ratio = many.best / few.best;
                lines.push(format!(
                    "growth, {name}: {:.1} µs with {} live grants and tickets, {:.1} with {}: {ratio:.2} times, target 1.5: {}",
                    few.best,
                    growth.few,
                    many.best,
                    growth.many,
                    reached(ratio <= 1.5)
                ));
            }
        }
        lines.extend(self.overload.iter().flat_map(Overload::lines));
        lines
    }
}

impl Section {
    /// The table: its head, then a row each.
    pub fn cells(&self) -> Vec<Vec<String>> {
        let head = [
            "row",
            "CPU µs",
            "median",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "MiB",
            "bare µs",
            "ratio",
            "median",
            "target",
            "",
        ];
        let mut cells = vec![head.map(str::to_owned).to_vec()];
        for line in &self.lines {
            let (mut ratio, mut median, mut target, mut verdict) = Default::default();
            if let Some(judged) = line.target {
                ratio = format!("{:.2}", judged.ratio.best);
                median = format!("{:.2}", judged.ratio.median);
                target = judged.target.words.to_owned();
                verdict = if judged.is_reached() { "reached" } else { "missed" }.to_owned();
            }
            if line.failed > 0 {
                verdict = format!("{verdict} ({} other answers)", line.failed);
            }
            cells.push(vec![
                line.name.to_owned(),
                format!("{:.1}", line.cpu.best),
                format!("{:.1}", line.cpu.median),
                format!("{:.0}", line.round.per_s),
                format!("{:.2}", line.round.p50_ms),
                format!("{:.2}", line.round.p99_ms),
                format!("{:.1}", line.round.resident_mib),
                format!("{:.1}", line.bare.best),
                ratio,
                median,
                target,
                verdict,
            ]);
        }
        cells
    }
}

/// Columns under each other: names to the left, numbers to the right.
pub fn table(cells: &[Vec<String>], between: &str, edge: &str) -> String {
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let columns = cells.first().map_or(0, Vec::len);
    let is_text = |column: usize| column == 0 || column + 2 >= columns;
    let mut text = String::new();
    for (number, row) in cells.iter().enumerate() {
        let padded: Vec<String> = (0..columns)
            .map(|column| {
                let (cell, width) = (&row[column], width(column));
                if is_text(column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            })
            .collect();
        let line = format!("{edge}{}{edge}", padded.join(between));
        text.push_str(line.trim());
        text.push('\n');
        if number == 0 && !edge.is_empty() {
            let rule: Vec<String> = (0..columns)
                .map(|column| {
                    let dashes = "-".repeat(width(column).max(3) - 1);
                    if is_text(column) { format!("{dashes}-") } else { format!("{dashes}:") }
                })
                .collect();
            text.push_str(&format!("{}\n", format!("{edge}{}{edge}", rule.join(between)).trim()));
        }
    }
    text
}
