//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): a client that got tokens in a session hears that it ended, however it did.

use std::cell::Cell;
use std::sync::Arc;

use doorward_core::Effect;
use doorward_core::model::Client;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::verify::Unverified;
use doorward_tests::sink::{Answer, Heard, Sink};
use doorward_tests::{ALICE, BOB, Browser, PASSWORD, Page, SPA, T1, TestApp, WEB, claims, user_id};
use doorward_web::logout::tell_due;
use serde_json::{Value, json};

use crate::admin::Admin;
use crate::webhooks::loopback;

/// A server at which WEB wants to hear of sign-outs.
struct World {
    app: TestApp,
    sink: Sink,
    /// ALICE's password.
    password: Cell<&'static str>,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::fetching(loopback()).await;
        let sink = Sink::new().await;
        let url = sink.url("/logout?of=web");
        change(&app, WEB, |client| client.backchannel_logout_uri = Some(url)).await;
        Self { app, sink, password: Cell::new(PASSWORD) }
    }

    /// ALICE, who signed in, and has tokens for WEB; the session's name in ID tokens.
    async fn signed_in(&self) -> (Browser<'_>, String) {
        let browser = self.app.browser();
        browser.sign_in_with(ALICE, self.password.get()).await;
        let tokens = browser.code(WEB, &[]).await.redeem(&self.app).await;
        (browser, claims(&tokens.text("id_token"))["sid"].as_str().expect("a session").to_owned())
    }

    /// What is heard in one turn.
    async fn turn(&self) -> Vec<Heard> {
        tell_due(&self.app.app).await.expect("it can be told");
        self.sink.take()
    }

    /// That the client hears of exactly these sessions.
    async fn hears(&self, sids: &[&str]) -> Vec<Value> {
        let heard = self.turn().await;
        let mut said = Vec::new();
        for heard in &heard {
            said.push(self.verified(heard).await);
        }
        let mut named: Vec<&str> = said.iter().filter_map(|claims| claims["sid"].as_str()).collect();
        let mut wanted = sids.to_vec();
        named.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(named, wanted);
        assert!(self.turn().await.is_empty(), "each is told once");
        said
    }

    /// The claims of the logout token that was posted, once all that section 2.6 asks for is checked.
    async fn verified(&self, heard: &Heard) -> Value {
        assert_eq!(heard.target, "/logout?of=web");
        let header = |name: &str| {
            heard.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        assert_eq!(header("content-type"), Some("application/x-www-form-urlencoded"));
        let body = std::str::from_utf8(&heard.body).expect("a form is text");
        let token = body.strip_prefix("logout_token=").expect("one field");
        let keys = self.app.send("GET", "/jwks", &[], "").await;
        let keys = JwkSet::parse(keys.body.as_bytes()).expect("a key set");
        let unverified = Unverified::parse(token).expect("a JWT");
        assert_eq!(unverified.header().typ(), Some("logout+jwt"));
        assert_eq!(unverified.header().algorithm().as_str(), "RS256", "as its ID tokens");
        let key = keys.find(unverified.header()).expect("a key of the issuer");
        let claims: Value =
            serde_json::from_slice(&unverified.verify(key).expect("a signature")).expect("JSON");
        let now = self.app.store.now().seconds();
        assert_eq!((claims["iss"].as_str(), &claims["aud"]), (Some("https://id.example"), &json!(WEB)));
        assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now), Some(now + 120)));
        assert_eq!(claims["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
        assert!(claims.get("nonce").is_none() && claims["jti"].is_string());
        claims
    }
}

async fn change(app: &TestApp, id: &str, change: impl FnOnce(&mut Client)) {
    let found = app.store.client(&T1.into(), &id.into()).await.expect("it can be read").expect("it is there");
    let mut client = found.client;
    change(&mut client);
    app.commit(vec![Effect::PutClient(client)]).await;
}

#[tokio::test]
async fn a_client_hears_of_the_end_of_a_session_however_it_ends() {
    let world = World::new().await;
    let app = &world.app;
    let admin = Admin::of_server(app).await;
    let user = format!("/tenants/{T1}/users/{}", user_id(ALICE));

    // At our own page.
    let (browser, sid) = world.signed_in().await;
    let account = Page::of(browser.get("/account").await);
    browser.submit(&Page { action: "/sign-out".to_owned(), ..account }, &[]).await;
    let said = world.hears(&[&sid]).await;
    assert_eq!(said[0]["sub"], user_id(ALICE));

    // At a client's wish.
    let (browser, sid) = world.signed_in().await;
    let tokens = browser.code(WEB, &[]).await.redeem(app).await;
    browser.get(&format!("/logout?id_token_hint={}", tokens.text("id_token"))).await;
    world.hears(&[&sid]).await;

    // By its owner, from another browser: one, and all others.
    let (_there, sid) = world.signed_in().await;
    let (_elsewhere, other) = world.signed_in().await;
    let (browser, own) = world.signed_in().await;
    let account = Page::of(browser.get("/account").await);
    let sessions = Page { action: "/account/sessions".to_owned(), ..account };
    browser.submit(&sessions, &[("session", &sid)]).await;
    world.hears(&[&sid]).await;
    browser.submit(&sessions, &[("action", "end-others")]).await;
    world.hears(&[&other]).await;

    // By a new password.
    let (_there, sid) = world.signed_in().await;
    let fields = [
        ("password", PASSWORD),
        ("new_password", "a wholly new passphrase"),
        ("new_password_again", "a wholly new passphrase"),
    ];
    let account = Page::of(browser.get("/account").await);
    let changed = browser.submit(&Page { action: "/account/password".to_owned(), ..account }, &fields).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    world.hears(&[&sid]).await;

    // By an administrator: one, all, and the person switched off.
    let ended = admin.send("DELETE", &format!("/tenants/{T1}/sessions/{own}"), &[], "").await;
    assert!(ended.status < 300, "{}", ended.body);
    world.hears(&[&own]).await;
    world.password.set("a wholly new passphrase");
    app.advance_s(1);
    let (_browser, sid) = world.signed_in().await;
    let ended = admin.send("DELETE", &format!("{user}/sessions"), &[], "").await;
    assert!(ended.status < 300, "{}", ended.body);
    world.hears(&[&sid]).await;
    app.advance_s(1);
    let (_browser, sid) = world.signed_in().await;
    let (_other, second) = world.signed_in().await;
    let off = admin.json("PATCH", &user, json!({ "disabled": true })).await;
    assert!(off.status < 300, "{}", off.body);
    world.hears(&[&sid, &second]).await;
    // What changes of somebody who is switched off ends nothing again.
    admin.json("PATCH", &user, json!({ "profile": { "name": "Alice" } })).await;
    world.hears(&[]).await;
    let on = admin.json("PATCH", &user, json!({ "disabled": false })).await;
    assert_eq!(on.json()["disabled"], false, "{}", on.body);
    world.hears(&[]).await;

    // And with the person.
    app.advance_s(1);
    let (_browser, sid) = world.signed_in().await;
    let removed = admin.send("DELETE", &user, &[], "").await;
    assert!(removed.status < 300, "{}", removed.body);
    world.hears(&[&sid]).await;
}

#[tokio::test]
async fn nobody_else_hears() {
    let world = World::new().await;
    let app = &world.app;
    // Who has no tokens of the session, who has not redeemed a code, and who has no address.
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    browser.code(WEB, &[]).await;
    browser.code(SPA, &[]).await.redeem(app).await;
    let bob = app.browser();
    bob.sign_in(BOB).await;
    bob.code(WEB, &[]).await.redeem(app).await;
    let account = Page::of(browser.get("/account").await);
    browser.submit(&Page { action: "/sign-out".to_owned(), ..account }, &[]).await;
    world.hears(&[]).await;
    assert_eq!(app.rows("logouts").await, 0);
    // Whoever lost the address, or is switched off, before they could be told.
    for change_to in [
        |client: &mut Client| client.backchannel_logout_uri = None,
        |client: &mut Client| {
            client.disabled_at = Some(client.created_at);
        },
    ] {
        let world = World::new().await;
        let (browser, _) = world.signed_in().await;
        let account = Page::of(browser.get("/account").await);
        browser.submit(&Page { action: "/sign-out".to_owned(), ..account }, &[]).await;
        assert_eq!(world.app.rows("logouts").await, 1);
        change(&world.app, WEB, change_to).await;
        assert!(world.turn().await.is_empty());
        assert_eq!(world.app.rows("logouts").await, 0);
    }
}

#[tokio::test]
async fn who_does_not_answer_is_told_again_for_hours_and_each_time_the_same() {
    let world = World::new().await;
    let app = &world.app;
    let (browser, sid) = world.signed_in().await;
    let account = Page::of(browser.get("/account").await);
    browser.submit(&Page { action: "/sign-out".to_owned(), ..account }, &[]).await;
    world.sink.answer([
        Answer::status(503),
        Answer::with(503, "Retry-After: 120"),
        Answer::Close,
        Answer::status(400),
    ]);
    let first = world.turn().await;
    let said = world.verified(&first[0]).await;
    assert!(world.turn().await.is_empty(), "not at once");
    app.advance_s(5);
    assert_eq!(world.turn().await.len(), 1);
    app.advance_s(119);
    assert!(world.turn().await.is_empty(), "as long as it was asked to");
    app.advance_s(1);
    assert_eq!(world.turn().await.len(), 1);
    app.advance_s(20);
    assert_eq!(world.turn().await.len(), 1, "a refusal is not believed at once");
    app.advance_s(40);
    let last = world.turn().await;
    let again = world.verified(&last[0]).await;
    assert_eq!((again["jti"].as_str(), again["sid"].as_str()), (said["jti"].as_str(), Some(sid.as_str())));
    assert_ne!(again["iat"], said["iat"], "signed anew");
    assert_eq!(app.rows("logouts").await, 0);

    let (browser, _) = world.signed_in().await;
    let account = Page::of(browser.get("/account").await);
    browser.submit(&Page { action: "/sign-out".to_owned(), ..account }, &[]).await;
    world.sink.answer((0..20).map(|_| Answer::status(500)));
    for _ in 0..20 {
        assert_eq!(world.turn().await.len(), 1);
        app.advance_s(3600);
    }
    assert!(world.turn().await.is_empty());
    let events = app.events().await;
    let given_up = events.iter().filter(|event| event.kind.as_str() == "logout.given_up").count();
    assert_eq!((given_up, app.rows("logouts").await), (1, 0));
}

#[tokio::test]
async fn a_client_that_hangs_holds_up_no_other() {
    let world = World::new().await;
    let app = &world.app;
    let quick = Sink::new().await;
    let url = quick.url("/bye");
    change(app, SPA, |client| client.backchannel_logout_uri = Some(url)).await;
    world.sink.answer((0..100).map(|_| Answer::Hang));
    for _ in 0..40 {
        let browser = app.browser();
        browser.sign_in(ALICE).await;
        browser.code(WEB, &[]).await.redeem(app).await;
        browser.code(SPA, &[]).await.redeem(app).await;
        let account = Page::of(browser.get("/account").await);
        browser.submit(&Page { action: "/sign-out".to_owned(), ..account }, &[]).await;
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let task = doorward_web::logout::start(&app.app, stopped);
    let mut told = 0;
    while told < 40 {
        told += quick.take().len();
        tokio::task::yield_now().await;
    }
    let _gone = stop.send(true);
    task.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_one_tells() {
    let world = World::new().await;
    let other = world.app.second_node_fetching(loopback()).await;
    let mut sids = Vec::new();
    for _ in 0..10 {
        let (browser, sid) = world.signed_in().await;
        let account = Page::of(browser.get("/account").await);
        browser.submit(&Page { action: "/sign-out".to_owned(), ..account }, &[]).await;
        sids.push(sid);
    }
    let one = Arc::clone(&world.app.app);
    let two = other.as_ref().map_or_else(|| Arc::clone(&one), |(app, _)| Arc::clone(app));
    while world.app.rows("logouts").await > 0 {
        let (first, second) = tokio::join!(tell_due(&one), tell_due(&two));
        first.and(second).expect("it can be told");
    }
    let mut heard = Vec::new();
    for one in world.sink.take() {
        heard.push(world.verified(&one).await["sid"].as_str().expect("a session").to_owned());
    }
    heard.sort_unstable();
    sids.sort_unstable();
    assert_eq!(heard, sids, "each once");
}
