//! A tenant as it is desired.

use serde::{Deserialize, Serialize};

use super::problem::{At, Problems, range};
use super::{
    ApiSpec, ClientSpec, ContextSpec, ExtensionSpec, InstallationSpec, IssuerSpec, MembershipSpec, RoleSpec,
    UserSpec, since, switch,
};
use crate::Timestamp;
use crate::id::TenantId;
use crate::model::{Tenant, TenantSettings};
use doorward_wire::text::{DisplayName, Locale};

/// A tenant with what belongs to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantSpec {
    /// Its slug: lower-case letters, digits and hyphens; never changes.
    pub id: TenantId,
    /// Its name, shown on pages. Absent: as it is, the id at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Nothing of it works. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// What its pages look like and how long its sessions live. Absent: as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<TenantSettings>,
    /// Its issuers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuers: Option<Vec<IssuerSpec>>,
    /// Its APIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apis: Option<Vec<ApiSpec>>,
    /// Its roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<RoleSpec>>,
    /// Its contexts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contexts: Option<Vec<ContextSpec>>,
    /// Its clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<ClientSpec>>,
    /// Its people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserSpec>>,
    /// Who belongs to which context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memberships: Option<Vec<MembershipSpec>>,
    /// Its extensions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<ExtensionSpec>>,
    /// Where extensions are installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installations: Option<Vec<InstallationSpec>>,
}

impl TenantSpec {
    /// The tenant alone, as it is.
    pub(super) fn of(tenant: &Tenant) -> Self {
        Self {
            id: tenant.id.clone(),
            name: Some(tenant.name.clone()),
            disabled: switch(None, tenant.disabled_at.is_some()),
            settings: Some(tenant.settings.clone()),
            issuers: None,
            apis: None,
            roles: None,
            contexts: None,
            clients: None,
            users: None,
            memberships: None,
            extensions: None,
            installations: None,
        }
    }

    /// The tenant alone, with what is left to defaults, or to what is there, filled in.
    pub(super) fn filled(&self, before: Option<&Tenant>) -> Self {
        let stored = || before.map_or_else(|| self.id.0.clone(), |tenant| tenant.name.clone());
        Self {
            id: self.id.clone(),
            name: Some(self.name.clone().unwrap_or_else(stored)),
            disabled: switch(self.disabled, before.is_some_and(|tenant| tenant.disabled_at.is_some())),
            settings: Some(self.settings_onto(before)),
            issuers: None,
            apis: None,
            roles: None,
            contexts: None,
            clients: None,
            users: None,
            memberships: None,
            extensions: None,
            installations: None,
        }
    }

    /// Its row.
    pub(super) fn onto(&self, before: Option<&Tenant>, now: Timestamp) -> Tenant {
        Tenant {
            id: self.id.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.0.clone()),
            disabled_at: since(before.and_then(|tenant| tenant.disabled_at), self.disabled, now),
            settings: self.settings_onto(before),
            version: before.map_or(0, |tenant| tenant.version),
            created_at: before.map_or(now, |tenant| tenant.created_at),
        }
    }

    fn settings_onto(&self, before: Option<&Tenant>) -> TenantSettings {
        let stored = || before.map(|tenant| tenant.settings.clone());
        self.settings.clone().or_else(stored).unwrap_or_default()
    }

    pub(super) fn check(&self, at: &At, problems: &mut Problems) {
        if !is_slug(self.id.as_str()) {
            problems.add(
                &at.field("id"),
                "must be 1 to 40 lower-case letters, digits and hyphens, with a letter or digit at both ends",
            );
        }
        if let Some(name) = &self.name {
            problems.take(&at.field("name"), DisplayName::parse(name));
        }
        let Some(settings) = &self.settings else { return };
        let at = &at.field("settings");
        range(problems, at, "session_idle_s", settings.session_idle_s, 60..=YEAR_S);
        range(problems, at, "session_absolute_s", settings.session_absolute_s, 60..=YEAR_S);
        range(problems, at, "session_remembered_s", settings.session_remembered_s, 60..=YEAR_S);
        range(problems, at, "throttle_limit", settings.throttle_limit, 3..=1000);
        range(problems, at, "throttle_window_s", settings.throttle_window_s, 10..=86_400);
        range(problems, at, "rate_limit", settings.rate_limit, 0..=RATE_MOST);
        range(problems, at, "key_rotation_s", settings.key_rotation_s, 86_400..=3 * YEAR_S);
        if let Some(seconds) = settings.events_kept_s {
            range(problems, at, "events_kept_s", seconds, 86_400..=100 * YEAR_S);
        }
        problems.take(&at.field("locale"), Locale::parse(&settings.locale));
        super::mail::check(settings, at, problems);
        let is_colour = |text: &String| {
            text.strip_prefix('#').is_some_and(|digits| {
                digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        };
        problems.expect(
            settings.accent.as_ref().is_none_or(is_colour),
            &at.field("accent"),
            "must be a colour such as '#2f5bd7'",
        );
    }
}

fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    (1..=40).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
        && edge(bytes.first())
        && edge(bytes.last())
}

/// Requests in a minute: more is no limit.
pub(super) const RATE_MOST: i64 = 100_000_000;
const YEAR_S: i64 = 366 * 86_400;
