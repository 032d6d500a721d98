//! What a person's own token makes for them hangs on what that token hangs on: it ends when they sign out, and is no better proof of who
//! they are.

use doorward_tests::extended::{Installed, P1, X1};
use doorward_tests::{ALICE, BOB, Browser, Page, Reply, WEB, claims, secret_of, user_id};
use serde_json::{Value, json};

use super::super::Speaker;
use super::managing::{MANAGES, by, managed_at, pair_in};
use super::{exchange, is_refused};
use crate::admin::{Admin, every_scope};

/// An instance that asks for nothing that outlives a session, and who manages it.
async fn managed(scopes: &str) -> (Speaker, Installed) {
    let at = Speaker::of("mittwald").await;
    let of = at.app.install(X1, (P1, "project/p-1"), scopes).await;
    managed_at(&at).await;
    (at, of)
}

/// What ALICE's token makes at the instance.
async fn made(at: &Speaker, of: &Installed, token: &str, act: &str) -> Reply {
    let path = format!("/v2/extension-instances/{}/{act}", of.id);
    let made = by(at, token, "POST", &path, Value::Null).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made
}

async fn key(at: &Speaker, of: &Installed, token: &str) -> String {
    made(at, of, token, KEY).await.text("accessTokenRetrievalKey")
}

/// At the standard issuer, whose pages are those of the tenant.
async fn sign_out(browser: &Browser<'_>) {
    let account = Page::of(browser.get("/account").await);
    browser.submit(&account, &[]).await;
}

/// Whether somebody is told whose token it is.
async fn lives(at: &Speaker, token: &str) -> bool {
    by(at, token, "GET", "/v2/users/self/sessions/current/status", Value::Null).await.status == 200
}

async fn refreshed(at: &Speaker, tokens: &Reply) -> u16 {
    let body = json!({ "refreshToken": tokens.text("refreshToken") });
    at.json("PUT", "/v2/users/self/sessions", body).await.status
}

#[tokio::test]
async fn what_a_key_gave_ends_with_the_session_of_the_token_that_asked() {
    let (at, of) = managed(ONLINE).await;
    let (browser, elsewhere) = (at.signed_in(ALICE).await, at.signed_in(ALICE).await);
    let token = pair_in(&at, &browser, MANAGES).await.text("access_token");
    let other = pair_in(&at, &elsewhere, MANAGES).await.text("access_token");
    let tokens = exchange(&at, &key(&at, &of, &token).await, ALICE).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let (said, asked) = (claims(&tokens.text("token")), claims(&token));
    for name in ["acr", "amr", "auth_time"] {
        assert!(!asked[name].is_null() && said[name] == asked[name], "{name}: {said}, {asked}");
    }
    let others = exchange(&at, &key(&at, &of, &other).await, ALICE).await;
    let late = key(&at, &of, &token).await;
    sign_out(&browser).await;
    assert!(!lives(&at, &tokens.text("token")).await && lives(&at, &others.text("token")).await);
    assert_eq!((refreshed(&at, &tokens).await, refreshed(&at, &others).await), (400, 200));
    is_refused(&exchange(&at, &late, ALICE).await);
    assert_eq!(at.app.recorded("session.ended").await, 2, "the refresh, and the key");
}

#[tokio::test]
async fn a_key_is_worth_nothing_once_the_session_is_over() {
    let (at, of) = managed(ONLINE).await;
    let admin = Admin::of_tenant(&at.app).await;
    let token = pair_in(&at, &at.signed_in(ALICE).await, MANAGES).await.text("access_token");
    let made = key(&at, &of, &token).await;
    let sessions = format!("/tenants/t1/users/{}/sessions", user_id(ALICE));
    let found = admin.get(&sessions).await.json();
    let session = found["items"][0]["id"].as_str().expect("a session").to_owned();
    assert_eq!(claims(&token)["sid"].as_str().unwrap_or(&session), session);
    let ended = admin.send("DELETE", &format!("/tenants/t1/sessions/{session}"), &[], "").await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    is_refused(&exchange(&at, &made, ALICE).await);
    assert_eq!(at.app.recorded("session.ended").await, 1);
}

#[tokio::test]
async fn what_outlives_its_session_makes_what_hangs_on_none() {
    let (at, of) = managed(ONLINE).await;
    let browser = at.signed_in(ALICE).await;
    let scopes = format!("{MANAGES} offline_access");
    let token = pair_in(&at, &browser, &scopes).await.text("access_token");
    let tokens = exchange(&at, &key(&at, &of, &token).await, ALICE).await;
    assert_eq!(claims(&tokens.text("token"))["acr"], "0", "nobody has shown anything");
    sign_out(&browser).await;
    assert!(lives(&at, &token).await && lives(&at, &tokens.text("token")).await);
    assert_eq!(refreshed(&at, &tokens).await, 200);
    let consents = format!("/tenants/t1/users/{}/consents", user_id(ALICE));
    let admin = Admin::of_tenant(&at.app).await;
    for consent in admin.get(&consents).await.json()["items"].as_array().expect("consents") {
        let path = format!("/tenants/t1/consents/{}", consent["id"].as_str().expect("an id"));
        assert_eq!(admin.send("DELETE", &path, &[], "").await.status, 204);
    }
    assert!(!lives(&at, &tokens.text("token")).await);
}

#[tokio::test]
async fn what_opens_a_frame_ends_with_the_session_too() {
    let (at, of) = managed(ONLINE).await;
    at.app
        .change_extension(X1, |found| found.manifest.frame_origins = vec!["https://host.example".to_owned()])
        .await;
    let browser = at.signed_in(ALICE).await;
    let token = pair_in(&at, &browser, MANAGES).await.text("access_token");
    let session = made(&at, &of, &token, "sessions/s-1").await.text("sessionToken");
    let said = claims(&session);
    assert_eq!(said["sessionId"], "platform:s-1", "no session of ours is called so");
    let exchange = async || {
        let body = json!({ "sessionToken": session, "extensionSecret": secret_of(X1) });
        at.json("POST", "/v2/authenticate-session-token", body).await
    };
    let tokens = exchange().await;
    assert_eq!(tokens.status, 201, "{}", tokens.body);
    assert_eq!(claims(&tokens.text("publicToken")).get("act"), None);
    // At the API itself, by a token of the same session.
    let token = browser.code(WEB, &[("scope", MANAGES)]).await.redeem(&at.app).await.text("access_token");
    let path = format!("/admin/v1/tenants/t1/installations/{}/sign-in-ticket", of.id);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let body = json!({ "user": user_id(ALICE) }).to_string();
    let ticket = at.app.send("POST", &path, &headers, &body).await;
    assert_eq!(ticket.status, 200, "{}", ticket.body);
    sign_out(&browser).await;
    assert!(!lives(&at, &tokens.text("publicToken")).await);
    is_refused(&exchange().await);
    let frame = at.app.browser();
    let form = [("ticket", &*ticket.text("sign_in_ticket"))];
    let refused = frame.post("/extensions/x1/frame?state=s", &form).await;
    assert!(refused.status != 303, "{}", refused.body);
    assert_eq!(at.app.recorded("session.ended").await, 2, "the session token, and the ticket");
}

/// Whoever administers everybody acts for somebody else: that is no sign-in of that other one, and ends with no session of either.
#[tokio::test]
async fn who_acts_for_another_brings_no_session_of_their_own() {
    let (at, of) = managed(ONLINE).await;
    let admin = Admin::with(&at.app, "giver", &every_scope()).await;
    let role = format!("/tenants/t1/users/{}/roles/owner", user_id(ALICE));
    let member = format!("/tenants/t1/contexts/project/p-1/members/{}", user_id(BOB));
    for (path, body) in [(role, json!({})), (member, json!({ "roles": [] }))] {
        let reply = admin.json("PUT", &path, body).await;
        assert!(reply.status < 300, "{path}: {}", reply.body);
    }
    let browser = at.signed_in(ALICE).await;
    let token = browser.code(WEB, &[("scope", MANAGES)]).await.redeem(&at.app).await.text("access_token");
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let path = format!("/admin/v1/tenants/t1/installations/{}/launch", of.id);
    let body = json!({ "user": user_id(BOB), "issuer": "mittwald" }).to_string();
    let opened = at.app.send("POST", &path, &headers, &body).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    let tokens = exchange(&at, &opened.text("retrieval_key"), BOB).await;
    let said = claims(&tokens.text("token"));
    assert_eq!((said["acr"].as_str(), said["act"]["sub"].as_str()), (Some("0"), Some(&*user_id(ALICE))));
    sign_out(&browser).await;
    assert!(lives(&at, &tokens.text("token")).await);
}

const KEY: &str = "actions/create-access-token-retrieval-key";
const ONLINE: &str = "openid profile rs1:read rs1:write";
