//! Opening an extension with a one-time key, and exchanging it.

use doorward_core::Effect;
use doorward_core::login::acr::ACR_MFA;
use doorward_core::model::ConsentPolicy;
use doorward_tests::extended::{CUSTOMER, P1, P2, X1, X2, unassign};
use doorward_tests::{ALICE, BOB, Page, T1, TestApp, claims, concurrent, user_id};

use super::{Key, opened, press};

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";

#[tokio::test]
async fn whoever_opens_an_extension_is_known_to_it_after_one_exchange() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let reply = press(&browser, &of, &[]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert!(
        reply.location().starts_with("https://x1.example:8443/open/p-1?user=usr_"),
        "{}",
        reply.location()
    );
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let key = Key::of(&reply);
    assert_eq!(key.user, user_id(ALICE));
    let tokens = key.exchange(&app, X1).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let said = claims(&tokens.text("access_token"));
    assert_eq!(said["sub"], user_id(ALICE));
    assert_eq!(said["client_id"], X1);
    assert_eq!(said["installation"], of.id.as_str());
    assert_eq!(said["context"], "project/p-1");
    assert_eq!(said["scope"], SCOPES);
    assert_eq!(app.userinfo(&tokens.text("access_token")).await.json()["name"], "alice Adams");
    let again = app.refresh(X1, &tokens.text("refresh_token")).await;
    assert_eq!(claims(&again.text("access_token"))["installation"], of.id.as_str());
    let told = app.introspect(X1, &again.text("access_token")).await.json();
    assert_eq!(
        (told["installation"].as_str(), told["context"].as_str()),
        (Some(of.id.as_str()), Some("project/p-1"))
    );
    assert_eq!(told.get("installation_epoch"), None);
}

#[tokio::test]
async fn a_member_finds_what_is_installed_where_they_belong_and_opens_it_there() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let off = app.install(X2, (CUSTOMER, "customer/c-1"), SCOPES).await;
    let theirs = app.install(X2, (P2, "project/p-2"), SCOPES).await;
    app.live(&off.id, |life, now| life.disable(now)).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    assert!(browser.get("/account").await.body.contains("/account/extensions"));
    let page = browser.get("/account/extensions").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in ["Extension x1", "Extension x2", "project/p-1", "customer/c-1", "Switched off"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("project/p-2") && !page.body.contains(theirs.id.as_str()));
    assert!(!page.body.contains(&format!("{}/open", off.id)), "what is off cannot be opened");
    let form = Page::of(page);
    assert_eq!(form.action, format!("/account/installations/{}/open", of.id));
    let key = Key::of(&browser.submit(&form, &[]).await);
    assert_eq!(key.exchange(&app, X1).await.status, 200);
    let stranger = app.browser();
    stranger.sign_in("mallory").await;
    assert!(!stranger.get("/account").await.body.contains("/account/extensions"));
    assert!(stranger.get("/account/extensions").await.body.contains("Nothing is installed"));
    let nobody = app.browser().get("/account/extensions").await;
    assert!(nobody.status == 200 && nobody.body.contains("name=\"password\""), "{}", nobody.body);
}

#[tokio::test]
async fn a_key_works_once_for_whom_and_what_it_is_for() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let other = app.install(X1, (CUSTOMER, "customer/c-1"), SCOPES).await;
    let key = opened(&app, ALICE, &of).await;
    key.exchange(&app, X2).await.assert_error(400, "invalid_grant");
    app.post_as_installation(&other, &key.form()).await.assert_error(400, "invalid_grant");
    let bobs = Key { user: user_id(BOB), ..key.clone() };
    bobs.exchange(&app, X1).await.assert_error(400, "invalid_grant");
    let reply = app.post_form("/token", &key.form(), &[]).await;
    reply.assert_error(401, "invalid_client");
    let in_query = format!("/token?retrieval_key={}", key.key);
    app.post_form(&in_query, &key.form(), &[]).await.assert_error(400, "invalid_request");
    // None of them used it up.
    let first = app.post_as_installation(&of, &key.form()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    key.exchange(&app, X1).await.assert_error(400, "invalid_grant");
    for reason in ["atrek.wrong_extension", "atrek.wrong_installation", "atrek.wrong_user", "atrek.replay"] {
        assert_eq!(app.recorded(reason).await, 1, "{reason}");
    }
    // A repeat ends nothing.
    assert_eq!(app.introspect(X1, &first.text("access_token")).await.json()["active"], true);

    let late = opened(&app, ALICE, &of).await;
    app.advance_s(60);
    late.exchange(&app, X1).await.assert_error(400, "invalid_grant");
    assert_eq!(app.recorded("launch.expired").await, 1);
    let unknown = Key { key: "dwo_AAAA".to_owned(), ..late };
    unknown.exchange(&app, X1).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn of_fifty_exchanges_at_once_one_wins() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let key = opened(&app, ALICE, &of).await;
    let nodes = concurrent::nodes(&app).await;
    let requests = (0..50).map(|_| concurrent::form_request("/token", X1, &key.form())).collect();
    let replies = concurrent::at_once(&nodes, requests).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
}

#[tokio::test]
async fn nobody_opens_what_is_installed_where_they_do_not_belong() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let theirs = app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    assert_eq!(press(&browser, &theirs, &[]).await.status, 404);
    let browser = app.browser();
    browser.sign_in(BOB).await;
    assert_eq!(press(&browser, &of, &[]).await.status, 404);
    assert_eq!(press(&browser, &theirs, &[]).await.status, 303);
    // A link opens nothing, nor does a form of another site.
    assert_eq!(browser.get(&format!("/account/installations/{}/open", theirs.id)).await.status, 404);
    let foreign = [("origin", "https://evil.example"), ("content-type", "application/x-www-form-urlencoded")];
    let path = format!("/account/installations/{}/open", theirs.id);
    assert_eq!(browser.send("POST", &path, &foreign, "form=x").await.status, 403);
    assert_eq!(app.rows("grants").await, 1);
}

#[tokio::test]
async fn a_key_is_made_only_for_an_address_that_asks_for_key_and_person() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let rows = [
        (
            "https://x1.example/?u=:userId&c=:context&i=:extensionInstanceId",
            format!("https://x1.example/?u={}&c=project&i={}", user_id(ALICE), of.id),
        ),
        (
            "https://x1.example/?k=:accessTokenRetrievalKey",
            "https://x1.example/?k=:accessTokenRetrievalKey".to_owned(),
        ),
        ("https://x1.example/:nothing", "https://x1.example/:nothing".to_owned()),
    ];
    for (template, expected) in rows {
        app.change_extension(X1, |found| found.manifest.launch_url = Some(template.to_owned())).await;
        assert_eq!(press(&browser, &of, &[]).await.location(), expected);
    }
    assert_eq!(app.rows("grants").await, 0);
    app.change_extension(X1, |found| found.manifest.launch_url = None).await;
    assert_eq!(press(&browser, &of, &[]).await.status, 400);
}

#[tokio::test]
async fn where_members_are_asked_an_extension_acts_for_them_after_they_allowed_it() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    app.change_extension(X1, |found| found.manifest.consent = ConsentPolicy::Asked).await;
    app.change_context("project/p-1", |context| context.name = "Harbour".to_owned()).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let asked = press(&browser, &of, &[]).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(asked.body.contains("Extension x1") && asked.body.contains("Harbour"), "{}", asked.body);
    assert!(!asked.body.contains("project/p-1"), "it has a name: {}", asked.body);
    let page = Page::of(asked);
    let denied = browser.submit(&page, &[("action", "deny")]).await;
    assert!(denied.location().ends_with("/account"), "{}", denied.location());
    assert_eq!(app.rows("grants").await, 0);
    let key = Key::of(&browser.submit(&page, &[("action", "allow")]).await);
    let tokens = key.exchange(&app, X1).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    // Once is enough, until it is taken back: then all that came of it is over.
    assert_eq!(press(&browser, &of, &[]).await.status, 303);
    let account = browser.get("/account").await;
    assert!(account.body.contains("Installed in <bdi>Harbour</bdi>"), "{}", account.body);
    let consent = account.body.split("name=\"application\" value=\"").nth(1).expect("it is listed");
    let consent = consent.split('"').next().expect("a value");
    let form = Page::of(account.clone());
    let form = form.hidden.iter().find(|(name, _)| name == "form").expect("a token").1.clone();
    let ended = browser.post("/account/applications", &[("form", &form), ("application", consent)]).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    assert_eq!(app.introspect(X1, &tokens.text("access_token")).await.json()["active"], false);
    let page = Page::of(press(&browser, &of, &[]).await);
    assert_eq!(browser.submit(&page, &[("action", "allow")]).await.status, 303);
    assert!(browser.get("/account").await.body.contains("name=\"application\""));
    // Of what was removed there is nothing to take back.
    app.live(&of.id, |life, now| life.remove(now)).await;
    assert!(!browser.get("/account").await.body.contains("name=\"application\""));
}

#[tokio::test]
async fn what_it_may_do_is_what_was_consented_to_and_the_person_may_do_there() {
    let app = TestApp::extended().await;
    let narrow = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let wide = app.install(X1, (CUSTOMER, "customer/c-1"), SCOPES).await;
    let scope = async |of| {
        let tokens = opened(&app, ALICE, of).await.exchange(&app, X1).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        (tokens.text("scope"), tokens)
    };
    assert_eq!(scope(&narrow).await.0, "openid rs1:read");
    // She writes orders in the project, which gives her nothing in the customer above it.
    assert_eq!(scope(&wide).await.0, "openid profile offline_access rs1:read");
    let both = app.install(X2, (P1, "project/p-1"), SCOPES).await;
    let tokens = opened(&app, ALICE, &both).await.exchange(&app, X2).await;
    assert_eq!(tokens.text("scope"), SCOPES);
    app.commit(vec![unassign(P1)]).await;
    let told = app.introspect(X2, &tokens.text("access_token")).await;
    assert_eq!(told.json()["scope"], "openid profile offline_access rs1:read");
    let refreshed = app.refresh(X2, &tokens.text("refresh_token")).await;
    assert_eq!(refreshed.text("scope"), "openid profile offline_access rs1:read");
}

#[tokio::test]
async fn what_the_client_asks_of_a_sign_in_it_asks_of_who_opens_it() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let found = app.store.client(&T1.into(), &X1.into()).await.unwrap().unwrap();
    let mut client = found.client.clone();
    client.required_acr = Some(ACR_MFA.to_owned());
    app.commit(vec![Effect::PutClient(client)]).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let reply = press(&browser, &of, &[]).await;
    assert_eq!(reply.header("location"), None, "{}", reply.body);
    assert_eq!(app.rows("grants").await, 0);
}
