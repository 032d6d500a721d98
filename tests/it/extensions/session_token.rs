//! Session tokens of embedded pages, and what they are exchanged for.

use doorward_core::model::Life;
use doorward_tests::extended::{Installed, P1, P2, X1, X2, unassign};
use doorward_tests::{ALICE, BOB, Browser, Page, RS1, Reply, TestApp, basic, claims, secret_of, user_id};
use serde_json::json;

use crate::admin::Admin;

const SCOPES: &str = "openid profile rs1:read rs1:write";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// What the page's script asks for.
pub async fn token(browser: &Browser<'_>, of: &Installed) -> Reply {
    let account = Page::of(browser.get("/account").await);
    let form = account.hidden.iter().find(|(name, _)| name == "form").expect("a form has a token").1.clone();
    browser.post(&format!("/account/installations/{}/session-token", of.id), &[("form", &form)]).await
}

/// The request that exchanges it.
pub fn form<'a>(token: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", JWT)];
    form.extend_from_slice(more);
    form
}

/// Exchange it as that installation.
pub async fn exchange(app: &TestApp, of: &Installed, token: &str) -> Reply {
    app.post_as_installation(of, &form(token, &[])).await
}

#[tokio::test]
async fn who_looks_at_an_embedded_page_is_told_for_a_minute_and_acts_by_exchange() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    app.change_extension(X1, |found| found.manifest.audiences = vec!["https://x1.example".to_owned()]).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let made = token(&browser, &of).await;
    assert_eq!((made.status, made.json()["expires_in"].as_i64()), (200, Some(60)), "{}", made.body);
    let said = claims(&made.text("session_token"));
    assert_eq!(said["sub"], user_id(ALICE));
    assert_eq!(said["aud"], json!([X1, "https://x1.example"]));
    assert_eq!(said["installation"], of.id.as_str());
    assert_eq!((said["extension"].as_str(), said["context"].as_str()), (Some(X1), Some("project/p-1")));
    assert_eq!(said["scope"], SCOPES);
    assert_eq!(said["exp"].as_i64().zip(said["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(60));
    app.advance_s(40);
    let renewed = token(&browser, &of).await;
    assert_ne!(renewed.text("session_token"), made.text("session_token"));
    assert_eq!(renewed.text("sid"), made.text("sid"), "the session is the same");
    assert_eq!(app.rows("grants").await, 0, "nothing is stored");

    let tokens = exchange(&app, &of, &renewed.text("session_token")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(tokens.json()["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!((tokens.json()["expires_in"].as_i64(), tokens.json().get("refresh_token")), (Some(300), None));
    let access = claims(&tokens.text("access_token"));
    assert_eq!(
        (access["sub"].as_str(), access["scope"].as_str()),
        (Some(user_id(ALICE).as_str()), Some(SCOPES))
    );
    assert_eq!(access["installation"], of.id.as_str());
    assert_eq!(app.introspect(RS1, &tokens.text("access_token")).await.json()["active"], true);
    let authorization = basic(X1, &secret_of(X1));
    let subject = renewed.text("session_token");
    let narrow = form(&subject, &[("scope", "rs1:read")]);
    let by_client = app.post_form("/token", &narrow, &[("authorization", &authorization)]).await;
    assert_eq!(by_client.text("scope"), "rs1:read");
    // Signing out ends it all at once.
    let page = Page::of(browser.get("/account").await);
    browser.submit(&page, &[]).await;
    assert_eq!(app.introspect(RS1, &tokens.text("access_token")).await.json()["active"], false);
    exchange(&app, &of, &renewed.text("session_token")).await.assert_error(400, "invalid_request");
    assert_eq!(app.recorded("session.ended").await, 1);
}

#[tokio::test]
async fn a_session_token_is_for_its_installation_and_for_a_minute() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let elsewhere = app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let another = app.install(X2, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    assert_eq!(token(&browser, &elsewhere).await.status, 404);
    let made = token(&browser, &of).await.text("session_token");
    exchange(&app, &elsewhere, &made).await.assert_error(400, "invalid_request");
    exchange(&app, &another, &made).await.assert_error(400, "invalid_request");
    let wrong = Installed { secret: "dwx_x".to_owned(), ..of.clone() };
    exchange(&app, &wrong, &made).await.assert_error(401, "invalid_client");
    // No other token of ours passes for one, nor it for another.
    let own = app.installation_token(&of, &[]).await.text("access_token");
    exchange(&app, &of, &own).await.assert_error(400, "invalid_request");
    assert_eq!(app.introspect(RS1, &made).await.json()["active"], false);
    assert_eq!(app.userinfo(&made).await.status, 401);
    let (head, tail) = made.split_at(made.len() - 6);
    let changed = format!("{head}{}", tail.chars().rev().collect::<String>());
    exchange(&app, &of, &changed).await.assert_error(400, "invalid_request");
    for (name, value) in [
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
        ("actor_token", "x"),
    ] {
        let mut fields = form(&made, &[]);
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        app.post_as_installation(&of, &fields).await.assert_error(400, "invalid_request");
    }
    app.post_as_installation(&of, &form(&made, &[("scope", "rs1:read email")]))
        .await
        .assert_error(400, "invalid_scope");
    app.post_as_installation(&of, &form(&made, &[("resource", "https://rs2.example")]))
        .await
        .assert_error(400, "invalid_target");
    for audience in ["https://rs2.example", "x2", "urn:doorward:admin"] {
        let reply = app.post_as_installation(&of, &form(&made, &[("audience", audience)])).await;
        reply.assert_error(400, "invalid_target");
    }
    assert_eq!(exchange(&app, &of, &made).await.status, 200);
    app.advance_s(60);
    exchange(&app, &of, &made).await.assert_error(400, "invalid_request");
    assert_eq!(app.recorded("exchange.expired").await, 1);
}

#[tokio::test]
async fn what_was_taken_back_is_not_given_anew_by_a_token_of_before() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let admin = Admin::of_tenant(&app).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let made = token(&browser, &of).await.text("session_token");
    let another = token(&browser, &of).await.text("session_token");
    let access = exchange(&app, &of, &made).await.text("access_token");
    let path = format!("/tenants/t1/users/{}/consents", user_id(ALICE));
    let consents = admin.get(&path).await.json();
    let id = consents["items"][0]["id"].as_str().expect("a consent").to_owned();
    assert_eq!(admin.send("DELETE", &format!("/tenants/t1/consents/{id}"), &[], "").await.status, 204);
    assert_eq!(app.introspect(RS1, &access).await.json()["active"], false);
    for token in [&made, &another] {
        exchange(&app, &of, token).await.assert_error(400, "invalid_request");
    }
    assert_eq!(app.recorded("consent.ended").await, 2);
    // Who looks at it again does so anew: nothing of before lives with that.
    let anew = token(&browser, &of).await.text("session_token");
    assert_eq!(exchange(&app, &of, &anew).await.status, 200);
    exchange(&app, &of, &made).await.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn what_is_exchanged_is_what_may_be_done_at_that_moment() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let made = token(&browser, &of).await.text("session_token");
    let access = exchange(&app, &of, &made).await.text("access_token");
    app.commit(vec![unassign(P1)]).await;
    assert_eq!(exchange(&app, &of, &made).await.text("scope"), "openid profile rs1:read");
    assert_eq!(claims(&token(&browser, &of).await.text("session_token"))["scope"], "openid profile rs1:read");
    assert_eq!(app.introspect(RS1, &access).await.json()["scope"], "openid profile rs1:read");
    app.live(&of.id, |life, now| life.disable(now)).await;
    assert_eq!(token(&browser, &of).await.status, 400);
    assert_eq!(app.introspect(RS1, &access).await.json()["active"], false);
    app.live(&of.id, |life, _| Life::enable(life)).await;
    exchange(&app, &of, &made).await.assert_error(400, "invalid_request");
    assert_eq!(app.introspect(RS1, &access).await.json()["active"], false);
    let bob = app.browser();
    bob.sign_in(BOB).await;
    assert_eq!(token(&bob, &of).await.status, 404);
}
