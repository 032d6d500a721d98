//! The page on which a person changes or confirms their e-mail address.

use askama::Template;

use super::{Frame, Policy, View, render};

/// Posts to `{base}/account/email`, each with `form`: `action=verify`; or `email`, `password` and `action=change`.
#[derive(Clone, Debug, Template)]
#[template(path = "change_email.html")]
pub struct ChangeEmail {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Whose account.
    pub user_name: String,
    /// The address they have.
    pub email: Option<String>,
    /// It is confirmed.
    pub is_verified: bool,
    /// What was typed.
    pub typed: String,
    /// What the last form did.
    pub notice: Option<EmailNotice>,
    /// Why the last try failed.
    pub problem: Option<EmailProblem>,
}

/// What the last form did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailNotice {
    /// A mail went to the new address.
    Changing,
    /// A mail went to the address.
    Verifying,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailProblem {
    /// It is no address.
    Bad,
    /// It is the address that they have.
    Same,
    /// Too many mails were asked for.
    TooMany,
    /// Too many wrong passwords; seconds to wait.
    Throttled {
        /// Seconds.
        seconds: i64,
    },
    /// The password is wrong.
    WrongPassword,
}

impl ChangeEmail {
    fn notice_text(&self) -> Option<String> {
        self.notice.map(|notice| match notice {
            EmailNotice::Changing => self.frame.say("email-changing"),
            EmailNotice::Verifying => self.frame.say("email-verifying"),
        })
    }

    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| match problem {
            EmailProblem::Bad => self.frame.say("set-up-bad-email"),
            EmailProblem::Same => self.frame.say("email-same"),
            EmailProblem::TooMany => self.frame.say("email-too-many"),
            EmailProblem::Throttled { seconds } => {
                self.frame.get("sign-in-throttled", &[("span", &self.frame.span(&seconds))])
            }
            EmailProblem::WrongPassword => self.frame.say("password-wrong-current"),
        })
    }

    fn email_is_wrong(&self) -> bool {
        matches!(self.problem, Some(EmailProblem::Bad | EmailProblem::Same))
    }

    fn password_is_wrong(&self) -> bool {
        matches!(self.problem, Some(EmailProblem::WrongPassword | EmailProblem::Throttled { .. }))
    }
}

impl View for ChangeEmail {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
