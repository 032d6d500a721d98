//! The page of one installation, and the one that asks before it is removed.

use askama::Template;
use doorward_core::model::{SecretState, WebhookKind};
use doorward_store::webhooks::Outcome;

use super::my_extensions::InstalledState;
use super::{Frame, Policy, View, render};
use crate::page::scope_text::ScopeLine;

/// Posts `form` to `open`, `enable` and `disable` below `{base}/account/installations/{id}`.
#[derive(Clone, Debug, Template)]
#[template(path = "installation.html")]
pub struct InstallationPage {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Its id.
    pub id: String,
    /// The extension's name.
    pub name: String,
    /// What it does, in a sentence; may be empty.
    pub summary: String,
    /// Who makes it.
    pub maker: String,
    /// The name of what it is installed in.
    pub context: String,
    /// Whether it works.
    pub state: InstalledState,
    /// Since when it does not, where that is known: seconds since the epoch.
    pub state_since: Option<i64>,
    /// The day after which nobody should rely on it, and empty where none was named; none: it is not deprecated.
    pub deprecated: Option<String>,
    /// The name of its variant.
    pub variant: Option<String>,
    /// Installed at, seconds since the epoch.
    pub since: i64,
    /// Whether who looks can open it.
    pub opens: bool,
    /// Whether a page of ours can show it in a frame.
    pub frames: bool,
    /// What was consented to.
    pub scopes: Vec<ScopeLine>,
    /// What its administrators see.
    pub told: Option<Told>,
    /// Whether who looks may change it.
    pub may_change: bool,
    /// What happened just now.
    pub notice: Option<InstallationNotice>,
}

/// What is told of an installation to who administers it there.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Who installed it, where it was a person who is still there.
    pub installed_by: Option<String>,
    /// Who switched it off, where that is a person who is still there.
    pub disabled_by: Option<String>,
    /// The version of the manifest that was consented to, and that in force.
    pub manifest: (i64, i64),
    /// What the manifest in force asks for beyond what was consented to.
    pub asks_more: Vec<ScopeLine>,
    /// Its secrets.
    pub secrets: Vec<SecretRow>,
    /// Since when its news are held back, and why in the words of who did that.
    pub paused: Option<(i64, String)>,
    /// How much news waits.
    pub waiting: i64,
    /// When the first is tried again.
    pub due: Option<i64>,
    /// The latest news, newest first.
    pub news: Vec<NewsRow>,
}

/// A secret; never its value.
#[derive(Clone, Debug)]
pub struct SecretRow {
    /// Where it stands in its life.
    pub state: SecretState,
    /// How old it is, seconds.
    pub age_s: i64,
    /// Whether the extension has it.
    pub is_delivered: bool,
    /// Until when it works.
    pub until: Option<i64>,
}

/// What the extension is told.
#[derive(Clone, Debug)]
pub struct NewsRow {
    /// What happened.
    pub kind: WebhookKind,
    /// When.
    pub at: i64,
    /// What became of it; none: it waits.
    pub outcome: Option<Outcome>,
    /// How often it was tried.
    pub attempts: i64,
    /// The status of the latest answer.
    pub status: Option<i64>,
}

/// What happened just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallationNotice {
    /// It was installed there before; nothing was changed.
    Already,
    /// It may do something else now.
    Changed,
    /// Something else changed at the same moment; nothing was done.
    Conflict,
    /// It is off.
    Disabled,
    /// It is on.
    Enabled,
    /// It is there.
    Installed,
    /// The form had gone stale; nothing was done.
    Stale,
    /// The platform switched it off, and only the platform switches it on.
    Suspended,
}

impl InstallationNotice {
    /// What an address says of it. Anybody can write such an address: only what was done well is taken from it.
    pub fn of_query(query: &str) -> Option<Self> {
        match query {
            "done=already" => Some(Self::Already),
            "done=changed" => Some(Self::Changed),
            "done=disabled" => Some(Self::Disabled),
            "done=enabled" => Some(Self::Enabled),
            "done=installed" => Some(Self::Installed),
            _ => None,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Already => "installation-already",
            Self::Changed => "installation-changed",
            Self::Conflict => "install-conflict",
            Self::Disabled => "installation-is-disabled",
            Self::Enabled => "installation-is-enabled",
            Self::Installed => "installation-is-installed",
            Self::Stale => "install-stale",
            Self::Suspended => "installation-is-suspended",
        }
    }

    fn is_good(self) -> bool {
        match self {
            Self::Changed | Self::Disabled | Self::Enabled | Self::Installed => true,
            Self::Already | Self::Conflict | Self::Stale | Self::Suspended => false,
        }
    }
}

impl SecretRow {
    fn state_key(&self) -> &'static str {
        match self.state {
            SecretState::Pending => "secret-pending",
            SecretState::Current => "secret-current",
            SecretState::Retiring => "secret-retiring",
        }
    }
}

impl NewsRow {
    fn kind_key(&self) -> &'static str {
        match self.kind {
            WebhookKind::Added => "news-added",
            WebhookKind::Updated => "news-updated",
            WebhookKind::SecretRotated => "news-secret",
            WebhookKind::Removed => "news-removed",
        }
    }

    fn outcome_key(&self) -> &'static str {
        match self.outcome {
            None => "news-waiting",
            Some(Outcome::Aborted) => "news-aborted",
            Some(Outcome::Delivered) => "news-delivered",
            Some(Outcome::GivenUp) => "news-given-up",
            Some(Outcome::Pull) => "news-pull",
            Some(Outcome::Skipped) => "news-skipped",
        }
    }

    fn is_good(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Delivered | Outcome::Pull))
    }
}

impl InstallationPage {
    fn state_text(&self) -> String {
        let key = match self.state {
            InstalledState::Enabled => "installation-enabled",
            InstalledState::Disabled => "extension-disabled",
            InstalledState::Suspended => "installation-suspended",
            InstalledState::Withdrawn => "extension-withdrawn",
        };
        self.frame.say(key)
    }

    fn is_on(&self) -> bool {
        self.state == InstalledState::Enabled
    }

    fn can_be_switched_on(&self) -> bool {
        self.state == InstalledState::Disabled
    }

    fn deprecation_text(&self) -> Option<String> {
        let day = self.deprecated.as_ref()?;
        Some(match day.as_str() {
            "" => self.frame.say("installation-deprecated"),
            day => self.frame.get("installation-deprecated-on", &[("day", day)]),
        })
    }
}

impl View for InstallationPage {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

/// Posts `form` to `{base}/account/installations/{id}/remove`.
#[derive(Clone, Debug, Template)]
#[template(path = "remove_installation.html")]
pub struct RemoveInstallation {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// Its id.
    pub id: String,
    /// The extension's name.
    pub name: String,
    /// The name of what it is installed in.
    pub context: String,
    /// Why it is asked again; nothing was done.
    pub problem: Option<InstallationNotice>,
}

impl RemoveInstallation {
    fn heading(&self) -> askama::filters::Safe<String> {
        let values = [("extension", self.name.as_str()), ("context", self.context.as_str())];
        self.frame.texts.html("remove-title", &values)
    }

    fn title(&self) -> String {
        self.frame.get("remove-title", &[("extension", &self.name), ("context", &self.context)])
    }
}

impl View for RemoveInstallation {
    fn policy(&self) -> Policy {
        Policy::Own
    }

    fn html(&self) -> String {
        render(self)
    }
}
