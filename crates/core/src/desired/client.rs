//! A client as it is desired (metadata names of RFC 7591, section 2, where there are some).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::secret::{Wish, in_force};
use super::{CurrentClient, SecretSpec, is_default, since, switch};
use crate::Timestamp;
use crate::id::{ApiId, ClientId, IssuerId, RoleId, TenantId};
use crate::model::{ApplicationType, Client, Legacy, Lifetimes, RefreshPolicy};
use crate::permission::Permission;
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;

/// A client of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// Its `client_id`.
    pub id: ClientId,
    /// Its name, shown on the consent page. Absent: as it is, the id at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it authenticates; `none` for a public client.
    #[serde(default = "basic", skip_serializing_if = "is_basic")]
    pub auth_method: String,
    /// Further methods that it may use.
    #[serde(default, skip_serializing_if = "is_default")]
    pub also_auth_methods: BTreeSet<String>,
    /// `web` or `native`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub application_type: ApplicationType,
    /// Where codes may go.
    #[serde(default, skip_serializing_if = "is_default")]
    pub redirect_uris: Vec<RedirectUri>,
    /// Where the browser may go after sign-out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it is told that a session ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether what it is told must name the session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backchannel_logout_session_required: bool,
    /// Grant types it may use.
    #[serde(default = "code", skip_serializing_if = "is_code")]
    pub grant_types: BTreeSet<String>,
    /// What it may ask for, parted by spaces.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scopes: Scopes,
    /// What it gets when it asks for nothing; the default scopes of its APIs when absent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub default_scopes: Scopes,
    /// APIs that it may get tokens for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub apis: BTreeSet<ApiId>,
    /// APIs in whose name it may introspect tokens.
    #[serde(default, skip_serializing_if = "is_default")]
    pub introspects: BTreeSet<ApiId>,
    /// It may introspect every token of its tenant.
    #[serde(default, skip_serializing_if = "is_default")]
    pub introspects_all: bool,
    /// Issuers that it may use; when absent, every one of its tenant of the standard dialect.
    #[serde(default, skip_serializing_if = "is_default")]
    pub issuers: BTreeSet<IssuerId>,
    /// Its public keys, a JWK set, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where its public keys are fetched from, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// It must use PKCE; public clients always must.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub require_pkce: bool,
    /// It is the platform's own: no consent page.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first_party: bool,
    /// The class of sign-in that its people must reach: `urn:doorward:acr:password` or `urn:doorward:acr:mfa`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_acr: Option<String>,
    /// What signs its ID tokens.
    #[serde(default = "rs256", skip_serializing_if = "is_rs256")]
    pub id_token_algorithm: String,
    /// How long what it gets lives.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lifetimes: Lifetimes,
    /// What becomes of a used refresh token: `rotate` or `reuse`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub refresh_policy: RefreshPolicy,
    /// Seconds in which a public client may repeat a refresh whose answer it lost.
    #[serde(default = "grace", skip_serializing_if = "is_grace")]
    pub refresh_grace_s: i64,
    /// What roles let people do through it: narrows what its tokens say to what is listed for any of a person's roles; absent: no narrowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_permissions: Option<BTreeMap<RoleId, BTreeSet<Permission>>>,
    /// What it may do that the specifications have given up, at an issuer whose dialect has it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub legacy: BTreeSet<Legacy>,
    /// Requests in a minute at the endpoints where it authenticates; 0: no limit.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rate_limit: i64,
    /// It may do nothing. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// `generate`: the server makes a secret when the client has none, and shows it once.
    #[serde(default, skip_serializing)]
    pub secret: Option<Wish>,
    /// Its secrets; those it has are left alone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Vec<SecretSpec>>,
}

impl ClientSpec {
    /// One that is as clients are where nothing is said.
    pub(super) fn named(id: ClientId) -> Self {
        Self {
            id,
            name: None,
            auth_method: basic(),
            also_auth_methods: BTreeSet::new(),
            application_type: ApplicationType::default(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            grant_types: code(),
            scopes: Scopes::default(),
            default_scopes: Scopes::default(),
            apis: BTreeSet::new(),
            introspects: BTreeSet::new(),
            introspects_all: false,
            issuers: BTreeSet::new(),
            jwks: None,
            jwks_uri: None,
            require_pkce: true,
            first_party: false,
            required_acr: None,
            id_token_algorithm: rs256(),
            lifetimes: Lifetimes::default(),
            refresh_policy: RefreshPolicy::default(),
            refresh_grace_s: grace(),
            role_permissions: None,
            legacy: BTreeSet::new(),
            rate_limit: 0,
            disabled: None,
            secret: None,
            secrets: None,
        }
    }

    /// The client as it is.
    pub(super) fn of(found: &CurrentClient, now: Timestamp) -> Self {
        let client = &found.client;
        let secrets = in_force(&found.secrets, now);
        Self {
            id: client.id.clone(),
            name: Some(client.name.clone()),
            auth_method: client.auth_method.clone(),
            also_auth_methods: client.also_auth_methods.clone(),
            application_type: client.application_type,
            redirect_uris: client.redirect_uris.clone(),
            post_logout_redirect_uris: client.post_logout_redirect_uris.clone(),
            backchannel_logout_uri: client.backchannel_logout_uri.clone(),
            backchannel_logout_session_required: client.backchannel_logout_session_required,
            grant_types: client.grant_types.clone(),
            scopes: client.scopes.clone(),
            default_scopes: client.default_scopes.clone(),
            apis: client.apis.clone(),
            introspects: client.introspects.clone(),
            introspects_all: client.introspects_all,
            issuers: client.issuers.clone(),
            jwks: client.jwks.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            jwks_uri: client.jwks_uri.clone(),
            require_pkce: client.require_pkce,
            first_party: client.first_party,
            required_acr: client.required_acr.clone(),
            id_token_algorithm: client.id_token_algorithm.clone(),
            lifetimes: client.lifetimes,
            refresh_policy: client.refresh_policy,
            refresh_grace_s: client.refresh_grace_s,
            role_permissions: client.role_permissions.clone(),
            legacy: client.legacy.clone(),
            rate_limit: client.rate_limit,
            disabled: switch(None, client.disabled_at.is_some()),
            secret: None,
            secrets: (!secrets.is_empty()).then_some(secrets),
        }
    }

    /// With what is left to defaults, or to what is there, filled in. Secrets are settled before.
    pub(super) fn filled(&self, before: Option<&CurrentClient>, now: Timestamp) -> Self {
        let mut secrets = match (&self.secrets, before) {
            (Some(secrets), _) => secrets.clone(),
            // Those of a client that authenticates by one no longer go.
            (None, Some(before)) if self.uses_secrets() => in_force(&before.secrets, now),
            (None, _) => Vec::new(),
        };
        secrets.sort_by_key(SecretSpec::digest);
        let before = before.map(|found| &found.client);
        let stored = || before.map_or_else(|| self.id.0.clone(), |client| client.name.clone());
        Self {
            name: Some(self.name.clone().unwrap_or_else(stored)),
            disabled: switch(self.disabled, before.is_some_and(|client| client.disabled_at.is_some())),
            secret: None,
            secrets: (!secrets.is_empty()).then_some(secrets),
            ..self.clone()
        }
    }

    /// Whether it differs from the client of an extension in nothing but what who makes that may change: where codes and browsers go, and
    /// what it may ask for. Of one that nobody has looked at yet (`is_draft`), also what it is called, at which issuers it is used, and
    /// whether it takes codes.
    pub(crate) fn changes_only_what_makers_may(
        &self,
        CurrentClient { client, secrets }: &CurrentClient,
        is_draft: bool,
    ) -> bool {
        let is_known = |secret: &SecretSpec| secrets.iter().any(|known| secret.digest() == Some(known.hash));
        let mut same = Client {
            redirect_uris: client.redirect_uris.clone(),
            post_logout_redirect_uris: client.post_logout_redirect_uris.clone(),
            backchannel_logout_uri: client.backchannel_logout_uri.clone(),
            backchannel_logout_session_required: client.backchannel_logout_session_required,
            scopes: client.scopes.clone(),
            apis: client.apis.clone(),
            ..self.onto(&client.tenant, Some(client), client.created_at)
        };
        if is_draft {
            same.name = client.name.clone();
            same.issuers = client.issuers.clone();
            let mut changed = self.grant_types.symmetric_difference(&client.grant_types);
            if changed.all(|name| CODES.contains(&name.as_str())) {
                same.grant_types = client.grant_types.clone();
            }
        }
        same == *client && self.secrets.iter().flatten().all(is_known)
    }

    /// Its row.
    pub(super) fn onto(&self, tenant: &TenantId, before: Option<&Client>, now: Timestamp) -> Client {
        Client {
            tenant: tenant.clone(),
            id: self.id.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.0.clone()),
            auth_method: self.auth_method.clone(),
            also_auth_methods: self.also_auth_methods.clone(),
            application_type: self.application_type,
            redirect_uris: self.redirect_uris.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            backchannel_logout_uri: self.backchannel_logout_uri.clone(),
            backchannel_logout_session_required: self.backchannel_logout_session_required,
            grant_types: self.grant_types.clone(),
            scopes: self.scopes.clone(),
            default_scopes: self.default_scopes.clone(),
            apis: self.apis.clone(),
            introspects: self.introspects.clone(),
            introspects_all: self.introspects_all,
            issuers: self.issuers.clone(),
            jwks: self.jwks.as_ref().map(Value::to_string),
            jwks_uri: self.jwks_uri.clone(),
            require_pkce: self.require_pkce,
            first_party: self.first_party,
            required_acr: self.required_acr.clone(),
            id_token_algorithm: self.id_token_algorithm.clone(),
            lifetimes: self.lifetimes,
            refresh_policy: self.refresh_policy,
            refresh_grace_s: self.refresh_grace_s,
            role_permissions: self.role_permissions.clone(),
            legacy: self.legacy.clone(),
            rate_limit: self.rate_limit,
            disabled_at: since(before.and_then(|client| client.disabled_at), self.disabled, now),
            version: before.map_or(0, |client| client.version),
            created_at: before.map_or(now, |client| client.created_at),
        }
    }
}

fn basic() -> String {
    "client_secret_basic".to_owned()
}

fn is_basic(name: &str) -> bool {
    name == "client_secret_basic"
}

fn code() -> BTreeSet<String> {
    BTreeSet::from(["authorization_code".to_owned()])
}

fn is_code(grants: &BTreeSet<String>) -> bool {
    *grants == code()
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn rs256() -> String {
    "RS256".to_owned()
}

fn is_rs256(name: &str) -> bool {
    name == "RS256"
}

fn grace() -> i64 {
    30
}

fn is_grace(seconds: &i64) -> bool {
    *seconds == 30
}

/// Grant types by which people sign in.
const CODES: [&str; 2] = ["authorization_code", "refresh_token"];
