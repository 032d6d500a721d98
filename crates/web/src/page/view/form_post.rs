//! The page that carries an authorization response to the client by POST: sent by a script at
//! once, by its button otherwise. OAuth 2.0 Form Post Response Mode, section 2.

use askama::Template;

use super::{Frame, Policy, View, render};

/// Posts `params` to `action`, both exactly as given. Nothing else of the page is posted.
#[derive(Clone, Debug, Template)]
#[template(path = "form_post.html")]
pub struct FormPost {
    /// What stands around it.
    pub frame: Frame,
    /// The client's registered redirect URI.
    pub action: String,
    /// The response parameters in order.
    pub params: Vec<(String, String)>,
    /// The application's name.
    pub client: String,
}

impl View for FormPost {
    fn policy(&self) -> Policy {
        Policy::FromUs
    }

    fn html(&self) -> String {
        render(self)
    }
}
