//! The page of the demo extension that `doorward dev` serves, made to be shown in a frame.

use askama::Template;

use super::demo::{DemoToken, json, parts};
use super::{Frame, Policy, View, render};

/// Links to `/extension/sign-in`, and by its script posts `session_token` to `/extension/act`.
#[derive(Clone, Debug, Template)]
#[template(path = "demo/extension.html")]
pub struct DemoExtension {
    /// What stands around it.
    pub frame: Frame,
    /// For whom it acts.
    pub name: String,
    /// Where it is installed.
    pub context: String,
    /// The installation.
    pub installation: String,
    /// The scopes that were issued.
    pub scope: String,
    /// The access token.
    pub access_token: DemoToken,
    /// Whether the person was signed in inside the frame, not by a one-time key.
    pub by_frame: bool,
    /// The origin of the page around it, which hands session tokens in.
    pub host: String,
}

impl View for DemoExtension {
    fn policy(&self) -> Policy {
        Policy::Hands
    }

    fn html(&self) -> String {
        render(self)
    }
}
