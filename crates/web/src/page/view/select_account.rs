//! The account selection page (`prompt=select_account`).

use askama::Template;

use super::{Frame, Policy, View, render};

/// Posts `request`, `form` and either `account` (an [`AccountChoice::id`]) or `action=other` to
/// `{base}/select-account`.
#[derive(Clone, Debug, Template)]
#[template(path = "select_account.html")]
pub struct SelectAccount {
    /// What stands around it.
    pub frame: Frame,
    /// The application that is waiting, if one is.
    pub client: Option<String>,
    /// The sealed request.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// Who is signed in here.
    pub accounts: Vec<AccountChoice>,
}

/// A person who is signed in on this browser.
#[derive(Clone, Debug)]
pub struct AccountChoice {
    /// The value of the button `account`.
    pub id: String,
    /// Display name, may be empty.
    pub name: String,
    /// User name.
    pub user_name: String,
}

impl View for SelectAccount {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
