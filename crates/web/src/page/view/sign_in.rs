//! The sign-in page.

use askama::Template;

use super::{Frame, Policy, View, render};

/// Posts `username`, `password`, `remember` (`on` or absent), `request`, `form` and `action=sign-in` to
/// `{base}/sign-in`.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What stands around it.
    pub frame: Frame,
    /// The application that is waiting, if one is.
    pub client: Option<String>,
    /// The sealed request; empty: back to the account page afterwards.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// The user name to start with (`login_hint`, or what was typed).
    pub user_name: String,
    /// People may make accounts by themselves.
    pub offers_sign_up: bool,
    /// A link for a forgotten password can be mailed.
    pub offers_reset: bool,
    /// "Stay signed in" is offered.
    pub offers_remember: bool,
    /// … and ticked.
    pub remember: bool,
    /// Why the last try failed.
    pub problem: Option<SignInProblem>,
    /// Why the person sees this page (again), where that is not plain.
    pub notice: Option<SignInNotice>,
}

/// Why a sign-in failed, as far as the person may know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInProblem {
    /// Unknown user, wrong password, disabled: one and the same answer.
    Refused,
    /// Too many tries; how many seconds to wait.
    Throttled {
        /// Seconds.
        seconds: i64,
    },
}

/// Why a person sees the sign-in page although they did not get anything wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// The client asks for a fresh sign-in (`prompt=login`, `max_age`).
    Again,
    /// Their account was made.
    Joined,
    /// A new password was chosen.
    Reset,
    /// The first administrator has been created.
    SetUp,
    /// The form was stale (expired, another tab, lost cookie): this is a fresh one.
    Stale,
}

impl SignIn {
    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| match problem {
            SignInProblem::Refused => self.frame.say("sign-in-refused"),
            SignInProblem::Throttled { seconds } => {
                self.frame.get("sign-in-throttled", &[("span", &self.frame.span(&seconds))])
            }
        })
    }

    fn notice_text(&self) -> Option<String> {
        self.notice.map(|notice| match notice {
            SignInNotice::Again => self.frame.say("sign-in-again"),
            SignInNotice::Joined => self.frame.say("join-done"),
            SignInNotice::Reset => self.frame.say("reset-done"),
            SignInNotice::SetUp => self.frame.say("sign-in-set-up"),
            SignInNotice::Stale => self.frame.say("sign-in-stale"),
        })
    }

    fn focuses_user_name(&self) -> bool {
        self.problem.is_none() && self.user_name.is_empty()
    }

    fn focuses_password(&self) -> bool {
        self.problem.is_none() && !self.user_name.is_empty()
    }
}

impl View for SignIn {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
