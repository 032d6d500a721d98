//! Plans: idempotence, round trip, pruning, and what each change does.

use serde_json::{Value, json};

use super::world::World;
use crate::desired::{Action, State};
use crate::model::EventKind;

fn document() -> Value {
    json!({ "tenants": [
        {
            "id": "demo",
            "name": "Demo",
            "settings": { "locale": "de" },
            "issuers": [{ "url": "http://localhost:8080" }],
            "apis": [{
                "id": "https://api.demo.example/",
                "name": "Orders",
                "scopes": [
                    { "name": "orders:read", "description": "See your orders", "default": true },
                    { "name": "orders:write", "descriptions": { "de": "Bestellungen ändern" } },
                ],
            }],
            "clients": [
                {
                    "id": "web",
                    "name": "Web",
                    "also_auth_methods": ["client_secret_post"],
                    "redirect_uris": ["http://localhost:9000/cb", "https://app.example/cb?a=b"],
                    "grant_types": ["refresh_token", "authorization_code"],
                    "scopes": "openid profile orders:read",
                    "apis": ["https://api.demo.example"],
                    "secrets": [
                        { "value": "a-secret-of-at-least-thirty-two-characters" },
                        { "value": "b-secret-of-at-least-thirty-two-characters", "expires_at": "2031-01-01T00:00:00Z" },
                    ],
                },
                { "id": "spa", "auth_method": "none", "redirect_uris": ["http://localhost:9000/cb"] },
                {
                    "id": "machine",
                    "grant_types": ["client_credentials"],
                    "secret": "generate",
                    "scopes": "orders:write",
                    "apis": ["https://api.demo.example"],
                },
            ],
            "users": [
                {
                    "user_name": "Alice",
                    "email": "alice@Example.com",
                    "email_verified": true,
                    "password": "hills behind the harbour",
                    "profile": {
                        "name": "Alice Adams",
                        "address": { "street_address": "1 Main Street", "country": "NL" },
                        "phone_number_verified": true,
                    },
                },
                { "user_name": "bob", "disabled": true },
            ],
        },
        { "id": "acme", "issuers": [{ "url": "http://localhost:8080/t/acme" }] },
    ]})
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = document();
    change(&mut document["tenants"][0]);
    document
}

#[test]
fn the_same_document_plans_nothing_the_second_time() {
    let mut world = World::default();
    let plan = world.apply(document(), false).unwrap();
    assert_eq!(plan.count(Action::Create), plan.changes.len());
    assert_eq!(world.events.len(), plan.changes.len());
    assert!(world.events.iter().all(|event| event.kind == EventKind::ObjectCreated));

    let again = world.apply(document(), true).unwrap();
    assert!(again.is_empty(), "{:#?}", again.changes);
    assert_eq!(again.count(Action::Unchanged), plan.changes.len());
    assert_eq!(world.events.len(), plan.changes.len());
}

#[test]
fn an_export_is_the_input_of_an_apply() {
    let mut first = World::default();
    first.apply(document(), false).unwrap();
    let text = first.export();
    assert!(!text.contains("thirty-two"), "an export holds no secret");
    assert!(!text.contains("hills behind the harbour"));

    let mut second = World::default();
    second.apply_state(&mut serde_json::from_str::<State>(&text).unwrap(), true).unwrap();
    assert_eq!(second.export(), text);

    let nothing = first.apply_state(&mut serde_json::from_str::<State>(&text).unwrap(), true).unwrap();
    assert!(nothing.is_empty(), "{:#?}", nothing.changes);
}

#[test]
fn settings_that_a_document_does_not_speak_of_stay() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let quiet = with(|demo| {
        demo.as_object_mut().unwrap().remove("settings");
    });
    let plan = world.apply(quiet.clone(), false).unwrap();
    assert!(plan.is_empty(), "{:#?}", plan.changes);
    assert!(world.export().contains("\"locale\": \"de\""), "{}", world.export());
    let back = with(|demo| demo["settings"] = json!({}));
    assert_eq!(
        world.apply(back, false).unwrap().count(Action::Update),
        1,
        "said to be empty, they are the defaults"
    );
    let fresh = World::default().apply(quiet, false).unwrap();
    assert_eq!(fresh.count(Action::Create), fresh.changes.len());
}

#[test]
fn one_change_is_one_event_and_one_line() {
    let rows: Vec<(Value, &str, &str)> = vec![
        (with(|demo| demo["name"] = json!("Demo 2")), "demo", "name"),
        (with(|demo| demo["settings"]["throttle_limit"] = json!(20)), "demo", "settings.throttle_limit"),
        (
            with(|demo| demo["apis"][0]["token_format"] = json!("opaque")),
            "https://api.demo.example",
            "token_format",
        ),
        (with(|demo| demo["clients"][0]["scopes"] = json!("openid orders:read")), "web", "scopes"),
        (with(|demo| demo["clients"][0]["secrets"][0]["value"] = json!("c".repeat(40))), "web", "secrets"),
        (
            with(|demo| demo["clients"][0]["secrets"][1]["expires_at"] = json!("2032-01-01T00:00:00Z")),
            "web",
            "secrets",
        ),
        (
            with(|demo| demo["clients"][1]["redirect_uris"][0] = json!("https://a.example/")),
            "spa",
            "redirect_uris",
        ),
        (
            with(|demo| demo["users"][0]["password"] = json!("harbour behind the hills, at noon")),
            "Alice",
            "password_hash",
        ),
        (with(|demo| demo["users"][0]["profile"]["name"] = json!("Alice B")), "Alice", "profile.name"),
        (with(|demo| demo["users"][1]["disabled"] = json!(false)), "bob", "disabled"),
        (with(|demo| demo["issuers"][0]["disabled"] = json!(true)), "demo", "disabled"),
    ];
    for (document_after, id, field) in rows {
        let mut world = World::default();
        world.apply(document(), false).unwrap();
        let before = world.events.len();
        let plan = world.apply(document_after.clone(), false).unwrap();
        let changed: Vec<_> = plan.changes.iter().filter(|change| change.action == Action::Update).collect();
        assert_eq!(changed.len(), 1, "{id} {field}");
        assert_eq!((changed[0].id.as_str(), changed[0].lines[0].field.as_str()), (id, field));
        // That of a password is the one by which a change of it is found, whoever made it.
        let of_password = usize::from(field == "password_hash");
        assert_eq!(world.events.len(), before + 1 + of_password);
        assert_eq!(world.events.last().unwrap().kind, EventKind::ObjectChanged);
        assert!(world.apply(document_after, false).unwrap().is_empty(), "{id} {field}");
    }
}

#[test]
fn only_prune_removes_and_only_from_lists_that_are_there() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let smaller = json!({ "tenants": [{
        "id": "demo", "name": "Demo", "settings": { "locale": "de" },
        "clients": [{ "id": "spa", "auth_method": "none", "redirect_uris": ["http://localhost:9000/cb"] }],
    }]});
    let kept = world.apply(smaller.clone(), false).unwrap();
    assert!(kept.is_empty());
    assert_eq!(kept.count(Action::Keep), 2);
    let pruned = world.apply(smaller, true).unwrap();
    let gone: Vec<_> =
        pruned.changes.iter().filter(|c| c.action == Action::Remove).map(|c| c.id.as_str()).collect();
    assert_eq!(gone, ["web", "machine"]);
    let demo = world.current.tenant(&"demo".into()).unwrap();
    assert_eq!((demo.clients.len(), demo.users.len(), demo.apis.len()), (1, 2, 1));
    assert_eq!(world.current.tenants.len(), 2);
}

#[test]
fn disabling_a_person_and_replacing_a_password_cut_what_was_before() {
    let valid_from = |world: &World| {
        let demo = world.current.tenant(&"demo".into()).unwrap();
        demo.users.iter().find(|found| found.user.user_name == "Alice").unwrap().user.valid_from
    };
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    assert_eq!(valid_from(&world), None);
    world.apply(with(|demo| demo["users"][0]["disabled"] = json!(true)), false).unwrap();
    let first = valid_from(&world);
    assert!(first.is_some());
    world.apply(with(|demo| demo["users"][0]["disabled"] = json!(false)), false).unwrap();
    assert_eq!(valid_from(&world), first, "taking it back does not revive what was before");
    world
        .apply(with(|demo| demo["users"][0]["password"] = json!("harbour behind the hills, at noon")), false)
        .unwrap();
    assert!(valid_from(&world) > first);
}

#[test]
fn a_secret_is_generated_once() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let count = |world: &World| {
        let demo = world.current.tenant(&"demo".into()).unwrap();
        demo.clients.iter().map(|found| (found.client.id.0.clone(), found.secrets.len())).collect::<Vec<_>>()
    };
    let expected = [("web".to_owned(), 2), ("spa".to_owned(), 0), ("machine".to_owned(), 1)];
    assert_eq!(count(&world), expected);
    world.apply(document(), false).unwrap();
    assert_eq!(count(&world), expected);
}

#[test]
fn a_person_is_renamed_by_id() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let demo = world.current.tenant(&"demo".into()).unwrap();
    let id = demo.users[0].user.id.clone();
    let renamed = with(|demo| {
        demo["users"][0]["id"] = json!(id.as_str());
        demo["users"][0]["user_name"] = json!("alicia");
    });
    let plan = world.apply(renamed, true).unwrap();
    assert_eq!(
        (plan.count(Action::Update), plan.count(Action::Create), plan.count(Action::Remove)),
        (1, 0, 0)
    );
}

/// What commands change too: a document that does not speak of it leaves it alone.
#[test]
fn an_absent_switch_or_name_leaves_what_is() {
    let bare = json!({ "tenants": [{
        "id": "demo",
        "settings": { "locale": "de" },
        "issuers": [{ "url": "http://localhost:8080" }],
        "apis": [{ "id": "https://api.demo.example", "scopes": document()["tenants"][0]["apis"][0]["scopes"] }],
        "clients": [{ "id": "spa", "auth_method": "none", "redirect_uris": ["http://localhost:9000/cb"] }],
        "users": [{ "user_name": "bob" }],
    }]});
    let switched = |is_on: bool| {
        with(|demo| {
            demo["disabled"] = json!(is_on);
            demo["issuers"][0]["disabled"] = json!(is_on);
            demo["apis"][0]["disabled"] = json!(is_on);
            demo["clients"][1]["disabled"] = json!(is_on);
            demo["clients"][1]["name"] = json!("One page");
            demo["users"][1]["disabled"] = json!(is_on);
            demo["users"][1]["locked"] = json!(is_on);
        })
    };
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let on = world.apply(switched(true), false).unwrap();
    assert_eq!(on.count(Action::Update), 5);
    let nothing = world.apply(bare.clone(), false).unwrap();
    assert!(nothing.is_empty(), "{:#?}", nothing.changes);
    let exported = world.export();

    let off = world.apply(switched(false), false).unwrap();
    assert_eq!(off.count(Action::Update), 5);
    assert!(world.apply(bare, false).unwrap().is_empty());
    world.apply_state(&mut serde_json::from_str::<State>(&exported).unwrap(), true).unwrap();
    assert_eq!(world.export(), exported, "an export brings switches back that were turned since");
}

#[test]
fn a_client_that_becomes_public_loses_its_secrets() {
    let mut world = World::default();
    let client = |method: &str| {
        json!({ "tenants": [{ "id": "t", "clients": [{
            "id": "c", "redirect_uris": ["https://c.example/cb"], "auth_method": method,
        }]}]})
    };
    let mut secret = client("client_secret_basic");
    secret["tenants"][0]["clients"][0]["secret"] = "generate".into();
    world.apply(secret, false).unwrap();
    assert_eq!(world.current.tenants[0].clients[0].secrets.len(), 1);
    world.apply(client("none"), false).unwrap();
    assert!(world.current.tenants[0].clients[0].secrets.is_empty());
    let mut exported: State = serde_json::from_str(&world.export()).unwrap();
    assert!(world.apply_state(&mut exported, true).unwrap().is_empty());
}

#[test]
fn a_switch_that_the_specifications_advise_against_leaves_a_warning_once() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let told = |world: &World| -> Vec<String> {
        let warnings = world.events.iter().filter(|event| event.kind == EventKind::LegacyAllowed);
        warnings.map(|event| event.data.clone()).collect()
    };
    assert_eq!(told(&world), [""; 0]);
    let first = with(|demo| demo["clients"][0]["legacy"] = json!(["refresh_without_client"]));
    world.apply(first.clone(), false).unwrap();
    assert_eq!(told(&world), [r#"{"switches":["legacy: refresh_without_client"]}"#]);
    world.apply(first, false).unwrap();
    assert_eq!(told(&world).len(), 1, "nothing changed");
    let second =
        with(|demo| demo["clients"][0]["legacy"] = json!(["refresh_without_client", "unauthenticated_code"]));
    world.apply(second, false).unwrap();
    assert_eq!(told(&world)[1..], [r#"{"switches":["legacy: unauthenticated_code"]}"#]);
    world.apply(document(), false).unwrap();
    assert_eq!(told(&world).len(), 2, "what is given back is no warning");
}

#[test]
fn an_api_that_takes_tokens_in_parameters_leaves_a_warning_once() {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    let told = |world: &World| -> Vec<String> {
        let warnings = world.events.iter().filter(|event| event.kind == EventKind::LegacyTaken);
        warnings.map(|event| event.data.clone()).collect()
    };
    assert_eq!(told(&world), [""; 0]);
    let first = with(|demo| demo["apis"][0]["guard"] = json!({ "parameters": true }));
    world.apply(first.clone(), false).unwrap();
    let expected =
        json!({ "api": "https://api.demo.example", "switches": ["guard: parameters: true"] }).to_string();
    assert_eq!(told(&world), [expected]);
    world.apply(first, false).unwrap();
    world.apply(document(), false).unwrap();
    assert_eq!(told(&world).len(), 1, "nothing changed, and what is given back is no warning");
}

/// Who shows a secret needs one: their own, or that of an issuer whose clients share one.
#[test]
fn a_client_that_has_nothing_to_show_is_noted() {
    let shared = || json!({ "value": "a secret that all of its clients share" });
    for (method, listed, secret, noted) in [
        ("client_secret_basic", "own", Some(shared()), true),
        ("x_auth_secret", "own", Some(shared()), false),
        ("x_auth_secret", "own", None, true),
        ("x_auth_secret", "demo", Some(shared()), true),
    ] {
        let mut issuer = json!({ "id": "own", "url": "http://localhost:8080/own", "dialect": "magic" });
        if let Some(secret) = secret {
            issuer["shared_secret"] = secret;
        }
        let client = json!({
            "id": "shows", "auth_method": method, "issuers": [listed], "redirect_uris": ["http://localhost:9000/cb"],
        });
        let plan = World::default().apply(
            with(|tenant| {
                tenant["issuers"].as_array_mut().unwrap().push(issuer.clone());
                tenant["clients"].as_array_mut().unwrap().push(client.clone());
            }),
            false,
        );
        let told =
            plan.unwrap().notes.iter().any(|note| note.contains("client shows of tenant demo has no secret"));
        assert_eq!(told, noted, "{method} {listed}");
    }
}
