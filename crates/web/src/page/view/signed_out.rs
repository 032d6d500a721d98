//! The page after signing out, where nobody asked to be called back.

use askama::Template;

use super::{Frame, Policy, View, is_harmless, render};

/// Nothing is posted.
#[derive(Clone, Debug, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOut {
    /// What stands around it.
    pub frame: Frame,
    /// Where the person came from: name of the application and a registered link to it.
    pub back: Option<(String, String)>,
    /// The person chose to stay signed in.
    pub stayed: bool,
}

impl SignedOut {
    fn back_link(&self) -> Option<&(String, String)> {
        self.back.as_ref().filter(|(_, link)| is_harmless(link))
    }
}

impl View for SignedOut {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
