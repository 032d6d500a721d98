//! An extension as it is desired: its manifest, and how far it has come.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::client_checks::check_id;
use super::problem::{At, Problems};
use super::{ApiSpec, ClientSpec, SecretSpec, date, manifest, since, switch};
use crate::Timestamp;
use crate::admin::{API, is_scope};
use crate::id::{ApiId, ContextId, ContextKey, ExtensionId, ExtensionKey, TenantId};
use crate::installation::template;
use crate::model::{Extension, ExtensionState, Manifest};
use crate::permission::is_openid_scope;
use doorward_wire::grant_type::GrantType;
use doorward_wire::redirect_uri::RedirectUri;

/// An extension of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionSpec {
    /// Its id, and that of its client; the client is made with it where there is none.
    pub id: ExtensionId,
    /// The context whose members make it; the tenant itself when it is made without. Never changes; absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributor: Option<ContextId>,
    /// How far it has come: `draft`, `verified`, `published`, `deprecated` or `withdrawn`, which is final. Absent: as it is, a draft at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ExtensionState>,
    /// The day after which nobody should rely on it, such as `2027-01-01`, once it is deprecated. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_on: Option<String>,
    /// The platform has stopped it: nothing of it works, in no installation. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Counts manifests that came into force. Absent: as it is, or the next where the manifest changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_version: Option<i64>,
    /// What its contributor wishes to be in force, and nobody has looked at yet. Absent: as it is; the same as the manifest: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Manifest>,
    /// The secret of the client that is made with it.
    #[serde(skip)]
    pub(super) client_secret: Option<SecretSpec>,
}

impl ExtensionSpec {
    /// The extension as it is.
    pub fn of(extension: &Extension) -> Self {
        Self {
            id: extension.id.clone(),
            contributor: extension.contributor.clone(),
            state: Some(extension.state),
            deprecated_on: extension.deprecated_on.clone(),
            suspended: switch(None, extension.suspended_at.is_some()),
            manifest: extension.manifest.clone(),
            manifest_version: Some(extension.manifest_version),
            proposed: extension.proposed.clone(),
            client_secret: None,
        }
    }

    /// With what is left to defaults, or to what is there, filled in.
    pub(super) fn filled(&self, before: Option<&Extension>) -> Self {
        let state = self.state.or(before.map(|known| known.state)).unwrap_or_default();
        let deprecated_on =
            self.deprecated_on.clone().or(before.and_then(|known| known.deprecated_on.clone()));
        let proposed = self.proposed.clone().or(before.and_then(|known| known.proposed.clone()));
        let least = before.map_or(1, |known| {
            known.manifest_version.saturating_add(i64::from(known.manifest != self.manifest))
        });
        Self {
            id: self.id.clone(),
            contributor: self.contributor.clone().or(before.and_then(|known| known.contributor.clone())),
            state: Some(state),
            deprecated_on: deprecated_on.filter(|_| state >= ExtensionState::Deprecated),
            suspended: switch(self.suspended, before.is_some_and(|known| known.suspended_at.is_some())),
            manifest: self.manifest.clone(),
            manifest_version: Some(self.manifest_version.unwrap_or(least).max(least)),
            proposed: proposed.filter(|proposed| *proposed != self.manifest),
            client_secret: None,
        }
    }

    /// Its row; `key` is for one that is made, and so is the key of its contributor.
    pub(super) fn onto(
        &self,
        tenant: &TenantId,
        before: Option<&Extension>,
        (key, contributor_key): (ExtensionKey, Option<ContextKey>),
        now: Timestamp,
    ) -> Extension {
        let suspended_at = since(before.and_then(|known| known.suspended_at), self.suspended, now);
        let was_on = before.is_some_and(|known| known.suspended_at.is_none());
        Extension {
            tenant: tenant.clone(),
            key: before.map_or(key, |known| known.key),
            id: self.id.clone(),
            contributor: self.contributor.clone(),
            contributor_key: before.map_or(contributor_key, |known| known.contributor_key),
            state: self.state.unwrap_or_default(),
            deprecated_on: self.deprecated_on.clone(),
            manifest: self.manifest.clone(),
            manifest_version: self.manifest_version.unwrap_or(1),
            proposed: self.proposed.clone(),
            suspended_at,
            epoch: before.map_or(0, |known| known.epoch) + i64::from(was_on && suspended_at.is_some()),
            version: before.map_or(0, |known| known.version),
            created_at: before.map_or(now, |known| known.created_at),
            updated_at: now,
        }
    }

    /// The client that is made with it: it is what its manifest says.
    pub(super) fn client(&self, apis: &[ApiSpec], secret: Option<SecretSpec>) -> ClientSpec {
        let scopes = self.manifest.asks();
        let has = |api: &&ApiSpec| api.scopes.iter().any(|scope| scopes.contains(&scope.name));
        let administration = scopes.iter().any(is_scope).then(|| ApiId(API.to_owned()));
        let callback = self.manifest.callback_url.as_deref().and_then(|url| RedirectUri::parse(url).ok());
        let mut grants = vec![
            GrantType::ClientCredentials,
            GrantType::RefreshToken,
            GrantType::RetrievalKey,
            GrantType::TokenExchange,
        ];
        grants.extend(callback.is_some().then_some(GrantType::AuthorizationCode));
        ClientSpec {
            name: Some(self.manifest.name.clone()),
            redirect_uris: callback.into_iter().collect(),
            grant_types: grants.into_iter().map(|grant| grant.as_str().to_owned()).collect(),
            apis: apis.iter().filter(has).map(ApiSpec::id).chain(administration).collect(),
            secrets: secret.map(|secret| vec![secret]),
            scopes,
            ..ClientSpec::named(self.id.client())
        }
    }

    pub(super) fn check(&self, before: Option<&Extension>, at: &At, problems: &mut Problems) {
        if let Err(what) = check_id(self.id.as_str()) {
            problems.add(&at.field("id"), what);
        }
        let is_same = |known: &Extension| self.contributor.is_none() || self.contributor == known.contributor;
        problems.expect(
            before.is_none_or(is_same),
            &at.field("contributor"),
            "an extension stays with who makes it; remove it and make it anew",
        );
        let (from, to) = (before.map(|known| known.state), self.state);
        let is_final =
            from == Some(ExtensionState::Withdrawn) && to.is_some_and(|to| to != ExtensionState::Withdrawn);
        problems.expect(!is_final, &at.field("state"), "what was withdrawn stays so");
        let is_back =
            from.is_some_and(|from| from != ExtensionState::Draft) && to == Some(ExtensionState::Draft);
        problems.expect(!is_back, &at.field("state"), "what has been looked at is no draft again");
        if let Some(day) = &self.deprecated_on {
            let fine = date::read(&format!("{day}T00:00:00Z")).is_some();
            problems.expect(fine, &at.field("deprecated_on"), "must be a day such as 2027-01-01");
        }
        problems.expect(
            self.manifest_version.is_none_or(|version| version >= 1),
            &at.field("manifest_version"),
            "counts from 1",
        );
        manifest::check(&self.manifest, &at.field("manifest"), problems);
        if let Some(proposed) = &self.proposed {
            manifest::check(proposed, &at.field("proposed"), problems);
        }
    }

    /// Its manifests, by the member that each is: the one in force, and one that is proposed.
    pub(super) fn manifests(&self) -> impl Iterator<Item = (&'static str, &Manifest)> {
        [("manifest", Some(&self.manifest)), ("proposed", self.proposed.as_ref())]
            .into_iter()
            .filter_map(|(member, manifest)| Some((member, manifest?)))
    }

    /// The audiences that it holds: those of the manifest in force.
    pub fn audiences(&self) -> BTreeSet<&str> {
        self.manifest.audiences.iter().map(String::as_str).collect()
    }

    /// The audiences that it names, also in what is only proposed.
    pub fn named_audiences(&self) -> BTreeSet<&str> {
        self.manifests().flat_map(|(_, manifest)| &manifest.audiences).map(String::as_str).collect()
    }

    /// What must hold of a manifest beside what else there is: scopes that exist, a callback that its client has, and a launch address
    /// where one of its client's redirect URIs, or one of its audiences, lies.
    pub(super) fn check_beside(
        &self,
        client: Option<&ClientSpec>,
        has_scope: impl Fn(&str) -> bool,
        at: &At,
        problems: &mut Problems,
    ) {
        let at = at.field("manifest");
        for scope in self.manifest.scopes.iter().filter(|scope| !is_openid_scope(&scope.name)) {
            let what = "no API of the tenant has this scope";
            problems.expect(has_scope(&scope.name), &at.item("scopes", &scope.name), what);
        }
        let registered: &[RedirectUri] = client.map_or(&[], |client| &client.redirect_uris);
        if let Some(callback) = &self.manifest.callback_url {
            let fine = registered.iter().any(|uri| uri.matches_exactly(callback));
            problems.expect(fine, &at.field("callback_url"), "must be one of its client's redirect_uris");
        }
        if let Some(launch) = self.manifest.launch_url.as_deref().and_then(template::origin) {
            let host = |url: &str| template::origin(url).map(|origin| host_of(origin.as_str()).to_owned());
            let own = registered.iter().map(RedirectUri::as_str);
            let own: BTreeSet<String> =
                own.chain(self.manifest.audiences.iter().map(String::as_str)).filter_map(host).collect();
            problems.expect(
                own.contains(host_of(launch.as_str())),
                &at.field("launch_url"),
                "must lie on a host of its client's redirect_uris or of its audiences",
            );
        }
    }
}

/// The host of an origin, without its port.
fn host_of(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    match authority.find(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or(authority),
    }
}
