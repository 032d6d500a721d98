//! `Idempotency-Key`: a repeat gets the same answer; of requests at once one is carried out.

use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::{T1, TestApp, WEB, request};

use super::{ADMIN, Admin};

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
    let admin = Admin::of_tenant(&app).await;
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), KEY];
    for (path, body) in [
        (format!("{ADMIN}/tenants/{T1}/users"), r#"{"user_name":"dora"}"#),
        (format!("{ADMIN}/tenants/{T1}/clients/{WEB}/secrets"), "{}"),
    ] {
        let (users, secrets) = (app.rows("users").await, app.rows("client_secrets").await);
        let key = ("idempotency-key", path.as_str());
        let headers = [headers[0], headers[1], key];
        let requests = (0..6).map(|_| request("POST", &path, &headers, body)).collect();
        let replies = at_once(&nodes(&app).await, requests).await;
        let made: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
        assert!(!made.is_empty() && made.iter().all(|reply| reply.body == made[0].body));
        assert!(replies.iter().all(|reply| [201, 409].contains(&reply.status)));
        let grown = app.rows("users").await - users + app.rows("client_secrets").await - secrets;
        assert_eq!(grown, 1, "{path}");
    }
}
