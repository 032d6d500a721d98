//! The set-up page: the one-time link of the first start makes the first administrator.

use askama::Template;
use doorward_wire::text::shown_of;

use super::account::PasswordProblem;
use super::{Frame, Policy, View, render};

/// Posts `username`, `email`, `password`, `password_again`, `link`, `form` and `action=set-up` to
/// `{base}/setup`.
#[derive(Clone, Debug, Template)]
#[template(path = "set_up.html")]
pub struct SetUp {
    /// What stands around it.
    pub frame: Frame,
    /// The secret of the link.
    pub link: String,
    /// The token against forged forms.
    pub form: String,
    /// Whether the link can still be used.
    pub state: SetUpState,
    /// What was typed.
    pub user_name: String,
    /// What was typed.
    pub email: String,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the last try failed.
    pub problem: Option<SetUpProblem>,
}

/// Whether a set-up link can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpState {
    /// There is an administrator already.
    Done,
    /// It is too old, used or unknown.
    Expired,
    /// It can be used.
    Open,
}

/// Why the first administrator was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpProblem {
    /// The e-mail address is none.
    BadEmail,
    /// The user name is empty or too long, or holds that character, which we do not take.
    BadUserName(Option<char>),
    /// The password was not taken.
    Password(PasswordProblem),
    /// The form was stale: this is a fresh one.
    Stale,
}

/// What is wrong with a user name, and with which character of it.
pub(super) fn user_name_problem(frame: &Frame, character: Option<char>) -> String {
    match character {
        None => frame.say("set-up-bad-user-name"),
        Some('@') => frame.say("set-up-user-name-address"),
        Some(c) if c.is_whitespace() => frame.say("set-up-user-name-space"),
        Some(c) => frame.get("set-up-bad-character", &[("character", &shown_of(c))]),
    }
}

impl SetUp {
    fn is_open(&self) -> bool {
        self.state == SetUpState::Open
    }

    fn is_done(&self) -> bool {
        self.state == SetUpState::Done
    }

    fn closed_title(&self) -> String {
        self.frame.say(match self.state {
            SetUpState::Done => "set-up-done",
            SetUpState::Expired | SetUpState::Open => "set-up-expired",
        })
    }

    fn closed_text(&self) -> String {
        self.frame.say(match self.state {
            SetUpState::Done => "set-up-done-text",
            SetUpState::Expired | SetUpState::Open => "set-up-expired-text",
        })
    }

    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| match problem {
            SetUpProblem::BadEmail => self.frame.say("set-up-bad-email"),
            SetUpProblem::BadUserName(character) => user_name_problem(&self.frame, character),
            SetUpProblem::Password(problem) => problem.text(&self.frame, self.password_min_length),
            SetUpProblem::Stale => self.frame.say("sign-in-stale"),
        })
    }

    fn user_name_is_wrong(&self) -> bool {
        matches!(self.problem, Some(SetUpProblem::BadUserName(_)))
    }

    fn email_is_wrong(&self) -> bool {
        self.problem == Some(SetUpProblem::BadEmail)
    }

    fn password_is_wrong(&self) -> bool {
        matches!(self.problem, Some(SetUpProblem::Password(_)))
    }

    fn password_hint(&self) -> String {
        self.frame.texts.count("password-hint", i64::from(self.password_min_length))
    }
}

impl View for SetUp {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
