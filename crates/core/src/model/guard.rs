//! What the guard asks of requests to an API: rules by method and path.

use serde::{Deserialize, Serialize};

/// How an API is guarded.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guarding {
    /// Who needs a token must come by https, so that the token is read by nobody on its way (RFC 6750, section 5.3): the proxy says so.
    pub https: bool,
    /// A token may also come in a parameter, where the issuer's dialect has one for it. Others log addresses: leave it off where you can.
    pub parameters: bool,
    /// What is asked on which route; the first that is meant counts, and what no rule means is refused. Without any: a token for the API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<RouteRule>,
}

/// What is asked of requests to some routes of an API.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteRule {
    /// Of which methods, in capital letters; of every one when empty. `GET` means `HEAD` too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Of which paths, decoded: `*` is any one segment, `**` at the end all that may follow.
    pub path: String,
    /// Scopes that the token must have, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The class of sign-in that the token must rest on (RFC 9470); a higher one will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Seconds that the sign-in may be ago (RFC 9470).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
    /// No token is asked for, and none is looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
}
