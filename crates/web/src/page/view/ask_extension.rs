//! The page that asks whether an installed extension may act for the person who opens it.

use askama::Template;

use super::{Frame, Policy, View, render};
use crate::page::scope_text::ScopeLine;

/// Posts `form` and `action=allow` or `action=deny` to `{base}/account/installations/{installation}/open`.
#[derive(Clone, Debug, Template)]
#[template(path = "ask_extension.html")]
pub struct AskExtension {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// The installation's id.
    pub installation: String,
    /// The extension's name.
    pub extension: String,
    /// What it is installed in.
    pub context: String,
    /// Who is signed in: display name, may be empty.
    pub name: String,
    /// Who is signed in: user name.
    pub user_name: String,
    /// What it asks for.
    pub scopes: Vec<ScopeLine>,
}

impl View for AskExtension {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
