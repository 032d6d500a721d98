//! Scopes (RFC 6749, 3.3 and appendix A.4).

use std::fmt;

use crate::limits::{SCOPE_WORD_BYTES, SCOPE_WORDS};
use crate::names::{errors, serde_as_string};

/// A set of scope tokens that keeps the order in which they were asked.
#[derive(Clone, Default)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Reads a space-separated scope. Words occurring twice count once; the empty text is the empty set.
    pub fn parse(text: &str) -> Result<Scopes, BadScope> {
        let mut scopes = Scopes::default();
        for (at, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
            if at == SCOPE_WORDS {
                return Err(BadScope::TooMany);
            }
            check_word(word)?;
            scopes.push(word);
        }
        Ok(scopes)
    }

    /// Collects words, each checked as by [`Scopes::parse`].
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Scopes, BadScope> {
        let mut scopes = Scopes::default();
        for word in words {
            if word.is_empty() {
                return Err(BadScope::Character);
            }
            check_word(word)?;
            scopes.push(word);
            if scopes.len() > SCOPE_WORDS {
                return Err(BadScope::TooMany);
            }
        }
        Ok(scopes)
    }

    /// Whether the word is a member.
    pub fn contains(&self, word: &str) -> bool {
        self.0.iter().any(|w| w == word)
    }

    /// Whether every member is one of `other`.
    pub fn is_subset(&self, other: &Scopes) -> bool {
        self.0.iter().all(|word| other.contains(word))
    }

    /// Members of both, in the order of `self`.
    pub fn intersection(&self, other: &Scopes) -> Scopes {
        Scopes(self.0.iter().filter(|word| other.contains(word)).cloned().collect())
    }

    /// Members of either: those of `self`, then those new in `other`.
    pub fn union(&self, other: &Scopes) -> Scopes {
        let mut scopes = self.clone();
        other.iter().for_each(|word| scopes.push(word));
        scopes
    }

    /// Members of `self` that are not in `other`.
    pub fn minus(&self, other: &Scopes) -> Scopes {
        Scopes(self.0.iter().filter(|word| !other.contains(word)).cloned().collect())
    }

    /// The same set without one word.
    pub fn without(&self, word: &str) -> Scopes {
        Scopes(self.0.iter().filter(|w| *w != word).cloned().collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The words in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn push(&mut self, word: &str) {
        if !self.contains(word) {
            self.0.push(word.to_owned());
        }
    }
}

/// Sets are equal whatever their order.
impl PartialEq for Scopes {
    fn eq(&self, other: &Scopes) -> bool {
        self.0.len() == other.0.len() && self.is_subset(other)
    }
}

impl Eq for Scopes {}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl<'a> IntoIterator for &'a Scopes {
    type Item = &'a str;
    type IntoIter = std::iter::Map<std::slice::Iter<'a, String>, fn(&'a String) -> &'a str>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(String::as_str)
    }
}

serde_as_string!(Scopes);

errors! {
    /// Why a scope was refused (`invalid_scope`).
    pub enum BadScope {
        Character = "a scope has a character that RFC 6749 does not allow",
        TooLong = "a scope is too long",
        TooMany = "there are too many scopes",
    }
}

fn check_word(word: &str) -> Result<(), BadScope> {
    if word.len() > SCOPE_WORD_BYTES {
        return Err(BadScope::TooLong);
    }
    // %x21 / %x23-5B / %x5D-7E: printable ASCII but for the quotation mark and the backslash.
    if word.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\') {
        Ok(())
    } else {
        Err(BadScope::Character)
    }
}
