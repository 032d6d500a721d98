//! Whether this node should be sent requests: all its checks hold and it is not stopping.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

type Check = Box<dyn Fn() -> bool + Send + Sync>;

/// The named conditions of readiness. Checks look at state that others keep; they never wait.
#[derive(Default)]
pub struct Readiness {
    stopping: AtomicBool,
    checks: RwLock<Vec<(&'static str, Check)>>,
}

impl Readiness {
    /// Adds a condition.
    pub fn require(&self, name: &'static str, check: impl Fn() -> bool + Send + Sync + 'static) {
        self.checks.write().unwrap_or_else(PoisonError::into_inner).push((name, Box::new(check)));
    }

    /// From now on not ready: load balancers look elsewhere while running requests finish.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Ready, or the names of what is missing.
    pub fn check(&self) -> Result<(), Vec<&'static str>> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(vec!["shutdown"]);
        }
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<_> = checks.iter().filter(|(_, check)| !check()).map(|(name, _)| *name).collect();
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").field("check", &self.check()).finish()
    }
}
