//! How far a long command is: a bar on a terminal, a line every few seconds elsewhere. On standard error, so that what is printed is
//! only the answer.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use crate::output::complain;
use crate::report::import::thousands;

/// A bar.
pub struct Progress {
    /// Bytes of the whole, where they are known.
    total: Option<u64>,
    read: u64,
    done: u64,
    began: Instant,
    shown: Instant,
    on_terminal: bool,
}

impl Progress {
    /// Of so many bytes.
    pub fn new(total: Option<u64>) -> Self {
        let now = Instant::now();
        Self {
            total: total.filter(|total| *total > 0),
            read: 0,
            done: 0,
            began: now,
            shown: now,
            on_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// So many bytes were read.
    pub fn read(&mut self, bytes: u64) {
        self.read += bytes;
    }

    /// So many records are done.
    pub fn done(&mut self, records: usize) {
        self.done += records as u64;
        let every = if self.on_terminal { FRAME } else { LINE };
        if self.shown.elapsed() >= every {
            self.show();
        }
    }

    /// The end: seconds since the beginning.
    pub fn end(&mut self) -> f64 {
        if self.on_terminal {
            // The bar gives way to the answer.
            complain("\r\x1b[K");
        }
        self.began.elapsed().as_secs_f64()
    }

    fn show(&mut self) {
        self.shown = Instant::now();
        let line = line(self.total, self.read, self.done, self.began.elapsed());
        complain(&if self.on_terminal { format!("\r\x1b[K{line}") } else { format!("{line}\n") });
    }
}

/// `[#######...............]  35 %  12,000 records  8,500/s  3 s left`.
fn line(total: Option<u64>, read: u64, done: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = (done as f64 / seconds) as u64;
    let records = format!("{} records  {}/s", thousands(done), thousands(rate));
    let Some(total) = total else { return records };
    let part = (read as f64 / total as f64).min(1.0);
    let filled = (part * WIDTH as f64) as usize;
    let bar = format!("{}{}", "#".repeat(filled), ".".repeat(WIDTH - filled));
    let left = if part > 0.0 { (seconds / part - seconds).ceil() as u64 } else { 0 };
    format!("[{bar}] {:>3.0} %  {records}  {left} s left", part * 100.0)
}

const WIDTH: usize = 30;
const FRAME: Duration = Duration::from_millis(100);
const LINE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_far_how_fast_and_how_long_yet() {
        let two = Duration::from_secs(2);
        assert_eq!(
            line(Some(200), 50, 10_000, two),
            "[#######.......................]  25 %  10,000 records  5,000/s  6 s left"
        );
        assert_eq!(line(Some(200), 300, 1, two).matches('#').count(), WIDTH);
        assert_eq!(line(None, 50, 1_234_567, two), "1,234,567 records  617,283/s");
    }
}
