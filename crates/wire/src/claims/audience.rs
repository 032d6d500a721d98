//! The audience claim: one string, or an array of them (RFC 7519, 4.1.3).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For whom a token is. One member is written as a string, several as an array; both are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// Whether this is one of those the token is for.
    pub fn contains(&self, audience: &str) -> bool {
        self.0.iter().any(|a| a == audience)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<String> for Audience {
    fn from(one: String) -> Audience {
        Audience(vec![one])
    }
}

impl From<Vec<String>> for Audience {
    fn from(many: Vec<String>) -> Audience {
        Audience(many)
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Audience, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum OneOrMany {
            One(String),
            Many(Vec<String>),
        }
        Ok(match OneOrMany::deserialize(deserializer)? {
            OneOrMany::One(one) => Audience(vec![one]),
            OneOrMany::Many(many) => Audience(many),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_a_string_and_many_are_an_array() {
        for (text, members) in [(r#""a""#, vec!["a"]), (r#"["a","b"]"#, vec!["a", "b"])] {
            let audience: Audience = serde_json::from_str(text).unwrap();
            assert_eq!(audience.iter().collect::<Vec<_>>(), members);
            assert_eq!(serde_json::to_string(&audience).unwrap(), text);
            assert!(audience.contains("a") && !audience.contains("A"));
        }
        for wrong in ["1", "null", "[1]", "{}"] {
            assert!(serde_json::from_str::<Audience>(wrong).is_err(), "{wrong}");
        }
    }
}
