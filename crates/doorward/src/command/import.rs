//! `user import`: records from a file, in batches, with a bar that shows how far it is.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use doorward_core::desired::import::{Did, MOST_RECORDS};
use doorward_web::manage::import::{Told, ToldProblem};
use doorward_wire::json::BadJson;
use serde::Serialize;

use super::ask::{self, Door};
use super::progress::Progress;
use crate::cli::{Import, Output};
use crate::failure::{Exit, Failure};
use crate::operator::{Answer, Order};
use crate::{output, report};

/// What was done in all.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Records.
    pub records: u64,
    /// How many met each outcome.
    #[serde(flatten)]
    pub counts: BTreeMap<Did, u64>,
    /// What is wrong with those that were refused, the first of them.
    pub problems: Vec<Problem>,
    /// Whether nothing was done.
    pub dry_run: bool,
    /// How long it took.
    pub seconds: f64,
}

/// What is wrong with a line.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// Its number in the file.
    pub line: u64,
    /// Where in it, as a JSON pointer.
    pub pointer: String,
    /// What.
    pub detail: String,
}

/// A line, with its number in the file.
type Line = (u64, String);

/// `user import`.
pub async fn run(command: Import) -> Result<(), Failure> {
    let (reader, bytes) = open(&command.file)?;
    let settings = ask::settings(&command.of.common.flags)?;
    let mut running = Running {
        door: Door::of(&settings),
        tenant: command.of.tenant.clone(),
        dry_run: command.dry_run,
        progress: Progress::new(bytes),
        summary: Summary { dry_run: command.dry_run, ..Summary::default() },
        waiting: Vec::new(),
    };
    let done = running.all(reader, &command.file).await;
    let summary = running.finish();
    let stopped = match done {
        Err(failure) if summary.records == 0 || command.dry_run => return Err(failure),
        // What was done until then stands, and is told.
        Err(failure) => {
            let (message, records) = (&failure.message, report::import::thousands(summary.records));
            let message =
                format!("{message}; what was done of the first {records} records stands: run it again");
            Some(Failure { message, ..failure })
        }
        Ok(()) => None,
    };
    let refused = summary.counts.get(&Did::Refused).copied().unwrap_or_default();
    let text = match command.of.common.output {
        Output::Json => {
            serde_json::to_string_pretty(&summary)
                .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?
                + "\n"
        }
        Output::Text => report::import::text(&summary),
    };
    let printed = if command.dry_run { output::print(&text) } else { output::print_done(&text) };
    match stopped {
        Some(failure) => Err(failure),
        None if printed.is_err() => printed,
        None if refused > 0 => {
            let (what, of) = (report::import::thousands(refused), report::import::thousands(summary.records));
            Err(Failure::new(Exit::Data, format!("{what} of {of} records were refused")))
        }
        None => Ok(()),
    }
}

fn open(path: &Path) -> Result<(Box<dyn BufRead>, Option<u64>), Failure> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(BufReader::new(std::io::stdin())), None));
    }
    let opened = std::fs::File::open(path).and_then(|file| {
        let about = file.metadata()?;
        Ok((file, about.is_file().then_some(about.len())))
    });
    let (file, bytes) = opened.map_err(|error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NotFound } else { Exit::Data };
        Failure::new(exit, format!("cannot read {}: {error}", path.display()))
    })?;
    Ok((Box::new(BufReader::with_capacity(1 << 16, file)), bytes))
}

struct Running<'a> {
    door: Door<'a>,
    tenant: Option<String>,
    dry_run: bool,
    progress: Progress,
    summary: Summary,
    /// Records that were refused for want of something that others may bring about, with what was said.
    waiting: Vec<(Line, Told)>,
}

impl Running<'_> {
    async fn all(&mut self, mut reader: Box<dyn BufRead>, path: &Path) -> Result<(), Failure> {
        let mut batch: Vec<Line> = Vec::with_capacity(MOST_RECORDS);
        let (mut number, mut bytes) = (0, 0);
        loop {
            let line = next(&mut reader).map_err(|error| {
                let (file, line) = (path.display(), number + 1);
                Failure::new(Exit::Data, format!("{file}, line {line}: cannot be read: {error}"))
            })?;
            let ended = line.is_none();
            if let Some((line, length)) = line {
                number += 1;
                self.progress.read(length);
                match line {
                    Ok(text) if text.trim().is_empty() => {}
                    Ok(text) => {
                        bytes += text.len();
                        batch.push((number, text));
                    }
                    Err(what) => self.refuse(number, what),
                }
            }
            if batch.len() == MOST_RECORDS || bytes > MOST_BYTES || (ended && !batch.is_empty()) {
                let lines = std::mem::take(&mut batch);
                let records = lines.len() as u64;
                self.send(lines).await?;
                self.summary.records += records;
                bytes = 0;
            }
            if ended {
                break;
            }
        }
        // In a dry run nothing has come about.
        while !self.dry_run && !self.waiting.is_empty() {
            let before = self.waiting.len();
            let again: Vec<Line> =
                std::mem::take(&mut self.waiting).into_iter().map(|(line, _)| line).collect();
            for part in again.chunks(MOST_RECORDS) {
                self.send(part.to_vec()).await?;
            }
            if self.waiting.len() == before {
                break;
            }
        }
        Ok(())
    }

    async fn send(&mut self, lines: Vec<Line>) -> Result<(), Failure> {
        let records: Vec<&str> = lines.iter().map(|(_, text)| text.trim()).collect();
        let order =
            Order::Import { tenant: self.tenant.clone(), records: records.join("\n"), dry_run: self.dry_run };
        let Answer::Imported { records } = self.door.ask(order).await? else {
            return Err(Failure::new(Exit::Failed, "the server answered something else than was asked"));
        };
        self.progress.done(lines.len());
        for (line, told) in lines.into_iter().zip(records) {
            if told.retry && self.waiting.len() < MOST_WAITING {
                self.waiting.push((line, told));
            } else {
                self.tell(line.0, told);
            }
        }
        Ok(())
    }

    /// A line that is not worth sending.
    fn refuse(&mut self, line: u64, what: String) {
        self.summary.records += 1;
        self.progress.done(1);
        let problems = vec![ToldProblem { pointer: String::new(), detail: what }];
        self.tell(line, Told { line, outcome: Did::Refused, problems, retry: false, denied: None });
    }

    fn tell(&mut self, line: u64, told: Told) {
        *self.summary.counts.entry(told.outcome).or_default() += 1;
        for problem in told.problems {
            if self.summary.problems.len() < MOST_PROBLEMS {
                let (pointer, detail) = (problem.pointer, problem.detail);
                self.summary.problems.push(Problem { line, pointer, detail });
            }
        }
    }

    fn finish(mut self) -> Summary {
        for ((line, _), told) in std::mem::take(&mut self.waiting) {
            self.tell(line, told);
        }
        self.summary.problems.sort_by_key(|problem| problem.line);
        self.summary.seconds = self.progress.end();
        self.summary
    }
}

/// The next line, or why it is no record, and how many bytes it takes. One that is too long is not kept in memory to be refused.
fn next(reader: &mut dyn BufRead) -> io::Result<Option<(Result<String, String>, u64)>> {
    let mut line = Vec::new();
    let mut length = reader.take(LONGEST_LINE + 1).read_until(b'\n', &mut line)? as u64;
    if length == 0 {
        return Ok(None);
    }
    if length > LONGEST_LINE {
        while line.last() != Some(&b'\n') {
            line.clear();
            match reader.take(LONGEST_LINE).read_until(b'\n', &mut line)? as u64 {
                0 => break,
                more => length += more,
            }
        }
        return Ok(Some((Err(format!("is longer than {LONGEST_LINE} bytes")), length)));
    }
    Ok(Some((String::from_utf8(line).map_err(|_| BadJson::Encoding.to_string()), length)))
}

/// Bytes after which a batch is sent, however few records it has.
const MOST_BYTES: usize = 4 << 20;
/// Bytes of a line: a person with everything takes a hundredth.
const LONGEST_LINE: u64 = 1 << 20;
/// Records that are kept to be sent again.
const MOST_WAITING: usize = 100_000;
/// Problems that are told.
const MOST_PROBLEMS: usize = 100;
