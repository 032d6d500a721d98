//! What a connection is doing and since when: written by its readers and writers, looked at by its one timer.
//!
//! One timer a connection, re-armed only when it fires, costs nothing per request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::Limits;

/// The state of one connection. Times are milliseconds since its start plus one; zero is "not".
#[derive(Debug)]
pub(super) struct Pulse {
    epoch: Instant,
    /// Requests being answered.
    active: AtomicU32,
    /// Whether any request was begun.
    used: AtomicBool,
    head_since: AtomicU64,
    idle_since: AtomicU64,
    stalled_since: AtomicU64,
    /// Whether the client may still be sending what nobody will read.
    unread: AtomicBool,
}

/// A deadline that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    FirstByte,
    Header,
    KeepAlive,
    Write,
}

impl Late {
    pub(super) fn name(self) -> &'static str {
        match self {
            Late::FirstByte => "first_byte",
            Late::Header => "header",
            Late::KeepAlive => "keep_alive",
            Late::Write => "write",
        }
    }
}

impl Pulse {
    pub(super) fn new() -> Self {
        Pulse {
            epoch: Instant::now(),
            active: AtomicU32::new(0),
            used: AtomicBool::new(false),
            head_since: AtomicU64::new(0),
            idle_since: AtomicU64::new(1),
            stalled_since: AtomicU64::new(0),
            unread: AtomicBool::new(false),
        }
    }

    /// Marks a request as being answered until the guard is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Active {
        self.active.fetch_add(1, Relaxed);
        self.used.store(true, Relaxed);
        Active(self.clone())
    }

    pub(super) fn is_active(&self) -> bool {
        self.active.load(Relaxed) > 0
    }

    /// Whether any request was begun.
    pub(super) fn is_used(&self) -> bool {
        self.used.load(Relaxed)
    }

    /// Whether a head is arriving; its first call with `true` starts the clock.
    pub(super) fn head(&self, arriving: bool) {
        let running = self.head_since.load(Relaxed) != 0;
        if arriving != running {
            self.head_since.store(if arriving { self.now() } else { 0 }, Relaxed);
        }
    }

    /// Whether the client is not taking what we send.
    pub(super) fn stalled(&self, stalled: bool) {
        let running = self.stalled_since.load(Relaxed) != 0;
        if stalled && !running {
            self.stalled_since.store(self.now(), Relaxed);
        } else if !stalled && running {
            self.stalled_since.store(0, Relaxed);
            self.idle_since.store(self.now(), Relaxed);
        }
    }

    /// Notes that the rest of the request will not be read.
    pub(super) fn leave_unread(&self) {
        self.unread.store(true, Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Relaxed)
    }

    pub(super) fn age(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// How long the timer may sleep, or the deadline that has passed. Where places are scarce, nobody idles.
    pub(super) fn check(&self, limits: &Limits, is_crowded: bool) -> Result<Duration, Late> {
        let now = self.now();
        let tick = limits.tick();
        let keep_alive = if is_crowded { limits.keep_alive.min(limits.linger) } else { limits.keep_alive };
        let (since, limit, late) = match (self.stalled_since.load(Relaxed), self.head_since.load(Relaxed)) {
            (0, _) if self.is_active() => return Ok(tick),
            (0, 0) if self.is_used() => (self.idle_since.load(Relaxed), keep_alive, Late::KeepAlive),
            (0, 0) => (1, limits.first_byte, Late::FirstByte),
            (0, head) => (head, limits.header, Late::Header),
            (stalled, _) => (stalled, limits.write, Late::Write),
        };
        let spent = Duration::from_millis(now.saturating_sub(since));
        match limit.checked_sub(spent) {
            Some(left) if !left.is_zero() => Ok(left.min(tick)),
            _ => Err(late),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }
}

/// A request being answered; dropped when it is done or given up.
pub(super) struct Active(Arc<Pulse>);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now(), Relaxed);
        self.0.active.fetch_sub(1, Relaxed);
    }
}
