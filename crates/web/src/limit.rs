//! A limit on failures per key, in memory and of fixed size: who fails too often waits. Successes cost nothing, so that two
//! hundred people behind one address sign in in a minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorward_core::Timestamp;

/// Failures per key within a window.
pub struct FailureLimit {
    limit: u32,
    window_ms: i64,
    rows: Mutex<HashMap<u64, Row>>,
}

#[derive(Clone, Copy)]
struct Row {
    since: Timestamp,
    failures: u32,
}

/// An attempt on its way.
pub struct Pending<'a> {
    of: &'a FailureLimit,
    key: u64,
    /// When it began, where it counts only once it has failed.
    since: Option<Timestamp>,
}

impl FailureLimit {
    /// At most `limit` failures in `window_ms` per key.
    pub fn new(limit: u32, window_ms: i64) -> Self {
        Self { limit, window_ms, rows: Mutex::new(HashMap::new()) }
    }

    /// Begin an attempt that counts as a failure until it succeeds: a hundred guesses at once count as a hundred. `Err` gives the
    /// seconds to wait.
    pub fn begin(&self, key: impl Hash, now: Timestamp) -> Result<Pending<'_>, u32> {
        let key = hash(key);
        let mut rows = self.rows();
        let row = self.row(&mut rows, key, now)?;
        row.failures += 1;
        Ok(Pending { of: self, key, since: None })
    }

    /// Begin an attempt that counts once it has failed: whoever guesses at 256 bits gains nothing by guessing at once, and a busy
    /// client has many requests on their way.
    pub fn watch(&self, key: impl Hash, now: Timestamp) -> Result<Pending<'_>, u32> {
        let key = hash(key);
        let mut rows = self.rows();
        if rows.contains_key(&key) {
            self.row(&mut rows, key, now)?;
        }
        Ok(Pending { of: self, key, since: Some(now) })
    }

    /// The row of `key` in its window; `Err` when it is full.
    fn row<'a>(&self, rows: &'a mut HashMap<u64, Row>, key: u64, now: Timestamp) -> Result<&'a mut Row, u32> {
        if rows.len() >= MAX_ROWS && !rows.contains_key(&key) {
            self.make_room(rows, now);
        }
        let row = rows.entry(key).or_insert(Row { since: now, failures: 0 });
        let passed_ms = now.since_ms(row.since);
        if passed_ms >= self.window_ms {
            *row = Row { since: now, failures: 0 };
        } else if row.failures >= self.limit {
            return Err(u32::try_from((self.window_ms - passed_ms) / 1000 + 1).unwrap_or(u32::MAX));
        }
        Ok(row)
    }

    /// Forgets what has passed, and when that is not half of all, first who may still fail, then who failed longest ago: whoever fills
    /// the table from many addresses does not free those that wait.
    fn make_room(&self, rows: &mut HashMap<u64, Row>, now: Timestamp) {
        let half = MAX_ROWS / 2;
        rows.retain(|_, row| now.since_ms(row.since) < self.window_ms);
        if rows.len() > half {
            rows.retain(|_, row| row.failures >= self.limit);
        }
        if rows.len() > half {
            let mut since: Vec<Timestamp> = rows.values().map(|row| row.since).collect();
            let (_, median, _) = since.select_nth_unstable(rows.len() - half);
            let median = *median;
            rows.retain(|_, row| row.since > median);
        }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<u64, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending<'_> {
    /// It was no failure.
    pub fn succeeded(self) {
        if self.since.is_none() {
            let mut rows = self.of.rows();
            if let Some(row) = rows.get_mut(&self.key) {
                row.failures = row.failures.saturating_sub(1);
            }
        }
    }

    /// It failed.
    pub fn failed(self) {
        if let Some(since) = self.since
            && let Ok(row) = self.of.row(&mut self.of.rows(), self.key, since)
        {
            row.failures += 1;
        }
    }
}

/// What of an address stands for its holder: IPv4 whole, IPv6 by /64.
pub fn holder(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => u128::from(u32::from(mapped)),
            None => u128::from(address) >> 64 << 64,
        },
    }
}

/// A number that only this process can tell from the key.
pub(crate) fn hash(key: impl Hash) -> u64 {
    use std::hash::BuildHasher;
    static STATE: std::sync::OnceLock<std::hash::RandomState> = std::sync::OnceLock::new();
    STATE.get_or_init(std::hash::RandomState::new).hash_one(key)
}

const MAX_ROWS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn fail(limit: &FailureLimit, key: u32, now: Timestamp) -> bool {
        limit.begin(key, now).map(Pending::failed).is_ok()
    }

    #[test]
    fn who_waits_keeps_waiting_while_strangers_fill_the_table() {
        let limit = FailureLimit::new(2, 60_000);
        for _ in 0..2 {
            fail(&limit, 0, NOW);
        }
        assert!(limit.begin(0, NOW).is_err());
        for stranger in 1..3 * u32::try_from(MAX_ROWS).unwrap() {
            let _pending = limit.begin(stranger, NOW).unwrap();
        }
        assert!(limit.rows().len() <= MAX_ROWS);
        assert!(limit.begin(0, NOW).is_err());
        assert!(limit.begin(0, NOW.plus_ms(60_000)).is_ok());
    }

    #[test]
    fn a_table_full_of_those_who_wait_forgets_the_oldest_half() {
        let limit = FailureLimit::new(1, 60_000);
        let all = u32::try_from(MAX_ROWS).unwrap();
        for key in 0..all {
            let _pending = limit.begin(key, NOW.plus_ms(i64::from(key % 1000))).unwrap();
        }
        let _pending = limit.begin(all, NOW.plus_ms(1000)).unwrap();
        let left = limit.rows().len();
        assert!((MAX_ROWS / 3..=MAX_ROWS / 2 + 1).contains(&left), "{left}");
        assert!(limit.begin(999, NOW.plus_ms(1000)).is_err(), "a young one is kept");
        assert!(limit.begin(1000, NOW.plus_ms(1000)).is_ok(), "an old one is forgotten");
    }

    #[test]
    fn a_full_row_does_not_make_room() {
        let limit = FailureLimit::new(1, 60_000);
        for key in 0..u32::try_from(MAX_ROWS).unwrap() {
            let _pending = limit.begin(key, NOW).unwrap();
        }
        assert!(limit.begin(7, NOW).is_err());
        assert_eq!(limit.rows().len(), MAX_ROWS, "who waits asks again, and frees nobody");
    }
}
