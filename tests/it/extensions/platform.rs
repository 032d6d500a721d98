//! The platform's backend, which acts for people who sign in elsewhere, and asks why something may not be done.

use doorward_core::model::{Actor, ConsentPolicy, EventKind};
use doorward_tests::extended::{CUSTOMER, P1, P2, X1, X2, unassign};
use doorward_tests::{ALICE, BOB, RS1, TestApp, claims, user_id};
use serde_json::{Value, json};

use super::session_token::exchange;
use super::{Key, opened};
use crate::admin::{Admin, every_scope};

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";

#[tokio::test]
async fn the_platform_opens_an_extension_for_a_person_and_is_named_as_who_did() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/t1/installations/{}/launch", of.id);
    let reply = admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(reply.text("url").starts_with("https://x1.example:8443/open/p-1?user="), "{}", reply.body);
    let key = Key { key: reply.text("retrieval_key"), user: reply.text("user") };
    assert!(reply.text("url").ends_with(&key.key));
    let tokens = key.exchange(&app, X1).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let said = claims(&tokens.text("access_token"));
    assert_eq!(
        (said["sub"].as_str(), said["act"]["sub"].as_str()),
        (Some(user_id(ALICE).as_str()), Some("chief"))
    );
    // It hangs on no session, and still on everything else.
    let access = tokens.text("access_token");
    assert_eq!(app.introspect(RS1, &access).await.json()["active"], true);
    assert_eq!(app.refresh(X1, &tokens.text("refresh_token")).await.status, 200);
    let events = app.events().await;
    let launched = events.iter().find(|event| event.kind == EventKind::Launched).expect("it is recorded");
    assert_eq!(launched.actor, Actor::Client("chief".into()));
    app.live(&of.id, |life, now| life.suspend(now)).await;
    assert_eq!(app.introspect(RS1, &access).await.json()["active"], false);
    assert_eq!(admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await.status, 409);
}

#[tokio::test]
async fn the_platform_makes_session_tokens_whose_session_is_its_own() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/t1/installations/{}/session-token", of.id);
    let body = json!({ "user": user_id(ALICE), "session": "s-77" });
    let reply = admin.json("POST", &path, body.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let said = claims(&reply.text("session_token"));
    assert_eq!((said["sid"].as_str(), said["act"]["sub"].as_str()), (Some("platform:s-77"), Some("chief")));
    assert_eq!(said["scope"], SCOPES, "what the person may do there counts, though they show no session");
    assert_eq!(admin.json("POST", &path, body).await.text("sid"), reply.text("sid"));
    let lines = json!({ "user": user_id(ALICE), "session": "s\n77" });
    assert_eq!(admin.json("POST", &path, lines).await.status, 400);
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", &reply.text("session_token")),
        ("subject_token_type", "urn:doorward:token-type:session"),
    ];
    let tokens = app.post_as_installation(&of, &form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(claims(&tokens.text("access_token"))["act"]["sub"], "chief");
}

#[tokio::test]
async fn within_a_second_a_session_token_is_of_before_or_after_what_ends_all_of_before() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/t1/installations/{}/session-token", of.id);
    let make = async || {
        let made = admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await;
        made.text("session_token")
    };
    let before = make().await;
    assert_eq!(exchange(&app, &of, &before).await.status, 200);
    app.clock.advance_ms(10);
    let sessions = format!("/tenants/t1/users/{}/sessions", user_id(ALICE));
    assert_eq!(admin.send("DELETE", &sessions, &[], "").await.status, 204);
    app.clock.advance_ms(10);
    let after = make().await;
    assert_eq!(claims(&before)["iat"], claims(&after)["iat"], "all within a second");
    exchange(&app, &of, &before).await.assert_error(400, "invalid_request");
    assert_eq!(app.recorded("token.before_valid_from").await, 1);
    assert_eq!(exchange(&app, &of, &after).await.status, 200);
}

#[tokio::test]
async fn it_acts_for_nobody_who_does_not_belong_there_or_must_be_asked() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let admin = Admin::of_tenant(&app).await;
    for route in ["launch", "session-token", "sign-in-ticket"] {
        let path = format!("/tenants/t1/installations/{}/{route}", of.id);
        assert_eq!(admin.json("POST", &path, json!({ "user": user_id(BOB) })).await.status, 409, "{route}");
        assert_eq!(
            admin.json("POST", &path, json!({ "user": "usr_nobody-0001" })).await.status,
            404,
            "{route}"
        );
        let nowhere = json!({ "user": user_id(ALICE), "issuer": "nowhere" });
        assert_eq!(admin.json("POST", &path, nowhere).await.status, 404, "{route}");
    }
    app.change_extension(X1, |found| found.manifest.consent = ConsentPolicy::Asked).await;
    for route in ["launch", "session-token", "sign-in-ticket"] {
        let path = format!("/tenants/t1/installations/{}/{route}", of.id);
        assert_eq!(admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await.status, 409, "{route}");
    }
    let reader = Admin::with(&app, "reader", "admin:installations.read").await;
    let path = format!("/tenants/t1/installations/{}/launch", of.id);
    assert_eq!(reader.json("POST", &path, json!({ "user": user_id(ALICE) })).await.status, 403);
    assert_eq!(app.rows("grants").await, 0);
}

fn clauses(body: &Value, scope: &str) -> Vec<String> {
    let lines = body["scopes"].as_array().expect("lines");
    let line =
        lines.iter().find(|line| line["scope"] == scope).unwrap_or_else(|| panic!("no {scope}: {body}"));
    let removed = line["removed_by"].as_array().expect("clauses");
    removed.iter().map(|clause| clause["clause"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn each_clause_that_takes_a_scope_away_is_told_with_who_could_change_it() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (CUSTOMER, "customer/c-1"), "openid rs1:write").await;
    let admin = Admin::of_server(&app).await;
    let path = format!(
        "/tenants/t1/clients/x1/explain?installation={}&user=alice&scope=openid%20rs1:read%20rs1:write%20email%20rs2:read",
        of.id
    );
    let reply = admin.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body = reply.json();
    assert_eq!((body["alive"].as_bool(), body["scope"].as_str()), (Some(true), Some("openid")));
    assert_eq!(clauses(&body, "openid"), [""; 0]);
    assert_eq!(clauses(&body, "rs1:read"), ["installation"]);
    assert_eq!(clauses(&body, "rs1:write"), ["person"]);
    assert_eq!(clauses(&body, "email"), ["client", "installation"]);
    assert_eq!(clauses(&body, "rs2:read"), ["client", "api", "installation"]);
    let lines = body["scopes"].as_array().expect("lines");
    let write = lines.iter().find(|line| line["scope"] == "rs1:write").expect("a line");
    assert_eq!(write["removed_by"][0]["permission"], "orders:write");
    assert_eq!(write["removed_by"][0]["roles_that_give_it"], json!(["writer"]));

    // Somebody administers installations there, somebody elsewhere: the one is named.
    let put = |id: &str, body: Value| {
        let path = format!("/tenants/t1/roles/{id}");
        let admin = &admin;
        async move { admin.json("PUT", &path, body).await }
    };
    let made = put("keeper", json!({ "permissions": ["admin:installations.write"] })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    for (user, context) in [(ALICE, "customer/c-1"), (BOB, "project/p-2")] {
        let path = format!("/tenants/t1/contexts/{context}/members/{}", user_id(user));
        let given = admin.json("PUT", &path, json!({ "roles": ["keeper"] })).await;
        assert!(given.status < 300, "{}", given.body);
    }
    let body = admin.get(&path).await.json();
    let lines = body["scopes"].as_array().expect("lines");
    let read = lines.iter().find(|line| line["scope"] == "rs1:read").expect("a line");
    let who = read["removed_by"][0]["who"].as_array().expect("people");
    let names: Vec<_> =
        who.iter().map(|person| (person["user_name"].as_str(), person["context"].as_str())).collect();
    assert_eq!(names, [(Some(ALICE), Some("customer/c-1"))]);
}

#[tokio::test]
async fn a_token_is_explained_as_it_is_now() {
    let app = TestApp::extended().await;
    let of = app.install(X2, (P1, "project/p-1"), SCOPES).await;
    let tokens = opened(&app, ALICE, &of).await.exchange(&app, X2).await;
    let admin = Admin::with(&app, "chief", &every_scope()).await;
    let explain =
        async |token: &str| admin.json("POST", "/tenants/t1/explain", json!({ "token": token })).await.json();
    let body = explain(&tokens.text("access_token")).await;
    assert_eq!((body["client"].as_str(), body["scope"].as_str()), (Some(X2), Some(SCOPES)), "{body}");
    app.commit(vec![unassign(P1)]).await;
    for token in [tokens.text("access_token"), tokens.text("refresh_token")] {
        let body = explain(&token).await;
        assert_eq!(body["scope"], "openid profile offline_access rs1:read", "{body}");
        assert_eq!(clauses(&body, "rs1:write"), ["person"]);
    }
    let own = app.installation_token(&of, &[]).await.text("access_token");
    assert_eq!(explain(&own).await["scope"], "rs1:read rs1:write");
    app.live(&of.id, |life, now| life.disable(now)).await;
    for token in [tokens.text("access_token"), tokens.text("refresh_token"), own] {
        let body = explain(&token).await;
        assert_eq!((body["alive"].as_bool(), body["scope"].as_str()), (Some(false), Some("")), "{body}");
        assert_eq!(body["reason"]["name"], "installation.disabled");
    }
    assert_eq!(admin.json("POST", "/tenants/t1/explain", json!({ "token": "nonsense" })).await.status, 404);
    assert_eq!(admin.get("/tenants/t1/clients/nobody/explain?user=alice").await.status, 404);
    let of_another = format!("/tenants/t1/clients/x1/explain?installation={}", of.id);
    assert_eq!(admin.get(&of_another).await.status, 409);
    let elsewhere = app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let body = admin
        .get(&format!("/tenants/t1/clients/x1/explain?installation={}&user=alice", elsewhere.id))
        .await
        .json();
    assert_eq!(body["reason"]["name"], "context.not_a_member", "{body}");
}
