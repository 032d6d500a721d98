//! Strangers: whatever anybody sends anywhere, the answer is an answer. No 5xx, no panic, nothing issued, nobody signed in or out.

use doorward_tests::chance::{Chance, is_long};
use doorward_tests::{ALICE, T1, T2, TestApp, WEB, authorization};
use doorward_web::dialect::standard::DIALECT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_stranger_sends_is_a_fault_of_ours() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let cookie: Vec<String> =
        browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookie = cookie.join("; ");
    // The console's own client is made once per tenant, when the console is first opened.
    for tenant in [T1, T2] {
        doorward_web::console::client::ensure(&app.store, &tenant.into()).await.expect("it can be made");
    }
    let rows = watched(&app).await;
    let mut chance = Chance::of_environment("strangers");
    let name = format!("DOORWARD_TEST_SEED={}", chance.seed);
    let requests = if is_long() { 25 * REQUESTS } else { REQUESTS };
    for _ in 0..requests {
        let asked = Asked::by(&mut chance, &cookie);
        let headers: Vec<(&str, &str)> =
            asked.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = app.send(asked.method, &asked.target, &headers, &asked.body).await;
        assert!(reply.status < 500, "{name}: {asked:?}: {} {}", reply.status, reply.body);
        assert!(!reply.body.contains("access_token\":"), "{name}: {asked:?}: {}", reply.body);
    }
    assert_eq!(watched(&app).await, rows, "{name}: rows came or went");
    assert_eq!(browser.get("/account").await.status, 200, "{name}");
}

/// A request of a stranger.
#[derive(Debug)]
struct Asked {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Asked {
    fn by(chance: &mut Chance, cookie: &str) -> Self {
        let routes: Vec<_> = DIALECT.every_route().collect();
        let route = routes[chance.below(routes.len())].path;
        let mut path = if route.is_empty() { "/" } else { route }.to_owned();
        if chance.below(8) == 0 {
            path = format!("/t/t2{path}");
        }
        if chance.below(40) == 0 {
            path.push_str(pick(chance, &["/", "%00", ";x", "//", ".json", "%2e%2e/", "\\"]));
        }
        let mut query = parameters(chance, route);
        let mut body = String::new();
        let method = pick(chance, &["GET", "GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT"]);
        if method == "POST" {
            body = std::mem::take(&mut query);
        }
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        Self { method, target, headers: headers(chance, cookie), body }
    }
}

/// Parameters that belong there, with values that do not; and some that belong nowhere.
fn parameters(chance: &mut Chance, route: &str) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    if route == "/authorize" && chance.below(3) > 0 {
        // Never one that could succeed: `none` with a scope that nobody consented to.
        pairs = authorization(WEB, &[("prompt", "none"), ("scope", "openid rs1:write")]);
    }
    for _ in 0..chance.below(5) {
        let name = pick(chance, NAMES);
        pairs.retain(|(known, _)| known != name);
        pairs.push((name.to_owned(), value(chance)));
    }
    let mut text: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", escaped(chance, value))).collect();
    if chance.below(20) == 0 {
        text.push(
            pick(chance, &["&&&", "=", "%", "%zz", "a=%ff", "a", "=b", "a=b=c", "a;b", "%00=%00", "+"])
                .to_owned(),
        );
    }
    text.join("&")
}

fn headers(chance: &mut Chance, cookie: &str) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    if chance.below(2) == 0 {
        headers.push(("content-type", pick(chance, MEDIA).to_owned()));
    } else {
        headers.push(("content-type", MEDIA[0].to_owned()));
    }
    match chance.below(6) {
        0 => headers.push(("cookie", cookie.to_owned())),
        1 => headers.push(("cookie", format!("__Host-s-t1={}; __Host-p={}", plain(chance), plain(chance)))),
        _ => {}
    }
    match chance.below(5) {
        0 => headers.push(("authorization", format!("Bearer {}", plain(chance)))),
        1 => headers
            .push(("authorization", format!("Basic {}", doorward_tests::base64(value(chance).as_bytes())))),
        2 => headers.push(("authorization", plain(chance))),
        _ => {}
    }
    for name in ["origin", "accept", "accept-language", "sec-fetch-site", "user-agent"] {
        if chance.below(4) == 0 {
            headers.push((name, plain(chance)));
        }
    }
    // With our own origin a form is judged by its token alone.
    if chance.below(3) == 0 {
        headers.retain(|(name, _)| *name != "origin");
        headers.push(("origin", "https://id.example".to_owned()));
    }
    headers
}

fn value(chance: &mut Chance) -> String {
    match chance.below(12) {
        0 => "[".repeat(chance.below(7000)),
        1 => "x".repeat(chance.below(9000)),
        2 => format!("{{\"userinfo\":{{\"{}\":{}}}}}", pick(chance, VALUES), pick(chance, VALUES)),
        3 => {
            let header = pick(
                chance,
                &[
                    "{\"alg\":\"none\"}",
                    "{\"alg\":\"ES256\",\"kid\":\"t1-ES256\"}",
                    "{\"alg\":\"HS256\"}",
                    "null",
                    "{}",
                ],
            );
            let claims = pick(
                chance,
                &[
                    "{\"sub\":\"\\u0000\",\"iss\":\"pkj\",\"exp\":9223372036854775807,\"jti\":\"x\"}",
                    "{\"sub\":\"pkj\",\"iss\":\"pkj\",\"exp\":-9223372036854775808,\"jti\":\"x\"}",
                    "{\"sub\":\"web\",\"exp\":1,\"jti\":\"\\ud83d\\ude00\"}",
                    "{\"sub\":7}",
                    "[]",
                ],
            );
            let segment = |text: &str| doorward_crypto::base64url::encode(text.as_bytes());
            format!("{}.{}.{}", segment(header), segment(claims), pick(chance, &["", "AAAA", "A"]))
        }
        _ => pick(chance, VALUES).to_owned(),
    }
}

/// A value that can stand in a header.
fn plain(chance: &mut Chance) -> String {
    let text: String = value(chance).chars().filter(|c| !c.is_control()).take(2000).collect();
    text.trim().to_owned()
}

fn escaped(chance: &mut Chance, text: &str) -> String {
    let raw = chance.below(10) == 0;
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || (raw && byte.is_ascii_graphic() && byte != b'&');
    text.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn pick<'a>(chance: &mut Chance, of: &[&'a str]) -> &'a str {
    let picked: &&str = chance.pick(of);
    picked
}

async fn watched(app: &TestApp) -> Vec<(&'static str, i64)> {
    let counts = app.store.counts().await.expect("rows can be counted");
    let names = ["clients", "consents", "grants", "sessions", "tickets", "users"];
    counts.into_iter().filter(|(table, _)| names.contains(table)).collect()
}

const REQUESTS: usize = 4000;

const MEDIA: &[&str] = &[
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    ";",
    "",
];

const NAMES: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "display",
    "ui_locales",
    "claims_locales",
    "acr_values",
    "claims",
    "login_hint",
    "id_token_hint",
    "request",
    "request_uri",
    "response_mode",
    "resource",
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "token",
    "token_type_hint",
    "access_token",
    "post_logout_redirect_uri",
    "logout_hint",
    "form",
    "action",
    "username",
    "password",
    "remember",
    "new_password",
    "new_password_again",
    "session",
    "application",
    "account",
    "link",
    "email",
    "name",
    "done",
    "x",
];

const VALUES: &[&str] = &[
    "",
    "x",
    "web",
    "spa",
    "pkj",
    "native",
    "nobody",
    "openid",
    "openid profile",
    "code",
    "none",
    "login",
    "allow",
    "deny",
    "S256",
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "https://app.example/cb",
    "https://rs1.example",
    "com.example.app:/cb",
    "http://127.0.0.1:1/cb",
    "0",
    "-1",
    "1e999",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "null",
    "true",
    "[]",
    "{}",
    "\"",
    "\\",
    "'",
    "' OR 1=1 --",
    "%",
    "%00",
    "\0",
    "\u{1}",
    "\r\n",
    "\u{feff}",
    "\u{202e}",
    "\u{1F600}",
    "\u{fffd}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{430}lice",
    "alice",
    "ALICE",
    "alice@example.com",
    "@",
    "a@b",
    "..",
    "../../etc/passwd",
    "$1",
    "{{7*7}}",
    "<script>",
    "dwr_",
    "dwr_000000000000000000000000000000000000000",
    "dwc_AAAA",
    "dwa_",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ".",
    "a.b.c",
    "a.b.c.d",
    "e30.e30.",
    "9999999999999999999999",
    "-0",
    " ",
    "\t",
];
