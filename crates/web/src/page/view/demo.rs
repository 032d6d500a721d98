//! The pages of the demo relying party that `doorward dev` serves on an origin of its own.

use askama::Template;
use askama::filters::Safe;

use super::demo_refusal::DemoRefusal;
use super::{Frame, Policy, View, render};
use crate::page::text::escape;

/// The first page. Sends a GET to `/login` with `scope`, `prompt`, `login_hint`, `resource` and
/// `response_mode` (empty ones are as good as absent).
#[derive(Clone, Debug, Template)]
#[template(path = "demo/home.html")]
pub struct DemoHome {
    /// What stands around it.
    pub frame: Frame,
    /// The issuer that it signs in at.
    pub issuer: String,
    /// The scopes to ask for, to be edited.
    pub scope: String,
    /// The API that may be asked for as `resource`.
    pub api: String,
    /// The person has just signed out.
    pub signed_out: bool,
    /// Names that one can sign in with, and their password.
    pub people: Vec<String>,
    /// The password of all of them.
    pub password: String,
    /// The sequences that it plays: what each is called in addresses, and to people.
    pub systems: Vec<(String, String)>,
}

/// The page of a person who has signed in. Its forms post `form` to `/userinfo`, `/refresh` and
/// `/sign-out`.
#[derive(Clone, Debug, Template)]
#[template(path = "demo/signed_in.html")]
pub struct DemoSignedIn {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Whom the ID token names.
    pub name: String,
    /// The ID token.
    pub id_token: DemoToken,
    /// The access token.
    pub access_token: DemoToken,
    /// The scopes that were issued.
    pub scope: String,
    /// When the access token ends, seconds since the epoch.
    pub expires_at: i64,
    /// There is a refresh token.
    pub can_refresh: bool,
    /// How often it was refreshed.
    pub refreshed: u32,
    /// The answer of userinfo, as formatted JSON.
    pub userinfo: Option<String>,
    /// A call that was refused.
    pub problem: Option<DemoRefusal>,
}

/// The mails that the server would have sent.
#[derive(Clone, Debug, Template)]
#[template(path = "demo/mails.html")]
pub struct DemoMails {
    /// What stands around it.
    pub frame: Frame,
    /// All of them, newest first.
    pub mails: Vec<DemoMailRow>,
    /// The one that is read.
    pub shown: Option<DemoMail>,
}

/// A mail in the list.
#[derive(Clone, Debug)]
pub struct DemoMailRow {
    /// Its number, from 0.
    pub number: usize,
    /// To whom.
    pub to: String,
    /// About what.
    pub subject: String,
}

/// A mail that is read.
#[derive(Clone, Debug)]
pub struct DemoMail {
    /// Its number, from 0.
    pub number: usize,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// About what.
    pub subject: String,
    /// What it says.
    pub paragraphs: Vec<String>,
    /// Where its button leads.
    pub link: Option<String>,
}

impl DemoMail {
    fn safe_link(&self) -> Option<&str> {
        self.link.as_deref().filter(|link| super::is_harmless(link))
    }
}

impl View for DemoMails {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}

/// A token as the demo shows it.
#[derive(Clone, Debug, Default)]
pub struct DemoToken {
    /// As it came.
    pub raw: String,
    /// Its header as formatted JSON; `None` for an opaque one.
    pub header: Option<String>,
    /// Its claims as formatted JSON; `None` for an opaque one.
    pub claims: Option<String>,
}

/// The page of a sign-in that failed.
#[derive(Clone, Debug, Template)]
#[template(path = "demo/error.html")]
pub struct DemoError {
    /// What stands around it.
    pub frame: Frame,
    /// What went wrong.
    pub refusal: DemoRefusal,
}

impl DemoSignedIn {
    fn has_refreshed(&self) -> bool {
        self.refreshed > 0
    }

    fn refresh_count(&self) -> i64 {
        i64::from(self.refreshed)
    }
}

impl View for DemoHome {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for DemoSignedIn {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for DemoError {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}

/// Formatted JSON as HTML: names and strings in `<span>`s of their own, everything escaped.
pub(super) fn json(text: &str) -> Safe<String> {
    let mut html = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        html.push_str(&escape(&rest[..start]));
        let end = string_end(&rest[start..]);
        let (string, after) = rest[start..].split_at(end);
        let class = if after.trim_start().starts_with(':') { "json-name" } else { "json-text" };
        html.push_str(&format!("<span class=\"{class}\">{}</span>", escape(string)));
        rest = after;
    }
    html.push_str(&escape(rest));
    Safe(html)
}

/// Where the JSON string ends that `text` begins with; its length where it does not end.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The parts of a compact token, to be coloured: header, payload, signature.
pub(super) fn parts(raw: &str) -> Vec<&str> {
    raw.split('.').collect()
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn json_is_escaped_and_marked() {
        assert_eq!(
            json(r#"{"a\"<": "b\\", "n": 1}"#).0,
            "{<span class=\"json-name\">&#34;a\\&#34;&#60;&#34;</span>: \
             <span class=\"json-text\">&#34;b\\\\&#34;</span>, \
             <span class=\"json-name\">&#34;n&#34;</span>: 1}"
        );
        assert_eq!(json("<\"ä").0, "&#60;<span class=\"json-text\">&#34;ä</span>");
    }
}
