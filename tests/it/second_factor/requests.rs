//! What clients ask of a sign-in: `acr_values`, `claims`, what is registered of them; and the step that a session lacks.

use doorward_core::Effect;
use doorward_core::model::Client;
use doorward_tests::{ALICE, BOB, Page, T1, TestApp, WEB, credentials, user_id};

const MFA: &str = "urn:doorward:acr:mfa";
const PASSWORD: &str = "urn:doorward:acr:password";

fn essential(acr: &str) -> String {
    serde_json::json!({ "id_token": { "acr": { "essential": true, "value": acr } } }).to_string()
}

/// A browser whose session is older than the second factor of its person.
async fn older_session(app: &TestApp) -> (doorward_tests::Browser<'_>, doorward_tests::Authenticator) {
    let (older, browser) = (app.browser(), app.browser());
    older.sign_in(ALICE).await;
    browser.sign_in(ALICE).await;
    let (authenticator, _) = browser.enrol(app).await;
    (older, authenticator)
}

#[tokio::test]
async fn a_session_is_only_asked_for_what_it_lacks() {
    let app = TestApp::new().await;
    let (older, authenticator) = older_session(&app).await;
    let none = older.authorize(WEB, &[("prompt", "none")]).await;
    assert_eq!(none.param("error").as_deref(), Some("login_required"));
    let asked = older.authorize(WEB, &[("claims", &essential(MFA))]).await;
    assert!(
        asked.body.contains("one-time-code") && !asked.body.contains("name=\"password\""),
        "{}",
        asked.body
    );
    let code = authenticator.code(&app, 0);
    let consent = older.submit(&Page::of(asked), &[("code", &code), ("action", "verify")]).await;
    assert!(consent.body.contains("action=\"/consent\""), "{}", consent.body);
    let claims = app.id_claims(&older.code(WEB, &[]).await.redeem(&app).await);
    assert_eq!((&claims["acr"], &claims["amr"]), (&MFA.into(), &serde_json::json!(["pwd", "otp", "mfa"])));
}

#[tokio::test]
async fn whoever_has_none_sets_one_up_before_anything_is_issued() {
    let app = TestApp::new().await;
    let grants = app.rows("grants").await;
    let browser = app.browser();
    browser.sign_in(BOB).await;
    let shown = browser.authorize(WEB, &[("claims", &essential(MFA))]).await;
    let authenticator = doorward_tests::Authenticator::of(&shown);
    assert_eq!(app.rows("grants").await, grants);
    let code = authenticator.code(&app, 0);
    let codes = browser.submit(&Page::of(shown), &[("code", &code), ("action", "enrol")]).await;
    doorward_tests::recovery_codes(&codes);
    let consent = browser.submit(&Page::of(codes), &[("action", "continue")]).await;
    assert!(consent.body.contains("action=\"/consent\""), "{}", consent.body);
    // Whoever signed in long ago shows their password first.
    let other = app.browser();
    other.sign_in("mallory").await;
    app.advance_s(601);
    let reply = other.authorize(WEB, &[("claims", &essential(MFA))]).await;
    assert!(reply.body.contains("action=\"/sign-in\""), "{}", reply.body);
    let reply = other.submit(&Page::of(reply), &credentials("mallory")).await;
    assert!(reply.body.contains("otpauth://"), "{}", reply.body);
}

/// A wish is met where it can be, and never asks for what the person does not have.
#[tokio::test]
async fn acr_values_are_wishes() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let told = async |extra: &[(&str, &str)]| {
        let claims = app.id_claims(&browser.code(WEB, extra).await.redeem(&app).await);
        claims["acr"].as_str().expect("acr is text").to_owned()
    };
    for wish in [MFA, "urn:x", "", "urn:doorward:acr:mfa urn:doorward:acr:password"] {
        assert_eq!(told(&[("acr_values", wish)]).await, PASSWORD, "{wish}");
    }
    assert_eq!(told(&[("claims", &essential(PASSWORD))]).await, PASSWORD);
    browser.enrol(&app).await;
    for (wish, acr) in
        [(MFA, MFA), ("urn:x", MFA), (PASSWORD, PASSWORD), ("urn:x urn:doorward:acr:password", PASSWORD)]
    {
        assert_eq!(told(&[("acr_values", wish)]).await, acr, "{wish}");
    }
    assert_eq!(told(&[("claims", &essential(PASSWORD))]).await, PASSWORD, "what is more is enough");
}

#[tokio::test]
async fn what_cannot_be_met_is_told_to_the_client() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let reply = browser.authorize(WEB, &[("claims", &essential("urn:x"))]).await;
    assert_eq!(reply.param("error").as_deref(), Some("unmet_authentication_requirements"));
    let mut tenant = app.store.tenant(&T1.into()).await.expect("read").expect("it is there");
    tenant.settings.second_factor = doorward_core::model::SecondFactor::Off;
    app.store.commit(vec![Effect::PutTenant(tenant)]).await.expect("it can be changed");
    app.store.refresh().await.expect("the directory is read");
    let reply = browser.authorize(WEB, &[("claims", &essential(MFA))]).await;
    assert_eq!(reply.param("error").as_deref(), Some("unmet_authentication_requirements"));
    let metadata = app.get("/.well-known/openid-configuration", &[]).await.json();
    assert_eq!(metadata["acr_values_supported"], serde_json::json!([PASSWORD]));
    let page = browser.get("/account/second-factor").await;
    assert!(!page.body.contains("value=\"begin\""), "{}", page.body);
}

#[tokio::test]
async fn a_client_may_be_registered_for_it() {
    let app = TestApp::new().await;
    let clients = app.store.clients(&T1.into()).await.expect("read");
    let web = clients.into_iter().find(|client| client.id.as_str() == WEB).expect("it is there");
    let web = Client { required_acr: Some(MFA.to_owned()), ..web };
    app.store.commit(vec![Effect::PutClient(web)]).await.expect("it can be changed");
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let none = browser.authorize(WEB, &[("prompt", "none")]).await;
    assert_eq!(none.param("error").as_deref(), Some("login_required"));
    let shown = browser.authorize(WEB, &[]).await;
    assert!(shown.body.contains("otpauth://"), "{}", shown.body);
    let code = doorward_tests::Authenticator::of(&shown).code(&app, 0);
    let codes = browser.submit(&Page::of(shown), &[("code", &code), ("action", "enrol")]).await;
    let consent = browser.submit(&Page::of(codes), &[("action", "continue")]).await;
    assert!(consent.body.contains("action=\"/consent\""), "{}", consent.body);
    assert!(app.store.user(&T1.into(), &user_id(ALICE).into()).await.expect("read").is_some());
}
