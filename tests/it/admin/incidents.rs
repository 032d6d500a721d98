//! One call for incidents: all that was given out is dead at once, its neighbours are not, and the receipt counts what there was.

use doorward_core::model::{EventKind, Life};
use doorward_tests::extended::{Installed, P1, P2, X1, X2};
use doorward_tests::{ALICE, BOB, Browser, Page, RS1, Reply, T1, TestApp, WEB, user_id};
use serde_json::{Value, json};

use super::Admin;
use crate::extensions::{Key, frame::Framed, opened};

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";

/// What was given out for a person in an installation, and to it.
struct Given<'a> {
    user: &'static str,
    of: Installed,
    access: String,
    refresh: String,
    key: Key,
    frame: Framed,
    own: String,
    browser: Browser<'a>,
}

impl<'a> Given<'a> {
    async fn out(app: &'a TestApp, user: &'static str, extension: &str, context: (i64, &str)) -> Self {
        let of = app.install(extension, context, SCOPES).await;
        let browser = app.browser();
        browser.sign_in(user).await;
        let tokens = opened(app, user, &of).await.exchange(app, extension).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        Self {
            user,
            access: tokens.text("access_token"),
            refresh: tokens.text("refresh_token"),
            key: opened(app, user, &of).await,
            frame: Framed::at(app, user, &of, extension).await,
            own: app.installation_token(&of, &[]).await.text("access_token"),
            of,
            browser,
        }
    }

    /// What of the person's in it still works: token, refresh, key, frame, browser.
    async fn works_for_person(&self, app: &TestApp, extension: &str) -> [bool; 5] {
        [
            alive(app, &self.access).await,
            app.refresh(extension, &self.refresh).await.status == 200,
            self.key.exchange(app, extension).await.status == 200,
            !self.frame.is_dead(app).await,
            self.browser.get("/account").await.status == 200,
        ]
    }

    /// What of its own works: token, and secret.
    async fn works_for_itself(&self, app: &TestApp) -> [bool; 2] {
        [alive(app, &self.own).await, app.installation_token(&self.of, &[]).await.status == 200]
    }
}

async fn alive(app: &TestApp, token: &str) -> bool {
    app.introspect(RS1, token).await.json()["active"] == true
}

async fn end(admin: &Admin<'_>, path: &str, body: Value) -> Reply {
    admin.json("POST", &format!("/tenants/{T1}/{path}/incident"), body).await
}

fn counts(reply: &Reply, wanted: &[(&str, i64)]) {
    assert_eq!(reply.status, 200, "{}", reply.body);
    for (name, count) in wanted {
        assert_eq!(reply.json()["counts"][name], *count, "{name}: {}", reply.body);
    }
}

#[tokio::test]
async fn everything_of_a_person_ends() {
    let app = TestApp::extended().await;
    let admin = Admin::of_server(&app).await;
    let hers = Given::out(&app, ALICE, X1, (P1, "project/p-1")).await;
    let his = Given::out(&app, BOB, X2, (P2, "project/p-2")).await;
    let path = format!("users/{}", user_id(hers.user));
    let only_counted = end(&admin, &path, json!({ "dry_run": true })).await;
    assert_eq!(only_counted.json()["dry_run"], true);
    let audited = async || {
        let events = app.events().await;
        events.into_iter().find(|event| event.kind == EventKind::IncidentEnded)
    };
    assert!(alive(&app, &hers.access).await && audited().await.is_none());
    let ended = end(&admin, &path, json!({ "reason": "laptop stolen" })).await;
    counts(&ended, &[("sessions", only_counted.json()["counts"]["sessions"].as_i64().expect("a number"))]);
    assert!(ended.json()["counts"]["sessions"].as_i64() >= Some(4), "{}", ended.body);
    assert!(ended.json()["counts"]["grants"].as_i64() >= Some(3), "{}", ended.body);
    assert_eq!(hers.works_for_person(&app, X1).await, [false; 5]);
    assert_eq!(hers.works_for_itself(&app).await, [true; 2], "what is the installation's own stays");
    assert_eq!(his.works_for_person(&app, X2).await, [true; 5]);
    // Who has the password does not simply come back.
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    assert_eq!(browser.submit(&page, &doorward_tests::credentials(ALICE)).await.status, 200, "refused");
    let unlocked = admin.json("PATCH", &format!("/tenants/{T1}/{path}"), json!({ "locked": false })).await;
    assert!(unlocked.status < 300, "{}", unlocked.body);
    app.advance_s(1);
    assert_eq!(hers.works_for_person(&app, X1).await, [false; 5], "and nothing wakes");
    app.browser().sign_in(ALICE).await;
    let told = audited().await.expect("it is audited");
    let data: Value = serde_json::from_str(&told.data).expect("JSON");
    assert_eq!((data["kind"].as_str(), data["reason"].as_str()), (Some("user"), Some("laptop stolen")));
    assert_eq!(data["counts"], ended.json()["counts"]);
    assert_eq!(ended.text("id"), told.id.to_string());
}

#[tokio::test]
async fn everything_of_an_installation_ends() {
    let app = TestApp::extended().await;
    let admin = Admin::of_server(&app).await;
    let one = Given::out(&app, ALICE, X1, (P1, "project/p-1")).await;
    let other = Given::out(&app, BOB, X1, (P2, "project/p-2")).await;
    let ended = end(&admin, &format!("installations/{}", one.of.id), json!({})).await;
    counts(&ended, &[("secrets", 1)]);
    assert_eq!(one.works_for_person(&app, X1).await, [false, false, false, false, true]);
    assert_eq!(one.works_for_itself(&app).await, [false; 2]);
    assert_eq!(other.works_for_person(&app, X1).await, [true; 5]);
    assert_eq!(other.works_for_itself(&app).await, [true; 2]);
    app.live(&one.of.id, |life, _| Life::resume(life)).await;
    assert_eq!(one.works_for_person(&app, X1).await, [false, false, false, false, true]);
    assert_eq!(one.works_for_itself(&app).await, [false; 2], "its secret does not come back with it");
    let again = end(&admin, &format!("installations/{}", one.of.id), json!({})).await;
    counts(&again, &[("secrets", 0)]);
}

#[tokio::test]
async fn everything_of_an_extension_and_of_who_makes_it_ends() {
    for path in ["extensions/x1", "contexts/contributor/maker"] {
        let app = TestApp::extended().await;
        let admin = Admin::of_server(&app).await;
        let one = Given::out(&app, ALICE, X1, (P1, "project/p-1")).await;
        let two = Given::out(&app, BOB, X1, (P2, "project/p-2")).await;
        let other = Given::out(&app, BOB, X2, (P2, "project/p-2")).await;
        let ended = end(&admin, path, json!({})).await;
        // A secret of each installation, and of each client.
        let (installations, secrets) = if path == "extensions/x1" { (2, 3) } else { (3, 5) };
        counts(&ended, &[("installations", installations), ("secrets", secrets)]);
        for given in [&one, &two] {
            assert_eq!(given.works_for_person(&app, X1).await, [false, false, false, false, true], "{path}");
            assert_eq!(given.works_for_itself(&app).await, [false; 2], "{path}");
        }
        let is_neighbour = path == "extensions/x1";
        assert_eq!(other.works_for_itself(&app).await, [is_neighbour; 2], "{path}");
        app.change_extension(X1, |found| found.suspended_at = None).await;
        for given in [&one, &two] {
            assert_eq!(given.works_for_itself(&app).await, [false; 2], "{path}: nothing wakes");
            assert!(!alive(&app, &given.access).await, "{path}");
        }
        app.tokens(WEB, &[]).await;
    }
}

#[tokio::test]
async fn a_key_is_withdrawn_with_a_receipt() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    let tokens = app.tokens(WEB, &[]).await;
    let header = tokens.text("access_token");
    let kid = doorward_crypto::jose::verify::Unverified::parse(&header).expect("a JWT");
    let kid = kid.header().kid().expect("a kid").to_owned();
    let ended = end(&admin, &format!("keys/{kid}"), json!({ "reason": "leaked" })).await;
    counts(&ended, &[("keys", 1)]);
    assert!(!alive(&app, &header).await);
    let keys = app.send("GET", "/jwks", &[], "").await;
    assert!(!keys.body.contains(&kid), "{}", keys.body);
    // What signed the administrator's token is gone too.
    let admin = Admin::of_tenant(&app).await;
    assert_eq!(end(&admin, &format!("keys/{kid}"), json!({})).await.status, 404);
}

#[tokio::test]
async fn nobody_ends_what_they_may_not() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let reader = Admin::with(
        &app,
        "reader",
        "admin:installations.read admin:extensions.read admin:users.read admin:keys.read admin:contexts.write",
    )
    .await;
    for path in [
        format!("users/{}", user_id(BOB)),
        format!("installations/{}", of.id),
        "extensions/x1".to_owned(),
        "contexts/contributor/maker".to_owned(),
        "keys/any".to_owned(),
    ] {
        assert_eq!(end(&reader, &path, json!({})).await.status, 403, "{path}");
    }
    let admin = Admin::of_server(&app).await;
    for path in
        ["users/usr_nobody-0001", "installations/ins_nobody", "extensions/nobody", "contexts/a/b", "keys/x"]
    {
        assert_eq!(end(&admin, path, json!({})).await.status, 404, "{path}");
    }
    assert_eq!(app.installation_token(&of, &[]).await.status, 200);
}
