//! The consent page: who asks, for whom, for what, for how long.

use askama::Template;

use super::{Frame, Policy, View, render};
use crate::page::scope_text::ScopeLine;

/// Posts `request`, `form` and `action=allow`, `action=deny` or `action=switch` to `{base}/consent`.
#[derive(Clone, Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent {
    /// What stands around it.
    pub frame: Frame,
    /// The application that asks.
    pub client: String,
    /// The host that the answer goes to; `None` for an app on this device (custom scheme).
    pub client_host: Option<String>,
    /// The sealed request.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// Who is signed in: display name, may be empty.
    pub name: String,
    /// Who is signed in: user name.
    pub user_name: String,
    /// What is asked for.
    pub scopes: Vec<ScopeLine>,
    /// How long the access lasts.
    pub access: Access,
}

/// How long an access lasts without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// While the person stays signed in.
    Session,
    /// Also while the person is away (`offline_access`).
    Offline {
        /// It ends after so many seconds without use …
        idle: i64,
        /// … and after so many seconds in any case.
        absolute: i64,
    },
}

impl Consent {
    fn access_text(&self) -> String {
        match self.access {
            Access::Session => self.frame.say("consent-lasts-session"),
            Access::Offline { idle, absolute } => {
                let (idle, absolute) = (self.frame.span(&idle), self.frame.span(&absolute));
                self.frame.get("consent-lasts-offline", &[("idle", &idle), ("absolute", &absolute)])
            }
        }
    }

    fn shows_news(&self) -> bool {
        self.scopes.iter().any(|scope| !scope.is_new)
    }
}

impl View for Consent {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
