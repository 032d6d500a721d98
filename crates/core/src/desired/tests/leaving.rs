//! What becomes of what clients name when it goes.

use serde_json::{Value, json};

use super::world::World;
use crate::desired::{Action, Kind, Problems};

fn world() -> World {
    let mut world = World::default();
    let document = json!({ "tenants": [{
        "id": "t",
        "issuers": [{ "url": "https://a.example" }, { "id": "b", "url": "https://b.example" }],
        "roles": [{ "id": "x", "permissions": ["a:b"] }, { "id": "y" }],
        "apis": [{ "id": "https://api.example", "scopes": [{ "name": "s:read" }, { "name": "s:write" }] }],
        "clients": [{
            "id": "w", "redirect_uris": ["https://w.example/cb"], "scopes": "openid s:read", "secret": "generate",
            "apis": ["https://api.example"], "issuers": ["t", "b"], "role_permissions": { "x": ["a:b"], "y": [] },
        }, {
            "id": "i", "grant_types": [], "introspects": ["https://api.example"], "issuers": ["b"], "secret": "generate",
        }],
    }]});
    world.apply(document, false).unwrap();
    world
}

fn only(list: &str, what: Value) -> Value {
    json!({ "tenants": [{ "id": "t", list: what }] })
}

fn used(found: Result<crate::desired::Plan, Problems>) -> Vec<String> {
    let problems = found.unwrap_err();
    assert!(problems.0.iter().all(|problem| problem.is_used && !problem.is_taken), "{problems}");
    problems.0.iter().map(|problem| problem.at.clone()).collect()
}

#[test]
fn a_role_that_goes_leaves_the_lists_that_narrow() {
    let mut world = world();
    let plan = world.apply(only("roles", json!([{ "id": "y" }])), true).unwrap();
    let shown: Vec<_> = plan
        .changes
        .iter()
        .filter(|change| change.action != Action::Unchanged)
        .map(|change| (change.kind, change.id.as_str(), change.action))
        .collect();
    assert_eq!(shown, [(Kind::Role, "x", Action::Remove), (Kind::Client, "w", Action::Update)]);
    let client = plan.changes.iter().find(|change| change.kind == Kind::Client).unwrap();
    assert_eq!(client.lines.len(), 1);
    assert_eq!(client.lines[0].field, "role_permissions.x");
    let found = &world.current.tenants[0].clients[0];
    let map = found.client.role_permissions.as_ref().unwrap();
    assert_eq!(map.keys().map(crate::id::RoleId::as_str).collect::<Vec<_>>(), ["y"]);
    assert_eq!(found.secrets.len(), 1, "nothing else of it changed");
    assert!(world.events.iter().any(|event| event.data.contains("role_permissions.x")));
    // The last: the map stays, and gives nothing.
    world.apply(only("roles", json!([])), true).unwrap();
    let client = &world.current.tenants[0].clients[0].client;
    assert_eq!(client.role_permissions.as_ref().map(std::collections::BTreeMap::len), Some(0));
}

#[test]
fn an_issuer_goes_unless_a_client_has_no_other() {
    let mut world = world();
    let less = only("issuers", json!([{ "id": "b", "url": "https://b.example" }]));
    assert_eq!(world.apply(less, true).unwrap().count(Action::Update), 1);
    let issuers = world.current.tenants[0].clients[0].client.issuers.clone();
    assert_eq!(issuers.iter().map(crate::id::IssuerId::as_str).collect::<Vec<_>>(), ["b"]);
    let places = used(world.apply(only("issuers", json!([])), true));
    assert_eq!(places, ["tenants[t].clients[w].issuers[b]", "tenants[t].clients[i].issuers[b]"]);
}

#[test]
fn an_api_or_scope_that_a_client_names_stays() {
    let mut world = world();
    let places = used(world.apply(only("apis", json!([])), true));
    let expected = [
        "tenants[t].clients[w].apis[https://api.example]",
        "tenants[t].clients[w].scopes[s:read]",
        "tenants[t].clients[i].introspects[https://api.example]",
    ];
    assert_eq!(places, expected);
    let less = |scopes: Value| only("apis", json!([{ "id": "https://api.example", "scopes": scopes }]));
    let places = used(world.apply(less(json!([{ "name": "s:write" }])), false));
    assert_eq!(places, ["tenants[t].clients[w].scopes[s:read]"]);
    // What nobody names goes.
    world.apply(less(json!([{ "name": "s:read" }])), false).unwrap();
}

#[test]
fn a_document_that_names_what_it_takes_away_is_wrong() {
    let mut world = world();
    let mut exported: Value = serde_json::from_str(&world.export()).unwrap();
    exported["tenants"][0]["roles"] = json!([]);
    let problems = world.apply(exported, true).unwrap_err();
    assert!(problems.0.iter().all(|problem| !problem.is_used), "{problems}");
    assert!(problems.to_string().contains("clients[w].role_permissions"), "{problems}");
}
