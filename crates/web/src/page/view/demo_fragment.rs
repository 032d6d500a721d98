//! The page of the demo application to which tokens come in the fragment of its address.

use askama::Template;

use super::{Frame, Policy, View, render};

/// Posts `form` and `answer`, what stands behind the `#`, to `/systems/{name}/callback`: by a script, or by hand.
#[derive(Clone, Debug, Template)]
#[template(path = "demo/fragment.html")]
pub struct DemoFragment {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// The sequence that it belongs to, in addresses.
    pub name: String,
    /// What its contract is called.
    pub called: String,
}

impl View for DemoFragment {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
