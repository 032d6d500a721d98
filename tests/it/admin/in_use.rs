//! What clients name and somebody removes: it is taken out of lists that narrow, and stays where anything else names it. A client can be
//! switched off whatever it names.

use doorward_core::Effect;
use doorward_core::id::{ClientId, RoleId, TenantId};
use doorward_core::model::{Actor, Client, EventKind};
use doorward_tests::{T1, TestApp};
use serde_json::{Value, json};

use super::{Admin, every_scope};

const API: &str = "https://used.example/v1";

fn path(list: &str, id: &str) -> String {
    format!("/tenants/{T1}/{list}/{}", doorward_wire::percent::encode(id))
}

/// A role, an issuer and an API, and a client that names them.
async fn prepared(admin: &Admin<'_>) {
    let puts = [
        ("roles", "x", json!({"permissions": ["a:b"]})),
        ("issuers", "more", json!({"url": "https://more.example"})),
        ("apis", API, json!({"scopes": [{"name": "used:read"}, {"name": "used:write"}]})),
        (
            "clients",
            "w",
            json!({"redirect_uris": ["https://x.example/cb"], "role_permissions": {"x": ["a:b"]}, "apis": [API],
                   "scopes": "openid used:read", "issuers": ["more"]}),
        ),
        ("clients", "v", json!({"grant_types": [], "introspects": [API]})),
    ];
    for (list, id, body) in puts {
        let put = admin.json("PUT", &path(list, id), body).await;
        assert_eq!(put.status, 201, "{list}: {}", put.body);
    }
}

async fn client(app: &TestApp, id: &str) -> Client {
    let found = app.store.client(&TenantId::from(T1), &ClientId::from(id)).await.unwrap().unwrap();
    found.client.clone()
}

#[tokio::test]
async fn a_role_that_is_removed_leaves_the_clients_that_named_it() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let before = client(&app, "w").await;
    assert_eq!(admin.send("DELETE", &path("roles", "x"), &[], "").await.status, 204);
    let after = client(&app, "w").await;
    assert_eq!(after.role_permissions, Some([].into()), "no role gives anything through it");
    assert_eq!(
        after,
        Client { role_permissions: after.role_permissions.clone(), version: before.version + 1, ..before }
    );
    let events = app.events().await;
    let event = events.iter().rfind(|event| event.kind == EventKind::ObjectChanged).unwrap();
    assert_eq!(event.client, Some(ClientId::from("w")));
    assert!(event.data.contains("role_permissions.x"), "{}", event.data);
    assert_eq!(event.actor, Actor::Client("boss".into()));
    let off = admin.json("PATCH", &path("clients", "w"), json!({"disabled": true})).await;
    assert_eq!(off.status, 200, "{}", off.body);
}

#[tokio::test]
async fn what_a_client_needs_is_not_removed_and_who_needs_it_is_told() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let rows: [(&str, &str, &str, Value, &[&str]); 5] = [
        ("DELETE", "apis", API, Value::Null, &["client w (apis, scopes)", "client v (introspects)"]),
        ("DELETE", "issuers", "more", Value::Null, &["client w (issuers)"]),
        ("PUT", "apis", API, json!({"scopes": [{"name": "used:write"}]}), &["client w (scopes)"]),
        ("PATCH", "apis", API, json!({"scopes": null}), &["client w (scopes)"]),
        ("PATCH", "apis", API, json!({"scopes": []}), &["client w (scopes)"]),
    ];
    for (method, list, id, body, users) in rows {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = admin.send(method, &path(list, id), &[], &body).await;
        assert_eq!(reply.status, 409, "{method} {list}: {}", reply.body);
        assert_eq!(reply.json()["type"], "urn:doorward:problem:in-use");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(users.iter().all(|user| detail.contains(user)), "{detail}");
        assert_eq!(admin.get(&path(list, id)).await.status, 200);
    }
    // A scope that nobody names goes; and the API, once nobody names it.
    let less = admin.json("PATCH", &path("apis", API), json!({"scopes": [{"name": "used:read"}]})).await;
    assert_eq!(less.status, 200, "{}", less.body);
    let freed = json!({"apis": null, "scopes": "openid", "issuers": null});
    assert_eq!(admin.json("PATCH", &path("clients", "w"), freed).await.status, 200);
    assert_eq!(admin.send("DELETE", &path("clients", "v"), &[], "").await.status, 204);
    for (list, id) in [("apis", API), ("issuers", "more")] {
        let gone = admin.send("DELETE", &path(list, id), &[], "").await;
        assert_eq!(gone.status, 204, "{}", gone.body);
    }
}

#[tokio::test]
async fn clients_that_would_change_ask_for_the_right_to_change_them() {
    let app = TestApp::new().await;
    prepared(&Admin::of_server(&app).await).await;
    let scopes: Vec<String> = every_scope().split(' ').map(str::to_owned).collect();
    let fewer: Vec<&str> =
        scopes.iter().map(String::as_str).filter(|scope| *scope != "admin:clients.write").collect();
    let admin = Admin::with(&app, "roles-only", &fewer.join(" ")).await;
    let reply = admin.send("DELETE", &path("roles", "x"), &[], "").await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    assert!(reply.body.contains("admin:clients.write"), "{}", reply.body);
    assert!(client(&app, "w").await.role_permissions.unwrap().contains_key(&RoleId::from("x")));
}

/// What versions before this left behind.
#[tokio::test]
async fn a_client_that_names_what_is_missing_can_be_changed_and_switched_off() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let row = Client {
        role_permissions: Some([(RoleId::from("gone"), [].into())].into()),
        issuers: ["gone".into()].into(),
        apis: ["https://gone.example".into()].into(),
        ..client(&app, "w").await
    };
    app.store.commit(vec![Effect::PutClient(row)]).await.unwrap();
    for change in [json!({"name": "W"}), json!({"disabled": true}), json!({"disabled": false})] {
        let reply = admin.json("PATCH", &path("clients", "w"), change.clone()).await;
        assert_eq!(reply.status, 200, "{change}: {}", reply.body);
    }
    let read = admin.get(&path("clients", "w")).await;
    let put = admin.json("PUT", &path("clients", "w"), read.json()).await;
    assert_eq!(put.status, 200, "what is read can be put back: {}", put.body);
    // What goes beside it goes all the same, and nothing that is missing is named anew.
    assert_eq!(admin.send("DELETE", &path("roles", "x"), &[], "").await.status, 204);
    let worse = admin.json("PATCH", &path("clients", "w"), json!({"issuers": ["gone", "more-gone"]})).await;
    assert_eq!(
        (worse.status, super::pointers(&worse)),
        (400, vec!["/issuers/1".to_owned()]),
        "{}",
        worse.body
    );
    let another = admin.json("PUT", &path("clients", "u"), read.json()).await;
    assert_eq!(another.status, 400, "{}", another.body);
}
