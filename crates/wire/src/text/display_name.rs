//! Names that are shown: of clients, tenants, people.

use std::fmt;

use super::{BadText, check_marks, is_deceptive};
use crate::limits::DISPLAY_NAME_BYTES;
use crate::names::serde_as_string;

/// A name in one line that cannot pretend to be other than it is. Joiners stay (Persian, Hindi, emoji need them).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DisplayName(String);

impl DisplayName {
    /// Trims white space around, then checks what is left.
    pub fn parse(text: &str) -> Result<DisplayName, BadText> {
        let text = text.trim();
        if text.len() > DISPLAY_NAME_BYTES {
            return Err(BadText::TooLong);
        }
        if text.chars().any(|c| is_deceptive(c) && !is_joiner(c)) {
            return Err(BadText::Character);
        }
        if text.chars().all(|c| is_joiner(c) || is_variation(c)) {
            return Err(BadText::Empty);
        }
        check_marks(text)?;
        Ok(DisplayName(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_string!(DisplayName);

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_products_are_taken() {
        let longest = "a".repeat(DISPLAY_NAME_BYTES);
        for name in [
            "Alice Adams",
            "Zo\u{eb} O\u{2019}Neil-\u{141}ukasz",
            "\u{5c71}\u{7530} \u{592a}\u{90ce}",
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "Nguy\u{1ec5}n V\u{103}n",
            "\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947}",
            "Acme \u{1f469}\u{200d}\u{1f4bb} \u{2764}\u{fe0f}",
            "a\u{300}\u{301}\u{302}\u{303}",
            longest.as_str(),
        ] {
            assert_eq!(DisplayName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(DisplayName::parse(" \u{a0}Bob\t\n").unwrap().as_str(), "Bob");
    }

    #[test]
    fn names_that_deceive_are_refused() {
        let long = "a".repeat(DISPLAY_NAME_BYTES + 1);
        let marks = format!("a{}", "\u{301}".repeat(MARKS));
        // UN-005, UN-006
        let mut rows = vec![
            ("", BadText::Empty),
            ("  ", BadText::Empty),
            ("\u{200d}\u{200c}", BadText::Empty),
            ("\u{fe0f}", BadText::Empty),
            ("a\nb", BadText::Character),
            ("a\0", BadText::Character),
            ("a\u{7f}b", BadText::Character),
            ("a\u{85}b", BadText::Character),
            ("a\u{200b}b", BadText::Character),
            ("a\u{200e}b", BadText::Character),
            ("a\u{ad}b", BadText::Character),
            ("a\u{feff}b", BadText::Character),
            ("a\u{2060}b", BadText::Character),
            ("a\u{2028}b", BadText::Character),
            ("a\u{2029}b", BadText::Character),
            ("a\u{e000}", BadText::Character),
            ("a\u{10fffd}", BadText::Character),
            ("a\u{378}", BadText::Character),
            ("a\u{fffe}", BadText::Character),
            ("a\u{fdd0}", BadText::Character),
            ("a\u{e0041}", BadText::Character),
            ("\u{3164}", BadText::Character),
            ("\u{2800}", BadText::Character),
            ("a\u{34f}b", BadText::Character),
            (long.as_str(), BadText::TooLong),
            (marks.as_str(), BadText::Marks),
        ];
        let bidi: Vec<String> =
            ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}').map(|c| format!("a{c}b")).collect();
        rows.extend(bidi.iter().map(|text| (text.as_str(), BadText::Character)));
        for (name, expected) in rows {
            assert_eq!(DisplayName::parse(name), Err(expected), "{name:?}");
        }
    }

    const MARKS: usize = crate::limits::MARKS_IN_A_ROW + 1;
}
