//! What people are told of without asking.

use doorward_core::Effect;
use doorward_core::model::User;
use doorward_tests::{ALICE, Authenticator, BOB, PASSWORD, Page, T1, TestApp, recovery_codes, user_id};
use serde_json::json;

use super::{kinds, person};
use crate::admin::Admin;

#[tokio::test]
async fn a_sign_in_from_a_browser_that_was_not_known_is_told() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    assert!(app.mails().await.is_empty(), "whoever was just made knows");
    app.advance_s(2 * 86_400);
    browser.sign_in(ALICE).await;
    assert!(app.mails().await.is_empty(), "the browser is known");
    app.browser().sign_in(ALICE).await;
    let mails = app.mails().await;
    assert_eq!((mails.len(), mails[0].kind), (1, "new_device"));
    assert!(mails[0].text.contains("192.0.2.1"), "{}", mails[0].text);
    assert!(mails[0].link.is_none());
}

#[tokio::test]
async fn a_changed_password_is_told() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let mut page = Page::of(browser.get("/account").await);
    page.action = "/account/password".to_owned();
    let new = "another horse, another staple";
    let fields = [("password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
    assert_eq!(kinds(&app).await, ["password_changed"]);
}

#[tokio::test]
async fn a_password_that_an_administrator_sets_is_told_to_who_had_one() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = |name: &str| format!("/tenants/{T1}/users/{}", user_id(name));
    let new = json!({ "password": "another horse, another staple" });
    assert_eq!(admin.json("PATCH", &path(ALICE), new.clone()).await.status, 200);
    assert_eq!(kinds(&app).await, ["password_replaced"]);
    assert_eq!(admin.json("PATCH", &path(ALICE), new).await.status, 200);
    assert_eq!(admin.json("PATCH", &path(ALICE), json!({ "locked": true })).await.status, 200);
    let made =
        json!({ "user_name": "dora", "email": "dora@example.net", "password": "hills behind the harbour" });
    assert_eq!(admin.json("POST", &format!("/tenants/{T1}/users"), made).await.status, 201);
    assert_eq!(kinds(&app).await, ["password_replaced"], "the same again, and a first one, are no news");
    let mails = app.mails().await;
    assert!(!mails[0].text.contains("192.0.2.1"), "the administrator's address is nobody's business");
}

#[tokio::test]
async fn an_address_that_an_administrator_changes_is_told_to_the_one_before() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/users/{}", user_id(ALICE));
    for same in [json!({ "locked": true }), json!({ "email": "Alice@Example.com" })] {
        assert_eq!(admin.json("PATCH", &path, same.clone()).await.status, 200);
        assert!(app.mails().await.is_empty(), "{same}");
    }
    for (new, old) in [(json!("new@example.net"), "Alice@Example.com"), (json!(null), "new@example.net")] {
        assert_eq!(admin.json("PATCH", &path, json!({ "email": new })).await.status, 200);
        let told = app.mails().await.last().expect("a mail").clone();
        assert_eq!((told.kind, told.to.as_str(), &told.link), ("address_changed", old, &None));
        assert!(!told.text.contains("new@example.net") && !told.text.contains("192.0.2.1"), "{}", told.text);
    }
    assert_eq!(kinds(&app).await.len(), 2);
    let given = json!({ "email": "newer@example.net" });
    assert_eq!(admin.json("PATCH", &path, given).await.status, 200);
    assert_eq!(kinds(&app).await.len(), 2, "there was none before");
}

/// Each mail goes to the person, and says from where.
#[tokio::test]
async fn what_happens_to_a_second_factor_is_told() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let told = async |kind: &str| {
        let mails = app.mails().await;
        let last = mails.last().expect("a mail");
        assert_eq!((last.kind, last.to.as_str(), &last.link), (kind, "alice@example.com", &None));
        assert!(last.text.contains("192.0.2.1") && last.text.contains("/account"), "{}", last.text);
        (mails.len(), last.text.clone())
    };
    let manage = async |action: &str| {
        let mut page = Page::of(browser.get("/account/second-factor").await);
        page.action = "/account/second-factor".to_owned();
        browser.submit(&page, &[("password", PASSWORD), ("action", action)]).await
    };
    browser.enrol(&app).await;
    assert_eq!(told("factor_added").await.0, 1);
    let codes = recovery_codes(&manage("new-codes").await);
    assert_eq!(told("recovery_codes_made").await.0, 2);
    for (at, left) in [(0, "9"), (1, "8")] {
        let other = app.browser();
        let page = other.first_step(ALICE).await;
        let typed = [("recovery", codes[at].as_str()), ("action", "verify")];
        assert_eq!(other.submit(&page, &typed).await.status, 303);
        let (count, text) = told("recovery_code_used").await;
        assert!(count == 3 + at && text.contains(&format!(": {left}.")), "{text}");
    }
    let other = app.browser();
    let page = other.first_step(ALICE).await;
    other.submit(&page, &[("recovery", "wrong"), ("action", "verify")]).await;
    assert_eq!(app.mails().await.len(), 4, "what is wrong uses nothing");
    let shown = manage("begin").await;
    let code = Authenticator::of(&shown).code(&app, 0);
    browser.submit(&Page::of(shown), &[("code", &code), ("action", "enrol")]).await;
    assert_eq!(told("factor_added").await.0, 5);
    assert_eq!(manage("remove").await.status, 303);
    assert_eq!(told("factor_removed").await.0, 6);
}

#[tokio::test]
async fn what_waits_is_counted() {
    let app = TestApp::new().await;
    let browser = app.browser();
    let page = Page::of(browser.get("/forgot-password").await);
    browser.submit(&page, &[("username", ALICE)]).await;
    assert_eq!(app.store.mails_waiting().await.expect("readable"), (1, Some(app.clock.now())));
    app.mails().await;
    assert_eq!(app.store.mails_waiting().await.expect("readable"), (0, None));
}

/// EN-006
#[tokio::test]
async fn whoever_shows_the_password_of_a_closed_account_hears_why_by_mail_once_a_day() {
    for is_locked in [true, false] {
        let app = TestApp::new().await;
        let bob = person(&app, BOB).await;
        let now = Some(app.clock.now());
        let closed =
            User { locked_at: now.filter(|_| is_locked), disabled_at: now.filter(|_| !is_locked), ..bob };
        app.store.commit(vec![Effect::PutUser(closed)]).await.expect("a person can be closed");
        let wrong = app.browser().sign_in_with(BOB, "wrong").await;
        assert!(app.mails().await.is_empty());
        let right = app.browser().sign_in_with(BOB, PASSWORD).await;
        let said = |reply: &doorward_tests::Reply| {
            reply.body.split("id=\"problem\"").nth(1).map(|rest| rest.split("</p>").next().map(str::to_owned))
        };
        assert_eq!((wrong.status, said(&wrong)), (right.status, said(&right)));
        app.browser().sign_in_with(BOB, PASSWORD).await;
        assert_eq!(kinds(&app).await, ["account_closed"]);
        app.advance_s(86_400);
        app.browser().sign_in_with(BOB, PASSWORD).await;
        assert_eq!(kinds(&app).await, ["account_closed", "account_closed"]);
    }
}
