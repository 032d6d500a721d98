//! Reading a document: all that is wrong with its form at once, each with its place, where a parser tells the first and stops.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::State;
use super::problem::{At, Problems};
use doorward_wire::shape;

/// Reads a document.
pub fn read(document: &Value) -> Result<State, Problems> {
    let told = match State::deserialize(document) {
        Ok(state) => return Ok(state),
        Err(error) => error.to_string(),
    };
    let mut problems = Problems::default();
    walk(document, &|value| value, None, &Path::default(), &mut problems);
    if problems.0.is_empty() {
        problems.add(&At::root(), shape::said(&told));
    }
    Err(problems)
}

/// A place: names, and numbers in lists.
#[derive(Clone, Default)]
struct Path(Vec<Part>);

#[derive(Clone)]
enum Part {
    Name(String),
    Number(usize),
}

/// What is wrong within a value that `wrap` puts into a document in which nothing else is wrong. `outside` is what is wrong with the
/// document without it.
fn walk(
    value: &Value,
    wrap: &dyn Fn(Value) -> Value,
    outside: Option<&str>,
    path: &Path,
    problems: &mut Problems,
) {
    match value {
        Value::Object(members) => object(members, wrap, outside, path, problems),
        Value::Array(items) => {
            let none = error(wrap(json!([])));
            for (number, item) in items.iter().enumerate() {
                let told = error(wrap(json!([item])));
                if let Some(told) = told.filter(|told| Some(told) != none.as_ref()) {
                    let alone = |inner: Value| wrap(json!([inner]));
                    below(item, (&alone, none.as_deref()), &path.with(Part::Number(number)), &told, problems);
                }
            }
        }
        _ => {}
    }
}

fn object(
    members: &Map<String, Value>,
    wrap: &dyn Fn(Value) -> Value,
    outside: Option<&str>,
    path: &Path,
    problems: &mut Problems,
) {
    let holds_others = |value: &Value| value.is_object() || value.is_array();
    let mut fine = Map::new();
    for (name, member) in members.iter().filter(|(_, member)| !holds_others(member)) {
        let alone = Map::from_iter([(name.clone(), member.clone())]);
        // That another is missing is nothing that is wrong with this one.
        match error(wrap(Value::Object(alone))).filter(|told| shape::missing(told).is_none()) {
            Some(told) => problems.add(&path.with(Part::Name(name.clone())).at(), shape::said(&told)),
            None => {
                fine.insert(name.clone(), member.clone());
            }
        }
    }
    let base = error(wrap(Value::Object(fine.clone())));
    if let Some(told) = base.as_deref().filter(|told| Some(*told) != outside)
        && let Some(name) = shape::missing(told)
        && !members.contains_key(name)
    {
        problems.add(&path.with(Part::Name(name.to_owned())).at(), shape::said(told));
    }
    for (name, member) in members.iter().filter(|(_, member)| holds_others(member)) {
        let beside = |inner: Value| {
            let mut all = fine.clone();
            all.insert(name.clone(), inner);
            wrap(Value::Object(all))
        };
        if let Some(told) = error(beside(member.clone())).filter(|told| Some(told) != base.as_ref()) {
            below(member, (&beside, base.as_deref()), &path.with(Part::Name(name.clone())), &told, problems);
        }
    }
}

/// What is wrong within a value of which `told` is said; the value itself, where nothing in it is.
fn below(
    value: &Value,
    (wrap, outside): (&dyn Fn(Value) -> Value, Option<&str>),
    path: &Path,
    told: &str,
    problems: &mut Problems,
) {
    let before = problems.0.len();
    walk(value, wrap, outside, path, problems);
    if problems.0.len() == before {
        problems.add(&path.at(), shape::said(told));
    }
}

fn error(document: Value) -> Option<String> {
    State::deserialize(document).err().map(|error| error.to_string())
}

impl Path {
    fn with(&self, part: Part) -> Self {
        let mut parts = self.0.clone();
        parts.push(part);
        Self(parts)
    }

    fn at(&self) -> At {
        let mut at = At::root();
        let mut parts = self.0.iter().peekable();
        while let Some(part) = parts.next() {
            let Part::Name(name) = part else { continue };
            at = match parts.peek() {
                Some(Part::Number(number)) => at.item(name, number),
                _ => at.field(name),
            };
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(document: Value) -> Vec<String> {
        read(&document).unwrap_err().0.into_iter().map(|problem| problem.at).collect()
    }

    #[test]
    fn all_that_is_wrong_with_the_form_is_told() {
        let document = json!({ "tenants": [
            {
                "id": "t", "colour": "red",
                "issuers": [{ "id": "x" }, { "url": 7 }],
                "roles": [{ "id": "r", "permissions": ["a:b", "x", "y"] }, { "id": "s", "permissions": "a:b" }, 4],
                "clients": [
                    { "id": "c", "redirect_uris": ["https://a.example/cb", "http://evil.example/cb"], "lifetimes": { "code_s": "x", "id_token_s": 9 } },
                    { "redirect_uris": ["https://a.example/cb"] },
                    { "id": "d", "role_permissions": { "r": ["a:b", "q"] }, "application_type": "mobile" },
                ],
                "memberships": [{ "roles": [] }, { "user": "u", "context": "a/b", "roles": [1] }],
                "settings": { "mail": { "texts": { "reset": { "en": { "subject": 3 } } } } },
            },
            { "name": "no id" },
        ]});
        let mut expected = vec![
            "tenants[0].colour",
            "tenants[0].issuers[0].url",
            "tenants[0].issuers[1].url",
            "tenants[0].roles[0].permissions[1]",
            "tenants[0].roles[0].permissions[2]",
            "tenants[0].roles[1].permissions",
            "tenants[0].roles[2]",
            "tenants[0].clients[0].redirect_uris[1]",
            "tenants[0].clients[0].lifetimes.code_s",
            "tenants[0].clients[1].id",
            "tenants[0].clients[2].role_permissions.r[1]",
            "tenants[0].clients[2].application_type",
            "tenants[0].memberships[0].user",
            "tenants[0].memberships[1].roles[0]",
            "tenants[0].settings.mail.texts.reset.en.subject",
            "tenants[1].id",
        ];
        let mut told = places(document);
        told.sort();
        expected.sort_unstable();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_document_is_told_as_one_thing() {
        assert_eq!(places(json!({})), ["tenants"]);
        assert_eq!(places(json!([])), [""]);
        assert_eq!(places(json!({ "tenants": 7 })), ["tenants"]);
        assert_eq!(places(json!({ "tenants": [], "x": 1 })), ["x"]);
        assert!(read(&json!({ "tenants": [{ "id": "t" }] })).is_ok());
    }
}
