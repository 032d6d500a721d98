//! What resources look like: one description of each, from which requests are checked, the OpenAPI document is generated and the
//! manual is written.

use serde_json::Value;

/// An object.
#[derive(Debug)]
pub struct Object {
    /// Its name in the OpenAPI document.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its members.
    pub members: &'static [Member],
}

/// A member of an object.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub value: Type,
    /// Which way it goes.
    pub way: Way,
    /// What it says.
    pub about: &'static str,
}

/// Which way a member goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Written and read.
    Both,
    /// The same, and must be there when an object is made or replaced.
    Must,
    /// Only read: what a request says of it is passed over, so that an answer can be sent back changed.
    Read,
    /// Only written: a secret.
    Write,
}

/// What a value is.
#[derive(Debug)]
pub enum Type {
    /// Text of so many bytes.
    Text(usize, usize),
    /// A whole number in a range.
    Number(i64, i64),
    /// True or false.
    Flag,
    /// A time in UTC, such as `2027-01-01T00:00:00Z`.
    Time,
    /// One of these words.
    Word(&'static [&'static str]),
    /// At most so many of something.
    List(&'static Type, usize),
    /// At most so many of something, by name.
    Map(&'static Type, usize),
    /// An object.
    Of(&'static Object),
    /// The same, or null.
    Maybe(&'static Type),
    /// An object whose members its own standard describes.
    Json,
}

/// Something wrong with a body, and where.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901).
    pub pointer: String,
    /// What: a sentence. Never holds a secret.
    pub detail: String,
}

/// How complete a body must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whole {
    /// The whole object.
    Yes,
    /// The whole object, but that the path says its id.
    Named,
    /// A merge patch (RFC 7396): members may be missing, and null takes one away.
    Patch,
}

impl Object {
    /// What is wrong with a body. What only goes the other way is taken out of it.
    pub fn check(&self, body: &mut Value, whole: Whole) -> Vec<FieldError> {
        let mut errors = Vec::new();
        self.walk(body, whole, "", &mut errors);
        errors
    }

    fn walk(&self, body: &mut Value, whole: Whole, at: &str, errors: &mut Vec<FieldError>) {
        let Value::Object(members) = body else {
            return errors.push(wrong(at, "must be an object"));
        };
        for member in self.members.iter().filter(|member| member.way == Way::Read) {
            members.remove(member.name);
        }
        let below = if whole == Whole::Named { Whole::Yes } else { whole };
        for (name, value) in members.iter_mut() {
            let at = format!("{at}/{}", escaped(name));
            match self.members.iter().find(|member| member.name == name) {
                None => errors.push(wrong(&at, "there is no such member")),
                Some(_) if value.is_null() && whole == Whole::Patch => {}
                Some(member) => member.value.walk(value, below, &at, errors),
            }
        }
        if whole != Whole::Patch {
            for member in self.members.iter().filter(|member| member.way == Way::Must) {
                let is_said = whole == Whole::Named && member.name == "id";
                if !is_said && !members.contains_key(member.name) {
                    errors.push(wrong(&format!("{at}/{}", member.name), "is required"));
                }
            }
        }
    }
}

impl Type {
    fn walk(&self, value: &mut Value, whole: Whole, at: &str, errors: &mut Vec<FieldError>) {
        match (self, value) {
            (Self::Text(least, most), Value::String(text)) => {
                if !(*least..=*most).contains(&text.len()) {
                    errors.push(wrong(at, &format!("must be {least} to {most} bytes long")));
                }
            }
            (Self::Time, Value::String(text)) => {
                if doorward_core::desired::date::read(text).is_none() {
                    errors.push(wrong(at, "must be a time in UTC such as 2027-01-01T00:00:00Z"));
                }
            }
            (Self::Word(words), Value::String(text)) => {
                if !words.contains(&text.as_str()) {
                    errors.push(wrong(at, &format!("must be one of {}", words.join(", "))));
                }
            }
            (Self::Number(least, most), Value::Number(number)) => {
                if !number.as_i64().is_some_and(|number| (*least..=*most).contains(&number)) {
                    errors.push(wrong(at, &format!("must be a whole number between {least} and {most}")));
                }
            }
            (Self::Flag, Value::Bool(_)) | (Self::Json, Value::Object(_)) => {}
            (Self::List(of, most), Value::Array(items)) => {
                if items.len() > *most {
                    errors.push(wrong(at, &format!("may have at most {most} items")));
                }
                for (index, item) in items.iter_mut().enumerate().take(*most) {
                    of.walk(item, Whole::Yes, &format!("{at}/{index}"), errors);
                }
            }
            (Self::Map(of, most), Value::Object(items)) => {
                if items.len() > *most {
                    errors.push(wrong(at, &format!("may have at most {most} members")));
                }
                for (name, item) in items.iter_mut().take(*most) {
                    if !(item.is_null() && whole == Whole::Patch) {
                        of.walk(item, whole, &format!("{at}/{}", escaped(name)), errors);
                    }
                }
            }
            (Self::Maybe(_), Value::Null) => {}
            (Self::Maybe(of), value) => of.walk(value, whole, at, errors),
            (Self::Of(object), value) => object.walk(value, whole, at, errors),
            (Self::Text(..) | Self::Time | Self::Word(_), _) => errors.push(wrong(at, "must be a text")),
            (Self::Number(..), _) => errors.push(wrong(at, "must be a whole number")),
            (Self::Flag, _) => errors.push(wrong(at, "must be true or false")),
            (Self::List(..), _) => errors.push(wrong(at, "must be a list")),
            (Self::Map(..) | Self::Json, _) => errors.push(wrong(at, "must be an object")),
        }
    }
}

/// An error at a place.
pub fn wrong(pointer: &str, detail: &str) -> FieldError {
    FieldError { pointer: pointer.to_owned(), detail: detail.to_owned() }
}

/// A name as it stands in a JSON pointer.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A member that is written and read.
pub const fn both(name: &'static str, value: Type, about: &'static str) -> Member {
    Member { name, value, way: Way::Both, about }
}

/// A member that must be there.
pub const fn must(name: &'static str, value: Type, about: &'static str) -> Member {
    Member { name, value, way: Way::Must, about }
}

/// A member that is only read.
pub const fn read(name: &'static str, value: Type, about: &'static str) -> Member {
    Member { name, value, way: Way::Read, about }
}

/// A member that is only written.
pub const fn write(name: &'static str, value: Type, about: &'static str) -> Member {
    Member { name, value, way: Way::Write, about }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const INNER: Object = Object { name: "Inner", about: "", members: &[must("ab", Type::Flag, "")] };
    const SAMPLE: Object = Object {
        name: "Sample",
        about: "",
        members: &[
            must("id", Type::Text(1, 3), ""),
            both("many", Type::List(&Type::Number(1, 5), 2), ""),
            both("inner", Type::Of(&INNER), ""),
            both("maybe", Type::Maybe(&Type::Flag), ""),
            read("made", Type::Time, ""),
        ],
    };

    fn told(mut body: Value, whole: Whole) -> Vec<String> {
        SAMPLE.check(&mut body, whole).into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(told(json!({"id": "x", "made": 7}), Whole::Yes), [""; 0]);
        assert_eq!(told(json!({}), Whole::Yes), ["/id"]);
        assert_eq!(told(json!({}), Whole::Named), [""; 0]);
        assert_eq!(told(json!({"id": "x", "inner": {}}), Whole::Named), ["/inner/ab"]);
        assert_eq!(told(json!({"id": "x", "maybe": null}), Whole::Yes), [""; 0]);
        assert_eq!(told(json!({"id": "x", "maybe": 7}), Whole::Yes), ["/maybe"]);
        assert_eq!(told(json!({}), Whole::Patch), [""; 0]);
        assert_eq!(told(json!([]), Whole::Patch), [""]);
        assert_eq!(told(json!({"id": "long"}), Whole::Patch), ["/id"]);
        assert_eq!(told(json!({"id": null}), Whole::Patch), [""; 0]);
        assert_eq!(told(json!({"id": null}), Whole::Yes), ["/id"]);
        assert_eq!(told(json!({"many": [1, 9]}), Whole::Patch), ["/many/1"]);
        assert_eq!(told(json!({"many": [1, 1, 1]}), Whole::Patch), ["/many"]);
        assert_eq!(told(json!({"x~y/z": 1}), Whole::Patch), ["/x~0y~1z"]);
        assert_eq!(told(json!({"id": "x", "inner": {}}), Whole::Yes), ["/inner/ab"]);
    }
}
