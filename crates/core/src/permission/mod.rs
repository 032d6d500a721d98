//! Effective permission: what was requested ∩ what the client may have ∩ what its APIs have ∩ what was consented to, at installation and
//! by the person ∩ what the person may do; with the reason for each scope that fell.

pub mod audience;
pub mod explain;
pub mod held;
pub mod word;

use doorward_wire::scope::Scopes;

use crate::model::{Api, Client};
use crate::{Facts, Reason, admin};

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
    /// It was not consented to where the extension was installed.
    Installation,
    /// The person may not do it themselves.
    Person,
    /// No API of the tenant that the client may use has it, and it is no scope of OpenID Connect.
    Resource,
}

/// What limits a request.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// The client.
    pub client: &'a Client,
    /// What the person allowed it; none: that is yet to be asked, or they are not asked.
    pub consented: Option<&'a Scopes>,
    /// What was consented to where the extension that the client is was installed; none: no installation acts.
    pub installed: Option<&'a Scopes>,
    /// What the person may do, in whose name it acts; none: nobody is known yet, or it asks for itself.
    pub permissions: Option<&'a Permissions>,
    /// The tenant's APIs.
    pub apis: &'a [Api],
}

impl<'a> Limits<'a> {
    /// The limits of what a client asks before anything is known of people.
    pub const fn of(client: &'a Client, apis: &'a [Api]) -> Self {
        Self { client, consented: None, installed: None, permissions: None, apis }
    }

    /// The first that a scope meets.
    pub fn bound(&self, scope: &str) -> Option<Bound> {
        self.bounds(scope).next()
    }

    /// All that a scope meets, in their order.
    pub fn bounds(&self, scope: &str) -> impl Iterator<Item = Bound> {
        let meets = [
            (!self.client.scopes.contains(scope)).then_some(Bound::Client),
            (!is_known(scope, self.client, self.apis)).then_some(Bound::Resource),
            self.installed.is_some_and(|installed| !installed.contains(scope)).then_some(Bound::Installation),
            self.consented.is_some_and(|consented| !consented.contains(scope)).then_some(Bound::Consent),
            self.permissions
                .is_some_and(|permissions| !permissions.may_grant(scope, self.apis))
                .then_some(Bound::Person),
        ];
        meets.into_iter().flatten()
    }
}

/// What of `requested` may be granted within `limits`.
pub fn effective(requested: &Scopes, limits: &Limits<'_>) -> Effective {
    let mut fell = Vec::new();
    let scopes = requested.filter(|scope| {
        let bound = limits.bound(scope);
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
fn default_scopes(client: &Client, apis: &[Api]) -> Scopes {
    if !client.default_scopes.is_empty() {
        return client.default_scopes.intersection(&client.scopes);
    }
    client.scopes.filter(|name| {
        apis.iter()
            .filter(|api| client.apis.contains(&api.id) && api.disabled_at.is_none())
            .any(|api| api.scopes.iter().any(|scope| scope.default && scope.name == name))
    })
}

/// What a client asks for with that `scope` parameter: its default when there is none (RFC 6749, section 3.3), and beside what it says where
/// the wire contract has it so.
pub fn asked_scopes(said: Option<&str>, client: &Client, facts: &Facts) -> Result<Scopes, Reason> {
    let default = || default_scopes(client, &facts.apis);
    let Some(said) = said else { return Ok(default()) };
    let mut asked = Scopes::parse(said).map_err(|_| Reason::ScopeMalformed)?;
    if facts.policies.adds_default_scopes {
        let more = effective(&default(), &Limits::of(client, &facts.apis)).scopes;
        asked = asked.union(&more);
    }
    Ok(asked)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Timestamp;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    fn client(registered: &str, apis: &[&str], default: &str) -> Client {
        let mut client: Client = serde_json::from_value(json!({
            "tenant": "t", "id": "c", "name": "C", "auth_method": "none", "grant_types": [], "scopes": registered,
            "jwks": null, "jwks_uri": null, "disabled_at": null, "version": 1, "created_at": 0
        }))
        .unwrap();
        client.apis = apis.iter().map(|id| (*id).into()).collect();
        client.default_scopes = scopes(default);
        client
    }

    /// An API of these scopes, each granted by default; `!` marks one that needs the permission of its name.
    fn api(id: &str, named: &[&str]) -> Api {
        let mut api = admin::api(&"t".into());
        api.id = id.into();
        api.scopes = named
            .iter()
            .map(|name| crate::model::ApiScope {
                name: name.trim_end_matches('!').to_owned(),
                description: String::new(),
                descriptions: std::collections::BTreeMap::new(),
                default: true,
                permission: name.strip_suffix('!').map(|word| Permission::parse(word).unwrap()),
            })
            .collect();
        api
    }

    /// The client uses `a` and `off`, which is switched off; `other` is not its own.
    fn apis() -> [Api; 3] {
        let off = Api { disabled_at: Some(Timestamp(1)), ..api("off", &["off:read"]) };
        [api("a", &["a:read", "a:write", "a:chief!"]), off, api("other", &["other:read"])]
    }

    #[test]
    fn a_scope_falls_at_the_first_bound_that_it_meets() {
        let all = "openid profile a:read a:write a:chief off:read other:read";
        let client = client(all, &["a", "off"], "");
        let asked = scopes(&format!("{all} b:read"));
        let nobody = Permissions::default();
        let all = {
            let (consented, apis) = (scopes("openid a:read a:chief"), apis());
            let limits = Limits {
                consented: Some(&consented),
                permissions: Some(&nobody),
                ..Limits::of(&client, &apis)
            };
            effective(&asked, &limits)
        };
        assert_eq!(all.scopes, scopes("openid a:read"));
        let mut fell = all.fell;
        fell.sort_by(|one, other| one.0.cmp(&other.0));
        let expected = [
            ("a:chief", Bound::Person),
            ("a:write", Bound::Consent),
            ("b:read", Bound::Client),
            ("off:read", Bound::Resource),
            ("other:read", Bound::Resource),
            ("profile", Bound::Consent),
        ];
        assert_eq!(fell, expected.map(|(scope, bound)| (scope.to_owned(), bound)));
        let unasked = effective(&asked, &Limits::of(&client, &apis()));
        assert_eq!(unasked.scopes, scopes("openid profile a:read a:write a:chief"));
    }

    #[test]
    fn who_asks_for_nothing_gets_what_is_theirs_by_default() {
        let of = |registered: &str, default: &str| {
            default_scopes(&client(registered, &["a", "off"], default), &apis())
        };
        assert_eq!(of("a:read off:read other:read", ""), scopes("a:read"));
        assert_eq!(
            of("a:read a:write", "a:write a:chief"),
            scopes("a:write"),
            "what was taken since is gone"
        );
    }

    #[test]
    fn what_has_lost_all_its_apis_is_withdrawn() {
        for (granted, left, expected) in [
            ("openid a:read", "openid a:read", false),
            ("a:read a:write", "a:read", false),
            ("openid a:read", "openid", false),
            ("a:read", "", true),
            ("profile", "", true),
            ("profile a:read", "profile", true),
            ("", "", false),
        ] {
            assert_eq!(is_withdrawn(&scopes(granted), &scopes(left)), expected, "{granted:?} to {left:?}");
        }
    }

    #[test]
    fn roles_matter_where_a_scope_of_administration_is_asked_for() {
        let administration = [admin::api(&"t".into())];
        assert!(asks_of_people(&scopes("openid admin:users.read"), &administration));
        assert!(!asks_of_people(&scopes("openid a:read"), &administration));
        assert!(!asks_of_people(&scopes("a:read"), &[api("b", &["b:read"])]));
        assert!(asks_of_people(&scopes("a:read"), &[api("a", &["a:chief!"])]));
    }
}
