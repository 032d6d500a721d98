//! Extensions and installations as a document has them.

use serde_json::{Value, json};

use super::world::World;
use crate::desired::{Action, Kind, Problems, State};
use crate::model::{EventKind, ExtensionState, Life, WebhookKind};

fn document() -> Value {
    json!({ "tenants": [{
        "id": "t",
        "issuers": [{ "url": "https://t.example" }],
        "apis": [{ "id": "https://api.example", "scopes": [{ "name": "s:read" }, { "name": "s:write" }] }],
        "contexts": [{ "id": "project/p" }, { "id": "team/x" }],
        "extensions": [{ "id": "e", "contributor": "team/x", "state": "published", "manifest": manifest() }],
        "installations": [{ "extension": "e", "context": "project/p" }],
    }]})
}

fn manifest() -> Value {
    json!({
        "name": "Billing",
        "scopes": [{ "name": "openid" }, { "name": "s:read", "reason": "To see" }, { "name": "s:write", "optional": true }],
        "callback_url": "https://e.example/cb",
        "launch_url": "https://e.example/open/:installationId?key=:accessTokenRetrievalKey&user=:userId",
        "webhook_url": "https://hooks.example/:extensionId",
        "variants": [{ "key": "small" }, { "key": "large" }],
        "context_kinds": ["project", "tenant"],
    })
}

pub fn world() -> World {
    let mut world = World::default();
    world.apply(document(), false).unwrap();
    world
}

pub fn only(list: &str, what: Value) -> Value {
    json!({ "tenants": [{ "id": "t", list: what }] })
}

pub fn extension(change: impl FnOnce(&mut Value)) -> Value {
    let mut wish = json!({ "id": "e", "manifest": manifest() });
    change(&mut wish);
    only("extensions", json!([wish]))
}

fn installed(members: Value) -> Value {
    let mut row = json!({ "extension": "e", "context": "project/p" });
    row.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    only("installations", json!([row]))
}

/// Where something is wrong.
pub fn places(found: Result<crate::desired::Plan, Problems>) -> Vec<String> {
    found.unwrap_err().0.into_iter().map(|problem| problem.at).collect()
}

pub fn used(found: Result<crate::desired::Plan, Problems>) -> Vec<String> {
    let problems = found.unwrap_err();
    assert!(problems.0.iter().all(|problem| problem.is_used), "{problems}");
    problems.0.into_iter().map(|problem| problem.at).collect()
}

#[test]
fn an_extension_comes_with_its_client_and_an_installation_with_its_news() {
    let world = world();
    let tenant = &world.current.tenants[0];
    let (extension, client) = (&tenant.extensions[0], &tenant.clients[0]);
    assert_eq!(extension.contributor_key, Some(tenant.contexts[1].key));
    assert_eq!(
        (extension.state, extension.manifest_version, extension.epoch),
        (ExtensionState::Published, 1, 0)
    );
    assert_eq!(client.client.id.as_str(), "e");
    assert_eq!(client.client.name, "Billing");
    assert_eq!(client.client.auth_method, "client_secret_basic");
    assert_eq!(client.client.scopes.to_string(), "openid s:read s:write");
    assert_eq!(client.client.redirect_uris[0].as_str(), "https://e.example/cb");
    assert_eq!(client.client.apis.len(), 1);
    assert_eq!(client.secrets.len(), 1);
    let grants: Vec<&str> = client.client.grant_types.iter().map(String::as_str).collect();
    assert_eq!(
        grants,
        [
            "authorization_code",
            "client_credentials",
            "refresh_token",
            "urn:doorward:grant:retrieval-key",
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ]
    );
    let row = &tenant.installations[0];
    assert!(row.id.as_str().starts_with("ins_"));
    assert_eq!((row.extension, row.context), (extension.key, tenant.contexts[0].key));
    assert_eq!(
        (row.scopes.to_string().as_str(), row.variant.as_deref()),
        ("openid s:read s:write", Some("small"))
    );
    assert_eq!((row.life, row.version, row.manifest_version), (Life::Enabled, 1, 1));
    assert_eq!(world.told.iter().map(|told| told.kind).collect::<Vec<_>>(), [WebhookKind::Added]);
    assert_eq!(world.events.iter().filter(|event| event.kind == EventKind::Installed).count(), 1);
}

#[test]
fn the_secret_of_a_client_that_is_made_is_told_once() {
    use crate::{Ctx, Timestamp};
    let mut rng = doorward_crypto::random::SeededRandom::new(7);
    let mut state: State = serde_json::from_value(document()).unwrap();
    let mut ctx = Ctx { now: Timestamp(1), rng: &mut rng, request_id: "", address: "" };
    let current = crate::desired::Current::default();
    let hash = &mut |_: &str, _: Option<&str>| String::new();
    let made = crate::desired::settle(&mut state, &current, 8, hash, &mut ctx).unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].client.as_str(), "e");
    let world = world();
    let mut state: State = serde_json::from_value(document()).unwrap();
    let again = crate::desired::settle(&mut state, &world.current, 8, hash, &mut ctx).unwrap();
    assert!(again.is_empty());
}

#[test]
fn the_same_again_is_nothing_with_or_without_the_client() {
    let mut world = world();
    // A document that lists clients, and not that of the extension which it names.
    let mut again = document();
    again["tenants"][0]["clients"] = json!([]);
    assert!(world.apply(again, true).unwrap().is_empty());
    assert_eq!(world.current.tenants[0].clients.len(), 1);
}

/// Else what a new manifest asks for could never be had, and nobody would be told why.
#[test]
fn its_client_goes_on_in_step_with_a_new_manifest() {
    let mut world = world();
    let asks_more = |manifest: &mut Value| {
        manifest["scopes"].as_array_mut().unwrap().push(json!({ "name": "email", "reason": "To write" }));
        manifest["name"] = json!("Billing 2");
    };
    world.apply(extension(|wish| asks_more(&mut wish["manifest"])), false).unwrap();
    let client = world.current.tenants[0].clients[0].client.clone();
    assert_eq!(client.scopes.to_string(), "openid s:read s:write email");
    assert_eq!(client.name, "Billing 2");
    // What somebody made otherwise stays, member by member; and so does what the document says.
    let mut exported: Value = serde_json::from_str(&world.export()).unwrap();
    let mut client = exported["tenants"][0]["clients"][0].take();
    client["scopes"] = json!("openid s:read");
    world.apply(only("clients", json!([client.clone()])), false).unwrap();
    world.apply(extension(|_| ()), false).unwrap();
    let after = world.current.tenants[0].clients[0].client.clone();
    assert_eq!((after.scopes.to_string().as_str(), after.name.as_str()), ("openid s:read", "Billing"));
    let mut both = extension(|wish| asks_more(&mut wish["manifest"]));
    both["tenants"][0]["clients"] = json!([client]);
    world.apply(both, false).unwrap();
    assert_eq!(world.current.tenants[0].clients[0].client.scopes.to_string(), "openid s:read");
}

#[test]
fn an_extension_goes_with_its_client_when_it_is_installed_nowhere() {
    let mut world = world();
    assert_eq!(
        used(world.apply(only("extensions", json!([])), true)),
        ["tenants[t].installations[e in project/p].extension"]
    );
    assert_eq!(used(world.apply(only("clients", json!([])), true)), ["tenants[t].extensions[e].id"]);
    let told = world.told.len();
    world.apply(only("installations", json!([])), true).unwrap();
    assert_eq!(world.told[told..].iter().map(|told| told.kind).collect::<Vec<_>>(), [WebhookKind::Removed]);
    let plan = world.apply(only("extensions", json!([])), true).unwrap();
    let gone = plan.changes.iter().filter(|change| change.kind != Kind::Tenant);
    let gone: Vec<_> = gone.map(|change| (change.kind, change.action)).collect();
    assert_eq!(gone, [(Kind::Extension, Action::Remove), (Kind::Client, Action::Remove)]);
    let tenant = &world.current.tenants[0];
    assert!(tenant.extensions.is_empty() && tenant.clients.is_empty());
}

#[test]
fn an_extension_and_its_installations_go_together_and_a_client_that_is_listed_stays() {
    let mut world = world();
    let mut less: Value = serde_json::from_str(&world.export()).unwrap();
    less["tenants"][0]["extensions"] = json!([]);
    less["tenants"][0]["installations"] = json!([]);
    world.apply(less, true).unwrap();
    let tenant = &world.current.tenants[0];
    assert!(tenant.extensions.is_empty() && tenant.installations.is_empty());
    assert_eq!(tenant.clients.len(), 1);
}

#[test]
fn a_change_of_an_installation_is_one_event_and_one_piece_of_news() {
    let mut world = world();
    let events = world.events.len();
    let wish = json!({ "disabled": true, "variant": "large", "settings": { "key": "not for the trail" } });
    world.apply(installed(wish), false).unwrap();
    let row = world.current.tenants[0].installations[0].clone();
    assert_eq!((row.life.as_str(), row.epoch, row.version), ("disabled", 2, 2));
    let event = &world.events[events..];
    assert_eq!(event.len(), 1);
    assert_eq!(event[0].kind, EventKind::InstallationChanged);
    assert!(event[0].data.contains("settings.key") && !event[0].data.contains("not for the trail"));
    assert!(event[0].data.contains("large"));
    assert_eq!(world.told.last().unwrap().kind, WebhookKind::Updated);
    // Absent: as it is.
    assert!(world.apply(installed(json!({})), true).unwrap().is_empty());
    world.apply(installed(json!({ "disabled": false })), true).unwrap();
    assert_eq!(world.current.tenants[0].installations[0].life, Life::Enabled);
}

#[test]
fn consent_is_within_what_is_asked_and_holds_what_is_needed() {
    let mut world = world();
    let at = |scope: &str| format!("tenants[t].installations[e in project/p].scopes[{scope}]");
    assert_eq!(
        places(world.apply(installed(json!({ "scopes": "openid s:read other" })), false)),
        [at("other")]
    );
    assert_eq!(places(world.apply(installed(json!({ "scopes": "openid" })), false)), [at("s:read")]);
    world.apply(installed(json!({ "scopes": "openid s:read" })), false).unwrap();
    let wrong = places(world.apply(installed(json!({ "variant": "none" })), false));
    assert_eq!(wrong, ["tenants[t].installations[e in project/p].variant"]);
}

#[test]
fn what_was_consented_to_stays_when_the_manifest_asks_for_something_else() {
    let mut world = world();
    let more = extension(|wish| {
        wish["manifest"]["scopes"] = json!([{ "name": "openid" }, { "name": "s:write" }]);
    });
    world.apply(more, false).unwrap();
    let tenant = &world.current.tenants[0];
    assert_eq!(tenant.extensions[0].manifest_version, 2);
    let row = &tenant.installations[0];
    assert_eq!((row.scopes.to_string().as_str(), row.manifest_version), ("openid s:read s:write", 1));
    // An export of that is nothing to do, here and on an empty server.
    let exported: State = serde_json::from_str(&world.export()).unwrap();
    assert!(world.apply_state(&mut exported.clone(), true).unwrap().is_empty());
    let mut other = World::default();
    other.apply_state(&mut exported.clone(), true).unwrap();
    assert_eq!(other.export(), world.export());
    // Consent anew is to what is in force.
    world.apply(installed(json!({ "scopes": "openid s:write" })), false).unwrap();
    assert_eq!(world.current.tenants[0].installations[0].manifest_version, 2);
}

#[test]
fn it_is_installed_where_it_fits_and_while_it_is_offered() {
    let mut world = world();
    let at = |context: &str| only("installations", json!([{ "extension": "e", "context": context }]));
    assert_eq!(places(world.apply(at("team/x"), false)), ["tenants[t].installations[e in team/x].context"]);
    assert_eq!(
        places(world.apply(at("project/no"), false)),
        ["tenants[t].installations[e in project/no].context"]
    );
    assert_eq!(
        places(world.apply(at("tenant/other"), false)),
        ["tenants[t].installations[e in tenant/other].context"]
    );
    let unknown = only("installations", json!([{ "extension": "f", "context": "project/p" }]));
    assert_eq!(places(world.apply(unknown, false)), ["tenants[t].installations[f in project/p].extension"]);
    world.apply(extension(|wish| wish["state"] = "deprecated".into()), false).unwrap();
    assert_eq!(
        places(world.apply(at("tenant/t"), false)),
        ["tenants[t].installations[e in tenant/t].extension"]
    );
    // What is installed goes on, and changes.
    world.apply(installed(json!({ "variant": "large" })), false).unwrap();
    world.apply(extension(|wish| wish["state"] = "published".into()), false).unwrap();
    world.apply(at("tenant/t"), false).unwrap();
    assert!(world.current.tenants[0].installations.iter().any(|row| row.context.0 == 0));
    for id in ["tenant/t", "tenant/other"] {
        let context = only("contexts", json!([{ "id": id }]));
        assert_eq!(places(world.apply(context, false)), [format!("tenants[t].contexts[{id}].id")]);
    }
}

#[test]
fn states_lead_forwards() {
    let mut world = world();
    let to = |state: &str| extension(|wish| wish["state"] = state.into());
    let at = ["tenants[t].extensions[e].state"];
    assert_eq!(places(world.apply(to("draft"), false)), at);
    let over = extension(|wish| {
        wish["state"] = "deprecated".into();
        wish["deprecated_on"] = "2027-01-01".into();
    });
    world.apply(over, false).unwrap();
    assert_eq!(world.current.tenants[0].extensions[0].deprecated_on.as_deref(), Some("2027-01-01"));
    world.apply(to("published"), false).unwrap();
    assert_eq!(world.current.tenants[0].extensions[0].deprecated_on, None);
    world.apply(to("withdrawn"), false).unwrap();
    assert_eq!(places(world.apply(to("published"), false)), at);
    let moved = extension(|wish| wish["contributor"] = "project/p".into());
    assert_eq!(places(world.apply(moved, false)), ["tenants[t].extensions[e].contributor"]);
}

#[test]
fn stopping_an_extension_ends_an_epoch() {
    let mut world = world();
    let on = |is_on: bool| extension(|wish| wish["suspended"] = (!is_on).into());
    for (is_on, epoch) in [(false, 1), (false, 1), (true, 1), (false, 2)] {
        world.apply(on(is_on), false).unwrap();
        let found = &world.current.tenants[0].extensions[0];
        assert_eq!((found.suspended_at.is_none(), found.epoch), (is_on, epoch));
    }
}

/// Rows AT-011 and EX-017 of the catalogue of bad inputs, and what is of their kind.
#[test]
fn a_manifest_says_only_what_can_be_held_to() {
    let mut world = world();
    let rows: &[(&str, Value, &str)] = &[
        ("name", json!(""), "name"),
        ("summary", json!("two\nlines"), "summary"),
        ("description", json!("x".repeat(9000)), "description"),
        ("icon", json!("http://e.example/i.png"), "icon"),
        ("icon", json!("https://user:secret@e.example/i.png"), "icon"),
        ("icon", json!("data:image/png;base64,x"), "icon"),
        ("texts", json!({ "not a tag": {} }), "texts[not a tag]"),
        ("scopes", json!([{ "name": "s:none" }]), "scopes[s:none]"),
        ("scopes", json!([{ "name": "a b" }]), "scopes[a b].name"),
        ("callback_url", json!("http://e.example/cb"), "callback_url"),
        ("callback_url", json!("https://other.example/cb"), "callback_url"),
        ("launch_url", json!("https://evil.example/open"), "launch_url"),
        ("launch_url", json!("https://e.example.evil.example/"), "launch_url"),
        ("launch_url", json!("http://e.example/open"), "launch_url"),
        ("launch_url", json!("https://:contextId.e.example/open"), "launch_url"),
        ("launch_url", json!("https://e.example:contextId/open"), "launch_url"),
        ("launch_url", json!("https://user@e.example/open"), "launch_url"),
        ("launch_url", json!("https://E.example/open"), "launch_url"),
        ("launch_url", json!("javascript:alert(1)"), "launch_url"),
        ("launch_url", json!("https://e.example/a b"), "launch_url"),
        ("webhook_url", json!("https://h.example/:userId"), "webhook_url"),
        ("webhook_url", json!("https://h.example/?k=:accessTokenRetrievalKey"), "webhook_url"),
        ("webhook_url", json!("http://h.example/"), "webhook_url"),
        ("frame_origins", json!(["https://panel.example/path"]), "frame_origins[https://panel.example/path]"),
        ("frame_origins", json!(["http://panel.example"]), "frame_origins[http://panel.example]"),
        ("frame_origins", json!(["*"]), "frame_origins[*]"),
        ("audiences", json!(["https://a b"]), "audiences[https://a b]"),
        // Names of clients and extensions, of an API, of an issuer, and of the server itself.
        ("audiences", json!(["web"]), "audiences[web]"),
        ("audiences", json!(["urn:"]), "audiences[urn:]"),
        ("audiences", json!(["https://api.example"]), "audiences[https://api.example]"),
        ("audiences", json!(["https://t.example/"]), "audiences[https://t.example/]"),
        ("audiences", json!(["urn:doorward:admin"]), "audiences[urn:doorward:admin]"),
        ("context_kinds", json!(["Project"]), "context_kinds[Project]"),
        ("variants", json!([{ "key": "a" }, { "key": "a" }]), "variants[a].key"),
        ("variants", json!([{ "key": "a b" }]), "variants[a b].key"),
    ];
    for (member, wrong, at) in rows {
        let wish = extension(|wish| wish["manifest"][member] = wrong.clone());
        let told = places(world.apply(wish, false));
        assert!(
            told.contains(&format!("tenants[t].extensions[e].manifest.{at}")),
            "{member} {wrong}: {told:?}"
        );
    }
    let fine: &[(&str, Value)] = &[
        ("launch_url", json!("https://e.example:8443/:unknown/:context?x=:apiVersion#:userId")),
        ("webhook_url", json!("http://127.0.0.1:9000/:contextId")),
        ("frame_origins", json!(["https://panel.example", "http://localhost:3000"])),
        ("description", json!("Two\nlines")),
        ("launch_url", Value::Null),
    ];
    for (member, value) in fine {
        world.apply(extension(|wish| wish["manifest"][member] = value.clone()), false).unwrap();
    }
    // An audience is where it lives, too.
    let elsewhere = extension(|wish| {
        wish["manifest"]["launch_url"] = "https://front.example/:userId".into();
        wish["manifest"]["audiences"] = json!(["https://front.example"]);
    });
    world.apply(elsewhere, false).unwrap();
}

#[test]
fn ids_of_clients_and_extensions_are_no_installations() {
    let mut world = world();
    let client = json!([{ "id": "INS_x", "redirect_uris": ["https://x.example/cb"] }]);
    assert_eq!(places(world.apply(only("clients", client), false)), ["tenants[t].clients[INS_x].id"]);
    for id in ["ins_x", "usr_x", "doorward-x", "a/b"] {
        let wish = only("extensions", json!([{ "id": id, "manifest": { "name": "X" } }]));
        assert!(
            places(world.apply(wish, false)).contains(&format!("tenants[t].extensions[{id}].id")),
            "{id}"
        );
    }
}

#[test]
fn what_an_extension_names_of_its_client_and_of_apis_stays() {
    let mut world = world();
    let mut exported: Value = serde_json::from_str(&world.export()).unwrap();
    let mut client = exported["tenants"][0]["clients"][0].take();
    client["redirect_uris"] = json!(["https://new.example/cb"]);
    let told = used(world.apply(only("clients", json!([client])), false));
    assert_eq!(
        told,
        ["tenants[t].extensions[e].manifest.callback_url", "tenants[t].extensions[e].manifest.launch_url"]
    );
    let told = used(world.apply(only("apis", json!([])), true));
    assert!(told.contains(&"tenants[t].extensions[e].manifest.scopes[s:read]".to_owned()), "{told:?}");
}

#[test]
fn a_manifest_after_the_last_number_is_no_fault() {
    let mut world = world();
    world.apply(extension(|wish| wish["manifest_version"] = json!(i64::MAX)), false).unwrap();
    assert_eq!(world.current.tenants[0].extensions[0].manifest_version, i64::MAX);
    let other = extension(|wish| wish["manifest"]["summary"] = json!("Another."));
    world.apply(other, false).unwrap();
    assert_eq!(world.current.tenants[0].extensions[0].manifest_version, i64::MAX);
}
