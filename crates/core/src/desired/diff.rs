//! What differs between two resources, as lines to print. Secrets and hashes are never in a line.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Which member, with dots: `lifetimes.code_s`.
    pub field: String,
    /// What it was; none when it was not there.
    pub before: Option<String>,
    /// What it shall be; none when it goes.
    pub after: Option<String>,
}

/// The differences between two resources as they would be written; `before` is absent for one that is made.
pub(super) fn lines(before: Option<&Value>, after: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    let nothing = Map::new();
    let (Some(before), Some(after)) = (before.map_or(Some(&nothing), Value::as_object), after.as_object())
    else {
        return lines;
    };
    members("", before, after, &mut lines);
    lines
}

fn members(prefix: &str, before: &Map<String, Value>, after: &Map<String, Value>, lines: &mut Vec<Line>) {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_by_key(|name| (!FIRST.contains(&name.as_str()), name.as_str()));
    names.dedup();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let field = format!("{prefix}{name}");
        if HIDDEN.contains(&name.as_str()) {
            lines.push(hidden(field, old, new));
            continue;
        }
        match (old, new) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                members(&format!("{field}."), old, new, lines);
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) => elements(&field, old, new, lines),
            (None, Some(Value::Array(new))) => elements(&field, &[], new, lines),
            (Some(Value::Array(old)), None) => elements(&field, old, &[], lines),
            (None, Some(Value::Object(new))) => {
                members(&format!("{field}."), &Map::new(), new, lines);
            }
            _ => lines.push(Line { field, before: old.map(text), after: new.map(text) }),
        }
    }
}

fn elements(field: &str, old: &[Value], new: &[Value], lines: &mut Vec<Line>) {
    let before = lines.len();
    for gone in old.iter().filter(|value| !new.contains(value)) {
        lines.push(Line { field: field.to_owned(), before: Some(text(gone)), after: None });
    }
    for come in new.iter().filter(|value| !old.contains(value)) {
        lines.push(Line { field: field.to_owned(), before: None, after: Some(text(come)) });
    }
    if lines.len() == before && old != new {
        lines.push(Line {
            field: field.to_owned(),
            before: Some("in another order".to_owned()),
            after: Some("in this order".to_owned()),
        });
    }
}

fn hidden(field: String, old: Option<&Value>, new: Option<&Value>) -> Line {
    let count = |value: &Value| match value {
        Value::Array(list) if list.len() == 1 => "1 secret".to_owned(),
        Value::Array(list) => format!("{} secrets", list.len()),
        _ => "set".to_owned(),
    };
    let after = match (old, new) {
        (Some(_), Some(new)) if old.map(count) == Some(count(new)) => Some("changed".to_owned()),
        _ => new.map(count),
    };
    Line { field, before: old.map(count), after }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Members whose values are never printed.
const HIDDEN: &[&str] = &["password_hash", "secrets", "shared_secret"];
/// Members that come before the others, which follow by name.
const FIRST: &[&str] = &["id", "name", "user_name"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(before: Option<Value>, after: Value) -> Vec<(String, String, String)> {
        lines(before.as_ref(), &after)
            .into_iter()
            .map(|line| (line.field, line.before.unwrap_or_default(), line.after.unwrap_or_default()))
            .collect()
    }

    fn row(field: &str, before: &str, after: &str) -> (String, String, String) {
        (field.to_owned(), before.to_owned(), after.to_owned())
    }

    #[test]
    fn differences_are_lines() {
        let before =
            json!({"id": "a", "name": "A", "list": ["x", "y"], "in": {"a": 1, "b": 2}, "gone": true});
        let after = json!({"id": "a", "name": "B", "list": ["y", "z"], "in": {"a": 1, "b": 3}});
        let expected = vec![
            row("name", "A", "B"),
            row("gone", "true", ""),
            row("in.b", "2", "3"),
            row("list", "x", ""),
            row("list", "", "z"),
        ];
        assert_eq!(shown(Some(before), after), expected);
        assert_eq!(shown(Some(json!({"l": [1, 2]})), json!({"l": [2, 1]})).len(), 1);
        assert_eq!(shown(None, json!({"id": "a"})), [row("id", "", "a")]);
        assert_eq!(shown(None, json!({"p": {"a": {"b": 1}}})), [row("p.a.b", "", "1")]);
    }

    #[test]
    fn secrets_are_never_printed() {
        let before = json!({"password_hash": "$argon2id$x", "secrets": [{"hash": "h1"}]});
        let after = json!({"password_hash": "$argon2id$y", "secrets": [{"hash": "h1"}, {"hash": "h2"}]});
        let expected = vec![row("password_hash", "set", "changed"), row("secrets", "1 secret", "2 secrets")];
        assert_eq!(shown(Some(before), after), expected);
    }
}
