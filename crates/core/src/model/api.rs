//! An API: a resource server that tokens are for (RFC 8707, RFC 9068).

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::id::{ApiId, TenantId};
use crate::model::guard::Guarding;
use crate::permission::word::Permission;

/// An API of a tenant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Api {
    /// Whose API.
    pub tenant: TenantId,
    /// Its audience: an absolute URI.
    pub id: ApiId,
    /// Its name, shown on the consent page.
    pub name: String,
    /// Its scopes; a scope belongs to one API of the tenant.
    pub scopes: Vec<ApiScope>,
    /// What its access tokens are.
    #[serde(default)]
    pub token_format: TokenFormat,
    /// What signs its JWTs.
    #[serde(default = "default_algorithm")]
    pub signing_algorithm: String,
    /// Seconds its access tokens live; the client's setting when absent.
    pub access_token_s: Option<i64>,
    /// How it is told what a person may do.
    #[serde(default)]
    pub permissions: PermissionClaims,
    /// What the guard asks of requests to it.
    #[serde(default)]
    pub guard: Guarding,
    /// Since when no token is issued for it.
    pub disabled_at: Option<Timestamp>,
    /// Counts changes. 0 = not stored yet.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A scope of an API.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiScope {
    /// The scope token (RFC 6749, section 3.3).
    pub name: String,
    /// What it lets a client do, in words, for the consent page.
    #[serde(default)]
    pub description: String,
    /// The same in other languages, by language tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub descriptions: BTreeMap<String, String>,
    /// Whether it is granted when a client names none (RFC 6749, section 3.3).
    #[serde(default)]
    pub default: bool,
    /// The permission that a person must hold, in the whole tenant or in some context, for a client to be granted the scope in their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
}

/// How an API is told what a person may do.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PermissionClaims {
    /// Its access tokens say so.
    pub token: bool,
    /// Introspection says so, as it is at that moment.
    pub introspection: bool,
    /// Of which domains; all but `admin` when empty.
    pub domains: BTreeSet<String>,
}

/// What access tokens for an API are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// A JWT (RFC 9068).
    #[default]
    Jwt,
    /// A random string, known only here.
    Opaque,
}

fn default_algorithm() -> String {
    "ES256".to_owned()
}

impl Api {
    /// Whether the scope is one of its own.
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope(name).is_some()
    }

    /// The scope of that name.
    pub fn scope(&self, name: &str) -> Option<&ApiScope> {
        self.scopes.iter().find(|scope| scope.name == name)
    }

    /// Whether something that is issued for it depends on what a person may do.
    pub fn asks_of_people(&self) -> bool {
        self.permissions.token
            || self.permissions.introspection
            || self.scopes.iter().any(|scope| scope.permission.is_some())
    }
}
