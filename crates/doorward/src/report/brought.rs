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
                let _ = writeln!(text, "  {key}: {what}");
            });
        }
    }
    if !report.decide.is_empty() {
        let _ = writeln!(text, "To be decided:");
        report.decide.iter().for_each(|what| {
            let _ = writeln!(text, "  {what}");
        });
    }
    text
}
