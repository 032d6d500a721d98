//! Magic Collaboration Studio (criteria MCS-01 to MCS-12; MCS-13 is a command's).

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_core::model::{Api, Client, EventKind, Legacy, TokenFormat};
use doorward_core::{Effect, Timestamp};
use doorward_tests::{
    ALICE, BOB, Browser, Logs, PASSWORD, PKJ, Page, Reply, T1, TestApp, WEB, base64, basic, claims,
    jose_header, secret_of,
};
use doorward_web::manage::{By, Manage};
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;
use serde_json::json;

use super::transcript::play;
use super::{Speaker, end_newest};
use crate::admin::{Admin, every_scope, pointers};

/// The application that shares the issuer's secret.
pub const APP: &str = PKJ;
/// What its clients share.
pub const SECRET: &str = "the secret that all of its clients share";
const CALLBACK: &str = "https%3A%2F%2Fapp.example%2Fcb";
pub const AUTHORIZE: &str =
    "/authorize?scope=openid&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&client_id=pkj&response_type=code";
/// Where a request to the API is asked about.
pub const GUARD: &str = "/guard?api=https%3A%2F%2Frs1.example";

/// The issuer with its secret, which came by the admin API, and an application as theirs are.
pub async fn magic() -> Speaker {
    on(TestApp::extended().await).await
}

/// The same, on that server.
pub async fn on(app: impl Into<Arc<TestApp>>) -> Speaker {
    let at = Speaker::on(app, "magic").await;
    mounted(&at).await;
    at
}

/// Who administers the tenant there.
async fn mounted(at: &Speaker) -> Admin<'_> {
    let admin = Admin::of_tenant(&at.app).await;
    let patch = json!({ "shared_secret": { "value": SECRET } });
    assert_eq!(admin.json("PATCH", "/tenants/t1/issuers/magic", patch).await.status, 200);
    for client in [APP, WEB] {
        at.app.change_client(client, as_theirs).await;
    }
    admin
}

fn as_theirs(client: &mut Client) {
    client.auth_method = "x_auth_secret".to_owned();
    client.also_auth_methods.clear();
    client.grant_types = ["authorization_code", "password", "refresh_token"].map(str::to_owned).into();
    client.redirect_uris = vec![RedirectUri::parse("https://app.example/cb").expect("an address")];
    client.scopes = Scopes::parse("openid rs1:read").expect("scopes");
    client.default_scopes = Scopes::parse("openid").expect("scopes");
    client.apis = ["https://rs1.example".into()].into();
    client.require_pkce = false;
    client.first_party = true;
    client.jwks = None;
    client.lifetimes.id_token_s = 900;
}

/// A request to their token endpoint.
pub async fn token(at: &Speaker, secret: &str, form: &str) -> Reply {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-auth-secret", secret)];
    let headers = if secret.is_empty() { &headers[..1] } else { &headers[..] };
    at.send("POST", "/api/token", headers, form).await
}

/// Who gets more time than others: as long as the grant lives, sixty days.
pub fn permanent(client: &mut Client) {
    client.lifetimes.id_token_s = 86_400 * 90;
    client.lifetimes.refresh_idle_s = 86_400 * 60;
    client.lifetimes.refresh_absolute_s = 86_400 * 60;
}

/// Their request for a token without a person at hand.
pub async fn by_password(at: &Speaker, client: &str, secret: &str, user: &str, password: &str) -> Reply {
    let person = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
    let headers = [("authorization", person.as_str()), ("x-auth-secret", secret)];
    let headers = if secret.is_empty() { &headers[..1] } else { &headers[..] };
    let target = format!("/api/token?grant_type=client_credentials&client_id={client}");
    at.send("POST", &target, headers, "").await
}

/// The code that a browser comes back with.
pub async fn code(at: &Speaker, browser: &Browser<'_>) -> String {
    at.get(browser, AUTHORIZE).await.param("code").expect("a code")
}

/// What redeems it.
pub fn for_code(code: &str) -> String {
    format!("scope=openid&redirect_uri={CALLBACK}&client_id={APP}&grant_type=authorization_code&code={code}")
}

/// What refreshes.
pub fn for_refresh(token: &str) -> String {
    format!(
        "scope=openid&redirect_uri={CALLBACK}&client_id={APP}&grant_type=refresh_token&refresh_token={token}"
    )
}

/// A request with a token, of which the guard is told that it is for `/projects`.
pub async fn with_token(at: &Speaker, method: &str, path: &str, scheme: &str, token: &str) -> Reply {
    let shown = format!("{scheme} {token}");
    let asked =
        [("authorization", shown.as_str()), ("x-original-method", "GET"), ("x-original-uri", "/projects")];
    at.send(method, path, &asked, "").await
}

/// What the guard of the API says to their header.
pub async fn guard(at: &Speaker, token: &str) -> u16 {
    with_token(at, "GET", GUARD, "Token", token).await.status
}

/// What they are told of a token.
pub async fn validate(at: &Speaker, token: &str) -> u16 {
    with_token(at, "GET", "/api/validate", "Token", token).await.status
}

fn is_error(reply: &Reply, status: u16, error: &str) {
    assert_eq!((reply.status, reply.error().as_str()), (status, error), "{}", reply.body);
}

#[tokio::test]
async fn the_sequence_is_as_it_was_written_down() {
    let at = magic().await;
    at.app
        .change_client(APP, |client| {
            client.grant_types.insert("implicit".to_owned());
        })
        .await;
    let browser = at.signed_in(ALICE).await;
    let mut known: BTreeMap<String, String> = [
        ("secret", SECRET.to_owned()),
        ("alice", base64(format!("{ALICE}:{PASSWORD}").as_bytes())),
        ("wrong", base64(format!("{ALICE}:wrong").as_bytes())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let steps = play(&at, &browser, include_str!("magic.txt"), &mut known).await;
    assert_eq!(steps, 26);
}

#[tokio::test]
async fn mcs_01_the_configuration_has_their_members_at_this_host_and_no_other() {
    let at = magic().await;
    let told = at.send("GET", "/.well-known/openid-configuration", &[], "").await;
    let here = |path: &str| json!(format!("https://id.example{}{path}", at.mount));
    let expected = json!({
        "issuer": here(""),
        "authorization_endpoint": here("/authorize"),
        "token_endpoint": here("/api/token"),
        "jwks_uri": here("/jwks.json"),
        "validation_endpoint": here("/api/validate"),
        "signout_endpoint": here("/api/signout"),
        "response_types_supported": ["id_token", "code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    assert_eq!((told.status, told.json()), (200, expected));
    // Each is there.
    for path in ["/jwks.json", "/authorize", "/api/token", "/api/validate", "/api/signout"] {
        assert_ne!(at.send("GET", path, &[], "").await.status, 404, "{path}");
    }
    let standard = at.app.send("GET", "/.well-known/openid-configuration", &[], "").await.json();
    assert_eq!(standard.get("validation_endpoint"), None);
}

/// Their clients look at no `kid`: whichever key they take, it is one that ID tokens are signed with.
#[tokio::test]
async fn mcs_01_the_keys_are_those_that_sign_id_tokens_here_and_no_others() {
    let at = magic().await;
    let told = at.send("GET", "/jwks.json", &[], "").await.json();
    let keys = told["keys"].as_array().expect("keys");
    assert!(!keys.is_empty() && keys.iter().all(|key| key["alg"] == "RS256"), "{told}");
    let standard = at.app.send("GET", "/jwks", &[], "").await.json();
    let all = standard["keys"].as_array().expect("keys");
    assert!(all.len() > keys.len() && keys.iter().all(|key| all.contains(key)), "{standard}");
}

#[tokio::test]
async fn mcs_02_a_code_needs_nothing_else_and_lives_fifteen_seconds() {
    let at = magic().await;
    let browser = at.signed_in(ALICE).await;
    let (in_time, late) = (code(&at, &browser).await, code(&at, &browser).await);
    at.app.advance_s(14);
    let issued = token(&at, SECRET, &for_code(&in_time)).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    let said = claims(&issued.text("id_token"));
    assert_eq!((said["sub"].as_str(), said["aud"].as_str()), (Some(ALICE), Some(APP)));
    assert_eq!(said["exp"].as_i64().zip(said["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(900));
    at.app.advance_s(1);
    is_error(&token(&at, SECRET, &for_code(&late)).await, 400, "invalid_grant");
    // RS256, whatever the client is registered for.
    at.app.change_client(APP, |client| client.id_token_algorithm = "ES256".to_owned()).await;
    let issued = token(&at, SECRET, &for_code(&code(&at, &browser).await)).await.text("id_token");
    assert_eq!(jose_header(&issued)["alg"], "RS256");
}

/// What is answered is an ID token: whose client may have none gets nothing at all.
#[tokio::test]
async fn mcs_02_a_client_that_may_have_no_id_token_gets_nothing() {
    let at = magic().await;
    let browser = at.signed_in(ALICE).await;
    let wide = AUTHORIZE.replace("=openid", "=openid+rs1%3Aread");
    let wide = async || at.get(&browser, &wide).await.param("code").expect("a code");
    let first = token(&at, SECRET, &for_code(&wide().await)).await;
    assert!(first.body.contains("id_token"), "{}", first.body);
    let forms = [
        for_code(&code(&at, &browser).await),
        for_code(&wide().await),
        for_refresh(&first.text("refresh_token")),
        for_refresh(&first.text("refresh_token")).replace("=openid", "=rs1%3Aread"),
    ];
    at.app.change_client(APP, |client| client.scopes = Scopes::parse("rs1:read").expect("scopes")).await;
    let told = at.get(&browser, &AUTHORIZE.replace("=openid", "=rs1%3Aread")).await;
    assert_eq!(told.param("error").as_deref(), Some("invalid_scope"), "{}", told.body);
    for form in forms {
        let refused = token(&at, SECRET, &form).await;
        assert!(matches!(refused.error().as_str(), "invalid_grant" | "invalid_scope"), "{}", refused.body);
    }
    let person = basic(ALICE, PASSWORD);
    let headers = [
        ("authorization", person.as_str()),
        ("x-auth-secret", SECRET),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    for scope in ["", "&scope=rs1%3Aread", "&scope=openid+rs1%3Aread"] {
        let form = format!("grant_type=client_credentials&client_id={APP}{scope}");
        let refused = at.send("POST", "/api/token", &headers, &form).await;
        is_error(&refused, 400, "invalid_scope");
    }
}

#[tokio::test]
async fn mcs_03_without_the_secret_no_grant_gives_anything() {
    let at = magic().await;
    let browser = at.signed_in(ALICE).await;
    let refresh = token(&at, SECRET, &for_code(&code(&at, &browser).await)).await.text("refresh_token");
    let with_own = format!("{}&client_secret={}", for_code("x"), secret_of(WEB)).replace(APP, WEB);
    for wrong in ["", "wrong", "CHANGE_ME", &SECRET[1..], &secret_of(WEB)] {
        for form in [for_code(&code(&at, &browser).await), for_refresh(&refresh)] {
            is_error(&token(&at, wrong, &form).await, 401, "invalid_client");
            at.app.advance_s(61);
        }
        // A secret of its own in the form is not looked for; beside the header it is a second way.
        let (status, error) =
            if wrong.is_empty() { (401, "invalid_client") } else { (400, "invalid_request") };
        is_error(&token(&at, wrong, &with_own).await, status, error);
        let reply = by_password(&at, APP, wrong, ALICE, PASSWORD).await;
        is_error(&reply, 401, "invalid_client");
    }
    // It is none at the standard issuer, where no header of that name means anything.
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-auth-secret", SECRET)];
    let standard = at.app.send("POST", "/token", &headers, &for_refresh(&refresh)).await;
    is_error(&standard, 401, "invalid_client");
    assert_eq!(token(&at, SECRET, &for_refresh(&refresh)).await.status, 200);
    // Twice is once too often.
    let twice = [headers[0], headers[1], headers[1]];
    is_error(&at.send("POST", "/api/token", &twice, &for_refresh(&refresh)).await, 401, "invalid_client");
}

#[tokio::test]
async fn mcs_03_a_client_with_a_secret_of_its_own_shows_that_one() {
    let at = magic().await;
    assert_eq!(by_password(&at, WEB, &secret_of(WEB), ALICE, PASSWORD).await.status, 200);
    is_error(&by_password(&at, WEB, SECRET, ALICE, PASSWORD).await, 401, "invalid_client");
    is_error(&by_password(&at, APP, &secret_of(WEB), ALICE, PASSWORD).await, 401, "invalid_client");
}

#[tokio::test]
async fn mcs_03_the_secret_is_chosen_kept_as_a_hash_and_never_shown() {
    let at = Speaker::of("magic").await;
    let admin = mounted(&at).await;
    let path = "/tenants/t1/issuers/magic";
    let shown = admin.get(path).await;
    assert!(shown.status == 200 && !shown.body.contains("secret"), "{}", shown.body);
    for wrong in ["CHANGE_ME", "short"] {
        let patch = json!({ "shared_secret": { "value": wrong } });
        let reply = admin.json("PATCH", path, patch).await;
        assert_eq!((reply.status, pointers(&reply).len()), (400, 1), "{}", reply.body);
    }
    // Nor is what everybody has applied from a file.
    let unchosen = json!({ "tenants": [{ "id": T1, "issuers": [{
        "id": "magic", "url": format!("https://id.example{}", at.mount), "dialect": "magic",
        "shared_secret": { "value": "CHANGE_ME" },
    }] }] });
    let unchosen = serde_json::from_value(unchosen).expect("a document");
    let applied = Manage::new(at.app.store.clone(), By::operator()).apply(&unchosen, false, false).await;
    let Err(refused) = applied else { panic!("it was applied") };
    assert!(format!("{refused:?}").contains("'CHANGE_ME' is what everybody has"), "{refused:?}");
    // What says nothing of it leaves it as it is.
    assert_eq!(admin.json("PATCH", path, json!({ "disabled": false })).await.status, 200);
    assert_eq!(by_password(&at, APP, SECRET, ALICE, PASSWORD).await.status, 200);
    let other = "another secret that all of them share";
    let patch = json!({ "shared_secret": { "value": other } });
    assert_eq!(admin.json("PATCH", path, patch).await.status, 200);
    is_error(&by_password(&at, APP, SECRET, ALICE, PASSWORD).await, 401, "invalid_client");
    assert_eq!(by_password(&at, APP, other, ALICE, PASSWORD).await.status, 200);
    assert!(!format!("{:?}", at.app.events().await).contains(other));
    let stored = at.app.store.issuers_of(&T1.into()).await.expect("issuers can be read");
    assert!(!format!("{stored:?}").contains(other));
}

#[tokio::test]
async fn mcs_04_who_is_not_listed_is_told_so_if_they_have_the_secret() {
    let at = magic().await;
    at.app.change_client(APP, |client| client.issuers = [format!("iss-{T1}").as_str().into()].into()).await;
    for client in [APP, "nobody"] {
        is_error(&by_password(&at, client, SECRET, ALICE, PASSWORD).await, 400, "unauthorized_client");
        is_error(&by_password(&at, client, "wrong", ALICE, PASSWORD).await, 401, "invalid_client");
    }
    let browser = at.signed_in(ALICE).await;
    let page = at.get(&browser, AUTHORIZE).await;
    assert_eq!((page.status, page.header("location")), (400, None));
}

#[tokio::test]
async fn mcs_05_the_beginning_of_an_address_ends_where_a_path_does() {
    let at = magic().await;
    let browser = at.signed_in(ALICE).await;
    let ask = async |to: &str| {
        let to = doorward_wire::percent::encode(to);
        at.get(
            &browser,
            &format!("/authorize?scope=openid&client_id={APP}&response_type=code&redirect_uri={to}"),
        )
        .await
    };
    let below = "https://app.example/twc/cb?a=b";
    for listed in ["https://app.example/", "https://app.example"] {
        at.app
            .change_client(APP, |client| {
                client.legacy.clear();
                client.redirect_uris = vec![RedirectUri::parse(listed).expect("an address")];
            })
            .await;
        let page = ask(below).await;
        assert_eq!((page.status, page.header("location")), (400, None), "not without the switch");
        at.app.change_client(APP, |client| client.legacy = [Legacy::PrefixRedirects].into()).await;
        let back = ask(below).await;
        assert!(back.location().starts_with("https://app.example/twc/cb?a=b&code="), "{}", back.location());
        for evil in [
            "https://app.example.evil/",
            "https://app.example@evil.example/",
            "https://app.example:8443/",
            "http://app.example/",
            "https://app.example/../x",
            "https://app.example/a#b",
            "https://app.example\\.evil/",
        ] {
            let page = ask(evil).await;
            assert_eq!((page.status, page.header("location")), (400, None), "{listed} {evil}");
        }
    }
    // The code is bound to the address to which it went.
    let code = ask(below).await.param("code").expect("a code");
    is_error(&token(&at, SECRET, &for_code(&code)).await, 400, "invalid_grant");
    // At the standard issuer the switch does nothing.
    let standard = "/authorize?scope=openid&client_id=pkj&response_type=code&state=s&redirect_uri=https%3A%2F%2Fapp.example%2Fx";
    assert_eq!(browser.get(standard).await.status, 400);
}

#[tokio::test]
async fn mcs_06_a_refresh_gives_another_id_token() {
    let at = magic().await;
    let browser = at.signed_in(ALICE).await;
    let first = token(&at, SECRET, &for_code(&code(&at, &browser).await)).await;
    at.app.advance_s(600);
    let second = token(&at, SECRET, &for_refresh(&first.text("refresh_token"))).await;
    assert_eq!(second.status, 200, "{}", second.body);
    at.app.advance_s(301);
    assert_eq!(guard(&at, &first.text("id_token")).await, 401);
    assert_eq!(guard(&at, &second.text("id_token")).await, 200);
    // Of another client it is none, though all have one secret.
    at.app.change_client(WEB, |client| client.auth_method = "x_auth_secret".to_owned()).await;
    let foreign = for_refresh(&second.text("refresh_token")).replace("client_id=pkj", "client_id=web");
    is_error(&token(&at, &secret_of(WEB), &foreign).await, 400, "invalid_grant");
}

#[tokio::test]
async fn mcs_07_a_password_is_counted_with_those_of_the_sign_in_page() {
    let at = magic().await;
    let issued = by_password(&at, APP, SECRET, ALICE, PASSWORD).await;
    assert_eq!(claims(&issued.text("id_token"))["sub"], ALICE);
    let wrong = by_password(&at, APP, SECRET, ALICE, "wrong").await;
    is_error(&wrong, 401, "invalid_grant");
    assert_eq!(by_password(&at, APP, SECRET, "nobody", "wrong").await.body, wrong.body);
    at.app.change_user(BOB, |user| user.disabled_at = Some(Timestamp(1))).await;
    assert_eq!(by_password(&at, APP, SECRET, BOB, PASSWORD).await.body, wrong.body);
    for _ in 0..9 {
        by_password(&at, APP, SECRET, ALICE, "wrong").await;
    }
    assert_eq!(by_password(&at, APP, SECRET, ALICE, PASSWORD).await.status, 429);
    assert_eq!(at.app.browser().sign_in_with(ALICE, PASSWORD).await.status, 429, "the page counts the same");
}

#[tokio::test]
async fn mcs_07_nobodys_password_is_no_grant_and_neither_is_one_in_the_form() {
    let at = magic().await;
    let own = format!("grant_type=client_credentials&client_id={APP}");
    is_error(&token(&at, SECRET, &own).await, 400, "invalid_request");
    let form = format!("{own}&username={ALICE}&password={}", PASSWORD.replace(' ', "+"));
    is_error(&token(&at, SECRET, &form).await, 400, "invalid_request");
    let form = form.replace("client_credentials", "password");
    is_error(&token(&at, SECRET, &form).await, 400, "unsupported_grant_type");
    // Basic is a person here: a client's own secret is not looked for in it.
    let headers = [("authorization", &*basic(WEB, &secret_of(WEB)))];
    let target = format!("/api/token?grant_type=client_credentials&client_id={WEB}");
    let unshown = at.send("POST", &target, &headers, "").await;
    is_error(&unshown, 401, "invalid_client");
    // So it is not asked for, where the client is not shown.
    assert_eq!(unshown.header("www-authenticate"), None);
    let wrong = by_password(&at, APP, "another secret", ALICE, PASSWORD).await;
    is_error(&wrong, 401, "invalid_client");
    assert_eq!(wrong.header("www-authenticate"), None);
    // The person is.
    let wrong = by_password(&at, APP, SECRET, ALICE, "another password").await;
    assert_eq!(wrong.status, 401, "{}", wrong.body);
    assert!(wrong.header("www-authenticate").is_some_and(|asked| asked.starts_with("Basic ")));
}

/// Who is named in two ways is named in none.
#[tokio::test]
async fn mcs_07_a_person_in_the_header_is_the_only_one() {
    let at = magic().await;
    let person = format!("Basic {}", base64(format!("{BOB}:{PASSWORD}").as_bytes()));
    let headers = [
        ("authorization", person.as_str()),
        ("x-auth-secret", SECRET),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let own = format!("grant_type=client_credentials&client_id={APP}");
    for other in [format!("username={ALICE}&password=x"), format!("username={BOB}"), "password=x".to_owned()]
    {
        let reply = at.send("POST", "/api/token", &headers, &format!("{own}&{other}")).await;
        is_error(&reply, 400, "invalid_request");
    }
    assert_eq!(at.app.rows("grants").await, 0);
    assert_eq!(at.send("POST", "/api/token", &headers, &own).await.status, 200);
}

#[tokio::test]
async fn mcs_08_permanent_is_who_gets_more_time_and_while_they_do() {
    let at = magic().await;
    at.app.change_client(APP, permanent).await;
    let long = by_password(&at, APP, SECRET, ALICE, PASSWORD).await.text("id_token");
    let other = by_password(&at, WEB, &secret_of(WEB), ALICE, PASSWORD).await.text("id_token");
    let said = claims(&long);
    assert_eq!(
        said["exp"].as_i64().zip(said["iat"].as_i64()).map(|(exp, iat)| exp - iat),
        Some(86_400 * 60),
        "no longer than its grant"
    );
    at.app.advance_s(901);
    assert_eq!((guard(&at, &long).await, guard(&at, &other).await), (200, 401));
    // Row CI-007: at once, and not at the end of what it says.
    at.app.change_client(APP, |client| client.lifetimes.id_token_s = 900).await;
    assert_eq!((guard(&at, &long).await, validate(&at, &long).await), (401, 401));
    at.app.change_client(APP, |client| client.lifetimes.id_token_s = 86_400).await;
    assert_eq!(guard(&at, &long).await, 200);
    at.app.change_user(ALICE, |user| user.disabled_at = Some(Timestamp(1))).await;
    assert_eq!(guard(&at, &long).await, 401);
    at.app.change_user(ALICE, |user| user.disabled_at = None).await;
    assert_eq!(with_token(&at, "POST", "/api/signout", "Token", &long).await.status, 204);
    assert_eq!(guard(&at, &long).await, 401);
}

/// By whoever administers the tenant, too: the consent that it came of, or that grant alone.
#[tokio::test]
async fn mcs_08_an_administrator_takes_a_permanent_token_back() {
    let at = Speaker::of("magic").await;
    mounted(&at).await;
    at.app.change_client(APP, permanent).await;
    at.app.change_client(APP, |client| client.first_party = false).await;
    for (list, others) in [("grants", 200), ("consents", 401)] {
        let (browser, mut tokens) = (at.signed_in(ALICE).await, Vec::new());
        for _ in 0..2 {
            let mut asked = at.get(&browser, AUTHORIZE).await;
            if asked.status == 200 {
                asked = browser.submit(&Page::of(asked), &[("action", "allow")]).await;
            }
            let code = asked.param("code").expect("a code");
            tokens.push(token(&at, SECRET, &for_code(&code)).await.text("id_token"));
            at.app.advance_s(1);
        }
        at.app.advance_s(901);
        assert_eq!((guard(&at, &tokens[0]).await, guard(&at, &tokens[1]).await), (200, 200));
        end_newest(&at.app, list, APP).await;
        assert_eq!((guard(&at, &tokens[0]).await, guard(&at, &tokens[1]).await), (others, 401), "{list}");
        assert_eq!(validate(&at, &tokens[1]).await, 401);
    }
}

#[tokio::test]
async fn mcs_09_an_id_token_opens_the_apis_of_its_client_here_and_nothing_else() {
    let at = magic().await;
    let id_token = by_password(&at, APP, SECRET, ALICE, PASSWORD).await.text("id_token");
    let passed = with_token(&at, "GET", GUARD, "Token", &id_token).await;
    assert_eq!(passed.status, 200, "{}", passed.body);
    assert_eq!(passed.header("doorward-user"), Some(doorward_tests::user_id(ALICE).as_str()));
    assert_eq!(passed.header("doorward-client"), Some(APP));
    // Another scheme, another API, another issuer, and all that is no ID token of this one.
    assert_eq!(with_token(&at, "GET", GUARD, "Bearer", &id_token).await.status, 401);
    let rs2 = GUARD.replace("rs1", "rs2");
    assert_eq!(with_token(&at, "GET", &rs2, "Token", &id_token).await.status, 401);
    for scheme in ["Token", "Bearer"] {
        let shown = format!("{scheme} {id_token}");
        let asked =
            [("authorization", &*shown), ("x-original-method", "GET"), ("x-original-uri", "/projects")];
        assert_eq!(at.app.get(GUARD, &asked).await.status, 401, "{scheme}");
        assert_eq!(at.app.get("/userinfo", &asked[..1]).await.status, 401, "{scheme}");
    }
    let standard = at.app.tokens(doorward_tests::SPA, &[("scope", "openid rs1:read")]).await;
    for foreign in [standard.text("access_token"), standard.text("id_token"), unsigned(&id_token), "x".into()]
    {
        assert_eq!(guard(&at, &foreign).await, 401, "{foreign}");
        assert_eq!(validate(&at, &foreign).await, 401, "{foreign}");
    }
    // Scopes are asked for as of any token.
    at.app.guarded(json!([{ "path": "/projects", "scopes": ["rs1:read"] }]), false).await;
    assert_eq!(guard(&at, &id_token).await, 403);
    let all = format!("grant_type=client_credentials&client_id={APP}&scope=openid+rs1%3Aread");
    let person = format!("Basic {}", base64(format!("{ALICE}:{PASSWORD}").as_bytes()));
    let headers = [
        ("authorization", person.as_str()),
        ("x-auth-secret", SECRET),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let more = at.send("POST", "/api/token", &headers, &all).await.text("id_token");
    assert_eq!(guard(&at, &more).await, 200);
    // Their clients ask for `openid` alone: what the client gets by default it has beside that, as far as the person may.
    at.app
        .change_client(APP, |client| client.default_scopes = Scopes::parse("rs1:read").expect("scopes"))
        .await;
    let browser = at.signed_in(ALICE).await;
    let coded = token(&at, SECRET, &for_code(&code(&at, &browser).await)).await;
    let refreshed = token(&at, SECRET, &for_refresh(&coded.text("refresh_token"))).await;
    let by_password = by_password(&at, APP, SECRET, ALICE, PASSWORD).await;
    for issued in [&coded, &refreshed, &by_password] {
        assert_eq!(guard(&at, &issued.text("id_token")).await, 200, "{}", issued.body);
    }
    // What the client may have is asked at each request.
    at.app.change_client(APP, |client| client.scopes = Scopes::parse("openid").expect("scopes")).await;
    assert_eq!(guard(&at, &more).await, 403);
    at.app.change_client(APP, |client| client.apis.clear()).await;
    assert_eq!(guard(&at, &more).await, 401);
    at.app.change_client(APP, as_theirs).await;
    at.app.change_client(APP, |client| client.issuers = [format!("iss-{T1}").as_str().into()].into()).await;
    assert_eq!(guard(&at, &more).await, 401);
}

#[tokio::test]
async fn nothing_is_made_or_spent_for_a_token_that_nobody_gets() {
    let at = magic().await;
    let apis = at.app.store.apis(&T1.into()).await.expect("APIs can be read");
    let opaque = apis.into_iter().map(|api| Effect::PutApi(Api { token_format: TokenFormat::Opaque, ..api }));
    at.app.commit(opaque.collect()).await;
    let browser = at.signed_in(ALICE).await;
    let code = code(&at, &browser).await;
    let rows = at.app.rows("tickets").await;
    let issued = token(&at, SECRET, &for_code(&code)).await;
    let refreshed = token(&at, SECRET, &for_refresh(&issued.text("refresh_token"))).await;
    let shown = by_password(&at, APP, SECRET, ALICE, PASSWORD).await;
    for reply in [&issued, &refreshed, &shown] {
        assert!(reply.status == 200 && reply.json().get("access_token").is_none(), "{}", reply.body);
        assert_eq!(claims(&reply.text("id_token")).get("at_hash"), None, "there is none beside it");
    }
    assert_eq!(at.app.rows("tickets").await, rows, "no access token is kept");
    // Who may have no ID token gets nothing, and what they came with is not used up.
    let state = async || (at.app.rows("tickets").await, at.app.rows("grants").await);
    let before = state().await;
    at.app.change_client(APP, |client| client.scopes = Scopes::parse("rs1:read").expect("scopes")).await;
    let newest = refreshed.text("refresh_token");
    assert_eq!(token(&at, SECRET, &for_refresh(&newest)).await.status, 400);
    assert_eq!(by_password(&at, APP, SECRET, ALICE, PASSWORD).await.status, 400);
    assert_eq!(state().await, before);
    at.app.change_client(APP, as_theirs).await;
    let again = token(&at, SECRET, &for_refresh(&newest)).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let events = at.app.events().await;
    assert!(events.iter().all(|event| event.kind != EventKind::RefreshRetried), "it was not spent");
}

/// The same token with another signature.
pub fn tampered(token: &str) -> String {
    let (head, rest) = token.split_at(token.len() - 9);
    let other = if rest.starts_with('x') { 'y' } else { 'x' };
    format!("{head}{other}{}", &rest[1..])
}

/// The same token, said to need no signature.
pub fn unsigned(token: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[0] = doorward_crypto::base64url::encode(br#"{"alg":"none","typ":"JWT"}"#);
    parts[2] = String::new();
    parts.join(".")
}

/// An administrator asks why as of an access token.
#[tokio::test]
async fn mcs_09_an_id_token_is_explained_as_what_it_is_at_its_apis() {
    let at = magic().await;
    at.app
        .change_client(APP, |client| client.default_scopes = Scopes::parse("rs1:read").expect("scopes"))
        .await;
    let token = by_password(&at, APP, SECRET, ALICE, PASSWORD).await.text("id_token");
    let admin = Admin::with(&at.app, "asker", &every_scope()).await;
    let ask = async || admin.json("POST", "/tenants/t1/explain", json!({ "token": token })).await.json();
    let told = ask().await;
    assert_eq!(
        (&told["client"], &told["user"]),
        (&json!(APP), &json!(doorward_tests::user_id(ALICE))),
        "{told}"
    );
    assert_eq!((&told["alive"], &told["scope"]), (&json!(true), &json!("openid rs1:read")));
    at.app.change_client(APP, |client| client.disabled_at = Some(Timestamp(1))).await;
    assert_eq!(ask().await["alive"], false);
}

#[tokio::test]
async fn mcs_10_validate_tells_what_lives_and_signout_ends_it_with_its_session() {
    let at = magic().await;
    let browser = at.signed_in(ALICE).await;
    let issued = token(&at, SECRET, &for_code(&code(&at, &browser).await)).await;
    let (id_token, refresh) = (issued.text("id_token"), issued.text("refresh_token"));
    // Our own contract: whose it is, for whom, and until when.
    let exp = claims(&id_token)["exp"].clone();
    for method in ["GET", "POST"] {
        let told = with_token(&at, method, "/api/validate", "Token", &id_token).await;
        assert_eq!((told.status, told.json()), (200, json!({ "sub": ALICE, "aud": APP, "exp": exp })));
    }
    let tampered = tampered(&id_token);
    let dead = with_token(&at, "GET", "/api/validate", "Token", &tampered).await;
    is_error(&dead, 401, "invalid_token");
    assert!(!dead.body.contains(ALICE), "{}", dead.body);
    assert_eq!(with_token(&at, "GET", "/api/signout", "Token", &id_token).await.status, 405);
    assert_eq!(with_token(&at, "POST", "/api/signout", "Token", &tampered).await.status, 401);
    let fresh = token(&at, SECRET, &for_refresh(&refresh)).await.text("refresh_token");
    at.app.advance_s(901);
    assert_eq!(validate(&at, &id_token).await, 401, "it has expired");
    let expired = with_token(&at, "POST", "/api/signout", "Token", &id_token).await;
    assert_eq!(expired.status, 401, "it signed out once");
    assert_eq!(at.get(&browser, "/account").await.status, 200, "the session stands");

    let issued = token(&at, SECRET, &for_refresh(&fresh)).await;
    let (id_token, refresh) = (issued.text("id_token"), issued.text("refresh_token"));
    assert_eq!(with_token(&at, "POST", "/api/signout", "Token", &id_token).await.status, 204);
    assert_eq!((validate(&at, &id_token).await, guard(&at, &id_token).await), (401, 401));
    is_error(&token(&at, SECRET, &for_refresh(&refresh)).await, 400, "invalid_grant");
    assert_eq!(at.get(&browser, "/account").await.status, 303, "the session is over");
    assert_eq!(with_token(&at, "POST", "/api/signout", "Token", &id_token).await.status, 401);
}

#[tokio::test]
async fn mcs_11_an_id_token_in_the_fragment_is_for_who_is_registered_for_it() {
    let at = magic().await;
    let browser = at.signed_in(ALICE).await;
    let ask = AUTHORIZE.replace("=code", "=id_token");
    let with_nonce = format!("{ask}&nonce=n");
    let refused = at.get(&browser, &with_nonce).await.location();
    assert!(refused.contains("#error=unauthorized_client"), "{refused}");
    at.app
        .change_client(APP, |client| {
            client.grant_types.insert("implicit".to_owned());
        })
        .await;
    let refused = at.get(&browser, &ask).await.location();
    assert!(refused.contains("#error=invalid_request"), "{refused}");
    let given = at.get(&browser, &with_nonce).await.location();
    let id_token = given.split_once("#id_token=").expect("a token").1.split('&').next().unwrap_or_default();
    assert_eq!((claims(id_token)["nonce"].as_str(), guard(&at, id_token).await), (Some("n"), 200));
    at.app.change_client(APP, |client| client.legacy = [Legacy::ImplicitWithoutNonce].into()).await;
    assert!(at.get(&browser, &ask).await.location().contains("#id_token="));
}

#[tokio::test]
async fn mcs_12_parameters_may_stand_in_the_query_and_secrets_may_not() {
    let at = magic().await;
    let mark = Logs::mark();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-auth-secret", SECRET)];
    for secret in ["code", "refresh_token", "password", "client_secret"] {
        let target =
            format!("/api/token?grant_type=refresh_token&client_id={APP}&{secret}=canary-of-a-query");
        for body in ["", "scope=openid"] {
            is_error(&at.send("POST", &target, &headers, body).await, 400, "invalid_request");
        }
    }
    // A code that others log is not taken, and is not used up by it.
    let browser = at.signed_in(ALICE).await;
    let form = for_code(&code(&at, &browser).await);
    is_error(&at.send("POST", &format!("/api/token?{form}"), &headers, "").await, 400, "invalid_request");
    // Nor is one beside somebody's password: who asks shows itself in one way.
    let with_person = [headers[0], headers[1], ("authorization", &*basic(ALICE, PASSWORD))];
    let in_two_ways = at.send("POST", "/api/token", &with_person, &form).await;
    is_error(&in_two_ways, 400, "invalid_request");
    assert_eq!(token(&at, SECRET, &form).await.status, 200);
    // Row CI-004: in both places, and not the same.
    is_error(&in_both(&at, WEB).await, 400, "invalid_request");
    is_error(&in_both(&at, APP).await, 400, "invalid_grant");
    // Nor is one that comes twice in one place, and it is told as that.
    let twice = format!("client_id={APP}&client_id={APP}&grant_type=client_credentials");
    for (target, body) in [(format!("/api/token?{twice}"), ""), ("/api/token".to_owned(), twice.as_str())] {
        let reply = at.send("POST", &target, &with_person, body).await;
        is_error(&reply, 400, "invalid_request");
        assert_eq!(reply.json()["error_description"], "a parameter is repeated");
    }
    assert_eq!(by_password(&at, APP, SECRET, ALICE, PASSWORD).await.status, 200);
    let logged = Logs::since(mark);
    assert!(logged.contains("request.secret_in_query"), "what is refused is logged, by its reason: {logged}");
    assert!(!logged.contains("canary-of-a-query") && !logged.contains(SECRET), "{logged}");
    assert!(!logged.contains(&base64(format!("{ALICE}:{PASSWORD}").as_bytes())));
}

/// A refresh by APP that says in its body that it is by `client`.
pub async fn in_both(at: &Speaker, client: &str) -> Reply {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-auth-secret", SECRET)];
    let target = format!("/api/token?client_id={APP}&grant_type=refresh_token");
    at.send("POST", &target, &headers, &format!("client_id={client}&refresh_token=x")).await
}
