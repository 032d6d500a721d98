//! Extensions and installations as resources: made, changed, looked at, switched off, removed, with what each leaves behind.

use doorward_core::model::EventKind;
use doorward_tests::{T2, TestApp};
use serde_json::{Value, json};

use super::{Admin, pointers};

pub const T: &str = "/tenants/t1";

/// A manifest of an extension that lives at `https://e.example`.
pub fn manifest() -> Value {
    json!({
        "name": "Billing",
        "scopes": [{ "name": "rs1:read", "reason": "To see" }, { "name": "rs1:write", "optional": true }],
        "callback_url": "https://e.example/cb",
        "launch_url": "https://e.example/open?key=:accessTokenRetrievalKey&user=:userId",
        "variants": [{ "key": "small" }, { "key": "large" }],
    })
}

/// An extension that is published, and a context.
pub async fn prepared(admin: &Admin<'_>) {
    let context = admin.json("PUT", &format!("{T}/contexts/project/p"), json!({})).await;
    assert_eq!(context.status, 201, "{}", context.body);
    let wish = json!({ "id": "e", "state": "published", "manifest": manifest() });
    let made = admin.json("POST", &format!("{T}/extensions"), wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.text("client_secret").starts_with("dwk_"));
    assert!(made.header("location").unwrap().ends_with("/admin/v1/tenants/t1/extensions/e"));
}

/// Installs it; answers the path of the installation.
pub async fn installed(admin: &Admin<'_>, context: &str) -> String {
    let wish = json!({ "extension": "e", "context": context });
    let made = admin.json("POST", &format!("{T}/installations"), wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("{T}/installations/{}", made.text("id"));
    assert!(made.header("location").unwrap().ends_with(&path));
    path
}

#[tokio::test]
async fn an_extension_is_installed_changed_and_removed() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let client = admin.get(&format!("{T}/clients/e")).await.json();
    assert_eq!(client["scopes"], "rs1:read rs1:write");
    assert_eq!(client["apis"], json!(["https://rs1.example"]));
    let path = installed(&admin, "project/p").await;
    let read = admin.get(&path).await.json();
    assert_eq!((&read["state"], &read["scopes"]), (&json!("enabled"), &json!("rs1:read rs1:write")));
    assert_eq!(
        (&read["variant"], &read["context"], &read["version"]),
        (&json!("small"), &json!("project/p"), &json!(1))
    );

    let again = json!({ "extension": "e", "context": "project/p" });
    let again = admin.json("POST", &format!("{T}/installations"), again).await;
    assert_eq!((again.status, again.json()["type"].as_str().unwrap()), (409, "urn:doorward:problem:taken"));
    let less = admin.json("PATCH", &path, json!({ "scopes": "rs1:write" })).await;
    assert_eq!((less.status, pointers(&less)), (400, vec!["/scopes".to_owned()]));
    let less = admin.json("PATCH", &path, json!({ "scopes": "rs1:read", "settings": { "a": 1 } })).await;
    assert_eq!(
        (less.status, &less.json()["scopes"], &less.json()["version"]),
        (200, &json!("rs1:read"), &json!(2))
    );
    let moved = admin.json("PUT", &path, json!({ "extension": "e", "context": "project/q" })).await;
    assert_eq!((moved.status, pointers(&moved)), (400, vec!["/context".to_owned()]));

    let used = admin.send("DELETE", &format!("{T}/extensions/e"), &[], "").await;
    assert_eq!((used.status, used.json()["type"].as_str().unwrap()), (409, "urn:doorward:problem:in-use"));
    let used = admin.send("DELETE", &format!("{T}/clients/e"), &[], "").await;
    assert_eq!((used.status, used.json()["type"].as_str().unwrap()), (409, "urn:doorward:problem:in-use"));
    assert_eq!(admin.send("DELETE", &path, &[], "").await.status, 204);
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.send("DELETE", &format!("{T}/extensions/e"), &[], "").await.status, 204);
    assert_eq!(admin.get(&format!("{T}/clients/e")).await.status, 404);
    let kinds: Vec<EventKind> = app.events().await.into_iter().map(|event| event.kind).collect();
    for kind in [EventKind::Installed, EventKind::InstallationChanged, EventKind::InstallationRemoved] {
        assert_eq!(kinds.iter().filter(|known| **known == kind).count(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn installations_are_listed_by_extension_and_by_context() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    admin.json("PUT", &format!("{T}/extensions/f"), json!({ "manifest": { "name": "F" } })).await;
    for (extension, context) in [("e", "project/p"), ("e", "tenant/t1"), ("f", "project/p")] {
        let wish = json!({ "extension": extension, "context": context });
        let made = admin.json("POST", &format!("{T}/installations"), wish).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let listed = async |query: &str| {
        let reply = admin.get(&format!("{T}/installations{query}")).await.json();
        let items = reply["items"].as_array().unwrap().clone();
        let mut names: Vec<String> = items
            .iter()
            .map(|item| {
                format!("{} in {}", item["extension"].as_str().unwrap(), item["context"].as_str().unwrap())
            })
            .collect();
        names.sort();
        names
    };
    assert_eq!(listed("").await, ["e in project/p", "e in tenant/t1", "f in project/p"]);
    assert_eq!(listed("?extension=e").await, ["e in project/p", "e in tenant/t1"]);
    assert_eq!(listed("?context=project%2Fp").await, ["e in project/p", "f in project/p"]);
    assert_eq!(listed("?context=tenant%2Ft1").await, ["e in tenant/t1"]);
    assert_eq!(listed("?context=project%2Fp&extension=f").await, ["f in project/p"]);
    assert!(listed("?extension=none").await.is_empty());
    assert_eq!(admin.get(&format!("{T}/installations?context=project%2Fnone")).await.status, 404);
    // Nothing of it is in another tenant.
    let others = admin.get(&format!("/tenants/{T2}/installations")).await.json();
    assert_eq!(others["items"], json!([]));
    // A context that goes takes its installations along at once.
    assert_eq!(admin.send("DELETE", &format!("{T}/contexts/project/p"), &[], "").await.status, 204);
    assert_eq!(listed("").await, ["e in tenant/t1"]);
    let gone = admin.send("DELETE", &format!("{T}/extensions/f"), &[], "").await;
    assert_eq!(gone.status, 204, "it is installed nowhere any more: {}", gone.body);
}

#[tokio::test]
async fn switching_off_and_on_takes_each_its_own_way() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let path = installed(&admin, "project/p").await;
    let act = async |act: &str| {
        let reply = admin.send("POST", &format!("{path}/{act}"), &[], "").await;
        (reply.status, reply.json()["state"].as_str().map(str::to_owned).unwrap_or_default())
    };
    let state = |name: &str| (200, name.to_owned());
    assert_eq!(act("disable").await, state("disabled"));
    assert_eq!(act("disable").await, state("disabled"));
    assert_eq!(act("enable").await, state("enabled"));
    assert_eq!(act("disable").await, state("disabled"));
    assert_eq!(act("suspend").await, state("suspended"));
    assert_eq!(act("enable").await.0, 409, "the platform switches on what it switched off");
    assert_eq!(act("resume").await, state("disabled"), "as its members left it");
    let news = app.rows("webhook_events").await;
    assert_eq!(news, 1 + 5, "a change each, and nothing where nothing changed");
    // At the version that was seen.
    let stale = admin.send("POST", &format!("{path}/enable"), &[("if-match", "\"1\"")], "").await;
    assert_eq!(stale.status, 412);
}

#[tokio::test]
async fn an_extension_goes_its_way_by_acts() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let path = format!("{T}/extensions/e");
    let made = admin.json("PUT", &path, json!({ "manifest": manifest() })).await;
    assert_eq!((made.status, made.text("state")), (201, "draft".to_owned()));
    let act = async |act: &str, body: Value| {
        let reply = admin.json("POST", &format!("{path}/{act}"), body).await;
        (reply.status, reply.json())
    };
    let nothing = || json!({});
    for (name, state) in [("verify", "verified"), ("publish", "published"), ("publish", "published")] {
        let (status, body) = act(name, nothing()).await;
        assert_eq!((status, body["state"].as_str()), (200, Some(state)), "{body}");
    }
    let (status, body) = act("deprecate", json!({ "deprecated_on": "2027-01-01" })).await;
    assert_eq!((status, body["deprecated_on"].as_str()), (200, Some("2027-01-01")), "{body}");
    assert_eq!(act("deprecate", json!({ "deprecated_on": "tomorrow12" })).await.0, 400);
    assert_eq!(act("publish", nothing()).await.0, 200);
    assert_eq!(act("suspend", nothing()).await.1["suspended"], true);
    assert_eq!(act("resume", nothing()).await.1["suspended"], false);
    assert_eq!(act("manifest/accept", nothing()).await.0, 409, "nothing is proposed");
    assert_eq!(act("withdraw", nothing()).await.1["state"], "withdrawn");
    assert_eq!(act("publish", nothing()).await.0, 400, "final");
    let events = app.events().await;
    let changed = events.iter().filter(|event| event.kind == EventKind::ObjectChanged);
    assert_eq!(changed.filter(|event| event.data.contains(r#""object":"extension""#)).count(), 7);
}

#[tokio::test]
async fn a_client_that_is_there_becomes_an_extension_by_who_may_change_it() {
    let app = TestApp::new().await;
    let some = Admin::with(&app, "some", "admin:extensions.write").await;
    let body = json!({ "manifest": { "name": "Web" } });
    let denied = some.json("PUT", &format!("{T}/extensions/web"), body.clone()).await;
    assert_eq!(denied.status, 403, "{}", denied.body);
    assert!(denied.body.contains("admin:clients.write"), "{}", denied.body);
    let own = some.json("PUT", &format!("{T}/extensions/new"), body.clone()).await;
    assert_eq!(own.status, 201, "its own client comes with it: {}", own.body);
    assert_eq!(some.send("DELETE", &format!("{T}/extensions/new"), &[], "").await.status, 204);
    let boss = Admin::of_server(&app).await;
    assert_eq!(boss.json("PUT", &format!("{T}/extensions/web"), body).await.status, 201);
    // What asks for administration is made by who holds it.
    let powerful = json!({ "manifest": { "name": "P", "scopes": [{ "name": "admin:keys.write" }] } });
    let denied = some.json("PUT", &format!("{T}/extensions/p"), powerful).await;
    assert_eq!(denied.status, 403, "{}", denied.body);
}

#[tokio::test]
async fn the_trail_of_an_installation_is_its_own() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    admin.json("PUT", &format!("{T}/contexts/project/q"), json!({})).await;
    let path = installed(&admin, "project/p").await;
    let other = installed(&admin, "project/q").await;
    // On PostgreSQL events are numbered later: those of one moment in whatever order.
    app.events().await;
    admin.send("POST", &format!("{path}/disable"), &[], "").await;
    app.events().await;
    let trail = async |path: &str, query: &str| {
        let reply = admin.get(&format!("{path}/events{query}")).await.json();
        let items = reply["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(trail(&path, "").await, ["installation.added", "installation.updated"]);
    assert_eq!(trail(&path, "?order=newest").await, ["installation.updated", "installation.added"]);
    assert_eq!(trail(&path, "?kind=installation.added").await, ["installation.added"]);
    assert_eq!(trail(&other, "").await, ["installation.added"]);
}
