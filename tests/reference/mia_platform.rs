//! Mia-Platform Console (criteria MIA-01 to MIA-16).

mod alive;
mod apps;
mod callbacks;
mod clients;
mod frames;
mod redirects;
mod tokens;

use std::collections::BTreeMap;

use doorward_core::Effect;
use doorward_core::id::ContextKey;
use doorward_core::model::{Legacy, RequestedScope};
use doorward_tests::extended::{Installed, X1, X2, context, member};
use doorward_tests::{ALICE, BOB, Browser, M2M, Page, Reply, T1, TestApp, basic, secret_of, user_id};
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;
use serde_json::{Value, json};

use super::Speaker;
use super::transcript::play;
use crate::admin::every_scope;

/// What is consented to in most of these worlds.
pub const SCOPES: &str = "openid profile email rs1:read";
const COMPANY: i64 = 30;
const OTHER: i64 = 31;

/// A Console in whose company `acme`, which ALICE belongs to, X1 is installed.
async fn console() -> (Speaker, Installed) {
    console_with(SCOPES).await
}

/// The same with other scopes that were consented to.
async fn console_with(scopes: &str) -> (Speaker, Installed) {
    let at = Speaker::of("mia-platform").await;
    let of = furnish(&at.app, scopes).await;
    (at, of)
}

/// The company and both extensions, of which X1 is installed there.
pub async fn furnish(app: &TestApp, scopes: &str) -> Installed {
    let effects = vec![
        Effect::PutContext(context(COMPANY, "company/acme", &[])),
        Effect::PutContext(context(OTHER, "company/other", &[])),
        member(ALICE, COMPANY, "company/acme"),
    ];
    app.commit(effects).await;
    for id in [X1, X2] {
        prepared(app, id).await;
    }
    app.install(X1, (COMPANY, "company/acme"), scopes).await
}

/// An extension asks who the person is, has its base URL for an audience, and its client does not show itself.
async fn prepared(app: &TestApp, id: &str) {
    app.change_extension(id, |found| {
        let email = found.manifest.scopes[0].clone();
        found.manifest.scopes.push(RequestedScope { name: "email".to_owned(), ..email });
        found.manifest.audiences = vec![format!("https://{id}.example")];
    })
    .await;
    let scopes = format!("{} email", doorward_tests::extended::ASKS);
    app.change_client(id, |client| {
        client.scopes = Scopes::parse(&scopes).expect("scopes");
        client.legacy = [Legacy::UnauthenticatedCode].into();
        client.grant_types.retain(|name| name != "urn:doorward:grant:retrieval-key");
    })
    .await;
}

const AUTHZ: &str = "/tenants/acme/extension/x1/authz?state=st-1";

/// The code that a browser comes back with.
async fn code(at: &Speaker, browser: &Browser<'_>) -> String {
    let reply = at.get(browser, AUTHZ).await;
    reply.param("code").unwrap_or_else(|| panic!("no code: {}", reply.body))
}

/// What an extension's backend sends for its frontend.
async fn redeem(at: &Speaker, body: Value) -> Reply {
    at.json("POST", "/api/oauth/token", body).await
}

/// Tokens of ALICE at X1.
async fn tokens(at: &Speaker, browser: &Browser<'_>) -> Reply {
    let reply = redeem(at, json!({ "code": code(at, browser).await, "state": "st-1" })).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

/// A page of our own, which sends nobody anywhere.
fn is_page(reply: &Reply, status: u16) {
    assert_eq!((reply.status, reply.header("location")), (status, None), "{}", reply.body);
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
}

/// Their errors are `{statusCode, message, error}`.
fn is_error(reply: &Reply, status: u16) {
    let told = reply.json();
    assert_eq!(
        (reply.status, told["statusCode"].as_u64()),
        (status, Some(u64::from(status))),
        "{}",
        reply.body
    );
    assert!(told["message"].is_string() && told["error"].is_string(), "{}", reply.body);
}

#[tokio::test]
async fn the_sequence_is_as_it_was_written_down() {
    let at = clients::with_command_line().await;
    let browser = at.signed_in(ALICE).await;
    let mut known: BTreeMap<String, String> = [
        ("user", user_id(ALICE)),
        ("admin", apps::administrator(&at, "chief", &every_scope()).await),
        ("basic", basic(M2M, &secret_of(M2M))),
        ("wrong_basic", basic(M2M, "wrong")),
        ("assertion", clients::asserted(&at, "jti-1", |_| {})),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let steps = play(&at, &browser, include_str!("mia_platform.txt"), &mut known).await;
    assert_eq!(steps, 41);
}

#[tokio::test]
async fn mia_01_who_is_signed_in_comes_back_with_a_code_and_no_page() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let reply = at.get(&browser, "/tenants/acme/extension/x1/authz?state=a%26b").await;
    assert!(reply.location().starts_with("https://x1.example/callback?code="), "{}", reply.location());
    assert_eq!(reply.param("state").as_deref(), Some("a&b"));
    // Who is not signs in first, and comes back the same way.
    let stranger = at.app.browser();
    let page = Page::of(at.get(&stranger, AUTHZ).await);
    let reply = stranger.submit(&page, &doorward_tests::credentials(ALICE)).await;
    assert!(reply.param("code").is_some(), "{}", reply.body);
    assert_eq!(reply.param("state").as_deref(), Some("st-1"));
}

#[tokio::test]
async fn mia_02_an_extension_makes_its_state() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    for target in [
        "/tenants/acme/extension/x1/authz",
        "/tenants/acme/extension/x1/authz?state=",
        "/oauth/authorize?tenantId=acme&extensionId=x1",
        "/tenants/acme/extension/x1/authz?state=a&state=b",
    ] {
        is_page(&at.get(&browser, target).await, 400);
    }
    assert_eq!(at.app.rows("grants").await, 0);
}

#[tokio::test]
async fn mia_03_the_callback_keeps_its_query() {
    let (at, _) = console().await;
    let callback = "https://x1.example/callback?from=console";
    at.app.change_extension(X1, |found| found.manifest.callback_url = Some(callback.to_owned())).await;
    at.app
        .change_client(X1, |client| client.redirect_uris = vec![RedirectUri::parse(callback).expect("a URI")])
        .await;
    let browser = at.signed_in(ALICE).await;
    let reply = at.get(&browser, AUTHZ).await;
    assert!(reply.location().starts_with(&format!("{callback}&code=")), "{}", reply.location());
    let code = reply.param("code").expect("a code");
    assert_eq!(redeem(&at, json!({ "code": code, "state": "st-1" })).await.status, 200);
}

#[tokio::test]
async fn mia_04_what_is_not_there_is_a_page_and_never_a_redirect() {
    let (at, _) = console().await;
    at.app.install(X2, (OTHER, "company/other"), SCOPES).await;
    let browser = at.signed_in(ALICE).await;
    for (target, status) in [
        // No such tenant; one that ALICE does not belong to; no extension; one that is installed elsewhere.
        ("/tenants/nobody/extension/x1/authz?state=s", 403),
        ("/tenants/other/extension/x2/authz?state=s", 403),
        ("/tenants/acme/extension/nothing/authz?state=s", 404),
        ("/tenants/acme/extension/x2/authz?state=s", 403),
        ("/tenants/acme%2Fx/extension/x1/authz?state=s", 403),
        ("/oauth/authorize?tenantId=other&extensionId=x2&state=s", 403),
        ("/oauth/authorize?tenantId=acme&extensionId=nothing&state=s", 404),
        ("/oauth/authorize?tenantId=acme&state=s", 400),
        ("/oauth/authorize?extensionId=x1&state=s", 400),
    ] {
        let reply = at.get(&browser, target).await;
        assert_eq!((reply.status, reply.header("location")), (status, None), "{target}: {}", reply.body);
    }
    // Without a callback there is no sign-in.
    at.app.change_extension(X1, |found| found.manifest.callback_url = None).await;
    is_page(&at.get(&browser, AUTHZ).await, 403);
    assert_eq!(at.app.rows("grants").await, 0);
}

#[tokio::test]
async fn mia_04_nobody_who_has_left_comes_back() {
    let (at, of) = console().await;
    let browser = at.signed_in(ALICE).await;
    at.app.live(&of.id, |life, now| life.disable(now)).await;
    is_page(&at.get(&browser, AUTHZ).await, 403);
    at.app.live(&of.id, |life, _| life.enable()).await;
    code(&at, &browser).await;
    let stranger = at.signed_in(BOB).await;
    is_page(&at.get(&stranger, AUTHZ).await, 403);
    let gone = Effect::RemoveMembership(T1.into(), user_id(ALICE).into(), ContextKey(COMPANY), 1);
    at.app.commit(vec![gone]).await;
    is_page(&at.get(&browser, AUTHZ).await, 403);
}

#[tokio::test]
async fn mia_11_both_forms_lead_to_the_same() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    for target in [AUTHZ, "/oauth/authorize?tenantId=acme&extensionId=x1&state=st-1"] {
        let reply = at.get(&browser, target).await;
        let code = reply.param("code").unwrap_or_else(|| panic!("no code: {}", reply.body));
        assert_eq!(reply.param("state").as_deref(), Some("st-1"));
        assert_eq!(redeem(&at, json!({ "code": code, "state": "st-1" })).await.status, 200);
    }
    let head = browser.send("HEAD", &format!("{}{AUTHZ}", at.mount), &[], "").await;
    assert_eq!(head.status, 405);
}

/// The same in a new tab, which has our cookie as every page of ours has: with a session, and without one.
#[tokio::test]
async fn mia_16_a_new_tab_is_the_same_sequence() {
    let (at, _) = console().await;
    let tab =
        [("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "cross-site")];
    let browser = at.signed_in(ALICE).await;
    let target = format!("{}{AUTHZ}", at.mount);
    assert!(browser.send("GET", &target, &tab, "").await.param("code").is_some());
    let stranger = at.app.browser();
    let page = Page::of(stranger.send("GET", &target, &tab, "").await);
    let reply = stranger.submit(&page, &doorward_tests::credentials(ALICE)).await;
    let code = reply.param("code").unwrap_or_else(|| panic!("no code: {}", reply.body));
    assert_eq!(redeem(&at, json!({ "code": code, "state": "st-1" })).await.status, 200);
}
