//! Text that people see and choose: names, user names, e-mail addresses, languages.

mod display_name;
mod email;
mod locale;
mod script;
mod user_name;

pub use display_name::DisplayName;
pub use email::Email;
pub use locale::{Locale, accept_language, negotiate, ui_locales};
pub use user_name::{UserName, shown_of};

use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::limits::MARKS_IN_A_ROW;
use crate::names::errors;

errors! {
    /// Why a text was refused.
    pub enum BadText {
        Character = "a character is invisible, reserved, or does not belong here",
        Empty = "the text is empty",
        Malformed = "the text does not have the form that is expected",
        Marks = "too many accents are stacked on one letter",
        MixedScripts = "letters of different scripts are mixed",
        TooLong = "the text is too long",
    }
}

/// Whether a character can hide or reorder others, or means nothing to us: controls, format characters (bidi
/// overrides, zero width), line separators, private use, unassigned, and letters that are drawn as nothing.
fn is_deceptive(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    ) || matches!(
        c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'
            ..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fffc}' | '\u{fffd}'
    )
}

/// Holds stacked marks to a number that languages need.
fn check_marks(text: &str) -> Result<(), BadText> {
    let mut row = 0;
    for c in text.chars() {
        row = if is_combining_mark(c) { row + 1 } else { 0 };
        if row > MARKS_IN_A_ROW {
            return Err(BadText::Marks);
        }
    }
    Ok(())
}
