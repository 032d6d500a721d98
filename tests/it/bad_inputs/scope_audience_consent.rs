//! Bad inputs: scopes, audiences and consent (RFC 6749, section 3.3; RFC 8707; RFC 6750; RFC 8252, section 8.6).

use std::collections::BTreeSet;

use doorward_core::Facts;
use doorward_core::model::Client;
use doorward_core::permission::audience::audience;
use doorward_core::permission::{Limits, effective};
use doorward_crypto::random::{Random, SeededRandom};
use doorward_tests::extended::{ASKS, P1, P2, X1};
use doorward_tests::{ALICE, BOB, EVIL, M2M, MALLORY, NATIVE, Page, RS1, RS2, Reply, SPA, WEB, user_id};
use doorward_wire::scope::Scopes;
use serde_json::json as value;

use super::steps::{OFFLINE, apply_to, client_of, form, is_active, signed_in, tokens};
use super::{Case, bearer, json, page, redirect, rows, status};

rows![
    shared sc_001, shared sc_002, shared sc_006, shared sc_007, fresh sc_008, shared sc_009, shared sc_010, shared sc_011,
    shared sc_012, shared sc_014, fresh sc_015, shared sc_016, shared sc_018, shared sc_019, fresh sc_020, fresh sc_021,
    shared sc_024, shared sc_025,
];

async fn sc_001(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for scope in [
        "openid admin",
        "admin",
        "openid rs2:read",
        "openid openid2",
        "OPENID",
        "openid rs1:read rs1:delete",
        "openid\u{3000}admin",
    ] {
        for prompt in ["", "none", "consent"] {
            let expected = redirect("invalid_scope");
            case.expect(expected, browser.authorize(WEB, &[("scope", scope), ("prompt", prompt)])).await;
        }
    }
    let expected = redirect("invalid_scope").event("scope.not_allowed");
    case.expect(expected, browser.authorize(WEB, &[("scope", "openid admin")])).await;
    for scope in ["rs1:read admin", "admin", "rs1:read openid", "*"] {
        let form = [
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("scope".to_owned(), scope.to_owned()),
        ];
        let expected = json(400, "invalid_scope").event("scope.not_allowed");
        case.expect(expected, case.app.token_as(M2M, &form)).await;
    }
    // What is granted is what is said, in both places.
    let theirs = tokens(case, &browser, WEB, &[("scope", "openid rs1:read")]).await;
    assert_eq!(theirs.text("scope"), "openid rs1:read");
    assert_eq!(
        case.app.introspect(RS1, &theirs.text("access_token")).await.json()["scope"],
        "openid rs1:read"
    );
}

async fn sc_002(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let many = (0..101).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    for scope in [
        "openid \"x\"",
        "openid a\\b",
        "openid \u{1}",
        "openid\ttab",
        "openid\nrs1:read",
        "openid \u{e9}",
        "openid \u{430}dmin",
        "openid \u{7f}",
        "\u{200b}",
        &many,
    ] {
        let expected = redirect("invalid_scope").event("scope.malformed");
        case.expect(expected, browser.authorize(WEB, &[("scope", scope)])).await;
    }
    let expected = redirect("invalid_scope");
    case.expect(expected, browser.authorize(WEB, &[("scope", &"s".repeat(257))])).await;
    case.expect(redirect("invalid_scope").event("scope.empty"), browser.authorize(WEB, &[("scope", " ")]))
        .await;
}

async fn sc_006(case: &Case) {
    for browser in [signed_in(case, ALICE).await, case.app.browser()] {
        for resource in [
            "https://rs2.example",
            "https://evil.example",
            "https://rs1.example/x",
            "https://rs1.example.evil.example",
            "https://rs1.example:8443",
            "http://rs1.example",
            "https://rs1.example?x",
            "https://id.example",
            "urn:rs1",
            "javascript:alert(1)",
        ] {
            for prompt in ["", "none"] {
                let extra = [("resource", resource), ("prompt", prompt)];
                case.expect(redirect("invalid_target"), browser.authorize(WEB, &extra)).await;
            }
        }
        let both = doorward_tests::authorize_target(WEB, &[("resource", "https://rs1.example")]);
        let both = format!("{both}&resource=https%3A%2F%2Frs2.example");
        case.expect(redirect("invalid_target").event("resource.not_allowed"), browser.get(&both)).await;
    }
    // An empty path and "/" are one (RFC 3986, section 6.2.3).
    let browser = signed_in(case, ALICE).await;
    let theirs =
        tokens(case, &browser, WEB, &[("resource", "https://rs1.example/"), ("scope", "rs1:read")]).await;
    assert_eq!(
        case.app.introspect(RS1, &theirs.text("access_token")).await.json()["aud"],
        "https://rs1.example"
    );
    // `audience`, which is no parameter of this endpoint, widens nothing.
    let theirs =
        tokens(case, &browser, WEB, &[("audience", "https://rs2.example"), ("scope", "rs1:read")]).await;
    assert_eq!(
        case.app.introspect(RS1, &theirs.text("access_token")).await.json()["aud"],
        "https://rs1.example"
    );
}

async fn sc_007(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for resource in [
        "https://rs1.example#x",
        "https://rs1.example/#",
        "/relative",
        "rs1.example",
        "//rs1.example",
        "https://",
        "https:// rs1.example",
        "https://rs1.example\\x",
        "https://rs1.example/%zz",
        "https://\u{430}rs1.example",
        ":",
    ] {
        let expected = redirect("invalid_target");
        case.expect(expected, browser.authorize(WEB, &[("resource", resource)])).await;
    }
    case.expect(
        redirect("invalid_target"),
        browser.authorize(WEB, &[("resource", &format!("https://rs1.example/{}", "x".repeat(3000)))]),
    )
    .await;
    let expected = redirect("invalid_target").event("resource.malformed");
    case.expect(expected, browser.authorize(WEB, &[("resource", "https://rs1.example#x")])).await;
}

async fn sc_008(case: &Case) {
    let both = value!(["https://rs1.example", "https://rs2.example"]);
    let redeem = async |resource: &str, asked: &[(&str, &str)]| {
        let code = case.app.code(WEB, asked).await;
        let mut form = code.form();
        form.push(("resource".to_owned(), resource.to_owned()));
        (code, form)
    };
    let (code, form) = redeem("https://rs2.example", &[("scope", "rs1:read")]).await;
    case.expect(json(400, "invalid_target").event("resource.not_allowed"), case.app.token_as(WEB, &form))
        .await;
    assert_eq!(code.redeem(&case.app).await.status, 200, "the code is not spent by it");
    // Also where the client may use both, and asked for one.
    apply_to(&case.app, "clients", WEB, |client| {
        client["apis"] = both;
        client["scopes"] = "openid offline_access rs1:read rs2:read".into();
    })
    .await
    .expect("it can be applied");
    for asked in [
        vec![("scope", "rs1:read")],
        vec![("scope", "rs1:read rs2:read"), ("resource", "https://rs1.example")],
    ] {
        let (code, form) = redeem("https://rs2.example", &asked).await;
        case.expect(json(400, "invalid_target").event("resource.not_granted"), case.app.token_as(WEB, &form))
            .await;
        let theirs = code.redeem(&case.app).await;
        let said = case.app.introspect(RS1, &theirs.text("access_token")).await.json();
        assert_eq!(
            (said["aud"].as_str(), said["scope"].as_str()),
            (Some("https://rs1.example"), Some("rs1:read"))
        );
        let refresh = [
            ("grant_type".to_owned(), "refresh_token".to_owned()),
            ("refresh_token".to_owned(), theirs.text("refresh_token")),
            ("resource".to_owned(), "https://rs2.example".to_owned()),
        ];
        case.expect(
            json(400, "invalid_target").event("resource.not_granted"),
            case.app.token_as(WEB, &refresh),
        )
        .await;
    }
    // A token for one of two has the scopes of that one only.
    let (_, form) = redeem("https://rs1.example", &[("scope", "rs1:read rs2:read")]).await;
    let theirs = case.app.token_as(WEB, &form).await;
    assert_eq!(theirs.text("scope"), "rs1:read", "{}", theirs.body);
}

/// Asked by an API, a token for another is not active; the API never learns whose it is.
async fn sc_009(case: &Case) {
    let theirs = case.app.tokens(WEB, &[]).await.text("access_token");
    let reply = case.expect(status(200).event("introspect.foreign"), case.app.introspect(RS2, &theirs)).await;
    assert_eq!(reply.body, "{\"active\":false}");
    // Our own resource takes only what names it.
    let form = [
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("scope".to_owned(), "rs1:read".to_owned()),
    ];
    let token = case.app.token_as(M2M, &form).await.text("access_token");
    case.expect(bearer(403, "insufficient_scope").event("bearer.scope"), case.app.userinfo(&token)).await;
    // Nor does another issuer's userinfo take it.
    let send =
        async { case.app.get("/t/t2/userinfo", &[("authorization", &format!("Bearer {theirs}"))]).await };
    case.expect(bearer(401, "invalid_token"), send).await;
    // What a JWT says of its audience is what it was issued for.
    let claims = theirs.split('.').nth(1).and_then(doorward_crypto::base64url::decode).expect("claims");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("claims are JSON");
    assert_eq!(claims["aud"], value!(["https://rs1.example", "https://id.example"]));
}

async fn sc_010(case: &Case) {
    let theirs = case.app.tokens(WEB, &OFFLINE).await;
    let code = case.app.code(WEB, &[]).await;
    for other in [theirs.text("id_token"), theirs.text("refresh_token"), code.code] {
        case.expect(bearer(401, "invalid_token").event("bearer.revoked"), case.app.userinfo(&other)).await;
        assert!(other.starts_with("dwr_") || !is_active(case, RS1, &other).await);
    }
    // Types are told apart by `typ`, and the signature covers it.
    let access = theirs.text("access_token");
    let parts: Vec<&str> = access.split('.').collect();
    let header = doorward_crypto::base64url::decode(parts[0]).expect("a header");
    let header = String::from_utf8(header).expect("text");
    for typ in ["JWT", "at+JWT", "application/at+jwt", ""] {
        let header = doorward_crypto::base64url::encode(header.replace("at+jwt", typ).as_bytes());
        let forged = format!("{header}.{}.{}", parts[1], parts[2]);
        case.expect(bearer(401, "invalid_token"), case.app.userinfo(&forged)).await;
    }
}

async fn sc_011(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let theirs = tokens(case, &browser, WEB, &[("scope", "profile email rs1:read")]).await;
    assert!(theirs.json().get("id_token").is_none(), "{}", theirs.body);
    let expected = bearer(403, "insufficient_scope").event("bearer.scope");
    let reply = case.expect(expected, case.app.userinfo(&theirs.text("access_token"))).await;
    assert!(!reply.body.contains("alice"));
    // With it, no more than was asked.
    let theirs = tokens(case, &browser, WEB, &[("scope", "openid email")]).await;
    let told = case.app.userinfo(&theirs.text("access_token")).await.json();
    let names: BTreeSet<&str> = told.as_object().expect("claims").keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["sub", "email", "email_verified"]));
}

async fn sc_012(case: &Case) {
    let token = case.app.tokens(WEB, &[]).await.text("access_token");
    for method in ["GET", "POST"] {
        let target = format!("/userinfo?access_token={token}");
        let expected = bearer(401, "").or(status(400));
        let reply = case.expect(expected, case.app.send(method, &target, &[], "")).await;
        assert!(!reply.body.contains("alice"));
    }
    // Twice is once too often, the same or not; and a body of another kind holds none.
    let authorization = format!("Bearer {token}");
    let twice = [("authorization", authorization.as_str()), ("authorization", authorization.as_str())];
    case.expect(status(400).event("bearer.malformed"), case.app.get("/userinfo", &twice)).await;
    let form = [("access_token", token.as_str())];
    let send = case.app.post_form("/userinfo", &form, &twice[..1]);
    case.expect(status(400).event("bearer.malformed"), send).await;
    let json_body = format!("{{\"access_token\":\"{token}\"}}");
    let kind = [("content-type", "application/json")];
    case.expect(bearer(401, ""), case.app.send("POST", "/userinfo", &kind, &json_body)).await;
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("access_token={token}");
    case.expect(bearer(401, ""), case.app.send("GET", "/userinfo", &kind, &body)).await;
}

async fn sc_014(case: &Case) {
    let refused = || bearer(401, "invalid_token");
    let revoked = case.app.tokens(WEB, &[]).await.text("access_token");
    case.app.revoke(WEB, &revoked).await;
    case.expect(refused().event("bearer.revoked"), case.app.userinfo(&revoked)).await;
    let expired = case.app.tokens(WEB, &[]).await.text("access_token");
    case.app.advance_s(599);
    assert_eq!(case.app.userinfo(&expired).await.status, 200);
    case.app.advance_s(1);
    case.expect(refused().event("bearer.expired"), case.app.userinfo(&expired)).await;
    let live = case.app.tokens(WEB, &[]).await.text("access_token");
    let parts: Vec<&str> = live.split('.').collect();
    let last = if live.ends_with('A') { "B" } else { "A" };
    for bad in [
        live[..live.len() - 1].to_owned(),
        live[1..].to_owned(),
        format!("{}{last}", &live[..live.len() - 1]),
        format!("{live}A"),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.e30.{}", parts[0], parts[2]),
        "x".to_owned(),
        "dwa_x".to_owned(),
        "x".repeat(15_000),
    ] {
        case.expect(refused(), case.app.userinfo(&bad)).await;
    }
    for header in ["Bearer", "Bearer ", "bearer  ", "Bearer a b", "Bearer \u{e9}", "Token x", "Basic x", ""] {
        let headers = [("authorization", header)];
        case.expect(status(401).or(status(400)), case.app.get("/userinfo", &headers)).await;
    }
    let reply = case.expect(bearer(401, "").event("bearer.missing"), case.app.get("/userinfo", &[])).await;
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "who sent nothing made no mistake");
}

async fn sc_015(case: &Case) {
    for (field, scope) in
        [("disabled", OFFLINE[0]), ("disabled", ("scope", "openid")), ("locked", OFFLINE[0])]
    {
        let browser = signed_in(case, BOB).await;
        let theirs = tokens(case, &browser, WEB, &[scope]).await.text("access_token");
        assert_eq!(case.app.userinfo(&theirs).await.status, 200);
        apply_to(&case.app, "users", BOB, |user| user[field] = true.into()).await.expect("it can be applied");
        case.expect(bearer(401, "invalid_token").event("bearer.revoked"), case.app.userinfo(&theirs)).await;
        case.app.advance_s(1);
        apply_to(&case.app, "users", BOB, |user| user[field] = false.into())
            .await
            .expect("it can be applied");
    }
}

/// A page's request is sealed with the client in it: what was shown for one client allows no other.
async fn sc_016(case: &Case) {
    let (browser, other) = (signed_in(case, MALLORY).await, signed_in(case, MALLORY).await);
    let of_web = Page::of(browser.authorize(WEB, &[]).await);
    let reply = browser
        .submit(
            &of_web,
            &[("action", "allow"), ("client_id", EVIL), ("redirect_uri", "https://evil.example/cb")],
        )
        .await;
    assert!(reply.location().starts_with("https://app.example/cb?code="), "{}", reply.location());
    // The consent that A has is not B's.
    let expected = redirect("consent_required").to("https://evil.example/cb").event("authz.consent_required");
    case.expect(expected, browser.authorize(EVIL, &[("prompt", "none")])).await;
    // The sealed request of A's page, in B's form, of another browser of the same person.
    let mut mixed = Page::of(other.authorize(EVIL, &[]).await);
    for (name, value) in &mut mixed.hidden {
        if name == "request" {
            *value = of_web.field("request").expect("a sealed request").to_owned();
        }
    }
    case.expect(page(403), other.submit(&mixed, &[("action", "allow")])).await;
    // A page that showed less allows no more.
    let shown = Page::of(browser.authorize(EVIL, &[("scope", "openid")]).await);
    let reply = browser.submit(&shown, &[("action", "allow"), ("scope", "openid rs1:write")]).await;
    assert!(reply.param("code").is_some(), "{}", reply.body);
    let more = [("prompt", "none"), ("scope", "openid rs1:write")];
    let expected = redirect("consent_required").to("https://evil.example/cb");
    case.expect(expected, browser.authorize(EVIL, &more)).await;
}

async fn sc_018(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let shown = Page::of(browser.authorize(EVIL, &[("prompt", "consent")]).await);
    let fields: Vec<(&str, &str)> =
        shown.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let query =
        doorward_tests::encode(&[&fields[..], &[("action", "allow"), ("decision", "allow")]].concat());
    for method in ["GET", "HEAD", "PUT", "OPTIONS"] {
        let reply =
            case.expect(status(405), browser.send(method, &format!("/consent?{query}"), &[], "")).await;
        assert_eq!(reply.header("allow"), Some("POST"));
    }
    // The query of a POST does not count.
    case.expect(page(400).or(page(403)), browser.post(&format!("/consent?{query}"), &[])).await;
}

async fn sc_019(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let shown = Page::of(browser.authorize(EVIL, &[("prompt", "consent")]).await);
    let account = browser.get("/account").await;
    browser.submit(&form(account, "/sign-out"), &[("action", "sign-out")]).await;
    case.expect(page(403), browser.submit(&shown, &[("action", "allow")])).await;
    // Nor after somebody else signed in, in the same browser.
    browser.sign_in(BOB).await;
    case.expect(page(403), browser.submit(&shown, &[("action", "allow")])).await;
    // Nor after the same person did.
    let browser = signed_in(case, ALICE).await;
    let shown = Page::of(browser.authorize(EVIL, &[("prompt", "consent")]).await);
    let account = browser.get("/account").await;
    browser.submit(&form(account, "/sign-out"), &[("action", "sign-out")]).await;
    browser.sign_in(ALICE).await;
    case.expect(page(403), browser.submit(&shown, &[("action", "allow")])).await;
}

async fn sc_020(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let is_asked = |reply: &Reply| reply.status == 200 && Page::of(reply.clone()).action == "/consent";
    for (client, uri, asked_again) in [
        (NATIVE, "http://127.0.0.1:51004/cb", true),
        (NATIVE, "com.example.app:/cb", true),
        (SPA, "https://spa.example/cb", false),
        (WEB, "https://app.example/cb", false),
    ] {
        browser
            .code(
                client,
                &[("redirect_uri", if client == NATIVE { "http://127.0.0.1:51004/cb" } else { uri })],
            )
            .await;
        let again = browser.authorize(client, &[("redirect_uri", uri)]).await;
        assert_eq!(is_asked(&again), asked_again, "{client} {uri}: {} {}", again.status, again.body);
        let quietly = browser.authorize(client, &[("redirect_uri", uri), ("prompt", "none")]).await;
        assert_eq!(
            quietly.body.contains("consent_required")
                || quietly
                    .headers
                    .get("location")
                    .is_some_and(|uri| uri.to_str().is_ok_and(|uri| uri.contains("consent_required"))),
            asked_again,
            "{client} {uri}"
        );
    }
    // The platform's own is not asked for, by its registration.
    apply_to(&case.app, "clients", NATIVE, |client| client["first_party"] = true.into())
        .await
        .expect("it can be applied");
    let reply = browser.authorize(NATIVE, &[("redirect_uri", "http://127.0.0.1:51004/cb")]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

/// Whom an extension may act for without asking is told by where it is installed: nowhere, elsewhere, or where it is switched off, nobody
/// arrives, whatever they would allow.
async fn sc_021(case: &Case) {
    case.app.extend().await;
    let alice = signed_in(case, ALICE).await;
    let ordinary = "/authorize?response_type=code&client_id=x1&state=s&scope=openid%20rs1%3Aread\
                    &redirect_uri=https%3A%2F%2Fx1.example%2Fcallback";
    let refused = async |reason: &'static str| {
        for target in ["/extensions/x1/authorize?state=s", ordinary] {
            for prompt in ["", "&prompt=none", "&prompt=consent"] {
                let expected = page(403).event(reason);
                case.expect(expected, alice.get(&format!("{target}{prompt}"))).await;
            }
        }
    };
    refused("installation.nowhere").await;
    case.app.install(X1, (P2, "project/p-2"), ASKS).await;
    refused("installation.nowhere").await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    assert_eq!(alice.get(ordinary).await.status, 303);
    case.app.live(&of.id, |life, now| life.disable(now)).await;
    refused("installation.disabled").await;
}

async fn sc_024(case: &Case) {
    let form = [
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("scope".to_owned(), "rs1:read".to_owned()),
    ];
    let token = case.app.token_as(M2M, &form).await.text("access_token");
    let claims = token.split('.').nth(1).and_then(doorward_crypto::base64url::decode).expect("claims");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("claims are JSON");
    assert_eq!((claims["sub"].as_str(), claims["client_id"].as_str()), (Some(M2M), Some(M2M)));
    let person = case.app.tokens(WEB, &[]).await;
    assert!(case.app.userinfo(&person.text("access_token")).await.text("sub").starts_with("usr_"));
    // No client can be named like a person, and no person like a client.
    for id in [user_id(ALICE).as_str(), "usr_x", "USR_x", "Usr_alice"] {
        let client = value!({ "id": id, "redirect_uris": ["https://app.example/cb"], "scopes": "openid" });
        let applied = super::steps::apply(&case.app, value!({ "clients": [client] })).await;
        assert!(applied.is_err_and(|problem| problem.contains("usr_")), "{id}");
    }
    for id in [M2M, "web", "alice", "usr_"] {
        let user = value!({ "id": id, "user_name": "somebody-new", "password": "long enough it is" });
        let applied = super::steps::apply(&case.app, value!({ "users": [user] })).await;
        assert!(applied.is_err_and(|problem| problem.contains("usr_")), "{id}");
    }
    // A client's own token tells nothing of a person.
    case.expect(bearer(403, "insufficient_scope"), case.app.userinfo(&token)).await;
}

/// A hundred thousand random grants: nothing that was not asked, allowed and registered is ever in a token.
async fn sc_025(case: &Case) {
    let mounted = case.app.store.directory().lookup("id.example", "/").expect("there is an issuer");
    let facts = Facts::of(
        mounted.entry.tenant.clone(),
        mounted.issuer.clone(),
        mounted.entry.apis.clone(),
        mounted.entry.keys.ring.clone(),
    );
    let issuer = facts.issuer.url.clone();
    let words = [
        "openid",
        "profile",
        "email",
        "offline_access",
        "rs1:read",
        "rs1:write",
        "rs2:read",
        "rs2:write",
        "admin",
    ];
    let apis = ["https://rs1.example", "https://rs2.example"];
    let seed = 20_260_102;
    println!("sc_025: seed {seed}");
    let mut random = SeededRandom::new(seed);
    let mut bits = || {
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    };
    let subset = |bits: u32| {
        let chosen: Vec<&str> =
            (0..words.len()).filter(|at| bits >> at & 1 == 1).map(|at| words[at]).collect();
        Scopes::parse(&chosen.join(" ")).expect("these are scopes")
    };
    let base: Client = client_of(&case.app, WEB).await;
    for _ in 0..100_000 {
        let (requested, registered, consented) = (subset(bits()), subset(bits()), subset(bits()));
        let chosen = bits();
        let client = Client {
            scopes: registered.clone(),
            apis: (0..2).filter(|at| chosen >> at & 1 == 1).map(|at| apis[at].into()).collect(),
            ..base.clone()
        };
        let left = {
            let limits = Limits { consented: Some(&consented), ..Limits::of(&client, &facts.apis) };
            effective(&requested, &limits)
        };
        for scope in left.scopes.iter() {
            assert!(
                requested.contains(scope) && registered.contains(scope) && consented.contains(scope),
                "{scope}"
            );
            assert_ne!(scope, "admin", "no API has it");
        }
        assert!(left.fell.iter().all(|(scope, _)| !left.scopes.contains(scope)));
        let named: Vec<String> =
            (2..4).filter(|at| chosen >> at & 1 == 1).map(|at| apis[at - 2].to_owned()).collect();
        let said = audience(&left.scopes, &requested, &named, &client, &facts);
        assert!(said.scopes.is_subset(&left.scopes), "{said:?}");
        assert!(!said.names.is_empty());
        for name in &said.names {
            let is_api = client.apis.iter().any(|api| api.as_str() == name);
            assert!(
                *name == issuer || is_api && (named.is_empty() || named.contains(name)),
                "{said:?} of {named:?}"
            );
        }
        for (prefix, api) in [("rs1:", apis[0]), ("rs2:", apis[1])] {
            let has_scope = said.scopes.iter().any(|scope| scope.starts_with(prefix));
            assert!(!has_scope || said.names.iter().any(|name| name == api), "{said:?}");
        }
    }
    // And from end to end, with what is granted told by introspection.
    let browser = signed_in(case, ALICE).await;
    for _ in 0..20 {
        let asked = subset(bits() & 0b11_1111 | 1).to_string();
        let theirs = tokens(case, &browser, WEB, &[("scope", &asked)]).await;
        let granted = theirs.text("scope");
        let (asked, granted) =
            (Scopes::parse(&asked).expect("scopes"), Scopes::parse(&granted).expect("scopes"));
        assert!(granted.is_subset(&asked), "{granted} of {asked}");
        let aud = case.app.introspect(WEB, &theirs.text("access_token")).await.json()["aud"].clone();
        let has_api = granted.iter().any(|scope| scope.starts_with("rs1:"));
        let expected = if has_api { value!([apis[0], issuer]) } else { value!(issuer) };
        assert_eq!(aud, expected);
    }
}
