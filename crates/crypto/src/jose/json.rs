//! JSON from outside: one object, no member twice, no deeper than asked.
//!
//! JSON leaves open what a member that stands twice means, and parsers differ; a token that two parsers read differently is
//! an attack (RFC 7515, section 4: names within the header must be unique; RFC 7519, section 4: so must claim names). The
//! check is made at every level, on the decoded names, so that `"al\u0067"` is `"alg"`.

use std::{borrow::Cow, cell::Cell, collections::BTreeSet, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is not an object that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// A member stands twice.
    Duplicate,
    /// Not JSON, or something after it.
    Syntax,
    /// Nested deeper than the cap.
    TooDeep,
    /// JSON, but not an object.
    NotAnObject,
}

/// Checks that `bytes` are one JSON object; the object itself is depth 1.
pub(super) fn check_object(bytes: &[u8], depth: usize) -> Result<(), Problem> {
    let problem = Cell::new(Problem::Syntax);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Check { left: depth, problem: &problem }.deserialize(&mut deserializer).map_err(|_| problem.get())?;
    deserializer.end().map_err(|_| Problem::Syntax)?;
    match bytes.trim_ascii_start().first() {
        Some(b'{') => Ok(()),
        _ => Err(Problem::NotAnObject),
    }
}

/// The members of the object that `bytes` are, after [`check_object`].
pub(super) fn object(bytes: &[u8], depth: usize) -> Result<Map<String, Value>, Problem> {
    check_object(bytes, depth)?;
    serde_json::from_slice(bytes).map_err(|_| Problem::Syntax)
}

/// Walks a value without building it.
#[derive(Clone, Copy)]
struct Check<'c> {
    left: usize,
    problem: &'c Cell<Problem>,
}

impl Check<'_> {
    fn below<E: de::Error>(self) -> Result<Self, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Check { left, ..self }),
            None => Err(self.stop(Problem::TooDeep)),
        }
    }

    fn stop<E: de::Error>(self, problem: Problem) -> E {
        self.problem.set(problem);
        E::custom("refused")
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let below = self.below()?;
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key_seed(Name)? {
            if !names.insert(name) {
                return Err(self.stop(Problem::Duplicate));
            }
            map.next_value_seed(below)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let below = self.below()?;
        while seq.next_element_seed(below)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A member's name, borrowed where it is written without escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_and_what_is_not() {
        let rows: [(&[u8], Result<(), Problem>); 17] = [
            (b"{}", Ok(())),
            (b" \n{\"a\":[{\"a\":1.5e3},{\"a\":null}],\"b\":\"\\u0000\"}\t", Ok(())),
            (b"{\"a\":1,\"a\":1}", Err(Problem::Duplicate)),
            (b"{\"a\":1,\"\\u0061\":2}", Err(Problem::Duplicate)),
            (b"{\"x\":{\"a\":1,\"b\":2,\"a\":3}}", Err(Problem::Duplicate)),
            (b"[]", Err(Problem::NotAnObject)),
            (b"\"a\"", Err(Problem::NotAnObject)),
            (b"1", Err(Problem::NotAnObject)),
            (b"", Err(Problem::Syntax)),
            (b"{} {}", Err(Problem::Syntax)),
            (b"{\"a\":1,}", Err(Problem::Syntax)),
            (b"{'a':1}", Err(Problem::Syntax)),
            (b"{\"a\":NaN}", Err(Problem::Syntax)),
            (b"\xef\xbb\xbf{}", Err(Problem::Syntax)),
            (b"{\"a\":\"\xff\"}", Err(Problem::Syntax)),
            (b"{\"a\":\"\\ud800\"}", Err(Problem::Syntax)),
            (b"{\"a\":{\"a\":{\"a\":{\"a\":0}}}}", Err(Problem::TooDeep)),
        ];
        for (bytes, expected) in rows {
            assert_eq!(check_object(bytes, 3), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn depth_counts_objects_and_arrays_alike() {
        assert_eq!(check_object(b"{\"a\":[[]]}", 3), Ok(()));
        assert_eq!(check_object(b"{\"a\":[[[]]]}", 3), Err(Problem::TooDeep));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(check_object(deep.as_bytes(), 32), Err(Problem::TooDeep));
    }
}
