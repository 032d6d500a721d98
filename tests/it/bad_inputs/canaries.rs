//! Every way on which a secret travels, for the rows that look for secrets afterwards: tokens, administration, links, second factors,
//! the console.

use doorward_core::Effect;
use doorward_core::model::User;
use doorward_tests::{ALICE, BOB, M2M, MALLORY, PASSWORD, Page, RS1, SPA, T1, WEB, user_id};
use doorward_web::manage::{By, Manage};
use serde_json::json;

use super::Case;
use super::account_lifecycle::{open_sign_up, sign_up};
use super::steps::{OFFLINE, form, put, signed_in, tokens};
use crate::admin::Admin;
use crate::console::acts::act;
use crate::mail::{go, link_of, path};

const NEW: &str = "nine grey herons waiting";

/// Codes and tokens there and back, good ones and made-up ones.
pub async fn of_tokens(case: &Case) {
    let app = &case.app;
    for client in [WEB, SPA] {
        let browser = signed_in(case, ALICE).await;
        let reply = tokens(case, &browser, client, &OFFLINE).await;
        let refreshed = app.refresh(client, &reply.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(app.userinfo(&refreshed.text("access_token")).await.status, 200);
        app.introspect(RS1, &refreshed.text("access_token")).await;
        app.refresh(client, "dwr_canarycanarycanarycanarycanarycanary").await;
        app.introspect(RS1, "canary-of-an-introspection").await;
        app.userinfo("canary-of-a-bearer-token").await;
        assert_eq!(app.revoke(client, &refreshed.text("refresh_token")).await.status, 200);
    }
    let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    app.token_as(M2M, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await;
}

/// The admin API: passwords and hashes in its bodies, clients' secrets and links in its answers; refusals, and repeats.
pub async fn of_administration(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    let of_alice = |act: &str| format!("/tenants/{T1}/users/{}/{act}", user_id(ALICE));
    let person = json!({ "user_name": "tern", "password": "canary of the admin API" });
    let people = format!("/tenants/{T1}/users");
    assert_eq!(admin.json("POST", &people, person.clone()).await.status, 201);
    assert_eq!(admin.json("POST", &people, person).await.status, 409);
    let unknown = json!({ "user_name": "other", "password": "canary of a refusal", "unknown": true });
    assert_eq!(admin.json("POST", &people, unknown).await.status, 400);
    admin.send("POST", &people, &[], "{\"password\": \"canary of what is no JSON\"").await;
    let record = json!({ "type": "user", "external_id": "1", "external_version": 1, "user_name": "imported",
                         "password_hash": "$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" });
    let lines = [("content-type", "application/x-ndjson")];
    let imported = admin.send("PUT", &format!("/tenants/{T1}/import"), &lines, &format!("{record}\n")).await;
    assert_eq!(imported.json()["items"][0]["outcome"], "created", "{}", imported.body);
    let client = json!({ "id": "canary", "redirect_uris": ["https://a.example/cb"], "secret": "generate" });
    let made = admin.json("POST", &format!("/tenants/{T1}/clients"), client).await;
    assert!(made.text("client_secret").starts_with("dwk_"), "{}", made.body);
    let further = admin.json("POST", &format!("/tenants/{T1}/clients/canary/secrets"), json!({})).await;
    assert!(further.text("secret").starts_with("dwk_"), "{}", further.body);
    let key = [("idempotency-key", "canary-1")];
    for _ in 0..2 {
        let made = admin.send("POST", &of_alice("sign-in-link"), &key, "").await;
        assert!(made.text("url").contains("link=dwl_"), "{}", made.body);
    }
    let reset = admin.send("POST", &of_alice("reset-link"), &[], "").await;
    assert!(reset.text("url").contains("link=dwp_"), "{}", reset.body);
    let invited =
        admin.json("POST", &format!("/tenants/{T1}/invitations"), json!({ "by_mail": false })).await;
    assert!(invited.text("url").contains("link=dwi_"), "{}", invited.body);
    admin
        .get(&format!("/tenants/{T1}/users/{}", invited.text("url").rsplit('=').next().unwrap_or_default()))
        .await;
}

/// Every kind of link: mailed or shown, opened, used, and used again.
pub async fn of_links(case: &Case) {
    let app = &case.app;
    let manage = Manage::new(app.store.clone(), By::operator());
    let url = manage.set_up_link(Some(T1.to_owned())).await.expect("a link can be made").url;
    let browser = app.browser();
    let opened = Page::of(browser.get(&path(&url)).await);
    let fields =
        [("username", "first"), ("email", "first@example.net"), ("password", NEW), ("password_again", NEW)];
    for _ in 0..2 {
        browser.submit(&opened, &fields).await;
    }
    // Another address, and back: who takes it back chooses a new password.
    let browser = signed_in(case, BOB).await;
    let page = form(browser.get("/account/email").await, "/account/email");
    let fields = [("email", "moved@example.net"), ("password", PASSWORD), ("action", "change")];
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
    for _ in ["to the new one", "back"] {
        let mailed = link_of(app.mails().await.last().expect("a mail"));
        assert_eq!(go(&browser, &mailed).await.status, 200);
        assert_eq!(go(&browser, &mailed).await.status, 400);
    }
    // A forgotten password.
    app.advance_s(1);
    let browser = app.browser();
    let asked = Page::of(browser.get("/forgot-password").await);
    browser.submit(&asked, &[("username", BOB)]).await;
    let mailed = link_of(app.mails().await.last().expect("a mail"));
    let opened = Page::of(browser.get(&mailed).await);
    let mistyped = [("password", NEW), ("password_again", "nine grey herons wading")];
    assert_eq!(browser.submit(&opened, &mistyped).await.status, 400);
    for status in [303, 400] {
        let fields = [("password", NEW), ("password_again", NEW)];
        assert_eq!(browser.submit(&opened, &fields).await.status, status);
    }
    // Signing up.
    open_sign_up(case, &[]).await;
    assert_eq!(sign_up(app, "canary@example.net").await.status, 303);
    let mailed = link_of(app.mails().await.last().expect("a mail"));
    let browser = app.browser();
    let opened = Page::of(browser.get(&mailed).await);
    let fields = [("username", "newcomer"), ("password", NEW), ("password_again", NEW)];
    assert_eq!(browser.submit(&opened, &fields).await.status, 303);
    // In by a link.
    app.advance_s(1);
    let made = manage.help(Some(T1.to_owned()), BOB, doorward_web::manage::Act::SignInLink).await;
    let url = made.expect("a link can be made").expect("there is one").url;
    assert_eq!(go(&app.browser(), &path(&url)).await.status, 303);
}

/// A second factor: its seed, its recovery codes, a code, a recovery code, wrong ones. What was shown.
pub async fn of_a_factor(case: &Case) -> (doorward_tests::Authenticator, Vec<String>) {
    let (authenticator, codes) = signed_in(case, ALICE).await.enrol(&case.app).await;
    let browser = case.app.browser();
    let step = browser.first_step(ALICE).await;
    for wrong in
        [[("recovery", "canary-of-a-code"), ("action", "verify")], [("code", "000000"), ("action", "verify")]]
    {
        assert_eq!(browser.submit(&step, &wrong).await.status, 200);
    }
    let used = [("recovery", codes[0].as_str()), ("action", "verify")];
    assert_eq!(browser.submit(&step, &used).await.status, 303);
    let other = case.app.browser();
    let step = other.first_step(ALICE).await;
    assert_eq!(other.submit(&step, &used).await.status, 200, "once");
    let code = authenticator.code(&case.app, 0);
    assert_eq!(other.submit(&step, &[("code", &code), ("action", "verify")]).await.status, 303);
    (authenticator, codes)
}

/// The console: its sign-in, a token that is looked for, a link and a client's secret that it shows.
pub async fn of_the_console(case: &Case) {
    let app = &case.app;
    let found = app.store.user(&T1.into(), &user_id(MALLORY).into()).await.expect("readable").expect("there");
    let now = Some(app.clock.now());
    put(app, vec![Effect::PutUser(User { administrator_since: now, ..found.user })]).await;
    let sought = app.tokens(WEB, &OFFLINE).await;
    let browser = crate::console::enter(app, MALLORY).await;
    for token in ["access_token", "refresh_token"] {
        let overview = form(browser.get("/console/tenants/t1").await, "/console/tenants/t1/find");
        let found = browser.submit(&overview, &[("find", &sought.text(token))]).await;
        assert_eq!(found.status, 303, "{}", found.body);
    }
    for (deed, prefix) in
        [("act=user-sign-in-link&id=usr_bob-0001", "dwl_"), ("act=secret-make&id=web", "dwk_")]
    {
        let done = act(&browser, deed).await;
        assert!(done.body.contains(prefix), "{deed}: {}", done.body);
    }
}

/// What a client asks for, with a request that is sealed into the page.
pub async fn of_a_request(case: &Case) {
    let browser = case.app.browser();
    let page = Page::of(browser.authorize(WEB, &[]).await);
    assert!(page.field("request").is_some_and(|sealed| sealed.len() > 100));
    let fields = [("username", ALICE), ("password", "canary of a wrong password"), ("action", "sign-in")];
    assert_eq!(browser.submit(&page, &fields).await.status, 200);
}
