//! User names: what a person types to sign in (after RFC 8265, 3, UsernameCaseMapped, and Unicode UTS 39).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::script::{Script, latin_look};
use super::{BadText, check_marks, is_deceptive};
use crate::limits::USER_NAME_CHARS;
use crate::names::serde_as_string;

/// A user name as it was chosen, and the key it is found by. Names that differ in case, width, ligatures, ß and ss,
/// composed and decomposed accents have one key, and so are one account.
#[derive(Clone, Debug)]
pub struct UserName {
    display: String,
    key: String,
}

impl UserName {
    /// Checks a name. White space around it is a slip of the hand and is dropped; within, it is refused. Letters are
    /// of one script; digits and `. _ - +` may stand between them. An `@` would make it an e-mail address.
    pub fn parse(text: &str) -> Result<UserName, BadText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadText::Empty);
        }
        // Before any work that grows with the text.
        if text.len() > USER_NAME_CHARS * 8 {
            return Err(BadText::TooLong);
        }
        if text.chars().any(is_deceptive) {
            return Err(BadText::Character);
        }
        let display: String = text.nfc().collect();
        let key = fold(text);
        if display.chars().count() > USER_NAME_CHARS || key.chars().count() > USER_NAME_CHARS {
            return Err(BadText::TooLong);
        }
        check_marks(&key)?;
        check_letters(&key)?;
        Ok(UserName { display, key: latin_skeleton(key) })
    }

    /// The same, with what is wrong told to whoever sent it: which character, and where an address goes.
    pub fn explained(text: &str) -> Result<UserName, String> {
        Self::parse(text).map_err(|bad| match Self::refused_character(text) {
            Some('@') => AN_ADDRESS.to_owned(),
            Some(c) => format!("must not contain {}: {RULE}", shown_of(c)),
            None => bad.to_string(),
        })
    }

    /// The first character that no name may contain.
    pub fn refused_character(text: &str) -> Option<char> {
        // One letter before it, because an accent stands on one. A letter of another script is another matter.
        let alone = |c: &char| Self::parse(&format!("a{c}a")) == Err(BadText::Character);
        text.trim().chars().take(USER_NAME_CHARS * 8).find(alone)
    }

    /// The name as chosen (in NFC).
    pub fn as_str(&self) -> &str {
        &self.display
    }

    /// The one form of all spellings: unique within a tenant.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Names are equal when their keys are.
impl PartialEq for UserName {
    fn eq(&self, other: &UserName) -> bool {
        self.key == other.key
    }
}

impl Eq for UserName {}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

serde_as_string!(UserName);

/// A character, or its code point where there is nothing to see.
pub fn shown_of(c: char) -> String {
    let group = c.general_category_group();
    let is_seen = !is_deceptive(c) && group != GeneralCategoryGroup::Separator;
    match c {
        ' ' => "a space".to_owned(),
        _ if is_seen => c.to_string(),
        _ => format!("U+{:04X}", u32::from(c)),
    }
}

const AN_ADDRESS: &str =
    "must not contain @: an e-mail address goes to email, by which people sign in as well";
const RULE: &str = "letters of one script, digits and . _ - + make a user name";

/// Compatibility form, then down, up and down again: upper case joins what lower case keeps apart (ß and ss, ſ and s,
/// ς and σ, ı and i). Letter by letter, so that no context (a final sigma) changes the outcome.
fn fold(text: &str) -> String {
    let folded: String = text
        .nfkc()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    folded.nfkc().collect()
}

/// Letters of one script, marks on letters only, at least one letter or digit.
fn check_letters(key: &str) -> Result<(), BadText> {
    let mut script = None;
    let mut after_letter = false;
    let mut count = 0;
    for c in key.chars() {
        if matches!(c, '.' | '_' | '-' | '+') {
            after_letter = false;
            continue;
        }
        if c.is_ascii_digit() {
            after_letter = false;
            count += 1;
            continue;
        }
        let is_mark = is_combining_mark(c);
        // Digits of other scripts, symbols, spaces, and the stroke that only makes an Arabic word longer.
        if !(is_mark || c.general_category_group() == GeneralCategoryGroup::Letter) || c == '\u{640}' {
            return Err(BadText::Character);
        }
        if is_mark && !after_letter {
            return Err(BadText::Marks);
        }
        after_letter = true;
        count += 1;
        // Marks that no script owns (the combining diacritics) go with any.
        if ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        let of = Script::of(c).ok_or(BadText::Character)?;
        if *script.get_or_insert(of) != of {
            return Err(BadText::MixedScripts);
        }
    }
    if count == 0 { Err(BadText::Malformed) } else { Ok(()) }
}

/// A name whose every letter is drawn like a Latin one has the key of that Latin name: two accounts never look the
/// same, and nobody is refused whose name happens to be such a word.
fn latin_skeleton(key: String) -> String {
    let is_neutral = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+');
    key.chars()
        .map(|c| latin_look(c).or(is_neutral(c).then_some(c)))
        .collect::<Option<String>>()
        .unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        UserName::parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}")).key
    }

    #[test]
    fn spellings_of_one_name_have_one_key() {
        let rows: &[(&str, &[&str])] = &[
            (
                "admin",
                &[
                    "admin",
                    "ADMIN",
                    "Admin",
                    "admin ",
                    " admin",
                    "\u{ff41}\u{ff44}\u{ff4d}\u{ff49}\u{ff4e}",
                    "\u{ff21}DMIN",
                ],
            ),
            ("strasse", &["stra\u{df}e", "strasse", "STRASSE", "STRA\u{1e9e}E", "\u{17f}tra\u{df}e"]),
            ("i\u{307}x", &["\u{130}x", "i\u{307}x", "I\u{307}X"]),
            ("ix", &["ix", "IX", "\u{131}x", "\u{2168}"]),
            ("kim", &["kim", "KIM", "\u{212a}im"]),
            ("fi", &["fi", "\u{fb01}", "FI"]),
            ("zo\u{eb}", &["zo\u{eb}", "zoe\u{308}", "ZO\u{cb}"]),
            (
                "\u{3bf}\u{3b4}\u{3cc}\u{3c3}",
                &["\u{3bf}\u{3b4}\u{3cc}\u{3c2}", "\u{39f}\u{394}\u{38c}\u{3a3}"],
            ),
            ("a.b_c-d+1", &["A.b_C-d+1"]),
            ("42", &["42", "\u{ff14}\u{ff12}"]),
            // Wholly Cyrillic, Greek or Armenian, but a person reads a Latin name.
            ("capa", &["capa", "\u{441}\u{430}\u{440}\u{430}", "\u{421}\u{410}\u{420}\u{410}"]),
            ("paypal", &["paypal", "\u{440}\u{430}\u{443}\u{440}\u{430}\u{4cf}"]),
            ("via", &["via", "\u{3bd}\u{3b9}\u{3b1}"]),
        ];
        for (expected, spellings) in rows {
            for text in *spellings {
                assert_eq!(key(text), *expected, "{text:?}");
            }
        }
    }

    #[test]
    fn names_of_many_languages_are_taken() {
        let longest = "a".repeat(USER_NAME_CHARS);
        let decomposed = "e\u{302}\u{301}".repeat(USER_NAME_CHARS);
        for name in [
            "bob",
            "_bob",
            "\u{441}\u{435}\u{440}\u{433}\u{435}\u{439}",
            "\u{3bd}\u{3af}\u{3ba}\u{3bf}\u{3c2}",
            "\u{5d3}\u{5d5}\u{5d3}",
            "\u{645}\u{62d}\u{645}\u{62f}",
            "\u{930}\u{93e}\u{92e}",
            "\u{e2a}\u{e21}\u{e0a}\u{e32}\u{e22}",
            "\u{5c71}\u{7530}\u{30bf}\u{30ed}\u{30fc}",
            "\u{ae40}\u{bbfc}\u{c218}",
            "nguy\u{1ec5}n",
            "\u{259}li",
            longest.as_str(),
            decomposed.as_str(),
        ] {
            let first = UserName::parse(name).unwrap_or_else(|e| panic!("{name:?}: {e}"));
            assert_eq!(key(first.key()), first.key(), "{name:?}");
            assert_eq!(key(first.as_str()), first.key(), "{name:?}");
        }
    }

    #[test]
    fn names_that_deceive_are_refused() {
        let long = "a".repeat(USER_NAME_CHARS + 1);
        // Grows when folded.
        let grows = "\u{df}".repeat(USER_NAME_CHARS / 2 + 1);
        // Refused for its length, before it is looked at.
        let huge = "\u{200b}".repeat(1_000_000);
        let zalgo = format!("a{}", "\u{316}".repeat(crate::limits::MARKS_IN_A_ROW + 1));
        let rows = [
            // UN-001
            ("\u{430}dmin", BadText::MixedScripts),
            ("adm\u{456}n", BadText::MixedScripts),
            ("\u{391}dmin", BadText::MixedScripts),
            ("\u{3bf}\u{43e}\u{448}", BadText::MixedScripts),
            ("ad\u{200b}min", BadText::Character),
            ("ad\u{200d}min", BadText::Character),
            ("ad\u{202e}min", BadText::Character),
            ("ad\u{2067}min", BadText::Character),
            ("ad\u{ad}min", BadText::Character),
            ("ad\u{feff}min", BadText::Character),
            ("ad\u{fe0f}min", BadText::Character),
            ("ad min", BadText::Character),
            ("ad\u{a0}min", BadText::Character),
            ("ad\u{3000}min", BadText::Character),
            ("ad\0min", BadText::Character),
            ("ad\nmin", BadText::Character),
            ("alice@example.com", BadText::Character),
            ("alice\u{ff20}x", BadText::Character),
            ("a/b", BadText::Character),
            ("a<b", BadText::Character),
            ("a'b", BadText::Character),
            ("a\u{2215}b", BadText::Character),
            ("\u{1f600}", BadText::Character),
            ("\u{1d5ba}\u{2a74}", BadText::Character),
            ("\u{251}dmin", BadText::Character),
            ("a\u{1c3}", BadText::Character),
            ("\u{660}", BadText::Character),
            ("\u{645}\u{640}\u{62d}", BadText::Character),
            ("\u{e000}", BadText::Character),
            ("\u{378}", BadText::Character),
            ("\u{3164}", BadText::Character),
            ("\u{301}a", BadText::Marks),
            ("a.\u{301}", BadText::Marks),
            ("1\u{301}", BadText::Marks),
            (zalgo.as_str(), BadText::Marks),
            ("", BadText::Empty),
            (" \t", BadText::Empty),
            ("..", BadText::Malformed),
            ("-", BadText::Malformed),
            (long.as_str(), BadText::TooLong),
            (grows.as_str(), BadText::TooLong),
            (huge.as_str(), BadText::TooLong),
        ];
        for (name, expected) in rows {
            let start: String = name.chars().take(20).collect();
            assert_eq!(UserName::parse(name).map(|n| n.key), Err(expected), "{start:?}");
        }
    }

    #[test]
    fn the_character_for_which_a_name_is_refused_is_named() {
        let rows = [
            ("bob@example.com", "must not contain @: an e-mail address goes to email"),
            ("a+b@example.com", "must not contain @: "),
            ("o'hara", "must not contain ': letters of one script, digits and . _ - +"),
            ("jane doe", "must not contain a space: "),
            ("DOM\\x", "must not contain \\: "),
            ("a&b", "must not contain &: "),
            ("a\u{a0}b", "must not contain U+00A0: "),
            ("ad\u{200b}min", "must not contain U+200B: "),
            ("..", "the text does not have the form"),
            ("аdmin", "letters of different scripts"),
            ("", "the text is empty"),
        ];
        for (name, told) in rows {
            let why = UserName::explained(name).unwrap_err();
            assert!(why.starts_with(told), "{name}: {why}");
        }
        assert_eq!(UserName::explained("jos\u{e9}").map(|name| name.key).as_deref(), Ok("jos\u{e9}"));
    }

    #[test]
    fn every_key_is_its_own_key() {
        for c in (0..=0x2fffu32).chain(0xf900..=0xffff).chain(0x1_d400..=0x1_d7ff).filter_map(char::from_u32)
        {
            for text in [c.to_string(), format!("{c}\u{301}")] {
                if let Ok(name) = UserName::parse(&text) {
                    assert_eq!(key(&name.key), name.key, "{text:?}");
                    assert_eq!(key(&name.display), name.key, "{text:?}");
                }
            }
        }
    }
}
