//! A permission: what a role lets a person do, in the form `domain:action`. It is the platform's own word; only `admin:` is ours.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A permission, such as `orders:read`; `orders:*` is every action of the domain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Permission(String);

/// Why a text is no permission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadPermission;

impl Permission {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, BadPermission> {
        let (domain, action) = text.split_once(':').ok_or(BadPermission)?;
        if is_word(domain) && (action == EVERY || is_word(action)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadPermission)
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the colon.
    pub fn domain(&self) -> &str {
        self.0.split_once(':').map_or("", |(domain, _)| domain)
    }

    /// Whether who holds this one may do what `other` says.
    pub fn covers(&self, other: &str) -> bool {
        self.0 == other
            || self.0.strip_suffix(EVERY).is_some_and(|domain| other.strip_prefix(domain).is_some())
    }

    /// What both allow: the narrower one where one covers the other.
    pub fn meet(&self, other: &Self) -> Option<Self> {
        if self.covers(other.as_str()) {
            Some(other.clone())
        } else {
            other.covers(self.as_str()).then(|| self.clone())
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BadPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a permission is domain:action, each of lower-case letters, digits, '.', '_' and '-', the action possibly '*'")
    }
}

impl std::error::Error for BadPermission {}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().next().is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

const EVERY: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Permission {
        Permission::parse(text).unwrap()
    }

    #[test]
    fn a_permission_is_a_domain_and_an_action() {
        for good in ["orders:read", "a:b", "admin:users.read", "orders:*", "0x:1_2-3"] {
            assert_eq!(read(good).as_str(), good);
        }
        let long = format!("{}:a", "x".repeat(65));
        for bad in ["", "orders", ":read", "orders:", "Orders:read", "a:b:c", "*:*", "a b:c", "a:re*", &long]
        {
            assert_eq!(Permission::parse(bad), Err(BadPermission), "{bad}");
        }
    }

    #[test]
    fn a_star_covers_its_domain_and_nothing_else() {
        assert!(read("orders:*").covers("orders:read"));
        assert!(read("orders:*").covers("orders:*"));
        assert!(!read("orders:*").covers("ordersx:read"));
        assert!(!read("orders:*").covers("admin:orders"));
        assert!(!read("orders:read").covers("orders:*"));
        assert_eq!(read("orders:*").meet(&read("orders:read")), Some(read("orders:read")));
        assert_eq!(read("orders:read").meet(&read("orders:*")), Some(read("orders:read")));
        assert_eq!(read("orders:read").meet(&read("orders:write")), None);
    }
}
