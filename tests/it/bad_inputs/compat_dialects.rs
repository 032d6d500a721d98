//! Bad inputs: the contracts of other systems.

use std::sync::Arc;

use doorward_core::Timestamp;
use doorward_core::model::Client;
use doorward_tests::{ALICE, PASSWORD, Reply, SPA, WEB, basic, secret_of};
use serde_json::json as value;

use super::steps::signed_in;
use super::{Case, bearer, json, page, rows, status};
use crate::reference::magic::{APP, GUARD, SECRET};
use crate::reference::{Speaker, ez_publish, magic, smartenit, speak};

rows![
    fresh ci_002, fresh ci_003, fresh ci_004, fresh ci_005, fresh ci_006, fresh ci_007, fresh ci_009, fresh ci_010,
    fresh ci_011, fresh ci_012, fresh ci_013, fresh ci_014, fresh ci_015, fresh ci_016, fresh ci_017,
];

const DIALOG: &str = "/sm/v2/oauth2/dialog?response_type=token&client_id=web&state=st4te";

/// A tenant that speaks Smartenit's contract, to WEB as one of their applications.
pub async fn theirs(case: &Case) {
    case.app.extend().await;
    speak(&case.app, "smartenit").await;
    case.app.change_client(WEB, smartenit::as_theirs).await;
}

/// A request to their token endpoint.
pub async fn token(case: &Case, body: serde_json::Value) -> Reply {
    let headers = [("content-type", "application/json")];
    case.app.send("POST", "/sm/v2/oauth2/token", &headers, &body.to_string()).await
}

/// Somebody's password, by the application.
pub async fn by_password(case: &Case, user: &str, password: &str) -> Reply {
    token(case, smartenit::by_password(user, password)).await
}

/// The server also speaks Magic's contract, with its secret.
pub async fn magics(case: &Case) -> Speaker {
    case.app.extend().await;
    magic::on(Arc::clone(&case.app)).await
}

/// The server also speaks eZ Publish's.
async fn ez(case: &Case) -> Speaker {
    case.app.extend().await;
    ez_publish::on(Arc::clone(&case.app)).await
}

/// The shared secret, by a client that does not list the issuer, and by nobody.
async fn ci_002(case: &Case) {
    let at = magics(case).await;
    case.app.change_client(APP, |client| client.issuers = ["iss-t1".into()].into()).await;
    for client in [APP, "nobody"] {
        let asked = magic::by_password(&at, client, SECRET, ALICE, PASSWORD);
        case.expect(json(400, "unauthorized_client").event("client.unlisted"), asked).await;
    }
    case.app.change_client(APP, |client| client.issuers = ["magic".into()].into()).await;
    assert_eq!(magic::by_password(&at, APP, SECRET, ALICE, PASSWORD).await.status, 200);
}

/// A wrong password counts as one does on the page, and the page counts those.
async fn ci_003(case: &Case) {
    let at = magics(case).await;
    for _ in 0..10 {
        let asked = magic::by_password(&at, APP, SECRET, ALICE, "wrong");
        case.expect(json(401, "invalid_grant").recorded("sign_in.failed"), asked).await;
    }
    for password in ["wrong", PASSWORD] {
        let asked = magic::by_password(&at, APP, SECRET, ALICE, password);
        case.expect(status(429).event("sign_in.throttled"), asked).await;
    }
    assert_eq!(case.app.browser().sign_in_with(ALICE, PASSWORD).await.status, 429);
}

/// Another client in the query than in the body.
async fn ci_004(case: &Case) {
    let at = magics(case).await;
    let refused = json(400, "invalid_request").event("request.parameter_repeated");
    case.expect(refused, magic::in_both(&at, WEB)).await;
    case.expect(json(400, "invalid_grant").event("refresh.unknown"), magic::in_both(&at, APP)).await;
}

/// What is not alive here is told as that, with nothing that it says.
async fn ci_005(case: &Case) {
    let at = magics(case).await;
    let issue = async || magic::by_password(&at, APP, SECRET, ALICE, PASSWORD).await.text("id_token");
    let old = issue().await;
    case.app.advance_s(900);
    let foreign = case.app.tokens(SPA, &[("scope", "openid rs1:read")]).await;
    let living = issue().await;
    for (token, reason) in [
        (old, "bearer.expired"),
        (foreign.text("id_token"), "bearer.revoked"),
        (foreign.text("access_token"), "bearer.revoked"),
        (magic::tampered(&living), "bearer.revoked"),
        (magic::unsigned(&living), "bearer.revoked"),
        ("nonsense".to_owned(), "bearer.revoked"),
    ] {
        for method in ["GET", "POST"] {
            let asked = magic::with_token(&at, method, "/api/validate", "Token", &token);
            let told = case.expect(json(401, "invalid_token").event(reason), asked).await;
            for claim in [ALICE, APP, "\"sub\"", "\"exp\""] {
                assert!(!told.body.contains(claim), "{claim}: {}", told.body);
            }
        }
    }
    let told = magic::with_token(&at, "GET", "/api/validate", "Token", &living).await;
    assert_eq!((told.status, told.json()["sub"].as_str()), (200, Some(ALICE)));
}

/// An ID token opens the APIs of its own client, by their scheme, at their issuer.
async fn ci_006(case: &Case) {
    let at = magics(case).await;
    case.app.change_client(WEB, |client| client.apis.clear()).await;
    let own = magic::by_password(&at, APP, SECRET, ALICE, PASSWORD).await.text("id_token");
    let of_another = magic::by_password(&at, WEB, &secret_of(WEB), ALICE, PASSWORD).await.text("id_token");
    let standard = case.app.tokens(SPA, &[("scope", "openid rs1:read")]).await.text("access_token");
    for (scheme, token, reason) in [
        ("Token", &of_another, "token.bad_aud"),
        ("Token", &standard, "bearer.revoked"),
        ("Bearer", &standard, "bearer.missing"),
        ("Bearer", &own, "bearer.missing"),
    ] {
        case.expect(status(401).event(reason), magic::with_token(&at, "GET", GUARD, scheme, token)).await;
    }
    // At the standard issuer theirs is no scheme, whatever is shown by it.
    for token in [&own, &standard] {
        let shown = format!("Token {token}");
        let asked =
            [("authorization", &*shown), ("x-original-method", "GET"), ("x-original-uri", "/projects")];
        case.expect(status(401).event("bearer.missing"), case.app.get(GUARD, &asked)).await;
    }
    assert_eq!(magic::with_token(&at, "GET", GUARD, "Token", &own).await.status, 200);
}

/// A client that had more time and has it no longer, a person who is off: at once. And no token outlives its grant.
async fn ci_007(case: &Case) {
    let at = magics(case).await;
    case.app.change_client(APP, magic::permanent).await;
    let issue = async || magic::by_password(&at, APP, SECRET, ALICE, PASSWORD).await.text("id_token");
    let passes = async |token: &str| magic::with_token(&at, "GET", GUARD, "Token", token).await;
    let first = issue().await;
    case.app.advance_s(60 * 86_400 - 1);
    assert_eq!(passes(&first).await.status, 200);
    case.app.advance_s(1);
    case.expect(status(401).event("bearer.expired"), passes(&first)).await;
    let second = issue().await;
    case.app.advance_s(901);
    assert_eq!(passes(&second).await.status, 200);
    case.app.change_client(APP, |client| client.lifetimes.id_token_s = 900).await;
    case.expect(status(401).event("bearer.expired"), passes(&second)).await;
    case.app.change_client(APP, magic::permanent).await;
    assert_eq!(passes(&second).await.status, 200);
    case.app.change_user(ALICE, |user| user.disabled_at = Some(Timestamp(1))).await;
    case.expect(status(401).event("bearer.revoked"), passes(&second)).await;
}

/// Tokens in the redirect, for a client that is not registered for them, or in the query.
async fn ci_009(case: &Case) {
    theirs(case).await;
    let browser = signed_in(case, ALICE).await;
    let sent_with = async |target: &str, error: &'static str, reason: &'static str| {
        let reply = case.expect(status(303).event(reason), browser.get(target)).await;
        let to = reply.location();
        assert!(to.starts_with(&format!("https://app.example/cb#error={error}&")), "{to}");
        assert!(to.contains("&state=st4te&") && !to.contains("access_token"), "{to}");
    };
    let query = format!("{DIALOG}&response_mode=query");
    sent_with(&query, "invalid_request", "authz.response_mode").await;
    let remove = |client: &mut Client| {
        client.grant_types.remove("implicit");
    };
    case.app.change_client(WEB, remove).await;
    sent_with(DIALOG, "unauthorized_client", "authz.grant_type").await;
}

/// A token in the fragment: in no part of an address that a server sees. That none is in a log is looked at after each row.
async fn ci_010(case: &Case) {
    theirs(case).await;
    let browser = signed_in(case, ALICE).await;
    let reply = browser.get(DIALOG).await;
    let location = reply.location();
    let (seen, fragment) = location.split_once('#').expect("a fragment");
    assert_eq!(seen, "https://app.example/cb");
    let token = fragment.split('&').find_map(|part| part.strip_prefix("access_token=")).expect("a token");
    let me = [("authorization", &*format!("Bearer {token}"))];
    assert_eq!(case.app.send("GET", "/sm/v2/users/me", &me, "").await.status, 200);
    // There it would be in every log on the way.
    let asked = format!("/sm/v2/users/me?access_token={token}");
    assert_eq!(case.app.send("GET", &asked, &[], "").await.status, 401);
}

/// A person who is wrong, known or not, behind a client that is right.
async fn ci_011(case: &Case) {
    theirs(case).await;
    let refused = || json(400, "invalid_grant");
    let wrong = case.expect(refused().recorded("sign_in.failed"), by_password(case, ALICE, "wrong")).await;
    let unknown =
        case.expect(refused().recorded("sign_in.unknown_name"), by_password(case, "x", PASSWORD)).await;
    assert_eq!(wrong.body, unknown.body);
}

/// A client's own token where a person's is needed.
async fn ci_012(case: &Case) {
    theirs(case).await;
    let body =
        value!({ "grant_type": "client_credentials", "client_id": WEB, "client_secret": secret_of(WEB) });
    let own = format!("Bearer {}", token(case, body).await.text("access_token"));
    let bearer = [("authorization", own.as_str())];
    let asked = case.app.send("GET", "/sm/v2/users/me", &bearer, "");
    case.expect(status(403).event("bearer.scope"), asked).await;
}

/// That a token has expired is told by their word where theirs is spoken, and by the standard's elsewhere.
async fn ci_013(case: &Case) {
    let at = ez(case).await;
    let of = ez_publish::pair(&at).await;
    let standard = case.app.tokens(SPA, &[("scope", "openid rs1:read")]).await.text("access_token");
    case.app.advance_s(3600);
    let theirs = case.expect(status(401).event("bearer.expired"), ez_publish::passes(&at, &of)).await;
    ez_publish::is_challenged(&theirs, "expired_token");
    let ours = case.app.userinfo(&standard);
    case.expect(bearer(401, "invalid_token").event("bearer.expired"), ours).await;
}

/// What is no one token after their scheme, and two of them.
async fn ci_014(case: &Case) {
    let at = ez(case).await;
    let of = ez_publish::pair(&at).await;
    let token = &of.access;
    let refused = |reason| status(400).or(status(401)).event(reason);
    for (malformed, reason) in [
        ("OAuth".to_owned(), "bearer.missing"),
        ("OAuth ".to_owned(), "bearer.unknown"),
        (format!("OAuth{token}"), "bearer.missing"),
        (format!("OAuth {token} {token}"), "bearer.unknown"),
        (format!("OAuth {token},{token}"), "bearer.unknown"),
        (format!("OAuth {token}, OAuth {token}"), "bearer.unknown"),
        (format!("OAuth \"{token}\""), "bearer.unknown"),
        (format!("OAuth oauth_token={token}"), "bearer.unknown"),
        (format!("Bearer {token}"), "bearer.missing"),
        (format!("OAuth {}", &token[1..]), "bearer.revoked"),
        (format!("OAuth {}", of.refresh), "bearer.revoked"),
    ] {
        case.expect(refused(reason), ez_publish::call(&at, &malformed)).await;
    }
    let shown = format!("OAuth {token}");
    let twice = [
        ("x-original-method", "GET"),
        ("x-original-uri", "/a"),
        ("authorization", shown.as_str()),
        ("authorization", shown.as_str()),
    ];
    let asked = at.send("GET", ez_publish::ASKED, &twice, "");
    case.expect(refused("bearer.malformed"), asked).await;
    at.app.guarded(value!([]), true).await;
    let target = format!("/a?oauth_token={token}");
    let asked = ez_publish::asked(&at, &target, &shown);
    case.expect(status(400).event("bearer.malformed"), asked).await;
    assert_eq!(ez_publish::passes(&at, &of).await.status, 200);
}

/// A refresh token of before, once its successor was used and it is too late for a lost answer: all of the grant ends.
async fn ci_015(case: &Case) {
    let at = ez(case).await;
    let first = ez_publish::pair(&at).await;
    let second = ez_publish::Pair::of(&ez_publish::refresh(&at, &first).await);
    let third = ez_publish::Pair::of(&ez_publish::refresh(&at, &second).await);
    case.app.advance_s(11);
    assert_eq!(ez_publish::passes(&at, &third).await.status, 200);
    let replayed =
        case.expect(status(400).recorded("refresh.replayed"), ez_publish::refresh(&at, &first)).await;
    ez_publish::is_plain(&replayed, "invalid_grant");
    let access = case.expect(status(401).event("bearer.revoked"), ez_publish::passes(&at, &third)).await;
    ez_publish::is_challenged(&access, "invalid_token");
    let rest = case.expect(status(400).recorded("grant.ended"), ez_publish::refresh(&at, &third)).await;
    ez_publish::is_plain(&rest, "invalid_grant");
}

/// A lifetime that the caller brings.
async fn ci_016(case: &Case) {
    let at = ez(case).await;
    let browser = at.signed_in(ALICE).await;
    ez_publish::says_its_own_expiry(&at, &browser).await;
}

/// A client at a contract that it does not speak, in either direction.
async fn ci_017(case: &Case) {
    theirs(case).await;
    let own = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &*basic(WEB, &secret_of(WEB))),
    ];
    let form = "grant_type=client_credentials";
    // Its path is not there at the standard issuer, and the standard path is not there at its own.
    case.expect(status(404), case.app.send("POST", "/v2/oauth2/token", &own, form)).await;
    case.expect(status(404), case.app.send("POST", "/sm/token", &own, form)).await;
    // One that lists no issuer is nobody there.
    case.app.change_client(WEB, |client| client.issuers.clear()).await;
    let refused = case.app.send("POST", "/sm/v2/oauth2/token", &own, form);
    case.expect(json(401, "invalid_client").event("client.issuer"), refused).await;
    let browser = signed_in(case, ALICE).await;
    case.expect(page(400).event("authz.unknown_client"), browser.get(DIALOG)).await;
    // What only the older contract has is asked of the standard one in vain.
    let password =
        format!("grant_type=password&username={ALICE}&password={}", "correct%20horse%20battery%20staple");
    let asked = case.app.send("POST", "/token", &own, &password);
    case.expect(json(400, "unsupported_grant_type").event("token.grant_type_unknown"), asked).await;
}
