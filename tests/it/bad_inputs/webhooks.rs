//! Bad inputs: what extensions are told. Addresses that lead inside, receivers that misbehave, deliveries that somebody else repeats or
//! changes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use doorward_core::model::EventKind;
use doorward_crypto::webhook::{Verifier, verify};
use doorward_tests::sink::{Answer, Heard, Sink};
use doorward_tests::{Logs, T1, TestApp};
use doorward_web::app::{App, Options};
use doorward_web::fetch::{Fetcher, Policy, Resolver, Roots};
use doorward_web::ops::Metrics;
use doorward_web::webhook::{KEPT_BYTES, TOTAL};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::{Case, rows};
use crate::admin::Admin;
use crate::webhooks::{World, loopback, numbers, turns};

rows![
    fresh wh_001, fresh wh_002, fresh wh_003, fresh wh_004, fresh wh_005, fresh wh_006, fresh wh_008, fresh wh_009,
    fresh wh_010, fresh wh_011,
];

/// The same store, by another way out.
pub fn by(app: &TestApp, fetcher: Fetcher) -> App {
    App::new(app.store.clone(), fetcher, Arc::new(Metrics::new()), Options::default())
}

async fn blocked(app: &TestApp) -> usize {
    app.events().await.iter().filter(|event| event.kind == EventKind::SsrfBlocked).count()
}

/// Addresses inside: those whose text tells are not taken, no other is gone to, and one that changes its mind gains nothing.
async fn wh_001(case: &Case) {
    let app = &case.app;
    let admin = Admin::of_server(app).await;
    let refused = ["http://169.254.169.254/", "http://0.0.0.0/", "http://10.0.0.1/", "http://hook.example/"];
    for url in refused {
        let wish = json!({ "manifest": { "name": "x", "webhook_url": url } });
        let reply = admin.json("PUT", "/tenants/t1/extensions/inside", wish).await;
        assert_eq!(reply.status, 400, "{url}: {}", reply.body);
    }
    let sink = Sink::new().await;
    let port = sink.url("").rsplit_once(':').map(|(_, port)| port.to_owned()).expect("a port");
    let inside = [
        "https://169.254.169.254/",
        "http://localhost:PORT/",
        "http://127.0.0.1:PORT/",
        "https://[::1]:PORT/",
        "https://0.0.0.0:PORT/",
        "https://2130706433:PORT/",
        "https://0177.0.0.1:PORT/",
        "https://[::ffff:127.0.0.1]:PORT/",
        "https://[64:ff9b::7f00:1]:PORT/",
    ];
    for (at, url) in inside.iter().enumerate() {
        let at = i64::try_from(at).expect("few");
        let url = url.replace("PORT", &port);
        let extension = app.extension(300 + at, &format!("inside{at}"), Some(&url)).await;
        app.install_as(&extension, &format!("ins_{at}"), (0, "tenant/t1")).await;
        turns(&app.app).await;
        assert_eq!(blocked(app).await as i64, at + 1, "{url}");
        let id = format!("ins_{at}").as_str().into();
        let tried = app.store.webhook_attempts(&T1.into(), &id, None, 10).await.expect("readable");
        assert_eq!(tried[0].status, None, "{url}");
    }
    // The first look-up would be fine; what is connected to is what was looked at.
    let looked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looked);
    let rebinding: Resolver = Arc::new(move |_, port| {
        let ip = if counted.fetch_add(1, Ordering::SeqCst) == 0 { "203.0.113.1" } else { "127.0.0.1" };
        Ok(vec![SocketAddr::new(ip.parse().expect("an address"), port)])
    });
    let extension = app.extension(399, "rebinds", Some(&format!("https://rebinds.example:{port}/"))).await;
    app.install_as(&extension, "ins_rebinds", (0, "tenant/t1")).await;
    let app2 = Arc::new(by(app, Fetcher::with(Policy::default(), rebinding, Roots::System)));
    for _ in 0..3 {
        turns(&app2).await;
        app.advance_s(60);
    }
    assert!(looked.load(Ordering::SeqCst) >= 3, "each attempt looks anew");
    assert!(sink.heard().is_empty(), "somebody was reached");
}

/// A redirect is an answer, and not a success.
async fn wh_002(_: &Case) {
    let world = World::installed().await;
    let inside = Sink::new().await;
    world.app.change("ins_1").await;
    for to in
        [inside.url("/"), "file:///etc/passwd".into(), "gopher://127.0.0.1/".into(), "//127.0.0.1/".into()]
    {
        world.sink.answer([Answer::with(302, &format!("Location: {to}"))]);
        assert_eq!(numbers(&world.turns().await, "ins_1"), [2], "{to}");
        world.app.advance_s(3600);
    }
    assert!(inside.heard().is_empty());
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), None]);
}

async fn one_delivery(world: &World) -> Heard {
    world.app.install_as(&world.extension, "ins_1", (0, "tenant/t1")).await;
    world.turn().await.remove(0)
}

/// What was captured is no good after five minutes, and carries the id by which it is known again before that.
async fn wh_003(_: &Case) {
    let world = World::new().await;
    let heard = one_delivery(&world).await;
    let (key, shared) = world.verified_by().await;
    let at = world.app.clock.now().seconds();
    assert!(heard.is_signed(&key, &shared, at + 299));
    assert!(!heard.is_signed(&key, &shared, at + 360));
    let verifier = Verifier::Public(&key);
    let (id, signatures) = (heard.header("webhook-id"), heard.header("webhook-signature"));
    let moved = (at + 360).to_string();
    assert!(!verifier.verifies(id, &moved, signatures, &heard.body, at + 360), "the time is signed");
    assert!(!verifier.verifies("msg_other", &at.to_string(), signatures, &heard.body, at), "so is the id");
}

/// A byte that was changed, the signature of another, a scheme that was exchanged.
async fn wh_004(_: &Case) {
    let world = World::new().await;
    let heard = one_delivery(&world).await;
    let (key, shared) = world.verified_by().await;
    let other = world.app.extension(101, "other", Some(&world.sink.url("/other"))).await;
    world.app.install_as(&other, "ins_2", (0, "tenant/t1")).await;
    let theirs = world.turn().await.remove(0);
    let now = world.app.clock.now().seconds();
    let (id, at, signatures) =
        (heard.header("webhook-id"), heard.header("webhook-timestamp"), heard.header("webhook-signature"));
    for place in [0, heard.body.len() / 2, heard.body.len() - 1] {
        let mut body = heard.body.clone();
        body[place] ^= 1;
        for verifier in [Verifier::Public(&key), Verifier::Shared(&shared)] {
            assert!(!verifier.verifies(id, at, signatures, &body, now));
        }
        assert!(!verify(&key, &body, heard.header("doorward-signature")));
    }
    let exchanged = signatures.replace("v1a,", "v2,").replace("v1,", "v1a,").replace("v2,", "v1,");
    for forged in [theirs.header("webhook-signature"), exchanged.as_str(), "v1,", "v1a,", "none,x"] {
        for verifier in [Verifier::Public(&key), Verifier::Shared(&shared)] {
            assert!(!verifier.verifies(id, at, forged, &heard.body, now), "{forged}");
        }
    }
    // The secret of one extension verifies nothing that another is told, though the tenant's key signs both.
    let told = Verifier::Shared(&shared);
    let (id, at) = (theirs.header("webhook-id"), theirs.header("webhook-timestamp"));
    assert!(!told.verifies(id, at, theirs.header("webhook-signature"), &theirs.body, now));
    assert_eq!(theirs.json()["extension"], "other", "whose it is stands in what is signed");
}

/// A receiver that is down for a day, that fails and breaks off: at least once, in order, later and later; another hears all at once.
async fn wh_005(_: &Case) {
    let world = World::installed().await;
    let down = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = down.local_addr().expect("its address");
    drop(down);
    let dead = world.app.extension(1, "dead", Some(&format!("http://{address}/"))).await;
    world.app.install_as(&dead, "ins_dead", (0, "tenant/t1")).await;
    for _ in 0..24 {
        world.app.change("ins_dead").await;
        world.app.change("ins_1").await;
        let last = world.app.standing("ins_1").await.version;
        assert_eq!(numbers(&world.turns().await, "ins_1"), [last], "the other is not kept waiting");
        world.app.advance_s(3600);
    }
    let up = TcpListener::bind(address).await.expect("the port is free again");
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    let back = tokio::spawn(async move {
        while let Ok((mut stream, _)) = up.accept().await {
            let mut bytes = vec![0; 65_536];
            let _ = stream.read(&mut bytes).await;
            // The first breaks off.
            if counted.fetch_add(1, Ordering::SeqCst) > 0 {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n").await;
            }
        }
    });
    for _ in 0..3 {
        world.turns().await;
        world.app.advance_s(3600);
    }
    back.abort();
    assert_eq!(heard.load(Ordering::SeqCst), 26, "each once, and the first again");
    assert!(world.outcomes("ins_dead").await.iter().all(|outcome| *outcome == Some("delivered")));
}

/// Answers without an end: so much is read, so much is kept, and no longer.
async fn wh_006(_: &Case) {
    let world = World::installed().await;
    let mut app = by(&world.app, Fetcher::new(loopback()));
    assert_eq!((TOTAL, KEPT_BYTES), (Duration::from_secs(6), 4096));
    app.webhook_fetcher = Fetcher::new(loopback()).apart(Duration::from_millis(300), 8);
    let app = Arc::new(app);
    world.app.advance_s(1);
    world.app.change("ins_1").await;
    let header = "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n".to_owned();
    world.sink.answer([Answer::Raw([header.into_bytes(), vec![b'x'; 1 << 20]].concat())]);
    turns(&app).await;
    let tried = async || {
        let tried = world.app.store.webhook_attempts(&T1.into(), &"ins_1".into(), None, 1).await;
        tried.expect("readable").remove(0)
    };
    let first = tried().await;
    assert_eq!((first.status, first.answer.map(|kept| kept.len())), (Some(200), Some(4096)));
    world.app.change("ins_1").await;
    let endless = ["HTTP/1.1 200 OK\r\n".to_owned(), "X-Y: z\r\n".repeat(200_000)].concat();
    for answer in [Answer::Raw(endless.into_bytes()), Answer::Hang] {
        world.sink.answer([answer]);
        world.app.advance_s(3600);
        turns(&app).await;
        let last = tried().await;
        assert_eq!((last.status, last.number), (None, 3));
        assert!(last.error.is_some() && last.duration_ms < 3000, "{last:?}");
    }
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), Some("delivered"), None]);
}

/// Made, changed, removed: in this order, by numbers that say so.
async fn wh_008(_: &Case) {
    let world = World::new().await;
    world.app.install_as(&world.extension, "ins_1", (0, "tenant/t1")).await;
    world.sink.answer([Answer::status(500)]);
    let mut heard = world.turn().await;
    for _ in 0..3 {
        world.app.change("ins_1").await;
    }
    world.app.advance_s(60);
    heard.extend(world.turns().await);
    world.app.uninstall("ins_1").await;
    heard.extend(world.turns().await);
    assert_eq!(numbers(&heard, "ins_1"), [1, 1, 2, 3, 4, 5]);
    let kinds: Vec<String> = heard.iter().map(|heard| heard.json()["kind"].to_string()).collect();
    assert_eq!((kinds[0].as_str(), kinds[5].as_str()), ("\"Added\"", "\"Removed\""));
}

/// The secret is in what is sent, and nowhere else.
async fn wh_009(_: &Case) {
    let mark = Logs::mark();
    let world = World::new().await;
    world.app.install_as(&world.extension, "ins_1", (0, "tenant/t1")).await;
    let mut secrets = Vec::new();
    for _ in 0..3 {
        world.sink.answer([Answer::status(500)]);
        for heard in world.turns().await {
            secrets.extend(heard.json()["secret"].as_str().map(str::to_owned));
            world.sink.answer([Answer::Status(500, String::new(), heard.body.clone())]);
        }
        world.app.rotate("ins_1").await;
        world.app.advance_s(3600);
    }
    for _ in 0..10 {
        world.app.advance_s(3600);
        for heard in world.turns().await {
            secrets.extend(heard.json()["secret"].as_str().map(str::to_owned));
        }
    }
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() >= 2, "{}", secrets.len());
    let (_, shared) = world.verified_by().await;
    secrets.push(shared.text().expose().clone());
    let tried = world.app.store.webhook_attempts(&T1.into(), &"ins_1".into(), None, 100).await;
    let kept: Vec<u8> =
        tried.expect("readable").into_iter().filter_map(|tried| tried.answer).flatten().collect();
    let places =
        [Logs::since(mark), format!("{:?}", world.app.events().await), String::from_utf8_lossy(&kept).into()];
    for secret in secrets {
        assert!(places.iter().all(|place| !place.contains(&secret)), "a secret is where it must not be");
    }
}

/// A certificate of nobody, or for another host: not told, and never in the clear.
async fn wh_010(case: &Case) {
    let app = &case.app;
    let (address, certificate, heard) = tls("hook.example").await;
    let resolver: Resolver =
        Arc::new(move |_, _| Ok(vec![SocketAddr::new("127.0.0.1".parse().expect("an address"), 0)]));
    let url = |host: &str| format!("https://{host}:{}/", address.port());
    let trusting = || Fetcher::with(loopback(), resolver.clone(), Roots::Own(vec![certificate.clone()]));
    let rows = [
        (
            "stranger",
            "hook.example",
            Fetcher::with(loopback(), resolver.clone(), Roots::Own(Vec::new())),
            None,
        ),
        ("mismatch", "other.example", trusting(), None),
        ("fine", "hook.example", trusting(), Some(200)),
    ];
    for (at, (name, host, fetcher, status)) in rows.into_iter().enumerate() {
        let extension = app.extension(500 + at as i64, name, Some(&url(host))).await;
        app.install_as(&extension, &format!("ins_{name}"), (0, "tenant/t1")).await;
        let told = heard.load(Ordering::SeqCst);
        turns(&Arc::new(by(app, fetcher))).await;
        let id = format!("ins_{name}");
        let tried =
            app.store.webhook_attempts(&T1.into(), &id.as_str().into(), None, 10).await.expect("readable");
        assert_eq!(tried[0].status, status, "{name}: {:?}", tried[0].error);
        assert_eq!(heard.load(Ordering::SeqCst) - told, usize::from(status.is_some()), "{name}");
    }
}

/// A server that speaks TLS as `host`, and answers 200 to whom it could read: its address, its certificate, how many.
async fn tls(host: &str) -> (SocketAddr, CertificateDer<'static>, Arc<AtomicUsize>) {
    let made = rcgen::generate_simple_self_signed([host.to_owned()]).expect("a certificate");
    let der = made.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![der.clone()], key.into()))
        .expect("a configuration");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            if stream.read(&mut [0; 4096]).await.unwrap_or(0) > 0 {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await;
            let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
        }
    });
    (address, der, heard)
}

/// Nobody configures a header; what would become one is no address.
async fn wh_011(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    let put = async |manifest: serde_json::Value| {
        let reply =
            admin.json("PUT", "/tenants/t1/extensions/headers", json!({ "manifest": manifest })).await;
        assert_eq!(reply.status, 400, "{manifest}: {}", reply.body);
    };
    for value in ["a\r\nHost: evil", "Bearer x", "evil.example"] {
        put(json!({ "name": "x", "webhook_url": "https://a.example/", "webhook_headers": { "x": value } }))
            .await;
    }
    for url in [
        "https://a.example/\r\nHost: evil",
        "https://a.example/ HTTP/1.1\r\nAuthorization: x",
        "https://user:password@a.example/",
        "https://a.example\r\n/",
    ] {
        put(json!({ "name": "x", "webhook_url": url })).await;
    }
    // What a context is called stands encoded in the address.
    let world = World::new().await;
    let url = world.sink.url("/:contextId/:context?of=:extensionId");
    let extension = world.app.extension(600, "a b\r\nX: y", Some(&url)).await;
    world.app.install_as(&extension, "ins_9", (0, "tenant/t1")).await;
    assert_eq!(world.turn().await[0].target, "/t1/tenant?of=a%20b%0D%0AX%3A%20y");
}
