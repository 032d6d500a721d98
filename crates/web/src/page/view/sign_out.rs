//! The question before signing out, where no valid hint says that the person wants it.
//! OpenID Connect RP-Initiated Logout 1.0, section 2.

use askama::Template;

use super::{Frame, Policy, View, render};

/// Posts `request`, `form` and `action=sign-out` or `action=stay` to `{base}/sign-out`.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_out.html")]
pub struct SignOut {
    /// What stands around it.
    pub frame: Frame,
    /// The application that asks for it, if one does.
    pub client: Option<String>,
    /// The sealed sign-out request; may be empty.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// Who is signed in: display name, may be empty.
    pub name: String,
    /// Who is signed in: user name.
    pub user_name: String,
    /// The form was stale: this is a fresh one.
    pub is_stale: bool,
}

impl View for SignOut {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
