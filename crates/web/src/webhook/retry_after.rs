//! `Retry-After` (RFC 9110, section 10.2.3): what somebody else's server asks us to wait.

use doorward_core::Timestamp;
use doorward_core::desired::date;

/// Milliseconds from `now` on: seconds, or until a date, which may be past.
pub fn wait_ms(text: &str, now: Timestamp) -> Option<i64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse::<i64>().map_or(i64::MAX, |seconds| seconds.saturating_mul(1000)));
    }
    http_date(text).map(|then| then.since_ms(now))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split(' ').collect();
    let [_, day, month, year, time, "GMT"] = words[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    date::read(&format!("{year}-{month:02}-{day}T{time}Z"))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
