//! A plan as a diff.

use std::fmt::Write;

use doorward_core::desired::{Action, Change};

use super::style;

/// The plan, and what was or would be done.
pub fn text(changes: &[Change], notes: &[String], dry_run: bool) -> String {
    let mut text = String::new();
    for change in changes.iter().filter(|change| change.action != Action::Unchanged) {
        let name = format!("{} {}", change.kind.as_str(), change.id);
        let of = if change.id == change.tenant.0 { String::new() } else { format!(" ({})", change.tenant) };
        let head = match change.action {
            Action::Create => style::good(&format!("+ {name}")),
            Action::Update => style::note(&format!("~ {name}")),
            Action::Remove => style::bad(&format!("- {name}")),
            Action::Keep => style::quiet(&format!("  {name}{of}: not in the file; --prune removes it")),
            Action::Unchanged => continue,
        };
        let of = if change.action == Action::Keep { String::new() } else { style::quiet(&of) };
        let _ = writeln!(text, "{head}{of}");
        for line in change.lines.iter().filter(|line| change.action != Action::Create || line.field != "id") {
            // A value of several lines (an address) is shown on one.
            let on_one = |text: &Option<String>| text.as_ref().map(|text| text.replace('\n', "\\n"));
            let what = match (on_one(&line.before), on_one(&line.after)) {
                (Some(before), Some(after)) => format!("{}: {before} → {after}", line.field),
                (None, Some(after)) => style::good(&format!("+ {}: {after}", line.field)),
                (Some(before), None) => style::bad(&format!("- {}: {before}", line.field)),
                (None, None) => line.field.clone(),
            };
            let _ = writeln!(text, "    {what}");
        }
    }
    for note in notes {
        let _ = writeln!(text, "{}", style::note(&format!("note: {note}")));
    }
    let count = |action| changes.iter().filter(|change| change.action == action).count();
    let same = count(Action::Unchanged);
    let done = [(Action::Create, "created"), (Action::Update, "changed"), (Action::Remove, "removed")]
        .into_iter()
        .filter(|(action, _)| count(*action) > 0)
        .map(|(action, verb)| format!("{} {verb}", count(action)))
        .collect::<Vec<_>>();
    if done.is_empty() {
        let _ = writeln!(text, "Nothing to do: {same} {} as described.", objects(same, "is", "are"));
    } else {
        let rest = if same == 0 { String::new() } else { format!(", {same} unchanged") };
        let _ = writeln!(text, "{}{rest}.", done.join(", "));
        if dry_run {
            let _ = writeln!(text, "{}", style::quiet("A dry run: nothing was done."));
        }
    }
    text
}

fn objects(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("object {one}") } else { format!("objects {many}") }
}

#[cfg(test)]
mod tests {
    use doorward_core::desired::{Action, Change};
    use serde_json::json;

    use super::text;

    #[test]
    fn a_value_of_several_lines_stands_on_one() {
        let change: Change = serde_json::from_value(json!({
            "tenant": "main", "kind": "user", "id": "ada", "action": "update",
            "lines": [{ "field": "profile.address.formatted", "before": "1 Main Street\nBath", "after": "2 High Street\nBath" }],
        }))
        .unwrap();
        assert_eq!(change.action, Action::Update);
        let shown = text(&[change], &[], false);
        assert!(
            shown.contains("\n    profile.address.formatted: 1 Main Street\\nBath → 2 High Street\\nBath\n"),
            "{shown}"
        );
    }
}
