//! The page before a redirect to an app on the device that no click preceded: browsers open custom
//! schemes only where the person did something (design, section 9).

use askama::Template;

use super::{Frame, Policy, View, is_harmless, render};

/// Nothing is posted; a link leads on.
#[derive(Clone, Debug, Template)]
#[template(path = "continue_to.html")]
pub struct ContinueTo {
    /// What stands around it.
    pub frame: Frame,
    /// The application's name.
    pub client: String,
    /// The whole redirect, with its response parameters.
    pub link: String,
    /// Whether it tells the application of an error.
    pub is_refused: bool,
}

impl ContinueTo {
    fn target(&self) -> Option<&str> {
        is_harmless(&self.link).then_some(self.link.as_str())
    }
}

impl View for ContinueTo {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
