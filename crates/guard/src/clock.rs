//! The time, as something that is passed in: tests let it pass.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Moment;
}

/// A moment, on two clocks. Milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since 1970. It may be set.
    pub unix_ms: i64,
    /// Since any moment. It never goes back, but may stand still while the machine sleeps.
    pub elapsed_ms: i64,
}

impl Moment {
    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.unix_ms.div_euclid(1000)
    }

    /// Milliseconds since `earlier`, by the clock that says more: neither one that was set back nor one that stood still makes what is kept
    /// younger than it is.
    pub fn since(self, earlier: Moment) -> i64 {
        let unix = self.unix_ms.saturating_sub(earlier.unix_ms);
        unix.max(self.elapsed_ms.saturating_sub(earlier.elapsed_ms))
    }
}

/// The system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        static START: OnceLock<Instant> = OnceLock::new();
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let elapsed = START.get_or_init(Instant::now).elapsed();
        Moment { unix_ms: milliseconds(unix), elapsed_ms: milliseconds(elapsed) }
    }
}

pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_what_the_longer_of_both_clocks_says() {
        let then = Moment { unix_ms: 10_000, elapsed_ms: 500 };
        let rows = [(15_000, 5_500, 5_000), (4_000, 5_500, 5_000), (15_000, 600, 5_000), (9_000, 400, -100)];
        for (unix_ms, elapsed_ms, age) in rows {
            assert_eq!(Moment { unix_ms, elapsed_ms }.since(then), age);
        }
    }
}
