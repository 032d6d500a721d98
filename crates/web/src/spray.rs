//! Spraying: one address tries a few passwords at very many accounts, so that no account's own count is reached. Which names failed
//! from an address lately is remembered as hashes, in memory and of fixed size.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use doorward_core::Timestamp;

use crate::limit::hash;

/// Names that failed, per address.
pub struct Sprays {
    names: usize,
    window_ms: i64,
    rows: Mutex<HashMap<u64, Row>>,
}

struct Row {
    since: Timestamp,
    names: HashSet<u64>,
}

impl Sprays {
    /// So many names within `window_ms` are a spray.
    pub fn new(names: usize, window_ms: i64) -> Self {
        Self { names, window_ms, rows: Mutex::default() }
    }

    /// A sign-in as `name` failed from that address: how many names did, when this is the one that makes it a spray. It is told once
    /// in a window.
    pub fn failed(&self, address: impl Hash, name: &str, now: Timestamp) -> Option<usize> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= MAX_ROWS {
            rows.retain(|_, row| now.since_ms(row.since) < self.window_ms);
        }
        if rows.len() >= MAX_ROWS {
            rows.clear();
        }
        let row = rows.entry(hash(address)).or_insert_with(|| Row { since: now, names: HashSet::new() });
        if now.since_ms(row.since) >= self.window_ms {
            *row = Row { since: now, names: HashSet::new() };
        }
        let is_new = row.names.len() < self.names && row.names.insert(hash(name));
        (is_new && row.names.len() == self.names).then_some(self.names)
    }
}

const MAX_ROWS: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn many_names_of_one_address_are_told_once_in_a_window() {
        let sprays = Sprays::new(3, 60_000);
        let told = |address: u8, name: &str, at_ms: i64| sprays.failed(address, name, NOW.plus_ms(at_ms));
        for (name, expected) in
            [("a", None), ("a", None), ("b", None), ("c", Some(3)), ("d", None), ("e", None)]
        {
            assert_eq!(told(1, name, 0), expected, "{name}");
        }
        assert_eq!(told(2, "a", 0), None);
        for (name, expected) in [("a", None), ("b", None), ("c", Some(3))] {
            assert_eq!(told(1, name, 60_000), expected, "{name}, in the next window");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let sprays = Sprays::new(3, 60_000);
        for address in 0..2 * MAX_ROWS {
            sprays.failed(address, "a", NOW);
        }
        assert!(sprays.rows.lock().unwrap().len() <= MAX_ROWS);
        for name in 0..1000 {
            sprays.failed(0, &name.to_string(), NOW);
        }
        assert!(sprays.rows.lock().unwrap().values().all(|row| row.names.len() <= 3));
    }
}
