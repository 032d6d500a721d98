//! The extensions that are installed in what a person belongs to.

use askama::Template;

use super::{Frame, Policy, View, render};
use crate::page::scope_text::ScopeLine;

/// Each row posts `form` to `{base}/account/installations/{id}/open`.
#[derive(Clone, Debug, Template)]
#[template(path = "my_extensions.html")]
pub struct MyExtensions {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// What is installed, by name.
    pub rows: Vec<InstalledRow>,
    /// What can be installed; none: who looks may install nothing anywhere.
    pub available: Option<Vec<AvailableRow>>,
    /// Where the list of these goes on.
    pub next: Option<String>,
    /// Whether something was removed just now.
    pub is_removed: bool,
}

/// An extension that can be installed.
#[derive(Clone, Debug)]
pub struct AvailableRow {
    /// Its id, as it stands in a path.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does, in a sentence; may be empty.
    pub summary: String,
    /// Who makes it.
    pub maker: String,
    /// The names of where it can be installed: the first few.
    pub places: Vec<String>,
    /// How many more there are.
    pub more: i64,
    /// Whether it is still being made, and found by its makers only.
    pub is_unpublished: bool,
}

/// An extension that is installed.
#[derive(Clone, Debug)]
pub struct InstalledRow {
    /// The installation's id.
    pub id: String,
    /// The extension's name.
    pub name: String,
    /// What it does, in a sentence; may be empty.
    pub summary: String,
    /// The typed id of what it is installed in.
    pub context: String,
    /// The name of that.
    pub context_name: String,
    /// Whether it works.
    pub state: InstalledState,
    /// Whether it can be opened.
    pub opens: bool,
    /// What was consented to.
    pub scopes: Vec<ScopeLine>,
    /// Installed at, seconds since the epoch.
    pub since: i64,
}

/// Whether an installation works, as its people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstalledState {
    /// It does.
    Enabled,
    /// Somebody of its context switched it off.
    Disabled,
    /// The platform switched it off.
    Suspended,
    /// The extension is no longer offered, and does nothing.
    Withdrawn,
}

impl InstalledRow {
    fn badge(&self) -> Option<&'static str> {
        match self.state {
            InstalledState::Enabled => None,
            InstalledState::Disabled => Some("extension-disabled"),
            InstalledState::Suspended => Some("extension-suspended"),
            InstalledState::Withdrawn => Some("extension-withdrawn"),
        }
    }

    fn scope_count(&self) -> i64 {
        self.scopes.len() as i64
    }
}

impl View for MyExtensions {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
