//! The page of the demo application that plays what clients of a wire contract send.

use askama::Template;

use super::demo::{DemoToken, json, parts};
use super::{Frame, Policy, View, render};

/// A sequence, as far as it was played. Posts `form` to its own address, with the action `next` or `again`.
#[derive(Clone, Debug, Template)]
#[template(path = "demo/sequence.html")]
pub struct DemoSequence {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// In addresses.
    pub name: String,
    /// What the contract is called.
    pub called: String,
    /// Where its issuer is.
    pub issuer: String,
    /// All steps.
    pub steps: Vec<DemoStep>,
    /// Who is to sign in, by what password.
    pub person: String,
    /// Their password.
    pub password: String,
    /// Where whoever is signed in signs out.
    pub account: String,
    /// A line for a shell that does the same.
    pub command: String,
    /// Something was done.
    pub has_begun: bool,
    /// Nothing is left.
    pub has_ended: bool,
}

/// One step.
#[derive(Clone, Debug)]
pub struct DemoStep {
    /// From 1.
    pub number: usize,
    /// What it does.
    pub title: String,
    /// The browser goes to the issuer, and comes back.
    pub visits: bool,
    /// It is to be done now.
    pub is_next: bool,
    /// How it went.
    pub exchange: Option<DemoExchange>,
}

/// What was sent, and what came back.
#[derive(Clone, Debug)]
pub struct DemoExchange {
    /// The request, as it was sent.
    pub request: String,
    /// The status of the answer; 0 where there was none.
    pub status: u16,
    /// The answer.
    pub answer: String,
    /// The tokens in it.
    pub tokens: Vec<DemoToken>,
    /// The answer is the one that the sequence has.
    pub is_expected: bool,
}

impl View for DemoSequence {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

/// The messages that say what steps do.
pub mod title {
    macro_rules! titles {
        ($($name:ident = $message:literal;)*) => { $(
            #[doc = concat!("`", $message, "`")]
            pub const $name: &str = $message;
        )* };
    }

    titles! {
        CALL = "demo-step-call";
        CALL_AGAIN = "demo-step-call-again";
        CALL_BEFORE = "demo-step-call-before";
        CALL_IMPLICIT = "demo-step-call-implicit";
        CALL_OF_INSTANCE = "demo-step-call-of-instance";
        CLIENT_ALONE = "demo-step-client-alone";
        CODE = "demo-step-code";
        CODE_AND_STATE = "demo-step-code-and-state";
        CONSENTS = "demo-step-consents";
        CONSENT_ENDED = "demo-step-consent-ended";
        DISABLE = "demo-step-disable";
        DISCOVERY = "demo-step-discovery";
        ENABLE = "demo-step-enable";
        EXCHANGE = "demo-step-exchange";
        IMPLICIT = "demo-step-implicit";
        INSTANCE = "demo-step-instance";
        KEY = "demo-step-key";
        KEYS = "demo-step-keys";
        MACHINE = "demo-step-machine";
        PASSWORD = "demo-step-password";
        PLATFORM = "demo-step-platform";
        REFRESH = "demo-step-refresh";
        REFRESH_ALONE = "demo-step-refresh-alone";
        REFUSED = "demo-step-refused";
        REVOKE = "demo-step-revoke";
        ROLE_GIVEN = "demo-step-role-given";
        ROLE_TAKEN = "demo-step-role-taken";
        SECRET = "demo-step-secret";
        SESSIONS = "demo-step-sessions";
        SIGN_IN = "demo-step-sign-in";
        SIGN_OUT = "demo-step-sign-out";
        STUDIO_SIGN_IN = "demo-step-studio-sign-in";
        VALIDATE = "demo-step-validate";
        WHO = "demo-step-who";
    }
}
