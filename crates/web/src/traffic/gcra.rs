//! Who has asked how often: the generic cell rate algorithm (ITU-T I.371), one number a caller. It says when the caller's requests
//! will have been paid off at the allowed rate; whoever is further ahead than a minute waits. A quiet caller may use the quota of a
//! minute at once, and nobody gains anything by waiting for a window to begin.
//!
//! The table is of fixed size. When it is full, those who owe nothing are forgotten first, then those who owe least: filling it from
//! many addresses frees nobody who waits.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorward_core::Timestamp;

/// The table.
#[derive(Debug)]
pub struct Gcra {
    shards: Vec<Mutex<HashMap<u64, Row>>>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    /// When everything is paid off, nanoseconds since 1970.
    paid_at: i64,
    /// Requests in a minute, as it was counted last.
    quota: u32,
}

/// How a caller stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Requests in a minute.
    pub quota: u32,
    /// Requests that are left now.
    pub left: u32,
    /// Seconds until there is one more when none is left, until all are back otherwise.
    pub reset_s: u32,
    /// Whether this request is one too many.
    pub is_over: bool,
}

impl Gcra {
    /// Counts a request of `key`, unless it is one too many. `quota` is at least 1.
    pub fn count(&self, key: impl Hash, quota: u32, now: Timestamp) -> Standing {
        let key = self.hasher.hash_one(key);
        let now = nanoseconds(now);
        let quota = quota.max(1);
        let mut rows = self.shard(key);
        if rows.len() >= MAX_ROWS / SHARDS && !rows.contains_key(&key) {
            make_room(&mut rows, now);
        }
        let row = rows.entry(key).or_insert(Row { paid_at: now, quota });
        row.quota = quota;
        let paid_at = row.paid_at.max(now) + row.cost();
        let is_over = paid_at - now > WINDOW;
        if !is_over {
            row.paid_at = paid_at;
        }
        Standing { is_over, ..row.standing(now) }
    }

    /// How `key` stands under the quota that it was counted with last: none, when nothing is owed.
    pub fn look(&self, key: impl Hash, now: Timestamp) -> Option<Standing> {
        let key = self.hasher.hash_one(key);
        let now = nanoseconds(now);
        let row = *self.shard(key).get(&key)?;
        (row.paid_at > now).then(|| row.standing(now))
    }

    fn shard(&self, key: u64) -> MutexGuard<'_, HashMap<u64, Row>> {
        let shard = &self.shards[key as usize % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Gcra {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl Row {
    /// What a request costs, nanoseconds.
    fn cost(self) -> i64 {
        WINDOW / i64::from(self.quota)
    }

    fn standing(self, now: i64) -> Standing {
        let owed = (self.paid_at - now).max(0);
        let room = (WINDOW - owed).max(0);
        let left = room / self.cost();
        let until = if left == 0 { self.cost() - room } else { owed };
        Standing {
            quota: self.quota,
            left: u32::try_from(left).unwrap_or(u32::MAX),
            reset_s: u32::try_from(until.div_euclid(SECOND) + i64::from(until % SECOND > 0))
                .unwrap_or(u32::MAX),
            is_over: left == 0,
        }
    }
}

fn make_room(rows: &mut HashMap<u64, Row>, now: i64) {
    rows.retain(|_, row| row.paid_at > now);
    let half = MAX_ROWS / SHARDS / 2;
    if rows.len() > half {
        let mut owed: Vec<i64> = rows.values().map(|row| row.paid_at).collect();
        let (_, median, _) = owed.select_nth_unstable(rows.len() - half);
        let median = *median;
        rows.retain(|_, row| row.paid_at > median);
    }
}

fn nanoseconds(time: Timestamp) -> i64 {
    time.0.clamp(0, i64::MAX / 4_000_000) * 1_000_000
}

const SECOND: i64 = 1_000_000_000;
/// Quotas are of a minute.
const WINDOW: i64 = 60 * SECOND;
const SHARDS: usize = 64;
/// Some 40 bytes each.
const MAX_ROWS: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn a_minutes_quota_may_be_used_at_once_and_comes_back_evenly() {
        let gcra = Gcra::default();
        for left in (0..60).rev() {
            let standing = gcra.count("a", 60, NOW);
            assert_eq!((standing.left, standing.is_over), (left, false));
        }
        let over = gcra.count("a", 60, NOW);
        assert_eq!(over, Standing { quota: 60, left: 0, reset_s: 1, is_over: true });
        assert!(!gcra.count("b", 60, NOW).is_over, "another's quota is another's");
        // What is refused costs nothing: a second later there is one, and not two.
        assert!(!gcra.count("a", 60, NOW.plus_ms(1000)).is_over);
        assert!(gcra.count("a", 60, NOW.plus_ms(1000)).is_over);
        assert_eq!(gcra.count("a", 60, NOW.plus_ms(61_000)).left, 59);
    }

    #[test]
    fn a_slow_quota_says_how_long_it_takes() {
        let gcra = Gcra::default();
        for _ in 0..2 {
            assert!(!gcra.count("a", 2, NOW).is_over);
        }
        assert_eq!(gcra.count("a", 2, NOW).reset_s, 30);
        assert_eq!(gcra.count("a", 2, NOW.plus_ms(10_500)).reset_s, 20, "rounded up");
    }

    #[test]
    fn looking_counts_nothing() {
        let gcra = Gcra::default();
        assert_eq!(gcra.look("a", NOW), None);
        gcra.count("a", 1, NOW);
        for _ in 0..3 {
            assert!(gcra.look("a", NOW).is_some_and(|standing| standing.is_over && standing.reset_s == 60));
        }
        assert_eq!(gcra.look("a", NOW.plus_ms(60_000)), None);
    }

    #[test]
    fn a_quota_that_was_lowered_or_raised_holds_from_the_next_request() {
        let gcra = Gcra::default();
        for _ in 0..10 {
            gcra.count("a", 10, NOW);
        }
        assert!(gcra.count("a", 10, NOW).is_over);
        assert!(gcra.count("a", 2, NOW.plus_ms(6000)).is_over);
        assert!(!gcra.count("a", 100, NOW.plus_ms(6000)).is_over);
    }

    #[test]
    fn a_clock_that_stands_far_off_breaks_nothing() {
        let gcra = Gcra::default();
        for now in [Timestamp(i64::MAX), Timestamp(0), NOW] {
            gcra.count("a", u32::MAX, now);
            gcra.count("a", 0, now);
        }
    }

    #[test]
    fn who_waits_keeps_waiting_while_strangers_fill_the_table() {
        let gcra = Gcra::default();
        gcra.count("slow", 1, NOW);
        for stranger in 0..2 * MAX_ROWS {
            gcra.count(stranger, 60_000, NOW);
        }
        let rows: usize = gcra.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(rows <= MAX_ROWS, "{rows}");
        assert!(gcra.count("slow", 1, NOW).is_over);
    }
}
