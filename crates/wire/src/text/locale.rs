//! Language tags (BCP 47, as far as interfaces need them) and their choice (RFC 4647, 3.4).

use std::fmt;

use super::BadText;
use crate::limits::{LOCALE_BYTES, LOCALES};
use crate::names::serde_as_string;

/// A language, with script, region and variants where given, in the case that BCP 47 recommends (`de-CH`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locale(String);

impl Locale {
    /// Reads a tag: language, script, region, variants. Extensions and private use are refused; `_` is not `-`.
    pub fn parse(text: &str) -> Result<Locale, BadText> {
        if text.is_empty() {
            return Err(BadText::Empty);
        }
        if text.len() > LOCALE_BYTES {
            return Err(BadText::TooLong);
        }
        let mut subtags = text.split('-').peekable();
        let alpha = |s: &str| s.bytes().all(|b| b.is_ascii_alphabetic());
        let digit = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let language =
            subtags.next().filter(|s| matches!(s.len(), 2 | 3) && alpha(s)).ok_or(BadText::Malformed)?;
        let mut tag = language.to_ascii_lowercase();
        if let Some(script) = subtags.next_if(|s| s.len() == 4 && alpha(s)) {
            tag.push('-');
            tag.push_str(&script[..1].to_ascii_uppercase());
            tag.push_str(&script[1..].to_ascii_lowercase());
        }
        if let Some(region) = subtags.next_if(|s| (s.len() == 2 && alpha(s)) || (s.len() == 3 && digit(s))) {
            tag.push('-');
            tag.push_str(&region.to_ascii_uppercase());
        }
        for variant in subtags {
            let fine = variant.bytes().all(|b| b.is_ascii_alphanumeric())
                && ((5..=8).contains(&variant.len()) || (variant.len() == 4 && digit(&variant[..1])));
            if !fine {
                return Err(BadText::Malformed);
            }
            tag.push('-');
            tag.push_str(&variant.to_ascii_lowercase());
        }
        Ok(Locale(tag))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or("")
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_string!(Locale);

/// Reads a space-separated list (`ui_locales`, `claims_locales`). What is not a tag is passed over: the parameter
/// is a wish (OpenID Connect Core, 3.1.2.1).
pub fn ui_locales(text: &str) -> Vec<Locale> {
    text.split(' ')
        .filter(|word| !word.is_empty())
        .take(LOCALES)
        .filter_map(|word| Locale::parse(word).ok())
        .collect()
}

/// Reads an `Accept-Language` header (RFC 9110, 12.5.4), best first. `*` and what is not a tag are passed over.
pub fn accept_language(header: &str) -> Vec<Locale> {
    let mut weighted: Vec<(u16, Locale)> = header
        .split(',')
        .take(LOCALES)
        .filter_map(|range| {
            let (tag, weight) = match range.split_once(';') {
                Some((tag, weight)) => (tag, quality(weight.trim().strip_prefix("q=")?)?),
                None => (range, 1000),
            };
            Some((weight, Locale::parse(tag.trim()).ok()?)).filter(|(weight, _)| *weight > 0)
        })
        .collect();
    weighted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighted.into_iter().map(|(_, locale)| locale).collect()
}

/// The first available locale that fits, by look-up: each wish in turn, shortened from its end until one is there.
pub fn negotiate<'a>(wished: &[Locale], available: &'a [Locale]) -> Option<&'a Locale> {
    wished.iter().find_map(|wish| {
        let mut tag = wish.as_str();
        loop {
            if let Some(found) = available.iter().find(|locale| locale.as_str() == tag) {
                return Some(found);
            }
            tag = &tag[..tag.rfind('-')?];
        }
    })
}

/// A weight in thousandths.
fn quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales(tags: &[&str]) -> Vec<Locale> {
        tags.iter().map(|tag| Locale::parse(tag).unwrap()).collect()
    }

    #[test]
    fn tags_are_written_one_way() {
        let rows = [
            ("de", "de"),
            ("DE-ch", "de-CH"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("sl-Rozaj-1994", "sl-rozaj-1994"),
            ("haw", "haw"),
        ];
        for (text, expected) in rows {
            assert_eq!(Locale::parse(text).unwrap().as_str(), expected);
        }
        assert_eq!(Locale::parse("zh-Hant-TW").unwrap().language(), "zh");
    }

    #[test]
    fn what_is_not_a_tag_is_refused() {
        let long = format!("de{}", "-abcde".repeat(6));
        let rows = [
            ("", BadText::Empty),
            ("d", BadText::Malformed),
            ("deutsch", BadText::Malformed),
            ("de_DE", BadText::Malformed),
            ("de-", BadText::Malformed),
            ("-de", BadText::Malformed),
            ("de--CH", BadText::Malformed),
            ("de-DE-CH", BadText::Malformed),
            ("x-private", BadText::Malformed),
            ("de-x-a", BadText::Malformed),
            ("d\u{e9}", BadText::Malformed),
            ("..", BadText::Malformed),
            ("../../etc/passwd", BadText::Malformed),
            ("de\n", BadText::Malformed),
            (long.as_str(), BadText::TooLong),
        ];
        for (text, expected) in rows {
            assert_eq!(Locale::parse(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_list_passes_over_what_is_not_a_tag() {
        // IS-019
        assert_eq!(ui_locales("../../etc/passwd de-CH  en"), locales(&["de-CH", "en"]));
        assert_eq!(ui_locales("../../etc/passwd"), []);
        assert_eq!(ui_locales(&"en ".repeat(1000)).len(), LOCALES);
    }

    #[test]
    fn weights_order_a_header() {
        assert_eq!(accept_language("en;q=0.5, de-CH, fr;q=0.75, *;q=0.1"), locales(&["de-CH", "fr", "en"]));
        assert_eq!(accept_language("en;q=0, de;q=1.000"), locales(&["de"]));
        assert_eq!(accept_language("en, de"), locales(&["en", "de"]));
        for odd in ["", ",", "en;q=2", "en;q=1.5", "en;q=0.1234", "en;q=-1", "en;q=", "en;x=1"] {
            assert_eq!(accept_language(odd), [], "{odd}");
        }
        assert_eq!(accept_language(&"en,".repeat(1000)).len(), LOCALES);
    }

    #[test]
    fn the_first_wish_that_can_be_met_is_met() {
        let available = locales(&["en", "de", "pt-BR"]);
        let rows: &[(&[&str], Option<&str>)] = &[
            (&["de-CH", "en"], Some("de")),
            (&["fr", "en-GB"], Some("en")),
            (&["pt-BR"], Some("pt-BR")),
            (&["pt"], None),
            (&["zh-Hant-TW"], None),
            (&[], None),
        ];
        for (wished, expected) in rows {
            assert_eq!(negotiate(&locales(wished), &available).map(Locale::as_str), *expected, "{wished:?}");
        }
    }
}
