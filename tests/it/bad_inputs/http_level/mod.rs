//! Bad inputs: HTTP itself. The rules of the edge are tested beside it, on a bare listener (`crates/web/tests/edge`); here they stand
//! in front of the whole server, and what only the server can get wrong is added.

mod framing;
mod nested;

use std::time::Duration;

use doorward_tests::{ALICE, Reply, WEB, encode};
use doorward_web::dialect::Endpoint;
use doorward_web::dialect::standard::DIALECT;
use doorward_web::edge::Limits;
use tokio::io::AsyncWriteExt;

use crate::bad_inputs::steps::{OFFLINE, SESSION, is_signed_in, signed_in, tokens};
use framing::{ht_007, ht_008, ht_010, ht_014};
use nested::{ht_020, ht_021, ht_022, ht_028};

use crate::bad_inputs::wire::{Wire, read, reply, shown_at_the_edge};
use crate::bad_inputs::{Case, rows, status};

rows![
    shared ht_001, shared ht_002, shared ht_003, shared ht_005, shared ht_007, shared ht_008, shared ht_010,
    shared ht_012, shared ht_014, shared ht_016, shared ht_017, shared ht_020, shared ht_021, shared ht_022,
    shared ht_023, shared ht_024, shared ht_025, shared ht_028,
];

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
const RESOURCES: &str = include_str!("../../../../crates/web/tests/edge/resources.rs");
const SHORT: Duration = Duration::from_millis(200);

/// A head that dribbles ends at its deadline; others are answered meanwhile.
async fn ht_001(case: &Case) {
    let wire = Wire::with(case, Limits { header: SHORT, first_byte: SHORT, ..Limits::default() }).await;
    let mut slow = wire.connect().await;
    slow.write_all(b"GET /jwks HTTP/1.1\r\nHost: id").await.expect("a connection takes bytes");
    let mut silent = wire.connect().await;
    assert_eq!(reply(&wire.request("GET /jwks", &[], "").await).status, 200);
    assert_eq!(reply(&read(&mut slow).await).status, 408);
    assert_eq!(read(&mut silent).await, "");
    shown_at_the_edge(
        RESOURCES,
        &["ht_001_a_dribbled_head", "ht_001_no_byte_at_all", "ht_001_an_idle_connection"],
    );
}

/// A body that dribbles too; nothing is done with its part.
async fn ht_002(case: &Case) {
    let wire = Wire::with(case, Limits { body_idle: SHORT, ..Limits::default() }).await;
    let token = case.app.tokens(WEB, &OFFLINE).await.text("refresh_token");
    let body = format!("token={token}");
    let authorization = doorward_tests::basic(WEB, &doorward_tests::secret_of(WEB));
    let head = format!(
        "POST /revoke HTTP/1.1\r\nHost: id.example\r\n{FORM}\r\nAuthorization: {authorization}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len() + 1
    );
    let answer = case.expect(status(408), async { reply(&wire.send(head).await) }).await;
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(case.app.refresh(WEB, &token).await.status, 200);
    shown_at_the_edge(RESOURCES, &["ht_002_a_dribbled_body", "ht_002_a_slow_body_that_moves"]);
}

async fn ht_003(_: &Case) {
    shown_at_the_edge(RESOURCES, &["ht_003_a_client_that_does_not_read"]);
    shown_at_the_edge(
        include_str!("../../../../crates/web/tests/edge/http2.rs"),
        &["ht_003_a_stream_without_a_window"],
    );
}

/// Connections beyond the cap wait for their turn and are answered then.
async fn ht_005(case: &Case) {
    let wire = Wire::with(case, Limits { max_connections: 2, header: SHORT, ..Limits::default() }).await;
    let mut holders = [wire.connect().await, wire.connect().await];
    for holder in &mut holders {
        holder.write_all(b"GET /jwks HTTP/1.1\r\n").await.expect("a connection takes bytes");
    }
    assert_eq!(reply(&wire.request("GET /jwks", &[], "").await).status, 200);
    shown_at_the_edge(
        RESOURCES,
        &["ht_005_connections_beyond_the_cap_wait", "ht_005_nobody_idles_where_places_are_scarce"],
    );
}

async fn ht_012(_: &Case) {
    shown_at_the_edge(
        include_str!("../../../../crates/web/tests/edge/http2.rs"),
        &[
            "ht_012_a_settings_flood",
            "ht_012_a_ping_flood",
            "ht_012_a_continuation_flood",
            "ht_012_empty_data_frames",
            "ht_012_a_rapid_reset",
            "ht_012_an_hpack_bomb",
        ],
    );
}

/// A path is compared byte for byte: whatever only looks like an endpoint is none.
async fn ht_016(case: &Case) {
    let wire = Wire::of(case).await;
    let browser = signed_in(case, ALICE).await;
    let cookie = format!("Cookie: {SESSION}={}", browser.cookies()[SESSION]);
    for (method, name) in [
        ("POST", "token"),
        ("POST", "revoke"),
        ("GET", "account"),
        ("GET", "jwks"),
        ("POST", "account/password"),
    ] {
        let first = name.as_bytes()[0];
        let paths = [
            format!("//{name}"),
            format!("/./{name}"),
            format!("/x/../{name}"),
            format!("/{name}/"),
            format!("/{name}//"),
            format!("/{}", name.to_uppercase()),
            format!("/{name};x=1"),
            format!("/{name}%00"),
            format!("/{name}%20"),
            format!("/{name}%2f"),
            format!("/{name}."),
            format!("/{name}.json"),
            format!("/%{first:02x}{}", &name[1..]),
            format!("/%2f{name}"),
            format!("/%2e/{name}"),
            format!("/t/t1/{name}"),
            format!("/t/t2/../{name}"),
            format!("/t//t2/{name}"),
            format!("/T/T2/{name}"),
            format!("/t/t2;/{name}"),
        ];
        for path in &paths {
            let answer =
                wire.request(&format!("{method} {path}"), &[&cookie, FORM, "Content-Length: 0"], "").await;
            assert!(matches!(reply(&answer).status, 400 | 404), "{path}: {answer}");
            case.expect(status(404), browser.send(method, path, &[], "")).await;
        }
        for odd in ["\\", "/\u{e9}", "/token\u{0}", "/a b"] {
            let answer = wire
                .send(format!(
                    "{method} {odd}{name} HTTP/1.1\r\nHost: id.example\r\nConnection: close\r\n\r\n"
                ))
                .await;
            assert!(matches!(reply(&answer).status, 400 | 404), "{odd}: {answer}");
        }
    }
}

/// Only the path says what is asked.
async fn ht_017(case: &Case) {
    let wire = Wire::of(case).await;
    let jwks = case.app.get("/jwks", &[]).await.body;
    for target in ["/jwks?x=/account", "/jwks?/account", "/jwks??", "/jwks?x=/../account", "/jwks?a=%00"] {
        let found = reply(&wire.request(&format!("GET {target}"), &[], "").await);
        assert_eq!((found.status, &found.body), (200, &jwks), "{target}");
    }
    for target in [
        "/jwks%3Fx=/account",
        "/account%23/jwks",
        "/account%3Fjwks",
        "/jwks%3f",
        "/nothing?/jwks",
        "/jwks%23",
    ] {
        let found = reply(&wire.request(&format!("GET {target}"), &[], "").await);
        assert_eq!(found.status, 404, "{target}");
    }
    // A fragment is never sent; one that is makes a target that is none.
    assert_eq!(reply(&wire.request("GET /jwks#/account", &[], "").await).status, 400);
}

/// Nothing that comes back becomes a header line.
async fn ht_023(case: &Case) {
    let wire = Wire::of(case).await;
    let browser = signed_in(case, ALICE).await;
    browser.code("plain", &[]).await;
    let cookie = format!("Cookie: {SESSION}={}", browser.cookies()[SESSION]);
    let split = "a%0d%0aSet-Cookie:%20evil=1%0d%0a%0d%0a<script>";
    let base = doorward_tests::authorize_target("plain", &[("state", "")]);
    let targets = [
        format!("{base}&state={split}"),
        format!("{base}&state=x&prompt={split}"),
        format!("{base}&state=x&scope={split}"),
        format!("{base}&state={split}&response_type={split}"),
        format!("/authorize?client_id={split}"),
        format!("/logout?state={split}&post_logout_redirect_uri={split}"),
        format!("/{split}"),
        format!("/t/{split}/token"),
        format!("/setup?link={split}"),
        format!("/account?done={split}"),
    ];
    for target in &targets {
        for method in ["GET", "POST"] {
            let lines =
                [cookie.as_str(), FORM, "Content-Length: 0", "X-Request-Id: a%0d%0aSet-Cookie: evil=1"];
            let answer = wire.request(&format!("{method} {target}"), &lines, "").await;
            let (head, _) = answer.split_once("\r\n\r\n").expect("an answer has a head");
            assert!(!head.to_lowercase().contains("\r\nset-cookie: evil"), "{target}: {answer}");
            assert!(!head.contains("<script>") && !head.contains('\0'), "{target}: {head}");
            assert!(!answer.contains("<script>") || !answer.contains("evil=1\r\n\r\n<script>"), "{target}");
        }
    }
    let found = browser.get(&targets[0]).await;
    assert_eq!(found.param("state").as_deref(), Some("a\r\nSet-Cookie: evil=1\r\n\r\n<script>"));
    // What a challenge says is ours.
    for (path, line) in [
        ("/userinfo", "Authorization: Bearer a\"b\\c"),
        ("/userinfo", "Authorization: Bearer"),
        ("/revoke", "Authorization: Basic \"x\""),
    ] {
        let answer = wire.request(&format!("POST {path}"), &[line, FORM, "Content-Length: 0"], "").await;
        let found = reply(&answer);
        let challenge = found.header("www-authenticate").unwrap_or_default().to_owned();
        assert!(!challenge.contains("a\"b") && !challenge.contains('\\'), "{challenge}");
    }
}

/// HEAD and OPTIONS change nothing, wherever they are sent.
async fn ht_024(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let hint = tokens(case, &browser, WEB, &[]).await.text("id_token");
    let targets = [
        doorward_tests::authorize_target(WEB, &[]),
        doorward_tests::authorize_target(WEB, &[("prompt", "none")]),
        format!("/logout?{}", encode(&[("id_token_hint", &hint)])),
        format!(
            "/logout?{}",
            encode(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://app.example/bye")])
        ),
    ];
    for target in &targets {
        for method in ["HEAD", "OPTIONS"] {
            let reply = case.expect(status(405), browser.send(method, target, &[], "")).await;
            assert_eq!(reply.header("allow"), Some("GET, POST"));
        }
    }
    let form = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://id.example")];
    for route in DIALECT.every_route() {
        for method in ["HEAD", "OPTIONS"] {
            let before = case.rows().await;
            let reply = browser.send(method, route.path, &form, "token=x&action=allow").await;
            assert!(reply.status < 500, "{method} {}", route.path);
            assert_eq!(case.rows().await, before, "{method} {}", route.path);
        }
        let foreign =
            ["TRACE", "PROPFIND", "DELETE"].into_iter().filter(|method| !route.allow.contains(method));
        // Below the admin API's prefix each path has methods of its own.
        let path = if route.endpoint == Endpoint::Admin { "/admin/v1/tenants" } else { route.path };
        for method in foreign {
            case.expect(status(405), browser.send(method, path, &form, "")).await;
        }
    }
    assert!(is_signed_in(&browser).await);
}

/// Every answer of every endpoint, whatever it says, by every method.
async fn ht_025(case: &Case) {
    let wire = Wire::proxied(case).await;
    let browser = signed_in(case, ALICE).await;
    let cookie = format!("Cookie: {SESSION}={}", browser.cookies()[SESSION]);
    let asset = browser.get("/account").await.body;
    let asset =
        asset.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a page has its script");
    let authorize = doorward_tests::authorize_target(WEB, &[]);
    let denied = doorward_tests::authorize_target(WEB, &[("scope", "nothing")]);
    let mut paths: Vec<&str> =
        DIALECT.every_route().map(|route| route.path).filter(|path| !path.is_empty()).collect();
    paths.extend([
        asset,
        authorize.as_str(),
        denied.as_str(),
        "/nothing",
        "/assets/nothing",
        "/t/t2/jwks",
        "/%00",
    ]);
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            for accept in ["Accept: text/html", "Accept: application/json"] {
                let lines = [cookie.as_str(), accept, "X-Forwarded-Proto: https", FORM, "Content-Length: 0"];
                let answer = wire.request(&format!("{method} {path}"), &lines, "").await;
                assert_guarded(&reply(&answer), &format!("{method} {path}"), path == asset);
            }
        }
    }
    let refused = [
        "GET /jwks HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\n\r\n",
        "nonsense\r\n\r\n",
    ];
    for bytes in refused {
        let found = reply(&wire.send(bytes).await);
        assert!(found.status >= 400, "{bytes}");
        assert_eq!(found.header("x-content-type-options"), Some("nosniff"), "{bytes}");
    }
}

#[track_caller]
fn assert_guarded(found: &Reply, what: &str, is_asset: bool) {
    let header = |name: &str| found.header(name).unwrap_or_else(|| panic!("{what}: no {name}: {found:?}"));
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert!(["strict-origin", "same-origin", "no-referrer"].contains(&header("referrer-policy")), "{what}");
    let policy = header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"),
        "{what}: {policy}"
    );
    assert!(header("permissions-policy").contains("camera=()"), "{what}");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{what}");
    let hsts = header("strict-transport-security");
    let age: u64 = hsts.split(['=', ';']).nth(1).and_then(|age| age.parse().ok()).unwrap_or_default();
    assert!(age >= 31_536_000 && hsts.contains("includeSubDomains"), "{what}: {hsts}");
    assert_eq!(header("x-request-id").len(), 20, "{what}");
    for name in ["server", "x-powered-by", "via"] {
        assert_eq!(found.header(name), None, "{what}");
    }
    let cache = header("cache-control");
    let is_public = cache.starts_with("public") && (is_asset || found.status == 200);
    assert!(cache.contains("no-store") || is_public, "{what}: {cache}");
    if !found.body.is_empty() {
        header("content-type");
    }
    for name in found.headers.keys() {
        assert_eq!(
            found.headers.get_all(name).iter().count().max(1),
            if name == "set-cookie" { found.headers.get_all(name).iter().count() } else { 1 },
            "{what}: {name} is repeated"
        );
    }
    assert_eq!(found.header("access-control-allow-credentials"), None, "{what}");
}
