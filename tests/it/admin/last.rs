//! The last administrator, of the server and of a tenant, stays: whoever asks, and in whichever way.

use doorward_core::Effect;
use doorward_core::desired::{Kind, State};
use doorward_core::model::User;
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::{ALICE, BOB, MALLORY, Reply, T1, T2, TestApp, request, user_id};
use doorward_web::manage::{By, Manage, Trouble};
use serde_json::{Value, json};

use super::{ADMIN, Admin, user};
use crate::console::{acts, enter, world};

fn person(name: &str) -> String {
    format!("/tenants/{T1}/users/{}", user_id(name))
}

/// Nothing was done, and why is told.
fn is_refused(reply: &Reply, of: &str) {
    assert_eq!(reply.status, 409, "{}", reply.body);
    assert_eq!(reply.text("type"), "urn:doorward:problem:refused");
    let told = reply.text("detail");
    assert!(told.contains("nobody would be left") && told.contains(of), "{told}");
}

/// Every way to take administration from a person, or from a tenant that they belong to.
fn ways(name: &str, without: Value) -> Vec<(&'static str, String, Value)> {
    vec![
        ("PATCH", person(name), json!({"disabled": true})),
        ("PATCH", person(name), json!({"locked": true})),
        ("POST", format!("{}/incident", person(name)), json!({})),
        ("PATCH", person(name), without.clone()),
        ("PUT", person(name), {
            let mut put = json!({"user_name": name});
            put.as_object_mut().unwrap().extend(without.as_object().unwrap().clone());
            put
        }),
        ("DELETE", person(name), json!({})),
    ]
}

async fn make_administrator(app: &TestApp, tenant: &str, name: &str) {
    let id = user_id(name).into();
    let found = app.store.user(&tenant.into(), &id).await.unwrap().unwrap().user;
    let made = User { administrator_since: Some(app.clock.now()), ..found };
    app.store.commit(vec![Effect::PutUser(made)]).await.unwrap();
}

/// Whoever has no password signs in nowhere: the server is not left to them.
#[tokio::test]
async fn nothing_is_left_to_who_cannot_sign_in() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    make_administrator(&app, T1, ALICE).await;
    let users = format!("/tenants/{T1}/users");
    let ghost = boss.json("POST", &users, json!({"user_name": "ghost", "administrator": true})).await;
    assert_eq!(ghost.status, 201, "{}", ghost.body);
    is_refused(&boss.json("PATCH", &person(ALICE), json!({"disabled": true})).await, "the server");
    let ghost = format!("{users}/{}", ghost.text("id"));
    let gone = boss.json("PATCH", &ghost, json!({"administrator": false})).await;
    assert_eq!(gone.status, 200, "who administers nothing loses nothing: {}", gone.body);
    let body = json!({"administrator": true, "password": "a sentence of their own"});
    assert_eq!(boss.json("PATCH", &ghost, body).await.status, 200);
    assert_eq!(boss.json("PATCH", &person(ALICE), json!({"disabled": true})).await.status, 200);
}

/// Where no issuer answers nobody signs in.
#[tokio::test]
async fn the_last_issuer_of_the_last_administrator_stays() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    make_administrator(&app, T1, ALICE).await;
    let issuers = format!("/tenants/{T1}/issuers");
    let only = format!("{issuers}/iss-{T1}");
    is_refused(&boss.json("PATCH", &only, json!({"disabled": true})).await, "the server");
    is_refused(&boss.send("DELETE", &only, &[], "").await, "the server");
    let own = Admin::of_tenant(&app).await;
    let refused = own.json("PATCH", &only, json!({"disabled": true})).await;
    assert_eq!((refused.status, refused.text("type").as_str()), (409, "urn:doorward:problem:refused"));
    // Another one that answers is enough; and so is an administrator elsewhere.
    let second = json!({"id": "second", "url": "https://second.example"});
    assert_eq!(boss.json("POST", &issuers, second).await.status, 201);
    assert_eq!(boss.json("PATCH", &format!("{issuers}/second"), json!({"disabled": true})).await.status, 200);
    is_refused(&boss.json("PATCH", &only, json!({"disabled": true})).await, "the server");
    assert_eq!(
        boss.json("PATCH", &format!("{issuers}/second"), json!({"disabled": false})).await.status,
        200
    );
    assert_eq!(boss.json("PATCH", &only, json!({"disabled": true})).await.status, 200);
}

#[tokio::test]
async fn the_server_is_never_without_an_administrator() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    // Where nobody administers it, nothing is taken.
    assert_eq!(boss.json("PATCH", &person(BOB), json!({"locked": true})).await.status, 200);
    assert_eq!(boss.json("PATCH", &person(BOB), json!({"locked": false})).await.status, 200);
    make_administrator(&app, T1, ALICE).await;
    let mut ways = ways(ALICE, json!({"administrator": false}));
    ways.push(("PATCH", format!("/tenants/{T1}"), json!({"disabled": true})));
    let refused = async |why: &str| {
        for (method, path, body) in &ways {
            let reply = boss.json(method, path, body.clone()).await;
            println!("{why}: {method} {path} {body}");
            is_refused(&reply, "the server");
        }
        assert!(user(&app, ALICE).await.administrator_since.is_some());
    };
    refused("alone").await;
    // Whoever cannot act is nobody to leave it to.
    make_administrator(&app, T1, BOB).await;
    for off in ["locked", "disabled"] {
        assert_eq!(boss.json("PATCH", &person(BOB), json!({ off: true })).await.status, 200);
        refused(off).await;
        assert_eq!(boss.json("PATCH", &person(BOB), json!({ off: false })).await.status, 200);
    }
    let there = boss.json("PATCH", &person(BOB), json!({"administrator": false})).await;
    assert_eq!(there.status, 200, "{}", there.body);
    // Somebody of another tenant is, while that tenant stands.
    make_administrator(&app, T2, "amy").await;
    assert_eq!(boss.json("PATCH", &format!("/tenants/{T2}"), json!({"disabled": true})).await.status, 200);
    refused("of a tenant that is off").await;
    assert_eq!(boss.json("PATCH", &format!("/tenants/{T2}"), json!({"disabled": false})).await.status, 200);
    for change in [json!({"email": "a@people.example"}), json!({"administrator": false})] {
        let reply = boss.json("PATCH", &person(ALICE), change).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let amy = format!("/tenants/{T2}/users/{}", user_id("amy"));
    is_refused(&boss.send("DELETE", &amy, &[], "").await, "the server");
}

#[tokio::test]
async fn a_tenant_is_never_without_an_administrator() {
    let app = TestApp::new().await;
    let boss = Admin::of_server(&app).await;
    let t = format!("/tenants/{T1}");
    let role = |id: &str, permission: &str| json!({"id": id, "permissions": [permission]});
    for role in [role("ruler", "admin:*"), role("clerk", "orders:read"), role("helper", "admin:users.write")]
    {
        assert_eq!(boss.json("POST", &format!("{t}/roles"), role).await.status, 201);
    }
    assert_eq!(boss.json("PATCH", &person(BOB), json!({"roles": ["ruler", "clerk"]})).await.status, 200);
    let mut all = ways(BOB, json!({"roles": ["clerk"]}));
    all.extend([
        ("DELETE", format!("{t}/roles/ruler"), json!({})),
        ("PATCH", format!("{t}/roles/ruler"), json!({"permissions": ["admin:users.read"]})),
        ("PUT", format!("{t}/roles/ruler"), json!({"permissions": []})),
    ]);
    for (method, path, body) in &all {
        println!("{method} {path} {body}");
        is_refused(&boss.json(method, path, body.clone()).await, T1);
    }
    // What leaves it as it is, or somebody else with it, is done.
    let helper = boss.json("PATCH", &person(MALLORY), json!({"roles": ["helper"]})).await;
    assert_eq!(helper.status, 200, "{}", helper.body);
    for (method, path, body) in [
        ("PATCH", format!("{t}/roles/ruler"), json!({"permissions": ["admin:users.write"]})),
        ("PATCH", format!("{t}/roles/clerk"), json!({"permissions": []})),
        ("PATCH", person(BOB), json!({"roles": ["clerk"]})),
        ("DELETE", format!("{t}/roles/ruler"), json!({})),
    ] {
        let reply = boss.json(method, &path, body).await;
        assert!(reply.status < 300, "{method} {path}: {}", reply.body);
    }
    let last = ways(MALLORY, json!({"roles": []}));
    for (method, path, body) in &last {
        is_refused(&boss.json(method, path, body.clone()).await, T1);
    }
    // An administrator of the server who belongs to it administers it too.
    make_administrator(&app, T1, ALICE).await;
    assert_eq!(boss.json("PATCH", &person(MALLORY), json!({"roles": []})).await.status, 200);
    // A tenant that is switched off needs nobody.
    let t2 = format!("/tenants/{T2}");
    assert_eq!(boss.json("POST", &format!("{t2}/roles"), role("ruler", "admin:*")).await.status, 201);
    let amy = format!("{t2}/users/{}", user_id("amy"));
    assert_eq!(boss.json("PATCH", &amy, json!({"roles": ["ruler"]})).await.status, 200);
    is_refused(&boss.send("DELETE", &amy, &[], "").await, T2);
    assert_eq!(boss.json("PATCH", &t2, json!({"disabled": true})).await.status, 200);
    assert_eq!(boss.send("DELETE", &amy, &[], "").await.status, 204);
}

#[tokio::test]
async fn documents_commands_and_records_leave_it_too() {
    let app = TestApp::new().await;
    make_administrator(&app, T1, ALICE).await;
    let manage = Manage::new(app.store.clone(), By::operator());
    let last = |trouble: Trouble| matches!(trouble, Trouble::Last(None));
    let state = |users: Value| -> State {
        serde_json::from_value(json!({ "tenants": [{ "id": T1, "users": users }] })).unwrap()
    };
    let others = json!([{ "id": user_id(BOB), "user_name": "bob" }]);
    for dry_run in [true, false] {
        assert!(last(manage.apply(&state(others.clone()), dry_run, true).await.unwrap_err()));
        let demoted = json!([{ "id": user_id(ALICE), "user_name": "alice" }]);
        assert!(last(manage.apply(&state(demoted), dry_run, false).await.unwrap_err()));
    }
    let tenant = || Some(T1.to_owned());
    assert!(last(manage.remove(tenant(), Kind::User, ALICE).await.unwrap_err()));
    for change in ["disabled", "locked"] {
        let set = [(change.to_owned(), json!(true))].into_iter().collect();
        assert!(last(manage.change(tenant(), Kind::User, ALICE, set).await.unwrap_err()));
    }
    // A document that names the next one may.
    let follows = json!([{ "id": user_id(BOB), "user_name": "bob", "administrator": true }]);
    manage.apply(&state(follows), false, true).await.unwrap();
    let people = app.store.users(&T1.into(), None, 10).await.unwrap();
    assert_eq!(people.len(), 1);

    // Of records only those are refused that would take it from the last.
    let boss = Admin::of_server(&app).await;
    let named = boss.json("PATCH", &person(BOB), json!({"external_id": "b", "external_version": 1})).await;
    assert_eq!(named.status, 200, "{}", named.body);
    let record = |id: &str, more: Value| {
        let mut record = json!({ "type": "user", "external_id": id, "external_version": 2 });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        format!("{record}\n")
    };
    let lines = [
        record("c", json!({"user_name": "carl"})),
        record("b", json!({"deleted": true})),
        record("b", json!({"user_name": "bob", "disabled": true})),
        record("d", json!({"user_name": "dora"})),
        record("b", json!({"user_name": "bobby"})),
    ];
    let headers = [("content-type", "application/x-ndjson")];
    for dry_run in [true, false] {
        let path = format!("/tenants/{T1}/import?dry_run={dry_run}");
        let reply = boss.send("PUT", &path, &headers, &lines.concat()).await;
        let items = reply.json()["items"].clone();
        let outcomes: Vec<&str> =
            items.as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["created", "refused", "refused", "created", "updated"], "{}", reply.body);
        assert!(items[1]["problems"][0]["detail"].as_str().unwrap().contains("nobody else would be left"));
    }
    let bob = user(&app, BOB).await;
    assert!(bob.user_name == "bobby" && bob.disabled_at.is_none() && bob.administrator_since.is_some());
}

#[tokio::test]
async fn the_console_says_why() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    for act in ["act=user-remove", "act=user-disable", "act=user-lock", "act=user-roles"] {
        let page = browser.get(&format!("/console/tenants/t2/act?{act}&id={}", user_id("amy"))).await;
        let form = acts::deed(&page);
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let done = browser.post("/console/tenants/t2/act", &form).await;
        assert_eq!(done.status, 409, "{act}: {}", done.body);
        assert!(done.body.contains("nobody would be left who administers tenant t2"), "{act}: {}", done.body);
        assert!(!done.body.contains("Somebody was faster"), "{act}");
    }
    assert!(app.store.user(&T2.into(), &user_id("amy").into()).await.unwrap().is_some());
}

/// Two administrators who are taken away at once: one of them stays.
#[tokio::test]
async fn of_two_who_go_at_once_one_stays() {
    for round in 0..4 {
        let app = TestApp::new().await;
        let boss = Admin::of_server(&app).await;
        make_administrator(&app, T1, ALICE).await;
        make_administrator(&app, T1, BOB).await;
        let bearer = format!("Bearer {}", boss.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if round % 2 == 0 { r#"{"administrator":false}"# } else { r#"{"disabled":true}"# };
        let requests = [ALICE, BOB]
            .iter()
            .map(|name| request("PATCH", &format!("{ADMIN}{}", person(name)), &headers, body))
            .collect();
        let mut statuses: Vec<u16> =
            at_once(&nodes(&app).await, requests).await.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let left = app.store.administrators(None, None, 10).await.unwrap();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
