//! Whose turn it is to have a connection: one after the other, in the order in which they came.
//!
//! More requests are worked on at once than there are connections, and each has been let in already: it is not told of trouble because others
//! are served before it. So waiting ends when nothing moves, which is trouble, and not when much does; and in the end all the same.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The line in front of a pool.
pub(super) struct Turns {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Connections that came back as they should.
    came_back: AtomicU64,
}

/// The right to one connection of the pool, until it is dropped.
pub(super) struct Turn {
    turns: Arc<Turns>,
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    /// In front of a pool of that many connections.
    pub(super) fn of(connections: usize) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(connections)),
            waiting: AtomicUsize::new(0),
            came_back: AtomicU64::new(0),
        })
    }

    /// The next turn; none when no connection came back for [`STANDSTILL`], or not enough of them in [`PATIENCE`] such times.
    pub(super) async fn next(self: &Arc<Self>) -> Option<Turn> {
        let mut permit = pin!(Arc::clone(&self.free).acquire_owned());
        let _counted = Waiting::of(&self.waiting);
        let mut seen = self.came_back.load(Ordering::Relaxed);
        for _ in 0..PATIENCE {
            if let Ok(permit) = timeout(STANDSTILL, permit.as_mut()).await {
                return Some(Turn { turns: Arc::clone(self), _permit: permit.ok()? });
            }
            let before = std::mem::replace(&mut seen, self.came_back.load(Ordering::Relaxed));
            if before == seen {
                return None;
            }
        }
        None
    }

    /// Who waits.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

impl Turn {
    /// Its connection is about to go back, and did what it was asked.
    pub(super) fn is_over(&self) {
        self.turns.came_back.fetch_add(1, Ordering::Relaxed);
    }
}

/// One that waits, for as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When none came back for so long the database stands still, and waiting longer helps nobody: the answer is 503.
const STANDSTILL: Duration = Duration::from_secs(1);
/// So many of these times are waited for at most, however much moves.
const PATIENCE: u32 = 3;
