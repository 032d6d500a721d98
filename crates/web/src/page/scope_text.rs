//! What each scope means, in words: the standard ones from the catalogue, those of an API as its
//! operator describes them.

use super::text::Texts;

/// A scope as a page shows it.
#[derive(Clone, Debug, Default)]
pub struct ScopeLine {
    /// The scope token, shown only where there are no words for it.
    pub name: String,
    /// The API's words for it, one sentence; ignored for standard scopes.
    pub description: Option<String>,
    /// The name of the API it belongs to.
    pub api: Option<String>,
    /// Not yet allowed in an earlier consent.
    pub is_new: bool,
}

impl ScopeLine {
    /// A scope without words of an operator.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// What it lets an application do, in a few words.
    pub fn title(&self, texts: &Texts) -> String {
        match (standard(&self.name), &self.description) {
            (Some((_, title, _)), _) => texts.say(title),
            (None, Some(description)) => description.clone(),
            (None, None) => self.name.clone(),
        }
    }

    /// What that means, where the title does not say it all.
    pub fn explanation(&self, texts: &Texts) -> Option<String> {
        match (standard(&self.name), &self.api) {
            (Some((_, _, explanation)), _) => Some(texts.say(explanation)),
            (None, Some(api)) => Some(texts.get("scope-of-api", &[("api", api), ("scope", &self.name)])),
            (None, None) => self.description.is_some().then(|| self.name.clone()),
        }
    }
}

fn standard(name: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    STANDARD.iter().find(|(scope, ..)| *scope == name)
}

/// Scope, title, explanation. OpenID Connect Core 1.0, sections 5.4 and 11.
const STANDARD: &[(&str, &str, &str)] = &[
    ("openid", "scope-openid", "scope-openid-explained"),
    ("profile", "scope-profile", "scope-profile-explained"),
    ("email", "scope-email", "scope-email-explained"),
    ("address", "scope-address", "scope-address-explained"),
    ("phone", "scope-phone", "scope-phone-explained"),
    ("offline_access", "scope-offline-access", "scope-offline-access-explained"),
];
