//! What is no extension: machines, the command-line client, whoever asks who somebody is, and administrators who end sessions.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use doorward_core::model::Legacy;
use doorward_crypto::base64url;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::sign::sign;
use doorward_tests::{
    ALICE, ClientKey, M2M, NATIVE, PKJ, Page, Reply, assertion, basic, claims, encode, jose_header,
    private_keys, secret_of, user_id,
};
use serde_json::{Value, json};

use super::{console, is_error, is_page, redeem, tokens};
use crate::reference::Speaker;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn machine(at: &Speaker, headers: &[(&str, &str)], pairs: &[(&str, &str)]) -> Reply {
    let mut all = vec![FORM];
    all.extend_from_slice(headers);
    at.send("POST", "/api/m2m/oauth/token", &all, &encode(pairs)).await
}

/// What their command line asserts: for an hour, and for its own kind of audience.
pub fn asserted(at: &Speaker, jti: &str, change: impl FnOnce(&mut Value)) -> String {
    let now = at.app.clock.now().seconds();
    let mut claims = json!({
        "iss": PKJ,
        "sub": PKJ,
        "aud": "console-client-credentials",
        "jti": jti,
        "iat": now,
        "exp": now + 3600,
    });
    change(&mut claims);
    assertion(&claims)
}

fn by_key(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", PKJ),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("token_endpoint_auth_method", "private_key_jwt"),
    ]
}

#[tokio::test]
async fn mia_12_a_machine_shows_itself_by_its_secret() {
    let (at, _) = console().await;
    let grant = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    let reply = machine(&at, &[("authorization", &basic(M2M, &secret_of(M2M)))], &grant).await;
    let told = reply.json();
    assert_eq!((reply.status, told["token_type"].as_str()), (200, Some("Bearer")), "{}", reply.body);
    assert!(told["expires_in"].is_u64() && told["refresh_token"].is_null(), "{}", reply.body);
    assert_eq!(claims(&reply.text("access_token"))["sub"], M2M);
    is_error(&machine(&at, &[("authorization", &basic(M2M, "wrong"))], &grant).await, 401);
    is_error(&machine(&at, &[("authorization", &basic("nobody", "wrong"))], &grant).await, 401);
    is_error(&machine(&at, &[], &grant).await, 401);
    let other = [("grant_type", "authorization_code"), ("code", "x"), ("state", "s")];
    is_error(&machine(&at, &[("authorization", &basic(M2M, &secret_of(M2M)))], &other).await, 400);
}

#[tokio::test]
async fn mia_12_a_machine_shows_itself_by_a_key_and_each_assertion_counts_once() {
    let (at, _) = console().await;
    let made = asserted(&at, "jti-1", |_| {});
    let reply = machine(&at, &[], &by_key(&made)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(claims(&reply.text("access_token"))["sub"], PKJ);
    is_error(&machine(&at, &[], &by_key(&made)).await, 401);
    assert_eq!(at.app.recorded("assertion.replayed").await, 1);
    let now = at.app.clock.now().seconds();
    let wrong: [fn(&mut Value, i64); 4] = [
        |claims, _| claims["aud"] = json!("https://elsewhere.example"),
        |claims, _| claims["iss"] = json!("somebody"),
        |claims, now| claims["exp"] = json!(now + 7200),
        |claims, now| claims["exp"] = json!(now - 60),
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let made = asserted(&at, &format!("wrong-{number}"), |claims| change(claims, now));
        is_error(&machine(&at, &[], &by_key(&made)).await, 401);
    }
    // What is not whole is no failed attempt.
    let fresh = asserted(&at, "jti-2", |_| {});
    for missing in [
        &["client_id"][..],
        &["client_assertion_type"],
        &["client_assertion"],
        &["client_assertion", "client_assertion_type"],
    ] {
        let mut pairs = by_key(&fresh);
        pairs.retain(|(name, _)| !missing.contains(name));
        let reply = machine(&at, &[], &pairs).await;
        is_error(&reply, 403);
        let what = format!("{} is missing or unknown", missing[0]);
        assert_eq!(reply.json()["message"], what.as_str());
    }
    let reply = machine(&at, &[], &by_key(&fresh)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// Theirs sign by RSA, and say by which key.
#[tokio::test]
async fn mia_12_an_assertion_is_signed_by_rs256() {
    let (at, _) = console().await;
    let (_, pkcs8) = private_keys().iter().find(|(known, _)| *known == Algorithm::Rs256).expect("a key");
    let key = SigningKey::from_pkcs8("rsa-1", Algorithm::Rs256, pkcs8).expect("a key");
    let claims = |jti: &str| claims(&asserted(&at, jti, |_| {})).to_string();
    let signed = |jti: &str| sign(&key, "JWT", claims(jti).as_bytes());
    // One that is not registered yet signs nothing.
    is_error(&machine(&at, &[], &by_key(&signed("jti-1"))).await, 401);
    let set = format!("{{\"keys\":[{}]}}", key.public_jwk().to_json());
    at.app.change_client(PKJ, |client| client.jwks = Some(set)).await;
    let made = signed("jti-2");
    let head = jose_header(&made);
    assert_eq!((head["alg"].as_str(), head["kid"].as_str()), (Some("RS256"), Some("rsa-1")));
    let issued = machine(&at, &[], &by_key(&made)).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    is_error(&machine(&at, &[], &by_key(&made)).await, 401);
    let (head, rest) = made.rsplit_once('.').expect("a signature");
    let forged = format!("{head}.{}", rest.chars().rev().collect::<String>());
    is_error(&machine(&at, &[], &by_key(&forged.replace("jti-2", "jti-3"))).await, 401);
    is_error(&machine(&at, &[], &by_key(&asserted(&at, "jti-4", |_| {}))).await, 401);
}

/// A machine's token is one of this contract, however it showed itself; what it may do is said by its scopes.
#[tokio::test]
async fn mia_12_a_machines_token_is_signed_and_meant_as_any_other() {
    let (at, _) = console().await;
    let by_secret = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    let asserted = asserted(&at, "jti-1", |_| {});
    let (own, none) = (basic(M2M, &secret_of(M2M)), []);
    let (shown, by_key) = ([("authorization", &*own)], by_key(&asserted));
    let keys = at.send("GET", "/jwks", &[], "").await.json();
    for reply in [machine(&at, &shown, &by_secret).await, machine(&at, &none, &by_key).await] {
        assert_eq!(reply.status, 200, "{}", reply.body);
        let (head, said) = (jose_header(&reply.text("access_token")), claims(&reply.text("access_token")));
        assert_eq!(head["alg"], "RS256");
        let known = keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == head["kid"]);
        assert!(known.is_some(), "{head} is not among {keys}");
        assert!(said["aud"].as_array().is_some_and(|names| names.len() == 1), "{said}");
        assert_eq!(said["permissions"], Value::Null);
    }
    // The specifications write one as it is, and sign it by what its API asks for.
    let standard = at.app.post_form("/token", &by_secret, &shown).await.text("access_token");
    assert_eq!(jose_header(&standard)["alg"], "ES256");
    assert!(claims(&standard)["aud"].is_string(), "{}", claims(&standard));
}

/// Which key signs an assertion is said, though the client has but one.
#[tokio::test]
async fn mia_12_an_assertion_names_its_key() {
    let (at, _) = console().await;
    let named = asserted(&at, "jti-1", |_| {});
    is_error(&machine(&at, &[], &by_key(&without_kid(&named))).await, 401);
    assert_eq!(at.app.recorded("assertion.malformed").await, 1);
    assert_eq!(machine(&at, &[], &by_key(&named)).await.status, 200);
    // At the standard issuer a client with one key need not.
    let short = asserted(&at, "jti-2", |claims| {
        claims["aud"] = json!("https://id.example");
        claims["exp"] = json!(claims["iat"].as_i64().expect("seconds") + 60);
    });
    let short = without_kid(&short);
    let mut pairs = by_key(&short);
    pairs.pop();
    assert_eq!(at.app.post_form("/token", &pairs, &[]).await.status, 200);
}

/// The same claims, under a header without `kid`.
fn without_kid(token: &str) -> String {
    let claims = token.split('.').nth(1).expect("claims");
    let signed = format!("{}.{claims}", base64url::encode(br#"{"alg":"ES256","typ":"JWT"}"#));
    let pkcs8 = ClientKey::private().pkcs8();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.expose()).expect("a key");
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
    format!("{signed}.{}", base64url::encode(signature.as_ref()))
}

/// Their audience and their hour are theirs alone.
#[tokio::test]
async fn mia_12_the_standard_issuer_takes_no_such_assertion() {
    let (at, _) = console().await;
    let made = asserted(&at, "jti-1", |_| {});
    let mut pairs = by_key(&made);
    pairs.pop();
    at.app.post_form("/token", &pairs, &[]).await.assert_error(401, "invalid_client");
    let long = asserted(&at, "jti-2", |claims| claims["aud"] = json!("https://id.example"));
    let mut pairs = by_key(&long);
    pairs.pop();
    at.app.post_form("/token", &pairs, &[]).await.assert_error(401, "invalid_client");
}

#[tokio::test]
async fn who_somebody_is_is_told_by_their_token() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let token = tokens(&at, &browser).await.text("accessToken");
    let bearer = format!("Bearer {token}");
    let reply = at.send("GET", "/api/userinfo", &[("authorization", &bearer)], "").await;
    let told = reply.json();
    assert_eq!((reply.status, told["userId"].as_str()), (200, Some(&*user_id(ALICE))), "{}", reply.body);
    assert!(told["name"].is_string() && told["email"].is_string() && told["groups"].is_array(), "{told}");
    for headers in [&[][..], &[("authorization", "Bearer nothing")], &[("x-access-token", token.as_str())]] {
        let reply = at.send("GET", "/api/userinfo", headers, "").await;
        let told = reply.json();
        assert_eq!((reply.status, told["description"].as_i64()), (401, Some(401)), "{}", reply.body);
        assert!(told["message"].is_string(), "{told}");
        assert!(reply.header("www-authenticate").is_some());
        is_error(&at.send("GET", "/tokeninfo", headers, "").await, 401);
    }
    // The same with the one provider that there is, whose token nobody has.
    let reply = at.send("GET", "/tokeninfo", &[("authorization", &bearer)], "").await;
    let mut told = told;
    let url = format!("https://id.example{}", at.mount);
    told["provider"] = json!({ "id": "local", "baseUrl": url, "userId": user_id(ALICE) });
    assert_eq!((reply.status, reply.json()), (200, told));
    // A machine's token is nobody's.
    let basic = basic(M2M, &secret_of(M2M));
    let own = machine(&at, &[("authorization", &basic)], &[("grant_type", "client_credentials")]).await;
    let bearer = format!("Bearer {}", own.text("access_token"));
    assert_eq!(at.send("GET", "/tokeninfo", &[("authorization", &bearer)], "").await.status, 403);
}

#[tokio::test]
async fn mia_13_ended_sessions_are_not_refreshed() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let issued = tokens(&at, &browser).await;
    let page = Page::of(at.get(&browser, "/account").await);
    browser.submit(&page, &[]).await;
    let refresh = json!({ "refreshToken": issued.text("refreshToken") });
    is_error(&at.json("POST", "/api/refreshtoken", refresh).await, 400);
    let bearer = format!("Bearer {}", issued.text("accessToken"));
    assert_eq!(at.send("GET", "/api/userinfo", &[("authorization", &bearer)], "").await.status, 401);
}

const BACK: &str = "http://127.0.0.1:53535/oauth/callback";

/// A Console with a command-line client of the platform's own.
pub async fn with_command_line() -> Speaker {
    let (at, _) = console().await;
    at.app
        .change_client(NATIVE, |client| {
            let back = doorward_wire::redirect_uri::RedirectUri::parse("http://127.0.0.1/oauth/callback");
            client.redirect_uris.push(back.expect("a URI"));
            client.legacy = [Legacy::UnauthenticatedCode].into();
            client.first_party = true;
        })
        .await;
    at
}

fn authorize(pairs: &[(&str, &str)]) -> String {
    format!("/api/authorize?{}", encode(pairs))
}

#[tokio::test]
async fn the_command_line_signs_in_over_a_port_of_its_own() {
    let at = with_command_line().await;
    let listed = at.send("GET", &format!("/api/apps/{NATIVE}/providers/"), &[], "").await.json();
    assert_eq!(
        (listed[0]["id"].as_str(), listed.as_array().map(Vec::len)),
        (Some("local"), Some(1)),
        "{listed}"
    );
    let browser = at.signed_in(ALICE).await;
    let target = authorize(&[("appId", NATIVE), ("providerId", "local"), ("redirect_uri", BACK)]);
    let reply = at.get(&browser, &target).await;
    let page = doorward_tests::Reply::location(&reply);
    assert!(page.starts_with(&format!("{BACK}?code=")), "{page}");
    // It sent no state, and is told the one that was made.
    let (code, state) = (reply.param("code").expect("a code"), reply.param("state").expect("a state"));
    assert!(state.len() >= 22, "{state}");
    is_error(&redeem(&at, json!({ "code": code, "state": "another" })).await, 400);
    let issued = redeem(&at, json!({ "code": code, "state": state })).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    let said = claims(&issued.text("accessToken"));
    assert_eq!(
        (said["client_id"].as_str(), said["user"]["userId"].as_str()),
        (Some(NATIVE), Some(&*user_id(ALICE)))
    );
    let refresh = json!({ "refreshToken": issued.text("refreshToken") });
    assert_eq!(at.json("POST", "/api/refreshtoken", refresh).await.status, 200);
    let own = authorize(&[("appId", NATIVE), ("redirect_uri", BACK), ("state", "mine")]);
    assert_eq!(at.get(&browser, &own).await.param("state").as_deref(), Some("mine"));
}

#[tokio::test]
async fn an_app_goes_back_only_to_where_it_is_registered() {
    let at = with_command_line().await;
    let browser = at.signed_in(ALICE).await;
    for (pairs, status) in [
        (&[("appId", NATIVE), ("redirect_uri", "http://127.0.0.1:53535/other")][..], 400),
        (&[("appId", NATIVE), ("redirect", "https://elsewhere.example/")], 400),
        (&[("appId", "nobody"), ("redirect_uri", BACK)], 400),
        (&[("appId", NATIVE)], 400),
        (&[("redirect_uri", BACK)], 400),
        (&[("appId", NATIVE), ("providerId", "github"), ("redirect_uri", BACK)], 400),
    ] {
        is_page(&at.get(&browser, &authorize(pairs)).await, status);
    }
    is_error(&at.send("GET", "/api/apps/nobody/providers/", &[], "").await, 404);
    // Who does not list the issuer is nobody here.
    let providers = format!("/api/apps/{NATIVE}/providers/");
    assert_eq!(at.send("GET", &providers, &[], "").await.status, 200);
    at.app.change_client(NATIVE, |client| client.issuers.clear()).await;
    is_error(&at.send("GET", &providers, &[], "").await, 404);
    at.app.change_client(NATIVE, |client| client.issuers = ["mia-platform".into()].into()).await;
    // Without the switch it uses PKCE, as every public client.
    at.app.change_client(NATIVE, |client| client.legacy.clear()).await;
    let reply =
        at.get(&browser, &authorize(&[("appId", NATIVE), ("redirect_uri", BACK), ("state", "s")])).await;
    assert_eq!(reply.param("error").as_deref(), Some("invalid_request"), "{}", reply.body);
    assert_eq!(at.app.rows("grants").await, 0);
}
