//! Bad inputs: client assertions (RFC 7523; RFC 8725). Rows of the area `client_auth`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use doorward_core::Effect;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::sign::sign;
use doorward_tests::{ClientKey, M2M, PKJ, Reply, TestApp, assertion, basic, encode, secret_of};
use doorward_web::fetch::Policy;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::forge::{header, hs256, signed, with_signature};
use super::race::{Racer, race, winners};
use super::steps::{apply_to, client_of, put};
use super::{Case, json as refused};

/// RFC 7523, section 2.2.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A new window for the limit on failures.
pub fn later(case: &Case) {
    case.app.advance_s(601);
}

/// Claims that are right.
fn claims(case: &Case) -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = case.app.clock.now().seconds();
    json!({
        "iss": PKJ, "sub": PKJ, "aud": "https://id.example", "iat": now, "exp": now + 60,
        "jti": format!("jti-canary-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
    })
}

/// An assertion that is right.
pub fn good(case: &Case) -> String {
    assertion(&claims(case))
}

/// The fields that bring an assertion.
pub fn fields(assertion: &str) -> [(&str, &str); 2] {
    [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]
}

async fn ask(case: &Case, assertion: &str) -> Reply {
    let form =
        [&[("grant_type", "client_credentials"), ("scope", "rs1:read")][..], &fields(assertion)].concat();
    case.app.post_form("/token", &form, &[]).await
}

/// That assertion is refused; the reason, where it is said.
async fn refuse(case: &Case, assertion: &str, reason: &'static str) {
    case.expect(refused(401, "invalid_client").event(reason), ask(case, assertion)).await;
}

/// Claims with one changed, or taken away when null.
fn with(case: &Case, name: &str, value: Value) -> Value {
    let mut claims = claims(case);
    let members = claims.as_object_mut().expect("claims are an object");
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    claims
}

pub async fn ca_018(case: &Case) {
    later(case);
    assert_eq!(ask(case, &good(case)).await.status, 200, "the base is right");
    let payload = || claims(case).to_string().into_bytes();
    let public = ClientKey::private().public_jwk().to_json();
    let spki = public.as_bytes();
    for algorithm in
        ["HS256", "HS384", "HS512", "none", "None", "nOnE", "", "RS1", "ES256K", "es256", "ES512", "A128GCM"]
    {
        let header = header(json!({ "alg": algorithm }));
        for key in [spki, b"", b"pkj-1", ClientKey::set().as_bytes()] {
            refuse(case, &hs256(&header, &payload(), key), "assertion.malformed").await;
        }
        refuse(case, &with_signature(&header, &payload(), b""), "assertion.malformed").await;
    }
    // The right name, and a signature that is none: zeros, the group's order, another curve's, another key's.
    let es256 = header(json!({}));
    for signature in
        [vec![0; 64], vec![0xff; 64], vec![1; 64], vec![0; 63], vec![0; 65], Vec::new(), vec![0x30; 70]]
    {
        let forged = with_signature(&es256, &payload(), &signature);
        case.expect(refused(401, "invalid_client"), ask(case, &forged)).await;
    }
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256] {
        let mine = SigningKey::generate(algorithm, "pkj-1").expect("a key can be made");
        refuse(case, &sign(&mine, "JWT", &payload()), "assertion.signature").await;
        // A key that the token brings along is never looked at.
        let public: Value = serde_json::from_str(&mine.public_jwk().to_json()).expect("a key is JSON");
        for more in [
            json!({ "jwk": public }),
            json!({ "jku": "https://evil.example/jwks" }),
            json!({ "x5u": "https://evil.example/x5u" }),
            json!({ "x5c": ["MIIB"] }),
        ] {
            let token = sign(&mine, "JWT", &payload());
            let (_, rest) = token.split_once('.').expect("three parts");
            let header = doorward_crypto::base64url::encode(header(more).as_bytes());
            refuse(case, &format!("{header}.{rest}"), "assertion.signature").await;
        }
    }
    for kid in ["../../../dev/null", "' OR '1'='1", "", "pkj-2", "\u{0}", &"k".repeat(2000)] {
        let expected = refused(401, "invalid_client");
        case.expect(expected, ask(case, &signed(&header(json!({ "kid": kid })), &payload()))).await;
        later(case);
    }
}

pub async fn ca_021(case: &Case) {
    later(case);
    for _ in 0..3 {
        let assertion = good(case);
        let form = [&[("grant_type", "client_credentials"), ("scope", "rs1:read")][..], &fields(&assertion)]
            .concat();
        let pairs = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let racer = Racer { path: "/token", headers: Vec::new(), form: pairs };
        let won = winners(race(case, 50, &racer).await, 401, "invalid_client");
        assert_eq!(won.len(), 1);
        refuse(case, &assertion, "assertion.replayed").await;
        // The same id at another endpoint is the same use.
        let elsewhere = [&[("token", "whatever-token")][..], &fields(&assertion)].concat();
        for path in ["/introspect", "/revoke"] {
            let expected = refused(401, "invalid_client").event("assertion.replayed");
            case.expect(expected, case.app.post_form(path, &elsewhere, &[])).await;
        }
        later(case);
    }
}

pub async fn ca_022(case: &Case) {
    later(case);
    for length in [257, 1000, 4000] {
        refuse(case, &assertion(&with(case, "jti", "j".repeat(length).into())), "assertion.malformed").await;
    }
    let huge = assertion(&with(case, "jti", "j".repeat(10_000).into()));
    case.expect(refused(401, "invalid_client").or(refused(400, "invalid_request")), ask(case, &huge)).await;
    let now = case.app.clock.now().seconds();
    for exp in [now + 631, now + 3600, now + 10 * 365 * 86_400, i64::MAX] {
        refuse(case, &assertion(&with(case, "exp", exp.into())), "assertion.times").await;
    }
    // Ten minutes counted from when it says to be made.
    let mut old = with(case, "iat", (now - 3600).into());
    old["exp"] = (now + 60).into();
    refuse(case, &assertion(&old), "assertion.times").await;
    // What is remembered is forgotten once no use of it could succeed.
    let before = case.rows().await["tickets"];
    for _ in 0..20 {
        assert_eq!(ask(case, &good(case)).await.status, 200);
    }
    assert_eq!(case.rows().await["tickets"], before + 20);
    case.app.advance_s(1200);
    let mut reaper = doorward_store::worker::reaper::Reaper::default();
    reaper.run_once(case.app.store.driver(), case.app.clock.now()).await.expect("it can be swept");
    assert!(case.rows().await["tickets"] <= before);
}

pub async fn ca_023(case: &Case) {
    later(case);
    for (claim, reason) in [
        ("jti", "assertion.malformed"),
        ("exp", "assertion.times"),
        ("aud", "assertion.bad_aud"),
        ("iss", "assertion.subject"),
        ("sub", "assertion.subject"),
    ] {
        refuse(case, &assertion(&with(case, claim, Value::Null)), reason).await;
        let mut null = claims(case);
        null[claim] = Value::Null;
        refuse(case, &assertion(&null), reason).await;
        // A jti is hashed, so that any text will do.
        let odd_text = if claim == "jti" { json!(0) } else { json!("\u{0}") };
        for odd in [json!(""), json!({}), json!([]), json!(true), json!(-1), json!(1e30), odd_text] {
            let reply = ask(case, &assertion(&with(case, claim, odd.clone()))).await;
            assert_eq!(
                (reply.status, reply.error().as_str()),
                (401, "invalid_client"),
                "{claim} {odd}: {}",
                reply.body
            );
        }
        later(case);
    }
    // iat may be left out (RFC 7523, section 3); a claim that stands twice is no claim.
    assert_eq!(ask(case, &assertion(&with(case, "iat", Value::Null))).await.status, 200);
    let twice = claims(case).to_string().replacen('{', "{\"sub\":\"pkj\",", 1);
    refuse(case, &signed(&header(json!({})), twice.as_bytes()), "assertion.malformed").await;
}

pub async fn ca_024(case: &Case) {
    later(case);
    for iss in ["evil", "web", "PKJ", "pkj ", "https://id.example", "pk\u{212a}"] {
        refuse(case, &assertion(&with(case, "iss", iss.into())), "assertion.subject").await;
        // Another subject is another client, whose key did not sign it, or which may not do so.
        let reply = ask(case, &assertion(&with(case, "sub", iss.into()))).await;
        assert_eq!((reply.status, reply.error().as_str()), (401, "invalid_client"), "{}", reply.body);
        let mut both = with(case, "iss", iss.into());
        both["sub"] = iss.into();
        let reply = ask(case, &assertion(&both)).await;
        assert_eq!((reply.status, reply.error().as_str()), (401, "invalid_client"), "{}", reply.body);
    }
    // A client_id beside it must say the same.
    let assertion = good(case);
    let form =
        [&[("grant_type", "client_credentials"), ("client_id", M2M)][..], &fields(&assertion)].concat();
    let expected = refused(400, "invalid_request").event("client.mismatch");
    case.expect(expected, case.app.post_form("/token", &form, &[])).await;
    assert_eq!(ask(case, &assertion).await.status, 200);
}

pub async fn ca_025(case: &Case) {
    later(case);
    for aud in [
        json!("https://evil.example/token"),
        json!("https://id.example.evil.example"),
        json!("https://id.example@evil.example/token"),
        json!("https://id.example/t/t2"),
        json!("https://id.example/t/t2/token"),
        json!("https://id.example/token/"),
        json!("https://id.example/token?x"),
        json!("https://id.example/authorize"),
        json!("HTTPS://ID.EXAMPLE"),
        json!("http://id.example"),
        json!("id.example"),
        json!("/token"),
        json!(PKJ),
        json!([]),
        json!(["https://evil.example"]),
        json!([["https://id.example"]]),
        json!({ "0": "https://id.example" }),
    ] {
        refuse(case, &assertion(&with(case, "aud", aud)), "assertion.bad_aud").await;
    }
    for aud in [json!("https://id.example"), json!("https://id.example/token"), json!(["https://id.example"])]
    {
        assert_eq!(ask(case, &assertion(&with(case, "aud", aud))).await.status, 200);
    }
    // What was meant for us is not taken by the other tenant's issuer.
    let assertion = good(case);
    let form = [&[("grant_type", "client_credentials")][..], &fields(&assertion)].concat();
    case.expect(refused(401, "invalid_client"), case.app.post_form("/t/t2/token", &form, &[])).await;
}

pub async fn ca_027(case: &Case) {
    later(case);
    for aud in [
        json!(["https://id.example", 7]),
        json!([7, "https://id.example"]),
        json!(["https://id.example", null]),
        json!(["https://id.example", {}]),
        json!(["https://id.example", ["https://id.example"]]),
        json!(7),
        json!(true),
        json!(1.5),
    ] {
        refuse(case, &assertion(&with(case, "aud", aud)), "assertion.bad_aud").await;
    }
}

pub async fn ca_028(case: &Case) {
    later(case);
    let now = case.app.clock.now().seconds();
    for (claim, bad) in [
        ("exp", vec![now - 61, now - 31, 0, -1, i64::MIN]),
        ("iat", vec![now + 61, now + 31, i64::MAX]),
        ("nbf", vec![now + 61, now + 31, i64::MAX]),
    ] {
        for time in bad {
            let mut claims = with(case, claim, time.into());
            if claim == "exp" {
                claims["iat"] = (now - 120).into();
            }
            refuse(case, &assertion(&claims), "assertion.times").await;
        }
    }
    // Thirty seconds of skew.
    for (claim, time) in [("exp", now - 30), ("iat", now + 30), ("nbf", now + 30)] {
        let mut claims = with(case, claim, time.into());
        if claim == "exp" {
            claims["iat"] = (now - 60).into();
        }
        assert_eq!(ask(case, &assertion(&claims)).await.status, 200, "{claim}");
    }
}

pub async fn ca_030(case: &Case) {
    later(case);
    let es256 = header(json!({}));
    let deep = "[".repeat(100_000);
    for payload in [
        "[]",
        "null",
        "7",
        "\"x\"",
        "",
        " ",
        "{",
        "{}x",
        "\u{feff}{}",
        "true",
        &deep[..4000],
        "{\"a\":{\"a\":",
    ] {
        refuse(case, &signed(&es256, payload.as_bytes()), "assertion.malformed").await;
    }
    refuse(case, &signed(&es256, b"\xff\xfe"), "assertion.malformed").await;
    let payload = claims(case).to_string();
    for header in [
        "null",
        "[]",
        "7",
        "\"x\"",
        "",
        "{}",
        "{\"alg\":null}",
        "{\"alg\":[\"ES256\"]}",
        "{\"alg\":\"ES256\",\"alg\":\"ES256\"}",
        &deep[..4000],
    ] {
        refuse(case, &signed(header, payload.as_bytes()), "assertion.malformed").await;
    }
    let right = good(case);
    let parts: Vec<&str> = right.split('.').collect();
    for text in [
        "x".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{right}."),
        format!("{right}.x"),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
        format!("{right}="),
        format!("{right} "),
        format!(" {right}"),
        right.replacen('.', "..", 1),
        format!("{}\n.{}.{}", parts[0], parts[1], parts[2]),
    ] {
        refuse(case, &text, "assertion.malformed").await;
    }
}

pub async fn ca_032(case: &Case) {
    later(case);
    for crit in [json!(["x"]), json!([]), json!(["exp"]), json!("x"), json!(null), json!(["alg"]), json!([7])]
    {
        let token = signed(&header(json!({ "crit": crit, "x": 1 })), claims(case).to_string().as_bytes());
        refuse(case, &token, "assertion.malformed").await;
    }
}

pub async fn ca_033(case: &Case) {
    later(case);
    for more in [
        json!({ "b64": false }),
        json!({ "b64": true }),
        json!({ "b64": false, "crit": ["b64"] }),
        json!({ "b64": null }),
    ] {
        refuse(case, &signed(&header(more), claims(case).to_string().as_bytes()), "assertion.malformed")
            .await;
    }
}

pub async fn ca_034(case: &Case) {
    later(case);
    for typ in [
        "at+jwt",
        "dpop+jwt",
        "logout+jwt",
        "application/at+jwt",
        "secevent+jwt",
        "token-introspection+jwt",
        "",
        "JOSE",
    ] {
        let token = signed(&header(json!({ "typ": typ })), claims(case).to_string().as_bytes());
        refuse(case, &token, "assertion.malformed").await;
    }
    for typ in [json!(7), json!(["JWT"]), json!(null)] {
        let token = signed(&header(json!({ "typ": typ })), claims(case).to_string().as_bytes());
        case.expect(refused(401, "invalid_client"), ask(case, &token)).await;
    }
    for typ in ["JWT", "client-authentication+jwt"] {
        let token = signed(&header(json!({ "typ": typ })), claims(case).to_string().as_bytes());
        assert_eq!(ask(case, &token).await.status, 200, "{typ}");
    }
    // Tokens of ours are none of a client's.
    let code = case.app.code(PKJ, &[]).await;
    let assertion = good(case);
    let form = code.form();
    let mut pairs: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pairs.extend(fields(&assertion));
    let tokens = case.app.post_form("/token", &pairs, &[]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    for token in [tokens.text("id_token"), tokens.text("access_token"), tokens.text("refresh_token")] {
        case.expect(refused(401, "invalid_client"), ask(case, &token)).await;
        let named =
            [("grant_type", "client_credentials"), ("client_id", PKJ), fields(&token)[0], fields(&token)[1]];
        let expected = refused(401, "invalid_client").or(refused(400, "invalid_request"));
        case.expect(expected, case.app.post_form("/token", &named, &[])).await;
    }
}

pub async fn ca_035(case: &Case) {
    later(case);
    let assertion = good(case);
    for kind in [
        "",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        "jwt-bearer",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ] {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", kind),
            ("client_assertion", assertion.as_str()),
        ];
        let expected = refused(400, "invalid_request").event("assertion.type");
        case.expect(expected, case.app.post_form("/token", &form, &[])).await;
    }
    let form =
        [("grant_type", "client_credentials"), ("client_id", PKJ), ("client_assertion_type", ASSERTION_TYPE)];
    let expected = refused(400, "invalid_request").event("assertion.type");
    case.expect(expected, case.app.post_form("/token", &form, &[])).await;
    assert_eq!(ask(case, &assertion).await.status, 200);
}

/// A client's key source that misbehaves: the client is refused, soon, and nobody else waits for it.
pub async fn ca_038(_: &Case) {
    // Nothing private is connected to, unless the operator said so.
    let case = Case::new(TestApp::new().await).await;
    let (url, visits) = serve(ok(&ClientKey::set()), Manner::Answers).await;
    keys_at(&case, &url).await;
    refuse(&case, &good(&case), "assertion.no_keys").await;
    assert_eq!(visits.load(Ordering::SeqCst), 0, "no outbound call");

    let policy = Policy {
        allow: vec!["127.0.0.0/8".parse().expect("a range")],
        total: Duration::from_millis(500),
        ..Policy::default()
    };
    let case = Case::new(TestApp::fetching(policy).await).await;
    // Down.
    keys_at(&case, "http://127.0.0.1:9/jwks").await;
    refuse(&case, &good(&case), "assertion.no_keys").await;
    // Slow: other clients are served meanwhile.
    let (url, _) = serve(Vec::new(), Manner::Hangs).await;
    keys_at(&case, &url).await;
    let slow = good(&case);
    let form = encode(&[&[("grant_type", "client_credentials")][..], &fields(&slow)].concat());
    let server = case.app.server().clone();
    let waiting = tokio::spawn(async move {
        use doorward_web::edge::Service;
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        Reply::from(server.call(doorward_tests::request("POST", "/token", &headers, &form)).await)
    });
    tokio::task::yield_now().await;
    let theirs = [("authorization", &*basic(M2M, &secret_of(M2M)))];
    for _ in 0..20 {
        let reply = case.app.post_form("/token", &[("grant_type", "client_credentials")], &theirs).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    waiting.await.expect("it ends").assert_error(401, "invalid_client");
    // Too big, announced and not; no key set; too many keys; a redirect.
    let many: Vec<Value> =
        (0..10_000).map(|n| json!({ "kty": "oct", "kid": format!("{n}"), "k": "AA" })).collect();
    let own: Value =
        serde_json::from_str(&ClientKey::private().public_jwk().to_json()).expect("a key is JSON");
    let some: Vec<Value> = (0..60).map(|_| own.clone()).collect();
    for answer in [
        format!("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n{}", " ".repeat(300_000)),
        format!("HTTP/1.1 200 OK\r\n\r\n{}{}", " ".repeat(300_000), ClientKey::set()),
        ok("[]"),
        ok("<html>"),
        ok(&json!({ "keys": many }).to_string()),
        ok(&json!({ "keys": some }).to_string()),
        format!("HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"),
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "garbage\r\n\r\n".to_owned(),
    ] {
        let (url, _) = serve(answer, Manner::Answers).await;
        keys_at(&case, &url).await;
        later(&case);
        refuse(&case, &good(&case), "assertion.no_keys").await;
    }
    // Keys that were fetched serve on while their source is away.
    let (url, _) = serve(ok(&ClientKey::set()), Manner::AnswersOnce).await;
    keys_at(&case, &url).await;
    assert_eq!(ask(&case, &good(&case)).await.status, 200);
    for _ in 0..3 {
        later(&case);
        assert_eq!(ask(&case, &good(&case)).await.status, 200, "the keys that were known are used");
    }
    // A key that is not there is looked for again, but not by every request.
    let (url, visits) = serve(ok(&ClientKey::set()), Manner::Answers).await;
    keys_at(&case, &url).await;
    let unknown =
        |case: &Case| signed(&header(json!({ "kid": "another" })), claims(case).to_string().as_bytes());
    for _ in 0..30 {
        refuse(&case, &unknown(&case), "assertion.signature").await;
    }
    assert!(visits.load(Ordering::SeqCst) <= 2, "{visits:?}");
}

pub async fn ca_041(case: &Case) {
    let own: Value =
        serde_json::from_str(&ClientKey::private().public_jwk().to_json()).expect("a key is JSON");
    let changed = |name: &str, value: &str| {
        let mut key = own.clone();
        key[name] = value.into();
        key
    };
    let zeros = "A".repeat(43);
    let rsa = |n: &str, e: &str| json!({ "kty": "RSA", "kid": "pkj-1", "n": n, "e": e });
    let okp = |curve: &str, x: &str| json!({ "kty": "OKP", "kid": "pkj-1", "crv": curve, "x": x });
    for key in [
        changed("y", own["x"].as_str().expect("a coordinate")),
        changed("x", &zeros),
        json!({ "kty": "EC", "kid": "pkj-1", "crv": "P-256", "x": zeros, "y": zeros }),
        changed("x", ""),
        changed("x", "AA"),
        changed("crv", "P-521"),
        changed("crv", "secp256k1"),
        changed("d", "AAAA"),
        okp("Ed25519", &zeros),
        okp("X25519", &zeros),
        okp("Ed25519", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        rsa("AQAB", "AQAB"),
        rsa(&"_".repeat(342), "AQ"),
        rsa(&"_".repeat(342), "Ag"),
        rsa(&"_".repeat(2732), "AQAB"),
        rsa("", ""),
        json!({ "kty": "oct", "kid": "pkj-1", "k": zeros }),
        json!({ "kty": "EC" }),
        json!({}),
        json!(null),
    ] {
        // It cannot be registered, or is no key; and were it stored, it verifies nothing.
        let set = json!({ "keys": [key] });
        let applied = apply_to(&case.app, "clients", PKJ, |client| client["jwks"] = set.clone()).await;
        assert!(applied.is_err(), "{set}");
        let mut client = client_of(&case.app, PKJ).await;
        client.jwks = Some(set.to_string());
        put(&case.app, vec![Effect::PutClient(client)]).await;
        later(case);
        let is_set = JwkSet::parse(set.to_string()).is_ok();
        let reason = if is_set { "assertion.signature" } else { "assertion.no_keys" };
        refuse(case, &good(case), reason).await;
        let zero = with_signature(&header(json!({})), claims(case).to_string().as_bytes(), &[0; 64]);
        refuse(case, &zero, reason).await;
    }
}

/// From now on PKJ's keys are to be had there.
async fn keys_at(case: &Case, url: &str) {
    let mut client = client_of(&case.app, PKJ).await;
    client.jwks = None;
    client.jwks_uri = Some(url.to_owned());
    put(&case.app, vec![Effect::PutClient(client)]).await;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Answers,
    AnswersOnce,
    Hangs,
}

/// A source of keys, and how often it was visited.
async fn serve(answer: impl Into<Vec<u8>>, manner: Manner) -> (String, std::sync::Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/jwks", listener.local_addr().expect("an address"));
    let visits = std::sync::Arc::new(AtomicU64::new(0));
    let (counted, answer) = (visits.clone(), answer.into());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let _read = stream.read(&mut [0; 4096]).await;
                if manner == Manner::Hangs {
                    std::future::pending::<()>().await;
                }
                let _written = stream.write_all(&answer).await;
                let _ended = stream.shutdown().await;
            });
            if manner == Manner::AnswersOnce {
                return;
            }
        }
    });
    (url, visits)
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
