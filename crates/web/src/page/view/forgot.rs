//! The pages of a forgotten password: asking for a link, and choosing a new password through it.

use askama::Template;

use super::account::PasswordProblem;
use super::{Frame, Policy, View, render};

/// Posts `username`, `form` and `action=send` to `{base}/forgot-password`.
#[derive(Clone, Debug, Template)]
#[template(path = "forgot.html")]
pub struct Forgot {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// What was typed.
    pub user_name: String,
    /// Whether it was asked for: one answer, whoever was meant.
    pub is_sent: bool,
}

/// Posts `password`, `password_again`, `link`, `form` and `action=change` to `{base}/reset-password`.
#[derive(Clone, Debug, Template)]
#[template(path = "reset_password.html")]
pub struct ResetPassword {
    /// What stands around it.
    pub frame: Frame,
    /// The secret of the link.
    pub link: String,
    /// The token against forged forms.
    pub form: String,
    /// Whether the link works.
    pub works: bool,
    /// Whose password it is.
    pub user_name: String,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the last try failed.
    pub problem: Option<ResetProblem>,
}

/// Why no new password was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetProblem {
    /// The password was not taken.
    Password(PasswordProblem),
    /// The form was stale: this is a fresh one.
    Stale,
}

impl ResetPassword {
    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| match problem {
            ResetProblem::Password(problem) => problem.text(&self.frame, self.password_min_length),
            ResetProblem::Stale => self.frame.say("sign-in-stale"),
        })
    }

    fn password_hint(&self) -> String {
        self.frame.texts.count("password-hint", i64::from(self.password_min_length))
    }
}

impl View for Forgot {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for ResetPassword {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
