//! `Idempotency-Key`: a repeat gets the same answer; of requests at once one is carried out.

use std::collections::BTreeSet;

use doorward_core::Effect;
use doorward_core::admin::API;
use doorward_core::effect::KeptAnswer;
use doorward_core::id::TenantId;
use doorward_core::model::User;
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::{ALICE, BOB, MALLORY, T1, TestApp, WEB, request, user_id};
use doorward_web::manage::{By, KeyRow, Manage, Trouble};
use doorward_wire::scope::Scopes;

use super::matrix::in_the_name_of;
use super::{ADMIN, Admin, user};

const KEY: (&str, &str) = ("idempotency-key", "order-4711");

#[tokio::test]
async fn a_repeat_is_answered_alike_and_does_nothing() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let users = format!("/tenants/{T1}/users");
    let body = r#"{"user_name":"dora"}"#;
    let first = admin.send("POST", &users, &[KEY], body).await;
    assert_eq!(first.status, 201, "{}", first.body);
    let events = app.events().await.len();
    let again = admin.send("POST", &users, &[KEY], body).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    for header in ["etag", "location"] {
        assert_eq!(again.header(header), first.header(header));
    }
    assert_eq!(app.events().await.len(), events);
    let other = admin.send("POST", &users, &[KEY], r#"{"user_name":"emil"}"#).await;
    assert_eq!(
        (other.status, other.text("type").as_str()),
        (422, "urn:doorward:problem:idempotency-key-reused")
    );
    let elsewhere = admin.send("POST", &format!("/tenants/{T1}/clients"), &[KEY], body).await;
    assert!([400, 422].contains(&elsewhere.status));
    let somebody = Admin::with(&app, "somebody", "admin:users.write").await;
    let theirs = somebody.send("POST", &users, &[KEY], body).await;
    assert_eq!(theirs.status, 409, "another's key is another key: {}", theirs.body);
    for wrong in ["", "x".repeat(256).as_str()] {
        let reply = admin.send("POST", &users, &[("idempotency-key", wrong)], body).await;
        assert_eq!(reply.status, 400, "{wrong}");
    }
    let twice = admin.send("POST", &users, &[KEY, KEY], body).await;
    assert_eq!(twice.status, 400);
}

/// Whoever comes through the same client is another person, and the same act on another object is another request.
#[tokio::test]
async fn a_key_is_of_one_person_and_one_request() {
    let app = TestApp::new().await;
    let tenant = TenantId::from(T1);
    let mut web = app.store.client(&tenant, &WEB.into()).await.unwrap().unwrap().client.clone();
    web.apis.insert(API.into());
    web.scopes = Scopes::parse("openid admin:users.write").unwrap();
    app.store.commit(vec![Effect::PutClient(web)]).await.unwrap();
    let mut admins = Vec::new();
    for name in [ALICE, BOB] {
        let boss = User { administrator_since: Some(app.clock.now()), ..user(&app, name).await };
        app.store.commit(vec![Effect::PutUser(boss)]).await.unwrap();
        let reply = in_the_name_of(&app, name, WEB, "openid admin:users.write").await;
        admins.push(Admin { app: &app, token: reply.text("access_token") });
    }
    let of = |name: &str| format!("/tenants/{T1}/users/{}/sign-in-link", user_id(name));
    let made = admins[0].send("POST", &of(MALLORY), &[KEY], "").await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(admins[0].send("POST", &of(MALLORY), &[KEY], "").await.body, made.body);
    let others = admins[1].send("POST", &of(MALLORY), &[KEY], "").await;
    assert_eq!(others.status, 200, "{}", others.body);
    assert_ne!(others.text("url"), made.text("url"), "what was shown to one is not shown to another");
    for path in [of("nobody"), format!("{}?", of(MALLORY)).replace("sign-in-link", "reset-link")] {
        let reused = admins[0].send("POST", &path, &[KEY], "").await;
        assert_eq!(reused.status, 422, "{path}: {}", reused.body);
    }
}

#[tokio::test]
async fn what_is_kept_is_sealed_and_forgotten_after_a_day() {
    let app = TestApp::new().await;
    let secrets = format!("/tenants/{T1}/clients/{WEB}/secrets");
    let first = Admin::of_tenant(&app).await.send("POST", &secrets, &[KEY], "{}").await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(app.rows("admin_answers").await, 1);
    app.advance_s(23 * 3600);
    let again = async |app: &TestApp| {
        let admin = Admin { app, token: super::token_of(app, "chief", "admin:clients.write").await };
        admin.send("POST", &secrets, &[KEY], "{}").await
    };
    assert_eq!(again(&app).await.body, first.body);
    app.advance_s(2 * 3600);
    let later = again(&app).await;
    assert_eq!(later.status, 201, "{}", later.body);
    assert_ne!(later.text("secret"), first.text("secret"), "it is another request now");
    assert_eq!(app.rows("admin_answers").await, 1, "in the place of the old one");
}

#[tokio::test]
async fn of_requests_at_once_one_is_carried_out() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), KEY];
    let t = format!("{ADMIN}/tenants/{T1}");
    let pending = admin
        .json(
            "POST",
            &format!("/tenants/{T1}/clients/{WEB}/secrets"),
            serde_json::json!({"state": "pending"}),
        )
        .await;
    assert_eq!(pending.status, 201, "{}", pending.body);
    let bob = user_id(BOB);
    let for_bob = serde_json::json!({ "user": bob }).to_string();
    let token = serde_json::json!({ "token": app.tokens(WEB, &[]).await.text("access_token") }).to_string();
    let extended = extended(&admin).await;
    let keys = admin.get(&format!("/tenants/{T1}/keys")).await.json();
    // One that does not sign what the administrator shows.
    let mut keys = keys["items"].as_array().expect("keys").iter();
    let kid = keys.find(|key| key["algorithm"] == "RS256").expect("a key")["kid"].as_str().expect("a kid");
    let (ext, ins) = (format!("{t}/extensions/taken"), format!("{ADMIN}{}", extended.0));
    let ins_id = ins.rsplit('/').next().unwrap_or_default();
    let secret = format!("{ins}/secrets/{}", extended.1);
    // Every route that does another thing each time it is asked, and what each of them leaves once.
    let rows = [
        (format!("{ADMIN}/tenants"), r#"{"id":"t9"}"#, "tenants", 1),
        (format!("{t}/users"), r#"{"user_name":"dora"}"#, "users", 1),
        (format!("{t}/clients"), r#"{"redirect_uris":["https://new.example/cb"]}"#, "clients", 1),
        (format!("{t}/issuers"), r#"{"id":"new","url":"https://new.example"}"#, "issuers", 1),
        (format!("{t}/apis"), r#"{"id":"https://new.example"}"#, "apis", 1),
        (format!("{t}/roles"), r#"{"id":"new"}"#, "roles", 1),
        (format!("{t}/contexts"), r#"{"id":"project/new"}"#, "contexts", 1),
        (format!("{t}/clients/{WEB}/secrets"), "{}", "client_secrets", 1),
        (format!("{t}/clients/{WEB}/secrets/{}/activate", pending.text("id")), "{}", "client_secrets", 0),
        (format!("{t}/users/{bob}/reset-link"), "", "tickets", 1),
        (format!("{t}/users/{bob}/sign-in-link"), "", "tickets", 1),
        (format!("{t}/users/{bob}/require-password"), "", "users", 0),
        (format!("{t}/invitations"), r#"{"email":"new@people.example"}"#, "tickets", 1),
        // The tenant had no key that waited: one to sign by, and one that waits.
        (format!("{t}/keys/rotate"), r#"{"algorithm":"ES256"}"#, "signing_keys", 2),
        (format!("{t}/extensions"), r#"{"id":"more","manifest":{"name":"More"}}"#, "extensions", 1),
        (format!("{ext}/manifest/accept"), "", "extensions", 0),
        (format!("{t}/extensions/dropped/manifest/reject"), "", "extensions", 0),
        (format!("{ext}/verify"), "", "extensions", 0),
        (format!("{ext}/publish"), "", "extensions", 0),
        (format!("{ext}/suspend"), "", "extensions", 0),
        (format!("{ext}/resume"), "", "extensions", 0),
        (
            format!("{t}/installations"),
            r#"{"extension":"dropped","context":"tenant/t1"}"#,
            "installations",
            1,
        ),
        (format!("{ins}/launch"), for_bob.as_str(), "grants", 1),
        (format!("{ins}/session-token"), for_bob.as_str(), "grants", 0),
        (format!("{ins}/sign-in-ticket"), for_bob.as_str(), "tickets", 1),
        (format!("{t}/explain"), token.as_str(), "events", 0),
        (format!("{t}/users/{bob}/incident"), "{}", "sessions", 0),
        (format!("{t}/contexts/project/new/incident"), "{}", "extensions", 0),
        (format!("{ins}/disable"), "", "webhook_events", 1),
        (format!("{ins}/enable"), "", "webhook_events", 1),
        (format!("{ins}/suspend"), "", "webhook_events", 1),
        (format!("{ins}/resume"), "", "webhook_events", 1),
        (format!("{ins}/secrets"), r#"{"reveal":true}"#, "installation_secrets", 1),
        (format!("{secret}/reveal"), "", "installation_secrets", 0),
        (format!("{secret}/confirm"), "{}", "installation_secrets", 0),
        (format!("{secret}/retire"), r#"{"expires_in":60}"#, "installation_secrets", 0),
        (format!("{ins}/webhooks/pause"), "{}", "webhook_queues", 0),
        (format!("{ins}/webhooks/resume"), "", "webhook_queues", 0),
        (format!("{ins}/webhooks/1/skip"), "", "webhook_events", 0),
        (format!("{ins}/webhooks/1/resend"), "", "webhook_events", 0),
        (format!("{ins}/webhooks/dry-run"), r#"{"kind":"Added"}"#, "webhook_attempts", 0),
        (format!("{ext}/secrets"), "{}", "client_secrets", 1),
        (format!("{ext}/installations/{ins_id}/dry-run"), r#"{"kind":"Added"}"#, "webhook_attempts", 0),
        (format!("{t}/webhook-keys/rotate"), "", "webhook_keys", 1),
        (format!("{ins}/incident"), "{}", "extensions", 0),
        (format!("{ext}/incident"), "{}", "extensions", 0),
        (format!("{t}/keys/{kid}/incident"), "{}", "tickets", 0),
        (format!("{ext}/deprecate"), r#"{"deprecated_on":"2027-01-01"}"#, "extensions", 0),
        (format!("{ext}/withdraw"), "", "extensions", 0),
    ];
    let posts = doorward_web::admin::route::routes().filter(|route| route.method == "POST").count();
    assert_eq!(rows.len(), posts, "every one is among them");
    for (path, body, table, grows) in rows {
        let before = app.rows(table).await;
        let key = ("idempotency-key", path.as_str());
        let headers = [headers[0], headers[1], key];
        let requests = (0..6).map(|_| request("POST", &path, &headers, body)).collect();
        let replies = at_once(&nodes(&app).await, requests).await;
        let made: Vec<_> = replies.iter().filter(|reply| reply.status < 300).collect();
        assert!(!made.is_empty(), "{path}: {}", replies[0].body);
        assert!(made.iter().all(|reply| reply.body == made[0].body), "{path}");
        assert!(replies.iter().all(|reply| reply.status < 300 || reply.status == 409), "{path}");
        assert_eq!(app.rows(table).await - before, grows, "{path}");
        let again = app.send("POST", &path, &headers, body).await;
        assert_eq!((again.status, &again.body), (made[0].status, &made[0].body), "{path}");
    }
}

/// Two extensions of which something is proposed, and an installation of one: its path, and the id of its secret.
async fn extended(admin: &Admin<'_>) -> (String, String) {
    let of = |id: &str| {
        serde_json::json!({ "id": id, "state": "verified", "manifest": { "name": id }, "proposed": {
            "name": "Other", "webhook_url": "https://127.0.0.1:1/", "audiences": ["https://127.0.0.1:1/"], "frame_origins": ["https://127.0.0.1:1"],
            "launch_url": "https://127.0.0.1:1/?u=:userId&k=:accessTokenRetrievalKey",
        } })
    };
    let wish = serde_json::json!({ "tenants": [{ "id": T1, "extensions": [of("taken"), of("dropped")] }] });
    let state = serde_json::from_value(wish).unwrap();
    let operator = Manage::new(admin.app.store.clone(), By::operator());
    operator.apply(&state, false, false).await.unwrap();
    let wish = serde_json::json!({ "extension": "taken", "context": "tenant/t1" });
    let made = admin.json("POST", &format!("/tenants/{T1}/installations"), wish).await;
    let path = format!("/tenants/{T1}/installations/{}", made.text("id"));
    let secrets = admin.get(&format!("{path}/secrets")).await.json();
    (path, secrets["items"][0]["id"].as_str().unwrap().to_owned())
}

/// However close two requests come: where the answer of one is kept, the other does not rotate.
#[tokio::test]
async fn a_rotation_stands_or_falls_with_its_answer() {
    let app = TestApp::new().await;
    let manage = Manage::new(app.store.clone(), By::operator());
    let now = app.clock.now();
    let (tenant, key) = (TenantId::from(T1), [7; 32]);
    let keep = |_: &[KeyRow]| {
        let answer = KeptAnswer {
            tenant: TenantId::from(T1),
            key,
            request: [1; 32],
            sealed: vec![1],
            expires_at: now.plus_s(60),
        };
        vec![Effect::KeepAnswer { answer, now }]
    };
    let kids = async || {
        let keys = manage.keys(Some(T1.to_owned())).await.unwrap();
        keys.into_iter().map(|key| (key.kid, key.state)).collect::<BTreeSet<_>>()
    };
    let first = kids().await;
    manage.rotate_keys_of(&tenant, Some("ES256"), keep).await.unwrap();
    let rotated = kids().await;
    assert_ne!(rotated, first);
    let late = manage.rotate_keys_of(&tenant, Some("ES256"), keep).await.unwrap_err();
    assert!(matches!(late, Trouble::Conflict), "{late}");
    assert_eq!(kids().await, rotated);
}
