//! The pages of the console: one frame around parts of a few kinds. What a page holds is put together by its handler
//! (`crates/web/src/console`); how a part looks is said here, once.

mod part;

use askama::Template;
use askama::filters::Safe;

use super::{Frame, Policy, View, render};

pub use part::{Bit, Cell, Choice, Facts, Field, Form, Input, Link, Part, Table, Tone};

/// A page of the console.
#[derive(Clone, Debug, Template)]
#[template(path = "console/page.html")]
pub struct ConsolePage {
    /// What stands around every page.
    pub frame: Frame,
    /// What stands around every page of the console; none for who may not see it.
    pub shell: Option<Shell>,
    /// Where it is in the navigation.
    pub section: Option<Section>,
    /// The way here: pages above it.
    pub trail: Vec<Link>,
    /// Its heading.
    pub title: String,
    /// Beside the heading: states.
    pub badges: Cell,
    /// What has just happened, or did not.
    pub notice: Option<Notice>,
    /// What it holds.
    pub parts: Vec<Part>,
}

/// What stands around every page of the console.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The path of the console: `/t/acme/console`.
    pub home: String,
    /// The path of the tenant that is looked at: `/t/acme/console/tenants/acme`.
    pub base: String,
    /// That tenant's name.
    pub tenant: String,
    /// The sections that may be seen.
    pub sections: Vec<Section>,
    /// Who is signed in: display name and user name.
    pub person: (String, String),
    /// The token against forged forms.
    pub form: String,
}

/// A section of the console.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// APIs.
    Apis,
    /// The audit trail.
    Audit,
    /// Clients.
    Clients,
    /// Contexts.
    Contexts,
    /// Extensions.
    Extensions,
    /// Where they are installed.
    Installations,
    /// Signing keys.
    Keys,
    /// What there is to see.
    Overview,
    /// People.
    People,
    /// Roles.
    Roles,
    /// All tenants.
    Tenants,
}

/// What has just happened, or did not.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Whether it is good news.
    pub tone: Tone,
    /// In words.
    pub text: String,
    /// For who wants to know: the error as the API says it.
    pub detail: Option<String>,
    /// What is shown this once: a name for it, and the secret.
    pub secret: Option<(String, String)>,
}

impl Section {
    /// Its name in the catalogue.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Apis => "console-apis",
            Self::Audit => "console-audit",
            Self::Clients => "console-clients",
            Self::Contexts => "console-contexts",
            Self::Extensions => "console-extensions",
            Self::Installations => "console-installations",
            Self::Keys => "console-keys",
            Self::Overview => "console-overview",
            Self::People => "console-people",
            Self::Roles => "console-roles",
            Self::Tenants => "console-tenants",
        }
    }

    /// Its path below the tenant's; that of all tenants is below the console's.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Apis => "/apis",
            Self::Audit => "/events",
            Self::Clients => "/clients",
            Self::Contexts => "/contexts",
            Self::Extensions => "/extensions",
            Self::Installations => "/installations",
            Self::Keys => "/keys",
            Self::Overview => "",
            Self::People => "/users",
            Self::Roles => "/roles",
            Self::Tenants => "/tenants",
        }
    }
}

impl Shell {
    /// The address of a section.
    pub fn link(&self, section: &Section) -> String {
        let base = if *section == Section::Tenants { &self.home } else { &self.base };
        format!("{base}{}", section.path())
    }
}

impl Notice {
    /// Good news.
    pub fn good(text: String) -> Self {
        Self { tone: Tone::Good, text, detail: None, secret: None }
    }

    /// Something did not happen.
    pub fn bad(text: String, detail: Option<String>) -> Self {
        Self { tone: Tone::Bad, text, detail, secret: None }
    }

    fn is_bad(&self) -> bool {
        self.tone == Tone::Bad
    }
}

impl ConsolePage {
    fn bits(&self, cell: &Cell) -> Safe<String> {
        Safe(part::html(self.frame.texts, cell))
    }

    fn is_current(&self, section: &Section) -> bool {
        self.section == Some(*section)
    }
}

impl View for ConsolePage {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
