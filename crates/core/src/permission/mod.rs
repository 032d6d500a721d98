//! Effective permission: what was requested ∩ what the client may have ∩ what was consented to ∩ what the person may do, with the
//! reason for each scope that fell.

pub mod audience;
pub mod held;
pub mod word;

use doorward_wire::scope::Scopes;

use crate::admin;
use crate::model::{Api, Client};

pub use held::{Held, Permissions};
pub use word::Permission;

/// What is left of a request, and what fell.
#[derive(Clone, PartialEq, Debug)]
pub struct Effective {
    /// What may be granted.
    pub scopes: Scopes,
    /// What may not, each with the bound that it met.
    pub fell: Vec<(String, Bound)>,
}

/// What took a scope away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// The client is not registered for it.
    Client,
    /// The person did not allow it.
    Consent,
    /// The person may not do it themselves.
    Person,
    /// No API of the tenant that the client may use has it, and it is no scope of OpenID Connect.
    Resource,
}

/// What of `requested` may be granted to `client` under `consented` (everything, where consent is yet to be asked) in the name of who
/// has `permissions` (none: nobody is known yet, or the client asks for itself).
pub fn effective(
    requested: &Scopes,
    client: &Client,
    consented: Option<&Scopes>,
    permissions: Option<&Permissions>,
    apis: &[Api],
) -> Effective {
    let mut fell = Vec::new();
    let scopes = requested.filter(|scope| {
        let bound = if !client.scopes.contains(scope) {
            Some(Bound::Client)
        } else if !is_known(scope, client, apis) {
            Some(Bound::Resource)
        } else if consented.is_some_and(|consented| !consented.contains(scope)) {
            Some(Bound::Consent)
        } else if permissions.is_some_and(|permissions| !permissions.may_grant(scope, apis)) {
            Some(Bound::Person)
        } else {
            None
        };
        fell.extend(bound.map(|bound| (scope.to_owned(), bound)));
        bound.is_none()
    });
    Effective { scopes, fell }
}

/// Whether what is `left` of what was `granted` has lost its ground: nothing is left, or no API where one was granted. Another API of
/// the client must never take its place.
pub fn is_withdrawn(granted: &Scopes, left: &Scopes) -> bool {
    let has_api = |scopes: &Scopes| scopes.iter().any(|scope| !is_openid_scope(scope));
    let lost_all = left.is_empty() && !granted.is_empty();
    lost_all || (has_api(granted) && !has_api(left) && !left.contains("openid"))
}

/// Whether what is issued for `scopes` can depend on what the person may do, so that their roles must be known.
pub fn asks_of_people(scopes: &Scopes, apis: &[Api]) -> bool {
    let of_administration = |api: &Api| admin::is_built_in(&api.id);
    apis.iter().any(|api| {
        if of_administration(api) { scopes.iter().any(admin::is_scope) } else { api.asks_of_people() }
    })
}

/// What a client gets when it asks for nothing (RFC 6749, section 3.3): its own default, or the default scopes of its APIs.
pub fn default_scopes(client: &Client, apis: &[Api]) -> Scopes {
    if !client.default_scopes.is_empty() {
        return client.default_scopes.intersection(&client.scopes);
    }
    client.scopes.filter(|name| {
        apis.iter()
            .filter(|api| client.apis.contains(&api.id) && api.disabled_at.is_none())
            .any(|api| api.scopes.iter().any(|scope| scope.default && scope.name == name))
    })
}

/// Whether OpenID Connect defines the scope, so that it belongs to the issuer itself and not to an API.
pub fn is_openid_scope(scope: &str) -> bool {
    OPENID_SCOPES.contains(&scope)
}

fn is_known(scope: &str, client: &Client, apis: &[Api]) -> bool {
    is_openid_scope(scope)
        || apis
            .iter()
            .any(|api| client.apis.contains(&api.id) && api.disabled_at.is_none() && api.has_scope(scope))
}

/// OpenID Connect Core, sections 3.1.2.1, 5.4 and 11.
pub const OPENID_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];
