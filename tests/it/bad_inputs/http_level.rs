//! Bad inputs: HTTP itself. The rules of the edge are tested beside it, on a bare listener (`crates/web/tests/edge`); here they stand
//! in front of the whole server, and what only the server can get wrong is added.

use std::time::Duration;

use doorward_crypto::base64url;
use doorward_crypto::jose::sign::sign;
use doorward_tests::{ALICE, ClientKey, PKJ, Reply, WEB, encode};
use doorward_web::dialect::standard::DIALECT;
use doorward_web::edge::Limits;
use tokio::io::AsyncWriteExt;

use super::steps::{OFFLINE, SESSION, is_signed_in, signed_in, tokens};
use super::wire::{Wire, read, reply, shown_at_the_edge};
use super::{Case, json, page, redirect, rows, status};

rows![
    shared ht_001, shared ht_002, shared ht_003, shared ht_005, shared ht_007, shared ht_008, shared ht_010,
    shared ht_012, shared ht_014, shared ht_016, shared ht_017, shared ht_020, shared ht_021, shared ht_022,
    shared ht_023, shared ht_024, shared ht_025, shared ht_028,
];

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
const RESOURCES: &str = include_str!("../../../crates/web/tests/edge/resources.rs");
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
        include_str!("../../../crates/web/tests/edge/http2.rs"),
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

/// A request to the token endpoint with these lines, refused.
async fn framed(case: &Case, wire: &Wire, lines: &[&str], body: &str, statuses: &[u16]) {
    let before = case.rows().await;
    let mut all = vec![FORM];
    all.extend_from_slice(lines);
    let answer = wire.request("POST /token", &all, body).await;
    let found = reply(&answer);
    assert!(statuses.contains(&found.status), "{lines:?}: {answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {answer}");
    assert_eq!(case.rows().await, before);
}

async fn ht_007(case: &Case) {
    let wire = Wire::of(case).await;
    for length in
        ["+3", "0x3", "-1", "3 ", "3, 3", "3,4", "3.0", "1e1", "18446744073709551616", "abc", "", "３"]
    {
        framed(case, &wire, &[&format!("Content-Length: {length}")], "a=b", &[400, 413]).await;
    }
    framed(case, &wire, &["Content-Length: 3", "Content-Length: 3"], "a=b", &[400]).await;
    framed(case, &wire, &["Content-Length: 3", "Content-Length: 4"], "a=b", &[400]).await;
    framed(case, &wire, &["Content-Length: 3", "content-length: 3"], "a=b", &[400]).await;
    shown_at_the_edge(
        include_str!("../../../crates/web/tests/edge/framing.rs"),
        &["ht_007_odd_content_lengths"],
    );
}

async fn ht_008(case: &Case) {
    let wire = Wire::of(case).await;
    let whole = "3\r\na=b\r\n0\r\n\r\n";
    for coding in [
        "chunked, identity",
        "xchunked",
        "chunked, chunked",
        "gzip, chunked",
        "identity",
        "chunked;q=1",
        "",
        "\u{b}chunked",
    ] {
        framed(case, &wire, &[&format!("Transfer-Encoding: {coding}")], whole, &[400, 501]).await;
    }
    framed(case, &wire, &["Transfer-Encoding: chunked", "Content-Length: 3"], whole, &[400]).await;
    framed(case, &wire, &["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], whole, &[400]).await;
    for chunks in [
        "10000000000000000\r\na=b",
        "-1\r\na",
        "0x3\r\na=b\r\n0\r\n\r\n",
        "3\na=b\r\n0\r\n\r\n",
        "g\r\n",
        "3\r\na=bX\r\n0\r\n\r\n",
    ] {
        framed(case, &wire, &["Transfer-Encoding: chunked"], chunks, &[400, 413]).await;
    }
    // Positive guard: a chunked form is a form.
    let answer = wire.request("POST /token", &[FORM, "Transfer-Encoding: chunked"], whole).await;
    reply(&answer).assert_error(400, "invalid_request");
}

async fn ht_010(case: &Case) {
    let wire = Wire::of(case).await;
    let many: Vec<String> = (0..101).map(|n| format!("X-{n}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(reply(&wire.request("GET /jwks", &many, "").await).status, 431);
    let large = format!("X-Large: {}", "y".repeat(64 * 1024));
    assert_eq!(reply(&wire.request("GET /jwks", &[&large], "").await).status, 431);
    let long = format!("GET /authorize?state={}", "y".repeat(16 * 1024));
    assert_eq!(reply(&wire.request(&long, &[], "").await).status, 414);
    // Within the caps, every field may be as long as a field may be.
    let longest = format!("GET /authorize?client_id={}", "y".repeat(8 * 1024));
    assert_eq!(reply(&wire.request(&longest, &[], "").await).status, 400);
    let body = format!("grant_type={}", "y".repeat(64 * 1024 - 11));
    let length = format!("Content-Length: {}", body.len());
    reply(&wire.request("POST /token", &[FORM, &length], &body).await).assert_error(400, "invalid_request");
    let fields = "a=b&".repeat(100_000);
    let length = format!("Content-Length: {}", fields.len());
    assert_eq!(reply(&wire.request("POST /token", &[FORM, &length], &fields).await).status, 413);
    let fields: String = (0..65).map(|n| format!("f{n}=v&")).collect();
    case.expect(json(400, "invalid_request"), async {
        case.app
            .send("POST", "/token", &[("content-type", "application/x-www-form-urlencoded")], &fields)
            .await
    })
    .await;
}

async fn ht_012(_: &Case) {
    shown_at_the_edge(
        include_str!("../../../crates/web/tests/edge/http2.rs"),
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

/// A gigabyte that is announced is not asked for.
async fn ht_014(case: &Case) {
    let wire = Wire::of(case).await;
    for path in ["/token", "/revoke", "/sign-in", "/authorize", "/userinfo", "/nothing"] {
        let lines = [FORM, "Expect: 100-continue", "Content-Length: 1073741824"];
        let answer = wire.request(&format!("POST {path}"), &lines, "").await;
        assert_eq!(reply(&answer).status, 413, "{path}: {answer}");
        assert!(!answer.contains("100 Continue"), "{answer}");
    }
    let lines = [FORM, "Expect: 200-maybe", "Content-Length: 3"];
    assert_eq!(reply(&wire.request("POST /token", &lines, "a=b").await).status, 417);
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

/// A token request of PKJ with these claims, as they are written.
async fn asserted(case: &Case, claims: &str) -> Reply {
    let assertion = sign(ClientKey::private(), "JWT", claims.as_bytes());
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "rs1:read"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    case.app.post_form("/token", &form, &[]).await
}

fn claims_of(exp: &str, rest: &str) -> String {
    format!(
        r#"{{"iss":"{PKJ}","sub":"{PKJ}","aud":"https://id.example","jti":"j{}","exp":{exp}{rest}}}"#,
        exp.len()
    )
}

/// Numbers that are no times, or none at all.
async fn ht_020(case: &Case) {
    let numbers = [
        "1e999",
        "-1e999",
        "-0",
        "-0.0",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e18",
        "1.5",
        "0",
        "-1",
        "1e-400",
        "00",
        "+1",
        "0x10",
        "1_000",
        "NaN",
        "Infinity",
        "\"1\"",
        "[1]",
        "{}",
        "true",
        "null",
    ];
    for number in numbers {
        case.expect(json(401, "invalid_client"), asserted(case, &claims_of(number, ""))).await;
        let now = case.app.clock.now().seconds() + 60;
        for member in ["iat", "nbf"] {
            let reply =
                asserted(case, &claims_of(&now.to_string(), &format!(",\"{member}\":{number}"))).await;
            assert!(matches!(reply.status, 200 | 401), "{member} {number}: {}", reply.body);
        }
    }
    let browser = signed_in(case, ALICE).await;
    for number in ["1e999", "00", "0x1", "NaN", "-", "1e", "+1"] {
        let claims = format!(r#"{{"userinfo":{{"name":{{"value":{number}}}}}}}"#);
        let expected = redirect("invalid_request").event("authz.claims");
        case.expect(expected, browser.authorize(WEB, &[("claims", &claims)])).await;
    }
    for max_age in ["1e3", "-1", "1.5", "0x10", "99999999999999999999", "+1", " 1", "\u{661}"] {
        let expected = redirect("invalid_request").event("authz.max_age");
        case.expect(expected, browser.authorize(WEB, &[("max_age", max_age)])).await;
    }
}

/// Text that is no text.
async fn ht_021(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let target = doorward_tests::authorize_target(WEB, &[]);
    for claims in
        ["%7B%22userinfo%22%3A%7B%22%FF%22%3Anull%7D%7D", "%C0%80", "%ED%A0%80", "%F4%90%80%80", "%E2%82"]
    {
        for name in ["claims", "state2", "login_hint"] {
            case.expect(page(400), browser.get(&format!("{target}&{name}={claims}"))).await;
        }
        let body = format!("grant_type=client_credentials&x={claims}");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        for path in ["/token", "/introspect", "/revoke"] {
            case.expect(json(400, "invalid_request"), case.app.send("POST", path, &headers, &body)).await;
        }
    }
    for claims in [
        "{\"userinfo\":{\"\\ud800\":null}}",
        "{\"userinfo\":{\"a\":{\"value\":\"\\udfff\\ud800\"}}}",
        "\u{feff}{\"userinfo\":{}}",
        "{\"userinfo\":{}}\u{feff}",
    ] {
        let expected = redirect("invalid_request").event("authz.claims");
        case.expect(expected, browser.authorize(WEB, &[("claims", claims)])).await;
    }
    let now = case.app.clock.now().seconds() + 60;
    let surrogate = claims_of(&now.to_string(), ",\"x\":\"\\ud800\"");
    case.expect(json(401, "invalid_client"), asserted(case, &surrogate)).await;
    case.expect(json(401, "invalid_client"), asserted(case, &format!("\u{feff}{}", claims_of("1", ""))))
        .await;
}

/// An object is an object.
async fn ht_022(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for claims in [
        "null",
        "[]",
        "\"x\"",
        "1",
        "true",
        "[{}]",
        "{",
        "}",
        "{}{}",
        "{\"userinfo\":[]}",
        "{\"userinfo\":\"name\"}",
        "{\"userinfo\":{\"name\":[]}}",
    ] {
        let expected = redirect("invalid_request").event("authz.claims");
        case.expect(expected, browser.authorize(WEB, &[("claims", claims)])).await;
    }
    for claims in ["null", "[]", "\"x\"", "1", ""] {
        case.expect(json(401, "invalid_client"), asserted(case, claims)).await;
    }
    // The protocol endpoints take forms.
    for path in ["/token", "/introspect", "/revoke"] {
        for body in ["null", "[]", "{}", "\"x\"", "{\"grant_type\":\"client_credentials\"}"] {
            for media in [
                "application/json",
                "text/plain",
                "",
                "multipart/form-data; boundary=x",
                "application/x-www-form-urlencoded-x",
            ] {
                let expected = json(400, "invalid_request").event("request.media_type");
                let headers = [("content-type", media)];
                let reply = case.app.send("POST", path, &headers, body).await;
                expected.assert(&reply);
            }
        }
    }
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
    for route in DIALECT.routes {
        for method in ["HEAD", "OPTIONS"] {
            let before = case.rows().await;
            let reply = browser.send(method, route.path, &form, "token=x&action=allow").await;
            assert!(reply.status < 500, "{method} {}", route.path);
            assert_eq!(case.rows().await, before, "{method} {}", route.path);
        }
        for method in ["TRACE", "PROPFIND", "DELETE"] {
            case.expect(status(405), browser.send(method, route.path, &form, "")).await;
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
        DIALECT.routes.iter().map(|route| route.path).filter(|path| !path.is_empty()).collect();
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

/// Nested a hundred thousand deep, wherever JSON or a token is read: refused, and the process lives.
async fn ht_028(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for depth in [7, 33, 129, 1000, 4000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let claims = format!("{{\"userinfo\":{{\"name\":{{\"value\":{nested}}}}}}}");
            let request = [("claims", claims.as_str())];
            let reply = browser.authorize(WEB, &request).await;
            assert!(
                reply.status == 400 || reply.param("error").as_deref() == Some("invalid_request"),
                "{depth}"
            );
            let now = case.app.clock.now().seconds() + 60;
            if depth >= 33 {
                let deep = claims_of(&now.to_string(), &format!(",\"x\":{nested}"));
                let reply = asserted(case, &deep).await;
                assert!(matches!(reply.status, 400 | 401), "{}", reply.body);
            }
            for header in [nested.clone(), format!("{{\"alg\":\"ES256\",\"jwk\":{nested}}}")] {
                let token = format!("{}.e30.AAAA", base64url::encode(header.as_bytes()));
                assert_eq!(case.app.userinfo(&token).await.status, 401);
                let introspected = case.app.introspect(doorward_tests::RS1, &token).await.json();
                assert_ne!(introspected["active"], true);
                let reply = browser.get(&format!("/logout?{}", encode(&[("id_token_hint", &token)]))).await;
                assert!(matches!(reply.status, 400 | 414), "{}", reply.status);
            }
        }
    }
    let deep = "[".repeat(100_000);
    for (list, member) in [("clients", "jwks"), ("clients", "name"), ("users", "profile")] {
        let id = if list == "users" { ALICE } else { PKJ };
        let refused =
            super::steps::apply_to(&case.app, list, id, |row| row[member] = deep.clone().into()).await;
        assert!(refused.is_err(), "{list} {member}");
    }
    case.expect(status(401), case.app.userinfo(&deep[..16_000])).await;
    let body = format!("request={}", "%5B".repeat(20_000));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://id.example")];
    let reply = browser.send("POST", "/consent", &headers, &body).await;
    assert!(reply.status < 500, "{}", reply.body);
}
