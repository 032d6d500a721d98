//! Points in time and spans as people read them. Seconds come in as numbers, no clock is read here.

use askama::filters::Safe;

use super::text::Texts;

/// `seconds` since the epoch as a `<time>` element: "25 November 2026, 20:40 UTC". The page's script
/// shows it in the reader's own time zone where it runs.
pub fn time(texts: &Texts, seconds: i64) -> Safe<String> {
    let seconds = seconds.clamp(0, LAST);
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let (hour, minute, second) = (seconds % DAY / HOUR, seconds % HOUR / MINUTE, seconds % MINUTE);
    let clock = format!("{hour:02}:{minute:02}");
    let text = texts.get(
        MONTHS[month as usize - 1],
        &[("day", &day.to_string()), ("year", &year.to_string()), ("time", &clock)],
    );
    Safe(format!(
        "<time datetime=\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z\">{text}</time>"
    ))
}

/// A span in its largest whole unit, rounded up: "30 days", "10 minutes".
pub fn span(texts: &Texts, seconds: i64) -> String {
    let seconds = seconds.max(1);
    let (key, unit) = match seconds {
        s if s >= 2 * DAY => ("span-days", DAY),
        s if s >= 2 * HOUR => ("span-hours", HOUR),
        s if s >= MINUTE => ("span-minutes", MINUTE),
        _ => ("span-seconds", 1),
    };
    texts.count(key, seconds.div_euclid(unit) + i64::from(seconds % unit != 0))
}

/// Year, month and day of a day number since 1970-01-01, in the Gregorian calendar: eras of 400
/// years that begin in March, so that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

/// One message per month: languages differ in more than the name.
const MONTHS: [&str; 12] = [
    "date-january",
    "date-february",
    "date-march",
    "date-april",
    "date-may",
    "date-june",
    "date-july",
    "date-august",
    "date-september",
    "date-october",
    "date-november",
    "date-december",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let english = Texts::for_locale("en");
        for (seconds, expected) in [
            (0, "<time datetime=\"1970-01-01T00:00:00Z\">1 January 1970, 00:00 UTC</time>"),
            (951_782_399, "<time datetime=\"2000-02-28T23:59:59Z\">28 February 2000, 23:59 UTC</time>"),
            (951_782_400, "<time datetime=\"2000-02-29T00:00:00Z\">29 February 2000, 00:00 UTC</time>"),
            (1_795_639_215, "<time datetime=\"2026-11-25T20:40:15Z\">25 November 2026, 20:40 UTC</time>"),
            (4_107_542_400, "<time datetime=\"2100-03-01T00:00:00Z\">1 March 2100, 00:00 UTC</time>"),
            (-5, "<time datetime=\"1970-01-01T00:00:00Z\">1 January 1970, 00:00 UTC</time>"),
            (i64::MAX, "<time datetime=\"9999-12-31T23:59:59Z\">31 December 9999, 23:59 UTC</time>"),
        ] {
            assert_eq!(time(english, seconds).0, expected);
        }
    }

    #[test]
    fn spans_use_the_largest_whole_unit() {
        let english = Texts::for_locale("en");
        let german = Texts::for_locale("de");
        assert_eq!(span(english, 30 * DAY), "30 days");
        assert_eq!(span(english, DAY), "24 hours");
        assert_eq!(span(english, 600), "10 minutes");
        assert_eq!(span(english, 61), "2 minutes");
        assert_eq!(span(english, 60), "1 minute");
        assert_eq!(span(german, 0), "1 Sekunde");
        assert_eq!(span(german, 12 * HOUR), "12 Stunden");
    }

    /// A span has one form: German sentences that hold one must not ask for another case.
    #[test]
    fn german_sentences_take_spans_as_they_are() {
        let german = Texts::for_locale("de");
        let spans = [("idle", &*span(german, 30 * DAY)), ("absolute", &*span(german, 180 * DAY))];
        let told = german.get("consent-lasts-offline", &spans);
        assert!(told.contains("30 Tage lang") && told.contains("höchstens 180 Tage."), "{told}");
    }
}
