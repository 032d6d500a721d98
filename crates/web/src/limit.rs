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
        if rows.len() >= MAX_ROWS {
            rows.retain(|_, row| now.since_ms(row.since) < self.window_ms);
            if rows.len() >= MAX_ROWS {
                rows.clear();
            }
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

fn hash(key: impl Hash) -> u64 {
    use std::hash::BuildHasher;
    static STATE: std::sync::OnceLock<std::hash::RandomState> = std::sync::OnceLock::new();
    STATE.get_or_init(std::hash::RandomState::new).hash_one(key)
}

const MAX_ROWS: usize = 100_000;
