//! `Retry-After` (RFC 9110, section 10.2.3): what somebody else's server asks us to wait.

use std::time::UNIX_EPOCH;

use doorward_core::Timestamp;

/// Milliseconds from `now` on: seconds, or until a date, which may be past.
pub fn wait_ms(text: &str, now: Timestamp) -> Option<i64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse::<i64>().map_or(i64::MAX, |seconds| seconds.saturating_mul(1000)));
    }
    // All three forms of a date (section 5.6.7): a recipient takes the obsolete ones too.
    let then = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp(i64::try_from(then.as_millis()).ok()?).since_ms(now))
}
