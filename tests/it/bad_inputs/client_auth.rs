//! Bad inputs: client authentication by name and by secret (RFC 6749, section 2.3). Assertions have a file of their own.

use std::net::IpAddr;

use doorward_core::Effect;
use doorward_core::id::TenantId;
use doorward_core::model::{ClientSecret, SecretState};
use doorward_crypto::digest;
use doorward_tests::{ALICE, M2M, PKJ, RS1, Reply, SPA, T1, WEB, base64, basic, encode, secret_of};

use super::assertion::*;
use super::race::{Racer, race};
use super::steps::put;
use super::{Case, json, page, rows};

rows![
    shared ca_001, shared ca_002, shared ca_003, shared ca_005, shared ca_008, shared ca_009, shared ca_011, shared ca_012,
    shared ca_014, shared ca_015, shared ca_018, shared ca_021, shared ca_022, shared ca_023, shared ca_024, shared ca_025,
    shared ca_027, shared ca_028, shared ca_030, shared ca_032, shared ca_033, shared ca_034, shared ca_035, fresh ca_038,
    fresh ca_041, shared ca_042, shared ca_043, fresh ca_044, fresh ca_045,
];

const FORM: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "rs1:read")];

/// A token request with that Authorization header, and these fields beside the grant's.
async fn ask(case: &Case, authorization: &str, more: &[(&str, &str)]) -> Reply {
    let form = [&FORM[..], more].concat();
    let header = [("authorization", authorization)];
    case.app.post_form("/token", &form, if authorization.is_empty() { &[] } else { &header }).await
}

async fn ca_001(case: &Case) {
    later(case);
    let right = secret_of(WEB);
    for secret in [
        secret_of(M2M),
        right[1..].to_owned(),
        right[..right.len() - 1].to_owned(),
        format!("{right}x"),
        format!("{right} "),
        right.to_uppercase(),
        "wrong-secret-canary".to_owned(),
        "' OR '1'='1".to_owned(),
        digest::sha256(right.as_bytes()).map(|byte| format!("{byte:02x}")).concat(),
    ] {
        let expected = || json(401, "invalid_client").event("client.secret_wrong");
        let encoded = secret.replace('%', "%25").replace(' ', "+").replace('\'', "%27").replace('=', "%3D");
        let reply = case.expect(expected(), ask(case, &basic(WEB, &encoded), &[])).await;
        assert!(
            reply.header("www-authenticate").is_some_and(|value| value.starts_with("Basic realm=")),
            "{:?}",
            reply.headers
        );
        let more = [("client_id", WEB), ("client_secret", secret.as_str())];
        let reply = case.expect(expected(), ask(case, "", &more)).await;
        assert_eq!(reply.header("www-authenticate"), None, "Basic is asked only of who sent it");
    }
}

async fn ca_002(case: &Case) {
    later(case);
    let (right, theirs) = (secret_of(WEB), basic(WEB, &secret_of(WEB)));
    for more in [
        vec![("client_secret", right.as_str())],
        vec![("client_id", WEB), ("client_secret", right.as_str())],
        vec![("client_id", WEB), ("client_secret", "another-secret-canary")],
        vec![("client_id", M2M), ("client_secret", right.as_str())],
    ] {
        case.expect(json(400, "invalid_request").event("client.two_methods"), ask(case, &theirs, &more))
            .await;
    }
    // An empty parameter is an absent one.
    assert_eq!(ask(case, &basic(M2M, &secret_of(M2M)), &[("client_secret", "")]).await.status, 200);
}

async fn ca_003(case: &Case) {
    later(case);
    let assertion = good(case);
    let by_assertion = fields(&assertion);
    let by_post = [("client_id", PKJ), ("client_secret", "any-secret-canary")];
    let expected = || json(400, "invalid_request").event("client.two_methods");
    case.expect(expected(), ask(case, &basic(WEB, &secret_of(WEB)), &by_assertion)).await;
    case.expect(expected(), ask(case, &basic(PKJ, "any-secret-canary"), &by_assertion)).await;
    case.expect(expected(), ask(case, "", &[&by_assertion[..], &by_post].concat())).await;
    assert_eq!(ask(case, "", &by_assertion).await.status, 200, "it was not used up by what was refused");
}

async fn ca_005(case: &Case) {
    later(case);
    for client in [WEB, M2M, PKJ, RS1] {
        for more in [vec![("client_id", client)], vec![("client_id", client), ("client_secret", "")]] {
            case.expect(json(401, "invalid_client").event("client.method"), ask(case, "", &more)).await;
        }
        for path in ["/introspect", "/revoke"] {
            let form = [("token", "whatever-token"), ("client_id", client)];
            case.expect(
                json(401, "invalid_client").event("client.method"),
                case.app.post_form(path, &form, &[]),
            )
            .await;
        }
    }
    case.expect(json(401, "invalid_client").event("client.anonymous"), ask(case, "", &[])).await;
}

async fn ca_008(case: &Case) {
    later(case);
    let more = [("client_id", SPA), ("client_secret", "anything-at-all")];
    case.expect(json(401, "invalid_client").event("client.method"), ask(case, "", &more)).await;
    for secret in ["anything-at-all", "x"] {
        let expected = json(401, "invalid_client").event("client.method");
        case.expect(expected, ask(case, &basic(SPA, secret), &[])).await;
    }
    case.expect(json(401, "invalid_client").event("client.basic_malformed"), ask(case, &basic(SPA, ""), &[]))
        .await;
    // Nor by a method that another client has.
    let more = [("client_id", PKJ), ("client_secret", "anything-at-all")];
    case.expect(json(401, "invalid_client").event("client.method"), ask(case, "", &more)).await;
}

/// A secret of M2M beside its own.
fn extra(case: &Case, id: &str, secret: &str, state: SecretState, ends_in_s: Option<i64>) -> Effect {
    let now = case.app.clock.now();
    Effect::PutSecret(ClientSecret {
        tenant: TenantId::from(T1),
        client: M2M.into(),
        id: id.into(),
        hash: digest::sha256(secret.as_bytes()),
        state,
        created_at: now,
        expires_at: ends_in_s.map(|seconds| now.plus_s(seconds)),
    })
}

async fn ca_009(case: &Case) {
    later(case);
    let secret = "a:b%c+d e";
    put(&case.app, vec![extra(case, "odd", secret, SecretState::Current, None)]).await;
    for encoded in ["a%3Ab%25c%2Bd+e", "a%3ab%25c%2bd%20e", "a:b%25c%2Bd+e"] {
        let reply = ask(case, &basic(M2M, encoded), &[]).await;
        assert_eq!(reply.status, 200, "{encoded}: {}", reply.body);
    }
    assert_eq!(ask(case, "", &[("client_id", M2M), ("client_secret", secret)]).await.status, 200);
    // What is not decoded twice is not taken either.
    for encoded in ["a%253Ab%2525c%252Bd+e", "a:b%c+d e", "a:b%25c+d+e"] {
        let reply = ask(case, &basic(M2M, encoded), &[]).await;
        assert!(reply.status == 401 && reply.error() == "invalid_client", "{encoded}: {}", reply.body);
    }
}

async fn ca_011(case: &Case) {
    later(case);
    let huge = format!("Basic {}", base64(format!("web:{}", "x".repeat(100_000)).as_bytes()));
    let long_id = basic(&"w".repeat(300), "secret-canary");
    let headers = [
        "Basic !!!!",
        "Basic d2Vi",
        "Basic d2Vi=",
        "Basic =",
        "Basic d2ViOnNlY3JldC1jYW5hcnk",
        "Basic d2ViOnNlY3JldC1jYW5hcnk==",
        "Basic\td2ViOng=",
        "Basic Og==",
        "Basic OnNlY3JldC1jYW5hcnk=",
        "Basic /////w==",
        "Basic d2Vi_zo=",
        "Basic d2ViOiV6eg==",
        "Basic d2ViOiVjMCVhZg==",
        "Basic d2ViOngA",
        &huge,
        &long_id,
    ];
    for header in headers {
        let expected = json(401, "invalid_client").event("client.basic_malformed");
        case.expect(expected, ask(case, header, &[])).await;
    }
    // Bytes that are no text.
    let form = encode(&FORM);
    for raw in ["Basic \u{e9}", "Basic d2ViOng=\u{20ac}", "\u{1f511}"] {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", raw)];
        let expected = json(401, "invalid_client").event("client.basic_malformed");
        case.expect(expected, case.app.send("POST", "/token", &headers, &form)).await;
    }
}

async fn ca_012(case: &Case) {
    later(case);
    for path in ["/token", "/introspect", "/revoke"] {
        for header in [
            "Bearer x",
            "Bearer",
            "Basic",
            "Basic ",
            "Negotiate x",
            "Digest username=\"web\"",
            "DPoP x",
            " ",
            "basicx y",
        ] {
            let form = [&FORM[..], &[("token", "whatever-token")]].concat();
            let expected = json(401, "invalid_client").event("client.basic_malformed");
            case.expect(expected, case.app.post_form(path, &form, &[("authorization", header)])).await;
        }
        // Two headers are none.
        let right = basic(M2M, &secret_of(M2M));
        for other in [right.as_str(), "Bearer x", "Basic x"] {
            let headers = [("authorization", right.as_str()), ("authorization", other)];
            let form = [&FORM[..], &[("token", "whatever-token")]].concat();
            let expected = json(401, "invalid_client").event("client.basic_malformed");
            case.expect(expected, case.app.post_form(path, &form, &headers)).await;
        }
    }
}

async fn ca_014(case: &Case) {
    later(case);
    let right = secret_of(M2M);
    let assertion = good(case);
    for path in ["/token", "/introspect", "/revoke"] {
        for query in [
            format!("client_id={M2M}&client_secret={right}"),
            format!("client_secret={right}"),
            format!("client_assertion={assertion}&client_assertion_type={ASSERTION_TYPE}"),
            format!("client_%73ecret={right}"),
            format!("client_secret={right}&client_secret={right}"),
            format!("client_id={M2M}&client_secret={right}&x=%zz"),
            format!("refresh_token={right}"),
            format!("token={right}"),
            format!("code_verifier={right}"),
            format!("password={right}"),
        ] {
            let expected = json(400, "invalid_request").event("request.secret_in_query");
            let target = format!("{path}?{query}");
            case.expect(expected.clone(), case.app.post_form(&target, &FORM, &[])).await;
            let theirs = [("authorization", &*basic(M2M, &right))];
            case.expect(expected, case.app.post_form(&target, &FORM, &theirs)).await;
        }
    }
}

async fn ca_015(case: &Case) {
    later(case);
    let effects = vec![
        extra(case, "short", "a-secret-that-ends-soon", SecretState::Current, Some(60)),
        extra(case, "old", "a-secret-that-is-retiring", SecretState::Retiring, Some(60)),
        extra(case, "next", "a-secret-that-is-not-yet", SecretState::Pending, None),
    ];
    put(&case.app, effects).await;
    let wrong = json(401, "invalid_client").event("client.secret_wrong");
    case.expect(wrong, ask(case, &basic(M2M, "a-secret-that-is-not-yet"), &[])).await;
    for secret in ["a-secret-that-ends-soon", "a-secret-that-is-retiring"] {
        assert_eq!(ask(case, &basic(M2M, secret), &[]).await.status, 200);
    }
    case.app.advance_s(60);
    for secret in ["a-secret-that-ends-soon", "a-secret-that-is-retiring"] {
        let expected = json(401, "invalid_client").event("client.secret_expired");
        case.expect(expected, ask(case, &basic(M2M, secret), &[])).await;
    }
    assert_eq!(ask(case, &basic(M2M, &secret_of(M2M)), &[]).await.status, 200);
}

/// Equal work by construction: digests are compared, every row of them, by the one function that does not stop at a difference.
async fn ca_042(case: &Case) {
    later(case);
    let source = include_str!("../../../crates/core/src/client_auth/mod.rs");
    let compares = source.split("fn secret_fits").nth(1).and_then(|rest| rest.split("\n}").next());
    let compares = compares.expect("the function is there");
    assert!(compares.contains("constant_time_eq(&row.hash, &hash)") && !compares.contains("hash =="));
    assert!(!compares.contains("break") && !compares.contains("return"), "every row is looked at");
    let right = secret_of(WEB);
    let nearly = format!("{}A", &right[..right.len() - 1]);
    let mut left = Vec::new();
    for secret in [nearly.as_str(), "Q2VydGFpbmx5IG5vdCB0aGUgc2VjcmV0"] {
        case.new_events().await;
        let reply = ask(case, &basic(WEB, secret), &[]).await;
        let events = case.new_events().await;
        let mut kinds: Vec<_> = events.iter().map(|event| (event.kind, event.reason.clone())).collect();
        kinds.sort();
        left.push((reply.status, reply.body, kinds));
    }
    assert_eq!(left[0], left[1]);
}

/// The same answer, and by construction the same work: one read, one digest, one comparison, and no write before the answer.
async fn ca_043(case: &Case) {
    later(case);
    let source = include_str!("../../../crates/core/src/client_auth/mod.rs");
    assert!(source.contains("equal_work(credentials);"));
    for path in ["/token", "/introspect", "/revoke"] {
        let form = [&FORM[..], &[("token", "whatever-token")]].concat();
        let mut answers = Vec::new();
        for client in [WEB, "nobody-of-that-name", "usr_alice", ALICE] {
            let secret = "wrong-secret-canary";
            let theirs = basic(client, secret);
            case.new_events().await;
            let before = case.app.rows("events").await;
            let reply = case.app.post_form(path, &form, &[("authorization", theirs.as_str())]).await;
            assert_eq!(case.app.rows("events").await, before, "nothing is written on the way to the answer");
            answers.push(but_for_the_count(reply));
            let by_post = [&form[..], &[("client_id", client), ("client_secret", secret)]].concat();
            let reply = case.app.post_form(path, &by_post, &[]).await;
            answers.push(but_for_the_count(reply));
        }
        for answer in &answers {
            let basic = answer.2.contains_key("www-authenticate");
            let first = answers.iter().find(|other| other.2.contains_key("www-authenticate") == basic);
            assert_eq!(first.expect("there is one"), answer);
        }
    }
}

/// An answer without what counts the requests of the caller's address, whatever they ask.
fn but_for_the_count(mut reply: Reply) -> (u16, String, http::HeaderMap) {
    assert!(reply.headers.remove("ratelimit").is_some());
    (reply.status, reply.body, reply.headers)
}

async fn ca_044(case: &Case) {
    let (here, elsewhere) =
        ("192.0.2.1".parse().expect("an address"), "198.51.100.7".parse().expect("an address"));
    let headers = |authorization: &'static str| {
        [("content-type", "application/x-www-form-urlencoded"), ("authorization", authorization)]
    };
    let (right, wrong) = (basic(M2M, &secret_of(M2M)).leak(), basic(M2M, "wrong-secret-canary").leak());
    let body = encode(&FORM);
    let ask = async |ip: IpAddr, authorization: &'static str| {
        case.app.send_from(ip, "POST", "/token", &headers(authorization), &body).await
    };
    // An honest client that asks much at once is no attacker.
    let racer = Racer::of("/token", M2M, false, &FORM);
    assert!(race(case, 150, &racer).await.iter().all(|reply| reply.status == 200));
    let mut refused = 0;
    for _ in 0..1000 {
        let reply = ask(here, wrong).await;
        if reply.status == 401 {
            refused += 1;
        } else {
            assert_eq!((reply.status, reply.error().as_str()), (429, "temporarily_unavailable"));
            let wait: u32 =
                reply.header("retry-after").and_then(|value| value.parse().ok()).expect("when to come back");
            assert!((1..=601).contains(&wait));
        }
    }
    assert_eq!(refused, 100, "a hundred guesses in ten minutes");
    case.expect(json(429, "temporarily_unavailable").event("client.throttled"), ask(here, right)).await;
    assert_eq!(ask(elsewhere, right).await.status, 200, "the client itself is served elsewhere");
    assert_eq!(
        case.app
            .send_from(here, "POST", "/token", &headers(basic(WEB, &secret_of(WEB)).leak()), &body)
            .await
            .status,
        400
    );
    // An IPv6 host has a whole /64.
    for n in 0..150 {
        ask(format!("2001:db8::{n:x}").parse().expect("an address"), wrong).await;
    }
    assert_eq!(ask("2001:db8::ffff:1".parse().expect("an address"), right).await.status, 429);
    assert_eq!(ask("2001:db8:0:1::1".parse().expect("an address"), right).await.status, 200);
    // A hundred at once count as a hundred.
    let mut guess = Racer::of("/token", WEB, false, &FORM);
    guess.headers = vec![("authorization".to_owned(), basic(WEB, "wrong-secret-canary"))];
    race(case, 300, &guess).await;
    let reply = case.app.token_as(WEB, &[]).await;
    assert_eq!(reply.status, 429, "{}", reply.body);
    case.app.advance_s(601);
    assert_eq!(ask(here, right).await.status, 200);
}

async fn ca_045(case: &Case) {
    let app = &case.app;
    let tokens = app.tokens(WEB, &[("scope", "openid offline_access rs1:read")]).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    app.fail_reads(true).await;
    let unavailable = async |reply: Reply| {
        reply.assert_error(503, "temporarily_unavailable");
        assert!(reply.header("retry-after").is_some());
    };
    let (refresh, access) = (tokens.text("refresh_token"), tokens.text("access_token"));
    unavailable(app.refresh(WEB, &refresh).await).await;
    unavailable(app.introspect(RS1, &access).await).await;
    unavailable(app.introspect(RS1, &refresh).await).await;
    unavailable(app.revoke(WEB, &refresh).await).await;
    unavailable(app.userinfo(&access).await).await;
    // Nobody is told that they are nobody: not with right credentials, and not with wrong ones.
    for authorization in
        [basic(PKJ, "x"), basic(M2M, "wrong-secret-canary"), basic("nobody", "wrong-secret-canary")]
    {
        unavailable(ask(case, &authorization, &[]).await).await;
    }
    let reply = browser.authorize(WEB, &[]).await;
    page(503).assert(&reply);
    assert!(reply.header("retry-after").is_some(), "{}", reply.body);
    let reply = browser.get("/account").await;
    assert_eq!(reply.status, 503, "a person is not signed out: {}", reply.body);
    app.fail_reads(false).await;
    assert_eq!(app.refresh(WEB, &refresh).await.status, 200);
    assert_eq!(ask(case, &basic(M2M, &secret_of(M2M)), &[]).await.status, 200);
    assert_eq!(browser.get("/account").await.status, 200);
}
