//! What a person holds: the roles that are assigned to them, for the whole tenant or in one context, and what these let them do.

use std::collections::{BTreeMap, BTreeSet};

use super::is_openid_scope;
use super::word::Permission;
use crate::admin::Area;
use crate::id::{ContextId, RoleId};
use crate::model::{Api, Client, User};

/// A role of a person, alive: the role exists, and where it was given in a context, that context and all above it stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The role.
    pub role: RoleId,
    /// What it lets them do.
    pub permissions: BTreeSet<Permission>,
    /// Whether who has it needs a second factor.
    pub requires_second_factor: bool,
    /// Where: in this context and all below it; none: in the whole tenant.
    pub context: Option<ContextId>,
}

/// Permissions as tokens and introspection say them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// What may be done in the whole tenant.
    pub everywhere: BTreeSet<Permission>,
    /// What may be done in single contexts, and in all below each.
    pub contexts: BTreeMap<ContextId, BTreeSet<Permission>>,
    /// Whether they administer the whole server: every permission of administration is theirs, and that one which no role gives.
    pub is_administrator: bool,
}

impl Permissions {
    /// What the roles `held` let a person do through `client`. Its map of roles narrows that: what the map gives all of these roles together
    /// counts of what they give, each where it is held, and a role that the map does not name adds nothing to it.
    pub fn of(user: &User, held: &[Held], client: Option<&Client>) -> Self {
        let is_administrator = user.administrator_since.is_some();
        let all = Self::united(held, |held| Some(&held.permissions));
        let all = match client.and_then(|client| client.role_permissions.as_ref()) {
            None => all,
            Some(map) => all.met_by(&Self::united(held, |held| map.get(&held.role))),
        };
        Self { is_administrator, ..all }
    }

    /// What each of the roles gives, where it is held.
    fn united<'a>(held: &'a [Held], gives: impl Fn(&'a Held) -> Option<&'a BTreeSet<Permission>>) -> Self {
        let mut all = Self::default();
        for role in held {
            let given = gives(role).into_iter().flatten().cloned();
            match &role.context {
                None => all.everywhere.extend(given),
                Some(context) => all.contexts.entry(context.clone()).or_default().extend(given),
            }
        }
        all.contexts.retain(|_, permissions| !permissions.is_empty());
        all
    }

    /// What both allow. In a context counts what is held there and in the whole tenant, on either side.
    fn met_by(&self, other: &Self) -> Self {
        let everywhere = meet(&self.everywhere, &other.everywhere);
        let mut met = Self { everywhere, ..Self::default() };
        for context in self.contexts.keys().chain(other.contexts.keys()) {
            let mut there = meet(&self.there(context), &other.there(context));
            there.retain(|permission| !met.allow(permission.as_str()));
            if !there.is_empty() {
                met.contexts.insert(context.clone(), there);
            }
        }
        met
    }

    /// What is held in the whole tenant and in that context itself.
    fn there(&self, context: &ContextId) -> BTreeSet<Permission> {
        self.everywhere.iter().chain(self.contexts.get(context).into_iter().flatten()).cloned().collect()
    }

    /// Those that hold in one context: what may be done in the whole tenant, there, or in what it lies in. What is held elsewhere is
    /// nothing there.
    pub fn within(self, context: &ContextId, above: &[ContextId]) -> Self {
        let Self { everywhere, contexts, is_administrator } = self;
        let there = contexts.into_iter().filter(|(held, _)| held == context || above.contains(held));
        let there: BTreeSet<Permission> = there.flat_map(|(_, permissions)| permissions).collect();
        let contexts =
            if there.is_empty() { BTreeMap::new() } else { BTreeMap::from([(context.clone(), there)]) };
        Self { everywhere, contexts, is_administrator }
    }

    /// Those of the domains that `apis` ask for. Permissions of administration are told to the administration only.
    pub fn told_to(mut self, apis: &[&Api]) -> Self {
        let is_told = |permission: &Permission| {
            permission.domain() != ADMIN_DOMAIN
                && apis.iter().any(|api| {
                    let domains = &api.permissions.domains;
                    domains.is_empty() || domains.iter().any(|domain| domain == permission.domain())
                })
        };
        self.everywhere.retain(&is_told);
        for permissions in self.contexts.values_mut() {
            permissions.retain(&is_told);
        }
        self.contexts.retain(|_, permissions| !permissions.is_empty());
        self
    }

    /// Whether a client may be granted the scope in this person's name: they hold the permission that it names, if any. One of
    /// administration must be held in the whole tenant, unless it can be held in contexts; that of the whole server only an administrator has, whatever roles say.
    pub fn may_grant(&self, scope: &str, apis: &[Api]) -> bool {
        if is_openid_scope(scope) {
            return true;
        }
        let wanted = apis.iter().find_map(|api| api.scope(scope)).and_then(|scope| scope.permission.as_ref());
        let Some(wanted) = wanted else { return true };
        if wanted.as_str() == SERVER {
            return self.is_administrator;
        }
        if wanted.domain() == ADMIN_DOMAIN {
            let is_local =
                Area::is_scope_of_contexts(wanted.as_str()) && self.allow_somewhere(wanted.as_str());
            return self.is_administrator || is_local || self.allow(wanted.as_str());
        }
        self.allow_somewhere(wanted.as_str())
    }

    /// Whether it may be done in the whole tenant.
    pub fn allow(&self, permission: &str) -> bool {
        self.everywhere.iter().any(|held| held.covers(permission))
    }

    /// Whether it may be done somewhere: in the whole tenant, or in a context.
    pub fn allow_somewhere(&self, permission: &str) -> bool {
        self.allow(permission) || self.contexts.values().flatten().any(|held| held.covers(permission))
    }
}

/// What is covered by something of both.
fn meet(some: &BTreeSet<Permission>, others: &BTreeSet<Permission>) -> BTreeSet<Permission> {
    some.iter().flat_map(|one| others.iter().filter_map(|other| one.meet(other))).collect()
}

/// The domain of the permissions that let a person administer the tenant.
pub const ADMIN_DOMAIN: &str = "admin";
/// What only an administrator may do: administer every tenant.
pub const SERVER: &str = "admin:server";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PermissionClaims;

    fn permissions(words: &[&str]) -> BTreeSet<Permission> {
        words.iter().map(|word| Permission::parse(word).unwrap()).collect()
    }

    fn held(role: &str, words: &[&str], context: Option<&str>) -> Held {
        Held {
            role: role.into(),
            permissions: permissions(words),
            requires_second_factor: false,
            context: context.map(Into::into),
        }
    }

    fn client(map: Option<&[(&str, &[&str])]>) -> Client {
        let mut client: Client = serde_json::from_value(serde_json::json!({
            "tenant": "t", "id": "c", "name": "C", "auth_method": "none", "grant_types": [], "scopes": "",
            "jwks": null, "jwks_uri": null, "disabled_at": null, "version": 1, "created_at": 0
        }))
        .unwrap();
        client.role_permissions =
            map.map(|map| map.iter().map(|(role, words)| ((*role).into(), permissions(words))).collect());
        client
    }

    fn user(is_administrator: bool) -> User {
        serde_json::from_value(serde_json::json!({
            "tenant": "t", "id": "usr_1", "user_name": "u", "user_name_key": "u", "email": null, "email_key": null,
            "email_verified_at": null, "disabled_at": null, "locked_at": null, "valid_from": null,
            "administrator_since": is_administrator.then_some(0), "external_id": null, "external_version": null,
            "version": 1, "created_at": 0, "updated_at": 0
        }))
        .unwrap()
    }

    fn api(domains: &[&str]) -> Api {
        let mut api: Api = serde_json::from_value(serde_json::json!({
            "tenant": "t", "id": "https://a", "name": "A", "scopes": [], "access_token_s": null,
            "disabled_at": null, "version": 1, "created_at": 0
        }))
        .unwrap();
        api.permissions = PermissionClaims {
            token: true,
            introspection: true,
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        };
        api
    }

    #[test]
    fn roles_add_up_by_place() {
        let roles = [
            held("reader", &["orders:read"], None),
            held("writer", &["orders:write"], Some("project/p-1")),
            held("empty", &[], Some("project/p-2")),
        ];
        let all = Permissions::of(&user(false), &roles, Some(&client(None)));
        assert_eq!(all.everywhere, permissions(&["orders:read"]));
        assert_eq!(all.contexts.len(), 1);
        assert!(all.allow("orders:read") && !all.allow("orders:write"));
        assert!(all.allow_somewhere("orders:write") && !all.allow_somewhere("orders:delete"));
    }

    #[test]
    fn a_clients_map_narrows_and_never_widens() {
        let roles =
            [held("reader", &["orders:*", "bills:read"], None), held("other", &["orders:read"], None)];
        let map: &[(&str, &[&str])] = &[("reader", &["orders:read", "secrets:read"])];
        let all = Permissions::of(&user(false), &roles, Some(&client(Some(map))));
        assert_eq!(all.everywhere, permissions(&["orders:read"]), "bills fell, secrets were never held");
        let nothing: &[(&str, &[&str])] = &[];
        assert_eq!(
            Permissions::of(&user(false), &roles, Some(&client(Some(nothing)))),
            Permissions::default()
        );
    }

    #[test]
    fn what_a_map_gives_all_roles_together_counts_of_what_they_give() {
        let map: &[(&str, &[&str])] = &[("viewer", &["dev:read", "dev:switch"])];
        let of = |roles: &[Held]| Permissions::of(&user(false), roles, Some(&client(Some(map))));
        let operator = |context| held("operator", &["dev:read", "dev:switch", "dev:erase"], context);
        let viewer = |context| held("viewer", &["dev:read"], context);
        assert_eq!(of(&[operator(None)]), Permissions::default(), "a role that the map does not name");
        assert_eq!(of(&[viewer(None)]).everywhere, permissions(&["dev:read"]), "what is held, and no more");
        let both = of(&[operator(None), viewer(None)]);
        assert_eq!(both.everywhere, permissions(&["dev:read", "dev:switch"]));

        for roles in [[operator(None), viewer(Some("home/1"))], [operator(Some("home/1")), viewer(None)]] {
            let there = of(&roles);
            assert!(!there.allow("dev:switch"), "one of them is held in one context only");
            assert!(there.contexts[&"home/1".into()].contains(&Permission::parse("dev:switch").unwrap()));
        }
        let apart = of(&[operator(Some("home/1")), viewer(Some("home/2"))]);
        assert!(!apart.allow_somewhere("dev:switch"), "neither context has both");
    }

    #[test]
    fn an_api_is_told_its_domains_and_never_of_administration() {
        let roles = [
            held("r", &["orders:read", "bills:read", "admin:*"], None),
            held("r", &["bills:read"], Some("project/p")),
        ];
        let told = |api: &Api| Permissions::of(&user(false), &roles, Some(&client(None))).told_to(&[api]);
        assert_eq!(told(&api(&["orders"])).everywhere, permissions(&["orders:read"]));
        assert!(told(&api(&["orders"])).contexts.is_empty());
        assert_eq!(told(&api(&[])).everywhere, permissions(&["orders:read", "bills:read"]));
        assert!(told(&api(&["admin"])).everywhere.is_empty());
    }

    #[test]
    fn a_scope_is_granted_to_who_holds_its_permission() {
        let mut api = api(&[]);
        for (scope, permission) in [
            ("free", None),
            ("orders", Some("orders:read")),
            ("users", Some("admin:users.read")),
            ("server", Some(SERVER)),
        ] {
            api.scopes.push(crate::model::ApiScope {
                name: scope.to_owned(),
                description: String::new(),
                descriptions: BTreeMap::new(),
                default: false,
                permission: permission.map(|word| Permission::parse(word).unwrap()),
            });
        }
        let apis = [api];
        let may = |is_administrator: bool, roles: &[Held]| -> Vec<&str> {
            let permissions = Permissions::of(&user(is_administrator), roles, None);
            let names = ["free", "orders", "users", "server"];
            names.into_iter().filter(|scope| permissions.may_grant(scope, &apis)).collect()
        };
        assert_eq!(may(false, &[]), ["free"]);
        assert_eq!(may(false, &[held("r", &["orders:read"], Some("project/p"))]), ["free", "orders"]);
        let in_one_context = held("r", &["admin:users.read"], Some("project/p"));
        assert_eq!(may(false, &[in_one_context]), ["free"], "administration is of the whole tenant");
        assert_eq!(
            may(false, &[held("r", &["admin:*"], None)]),
            ["free", "users"],
            "no role gives the server"
        );
        assert_eq!(may(true, &[]), ["free", "users", "server"]);
    }
}
