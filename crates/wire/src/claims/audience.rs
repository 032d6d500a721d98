//! The audience claim: one string, or an array of them (RFC 7519, 4.1.3).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For whom a token is. One member is written as a string, unless it is to be a list, and several as an array; both are read, and written as
/// they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    members: Vec<String>,
    is_list: bool,
}

impl Audience {
    /// An array, however many there are.
    pub fn list(members: Vec<String>) -> Audience {
        Audience { members, is_list: true }
    }

    /// Whether this is one of those the token is for.
    pub fn contains(&self, audience: &str) -> bool {
        self.members.iter().any(|a| a == audience)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }
}

impl From<String> for Audience {
    fn from(one: String) -> Audience {
        Audience { members: vec![one], is_list: false }
    }
}

impl From<Vec<String>> for Audience {
    fn from(many: Vec<String>) -> Audience {
        Audience { is_list: many.len() != 1, members: many }
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.members.as_slice() {
            [one] if !self.is_list => one.serialize(serializer),
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
            OneOrMany::One(one) => one.into(),
            OneOrMany::Many(many) => Audience::list(many),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_a_string_and_many_are_an_array() {
        for (text, members) in
            [(r#""a""#, vec!["a"]), (r#"["a"]"#, vec!["a"]), (r#"["a","b"]"#, vec!["a", "b"])]
        {
            let audience: Audience = serde_json::from_str(text).unwrap();
            assert_eq!(audience.iter().collect::<Vec<_>>(), members);
            assert_eq!(serde_json::to_string(&audience).unwrap(), text);
            assert!(audience.contains("a") && !audience.contains("A"));
        }
        let written = |audience: &Audience| serde_json::to_string(audience).unwrap();
        assert_eq!(written(&vec!["a".to_owned()].into()), r#""a""#);
        assert_eq!(written(&Audience::list(vec!["a".to_owned()])), r#"["a"]"#);
        for wrong in ["1", "null", "[1]", "{}"] {
            assert!(serde_json::from_str::<Audience>(wrong).is_err(), "{wrong}");
        }
    }
}
