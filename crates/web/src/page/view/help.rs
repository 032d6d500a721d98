//! The pages that help people: a forgotten password, links that came by mail or from an administrator, invitations, signing up.

use askama::Template;

use super::account::PasswordProblem;
use super::set_up::user_name_problem;
use super::{Frame, Policy, View, render};

/// Asks for the mail by which people sign up. Posts `email`, `form` and `action=send` to `{base}/sign-up`.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_up.html")]
pub struct SignUp {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// What was typed.
    pub typed: String,
    /// How far it is.
    pub state: AskState,
}

/// How far signing up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskState {
    /// What was typed is no address.
    Bad,
    /// Addresses of that domain are not taken.
    Domain,
    /// Nothing was typed yet.
    Open,
    /// A mail is on its way, whoever has the address.
    Sent,
    /// The form was stale: this is a fresh one.
    Stale,
}

/// Chooses a new password on the way of a sign-in. Posts `new_password`, `new_password_again`, `request`, `form` and `action=choose`
/// to `{base}/new-password`.
#[derive(Clone, Debug, Template)]
#[template(path = "choose_password.html")]
pub struct ChoosePassword {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// The sealed request.
    pub request: String,
    /// Whose password, for password managers.
    pub user_name: String,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the last try failed.
    pub problem: Option<PasswordProblem>,
}

/// One button behind a link. Posts `link`, `form` and `action=go` to `{base}{action}`.
#[derive(Clone, Debug, Template)]
#[template(path = "link_step.html")]
pub struct LinkStep {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Where it is posted to, below the issuer.
    pub action: String,
    /// The link's secret.
    pub link: String,
    /// What the button does.
    pub step: Step,
    /// How far it is.
    pub state: StepState,
    /// Whose account.
    pub user_name: String,
    /// The address that it is about.
    pub address: String,
    /// Where a new password is chosen, after a change that was taken back.
    pub new_password: Option<String>,
}

/// What a link's button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Confirms a new address.
    ChangeAddress,
    /// An invitation; shown only when it is over.
    Join,
    /// Signs in.
    SignIn,
    /// Takes a change of address back.
    UndoAddress,
    /// Confirms the address.
    VerifyAddress,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It is done.
    Done,
    /// The link is used, too old, or followed by a newer one.
    Expired,
    /// The button is there.
    Open,
    /// The address belongs to another account now.
    Taken,
}

/// Makes an account, by an invitation or after signing up. Posts `username`, `name`, `email`, `password`, `password_again`, `link`,
/// `form` and `action=join` to `{base}{action}`.
#[derive(Clone, Debug, Template)]
#[template(path = "join.html")]
pub struct Join {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Where it is posted to, below the issuer.
    pub action: String,
    /// The link's secret.
    pub link: String,
    /// Whether somebody invited them.
    pub is_invited: bool,
    /// What was typed.
    pub user_name: String,
    /// What was typed.
    pub name: String,
    /// The address, and whether the link settles it.
    pub email: String,
    /// The address cannot be another one.
    pub is_settled: bool,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the last try failed.
    pub problem: Option<JoinProblem>,
}

/// Why an account was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinProblem {
    /// The address belongs to another account.
    AddressTaken,
    /// The address is none.
    BadEmail,
    /// The name is none.
    BadName,
    /// The user name is none, for that character where it has one.
    BadUserName(Option<char>),
    /// The user name belongs to another account.
    NameTaken,
    /// The password was not taken.
    Password(PasswordProblem),
    /// The form was stale: this is a fresh one.
    Stale,
}

impl SignUp {
    fn is_sent(&self) -> bool {
        self.state == AskState::Sent
    }

    fn problem_text(&self) -> Option<String> {
        match self.state {
            AskState::Bad => Some(self.frame.say("set-up-bad-email")),
            AskState::Domain => Some(self.frame.say("sign-up-domain")),
            AskState::Stale => Some(self.frame.say("sign-in-stale")),
            AskState::Open | AskState::Sent => None,
        }
    }
}

impl ChoosePassword {
    fn hint(&self) -> String {
        self.frame.texts.count("password-hint", i64::from(self.password_min_length))
    }

    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| problem.text(&self.frame, self.password_min_length))
    }
}

impl LinkStep {
    fn title(&self) -> String {
        self.frame.say(match (self.state, self.step) {
            (StepState::Expired, _) => "link-spent",
            (StepState::Taken, _) => "link-taken",
            (StepState::Open, Step::SignIn | Step::Join) => "link-sign-in",
            (StepState::Open, Step::UndoAddress) => "link-undo",
            (StepState::Open, Step::ChangeAddress | Step::VerifyAddress) => "link-confirm",
            (StepState::Done, Step::UndoAddress) => "link-undone",
            (StepState::Done, _) => "link-confirmed",
        })
    }

    fn lead(&self) -> String {
        let values = [("address", self.address.as_str()), ("user", self.user_name.as_str())];
        match (self.state, self.step) {
            (StepState::Expired, Step::Join) => self.frame.say("link-over-join"),
            (StepState::Expired, _) => self.frame.say("link-over-text"),
            (StepState::Taken, _) => self.frame.say("link-taken-text"),
            (StepState::Open, Step::SignIn | Step::Join) => self.frame.get("link-sign-in-text", &values[1..]),
            (StepState::Open, Step::UndoAddress) => self.frame.get("link-undo-text", &values),
            (StepState::Open, Step::ChangeAddress | Step::VerifyAddress) => {
                self.frame.get("link-confirm-text", &values)
            }
            (StepState::Done, Step::UndoAddress) => self.frame.get("link-undone-text", &values[..1]),
            (StepState::Done, _) => self.frame.get("link-confirmed-text", &values[..1]),
        }
    }

    fn button(&self) -> String {
        self.frame.say(match self.step {
            Step::SignIn | Step::Join => "sign-in-button",
            Step::UndoAddress => "link-undo-button",
            Step::ChangeAddress | Step::VerifyAddress => "link-confirm-button",
        })
    }

    fn is_open(&self) -> bool {
        self.state == StepState::Open
    }

    fn offers_new_password(&self) -> bool {
        (self.state, self.step) == (StepState::Done, Step::UndoAddress)
    }
}

impl Join {
    fn title(&self) -> String {
        self.frame.say(if self.is_invited { "join-invited" } else { "join-title" })
    }

    fn hint(&self) -> String {
        self.frame.texts.count("password-hint", i64::from(self.password_min_length))
    }

    fn problem_text(&self) -> Option<String> {
        self.problem.map(|problem| match problem {
            JoinProblem::AddressTaken => self.frame.say("join-address-taken"),
            JoinProblem::BadEmail => self.frame.say("set-up-bad-email"),
            JoinProblem::BadName => self.frame.say("join-bad-name"),
            JoinProblem::BadUserName(character) => user_name_problem(&self.frame, character),
            JoinProblem::NameTaken => self.frame.say("join-name-taken"),
            JoinProblem::Password(problem) => problem.text(&self.frame, self.password_min_length),
            JoinProblem::Stale => self.frame.say("sign-in-stale"),
        })
    }

    fn user_name_is_wrong(&self) -> bool {
        matches!(self.problem, Some(JoinProblem::BadUserName(_) | JoinProblem::NameTaken))
    }

    fn email_is_wrong(&self) -> bool {
        matches!(self.problem, Some(JoinProblem::BadEmail | JoinProblem::AddressTaken))
    }

    fn name_is_wrong(&self) -> bool {
        self.problem == Some(JoinProblem::BadName)
    }

    fn password_is_wrong(&self) -> bool {
        matches!(self.problem, Some(JoinProblem::Password(_)))
    }
}

impl View for SignUp {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for ChoosePassword {
    /// The answer may lead to the client.
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for LinkStep {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for Join {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
