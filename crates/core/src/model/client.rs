//! An OAuth client.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::Legacy;
use crate::Timestamp;
use crate::id::{ApiId, ClientId, IssuerId, RoleId, TenantId};
use crate::permission::word::Permission;
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;

/// A client of a tenant (RFC 6749, section 2; metadata names of RFC 7591, section 2).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Client {
    /// Whose client.
    pub tenant: TenantId,
    /// Its `client_id`.
    pub id: ClientId,
    /// Its name, shown on the consent page.
    pub name: String,
    /// How it authenticates: a row of the table of methods. `none` is a public client.
    pub auth_method: String,
    /// Further methods it may use, such as `client_secret_post` beside `client_secret_basic`.
    #[serde(default)]
    pub also_auth_methods: BTreeSet<String>,
    /// Web or native (RFC 8252).
    #[serde(default)]
    pub application_type: ApplicationType,
    /// Where codes may go: compared byte for byte.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// Where the browser may go after sign-out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it is told that a session ended (OpenID Connect Back-Channel Logout 1.0, section 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether what it is told must name the session. It always does.
    #[serde(default, skip_serializing_if = "is_false")]
    pub backchannel_logout_session_required: bool,
    /// Grant types it may use: rows of the table of grants.
    pub grant_types: BTreeSet<String>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// What it gets when it asks for nothing; empty: the default scopes of its APIs.
    #[serde(default)]
    pub default_scopes: Scopes,
    /// APIs it may get tokens for.
    #[serde(default)]
    pub apis: BTreeSet<ApiId>,
    /// APIs in whose name it may introspect tokens (RFC 7662).
    #[serde(default)]
    pub introspects: BTreeSet<ApiId>,
    /// Whether it may introspect every token of its tenant.
    #[serde(default)]
    pub introspects_all: bool,
    /// Issuers that it may use; empty: every one of its tenant where only the specifications are spoken.
    #[serde(default)]
    pub issuers: BTreeSet<IssuerId>,
    /// Its public keys, a JWK set as JSON, for `private_key_jwt`.
    pub jwks: Option<String>,
    /// Where its public keys are fetched from, for `private_key_jwt`.
    pub jwks_uri: Option<String>,
    /// Whether it must use PKCE; public clients always must.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// Whether it is the platform's own: no consent page.
    #[serde(default)]
    pub first_party: bool,
    /// The class of sign-in that its people must reach (`acr`); none: what tenant and person ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_acr: Option<String>,
    /// What signs its ID tokens.
    #[serde(default = "rs256")]
    pub id_token_algorithm: String,
    /// How long what it gets lives.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// What becomes of a used refresh token.
    #[serde(default)]
    pub refresh_policy: RefreshPolicy,
    /// Seconds in which a public client may repeat a refresh whose answer it lost; at most 600.
    #[serde(default = "grace")]
    pub refresh_grace_s: i64,
    /// What roles let people do through it: narrows what its tokens say to what is listed for any of a person's roles; none: no narrowing.
    #[serde(default)]
    pub role_permissions: Option<BTreeMap<RoleId, BTreeSet<Permission>>>,
    /// What it may do that the specifications have given up, at an issuer whose wire contract has it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub legacy: BTreeSet<Legacy>,
    /// Requests in a minute at the endpoints where it authenticates; 0: no limit.
    #[serde(default)]
    pub rate_limit: i64,
    /// Since when it may do nothing.
    pub disabled_at: Option<Timestamp>,
    /// Counts changes. 0 = not stored yet.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Web or native (OpenID Connect Registration, section 2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// Redirects to https.
    #[default]
    Web,
    /// Redirects to loopback or a scheme of its own.
    Native,
}

/// Lifetimes in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// An authorization code.
    pub code_s: i64,
    /// An access token, unless its API says otherwise.
    pub access_token_s: i64,
    /// An ID token.
    pub id_token_s: i64,
    /// A grant with a refresh token, unused.
    pub refresh_idle_s: i64,
    /// A grant with a refresh token, used or not.
    pub refresh_absolute_s: i64,
}

/// What becomes of a used refresh token (section 6 of the design).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshPolicy {
    /// A successor replaces it.
    #[default]
    Rotate,
    /// It stays, for clients that never store a new one. Confidential clients only.
    Reuse,
}

impl Client {
    /// Whether it cannot keep a secret (RFC 6749, section 2.1).
    pub fn is_public(&self) -> bool {
        self.auth_method == "none"
    }

    /// Whether it may use that authentication method.
    pub fn may_authenticate_by(&self, method: &str) -> bool {
        self.auth_method == method || self.also_auth_methods.contains(method)
    }

    /// Whether it may use that grant type.
    pub fn may_use(&self, grant_type: &str) -> bool {
        self.grant_types.contains(grant_type)
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            code_s: 60,
            access_token_s: 600,
            id_token_s: 600,
            refresh_idle_s: 30 * 86_400,
            refresh_absolute_s: 180 * 86_400,
        }
    }
}

fn yes() -> bool {
    true
}

fn rs256() -> String {
    "RS256".to_owned()
}

fn grace() -> i64 {
    30
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}
