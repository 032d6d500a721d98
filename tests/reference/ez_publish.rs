//! eZ Publish legacy (criteria EZ-01 to EZ-11).

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_core::model::{Client, Lifetimes, RefreshPolicy};
use doorward_tests::{
    ALICE, Browser, MALLORY, Page, Reply, SPA, TestApp, WEB, basic, credentials, secret_of, user_id,
};
use doorward_wire::scope::Scopes;
use serde_json::json;

use super::transcript::play;
use super::{Speaker, end_newest};
use crate::admin::Admin;

/// Where a request to the API is asked about.
pub const ASKED: &str = "/guard?api=https%3A%2F%2Frs1.example";
/// Their request for a code.
pub const AUTHORIZE: &str =
    "/oauth/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
const TOKEN: &str = "/api/auth/oauth/token";
const REALM: &str = "OAuth realm='eZ Publish REST'";

/// A client as theirs are: no state, no PKCE, no scopes of its own.
pub async fn ez() -> Speaker {
    on(TestApp::extended().await).await
}

/// The same, on that server.
pub async fn on(app: impl Into<Arc<TestApp>>) -> Speaker {
    let at = Speaker::on(app, "ez-publish").await;
    // Somewhere in a second: what is told is told in whole ones.
    at.app.clock.advance_ms(400);
    at.app.change_client(WEB, as_theirs).await;
    at
}

fn as_theirs(client: &mut Client) {
    client.redirect_uris.truncate(1);
    client.require_pkce = false;
    client.first_party = true;
    client.lifetimes.access_token_s = 3600;
    // Their tokens outlive the sign-in.
    client.default_scopes = Scopes::parse("offline_access rs1:read").expect("scopes");
}

/// A pair of tokens.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

impl Pair {
    /// What is in an answer.
    pub fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "{}", reply.body);
        Self { access: reply.text("access_token"), refresh: reply.text("refresh_token") }
    }
}

async fn token(at: &Speaker, fields: &[(&str, &str)]) -> Reply {
    let secret = secret_of(WEB);
    let mut form = vec![("client_id", WEB), ("client_secret", &secret)];
    form.extend_from_slice(fields);
    at.app.post_form(&format!("{}{TOKEN}", at.mount), &form, &[]).await
}

async fn code(at: &Speaker) -> String {
    let browser = at.signed_in(ALICE).await;
    at.get(&browser, AUTHORIZE).await.param("code").expect("a code")
}

pub async fn redeem(at: &Speaker, code: &str) -> Reply {
    let redirect_uri = ("redirect_uri", "https://app.example/cb");
    token(at, &[("grant_type", "authorization_code"), ("code", code), redirect_uri]).await
}

/// The tokens of ALICE.
pub async fn pair(at: &Speaker) -> Pair {
    let code = code(at).await;
    Pair::of(&redeem(at, &code).await)
}

/// What they are changed for.
pub async fn refresh(at: &Speaker, of: &Pair) -> Reply {
    token(at, &[("grant_type", "refresh_token"), ("refresh_token", &of.refresh)]).await
}

/// Whether the guard lets a request pass with that `Authorization`.
pub async fn call(at: &Speaker, authorization: &str) -> Reply {
    asked(at, "/api/ezp/v1/content/node/2", authorization).await
}

/// The same, of a request to that target.
pub async fn asked(at: &Speaker, target: &str, authorization: &str) -> Reply {
    let mut headers = vec![("x-original-method", "GET"), ("x-original-uri", target)];
    if !authorization.is_empty() {
        headers.push(("authorization", authorization));
    }
    at.send("GET", ASKED, &headers, "").await
}

/// Whether it lets one pass with these.
pub async fn passes(at: &Speaker, of: &Pair) -> Reply {
    call(at, &format!("OAuth {}", of.access)).await
}

/// 401, with their challenge.
pub fn is_challenged(reply: &Reply, error: &str) {
    let challenge = format!("{REALM}, error='{error}'");
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some(&*challenge)), "{}", reply.body);
    assert_eq!(reply.json(), json!({ "error": error }));
}

/// 400, and nothing but the error.
pub fn is_plain(reply: &Reply, error: &str) {
    assert_eq!((reply.status, &*reply.body), (400, error));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[tokio::test]
async fn the_sequence_is_as_it_was_written_down() {
    let at = ez().await;
    let mut known: BTreeMap<String, String> =
        [("secret", secret_of(WEB)), ("user", user_id(ALICE)), ("basic", basic(WEB, &secret_of(WEB)))]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
    let text = include_str!("ez_publish.txt");
    let (at_first, rest) = text.split_once("# An hour later\n").expect("a part");
    let (hour, rest) = rest.split_once("# Later\n").expect("a part");
    let (later, minute) = rest.split_once("# A minute later\n").expect("a part");
    let mut steps = 0;
    for (part, pause_s) in [(at_first, 3600), (hour, 11), (later, 61), (minute, 0)] {
        let browser = at.signed_in(ALICE).await;
        steps += play(&at, &browser, part, &mut known).await;
        at.app.advance_s(pause_s);
    }
    assert_eq!(steps, 28);
}

#[tokio::test]
async fn ez_01_who_signs_in_and_allows_is_sent_back_with_a_code_and_no_address_on_the_way_has_error_in_it() {
    let at = ez().await;
    at.app.change_client(WEB, |client| client.first_party = false).await;
    let browser = at.app.browser();
    let sign_in = at.get(&browser, AUTHORIZE).await;
    let mut visited = vec![sign_in.header("location").unwrap_or_default().to_owned()];
    let page = Page::of(sign_in);
    visited.push(page.action.clone());
    let wrong =
        browser.submit(&page, &[("username", ALICE), ("password", "no"), ("action", "sign-in")]).await;
    visited.push(wrong.header("location").unwrap_or_default().to_owned());
    let page = Page::of(wrong);
    visited.push(page.action.clone());
    let mut reply = browser.submit(&page, &credentials(ALICE)).await;
    if reply.status == 303 {
        visited.push(reply.location());
        reply = browser.get(&reply.location()).await;
    }
    let page = Page::of(reply);
    visited.push(page.action.clone());
    let denied = browser.submit(&page, &[("action", "deny")]).await;
    assert_eq!(denied.param("error").as_deref(), Some("access_denied"));
    assert_eq!((denied.param("code"), denied.param("state")), (None, None));

    let page = Page::of(at.get(&browser, AUTHORIZE).await);
    visited.push(page.action.clone());
    // Behind a form, which carried a password: 303 (RFC 9700, section 4.12). Else it is theirs.
    let allowed = browser.submit(&page, &[("action", "allow")]).await;
    assert_eq!(allowed.status, 303);
    let location = allowed.location();
    let code = allowed.param("code").expect("a code");
    assert!(
        location.starts_with(&format!("https://app.example/cb?code={code}&expires_in=60&")),
        "{location}"
    );
    assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "sent as it is");
    visited.push(location);
    assert!(visited.iter().all(|address| !address.contains("error")), "{visited:?}");
    let known = at.get(&browser, AUTHORIZE).await;
    assert_eq!((known.status, known.param("code").is_some()), (302, true));
    let none = at.get(&at.app.browser(), &format!("{AUTHORIZE}&prompt=none")).await;
    assert_eq!((none.status, none.param("error").as_deref()), (302, Some("login_required")));

    // The specifications bind an answer to its request: elsewhere the same request is refused, and tells no lifetime.
    let standard = AUTHORIZE.replace("/oauth/authorize", "/authorize");
    assert_eq!(browser.get(&standard).await.param("error").as_deref(), Some("invalid_request"));
    let bound = browser.get(&format!("{standard}&state=s")).await;
    let bound = match bound.status {
        200 => browser.submit(&Page::of(bound), &[("action", "allow")]).await,
        _ => bound,
    };
    assert!(bound.param("code").is_some() && bound.param("expires_in").is_none());
}

#[tokio::test]
async fn ez_01_nothing_is_redirected_before_client_and_address_are_known_and_the_state_is_kept() {
    let at = ez().await;
    let browser = at.signed_in(ALICE).await;
    let base = "/oauth/authorize?response_type=code";
    for query in [
        "&client_id=web&redirect_uri=https%3A%2F%2Fevil.example%2Fcb&state=s",
        "&client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%2F&state=s",
        "&client_id=nobody&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s",
        "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s",
    ] {
        let reply = at.get(&browser, &format!("{base}{query}")).await;
        assert_eq!((reply.status, reply.header("location")), (400, None), "{query}");
    }
    says_its_own_expiry(&at, &browser).await;
    let wrong = at.get(&browser, &AUTHORIZE.replace("=code", "=token")).await;
    assert_eq!(wrong.param("error").as_deref(), Some("unsupported_response_type"));
}

#[tokio::test]
async fn ez_02_a_code_is_a_pair_of_letters_and_digits_once() {
    let at = ez().await;
    let code = code(&at).await;
    let reply = redeem(&at, &code).await;
    let first = Pair::of(&reply);
    let members: Vec<String> = reply.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(members, ["access_token", "expires_in", "refresh_token"]);
    assert_eq!(reply.json()["expires_in"], 3600, "as it is registered");
    for token in [&first.access, &first.refresh] {
        assert!(token.len() > 40 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    }
    assert_eq!(passes(&at, &first).await.status, 200);
    is_challenged(&redeem(&at, &code).await, "invalid_token");
    is_challenged(&passes(&at, &first).await, "invalid_token");
    is_plain(&refresh(&at, &first).await, "invalid_grant");
}

/// What theirs have by default, a client here is registered with; without it, it has what every client here has.
#[tokio::test]
async fn ez_02_a_client_that_says_nothing_of_lifetimes_has_those_of_this_server() {
    let at = ez().await;
    at.app.change_client(WEB, |client| client.lifetimes = Lifetimes::default()).await;
    let issued = redeem(&at, &code(&at).await).await;
    assert_eq!(issued.json()["expires_in"], 600, "{}", issued.body);
}

#[tokio::test]
async fn ez_02_the_client_shows_itself_in_the_body_and_with_its_secret() {
    let at = ez().await;
    let code = code(&at).await;
    let form =
        [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "https://app.example/cb")];
    let (path, authorization) = (format!("{}{TOKEN}", at.mount), basic(WEB, &secret_of(WEB)));
    let in_header = at.app.post_form(&path, &form, &[("authorization", &authorization)]).await;
    is_plain(&in_header, "invalid_client");
    assert_eq!(in_header.header("www-authenticate"), None);
    let secret = secret_of(WEB);
    let in_body = [&form[..], &[("client_id", WEB), ("client_secret", &secret)]].concat();
    let in_both = at.app.post_form(&path, &in_body, &[("authorization", &authorization)]).await;
    is_plain(&in_both, "invalid_client");
    let nobody = at.app.post_form(&path, &form, &[]).await;
    is_plain(&nobody, "invalid_client");
    let bare = at.app.post_form(&path, &[&form[..], &[("client_id", WEB)]].concat(), &[]).await;
    is_plain(&bare, "invalid_client");
    let wrong = [("client_id", WEB), ("client_secret", "wrong")];
    is_plain(&at.app.post_form(&path, &[&form[..], &wrong].concat(), &[]).await, "invalid_client");
    for grant_type in ["client_credentials", "password", "urn:ietf:params:oauth:grant-type:token-exchange"] {
        is_plain(&token(&at, &[("grant_type", grant_type)]).await, "unsupported_grant_type");
    }
    Pair::of(&redeem(&at, &code).await);
}

#[tokio::test]
async fn ez_03_a_token_is_taken_by_their_scheme_and_in_parameters_where_that_is_enabled() {
    let at = ez().await;
    let of = pair(&at).await;
    assert_eq!(passes(&at, &of).await.status, 200);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-original-method", "POST"),
        ("x-original-uri", "/a"),
    ];
    let (target, body) = (format!("/a?b=c&oauth_token={}", of.access), format!("oauth_token={}", of.access));
    let in_body = || at.send("POST", ASKED, &headers, &body);
    for enabled in [false, true, false] {
        at.app.guarded(json!([]), enabled).await;
        let expected = if enabled { 200 } else { 401 };
        assert_eq!(asked(&at, &target, "").await.status, expected, "{enabled}");
        assert_eq!(in_body().await.status, expected, "{enabled}");
    }
    at.app.guarded(json!([]), true).await;
    assert_eq!(asked(&at, &target, &format!("OAuth {}", of.access)).await.status, 400, "sent twice");
    assert_eq!(call(&at, &format!("Bearer {}", of.access)).await.status, 401, "not their scheme");
}

#[tokio::test]
async fn ez_04_what_has_expired_is_told_from_what_never_was_also_when_it_is_forgotten() {
    let at = ez().await;
    let of = pair(&at).await;
    is_challenged(&call(&at, "OAuth nonsense").await, "invalid_token");
    at.app.advance_s(3599);
    assert_eq!(passes(&at, &of).await.status, 200);
    at.app.advance_s(1);
    is_challenged(&passes(&at, &of).await, "expired_token");
    at.app.advance_s(40 * 86_400);
    let before = at.app.rows("tickets").await;
    let mut reaper = doorward_store::worker::reaper::Reaper::default();
    for _ in 0..3 {
        reaper.run_once(at.app.store.driver(), at.app.clock.now()).await.expect("the reaper can run");
    }
    assert!(at.app.rows("tickets").await < before, "it is forgotten");
    is_challenged(&passes(&at, &of).await, "expired_token");
    // One that was made up, or is another's, is none, whatever it says of its end.
    let (head, last) = of.access.split_at(of.access.len() - 1);
    let other = format!("{head}{}", if last == "0" { "1" } else { "0" });
    is_challenged(&call(&at, &format!("OAuth {other}")).await, "invalid_token");
}

#[tokio::test]
async fn ez_05_a_refresh_ends_the_pair_before_it_and_an_answer_that_was_lost_is_given_again() {
    let at = ez().await;
    // Also for a client whose refresh tokens may be used again elsewhere.
    at.app.change_client(WEB, |client| client.refresh_policy = RefreshPolicy::Reuse).await;
    let first = pair(&at).await;
    let second = Pair::of(&refresh(&at, &first).await);
    assert!(first.access != second.access && first.refresh != second.refresh);
    is_challenged(&passes(&at, &first).await, "invalid_token");
    assert_eq!(passes(&at, &second).await.status, 200);
    at.app.advance_s(1000);
    let again = refresh(&at, &first).await;
    assert_eq!(Pair::of(&again), second, "a lost answer");
    assert_eq!(again.json()["expires_in"], 2600, "what is left of it");
    assert_eq!(passes(&at, &second).await.status, 200);

    let third = Pair::of(&refresh(&at, &second).await);
    is_challenged(&passes(&at, &second).await, "invalid_token");
    assert_eq!(passes(&at, &third).await.status, 200);
    // Row CI-015 of the bad inputs: the successor is in use.
    at.app.advance_s(11);
    is_plain(&refresh(&at, &first).await, "invalid_grant");
    is_challenged(&passes(&at, &third).await, "invalid_token");
    is_plain(&refresh(&at, &third).await, "invalid_grant");
}

#[tokio::test]
async fn ez_05_a_refresh_widens_nothing_and_is_its_clients_own() {
    let at = ez().await;
    let first = pair(&at).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*first.refresh)];
    is_plain(&token(&at, &[&fields[..], &[("scope", "rs1:write")]].concat()).await, "invalid_scope");
    let path = format!("{}{TOKEN}", at.mount);
    let foreign = at.app.post_form(&path, &[&fields[..], &[("client_id", SPA)]].concat(), &[]).await;
    is_plain(&foreign, "invalid_grant");
    // An access token refreshes nothing.
    let access = [("grant_type", "refresh_token"), ("refresh_token", &*first.access)];
    is_plain(&token(&at, &access).await, "invalid_grant");
    assert_eq!(passes(&at, &first).await.status, 200, "nothing was changed");
    // At the standard issuer of the same tenant it is nothing.
    assert_eq!(at.app.refresh(WEB, &first.refresh).await.status, 400);
    let bearer = format!("Bearer {}", first.access);
    let headers = [("authorization", &*bearer), ("x-original-method", "GET"), ("x-original-uri", "/a")];
    assert_eq!(at.app.get(ASKED, &headers).await.status, 401);
}

#[tokio::test]
async fn ez_06_who_passes_is_named() {
    let at = ez().await;
    let reply = passes(&at, &pair(&at).await).await;
    let told = ["doorward-user", "doorward-client", "doorward-scopes"].map(|name| reply.header(name));
    assert_eq!(told, [Some(&*user_id(ALICE)), Some(WEB), Some("offline_access rs1:read")]);
    // For an API that it is not for, it is nobody's.
    let shown = format!("OAuth {}", pair(&at).await.access);
    let asked = [("authorization", &*shown), ("x-original-method", "GET"), ("x-original-uri", "/a")];
    let other = at.send("GET", &ASKED.replace("rs1", "rs2"), &asked, "").await;
    is_challenged(&other, "invalid_token");
    assert_eq!(other.header("doorward-user"), None);
    at.app.guarded(json!([{ "path": "/**", "scopes": ["rs1:write"] }]), false).await;
    assert_eq!(passes(&at, &pair(&at).await).await.status, 403, "a scope that it lacks");
}

/// ALICE takes back what she allowed, by the button of her account.
async fn taken_back(at: &Speaker) {
    let browser = at.signed_in(ALICE).await;
    let account = at.get(&browser, "/account").await;
    let (_, rest) = account.body.split_once("/account/applications").expect("the list of what she allowed");
    let page =
        Page::of(Reply { body: format!("<form action=\"/account/applications{rest}"), ..account.clone() });
    let page = Page { action: format!("{}/account/applications", at.mount), ..page };
    let ended = browser.submit(&page, &[("action", "revoke")]).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
}

/// The tokens of ALICE, who allowed it.
async fn allowed(at: &Speaker) -> Pair {
    at.app.change_client(WEB, |client| client.first_party = false).await;
    let browser = at.signed_in(ALICE).await;
    let mut asked = at.get(&browser, AUTHORIZE).await;
    if asked.status == 200 {
        asked = browser.submit(&Page::of(asked), &[("action", "allow")]).await;
    }
    Pair::of(&redeem(at, &asked.param("code").expect("a code")).await)
}

#[tokio::test]
async fn ez_07_a_consent_that_is_taken_back_ends_everything_at_once() {
    let at = ez().await;
    for by_herself in [true, false] {
        let of = allowed(&at).await;
        assert_eq!(passes(&at, &of).await.status, 200);
        match by_herself {
            true => taken_back(&at).await,
            false => end_newest(&at.app, "consents", WEB).await,
        }
        is_challenged(&passes(&at, &of).await, "invalid_token");
        is_plain(&refresh(&at, &of).await, "invalid_grant");
    }
}

/// `expired_token` would make their clients refresh, which can only fail.
#[tokio::test]
async fn ez_07_what_ended_before_it_expired_is_invalid_and_not_expired() {
    let at = ez().await;
    let (first, ended) = (allowed(&at).await, allowed(&at).await);
    let second = Pair::of(&refresh(&at, &first).await);
    at.app.advance_s(3600);
    is_challenged(&passes(&at, &first).await, "invalid_token");
    for of in [&second, &ended] {
        is_challenged(&passes(&at, of).await, "expired_token");
    }
    taken_back(&at).await;
    // Also when what was kept of the tokens is forgotten.
    for pause_s in [0, 600] {
        at.app.advance_s(pause_s);
        for of in [&first, &second, &ended] {
            is_challenged(&passes(&at, of).await, "invalid_token");
        }
    }
}

#[tokio::test]
async fn ez_08_lifetimes_are_settings_open_routes_ask_for_nothing_and_https_can_be_required() {
    let at = ez().await;
    at.app.change_client(WEB, |client| client.lifetimes.access_token_s = 30).await;
    at.app.change_client(WEB, |client| client.lifetimes.code_s = 20).await;
    let browser = at.signed_in(ALICE).await;
    let reply = at.get(&browser, AUTHORIZE).await;
    assert_eq!(reply.param("expires_in").as_deref(), Some("20"));
    let issued = redeem(&at, &reply.param("code").expect("a code")).await;
    assert_eq!(issued.json()["expires_in"], 30);
    at.app.advance_s(30);
    is_challenged(&passes(&at, &Pair::of(&issued)).await, "expired_token");
    let late = at.get(&browser, AUTHORIZE).await.param("code").expect("a code");
    at.app.advance_s(20);
    is_challenged(&redeem(&at, &late).await, "expired_token");

    at.app.guarded(json!([{ "path": "/open", "open": true }, { "path": "/**" }]), false).await;
    let open = asked(&at, "/open", "").await;
    assert_eq!((open.status, open.header("doorward-user")), (200, Some("")));
    assert_eq!(asked(&at, "/shut", "").await.status, 401);

    let rules = json!({ "https": true, "routes": [{ "path": "/open", "open": true }, { "path": "/**" }] });
    at.app.guarding(serde_json::from_value(rules).expect("rules")).await;
    assert_eq!(asked(&at, "/open", "").await.status, 200);
    assert_eq!(asked(&at, "/shut", "").await.status, 403);
}

#[tokio::test]
async fn ez_09_who_brings_no_token_is_told_the_realm_only() {
    let at = ez().await;
    for authorization in ["", "Basic YTpi"] {
        let reply = call(&at, authorization).await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some(REALM)), "{authorization}");
        assert_eq!(reply.json(), json!({}));
    }
}

#[tokio::test]
async fn ez_10_a_refresh_token_opens_nothing_but_what_it_is_changed_for_does() {
    let at = ez().await;
    let of = pair(&at).await;
    is_challenged(&call(&at, &format!("OAuth {}", of.refresh)).await, "invalid_token");
    let next = Pair::of(&refresh(&at, &of).await);
    assert_eq!(passes(&at, &next).await.status, 200);
    is_challenged(&call(&at, &format!("OAuth {}", next.refresh)).await, "invalid_token");
}

#[tokio::test]
async fn ez_11_the_account_is_looked_at_when_signing_in_before_consent_and_at_every_use() {
    let at = ez().await;
    let admin = Admin::of_tenant(&at.app).await;
    let switch = async |user: &str, disabled: bool| {
        let path = format!("/tenants/t1/users/{}", user_id(user));
        let done = admin.json("PATCH", &path, json!({ "disabled": disabled })).await;
        assert_eq!(done.status, 200, "{}", done.body);
    };
    let of = pair(&at).await;
    at.app.change_client(WEB, |client| client.first_party = false).await;
    let browser = at.signed_in(ALICE).await;
    at.app
        .change_client(WEB, |client| {
            client.default_scopes = Scopes::parse("offline_access rs1:read rs1:write").expect("scopes")
        })
        .await;
    let consent = Page::of(at.get(&browser, AUTHORIZE).await);
    switch(ALICE, true).await;
    // At use.
    is_challenged(&passes(&at, &of).await, "invalid_token");
    is_plain(&refresh(&at, &of).await, "invalid_grant");
    // Before consent, and while it is given.
    let given = browser.submit(&consent, &[("action", "allow")]).await;
    assert!(!given.header("location").unwrap_or_default().contains("code="), "{given:?}");
    let asked = at.get(&browser, AUTHORIZE).await;
    assert!(!asked.body.contains("value=\"allow\""), "the sign-in page: {}", asked.body);
    // When signing in.
    let stranger = at.app.browser();
    let page = Page::of(at.get(&stranger, "/sign-in").await);
    assert_eq!(stranger.submit(&page, &credentials(ALICE)).await.header("location"), None);
    // Whoever is let in again begins anew.
    switch(ALICE, false).await;
    is_challenged(&passes(&at, &of).await, "invalid_token");
    is_plain(&refresh(&at, &of).await, "invalid_grant");
    at.app.advance_s(1);
    let anew = allowed(&at).await;
    switch(MALLORY, true).await;
    assert_eq!(passes(&at, &anew).await.status, 200, "and nobody else's");
}

#[tokio::test]
async fn a_pair_is_told_and_given_back_like_any_token() {
    let at = ez().await;
    let first = pair(&at).await;
    let path = |name: &str| format!("{}/{name}", at.mount);
    let rs1 =
        [("authorization", &*basic("rs1", &secret_of("rs1")))].map(|(name, value)| (name, value.to_owned()));
    let rs1 = [(rs1[0].0, &*rs1[0].1)];
    let told = |token: String| {
        let (path, rs1) = (path("introspect"), rs1);
        let app = &at.app;
        async move { app.post_form(&path, &[("token", &token)], &rs1).await.json() }
    };
    let active = told(first.access.clone()).await;
    assert_eq!((&active["active"], &active["sub"]), (&json!(true), &json!(user_id(ALICE))));
    assert_eq!((&active["scope"], &active["client_id"]), (&json!("offline_access rs1:read"), &json!(WEB)));
    // As what it is presented: the token endpoint of the contract does not say.
    assert_eq!(active["token_type"], "OAuth");
    let second = Pair::of(&refresh(&at, &first).await);
    assert_eq!(told(first.access.clone()).await, json!({ "active": false }));
    assert_eq!(told(second.access.clone()).await["active"], true);
    let headers = [("authorization", &*format!("OAuth {}", second.access))]
        .map(|(name, value)| (name, value.to_owned()));
    let userinfo = at.send("GET", "/userinfo", &[(headers[0].0, &headers[0].1)], "").await;
    assert_eq!((userinfo.status, userinfo.error().as_str()), (403, "insufficient_scope"));

    let secret = secret_of(WEB);
    let form = [("client_id", WEB), ("client_secret", &*secret), ("token", &*second.access)];
    assert_eq!(at.app.post_form(&path("revoke"), &form, &[]).await.status, 200);
    is_challenged(&passes(&at, &second).await, "invalid_token");
    is_plain(&refresh(&at, &second).await, "invalid_grant");
}

/// Row CI-016 of the bad inputs: what the caller says of expiry is nothing.
pub async fn says_its_own_expiry(at: &Speaker, browser: &Browser<'_>) {
    for said in ["expires_in=99999", "expires%20in=99999", "expires_in=1&expires+in=2"] {
        let reply = at.get(browser, &format!("{AUTHORIZE}&state=a%20b&{said}")).await;
        assert_eq!(reply.param("state").as_deref(), Some("a b"));
        assert_eq!(reply.location().matches("expires").count(), 1, "{}", reply.location());
        assert_eq!(reply.param("expires_in").as_deref(), Some("60"));
    }
}
