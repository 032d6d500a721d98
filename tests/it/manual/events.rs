//! `docs/manual/events.md`: every kind of event.

use doorward_core::model::EventKind;

use super::{compare, source};

#[test]
fn the_events_of_the_manual_are_those_that_are_written() {
    let mut table = "| event | what |\n|---|---|\n".to_owned();
    let kinds = source::rows("crates/core/src/model/event.rs", "event_kinds! {");
    for (name, doc) in &kinds {
        assert!(EventKind::parse(name).is_some(), "{name}");
        table.push_str(&format!("| `{name}` | {} |\n", doc.trim_end_matches('.')));
    }
    assert_eq!(kinds.len(), EventKind::ALL.len(), "all were read");
    compare("events.md", "events", &table);
}
