//! Bad inputs: what operations show. That no secret is in a log line, a metric or an event is looked at for every row of every area
//! (`Case::end`); here all of `canaries` runs for it, and the rest of what an operator sees.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use doorward_core::model::Api;
use doorward_core::{Effect, Timestamp};
use doorward_store::clock::boot_ms;
use doorward_store::driver::Driver;
use doorward_tests::{Exchange, MALLORY, PASSWORD, T1, TestApp, WEB, private_keys, secret_of, secrets};
use doorward_web::host::{Host, HostConfig};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::steps::{OFFLINE, signed_in};
use super::{Case, canaries, rows};
use crate::admin::Admin;

rows![fresh op_001, shared op_002, shared op_003, fresh op_004, fresh op_006, shared op_007];

/// Every way on which a secret travels, there and back; the runner looks for each in log, metrics and events. That it knows what to
/// look for is shown here: each kind was seen by it.
async fn op_001(case: &Case) {
    let app = &case.app;
    canaries::of_tokens(case).await;
    canaries::of_a_request(case).await;
    canaries::of_administration(case).await;
    canaries::of_links(case).await;
    canaries::of_the_console(case).await;
    let (authenticator, codes) = canaries::of_a_factor(case).await;
    let seen = secrets_of(case).await;
    let knows =
        |what: &str| assert!(seen.iter().any(|secret| secret.contains(what)), "{what} is not looked for");
    for prefix in ["dwc_", "dwe_", "dwi_", "dwk_", "dwl_", "dwn_", "dwp_", "dwr_", "dws_", "dwu_"] {
        knows(prefix);
    }
    for (_, form) in secrets::forms_of(authenticator.seed()) {
        if let Ok(form) = String::from_utf8(form) {
            knows(&form);
        }
    }
    codes.iter().for_each(|code| knows(code));
    for typed in
        ["canary of the admin API", "canary of a refusal", "canary-of-a-code", "nine grey herons waiting"]
    {
        knows(typed);
    }
    knows(&secret_of(WEB));
    knows(PASSWORD);
    assert!(app.app.metrics.text().contains("endpoint=\"admin\""), "metrics were counted");
}

/// Every secret that was sent, answered or mailed so far.
async fn secrets_of(case: &Case) -> BTreeSet<String> {
    let journal = case.app.journal();
    let of = |exchange: &Exchange| [exchange.sent(), exchange.carried(), exchange.received()].concat();
    let mailed = case.app.mails().await;
    journal.iter().flat_map(of).chain(mailed.iter().flat_map(secrets::of_letter)).collect()
}

/// Whatever callers send, it makes no new time series.
async fn op_002(case: &Case) {
    let app = &case.app;
    let wave = async |mark: &str| {
        let name = format!("somebody-{mark}");
        let form = [("grant_type", "refresh_token"), ("refresh_token", mark), ("client_id", name.as_str())];
        app.post_form("/token", &form, &[]).await;
        app.post_form("/token", &[("grant_type", mark), ("client_id", mark)], &[]).await;
        app.get(&format!("/authorize?client_id={mark}&scope={mark}"), &[]).await;
        app.get(&format!("/{mark}"), &[("user-agent", mark), ("accept-language", mark)]).await;
        app.get(&format!("/{mark}/jwks"), &[("host", mark)]).await;
    };
    for mark in ["wave-a", "wave-b"] {
        wave(mark).await;
    }
    let before = app.app.metrics.text().lines().count();
    for number in 0..50 {
        wave(&format!("wave-{number}")).await;
    }
    let after = app.app.metrics.text();
    assert_eq!(after.lines().count(), before, "{after}");
    assert!(!after.contains("wave-"), "{after}");
}

/// Settings are read by the program alone.
async fn op_003(_: &Case) {
    super::wire::shown_at_the_edge(
        include_str!("../../../crates/doorward/src/settings/tests.rs"),
        &["what_is_wrong_is_refused_with_its_place", "all_mistakes_are_told_at_once"],
    );
    super::wire::shown_at_the_edge(
        include_str!("../../../crates/doorward/tests/it/doctor.rs"),
        &["a_fresh_server_is_well_and_what_is_wrong_is_found"],
    );
}

/// Nothing of the database is of use to who reads it: no secret of anybody, however it was issued, and no key, however it would be
/// written.
async fn op_004(case: &Case) {
    let app = &case.app;
    canaries::of_tokens(case).await;
    canaries::of_administration(case).await;
    canaries::of_links(case).await;
    canaries::of_the_console(case).await;
    let (authenticator, codes) = canaries::of_a_factor(case).await;
    // What waits: a code that was not redeemed, a mail that has not left, a link that was not opened.
    let pending = signed_in(case, MALLORY).await.code(WEB, &OFFLINE).await;
    let admin = Admin::with(app, "inviter", "admin:users.write").await;
    let invited = json!({ "by_mail": true, "email": "waiting@example.net" });
    let reply = admin.json("POST", &format!("/tenants/{T1}/invitations"), invited).await;
    assert!(reply.status < 300, "{}", reply.body);
    case.flush().await;
    let dump = app.dump().await;
    let holds = |form: &[u8]| dump.windows(form.len()).any(|window| window == form);
    assert!(holds(b"alice@example.com") && holds(b"waiting@example.net"), "the dump was read");
    let waiting = app.mails().await.into_iter().find(|mail| mail.to == "waiting@example.net");
    let waiting = waiting.expect("it leaves afterwards");
    let mut texts = secrets_of(case).await;
    texts.extend([pending.code.clone(), PASSWORD.to_owned(), secret_of(WEB)]);
    texts.extend(secrets::of_letter(&waiting));
    // The hash that an import brought is what stands there, until its person signs in.
    texts.retain(|text| !text.starts_with("$2b$"));
    assert!(texts.len() > 100, "{}", texts.len());
    for text in &texts {
        assert!(!holds(text.as_bytes()), "{text}");
    }
    for code in &codes {
        let typed = code.replace('-', "");
        assert!(!holds(typed.as_bytes()) && !holds(typed.to_uppercase().as_bytes()), "{code}");
    }
    let keys = private_keys().iter().map(|(algorithm, pkcs8)| (algorithm.as_str(), private_half(pkcs8)));
    for (what, secret) in keys.chain([("a seed", authenticator.seed())]) {
        for (form, bytes) in secrets::forms_of(secret) {
            assert!(bytes.len() >= 16 && !holds(&bytes), "{what} as {form}");
        }
    }
}

/// Thirty bytes and more of a private key that are in no public one: the number of an elliptic curve's, a prime of RSA's.
fn private_half(pkcs8: &[u8]) -> &[u8] {
    // OCTET STRING of 32 or 48 bytes, right after the head; the first INTEGER of 129 bytes, whose first is zero, is a prime.
    let marks: [(&[u8], usize); 3] =
        [(&[0x02, 0x81, 0x81, 0x00], 48), (&[0x04, 0x20], 32), (&[0x04, 0x30], 48)];
    let is_rsa = pkcs8.len() > 1000;
    let of_kind = marks.iter().filter(|(mark, _)| (mark[0] == 0x02) == is_rsa);
    let found = of_kind.filter_map(|(mark, length)| {
        let at = pkcs8.windows(mark.len()).position(|window| window == *mark)?;
        Some((at + mark.len(), *length))
    });
    let (start, length) = found.min().expect("a key of a kind that this test knows");
    &pkcs8[start..start + length]
}

/// Not ready is told by a cause and no more, alive is told all the same: asked of the real listener, when nothing can be written, and
/// when the disk is full.
async fn op_006(case: &Case) {
    let app = &case.app;
    let operations = Operations::of(app).await;
    operations.until("/readyz", 200).await;
    app.fail_writes(true).await;
    let told = operations.until("/readyz", 503).await;
    assert_eq!(told, "waiting for: storage\n");
    assert_eq!(operations.ask("/healthz").await, (200, "alive\n".to_owned()));
    app.fail_writes(false).await;
    operations.until("/readyz", 200).await;
    if let Driver::Sqlite(sqlite) = app.store.driver() {
        // SQLite takes the present size where a smaller one is asked for: the next page meets a full disk.
        sqlite.pragma("PRAGMA max_page_count = 1").await.expect("the writer can be told");
        let api = app.store.apis(&T1.into()).await.expect("readable").remove(0);
        // Again and again, because this disk has space for the ballast.
        let large = || Effect::PutApi(Api { name: "x".repeat(500_000), ..api.clone() });
        let began = std::time::Instant::now();
        let (mut status, mut told) = (200, String::new());
        while status == 200 {
            assert!(began.elapsed() < PATIENCE, "/readyz stays {status}: {told}");
            assert!(app.store.commit(vec![large()]).await.is_err());
            (status, told) = operations.ask("/readyz").await;
        }
        assert_eq!((status, told.as_str()), (503, "waiting for: storage\n"));
        assert_eq!(operations.ask("/healthz").await.0, 200);
        sqlite.pragma("PRAGMA max_page_count = 1000000").await.expect("the writer can be told");
        assert!(sqlite.hold_ballast());
        operations.until("/readyz", 200).await;
    }
    operations.stop().await;
    clock_that_jumps().await;
}

/// A jump of the clock is not followed, so nothing of it is felt: ready, and told where operators look.
async fn clock_that_jumps() {
    let app = TestApp::sampled().await;
    let operations = Operations::of(&app).await;
    operations.until("/readyz", 200).await;
    let before = app.clock.now();
    for by_ms in [3_600_000, -3_600_000] {
        app.clock.sample(Timestamp(before.0 + by_ms), boot_ms());
        assert!((0..60_000).contains(&(app.clock.now().0 - before.0)), "{by_ms}");
        let (_, metrics) = operations.ask("/metrics").await;
        let told = metrics.lines().find_map(|line| line.strip_prefix("doorward_clock_step_ms "));
        let told: i64 = told.and_then(|value| value.parse().ok()).expect("the metric");
        assert!((told - by_ms).abs() < 60_000, "{told}");
        assert_eq!(operations.ask("/readyz").await.0, 200);
    }
    assert_eq!(app.tokens(WEB, &[]).await.status, 200);
    operations.stop().await;
}

/// The listener for operations of a server that runs.
struct Operations {
    host: Host,
    address: SocketAddr,
}

impl Operations {
    async fn of(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let config = HostConfig { ops: Some(listener), ..HostConfig::default() };
        Self { host: Host::start(Arc::clone(&app.app), config), address }
    }

    async fn ask(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("it answers");
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        (status, body)
    }

    /// What it says once it says that: it looks at its storage once a second.
    async fn until(&self, path: &str, status: u16) -> String {
        let began = std::time::Instant::now();
        loop {
            let (now, body) = self.ask(path).await;
            if now == status {
                return body;
            }
            assert!(began.elapsed() < PATIENCE, "{path} stays {now}: {body}");
            tokio::task::yield_now().await;
        }
    }

    async fn stop(self) {
        self.host.stop().await;
    }
}

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// No page that frameworks and other servers have, and no account that comes with the server.
async fn op_007(case: &Case) {
    let paths = [
        "/metrics",
        "/healthz",
        "/readyz",
        "/debug",
        "/debug/pprof/",
        "/debug/vars",
        "/actuator",
        "/actuator/env",
        "/admin/",
        "/manage/",
        "/.env",
        "/.git/config",
        "/config.json",
        "/server-status",
        "/phpinfo.php",
        "/wp-login.php",
        "/swagger/index.html",
        "/graphql",
        "/trace",
        "/dump",
        "/heapdump",
        "/doorward.toml",
        "/doorward.db",
        "/key",
    ];
    for path in paths {
        let reply = case.app.get(path, &[]).await;
        assert_eq!(
            (reply.status, reply.text("error_description").as_str()),
            (404, "there is nothing at this address"),
            "{path}"
        );
    }
    for (name, password) in
        [("admin", "admin"), ("root", "root"), ("admin", "changeme"), ("doorward", "changeme")]
    {
        let browser = case.app.browser();
        let page = doorward_tests::Page::of(browser.get("/sign-in").await);
        let fields = [("username", name), ("password", password), ("action", "sign-in")];
        let reply = browser.submit(&page, &fields).await;
        assert_ne!(reply.status, 303, "{name}");
    }
}
