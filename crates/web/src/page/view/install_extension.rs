//! The page on which an extension is installed: what it is, where, and what it asks for; and the one on which that is changed.

use askama::Template;

use super::{Frame, Policy, View, render};
use crate::page::scope_text::ScopeLine;

/// Posts `form`, `context`, `manifest`, `variant` and `scope.<name>` for each optional scope that is allowed, to `action`. Where the place
/// is to be chosen first, `context` is asked for there.
#[derive(Clone, Debug, Template)]
#[template(path = "install_extension.html")]
pub struct InstallExtension {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Where the form goes: a path below the issuer.
    pub action: String,
    /// Where it leads who does nothing: the same.
    pub back: String,
    /// The extension's name.
    pub name: String,
    /// What it does, in a sentence; may be empty.
    pub summary: String,
    /// What it does, at length; may be empty.
    pub description: String,
    /// Who makes it.
    pub maker: String,
    /// Places that can be chosen: typed id and name.
    pub places: Vec<(String, String)>,
    /// Whether there are more than are shown.
    pub is_cut: bool,
    /// What is asked; none: where, first.
    pub asked: Option<Asked>,
    /// Why it is asked again.
    pub notice: Option<InstallNotice>,
}

/// What is consented to.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whether it is installed, and this changes what it may do.
    pub is_change: bool,
    /// The typed id of where.
    pub context: String,
    /// The name of that.
    pub context_name: String,
    /// The version of the manifest that is shown.
    pub manifest: i64,
    /// Its variants; none: it has none, or they are not asked about.
    pub variants: Vec<VariantChoice>,
    /// What it does not do without.
    pub required: Vec<AskedScope>,
    /// What it can do without.
    pub optional: Vec<AskedScope>,
    /// Whether each member is asked before it acts for them.
    pub asks_members: bool,
}

/// A variant.
#[derive(Clone, Debug)]
pub struct VariantChoice {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it is; may be empty.
    pub description: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// A scope that is asked for.
#[derive(Clone, Debug)]
pub struct AskedScope {
    /// In words.
    pub line: ScopeLine,
    /// Why, in its maker's words; may be empty.
    pub reason: String,
    /// Whether who is asked may do that there themselves: nobody gives what they do not hold.
    pub is_held: bool,
    /// Whether it is allowed.
    pub is_allowed: bool,
    /// Whether it was not allowed before.
    pub is_new: bool,
}

/// Why it is asked again; nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallNotice {
    /// Something else changed at the same moment.
    Conflict,
    /// It asks for something else now.
    Changed,
    /// It asks for what who installs it may not do there.
    NotHeld,
    /// The form had gone stale.
    Stale,
}

impl InstallExtension {
    fn title(&self) -> String {
        let key = if self.is_change() { "install-change-title" } else { "install-title" };
        self.frame.get(key, &[("extension", &self.name)])
    }

    fn heading(&self) -> &'static str {
        if self.is_change() { "install-change-title" } else { "install-title" }
    }

    fn is_change(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.is_change)
    }

    fn notice_text(&self) -> Option<String> {
        let key = match self.notice? {
            InstallNotice::Conflict => "install-conflict",
            InstallNotice::Changed => "install-changed",
            InstallNotice::NotHeld => "install-not-held",
            InstallNotice::Stale => "install-stale",
        };
        Some(self.frame.say(key))
    }
}

impl Asked {
    /// Whether who is asked may consent to all that it insists on.
    fn is_possible(&self) -> bool {
        self.required.iter().all(|scope| scope.is_held || (self.is_change && !scope.is_new))
    }
}

impl AskedScope {
    /// Whether it can be allowed: what was allowed before stays so, whoever looks at it.
    fn is_open(&self) -> bool {
        self.is_held || !self.is_new
    }
}

impl View for InstallExtension {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
