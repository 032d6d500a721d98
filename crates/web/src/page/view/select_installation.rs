//! The page that asks which installation of an extension is meant.

use askama::Template;
use doorward_core::facts::Place;

use super::{Frame, Policy, View, render};

/// Posts `request`, `form` and `installation` (an [`InstallationChoice::id`]) to `{base}/select-installation`.
#[derive(Clone, Debug, Template)]
#[template(path = "select_installation.html")]
pub struct SelectInstallation {
    /// What stands around it.
    pub frame: Frame,
    /// The extension that is waiting.
    pub extension: String,
    /// The sealed request.
    pub request: String,
    /// The token against forged forms.
    pub form: String,
    /// Where it is installed.
    pub places: Vec<InstallationChoice>,
}

/// An installation that can be meant.
#[derive(Clone, Debug)]
pub struct InstallationChoice {
    /// The value of the button `installation`.
    pub id: String,
    /// The name of what it is installed in.
    pub name: String,
    /// The typed id of that.
    pub context: String,
}

impl InstallationChoice {
    /// Of a place.
    pub fn of(place: Place) -> Self {
        Self { id: place.id.0, name: place.name, context: place.context.0 }
    }
}

impl View for SelectInstallation {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
