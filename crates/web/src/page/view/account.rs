//! The account page: profile, password, sessions, applications.

use askama::Template;

use super::{Frame, Policy, View, render};
use crate::page::device;
use crate::page::scope_text::ScopeLine;

/// Its forms, each with `form`:
/// - `{base}/account/password`: `username`, `password`, `new_password`, `new_password_again`,
///   `action=change-password`
/// - `{base}/account/sessions`: `session` and `action=end`, or `action=end-others`
/// - `{base}/account/applications`: `application` and `action=revoke`
/// - `{base}/sign-out`: `action=sign-out`
#[derive(Clone, Debug, Template)]
#[template(path = "account.html")]
pub struct Account {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Display name, may be empty.
    pub name: String,
    /// User name.
    pub user_name: String,
    /// E-mail address, where there is one.
    pub email: Option<String>,
    /// The address is confirmed.
    pub email_verified: bool,
    /// It can be changed: the server sends mail.
    pub offers_email: bool,
    /// The person's language tag, where one is set.
    pub locale: Option<String>,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the password was not changed.
    pub password_problem: Option<PasswordProblem>,
    /// Whether they have a second factor; none where nobody may set one up.
    pub second_factor: Option<bool>,
    /// What the last form did.
    pub notice: Option<AccountNotice>,
    /// Where the person is signed in, this browser first.
    pub sessions: Vec<SessionRow>,
    /// Whether something is installed where they belong.
    pub has_extensions: bool,
    /// What they let in.
    pub applications: Vec<ApplicationRow>,
}

/// A browser in which the person is signed in.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The value of the field `session`.
    pub id: String,
    /// The `User-Agent` of the sign-in, where known.
    pub user_agent: Option<String>,
    /// The address of the sign-in, where known.
    pub address: Option<String>,
    /// Signed in at, seconds since the epoch.
    pub since: i64,
    /// Last seen at, seconds since the epoch.
    pub last_used: i64,
    /// It is the one that looks at this page.
    pub is_current: bool,
}

/// An application that the person let in: a consent.
#[derive(Clone, Debug)]
pub struct ApplicationRow {
    /// The value of the field `application`.
    pub id: String,
    /// Its name.
    pub client: String,
    /// Its host, where it has one.
    pub client_host: Option<String>,
    /// What it is installed in, where it is an extension that was allowed there.
    pub installed_in: Option<String>,
    /// What it may do.
    pub scopes: Vec<ScopeLine>,
    /// Allowed at, seconds since the epoch.
    pub since: i64,
    /// Last used at, seconds since the epoch.
    pub last_used: Option<i64>,
    /// It has access while the person is away.
    pub is_offline: bool,
}

/// What the last form of the account page did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNotice {
    /// An application was shut out.
    ApplicationRevoked,
    /// All other browsers were signed out.
    OtherSessionsEnded,
    /// The password was changed; the other sessions ended.
    PasswordChanged,
    /// One browser was signed out.
    SessionEnded,
    /// The form was stale, nothing was changed.
    Stale,
}

/// Why a new password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// The two new ones differ.
    Differs,
    /// It holds the name of the person or of the service.
    HoldsName,
    /// It is on the list of known ones, as it is or nearly so.
    Known,
    /// It is the one that it shall replace.
    Same,
    /// It is easy to guess.
    TooCommon,
    /// It is longer than we take.
    TooLong,
    /// It is shorter than asked.
    TooShort,
    /// Too many wrong tries; how many seconds to wait.
    Throttled {
        /// Seconds.
        seconds: i64,
    },
    /// It holds characters that cannot be typed everywhere (controls).
    Unusable,
    /// The current one is wrong.
    WrongCurrent,
}

impl PasswordProblem {
    /// In words; `min_length` in characters.
    pub(super) fn text(self, frame: &Frame, min_length: u32) -> String {
        match self {
            Self::Differs => frame.say("password-differs"),
            Self::HoldsName => frame.say("password-holds-name"),
            Self::Known => frame.say("password-known"),
            Self::Same => frame.say("password-same"),
            Self::TooCommon => frame.say("password-too-common"),
            Self::TooLong => frame.say("password-too-long"),
            Self::TooShort => frame.texts.count("password-too-short", i64::from(min_length)),
            Self::Throttled { seconds } => frame.get("sign-in-throttled", &[("span", &frame.span(&seconds))]),
            Self::Unusable => frame.say("password-unusable"),
            Self::WrongCurrent => frame.say("password-wrong-current"),
        }
    }

    fn is_about_current(self) -> bool {
        matches!(self, Self::WrongCurrent | Self::Throttled { .. })
    }
}

impl ApplicationRow {
    fn scope_count(&self) -> i64 {
        self.scopes.len() as i64
    }
}

impl SessionRow {
    fn device(&self, frame: &Frame) -> String {
        self.user_agent
            .as_deref()
            .and_then(device::name)
            .unwrap_or_else(|| frame.say("account-unknown-device"))
    }
}

impl Account {
    fn password_problem_text(&self) -> Option<String> {
        self.password_problem.map(|problem| problem.text(&self.frame, self.password_min_length))
    }

    fn current_is_wrong(&self) -> bool {
        self.password_problem.is_some_and(PasswordProblem::is_about_current)
    }

    fn new_is_wrong(&self) -> bool {
        self.password_problem.is_some_and(|problem| !problem.is_about_current())
    }

    fn password_hint(&self) -> String {
        self.frame.texts.count("password-hint", i64::from(self.password_min_length))
    }

    fn notice_text(&self) -> Option<String> {
        self.notice.map(|notice| match notice {
            AccountNotice::ApplicationRevoked => self.frame.say("account-application-revoked"),
            AccountNotice::OtherSessionsEnded => self.frame.say("account-other-sessions-ended"),
            AccountNotice::PasswordChanged => self.frame.say("account-password-changed"),
            AccountNotice::SessionEnded => self.frame.say("account-session-ended"),
            AccountNotice::Stale => self.frame.say("account-stale"),
        })
    }

    fn is_stale(&self) -> bool {
        self.notice == Some(AccountNotice::Stale)
    }

    fn has_other_sessions(&self) -> bool {
        self.sessions.iter().any(|session| !session.is_current)
    }

    fn locale_name(&self) -> Option<String> {
        let tag = self.locale.as_deref()?;
        Some(match tag.split(['-', '_']).next() {
            Some("de") => self.frame.say("language-german"),
            Some("en") => self.frame.say("language-english"),
            _ => tag.to_owned(),
        })
    }
}

impl View for Account {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
