//! The message catalogue: every sentence that a person reads, in every language we speak.
//!
//! The one seam to Fluent. Messages hold no markup; values of visitors and operators are escaped
//! and isolated here, so that a name written from right to left cannot reorder the sentence.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use askama::filters::Safe;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// The texts of one language.
pub struct Texts {
    locale: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of `locale` (`de`, `de-CH`), English where we do not speak it.
    pub fn for_locale(locale: &str) -> &'static Self {
        Self::spoken(locale).unwrap_or(&ENGLISH)
    }

    /// The texts of `locale`, or `None` where we do not speak it. Only the language counts.
    pub fn spoken(locale: &str) -> Option<&'static Self> {
        let language = locale.split(['-', '_']).next().unwrap_or(locale);
        ALL.into_iter().map(|texts| &**texts).find(|texts| texts.locale.eq_ignore_ascii_case(language))
    }

    /// All languages we speak, the default first.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ALL.into_iter().map(|texts| &**texts)
    }

    /// The language tag for `<html lang>` and `Content-Language`.
    pub fn locale(&self) -> &'static str {
        self.locale
    }

    /// A message as plain text, not escaped; a missing one is its key.
    pub fn get(&self, key: &str, values: &[(&str, &str)]) -> String {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
        self.format(key, values)
    }

    /// A message without variables.
    pub fn say(&self, key: &str) -> String {
        self.format(key, Vec::new())
    }

    /// A message that counts: `$count` chooses the plural form.
    pub fn count(&self, key: &str, count: i64) -> String {
        self.format(key, vec![("count", FluentValue::from(count))])
    }

    /// A message as HTML: each value is escaped and stands in its own `<bdi>`.
    pub fn html(&self, key: &str, values: &[(&str, &str)]) -> Safe<String> {
        let values = values
            .iter()
            .map(|(name, value)| (*name, FluentValue::from(format!("<bdi>{}</bdi>", escape(value)))))
            .collect();
        Safe(self.format(key, values))
    }

    fn format(&self, key: &str, values: Vec<(&str, FluentValue<'_>)>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            check(false, key);
            return key.to_owned();
        };
        let arguments: FluentArgs = values.into_iter().collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned();
        check(errors.is_empty(), key);
        text
    }

    fn read(locale: &'static str, source: &str) -> Self {
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, errors)| {
            check(errors.is_empty(), locale);
            resource
        });
        let mut bundle = FluentBundle::new_concurrent(vec![locale.parse().unwrap_or_default()]);
        // Titles and attributes are plain text, the marks would show there; `html` isolates by <bdi>.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { locale, bundle }
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Texts({})", self.locale)
    }
}

/// Under test a fault of a catalogue is a failure; a running server shows what it has.
fn check(holds: bool, what: &str) {
    assert!(holds || !cfg!(test), "fault of a catalogue: {what}");
}

/// `text` with the five characters escaped that mean something in HTML.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&#38;"),
            '<' => escaped.push_str("&#60;"),
            '>' => escaped.push_str("&#62;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// The catalogue of English, which is also the list of all messages.
pub(super) const ENGLISH_SOURCE: &str = include_str!("../../locales/en.ftl");
/// The catalogue of German.
pub(super) const GERMAN_SOURCE: &str = include_str!("../../locales/de.ftl");

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read("en", ENGLISH_SOURCE));
static GERMAN: LazyLock<Texts> = LazyLock::new(|| Texts::read("de", GERMAN_SOURCE));
static ALL: [&LazyLock<Texts>; 2] = [&ENGLISH, &GERMAN];
