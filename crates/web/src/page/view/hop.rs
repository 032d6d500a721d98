//! The page that sends a request of another site once more, from our own: by a script at once, by its button otherwise.

use askama::Template;

use super::{Frame, Policy, View, render};

/// Posts `params` to `action`, both exactly as given.
#[derive(Clone, Debug, Template)]
#[template(path = "hop.html")]
pub struct Hop {
    /// What stands around it.
    pub frame: Frame,
    /// An endpoint of this issuer.
    pub action: String,
    /// The request's parameters in order.
    pub params: Vec<(String, String)>,
}

impl View for Hop {
    fn policy(&self) -> Policy {
        // What the endpoint answers may lead to the client.
        Policy::FromUs
    }

    fn html(&self) -> String {
        render(self)
    }
}
