//! When it is tried again.

use doorward_core::Timestamp;
use doorward_crypto::random::{Random, SystemRandom};

use super::retry_after::wait_ms;

/// When an attempt follows the one at `now`, the `attempts`th after the first having failed; `retry_after` is what the answer asks for.
pub fn next(now: Timestamp, attempts: i64, retry_after: Option<&str>) -> Timestamp {
    let mut byte = [0];
    SystemRandom.fill(&mut byte);
    let asked = retry_after.and_then(|text| wait_ms(text, now)).unwrap_or_default();
    now.plus_ms(pause_ms(attempts, byte[0]).max(asked.min(LONGEST_MS)))
}

/// Five seconds, then twice as long each time, at most an hour; a quarter of it is up to chance.
fn pause_ms(attempts: i64, chance: u8) -> i64 {
    let doubled = SHORTEST_MS << attempts.clamp(0, 10);
    let pause = doubled.min(LONGEST_MS);
    pause - pause * i64::from(chance) / 1024
}

/// How long it is tried that an installation is gone.
pub const GIVEN_UP_MS: i64 = 3 * 86_400_000;
/// How long what must not be sent now is put off.
pub const HELD_MS: i64 = 60_000;
const SHORTEST_MS: i64 = 5000;
/// The longest pause, whoever asks for more.
pub const LONGEST_MS: i64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_five_seconds_to_an_hour() {
        let rows = [
            (0, 5000),
            (1, 10_000),
            (2, 20_000),
            (9, 2_560_000),
            (10, 3_600_000),
            (99, 3_600_000),
            (-1, 5000),
        ];
        for (attempts, longest) in rows {
            assert_eq!(pause_ms(attempts, 0), longest, "{attempts}");
            let shortest = pause_ms(attempts, 255);
            assert!(shortest < longest && shortest >= longest * 3 / 4, "{attempts}: {shortest}");
        }
    }

    #[test]
    fn what_the_answer_asks_for_is_honoured_up_to_an_hour() {
        // 2026-01-01T00:00:00Z
        let now = Timestamp(1_767_225_600_000);
        let within = |asked: Option<&str>, least: i64, most: i64| {
            let pause = next(now, 0, asked).since_ms(now);
            assert!((least..=most).contains(&pause), "{asked:?}: {pause}");
        };
        within(None, 3750, 5000);
        within(Some("120"), 120_000, 120_000);
        within(Some(" 120 "), 120_000, 120_000);
        within(Some("1"), 3750, 5000);
        within(Some("99999"), 3_600_000, 3_600_000);
        within(Some("99999999999999999999999"), 3_600_000, 3_600_000);
        within(Some("Thu, 01 Jan 2026 00:10:00 GMT"), 600_000, 600_000);
        within(Some("Thursday, 01-Jan-26 00:10:00 GMT"), 600_000, 600_000);
        within(Some("Thu Jan  1 00:10:00 2026"), 600_000, 600_000);
        within(Some("Wed, 31 Dec 2025 00:10:00 GMT"), 3750, 5000);
        for nonsense in ["", "soon", "-5", "1.5", "Thu, 01 Foo 2026 00:10:00 GMT", "Thu, 01 Jan 2026"] {
            within(Some(nonsense), 3750, 5000);
        }
    }
}
