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

    /// Those of the words that `keep` says yes to.
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> Scopes {
        Scopes(self.0.iter().filter(|word| keep(word)).cloned().collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}"))
    }

    #[test]
    fn a_scope_is_a_set_in_order() {
        let asked = scopes("openid  profile openid orders:read ");
        assert_eq!(asked.to_string(), "openid profile orders:read");
        assert_eq!(asked.len(), 3);
        assert_eq!(asked, scopes("orders:read openid profile"));
        assert_ne!(asked, scopes("openid profile"));
        assert!(asked.contains("profile") && !asked.contains("Profile") && !asked.contains("prof"));
        assert!(scopes("").is_empty() && scopes("  ").is_empty());
        assert_eq!((&asked).into_iter().count(), asked.iter().count());
    }

    #[test]
    fn sets_are_combined() {
        let (a, b) = (scopes("x y z"), scopes("z w x"));
        assert_eq!(a.intersection(&b).to_string(), "x z");
        assert_eq!(a.union(&b).to_string(), "x y z w");
        assert_eq!(a.minus(&b).to_string(), "y");
        assert_eq!(a.without("y").to_string(), "x z");
        assert!(scopes("z x").is_subset(&a) && !b.is_subset(&a) && scopes("").is_subset(&a));
    }

    #[test]
    fn a_scope_travels_as_a_string() {
        let asked = scopes("a b");
        assert_eq!(serde_json::to_string(&asked).unwrap(), r#""a b""#);
        assert_eq!(serde_json::from_str::<Scopes>(r#""a b""#).unwrap(), asked);
        assert!(serde_json::from_str::<Scopes>(r#""a \u0000""#).is_err());
        assert!(serde_json::from_str::<Scopes>("1").is_err());
    }

    #[test]
    fn every_character_of_the_rfc_and_no_other_is_taken() {
        for byte in 0..=0x7fu8 {
            let fine = matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            let word = format!("a{}b", char::from(byte));
            let expected = if fine || byte == b' ' { Ok(()) } else { Err(BadScope::Character) };
            assert_eq!(Scopes::parse(&word).map(|_| ()), expected, "{byte:#x}");
        }
    }

    #[test]
    fn malformed_scopes_are_refused() {
        let many = |count: usize| (0..count).map(|at| format!("s{at}")).collect::<Vec<_>>().join(" ");
        assert_eq!(scopes(&many(SCOPE_WORDS)).len(), SCOPE_WORDS);
        let longest = "a".repeat(SCOPE_WORD_BYTES);
        scopes(&longest);
        let rows = [
            // SC-002, UN-009
            ("openid \"x\"".to_owned(), BadScope::Character),
            ("a\\b".to_owned(), BadScope::Character),
            ("a\tb".to_owned(), BadScope::Character),
            ("a\nb".to_owned(), BadScope::Character),
            ("a\0".to_owned(), BadScope::Character),
            ("\u{430}dmin".to_owned(), BadScope::Character),
            ("openid\u{a0}profile".to_owned(), BadScope::Character),
            (many(SCOPE_WORDS + 1), BadScope::TooMany),
            ("a ".repeat(SCOPE_WORDS + 1), BadScope::TooMany),
            (format!("{longest}a"), BadScope::TooLong),
        ];
        for (text, expected) in rows {
            assert_eq!(Scopes::parse(&text), Err(expected), "{text:.40}");
        }
    }

    #[test]
    fn words_are_checked_as_a_text_is() {
        assert_eq!(Scopes::from_words(["a", "b", "a"]), Ok(scopes("a b")));
        for (words, expected) in [
            (vec!["a b"], BadScope::Character),
            (vec![""], BadScope::Character),
            (vec!["\""], BadScope::Character),
        ] {
            assert_eq!(Scopes::from_words(words), Err(expected));
        }
        let many: Vec<String> = (0..=SCOPE_WORDS).map(|at| format!("s{at}")).collect();
        assert_eq!(Scopes::from_words(many.iter().map(String::as_str)), Err(BadScope::TooMany));
    }
}
