//! Sign-in into an extension that is installed where the person belongs: no page, because consent was given at installation.

use doorward_core::model::ConsentPolicy;
use doorward_tests::extended::{CUSTOMER, Installed, P1, P2, X1, X2};
use doorward_tests::{
    ALICE, BOB, Browser, Page, Reply, TestApp, basic, claims, credentials, secret_of, user_id,
};

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";

async fn signed_in<'a>(app: &'a TestApp, user: &str) -> Browser<'a> {
    let browser = app.browser();
    browser.sign_in(user).await;
    browser
}

/// What the code that an answer carries is redeemed for.
pub async fn redeemed(app: &TestApp, reply: &Reply, extension: &str) -> Reply {
    assert_eq!(reply.status, 303, "{}", reply.body);
    let code = reply.param("code").unwrap_or_else(|| panic!("no code: {}", reply.location()));
    let callback = format!("https://{extension}.example/callback");
    let form =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", callback.as_str())];
    let authorization = basic(extension, &secret_of(extension));
    let tokens = app.post_form("/token", &form, &[("authorization", &authorization)]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    tokens
}

fn is_of(tokens: &Reply, of: &Installed, context: &str) {
    let said = claims(&tokens.text("access_token"));
    assert_eq!(
        (said["installation"].as_str(), said["context"].as_str()),
        (Some(of.id.as_str()), Some(context))
    );
}

#[tokio::test]
async fn a_member_who_is_signed_in_arrives_without_a_page() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let browser = signed_in(&app, ALICE).await;
    let reply = browser.get("/extensions/x1/authorize?state=st%20%C3%A4te").await;
    assert!(reply.location().starts_with("https://x1.example/callback?"), "{}", reply.location());
    assert_eq!(reply.param("state").as_deref(), Some("st \u{e4}te"));
    let tokens = redeemed(&app, &reply, X1).await;
    assert_eq!(tokens.text("scope"), SCOPES);
    is_of(&tokens, &of, "project/p-1");
    // The ordinary endpoint alike, asked for less.
    let target = "/authorize?response_type=code&client_id=x1&state=s&scope=openid%20rs1%3Aread\
                  &redirect_uri=https%3A%2F%2Fx1.example%2Fcallback";
    let tokens = redeemed(&app, &browser.get(target).await, X1).await;
    assert_eq!(tokens.text("scope"), "openid rs1:read");
    is_of(&tokens, &of, "project/p-1");
    assert_eq!(claims(&tokens.text("id_token"))["sub"], user_id(ALICE));
    // What was refused at installation is not had by asking.
    let narrow = app.install(X2, (P1, "project/p-1"), "openid rs1:read").await;
    let tokens = redeemed(&app, &browser.get("/extensions/x2/authorize?state=s").await, X2).await;
    assert_eq!(tokens.text("scope"), "openid rs1:read");
    is_of(&tokens, &narrow, "project/p-1");
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_first_and_then_arrives() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    let page = browser.get("/extensions/x1/authorize?state=s&nonce=n").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let reply = browser.submit(&Page::of(page), &credentials(ALICE)).await;
    assert_eq!(reply.param("state").as_deref(), Some("s"));
    let tokens = redeemed(&app, &reply, X1).await;
    is_of(&tokens, &of, "project/p-1");
    assert_eq!(claims(&tokens.text("id_token"))["nonce"], "n");
    let none = app.browser().get("/extensions/x1/authorize?state=s&prompt=none").await;
    assert_eq!(none.param("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn nobody_arrives_where_it_is_not_installed_or_they_do_not_belong() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let browser = signed_in(&app, ALICE).await;
    for target in [
        "/extensions/x1/authorize?state=s".to_owned(),
        "/extensions/x2/authorize?state=s".to_owned(),
        format!("/extensions/x1/authorize?state=s&installation={}", of.id),
        "/extensions/x1/authorize?state=s&context=project/p-2".to_owned(),
        format!(
            "/authorize?response_type=code&client_id=x1&state=s&scope=openid&redirect_uri=https%3A%2F%2Fx1.example%2F\
             callback&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&installation={}",
            of.id
        ),
    ] {
        let reply = browser.get(&target).await;
        assert_eq!(reply.status, 403, "{target}: {}", reply.body);
        assert_eq!(reply.header("location"), None, "{target}");
    }
    assert_eq!(app.rows("grants").await, 0);
    // Nor by the ordinary endpoint, whatever they would allow.
    let plain = "/authorize?response_type=code&client_id=x1&state=s&scope=openid%20rs1%3Aread\
                 &redirect_uri=https%3A%2F%2Fx1.example%2Fcallback";
    let reply = browser.get(plain).await;
    assert_eq!((reply.status, reply.header("location")), (403, None), "{}", reply.body);
    for (target, status) in [
        ("/extensions/x1/authorize", 400),
        ("/extensions/x1/authorize?state=", 400),
        ("/extensions/nobody/authorize?state=s", 404),
        ("/extensions/web/authorize?state=s", 404),
        ("/t/t2/extensions/x1/authorize?state=s", 404),
        ("/extensions/x1", 404),
    ] {
        let reply = browser.get(target).await;
        assert_eq!((reply.status, reply.header("location")), (status, None), "{target}");
    }
    assert_eq!(signed_in(&app, BOB).await.get("/extensions/x1/authorize?state=s").await.status, 303);
    app.live(&of.id, |life, now| life.disable(now)).await;
    assert_eq!(signed_in(&app, BOB).await.get("/extensions/x1/authorize?state=s").await.status, 403);
    assert_eq!(app.recorded("installation.disabled").await, 1);
}

#[tokio::test]
async fn of_several_places_the_person_says_which() {
    let app = TestApp::extended().await;
    let there = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let above = app.install(X1, (CUSTOMER, "customer/c-1"), SCOPES).await;
    let browser = signed_in(&app, ALICE).await;
    let page = browser.get("/extensions/x1/authorize?state=s").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("customer/c-1") && page.body.contains("project/p-1"), "{}", page.body);
    let page = Page::of(page);
    let chosen = browser.submit(&page, &[("installation", above.id.as_str())]).await;
    is_of(&redeemed(&app, &chosen, X1).await, &above, "customer/c-1");
    // Another than those is no answer.
    let theirs = app.install(X1, (P2, "project/p-2"), SCOPES).await;
    assert_eq!(browser.submit(&page, &[("installation", theirs.id.as_str())]).await.status, 403);
    let named = browser.get("/extensions/x1/authorize?state=s&context=project/p-1").await;
    is_of(&redeemed(&app, &named, X1).await, &there, "project/p-1");
    let none = browser.get("/extensions/x1/authorize?state=s&prompt=none").await;
    assert_eq!(none.param("error").as_deref(), Some("interaction_required"));
}

/// Whoever does not belong there may be somebody else too.
#[tokio::test]
async fn who_does_not_belong_may_sign_in_as_somebody_else() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let browser = signed_in(&app, ALICE).await;
    let page = browser.get("/extensions/x1/authorize?state=s").await;
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("href=\"/account\""), "{}", page.body);
    let page = browser.submit(&Page::of(page), &[("action", "switch")]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let reply = browser.submit(&Page::of(page), &credentials(BOB)).await;
    assert_eq!(reply.param("state").as_deref(), Some("s"), "{}", reply.body);
    is_of(&redeemed(&app, &reply, X1).await, &of, "project/p-2");
}

/// A choice of what does not work is none.
#[tokio::test]
async fn only_places_where_it_works_are_asked_about() {
    let app = TestApp::extended().await;
    let there = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let above = app.install(X1, (CUSTOMER, "customer/c-1"), SCOPES).await;
    let whole = app.install(X1, (0, "tenant/t1"), SCOPES).await;
    let browser = signed_in(&app, ALICE).await;
    app.live(&above.id, |life, now| life.disable(now)).await;
    let page = browser.get("/extensions/x1/authorize?state=s").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains(there.id.as_str()) && page.body.contains(whole.id.as_str()), "{}", page.body);
    assert!(!page.body.contains(above.id.as_str()) && page.body.contains("Tenant t1"), "{}", page.body);
    app.live(&whole.id, |life, now| life.suspend(now)).await;
    let reply = browser.get("/extensions/x1/authorize?state=s").await;
    is_of(&redeemed(&app, &reply, X1).await, &there, "project/p-1");
    // Switched off with what it is installed in.
    app.live(&above.id, |life, _| life.enable()).await;
    app.change_context("project/p-1", |context| context.disabled_at = Some(context.created_at)).await;
    let reply = browser.get("/extensions/x1/authorize?state=s").await;
    is_of(&redeemed(&app, &reply, X1).await, &above, "customer/c-1");
    app.live(&above.id, |life, now| life.disable(now)).await;
    assert_eq!(browser.get("/extensions/x1/authorize?state=s").await.status, 403);
}

#[tokio::test]
async fn where_members_are_asked_they_are_asked_once() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    app.change_extension(X1, |found| found.manifest.consent = ConsentPolicy::Asked).await;
    let browser = signed_in(&app, ALICE).await;
    let page = browser.get("/extensions/x1/authorize?state=s").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let allowed = browser.submit(&Page::of(page), &[("action", "allow")]).await;
    is_of(&redeemed(&app, &allowed, X1).await, &of, "project/p-1");
    assert_eq!(browser.get("/extensions/x1/authorize?state=s").await.status, 303);
    // Nothing of it counts in another installation.
    let other = app.install(X1, (CUSTOMER, "customer/c-1"), SCOPES).await;
    let target = format!("/extensions/x1/authorize?state=s&installation={}", other.id);
    assert_eq!(browser.get(&target).await.status, 200);
}
