//! The pages that help people, in every state that looks different.

use super::samples::frame;
use crate::page::text::Texts;
use crate::page::view::{
    AskState, ChangeEmail, ChoosePassword, EmailNotice, EmailProblem, Join, JoinProblem, LinkStep,
    PasswordProblem, SignUp, Step, StepState, View,
};

/// Name and page.
pub fn all(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let mut pages: Vec<(String, Box<dyn View>)> = Vec::new();
    for state in [AskState::Open, AskState::Bad, AskState::Domain, AskState::Stale, AskState::Sent] {
        let typed = if state == AskState::Open { String::new() } else { fill("alice@example.com") };
        let page = SignUp { frame: frame(texts, fill), form: fill("csrf"), typed, state };
        pages.push((format!("sign-up-{state:?}").to_lowercase(), Box::new(page)));
    }
    for problem in [None, Some(PasswordProblem::TooShort)] {
        let page = ChoosePassword {
            frame: frame(texts, fill),
            form: fill("csrf"),
            request: fill("sealed"),
            user_name: fill("alice"),
            password_min_length: 12,
            problem,
        };
        pages.push((format!("new-password-{}", problem.is_some()), Box::new(page)));
    }
    let steps = [Step::ChangeAddress, Step::VerifyAddress, Step::UndoAddress, Step::SignIn, Step::Join];
    for step in steps {
        for state in [StepState::Open, StepState::Done, StepState::Expired, StepState::Taken] {
            let page = LinkStep {
                frame: frame(texts, fill),
                form: fill("csrf"),
                action: "/address".to_owned(),
                link: fill("secret"),
                step,
                state,
                user_name: fill("alice"),
                address: fill("alice@example.com"),
                new_password: (step == Step::UndoAddress && state == StepState::Done).then(|| fill("link")),
            };
            pages.push((format!("link-{step:?}-{state:?}").to_lowercase(), Box::new(page)));
        }
    }
    let problems = [
        None,
        Some(JoinProblem::AddressTaken),
        Some(JoinProblem::BadEmail),
        Some(JoinProblem::BadName),
        Some(JoinProblem::BadUserName(None)),
        Some(JoinProblem::BadUserName(Some('@'))),
        Some(JoinProblem::BadUserName(Some('<'))),
        Some(JoinProblem::BadUserName(Some(' '))),
        Some(JoinProblem::NameTaken),
        Some(JoinProblem::Password(PasswordProblem::Differs)),
        Some(JoinProblem::Stale),
    ];
    for (at, problem) in problems.into_iter().enumerate() {
        let page = Join {
            frame: frame(texts, fill),
            form: fill("csrf"),
            action: "/join".to_owned(),
            link: fill("secret"),
            is_invited: at % 2 == 0,
            user_name: fill("alice"),
            name: fill("Alice Adams"),
            email: fill("alice@example.com"),
            is_settled: at % 2 == 0,
            password_min_length: 12,
            problem,
        };
        pages.push((format!("join-{at}"), Box::new(page)));
    }
    let states = [
        (None, None),
        (Some(EmailNotice::Changing), None),
        (Some(EmailNotice::Verifying), None),
        (None, Some(EmailProblem::Bad)),
        (None, Some(EmailProblem::Same)),
        (None, Some(EmailProblem::TooMany)),
        (None, Some(EmailProblem::Throttled { seconds: 90 })),
        (None, Some(EmailProblem::WrongPassword)),
    ];
    for (at, (notice, problem)) in states.into_iter().enumerate() {
        let page = ChangeEmail {
            frame: frame(texts, fill),
            form: fill("csrf"),
            user_name: fill("alice"),
            email: Some(fill("alice@example.com")),
            is_verified: at % 2 == 0,
            typed: String::new(),
            notice,
            problem,
        };
        pages.push((format!("email-{at}"), Box::new(page)));
    }
    pages
}
