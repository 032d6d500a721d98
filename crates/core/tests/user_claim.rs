//! The person as some wire contracts have them: of their roles, those that are told where the token is used.

use doorward_core::Facts;
use doorward_core::facts::HeldFacts;
use doorward_core::permission::{Held, Permission};
use doorward_core::token::user_claim::UserClaim;

use crate::world::{self, parse};

fn held(role: &str, permissions: &[&str], context: Option<&str>) -> Held {
    Held {
        role: role.into(),
        permissions: permissions.iter().map(|name| Permission::parse(name).unwrap()).collect(),
        requires_second_factor: false,
        context: context.map(Into::into),
    }
}

fn facts() -> Facts {
    let roles = vec![
        held("writer", &["orders:write"], None),
        held("named", &[], None),
        held("chief", &["admin:*"], None),
        held("clerk", &["admin:users.read"], Some("project/p-1")),
        held("both", &["admin:users.read", "orders:read"], None),
        held("here", &["orders:read"], Some("project/p-1")),
        held("above", &["orders:read"], Some("customer/c-1")),
        held("elsewhere", &["orders:read"], Some("project/p-2")),
    ];
    Facts { held: Some(HeldFacts { roles, client: None }), ..world::facts() }
}

fn groups(scopes: &str, is_installed: bool, facts: &Facts) -> Vec<String> {
    let plain = world::grant_facts(world::grant(scopes));
    let of = if is_installed { world::installed(plain) } else { plain };
    let told = UserClaim::of(&world::user(), &of, &parse(scopes), facts);
    told.groups.into_iter().map(|role| role.0).collect()
}

/// What somebody may do in the administration is told to the administration only.
#[test]
fn roles_of_administrators_are_told_to_nobody() {
    assert_eq!(groups("openid profile", true, &facts()), ["above", "both", "here", "named", "writer"]);
    assert_eq!(groups("openid profile", false, &facts()), ["both", "named", "writer"]);
}

#[test]
fn without_the_scope_there_are_none() {
    assert!(groups("openid email", true, &facts()).is_empty());
    assert!(groups("openid profile", true, &world::facts()).is_empty(), "who holds none");
}

/// The map is what the client knows of roles: others are none of its business.
#[test]
fn a_clients_map_of_roles_names_those_that_it_is_told() {
    let mut facts = facts();
    let mut client = world::client();
    let map = ["chief", "elsewhere", "writer"].map(|role| (role.into(), Default::default()));
    client.role_permissions = Some(map.into_iter().collect());
    facts.held.as_mut().unwrap().client = Some(world::client_facts(client));
    assert_eq!(groups("openid profile", true, &facts), ["writer"]);
}
