//! The pages of the second factor: its code, setting it up, its recovery codes, and what is done with it on the account page.

use askama::Template;

use super::{Frame, Policy, View, render};
use crate::page::qr::Qr;

/// Asks for a code. Posts `code` or `recovery`, `request`, `form` and `action` (`verify`, or `by-recovery` and `by-code` for the other
/// kind) to `{base}/second-factor`.
#[derive(Clone, Debug, Template)]
#[template(path = "second_factor.html")]
pub struct CodeStep {
    /// What stands around it.
    pub frame: Frame,
    /// The application that is waiting, if one is known.
    pub client: Option<String>,
    /// The sealed request.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// Whether a recovery code is asked for.
    pub by_recovery: bool,
    /// Why the last try failed.
    pub problem: Option<CodeProblem>,
}

/// Shows a new seed. Posts `code`, `request`, `form` and `action=enrol` to `{base}/second-factor`.
#[derive(Clone, Debug, Template)]
#[template(path = "second_factor_enrol.html")]
pub struct EnrolFactor {
    /// What stands around it.
    pub frame: Frame,
    /// The sealed request, which holds the seed.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// Whether the person must set one up to go on.
    pub is_due: bool,
    /// The seed as an image.
    pub qr: Qr,
    /// The seed as an address that an app on the device opens.
    pub link: String,
    /// The seed as text.
    pub secret: String,
    /// Why the last try failed.
    pub problem: Option<CodeProblem>,
}

/// Shows recovery codes, once. Posts `request`, `form` and `action=continue` to `{base}/second-factor`.
#[derive(Clone, Debug, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodes {
    /// What stands around it.
    pub frame: Frame,
    /// The sealed request.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// The codes.
    pub codes: Vec<String>,
    /// Whether they are the first; else they take the place of others.
    pub is_first: bool,
}

/// What a person does with their factor. Posts `password`, `form` and `action` (`begin`, `new-codes`, `remove`) to
/// `{base}/account/second-factor`.
#[derive(Clone, Debug, Template)]
#[template(path = "second_factor_manage.html")]
pub struct ManageFactor {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// User name, for password managers.
    pub user_name: String,
    /// Since when they have one, seconds since the epoch.
    pub since: Option<i64>,
    /// Recovery codes that are left.
    pub codes_left: i64,
    /// Whether they must have one.
    pub is_required: bool,
    /// Whether the tenant lets people set one up.
    pub is_offered: bool,
    /// What the last form did.
    pub notice: Option<FactorNotice>,
    /// Why the last form did nothing.
    pub problem: Option<FactorProblem>,
}

/// Why a code was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// The recovery code is none of those that are left.
    Recovery,
    /// Too many tries; how many seconds to wait.
    Throttled {
        /// Seconds.
        seconds: i64,
    },
    /// It was used before.
    Used,
    /// It is not the code of these minutes.
    Wrong,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorProblem {
    /// The person must keep it.
    Required,
    /// Too many tries; how many seconds to wait.
    Throttled {
        /// Seconds.
        seconds: i64,
    },
    /// The password is wrong.
    WrongPassword,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorNotice {
    /// There is one now.
    Added,
    /// It is gone.
    Removed,
    /// The form was stale, nothing was changed.
    Stale,
}

impl CodeProblem {
    fn text(self, frame: &Frame) -> String {
        match self {
            Self::Recovery => frame.say("factor-recovery-wrong"),
            Self::Throttled { seconds } => frame.get("sign-in-throttled", &[("span", &frame.span(&seconds))]),
            Self::Used => frame.say("factor-code-used"),
            Self::Wrong => frame.say("factor-code-wrong"),
        }
    }
}

impl CodeStep {
    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| problem.text(&self.frame))
    }
}

impl EnrolFactor {
    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| problem.text(&self.frame))
    }
}

impl ManageFactor {
    fn can_act(&self) -> bool {
        self.since.is_some() || self.is_offered
    }

    fn is_good(&self) -> bool {
        self.notice != Some(FactorNotice::Stale)
    }

    fn notice_text(&self) -> Option<String> {
        self.notice.map(|notice| match notice {
            FactorNotice::Added => self.frame.say("factor-added"),
            FactorNotice::Removed => self.frame.say("factor-removed"),
            FactorNotice::Stale => self.frame.say("account-stale"),
        })
    }

    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| match problem {
            FactorProblem::Required => self.frame.say("factor-must-stay"),
            FactorProblem::Throttled { seconds } => {
                self.frame.get("sign-in-throttled", &[("span", &self.frame.span(&seconds))])
            }
            FactorProblem::WrongPassword => self.frame.say("password-wrong-current"),
        })
    }
}

impl View for CodeStep {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for EnrolFactor {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for RecoveryCodes {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for ManageFactor {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
