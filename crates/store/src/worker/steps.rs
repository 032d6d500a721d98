//! Jumps of the clock's source, noticed when they begin and when they end: the server goes on with its own time meanwhile, and
//! somebody should know (section 5 of the design, "Time").

use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::{Clock, Step};

/// What is known of jumps so far.
#[derive(Debug, Default)]
pub struct Steps {
    jumped: AtomicBool,
}

/// What a look found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// The source jumped since the last look.
    Jumped(Step),
    /// The source is back.
    Back,
}

impl Steps {
    /// One round: what changed since the last one, which is logged.
    pub fn look(&self, clock: &Clock) -> Option<Found> {
        let step = clock.step();
        match (self.jumped.swap(step.is_some(), Ordering::AcqRel), step) {
            (false, Some(step)) => {
                tracing::error!(
                    by_s = step.by_ms / 1000,
                    "the clock jumped and is not followed: set it right, or restart the server to go by it"
                );
                Some(Found::Jumped(step))
            }
            (true, None) => {
                tracing::info!("the clock is back");
                Some(Found::Back)
            }
            (true, Some(_)) | (false, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use doorward_core::Timestamp;

    use super::*;
    use crate::clock::boot_ms;

    #[test]
    fn a_jump_is_told_once_and_so_is_its_end() {
        let boot = boot_ms();
        let clock = Clock::sampled(Timestamp(5_000_000), boot, None).unwrap();
        let steps = Steps::default();
        assert_eq!(steps.look(&clock), None);
        clock.sample(Timestamp(9_000_000), boot);
        assert!(matches!(steps.look(&clock), Some(Found::Jumped(step)) if step.by_ms > 3_900_000));
        assert_eq!(steps.look(&clock), None);
        clock.sample(Timestamp(5_000_000), boot);
        assert_eq!(steps.look(&clock), Some(Found::Back));
    }
}
