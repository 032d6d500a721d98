//! Bad inputs: what operations show. That no secret is in a log line, a metric or an event is looked at for every row of every area
//! (`Case::end`); here a whole life of tokens runs for it, and the rest of what an operator sees.

use std::sync::Arc;

use doorward_tests::{ALICE, M2M, PASSWORD, RS1, Reply, SPA, WEB, request, secret_of};
use doorward_web::edge::Service;
use doorward_web::ops::{Ops, Readiness};

use super::steps::{OFFLINE, signed_in, tokens};
use super::{Case, rows};

rows![shared op_001, shared op_002, shared op_003, fresh op_004, fresh op_006, shared op_007];

/// Every way on which a secret travels, there and back; the runner looks for each in log, metrics and events.
async fn op_001(case: &Case) {
    let app = &case.app;
    for client in [WEB, SPA] {
        let browser = signed_in(case, ALICE).await;
        let reply = tokens(case, &browser, client, &OFFLINE).await;
        let refreshed = app.refresh(client, &reply.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(app.userinfo(&refreshed.text("access_token")).await.status, 200);
        app.introspect(RS1, &refreshed.text("access_token")).await;
        app.refresh(client, "dwr_canarycanarycanarycanarycanarycanary").await;
        app.introspect(RS1, "canary-of-an-introspection").await;
        app.userinfo("canary-of-a-bearer-token").await;
        assert_eq!(app.revoke(client, &refreshed.text("refresh_token")).await.status, 200);
    }
    let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    app.token_as(M2M, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await;
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

/// Nothing of the database is of use to who reads it.
async fn op_004(case: &Case) {
    let app = &case.app;
    let browser = signed_in(case, ALICE).await;
    let code = browser.code(WEB, &OFFLINE).await;
    let reply = code.redeem(app).await;
    let pending = browser.code(WEB, &OFFLINE).await;
    case.flush().await;
    let dump = app.dump().await;
    let holds = |text: &str| dump.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("alice@example.com"), "the dump was read");
    let secrets = [
        PASSWORD.to_owned(),
        secret_of(WEB),
        code.code.clone(),
        pending.code.clone(),
        reply.text("access_token"),
        reply.text("refresh_token"),
        "PRIVATE KEY".to_owned(),
    ];
    for secret in secrets {
        assert!(secret.len() > 8 && !holds(&secret), "{secret}");
    }
}

/// Not ready is told by a cause, alive is told all the same.
async fn op_006(case: &Case) {
    let readiness = Arc::new(Readiness::default());
    let works = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let seen = Arc::clone(&works);
    readiness.require("storage", move || seen.load(std::sync::atomic::Ordering::Acquire));
    let ops = Ops::new(Arc::clone(&case.app.app.metrics), readiness, None);
    let ask = async |path: &str| -> Reply { ops.call(request("GET", path, &[], "")).await.into() };
    assert_eq!(ask("/readyz").await.status, 200);
    case.app.fail_writes(true).await;
    let ready = case.app.store.write_probe().await.is_ok();
    works.store(ready, std::sync::atomic::Ordering::Release);
    let reply = ask("/readyz").await;
    assert_eq!((reply.status, reply.body.as_str()), (503, "waiting for: storage\n"));
    assert_eq!(ask("/healthz").await.status, 200);
    case.app.fail_writes(false).await;
    assert!(case.app.store.write_probe().await.is_ok(), "it recovers");
}

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
        assert_eq!((reply.status, reply.body.as_str()), (404, "Not found\n"), "{path}");
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
