//! What a test measured and is worth keeping.

use std::io::Write;

/// Prints a line, and appends it to the file that `DOORWARD_TEST_REPORT` names, if it names one: `./check` shows them at its end, and
/// keeps those of a long run in docs/reliability.md.
pub fn report(what: &str, measured: &str) {
    let engine = if std::env::var_os("DOORWARD_TEST_POSTGRES").is_some() { "PostgreSQL" } else { "SQLite" };
    let line = format!("{what}, {engine}: {measured}");
    println!("{line}");
    let Some(path) = std::env::var_os("DOORWARD_TEST_REPORT") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    writeln!(file.expect("the report can be opened"), "{line}").expect("the report can be written");
}
