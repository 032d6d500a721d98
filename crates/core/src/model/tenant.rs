//! A tenant: a customer of the platform with people, clients, keys and issuers of its own. Nothing crosses tenants.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::id::TenantId;

/// A tenant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Tenant {
    /// Its slug.
    pub id: TenantId,
    /// Its name, shown on pages.
    pub name: String,
    /// Since when nothing of it works.
    pub disabled_at: Option<Timestamp>,
    /// What its pages look like and how long its sessions live.
    #[serde(default)]
    pub settings: TenantSettings,
    /// Counts its changes; a write states the version it saw. 0 = not stored yet.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Settings of a tenant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantSettings {
    /// A session unused for so many seconds is over.
    pub session_idle_s: i64,
    /// A session older than so many seconds is over.
    pub session_absolute_s: i64,
    /// The same for a person who ticked "stay signed in": idle and absolute.
    pub session_remembered_s: i64,
    /// Language of pages when neither request, person nor browser names one that exists.
    pub locale: String,
    /// Sign-in attempts for one account from browsers that it has not signed in with before, in `throttle_window_s`.
    pub throttle_limit: i64,
    /// Seconds after which attempts are forgotten.
    pub throttle_window_s: i64,
    /// Who has a second factor.
    pub second_factor: SecondFactor,
    /// Requests in a minute at its pages, its protocol endpoints, its guard and its administration, each by itself; 0: no limit.
    pub rate_limit: i64,
    /// Colour of buttons and links as `#rrggbb`; the house colour when absent.
    pub accent: Option<String>,
    /// A signing key is followed by its successor after so many seconds.
    pub key_rotation_s: i64,
    /// Whom mails are from, and what they say.
    pub mail: MailSettings,
    /// Whether people can sign up, and who.
    pub sign_up: SignUpSettings,
    /// Events are forgotten after so many seconds; never when absent.
    pub events_kept_s: Option<i64>,
}

/// Who has a second factor beside the password; a later one asks more people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Nobody may set one up. Whoever has one goes on using it.
    Off,
    /// Whoever likes.
    Optional,
    /// Administrators must, others may.
    #[default]
    Administrators,
    /// Everybody must.
    Required,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            session_idle_s: 30 * 60,
            session_absolute_s: 12 * 3600,
            session_remembered_s: 30 * 86_400,
            locale: "en".to_owned(),
            throttle_limit: 10,
            throttle_window_s: 15 * 60,
            second_factor: SecondFactor::default(),
            rate_limit: 0,
            accent: None,
            key_rotation_s: 90 * 86_400,
            mail: MailSettings::default(),
            sign_up: SignUpSettings::default(),
            events_kept_s: None,
        }
    }
}

/// Mails of a tenant.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// Whom they are from, a mailbox such as `Demo <no-reply@demo.example>`; the server's setting when absent.
    pub from: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// What they end with; the tenant's name when absent.
    pub signature: Option<String>,
    /// The tenant's own texts: by kind of mail, then by language. Placeholders such as `{name}`, `{brand}` and `{link}` are filled in.
    pub texts: BTreeMap<String, BTreeMap<String, MailText>>,
}

/// A text of a mail.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailText {
    /// Its subject; the standard one when absent.
    pub subject: Option<String>,
    /// What it says, without greeting and signature; the standard text when absent.
    pub text: Option<String>,
}

impl SignUpSettings {
    /// Whether an address of that domain may sign up. The whole domain counts, not how it begins or ends.
    pub fn takes(&self, domain: &str) -> bool {
        self.open
            && (self.domains.is_empty()
                || self.domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain)))
    }
}

/// Signing up by oneself.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUpSettings {
    /// Whether anybody may.
    pub open: bool,
    /// Only with an address of one of these domains; any when empty.
    pub domains: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AC-013
    #[test]
    fn a_domain_is_allowed_as_a_whole() {
        let sign_up = SignUpSettings { open: true, domains: ["good.example".to_owned()].into() };
        assert!(sign_up.takes("good.example") && sign_up.takes("GOOD.example"));
        for other in ["good.example.evil.example", "evilgood.example", "a.good.example", "example", ""] {
            assert!(!sign_up.takes(other), "{other}");
        }
        assert!(!SignUpSettings { open: false, ..sign_up }.takes("good.example"));
    }
}
