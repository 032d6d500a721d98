//! Signing in with a code.

use doorward_core::model::EventKind;
use doorward_tests::{ALICE, BOB, Page, T1, TestApp, WEB, credentials, encode, visitor};
use doorward_web::manage::{Act, By, Manage};

/// Whether somebody is signed in.
pub async fn is_signed_in(browser: &doorward_tests::Browser<'_>) -> bool {
    browser.get("/account").await.status == 200
}

#[tokio::test]
async fn a_right_password_opens_nothing_and_the_code_opens_the_session() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;
    let sessions = app.rows("sessions").await;

    let browser = app.browser();
    let page = browser.first_step(ALICE).await;
    assert!(page.reply.body.contains("autocomplete=\"one-time-code\""), "{}", page.reply.body);
    assert_eq!(app.rows("sessions").await, sessions);
    assert!(!browser.cookies().contains_key("__Host-s-t1") && !is_signed_in(&browser).await);

    let code = authenticator.code(&app, 0);
    let reply = browser.submit(&page, &[("code", &code), ("action", "verify")]).await;
    assert_eq!((reply.status, reply.location()), (303, "https://id.example/account".to_owned()));
    assert!(is_signed_in(&browser).await);
    let events = app.events().await;
    let asked = events.iter().filter(|event| event.kind == EventKind::SecondStepAsked).count();
    let last = events.iter().rev().find(|event| event.kind == EventKind::SignedIn).expect("an event");
    assert_eq!((asked, last.data.contains(r#"["pwd","otp","mfa"]"#)), (1, true), "{}", last.data);
    // Who has none is not asked.
    app.browser().sign_in(BOB).await;
}

/// Whoever knows a password that is due, and has no more, does not choose the next one.
#[tokio::test]
async fn the_code_comes_before_a_new_password_that_is_due() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;
    let manage = Manage::new(app.store.clone(), By::operator());
    manage.help(Some(T1.to_owned()), ALICE, Act::RequirePassword).await.expect("it is asked for");

    let browser = app.browser();
    let page = browser.first_step(ALICE).await;
    assert_eq!(page.action, "/second-factor", "{}", page.reply.body);
    let code = authenticator.code(&app, 0);
    let due = Page::of(browser.submit(&page, &[("code", &code), ("action", "verify")]).await);
    assert_eq!(due.action, "/new-password", "{}", due.reply.body);
    assert!(!is_signed_in(&browser).await);
    let new = "a wholly new passphrase";
    let done = browser.submit(&due, &[("new_password", new), ("new_password_again", new)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(is_signed_in(&browser).await);
}

#[tokio::test]
async fn on_the_way_to_a_client_tokens_say_what_was_shown() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;

    let browser = app.browser();
    let page = Page::of(browser.authorize(WEB, &[]).await);
    let page = Page::of(browser.submit(&page, &credentials(ALICE)).await);
    let code = authenticator.code(&app, 0);
    let consent = browser.submit(&page, &[("code", &code), ("action", "verify")]).await;
    assert!(consent.body.contains("action=\"/consent\""), "{}", consent.body);
    let claims = app.id_claims(&browser.code(WEB, &[]).await.redeem(&app).await);
    assert_eq!(claims["acr"], "urn:doorward:acr:mfa");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));

    let bob = app.browser();
    bob.sign_in(BOB).await;
    let claims = app.id_claims(&bob.code(WEB, &[]).await.redeem(&app).await);
    assert_eq!(claims["acr"], "urn:doorward:acr:password");
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
}

/// RFC 6238, section 5.2: a code counts once, whoever has seen it, and none from before it does.
#[tokio::test]
async fn a_code_counts_once() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;
    app.advance_s(60);
    let (earlier, code) = (authenticator.code(&app, -1), authenticator.code(&app, 0));
    let by = async |code: &str| {
        let browser = app.browser();
        let page = browser.first_step(ALICE).await;
        browser.submit(&page, &[("code", code), ("action", "verify")]).await.status
    };
    assert_eq!(by(&code).await, 303);
    assert_eq!((by(&code).await, by(&earlier).await), (200, 200));
    assert_eq!(app.recorded("totp.replay").await, 2);
    app.advance_s(30);
    assert_eq!(by(&code).await, 200, "nor in its neighbour's time");
    assert_eq!(by(&authenticator.code(&app, 0)).await, 303);
}

/// A code has a million values: whoever knows the password has ten guesses in all, from however many addresses.
#[tokio::test]
async fn many_addresses_have_no_more_guesses_than_one() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;
    let browser = app.browser();
    let page = browser.first_step(ALICE).await;
    let guess = async |number: u32, code: &str| {
        let mut form: Vec<(&str, &str)> =
            page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.extend([("code", code), ("action", "verify")]);
        let cookies: Vec<String> =
            browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers = [
            ("origin", "https://id.example"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", cookies.as_str()),
        ];
        app.send_from(visitor(number), "POST", &page.action, &headers, &encode(&form)).await.status
    };
    let right = authenticator.code(&app, 0);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for number in 0..10 {
        assert_eq!(guess(number, wrong).await, 200, "{number}");
    }
    assert_eq!(guess(10, &right).await, 429);
    assert!(is_signed_in(&home).await, "who is at home stays there");
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (_, codes) = home.enrol(&app).await;
    let by_recovery = async |typed: &str| {
        let browser = app.browser();
        let page = browser.first_step(ALICE).await;
        let page = Page::of(browser.submit(&page, &[("action", "by-recovery")]).await);
        assert!(page.reply.body.contains("name=\"recovery\""), "{}", page.reply.body);
        browser.submit(&page, &[("recovery", typed), ("action", "verify")]).await
    };
    assert_eq!(by_recovery(&codes[3]).await.status, 303);
    let again = by_recovery(&codes[3]).await;
    assert!(again.status == 200 && again.body.contains("role=\"alert\""), "{}", again.body);
    assert_eq!(app.recorded("recovery.wrong").await, 1);
    assert_eq!(by_recovery(&codes[4].to_uppercase().replace('-', " ")).await.status, 303);
    let used = app.events().await.into_iter().filter(|event| event.kind == EventKind::RecoveryCodeUsed);
    assert_eq!(used.map(|event| event.data).collect::<Vec<_>>(), [r#"{"left":9}"#, r#"{"left":8}"#]);
}

/// The first step counts for ten minutes, in the browser in which it was made, and for the password that was shown.
#[tokio::test]
async fn the_first_step_does_not_last() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;
    let browser = app.browser();
    let page = browser.first_step(ALICE).await;
    let elsewhere = app.browser();
    let other = Page::of(elsewhere.get("/sign-in").await);
    let mut stolen = page.clone();
    stolen.hidden.retain(|(name, _)| name != "form");
    stolen.hidden.extend(other.field("form").map(|form| ("form".to_owned(), form.to_owned())));
    let code = authenticator.code(&app, 0);
    let verify = [("code", code.as_str()), ("action", "verify")];
    assert_eq!(elsewhere.submit(&stolen, &verify).await.status, 403);
    assert_eq!(elsewhere.submit(&page, &verify).await.status, 403);
    app.advance_s(601);
    let late = authenticator.code(&app, 0);
    let reply = browser.submit(&page, &[("code", &late), ("action", "verify")]).await;
    assert!(reply.status == 403 && reply.body.contains("action=\"/sign-in\""), "{}", reply.body);
    assert!(!is_signed_in(&browser).await && !is_signed_in(&elsewhere).await);
    // The same code in time is right: nothing of it was used up.
    let page = browser.first_step(ALICE).await;
    assert_eq!(browser.submit(&page, &[("code", &late), ("action", "verify")]).await.status, 303);
}

#[tokio::test]
async fn a_changed_password_ends_the_first_step() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;
    let browser = app.browser();
    let page = browser.first_step(ALICE).await;
    let mut change = Page::of(home.get("/account").await);
    change.action = "/account/password".to_owned();
    let new = "another horse, another staple";
    let fields = [("password", doorward_tests::PASSWORD), ("new_password", new), ("new_password_again", new)];
    assert_eq!(home.submit(&change, &fields).await.status, 303);
    let code = authenticator.code(&app, 0);
    let reply = browser.submit(&page, &[("code", &code), ("action", "verify")]).await;
    assert!(reply.status == 403 && !is_signed_in(&browser).await, "{}", reply.body);
}
