//! Statistics. PostgreSQL looks at its tables about once a minute, and until then plans for them as they were; an import fills an empty one
//! a thousand times over meanwhile, and each of its reads would walk through all of its tenant. So whoever commits much has the tables
//! looked at, each time that what was written has doubled.

use std::sync::atomic::{AtomicU64, Ordering};

/// What large commits have written since the database was opened, and at how much the tables are looked at next.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    written: AtomicU64,
    due: AtomicU64,
}

impl Statistics {
    /// Whether the tables are to be looked at, after a commit that changed so many rows. One caller is told so.
    pub(super) fn are_due(&self, rows: u64) -> bool {
        if rows < LARGE {
            return false;
        }
        let written = self.written.fetch_add(rows, Ordering::Relaxed) + rows;
        let due = self.due.load(Ordering::Relaxed);
        let next = written.saturating_mul(2);
        written >= due && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// Looks at the tables that large commits write; what another node looks at just then is left to it.
pub(super) const LOOK: &str = "ANALYZE (SKIP_LOCKED) users, login_names, credentials, contexts, memberships, assignments, clients, \
                               client_secrets, external_tombstones, events";
/// Rows of a commit that no single request makes.
const LARGE: u64 = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_commits_count_and_each_doubling_is_told_once() {
        let statistics = Statistics::default();
        assert!((0..1_000).all(|_| !statistics.are_due(LARGE - 1)), "requests");
        let told: Vec<u64> = (1..=20).filter(|_| statistics.are_due(1_000)).collect();
        assert_eq!(told, [1, 2, 4, 8, 16]);
    }
}
