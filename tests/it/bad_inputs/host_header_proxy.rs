//! Bad inputs: hosts, forwarding and override headers. What the edge does with each is tested beside it
//! (`crates/web/tests/edge/hosts.rs`); here is what becomes of them on the way through the whole server.

use std::sync::Arc;

use doorward_tests::{ALICE, Page, Reply, WEB, encode, request};
use doorward_web::edge::Service;
use doorward_web::ops::{Metrics, Ops, Readiness};

use super::steps::{OFFLINE, SESSION, signed_in};
use super::wire::{Wire, reply};
use super::{Case, rows, status};

rows![
    shared hh_001, fresh hh_002, fresh hh_003, shared hh_004, shared hh_006, shared hh_007, shared hh_008, shared hh_009,
];

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The issuer comes from the settings. A host that no issuer has is told so, and nothing of it comes back.
async fn hh_001(case: &Case) {
    let wire = Wire::of(case).await;
    let strange = [
        "evil.example",
        "id.example.evil.example",
        "evil-id.example",
        "id.example:444",
        "id.example.",
        "127.0.0.1",
        "localhost",
        "[::1]",
        "xn--d-oja.example",
        "id_example",
    ];
    for host in strange {
        for path in
            [DISCOVERY, "/jwks", "/authorize", "/", "/t/t2/jwks", "/.well-known/openid-configuration/t/t2"]
        {
            let answer =
                wire.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
            let found = reply(&answer);
            assert_eq!(found.status, 421, "{host} {path}: {answer}");
            assert!(!answer.contains(host), "{answer}");
        }
    }
    let ours = case.app.get(DISCOVERY, &[]).await.body;
    assert!(!ours.contains("evil"));
    let lines = [
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Proto: javascript",
        "Forwarded: host=evil.example;proto=http",
        "X-Forwarded-Server: evil.example",
        "X-Host: evil.example",
        "X-Forwarded-Port: 444",
        "X-Forwarded-Prefix: /evil",
        "X-Forwarded-Scheme: http",
        "X-HTTP-Host-Override: evil.example",
        "Front-End-Https: off",
        "X-Original-Host: evil.example",
    ];
    for wire in [Wire::of(case).await, Wire::proxied(case).await] {
        for line in lines {
            let found = reply(&wire.request(&format!("GET {DISCOVERY}"), &[line], "").await);
            assert_eq!((found.status, found.body.as_str()), (200, ours.as_str()), "{line}");
            let found = reply(&wire.request("GET /", &[line], "").await);
            assert_eq!(found.location(), "https://id.example/account", "{line}");
            let body = encode(&[("client_id", WEB)]);
            let length = format!("Content-Length: {}", body.len());
            let form = "Content-Type: application/x-www-form-urlencoded";
            let found = reply(&wire.request("POST /authorize", &[line, form, &length], &body).await);
            assert_eq!(found.location(), "https://id.example/authorize?client_id=web", "{line}");
        }
    }
    // Neither the case of a host nor the port that its scheme implies says anything.
    let secure = "X-Forwarded-Proto: https";
    let proxied = Wire::proxied(case).await;
    for (host, status) in
        [("id.example:443", 200), ("ID.Example:443", 200), ("id.example:80", 421), ("id.example:4430", 421)]
    {
        let head =
            format!("GET {DISCOVERY} HTTP/1.1\r\nHost: {host}\r\n{secure}\r\nConnection: close\r\n\r\n");
        assert_eq!(reply(&proxied.send(head).await).status, status, "{host}");
    }
    let answer =
        wire.send(format!("GET {DISCOVERY} HTTP/1.1\r\nHost: ID.Example\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(reply(&answer).body, ours);
}

/// One well-formed host, and no other in the target.
async fn hh_004(case: &Case) {
    let wire = Wire::of(case).await;
    let end = "Connection: close\r\n\r\n";
    let heads = [
        "GET /jwks HTTP/1.1\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost:\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.example\r\nHost: id.example\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.example\r\nHost: evil.example\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: evil.example\r\nhost: id.example\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.example, evil.example\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.example@evil.example\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.example/\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.example:\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.example:99999\r\n".to_owned(),
        "GET /jwks HTTP/1.1\r\nHost: id.ex ample\r\n".to_owned(),
        "GET https://evil.example/jwks HTTP/1.1\r\nHost: id.example\r\n".to_owned(),
        "GET https://id.example/jwks HTTP/1.1\r\nHost: evil.example\r\n".to_owned(),
        "GET jwks HTTP/1.1\r\nHost: id.example\r\n".to_owned(),
        "GET * HTTP/1.1\r\nHost: id.example\r\n".to_owned(),
    ];
    for head in heads {
        let answer = wire.send(format!("{head}{end}")).await;
        assert_eq!(reply(&answer).status, 400, "{head}");
        assert!(!answer.contains("evil"), "{answer}");
    }
}

/// Ask for a new password with these lines in the head: where the mail's link leads.
async fn link_asked_with(case: &Case, wire: &Wire, lines: &[&str]) -> String {
    let before = case.app.mails().await.len();
    let opened = reply(&wire.request("GET /forgot-password", &[], "").await);
    let cookie =
        opened.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
    let page = Page::of(opened);
    let body = encode(&[("form", page.field("form").expect("a form")), ("username", ALICE)]);
    let cookie = format!("Cookie: {cookie}");
    let length = format!("Content-Length: {}", body.len());
    let mut all = vec![cookie.as_str(), length.as_str(), "Content-Type: application/x-www-form-urlencoded"];
    all.extend_from_slice(lines);
    let answer = wire.request("POST /forgot-password", &all, &body).await;
    assert_eq!(reply(&answer).status, 200, "{lines:?}: {answer}");
    assert!(!answer.contains("evil"), "{answer}");
    let mails = case.app.mails().await;
    assert_eq!(mails.len(), before + 1, "{lines:?}");
    let mail = mails.last().expect("a mail");
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{}", mail.text);
    mail.link.clone().expect("a link")
}

/// A mail's link leads to the issuer, whatever a head says of hosts.
async fn hh_002(case: &Case) {
    let lines = [
        "X-Forwarded-Host: evil.example",
        "Forwarded: host=evil.example;proto=https",
        "X-Host: evil.example",
        "X-Forwarded-Server: evil.example",
    ];
    for line in lines {
        let link = link_asked_with(case, &Wire::of(case).await, &[line]).await;
        assert!(link.starts_with("https://id.example/reset-password?link="), "{line}: {link}");
        case.app.advance_s(3600);
    }
}

/// And it is https, whatever it says of the scheme, directly and behind a proxy.
async fn hh_003(case: &Case) {
    for wire in [Wire::of(case).await, Wire::proxied(case).await] {
        let link = link_asked_with(case, &wire, &["X-Forwarded-Proto: javascript"]).await;
        assert!(link.starts_with("https://id.example/"), "{link}");
        case.app.advance_s(3600);
    }
    let link = link_asked_with(case, &Wire::of(case).await, &["X-Forwarded-Proto: http"]).await;
    assert!(link.starts_with("https://id.example/"), "{link}");
}

/// A path is the request line's.
async fn hh_006(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let cookie = format!("Cookie: {SESSION}={}", browser.cookies()[SESSION]);
    for wire in [Wire::of(case).await, Wire::proxied(case).await] {
        let jwks = reply(&wire.request("GET /jwks", &[], "").await).body;
        for name in [
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-Forwarded-Uri",
            "X-Forwarded-Path",
            "X-Original-URI",
            "X-Override-URL",
        ] {
            for path in ["/account", "/logout", "/metrics", "https://evil.example/"] {
                let line = format!("{name}: {path}");
                let found = reply(&wire.request("GET /jwks", &[&line, &cookie], "").await);
                assert_eq!((found.status, &found.body), (200, &jwks), "{line}");
                let found = reply(&wire.request("GET /nothing", &[&line, &cookie], "").await);
                assert_eq!(found.status, 404, "{line}");
            }
        }
    }
}

/// A hop-by-hop name takes nothing away that the server looks at.
async fn hh_007(case: &Case) {
    let token = case.app.tokens(WEB, &OFFLINE).await.text("access_token");
    let authorization = format!("Authorization: Bearer {token}");
    let direct = Wire::of(case).await;
    for name in [
        "authorization",
        "Authorization",
        "host",
        "cookie",
        "x-forwarded-for",
        "content-length",
        "x-request-id",
    ] {
        let line = format!("Connection: close, {name}");
        let head = format!(
            "GET /userinfo HTTP/1.1\r\nHost: id.example\r\n{line}\r\n{authorization}\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"
        );
        let found = reply(&direct.send(head).await);
        assert_eq!(found.status, 200, "{name}: {}", found.body);
    }
    // Behind a proxy the client's address is the proxy's word, whatever the client's own headers were called.
    let wire = Wire::proxied(case).await;
    let browser = case.app.browser();
    let page = doorward_tests::Page::of(browser.get("/sign-in").await);
    let mut fields: Vec<(&str, &str)> =
        page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(doorward_tests::credentials(ALICE));
    let body = encode(&fields);
    let cookie = format!("Cookie: __Host-p={}", browser.cookies()["__Host-p"]);
    let length = format!("Content-Length: {}", body.len());
    let lines = [
        cookie.as_str(),
        length.as_str(),
        "Content-Type: application/x-www-form-urlencoded",
        "Origin: https://id.example",
        "X-Forwarded-For: 198.51.100.1, 203.0.113.9",
        "Connection: X-Forwarded-For",
    ];
    let lines: Vec<&str> = lines.into_iter().collect();
    let found = reply(&wire.request("POST /sign-in", &lines, &body).await);
    assert_eq!(found.status, 303, "{}", found.body);
    // Events of one millisecond have no order among them.
    let events = case.new_events().await;
    let addresses: Vec<&str> = events
        .iter()
        .filter(|event| event.kind.as_str() == "session.signed_in")
        .map(|event| event.address.as_str())
        .collect();
    assert!(addresses.contains(&"203.0.113.9") && !addresses.contains(&"198.51.100.1"), "{addresses:?}");
}

/// The operations listener is another one.
async fn hh_008(case: &Case) {
    let wire = Wire::of(case).await;
    for path in [
        "/metrics",
        "/healthz",
        "/readyz",
        "/health",
        "/livez",
        "/debug",
        "/debug/pprof",
        "/actuator",
        "/status",
        "/t/t2/metrics",
    ] {
        let found = reply(&wire.request(&format!("GET {path}"), &[], "").await);
        assert_eq!(found.status, 404, "{path}");
        case.expect(status(404), case.app.get(path, &[("accept", "text/html")])).await;
    }
}

/// The token that the metrics ask for is compared by digest: the work is the same however much of it is right.
async fn hh_009(_: &Case) {
    let token = "a-token-of-the-operations-listener";
    let ops = Ops::new(Arc::new(Metrics::new()), Arc::new(Readiness::default()), Some(token));
    let ask = async |authorization: &str| -> Reply {
        ops.call(request("GET", "/metrics", &[("authorization", authorization)], "")).await.into()
    };
    let near = format!("Bearer {}", &token[..token.len() - 1]);
    let wrong = [
        "Bearer x",
        "Bearer ",
        "",
        &near,
        "Basic YTpi",
        "Bearer a-token-of-the-operations-listener x",
        token,
    ];
    for authorization in wrong {
        let reply = ask(authorization).await;
        assert_eq!(reply.status, 401, "{authorization}");
        assert!(reply.header("www-authenticate").is_some() && !reply.body.contains("doorward"));
    }
    assert_eq!(ask(&format!("Bearer {token}")).await.status, 200);
    let none: Reply = ops.call(request("GET", "/metrics", &[], "")).await.into();
    assert_eq!(none.status, 401);
    super::wire::shown_at_the_edge(
        include_str!("../../../crates/web/tests/edge/operations.rs"),
        &["hh_008_operations_have_their_own_listener", "hh_009_metrics_ask_for_their_token"],
    );
}
