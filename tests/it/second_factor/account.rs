//! The second factor on the account page.

use doorward_core::model::EventKind;
use doorward_tests::{ALICE, Authenticator, Browser, PASSWORD, Page, Reply, T1, TestApp, recovery_codes};
use doorward_web::manage::{Act, By, Manage};

use super::sign_in::is_signed_in;
use crate::mail::{go, path};

#[tokio::test]
async fn setting_up_shows_an_image_and_a_key_and_asks_for_a_first_code() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let account = browser.get("/account").await;
    assert!(account.body.contains("href=\"/account/second-factor\""), "{}", account.body);
    let page = Page::of(browser.get("/account/second-factor").await);
    let wrong = browser.submit(&page, &[("password", "wrong password"), ("action", "begin")]).await;
    assert_eq!(wrong.status, 400);
    let shown = browser.submit(&page, &[("password", PASSWORD), ("action", "begin")]).await;
    assert!(
        shown.body.contains("<svg role=\"img\"") && shown.body.contains("otpauth://totp/"),
        "{}",
        shown.body
    );
    assert_eq!(app.rows("credentials").await, 4, "nothing is stored before the first code");
    let authenticator = Authenticator::of(&shown);
    let enrol = Page::of(shown);
    let wrong = authenticator.code(&app, 5);
    let again = browser.submit(&enrol, &[("code", &wrong), ("action", "enrol")]).await;
    assert!(again.body.contains("role=\"alert\""), "{}", again.body);
    let same = Authenticator::of(&again);
    assert_eq!(same.code(&app, 0), authenticator.code(&app, 0), "the same seed is shown again");
    let code = authenticator.code(&app, 0);
    let before = browser.cookies();
    let codes = browser.submit(&Page::of(again), &[("code", &code), ("action", "enrol")]).await;
    recovery_codes(&codes);
    assert_ne!(browser.cookies()["__Host-s-t1"], before["__Host-s-t1"], "the session's secret changed");
    let reply = browser.submit(&Page::of(codes), &[("action", "continue")]).await;
    assert_eq!(reply.location(), "https://id.example/account/second-factor?done=added");
    let added = app.events().await.into_iter().filter(|event| event.kind == EventKind::FactorAdded).count();
    assert_eq!((added, app.rows("credentials").await), (1, 6));
    // The first code was used by it.
    let other = app.browser();
    let page = other.first_step(ALICE).await;
    other.submit(&page, &[("code", &code), ("action", "verify")]).await;
    assert!(!is_signed_in(&other).await);
    assert_eq!(app.recorded("totp.replay").await, 1);
}

/// The seed stands in the database sealed; codes stand there as hashes.
#[tokio::test]
async fn nothing_stored_makes_a_code() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let page = Page::of(browser.get("/account/second-factor").await);
    let shown = browser.submit(&page, &[("password", PASSWORD), ("action", "begin")]).await;
    let key = shown.body.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).expect("a key");
    let key = key.to_owned();
    let code = Authenticator::of(&shown).code(&app, 0);
    let codes = browser.submit(&Page::of(shown), &[("code", &code), ("action", "enrol")]).await;
    let dump = app.dump().await;
    let holds = |text: &str| dump.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("last_step"));
    for secret in recovery_codes(&codes).iter().chain([&key]) {
        for form in [secret.clone(), secret.replace('-', ""), secret.replace('-', "").to_uppercase()] {
            assert!(!holds(&form), "{form}");
        }
    }
}

#[tokio::test]
async fn taking_it_away_and_new_codes_ask_for_the_password() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let (_, old) = browser.enrol(&app).await;
    let manage = async |action: &'static str, password: &str| {
        let page = Page::of(browser.get("/account/second-factor").await);
        let mut page = page;
        page.action = "/account/second-factor".to_owned();
        browser.submit(&page, &[("password", password), ("action", action)]).await
    };
    for action in ["new-codes", "remove", "begin"] {
        assert_eq!(manage(action, "wrong password").await.status, 400, "{action}");
    }
    let new = recovery_codes(&manage("new-codes", PASSWORD).await);
    let by_recovery = async |typed: &str| {
        let other = app.browser();
        let page = other.first_step(ALICE).await;
        other.submit(&page, &[("recovery", typed), ("action", "verify")]).await.status
    };
    assert_eq!(by_recovery(&old[0]).await, 200, "those before work no more");
    assert_eq!(by_recovery(&new[0]).await, 303);
    assert_eq!(
        manage("remove", PASSWORD).await.location(),
        "https://id.example/account/second-factor?done=removed"
    );
    app.browser().sign_in(ALICE).await;
    let kinds: Vec<EventKind> = app.events().await.into_iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&EventKind::FactorRemoved) && kinds.contains(&EventKind::RecoveryCodesMade));
}

/// A session that was opened before the factor was set up elsewhere cannot take it away by the password alone.
#[tokio::test]
async fn an_older_session_shows_the_code_first() {
    let app = TestApp::new().await;
    let (older, browser) = (app.browser(), app.browser());
    older.sign_in(ALICE).await;
    browser.sign_in(ALICE).await;
    let token = Page::of(older.get("/account/second-factor").await);
    let (authenticator, _) = browser.enrol(&app).await;
    let asked = older.submit(&token, &[("password", PASSWORD), ("action", "remove")]).await;
    assert!(asked.body.contains("one-time-code"), "{}", asked.body);
    let asked = older.get("/account/second-factor").await;
    assert!(asked.body.contains("one-time-code"), "{}", asked.body);
    let code = authenticator.code(&app, 0);
    let reply = older.submit(&Page::of(asked), &[("code", &code), ("action", "verify")]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let page = Page::of(older.get("/account/second-factor").await);
    let reply = older.submit(&page, &[("password", PASSWORD), ("action", "remove")]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

/// What a session from before the factor does to the account at each of these doors, and where it comes back to.
const DOORS: [Door; 3] = [
    ("/account/password", "/account", &[("new_password", NEW), ("new_password_again", NEW)]),
    ("/account/email", "/account/email", &[("action", "change"), ("email", "other@example.com")]),
    ("/account/second-factor", "/account/second-factor", &[("action", "new-codes")]),
];
type Door = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
const NEW: &str = "a wholly new passphrase";

/// Of whoever is signed in: the form of the account page that is sent to `door`, with their password.
async fn act(browser: &Browser<'_>, door: &str, fields: &[(&str, &str)]) -> Reply {
    let mut page = Page::of(browser.get("/account").await);
    page.action = door.to_owned();
    let mut all = vec![("password", PASSWORD)];
    all.extend_from_slice(fields);
    browser.submit(&page, &all).await
}

/// No act on an account goes by the password alone where there is a factor that the session has not shown.
#[tokio::test]
async fn an_older_session_shows_the_code_at_every_door_of_the_account() {
    for (door, back, fields) in DOORS {
        let app = TestApp::new().await;
        let (older, browser) = (app.browser(), app.browser());
        older.sign_in(ALICE).await;
        browser.sign_in(ALICE).await;
        let (authenticator, _) = browser.enrol(&app).await;
        let asked = act(&older, door, fields).await;
        assert!(asked.body.contains("one-time-code"), "{door}: {}", asked.body);
        assert!(is_signed_in(&browser).await, "{door}: the session that shows the factor goes on");
        let code = authenticator.code(&app, 0);
        let reply = older.submit(&Page::of(asked), &[("code", &code), ("action", "verify")]).await;
        assert_eq!(reply.location(), format!("https://id.example{back}"), "{door}");
        let done = act(&older, door, fields).await;
        assert!(
            matches!(done.status, 200 | 303) && !done.body.contains("one-time-code"),
            "{door}: {}",
            done.body
        );
    }
}

/// Whoever came by a link and showed the code manages their account with the password beside it, and is not asked for ever.
#[tokio::test]
async fn a_link_and_a_code_are_enough_for_the_account() {
    for (door, _, fields) in DOORS {
        let app = TestApp::new().await;
        let browser = app.browser();
        browser.sign_in(ALICE).await;
        let (authenticator, _) = browser.enrol(&app).await;
        let manage = Manage::new(app.store.clone(), By::operator());
        let link =
            manage.help(Some(T1.to_owned()), ALICE, Act::SignInLink).await.expect("done").expect("a link");
        let by_link = app.browser();
        let asked = go(&by_link, &path(&link.url)).await;
        let code = authenticator.code(&app, 0);
        by_link.submit(&Page::of(asked), &[("code", &code), ("action", "verify")]).await;
        assert!(is_signed_in(&by_link).await);
        let page = by_link.get("/account/second-factor").await;
        assert!(page.body.contains("value=\"remove\""), "{}", page.body);
        let done = act(&by_link, door, fields).await;
        assert!(
            matches!(done.status, 200 | 303) && !done.body.contains("one-time-code"),
            "{door}: {}",
            done.body
        );
    }
}
