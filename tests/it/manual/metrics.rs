//! `docs/manual/metrics.md`: whatever is counted.

use std::sync::Arc;
use std::time::Duration;

use doorward_tests::TestApp;
use doorward_web::edge::{AccessLog, Counters, Refusal};
use doorward_web::ops::{Outcome, Readiness, Stray, register};

use super::compare;

#[tokio::test]
async fn the_metrics_of_the_manual_are_those_that_are_counted() {
    let app = TestApp::new().await;
    if app.is_on_a_server() {
        // The figures of SQLite's file are not there.
        return;
    }
    let counters = Counters::default();
    let log = AccessLog::to(Box::new(std::io::sink()));
    register(&app.app, &counters, &Arc::new(Readiness::default()), Some(&log));
    // A family shows itself once it has a member.
    counters.refused(Refusal::Host);
    counters.late("header");
    let metrics = &app.app.metrics;
    metrics.request("token", Outcome::Ok, "", Duration::from_millis(1));
    metrics.fault("commit");
    metrics.stray(Stray::Host);
    metrics.worker_fault("keys");
    let text = metrics.text();
    let mut table = "| metric | type | labels | what |\n|---|---|---|---|\n".to_owned();
    let mut seen = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("# HELP ")) {
        let (name, help) = line.split_once(' ').expect("a name and a text");
        let kind =
            text.lines().find_map(|line| line.strip_prefix(&format!("# TYPE {name} "))).expect("a type");
        let shown = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
        let labels = labels(&text, name);
        table.push_str(&format!("| `{shown}` | {kind} | {labels} | {} |\n", help.trim_end_matches('.')));
        seen += 1;
    }
    assert!(seen > 15, "{text}");
    compare("metrics.md", "metrics", &table);
}

/// The labels of the first line of a metric, but for the buckets of a histogram.
fn labels(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(name) && line.contains('{'));
    let inside =
        line.and_then(|line| line.split_once('{')?.1.split_once('}')).map_or("", |(inside, _)| inside);
    let names = inside.split(',').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
    let names: Vec<String> = names.filter(|name| *name != "le").map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
