//! What tokens say: the claims of access tokens (RFC 9068, section 2.2), ID tokens (OpenID Connect Core, section 2) and of people
//! (section 5.1).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use doorward_wire::claims::{Audience, ClaimsRequest, standard_claims};
use doorward_wire::scope::Scopes;

use super::user_claim::UserClaim;
use crate::facts::InstallationFacts;
use crate::id::{ContextId, InstallationId};
use crate::model::User;
use crate::permission::{Permission, Permissions};

/// An access token's claims.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// Subject: a person's id, or the client's for its own tokens.
    pub sub: String,
    /// Audience.
    pub aud: Audience,
    /// Client.
    pub client_id: String,
    /// Scopes, space separated.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Seconds.
    pub exp: i64,
    /// Seconds.
    pub iat: i64,
    /// Unique name of this token.
    pub jti: String,
    /// The grant it hangs on, so that introspection sees its end at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// When the person proved who they are; seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Class of that proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Methods of that proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// In which installation of the extension that the client is.
    #[serde(flatten)]
    pub installed: InstalledClaims,
    /// What the person may do, where the registration of an API of the audience asks for it.
    #[serde(flatten)]
    pub may: MayClaims,
    /// Who the person is, where the wire contract has tokens say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserClaim>,
}

/// What tokens and introspection say of an installation; nothing where none acts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct InstalledClaims {
    /// Which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<InstallationId>,
    /// The typed id of what it is installed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ContextId>,
    /// How often it had been switched off when it got this token for itself: another number is a dead token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation_epoch: Option<i64>,
    /// Whom or what the installation says it acts for; nobody has checked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_label: Option<String>,
    /// Who acts in the person's place (RFC 8693, section 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<ActClaim>,
}

/// An actor (RFC 8693, section 4.1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActClaim {
    /// Who.
    pub sub: String,
}

impl InstalledClaims {
    /// What is said of an installation.
    pub fn of(found: &InstallationFacts) -> Self {
        Self {
            installation: Some(found.installation.id.clone()),
            context: Some(found.installation.context_id.clone()),
            ..Self::default()
        }
    }
}

/// What tokens and introspection say of a person's permissions.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct MayClaims {
    /// In the whole tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<BTreeSet<Permission>>,
    /// In single contexts and all below each, by the context's typed id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_permissions: Option<BTreeMap<ContextId, BTreeSet<Permission>>>,
}

impl MayClaims {
    /// All that `permissions` say. Nothing in contexts where there is nothing.
    pub fn of(permissions: Permissions) -> Self {
        let contexts = permissions.contexts;
        Self {
            permissions: Some(permissions.everywhere),
            context_permissions: (!contexts.is_empty()).then_some(contexts),
        }
    }

    /// The same for a token that travels in headers: of many contexts it says nothing, and introspection tells.
    pub fn for_token(self) -> Self {
        let contexts = self.context_permissions.filter(|contexts| contexts.len() <= MOST_CONTEXTS);
        Self { context_permissions: contexts, ..self }
    }
}

/// Contexts that an access token speaks of at most.
pub const MOST_CONTEXTS: usize = 50;

/// An ID token's claims. `at_hash` is added when the access token is signed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IdClaims {
    /// Issuer.
    pub iss: String,
    /// Subject.
    pub sub: String,
    /// Audience: the client.
    pub aud: Audience,
    /// Seconds.
    pub exp: i64,
    /// Seconds.
    pub iat: i64,
    /// Seconds.
    pub auth_time: i64,
    /// As the request gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Class of authentication.
    pub acr: String,
    /// Methods of authentication.
    pub amr: Vec<String>,
    /// The session, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The grant that it hangs on, where APIs take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// Left half of the access token's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Claims that the `claims` parameter asked for here.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What the scopes and the `claims` parameter let userinfo say of a person (sections 5.4 and 5.5). `sub` is always there.
pub fn of_userinfo(user: &User, scopes: &Scopes, request: Option<&ClaimsRequest>) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), Value::from(user.id.as_str()));
    for scope in scopes.iter() {
        for claim in standard_claims(scope) {
            insert(&mut claims, user, claim);
        }
    }
    if let Some(request) = request {
        for claim in request.userinfo.keys() {
            insert(&mut claims, user, claim);
        }
    }
    claims
}

/// What the `claims` parameter asks the ID token to say of a person.
pub fn of_id_token(user: &User, request: Option<&ClaimsRequest>) -> Map<String, Value> {
    let mut claims = Map::new();
    for claim in request.iter().flat_map(|request| request.id_token.keys()) {
        insert(&mut claims, user, claim);
    }
    claims
}

/// The value of a standard claim; none where the person has none (section 5.3.2: it is left out, never null).
pub fn value_of(user: &User, claim: &str) -> Option<Value> {
    match claim {
        "email" => user.email.clone().map(Value::from),
        "email_verified" => user.email.as_ref().map(|_| Value::from(user.email_verified_at.is_some())),
        "preferred_username" => Some(Value::from(user.profile.text(claim).unwrap_or(&user.user_name))),
        "updated_at" => Some(Value::from(user.updated_at.seconds())),
        _ if is_standard(claim) => user.profile.0.get(claim).cloned(),
        _ => None,
    }
}

fn insert(claims: &mut Map<String, Value>, user: &User, claim: &str) {
    if let Some(value) = value_of(user, claim) {
        claims.insert(claim.to_owned(), value);
    }
}

fn is_standard(claim: &str) -> bool {
    ["profile", "email", "address", "phone"].iter().any(|scope| standard_claims(scope).contains(&claim))
}
