//! User names: what a person types to sign in (after RFC 8265, 3, UsernameCaseMapped, and Unicode UTS 39).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::script::{Script, looks_latin};
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
        if text.len() > USER_NAME_CHARS * 4 {
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
        Ok(UserName { display, key })
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

/// Compatibility form, then up and down: upper case joins what lower case keeps apart (ß and ss, ſ and s, ς and σ,
/// ı and i). Letter by letter, so that no context (a final sigma) changes the outcome.
fn fold(text: &str) -> String {
    let up_and_down: String = text
        .nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect();
    up_and_down.nfkc().collect()
}

fn check_letters(key: &str) -> Result<(), BadText> {
    let mut script = None;
    let mut letters = 0;
    let mut latin_looks = 0;
    for (at, c) in key.chars().enumerate() {
        if c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+') {
            continue;
        }
        let group = c.general_category_group();
        if !matches!(
            group,
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark | GeneralCategoryGroup::Number
        ) {
            return Err(BadText::Character);
        }
        if is_combining_mark(c) && at == 0 {
            return Err(BadText::Marks);
        }
        // Marks that no script owns (the combining diacritics) go with any.
        if ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        let of = Script::of(c).ok_or(BadText::Character)?;
        if *script.get_or_insert(of) != of {
            return Err(BadText::MixedScripts);
        }
        letters += 1;
        latin_looks += usize::from(looks_latin(c));
    }
    if letters > 0 && latin_looks == letters {
        return Err(BadText::MixedScripts);
    }
    Ok(())
}
