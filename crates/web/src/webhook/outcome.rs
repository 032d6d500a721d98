//! What an answer means for the line of its installation.

use doorward_core::Timestamp;
use doorward_core::model::{EventKind, WebhookKind};
use doorward_store::webhooks::{Claimed, Next, Outcome};

use super::schedule::{self, GIVEN_UP_MS};
use crate::fetch::{FetchError, Posted};

/// How it goes on after an attempt, and what is told of it.
pub fn after(
    claimed: &Claimed,
    answer: &Result<Posted, FetchError>,
    now: Timestamp,
) -> (Next, Option<EventKind>) {
    let head = claimed.head.as_ref();
    let is_last = head.is_some_and(|head| head.kind == WebhookKind::Removed);
    let is_old = head.is_some_and(|head| now.since_ms(head.created_at) >= GIVEN_UP_MS);
    let later = |retry_after: Option<&str>| schedule::next(now, claimed.attempts, retry_after);
    let given_up = (Next::On(Outcome::GivenUp), Some(EventKind::WebhookGivenUp));
    match answer {
        Ok(posted) if is_success(posted.status) => (Next::On(Outcome::Delivered), None),
        Ok(posted) if posted.status == GONE && !is_last => {
            (Next::Stop("gone"), Some(EventKind::WebhooksPaused))
        }
        Ok(posted) if posted.status == GONE => given_up,
        _ if is_last && is_old => given_up,
        Ok(posted) => (Next::Later(later(posted.retry_after())), None),
        Err(FetchError::Forbidden) => {
            let is_news = claimed.blocked_at.is_none();
            (Next::Blocked(later(None)), is_news.then_some(EventKind::SsrfBlocked))
        }
        Err(_) => (Next::Later(later(None)), None),
    }
}

/// Whether a status says that who was told has taken it (RFC 9110, section 15.3): no redirect does.
pub const fn is_success(status: u16) -> bool {
    matches!(status, 200..=299)
}

/// Whether an address costs time without answering: it gets one place until it answers.
pub const fn is_slow(answer: &Result<Posted, FetchError>) -> bool {
    match answer {
        Ok(_) => false,
        Err(
            FetchError::Timeout
            | FetchError::Unreachable
            | FetchError::Unresolved
            | FetchError::Broken
            | FetchError::Tls,
        ) => true,
        Err(FetchError::BadUrl | FetchError::Forbidden | FetchError::Status(_) | FetchError::TooLarge) => {
            false
        }
    }
}

/// Nobody is there any more, and nobody will be (RFC 9110, section 15.5.11).
const GONE: u16 = 410;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_is_one() {
        for (status, expected) in [
            (100, false),
            (199, false),
            (200, true),
            (204, true),
            (299, true),
            (300, false),
            (410, false),
            (500, false),
        ] {
            assert_eq!(is_success(status), expected, "{status}");
        }
    }
}
