//! How long a refused sign-in takes, at least: as long as it took lately with another system's hash, whichever account was named. Those
//! hashes cost what their system chose, and an account that is known by the time of its refusal is an account that is known.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest of this window of time and of the one before.
#[derive(Debug, Default)]
pub struct RefusalTime(Mutex<Option<Windows>>);

#[derive(Clone, Copy, Debug)]
struct Windows {
    began: Instant,
    current: Duration,
    before: Duration,
}

impl RefusalTime {
    /// Another system's hash took so long.
    pub fn note(&self, took: Duration, now: Instant) {
        self.with(now, |windows| windows.current = windows.current.max(took));
    }

    /// How long a refusal waits whose work took so long.
    pub fn owed(&self, took: Duration, now: Instant) -> Duration {
        self.with(now, |windows| windows.current.max(windows.before)).saturating_sub(took)
    }

    fn with<T>(&self, now: Instant, work: impl FnOnce(&mut Windows) -> T) -> T {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = windows.map(|windows| (now.saturating_duration_since(windows.began), windows));
        let found = windows.insert(match known {
            Some((age, windows)) if age < WINDOW => windows,
            Some((age, windows)) if age < 2 * WINDOW => {
                Windows { began: windows.began + WINDOW, current: Duration::ZERO, before: windows.current }
            }
            _ => Windows { began: now, current: Duration::ZERO, before: Duration::ZERO },
        });
        work(found)
    }
}

/// After at most twice as long without such a hash, refusals are as quick as before.
const WINDOW: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_refusal_takes_as_long_as_the_slowest_lately() {
        let (time, start) = (RefusalTime::default(), Instant::now());
        assert_eq!(time.owed(MS, start), Duration::ZERO, "nothing slow was seen");
        time.note(400 * MS, start);
        time.note(90 * MS, start);
        assert_eq!(time.owed(20 * MS, start), 380 * MS);
        assert_eq!(time.owed(500 * MS, start), Duration::ZERO);
        // Seen once in each window, there is no gap between them.
        time.note(300 * MS, start + WINDOW);
        assert_eq!(time.owed(MS, start + WINDOW), 399 * MS);
        assert_eq!(time.owed(MS, start + 2 * WINDOW), 299 * MS);
        assert_eq!(time.owed(MS, start + 3 * WINDOW), Duration::ZERO);
        time.note(50 * MS, start + 10 * WINDOW);
        assert_eq!(time.owed(MS, start + 10 * WINDOW), 49 * MS);
    }
}
