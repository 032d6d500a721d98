//! The server's clock: `now = max(source, last + elapsed)` (section 5 of the design, "Time").
//!
//! The source is the wall clock on SQLite and the database's clock on PostgreSQL, sampled; elapsed is `CLOCK_BOOTTIME`,
//! which nobody can set and which goes on while the machine sleeps. So time never runs backwards and never stands still,
//! and a wall clock that jumps neither extends a token nor opens a used value again.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use doorward_core::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// The server's clock. Cheap to clone; all clones show the same time.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    kind: Kind,
    /// The newest time that was told, for whoever writes the mark.
    told: Arc<AtomicI64>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The wall clock of this machine.
    Wall,
    /// The clock of the database: an offset to `CLOCK_BOOTTIME`, sampled every second.
    Sampled,
    /// Stands until a test moves it.
    Manual,
}

struct State {
    reckoning: Reckoning,
    /// Of [`Kind::Sampled`]: the source minus `CLOCK_BOOTTIME`.
    offset: i64,
    /// Of [`Kind::Manual`]: milliseconds that it goes on by after each time that it is asked.
    pace: i64,
}

/// A source that jumped: it differs from what has elapsed by more than [`MAX_STEP_MS`], so it is not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// How far the source is ahead of the server's time, in milliseconds; negative when it is behind.
    pub by_ms: i64,
}

/// The database was used at a time that its source has not reached: the clock was set back, or was wrong before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarkAhead {
    /// The time of its last use.
    pub mark: Timestamp,
    /// What the source says now.
    pub source: Timestamp,
}

impl Clock {
    /// A clock that follows this machine's wall clock. `mark` is the time of the database's last use.
    pub fn wall(mark: Option<Timestamp>) -> Result<Self, MarkAhead> {
        Self::start(Kind::Wall, wall_ms(), 0, mark)
    }

    /// A clock that follows the database's. `sample` was stamped by the database before its answer arrived here, and
    /// `arrived` is [`boot_ms`] at that moment: so the sample is never ahead of the database.
    pub fn sampled(sample: Timestamp, arrived: i64, mark: Option<Timestamp>) -> Result<Self, MarkAhead> {
        let offset = sample.0 - arrived;
        Self::start(Kind::Sampled, offset + boot_ms(), offset, mark)
    }

    /// A clock for tests: it stands at `start` until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        let reckoning = Reckoning { last: start.0, at: 0, step: None };
        Self::new(Kind::Manual, reckoning, 0)
    }

    fn start(kind: Kind, source: i64, offset: i64, mark: Option<Timestamp>) -> Result<Self, MarkAhead> {
        let mark = mark.map_or(source, |mark| mark.0);
        if mark - source > MAX_STEP_MS {
            return Err(MarkAhead { mark: Timestamp(mark), source: Timestamp(source) });
        }
        let reckoning = Reckoning { last: mark.max(source), at: boot_ms(), step: None };
        Ok(Self::new(kind, reckoning, offset))
    }

    fn new(kind: Kind, reckoning: Reckoning, offset: i64) -> Self {
        let told = Arc::new(AtomicI64::new(reckoning.last));
        Self(Arc::new(Inner { kind, told, state: Mutex::new(State { reckoning, offset, pace: 0 }) }))
    }

    /// Moves a manual clock on. Other clocks are not moved by anyone.
    pub fn advance_ms(&self, ms: i64) {
        if self.0.kind == Kind::Manual {
            self.state().reckoning.last += ms;
        }
    }

    /// From now on a manual clock goes on by so much after each time that it is asked.
    pub fn goes_on_by_ms(&self, ms: i64) {
        self.state().pace = ms;
    }

    /// Takes a new sample of the database's clock; `arrived` as for [`Clock::sampled`]. Other clocks ignore it.
    pub fn sample(&self, sample: Timestamp, arrived: i64) {
        if self.0.kind == Kind::Sampled {
            self.state().offset = sample.0 - arrived;
            self.now();
        }
    }

    /// Accepts the source as it is now, even where it jumped: what the operator's command does.
    pub fn accept(&self) -> Timestamp {
        let mut state = self.state();
        let boot = boot_ms();
        if let Some(source) = self.source(&state, boot) {
            state.reckoning = Reckoning { last: source, at: boot, step: None };
            self.0.told.store(source, Ordering::Relaxed);
        }
        Timestamp(state.reckoning.last)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let mut state = self.state();
        // Read under the lock: a thread that was held up between reading and locking would see elapsed time run backwards.
        let boot = boot_ms();
        let now = match self.source(&state, boot) {
            Some(source) => state.reckoning.advance(source, boot),
            None => {
                let now = state.reckoning.last;
                state.reckoning.last += state.pace;
                now
            }
        };
        self.0.told.store(now, Ordering::Relaxed);
        Timestamp(now)
    }

    /// The newest time that was told, in milliseconds: what is written as the mark.
    pub fn told(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.0.told)
    }

    /// The jump of the source that is not followed at present, for the metric and for `doctor`.
    pub fn step(&self) -> Option<Step> {
        self.now();
        self.state().reckoning.step
    }

    fn source(&self, state: &State, boot: i64) -> Option<i64> {
        match self.0.kind {
            Kind::Wall => Some(wall_ms()),
            Kind::Sampled => Some(state.offset + boot),
            Kind::Manual => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole after every assignment, so a panic elsewhere leaves nothing half done.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now().0)
    }
}

/// The arithmetic, apart from any clock.
struct Reckoning {
    /// The time last told.
    last: i64,
    /// Milliseconds of `CLOCK_BOOTTIME` at `last`.
    at: i64,
    step: Option<Step>,
}

impl Reckoning {
    fn advance(&mut self, source: i64, boot: i64) -> i64 {
        let reckoned = self.last + (boot - self.at).max(0);
        let ahead = source - reckoned;
        self.step = (ahead.abs() > MAX_STEP_MS).then_some(Step { by_ms: ahead });
        self.last = if self.step.is_some() { reckoned } else { reckoned.max(source) };
        self.at = self.at.max(boot);
        self.last
    }
}

impl fmt::Display for MarkAhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = (self.mark.0 - self.source.0) / 1000;
        write!(
            f,
            "this database was last used at a time that lies {seconds} s in the future of the clock. If the clock is wrong now, \
             set it right. If it was wrong then, accept the present time: start once with --accept-clock"
        )
    }
}

impl std::error::Error for MarkAhead {}

/// Milliseconds of `CLOCK_BOOTTIME`: time since the machine was started, its sleep included.
///
/// Through `rustix`, which the dependency tree has already: the standard library reads `CLOCK_MONOTONIC` only, which stands
/// still while the machine sleeps.
pub fn boot_ms() -> i64 {
    let time = clock_gettime(ClockId::Boottime);
    time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 2)
}

/// A source that differs by more than this from what has elapsed has jumped.
pub const MAX_STEP_MS: i64 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn reckoning() -> Reckoning {
        Reckoning { last: 1_000_000, at: 500, step: None }
    }

    #[test]
    fn it_follows_a_source_that_is_slewed_forward() {
        let mut clock = reckoning();
        assert_eq!(clock.advance(1_001_003, 1_500), 1_001_003);
        assert_eq!(clock.advance(1_002_006, 2_500), 1_002_006);
        assert_eq!(clock.step, None);
    }

    #[test]
    fn it_neither_stands_nor_runs_backwards_when_the_source_is_set_back() {
        let mut clock = reckoning();
        assert_eq!(clock.advance(990_000, 501), 1_000_001);
        assert_eq!(clock.advance(990_000, 1_500), 1_001_000);
        assert_eq!(clock.advance(0, 2_500), 1_002_000);
        assert_eq!(clock.step, Some(Step { by_ms: -1_002_000 }));
    }

    #[test]
    fn a_jump_forward_is_not_adopted_until_the_source_is_back() {
        let mut clock = reckoning();
        assert_eq!(clock.advance(1_000_000 + 2 * 3_600_000, 1_500), 1_001_000);
        assert_eq!(clock.step, Some(Step { by_ms: 7_199_000 }));
        assert_eq!(clock.advance(1_002_500, 2_500), 1_002_500);
        assert_eq!(clock.step, None);
    }

    #[test]
    fn thirty_seconds_are_no_jump() {
        let mut clock = reckoning();
        assert_eq!(clock.advance(1_030_000, 500), 1_030_000);
        assert_eq!(clock.step, None);
    }

    #[test]
    fn waking_from_sleep_is_no_jump() {
        let mut clock = reckoning();
        assert_eq!(clock.advance(1_000_000 + 8 * 3_600_000, 500 + 8 * 3_600_000), 1_000_000 + 8 * 3_600_000);
        assert_eq!(clock.step, None);
    }

    #[test]
    fn a_mark_far_in_the_future_refuses_to_start_and_says_what_to_do() {
        let future = Timestamp(wall_ms() + 3_600_000);
        let error = Clock::wall(Some(future)).unwrap_err();
        assert_eq!(error.mark, future);
        assert!(error.to_string().contains("--accept-clock"), "{error}");
    }

    #[test]
    fn a_mark_a_little_ahead_is_continued_from() {
        let ahead = Timestamp(wall_ms() + 20_000);
        let clock = Clock::wall(Some(ahead)).unwrap();
        assert!(clock.now() >= ahead);
        assert!(clock.now().0 < ahead.0 + 10_000);
    }

    #[test]
    fn the_database_clock_is_followed_and_its_jump_needs_the_command() {
        let boot = boot_ms();
        let clock = Clock::sampled(Timestamp(5_000_000), boot, None).unwrap();
        assert!((5_000_000..5_010_000).contains(&clock.now().0));
        clock.sample(Timestamp(9_000_000), boot);
        assert!((5_000_000..5_010_000).contains(&clock.now().0));
        assert!(clock.step().is_some());
        assert!((9_000_000..9_010_000).contains(&clock.accept().0));
        assert_eq!(clock.step(), None);
    }

    #[test]
    fn a_manual_clock_stands_until_moved() {
        let clock = Clock::manual(Timestamp(7));
        clock.goes_on_by_ms(2);
        assert_eq!((clock.now(), clock.now()), (Timestamp(7), Timestamp(9)));
        clock.goes_on_by_ms(0);
        let clock = Clock::manual(Timestamp(7));
        assert_eq!(clock.now(), Timestamp(7));
        clock.clone().advance_ms(3);
        assert_eq!(clock.now(), Timestamp(10));
    }
}
