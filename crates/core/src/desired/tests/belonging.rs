//! Roles, contexts and memberships: made together, changed one by one, and refused where they name what is not there.

use serde_json::{Value, json};

use super::world::World;
use crate::desired::{Action, Kind, State};
use crate::model::EventKind;

fn document() -> Value {
    json!({ "tenants": [{
        "id": "demo",
        "roles": [
            { "id": "reader", "name": "Reader", "permissions": ["orders:read"] },
            { "id": "owner", "permissions": ["orders:*", "bills:read"], "requires_second_factor": true },
        ],
        // A child stands before what it lies in.
        "contexts": [
            { "id": "project/p-1", "parent": "customer/c-1", "name": "First" },
            { "id": "customer/c-1", "external_id": "crm-1", "external_version": 3 },
        ],
        "users": [
            { "user_name": "alice", "roles": ["reader"] },
            { "user_name": "bob", "id": "usr_bob-00001" },
        ],
        "memberships": [
            { "user": "Alice", "context": "project/p-1", "roles": ["owner", "reader"] },
            { "user": "usr_bob-00001", "context": "customer/c-1" },
        ],
    }]})
}

fn kinds(world: &World) -> Vec<(EventKind, String)> {
    world.events.iter().map(|event| (event.kind, event.data.clone())).collect()
}

#[test]
fn what_is_made_together_names_each_other() {
    let mut world = World::default();
    let plan = world.apply(document(), false).unwrap();
    assert_eq!(plan.count(Action::Create), 9);
    let tenant = &world.current.tenants[0];
    let find = |id: &str| tenant.contexts.iter().find(|context| context.id.as_str() == id).unwrap();
    assert_eq!(find("project/p-1").ancestors, [find("customer/c-1").key]);
    assert_eq!(find("customer/c-1").ancestors, []);
    assert_eq!(tenant.users[0].roles.len(), 1);
    assert_eq!(tenant.memberships[0].roles.len(), 2);
    let owner = tenant.roles.iter().find(|role| role.id.as_str() == "owner").unwrap();
    assert!(tenant.memberships[0].roles.iter().any(|held| held.role == owner.key));
    let given = kinds(&world).into_iter().filter(|(kind, _)| *kind == EventKind::RoleGiven);
    let given: Vec<String> = given.map(|(_, data)| data).collect();
    assert!(given.contains(&r#"{"role":"reader"}"#.to_owned()), "{given:?}");
    assert!(given.contains(&r#"{"context":"project/p-1","role":"owner"}"#.to_owned()), "{given:?}");
    // The same again, and the export of it, are nothing.
    assert!(world.apply(document(), true).unwrap().is_empty());
    let mut exported: State = serde_json::from_str(&world.export()).unwrap();
    assert!(world.apply_state(&mut exported, true).unwrap().is_empty());
}

#[test]
fn what_is_made_later_lies_in_what_is_there() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let more = json!({ "tenants": [{
        "id": "demo",
        "contexts": [{ "id": "env/test", "parent": "project/p-1" }],
        "memberships": [{ "user": "bob", "context": "env/test", "roles": ["reader"] }],
    }]});
    world.apply(more, false).unwrap();
    let tenant = &world.current.tenants[0];
    let key = |id: &str| tenant.contexts.iter().find(|context| context.id.as_str() == id).unwrap().key;
    let made = tenant.contexts.iter().find(|context| context.id.as_str() == "env/test").unwrap();
    assert_eq!(made.ancestors, [key("project/p-1"), key("customer/c-1")]);
    let roles = &tenant.roles;
    let held = tenant.memberships.iter().find(|found| found.membership.context == made.key).unwrap();
    assert_eq!(held.roles[0].role, roles.iter().find(|role| role.id.as_str() == "reader").unwrap().key);
}

#[test]
fn roles_come_and_go_one_by_one() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    world.events.clear();
    let change = json!({ "tenants": [{
        "id": "demo",
        "users": [{ "user_name": "alice", "roles": ["owner"] }],
        "memberships": [{ "user": "alice", "context": "project/p-1", "roles": ["reader"] }],
    }]});
    let plan = world.apply(change, false).unwrap();
    assert_eq!(plan.count(Action::Update), 2);
    let mut happened: Vec<(EventKind, String)> = kinds(&world);
    happened.retain(|(kind, _)| matches!(kind, EventKind::RoleGiven | EventKind::RoleTaken));
    let expected = [
        (EventKind::RoleTaken, r#"{"role":"reader"}"#),
        (EventKind::RoleGiven, r#"{"role":"owner"}"#),
        (EventKind::RoleTaken, r#"{"context":"project/p-1","role":"owner"}"#),
    ];
    let expected: Vec<(EventKind, String)> =
        expected.into_iter().map(|(kind, data)| (kind, data.to_owned())).collect();
    assert_eq!(happened, expected);
    // A person whose roles a document does not name keeps them.
    let silent = json!({ "tenants": [{ "id": "demo", "users": [{ "user_name": "alice" }] }]});
    assert!(world.apply(silent, false).unwrap().is_empty());
}

#[test]
fn pruning_takes_what_is_not_named() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let less = json!({ "tenants": [{
        "id": "demo", "roles": [{ "id": "reader", "name": "Reader", "permissions": ["orders:read"] }],
        "contexts": [], "memberships": [],
    }]});
    let kept = world.apply(less.clone(), false).unwrap();
    assert_eq!((kept.count(Action::Keep), kept.count(Action::Remove)), (5, 0));
    let gone = world.apply(less, true).unwrap();
    assert_eq!(gone.count(Action::Remove), 5);
    let tenant = &world.current.tenants[0];
    assert!(tenant.contexts.is_empty() && tenant.memberships.is_empty() && tenant.roles.len() == 1);
    assert!(gone.changes.iter().any(|change| change.kind == Kind::Membership));
}

#[test]
fn what_is_not_there_cannot_be_named() {
    let cases = [
        (json!({ "users": [{ "user_name": "carol", "roles": ["ghost"] }] }), "users[carol].roles[ghost]"),
        (
            json!({ "memberships": [{ "user": "ghost", "context": "customer/c-1" }] }),
            "memberships[ghost in customer/c-1].user",
        ),
        (
            json!({ "memberships": [{ "user": "alice", "context": "customer/ghost" }] }),
            "memberships[alice in customer/ghost].context",
        ),
        (
            json!({ "memberships": [{ "user": "alice", "context": "customer/c-1", "roles": ["ghost"] }] }),
            "memberships[alice in customer/c-1].roles[ghost]",
        ),
        (json!({ "contexts": [{ "id": "a/b", "parent": "a/ghost" }] }), "contexts[a/b].parent"),
        (
            json!({ "contexts": [{ "id": "a/1", "parent": "a/2" }, { "id": "a/2", "parent": "a/1" }] }),
            "contexts[a/1].parent",
        ),
        (
            json!({ "contexts": [
                { "id": "a/1", "parent": "project/p-1" }, { "id": "a/2", "parent": "a/1" }, { "id": "a/3", "parent": "a/2" },
            ] }),
            "contexts[a/3].parent",
        ),
        (json!({ "contexts": [{ "id": "project/p-1", "name": "First" }] }), "contexts[project/p-1].parent"),
        (json!({ "contexts": [{ "id": "Project/x" }] }), "contexts[Project/x].id"),
        (json!({ "contexts": [{ "id": "a/1", "external_id": "crm-1" }] }), ".external_id"),
        (json!({ "roles": [{ "id": "Ghost" }] }), "roles[Ghost].id"),
        (
            json!({ "roles": [{ "id": "x", "permissions": ["admin:server"] }] }),
            "roles[x].permissions[admin:server]",
        ),
        (
            json!({ "clients": [{
                "id": "c", "auth_method": "none", "redirect_uris": ["https://c.example/cb"],
                "role_permissions": { "ghost": [] },
            }] }),
            "clients[c].role_permissions[ghost]",
        ),
        (
            json!({ "clients": [{ "id": "doorward-x", "grant_types": ["client_credentials"] }] }),
            "clients[doorward-x].id",
        ),
        (json!({ "apis": [{ "id": "urn:doorward:x" }] }), "apis[urn:doorward:x].id"),
        (
            json!({ "apis": [{ "id": "https://a.example", "scopes": [{ "name": "admin:x" }] }] }),
            "scopes[0].name",
        ),
    ];
    for (part, place) in cases {
        let mut world = World::default();
        world.apply(document(), false).unwrap();
        let mut tenant = part.clone();
        tenant["id"] = "demo".into();
        let problems = world.apply(json!({ "tenants": [tenant] }), false).unwrap_err();
        assert!(problems.0.iter().any(|problem| problem.at.contains(place)), "{part}: {problems}");
    }
}

#[test]
fn a_client_may_be_given_scopes_of_administration() {
    let mut world = World::default();
    let client = json!({ "tenants": [{ "id": "demo", "clients": [{
        "id": "robot", "grant_types": ["client_credentials"], "apis": ["urn:doorward:admin"],
        "scopes": "admin:users.read admin:server", "secret": "generate",
    }] }]});
    world.apply(client, false).unwrap();
    let without_api = json!({ "tenants": [{ "id": "demo", "clients": [{
        "id": "robot2", "grant_types": ["client_credentials"], "scopes": "admin:users.read", "secret": "generate",
    }] }]});
    let problems = world.apply(without_api, false).unwrap_err();
    assert!(problems.to_string().contains("urn:doorward:admin, which is not among"), "{problems}");
}
