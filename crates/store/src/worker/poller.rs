//! Notices what other nodes have changed. Each poll reads the last minute of the table `changes` again, because a change
//! becomes visible when its commit does, which is later than its id says.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_crypto::random::Random;

use crate::Fault;
use crate::clock::boot_ms;
use crate::driver::Driver;
use crate::statement::statements;
use crate::write::{Expect, Write};

statements! {
    /// The changes from an id on.
    pub(crate) CHANGES_FROM = server("a node caches rows of every tenant")
        "SELECT id, tenant, kind, key FROM changes WHERE id >= $1 ORDER BY id";
    /// Notes a change, under the second id where the first is taken: of a thousand that one commit notes in its millisecond two are
    /// drawn alike every eighth time, and none of it would stand.
    pub(crate) CHANGE_ADD = tenant
        "INSERT INTO changes (tenant, id, kind, key)
         SELECT $1, CASE WHEN EXISTS (SELECT 1 FROM changes WHERE id = $2) THEN $5 ELSE $2 END, $3, $4";
}

/// A row of configuration that changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Whose.
    pub tenant: TenantId,
    /// What: the name of its table.
    pub kind: String,
    /// Which: its key in that table.
    pub key: String,
}

/// What a poll brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum News {
    /// These changed.
    Changes(Vec<Change>),
    /// Polls failed for so long that changes may have been missed: nothing cached is to be trusted.
    Everything,
}

/// A poll whose news have not been heeded yet.
#[derive(Debug)]
pub struct Poll {
    /// What it brought.
    pub news: News,
    seen: HashSet<i64>,
    asked: i64,
}

/// How long ago it was certain that nothing cached is outdated.
#[derive(Debug)]
pub struct Freshness {
    shared: bool,
    /// [`boot_ms`] when the last poll that was heeded was asked.
    since: AtomicI64,
}

/// Polls for one node.
#[derive(Debug)]
pub struct Poller {
    freshness: Arc<Freshness>,
    seen: HashSet<i64>,
}

impl Poller {
    /// A poller; to be made before anything is cached.
    pub fn new(freshness: Arc<Freshness>) -> Self {
        Self { freshness, seen: HashSet::new() }
    }

    /// One round. Its news are to be heeded, and then [`Poller::done`].
    pub async fn run_once(&self, driver: &Driver, now: Timestamp) -> Result<Poll, Fault> {
        let asked = boot_ms();
        let missed = asked - self.freshness.since.load(Ordering::Relaxed) > MISSED_MS;
        let mut seen = HashSet::new();
        let mut changes = Vec::new();
        for mut row in driver.read(&CHANGES_FROM, &[first_id(now.plus_ms(-WINDOW_MS)).into()]).await? {
            let id = row.int()?;
            if !self.seen.contains(&id) {
                changes.push(Change { tenant: row.text()?.into(), kind: row.text()?, key: row.text()? });
            }
            seen.insert(id);
        }
        let news = if missed { News::Everything } else { News::Changes(changes) };
        Ok(Poll { news, seen, asked })
    }

    /// The poll's news were heeded: what is cached is as fresh as the poll.
    pub fn done(&mut self, poll: Poll) {
        self.seen = poll.seen;
        self.freshness.since.store(poll.asked, Ordering::Relaxed);
    }
}

impl News {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Changes(changes) if changes.is_empty())
    }
}

impl Freshness {
    /// As of now. `shared` says whether other nodes can change the database at all.
    pub fn new(shared: bool) -> Self {
        Self { shared, since: AtomicI64::new(boot_ms()) }
    }

    /// Whether cached rows may be used to issue: the last successful poll is at most a second old.
    pub fn is_fresh(&self) -> bool {
        !self.shared || self.age_ms() <= FRESH_MS
    }

    /// Milliseconds since it was certain that nothing cached is outdated.
    pub fn age_ms(&self) -> i64 {
        boot_ms() - self.since.load(Ordering::Relaxed)
    }
}

/// Notes a change, in the commit that makes it.
pub fn noted(change: &Change, now: Timestamp, rng: &mut dyn Random) -> Write {
    let mut id = || {
        let mut random = [0; 4];
        rng.fill(&mut random);
        first_id(now) | i64::from(u32::from_be_bytes(random) & 0x3f_ffff)
    };
    let (first, second) = (id(), id());
    let params = vec![
        change.tenant.as_str().into(),
        first.into(),
        change.kind.as_str().into(),
        change.key.as_str().into(),
        second.into(),
    ];
    Write::new(&CHANGE_ADD, Expect::One, params)
}

/// The smallest id that a change of that moment can have: time, then 22 random bits, as all ids of that form.
pub(crate) fn first_id(at: Timestamp) -> i64 {
    (at.0 - EPOCH_2020_MS).max(0) << 22
}

const EPOCH_2020_MS: i64 = 1_577_836_800_000;
const WINDOW_MS: i64 = 60_000;
/// Polls that failed for longer may have missed what left the window meanwhile.
const MISSED_MS: i64 = 50_000;
const FRESH_MS: i64 = 1_000;
