//! What `import` tells of another system's file.

use std::fmt::Write;

use crate::import::Report;

/// As text.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    for (title, rows) in [("Taken", &report.taken), ("Not taken", &report.left)] {
        if !rows.is_empty() {
            let _ = writeln!(text, "{title}:");
            rows.iter().for_each(|(key, what)| {
                let _ = writeln!(text, "  {}", harmless(&format!("{key}: {what}")));
            });
        }
    }
    if !report.decide.is_empty() {
        let _ = writeln!(text, "To be decided:");
        report.decide.iter().for_each(|what| {
            let _ = writeln!(text, "  {}", harmless(what));
        });
    }
    text
}

/// A line that does nothing to a terminal: a file may hold anything.
fn harmless(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() })
        .collect()
}
