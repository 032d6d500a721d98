//! What an import did, for people.

use std::fmt::Write;

use doorward_core::desired::import::Did;

use super::style;
use crate::command::import::Summary;

/// The summary, and what is wrong with records.
pub fn text(summary: &Summary) -> String {
    let mut text = String::new();
    for problem in &summary.problems {
        let place = if problem.pointer.is_empty() { String::new() } else { format!(" {}", problem.pointer) };
        let _ =
            writeln!(text, "{}{place}: {}", style::bad(&format!("line {}", problem.line)), problem.detail);
    }
    let count = |did| summary.counts.get(&did).copied().unwrap_or_default();
    let told: Vec<String> = WORDS
        .into_iter()
        .filter(|(did, _)| count(*did) > 0)
        .map(|(did, word)| format!("{} {word}", thousands(count(did))))
        .collect();
    let records = if summary.records == 1 { "record" } else { "records" };
    let told = if told.is_empty() { "nothing to do".to_owned() } else { told.join(", ") };
    let _ = writeln!(
        text,
        "{} {records} in {:.1} s: {told}.",
        style::strong(&thousands(summary.records)),
        summary.seconds
    );
    if summary.dry_run {
        let _ = writeln!(text, "{}", style::quiet("A dry run: nothing was done."));
    }
    text
}

/// A number with its thousands apart.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const WORDS: [(Did, &str); 6] = [
    (Did::Created, "created"),
    (Did::Updated, "changed"),
    (Did::Removed, "removed"),
    (Did::Unchanged, "unchanged"),
    (Did::Ignored, "older than what is there"),
    (Did::Refused, "refused"),
];

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }
}
