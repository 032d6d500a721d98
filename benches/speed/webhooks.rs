//! Webhooks: what 20 extensions are told of 10,000 installations, each in strict order, at a sink on loopback; beside a bare HTTP client
//! that makes the same POSTs, each on a connection of its own. A further extension accepts connections and never answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use doorward_core::id::{ContextKey, ExtensionKey};
use doorward_core::model::{Actor, Context, Extension, ExtensionState, Installation, Life, Manifest};
use doorward_core::{Ctx, Effect, Timestamp, installation};
use doorward_crypto::random::SystemRandom;
use doorward_store::Store;
use doorward_wire::scope::Scopes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::child::{Child, Job};
use crate::database::Place;
use crate::progress;
use crate::stats::Spread;
use crate::world::{Counts, TENANT, World};

/// What one engine took.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Which.
    pub engine: &'static str,
    /// CPU microseconds a delivery, and deliveries a second, where every extension answers.
    pub alone: (Spread, f64),
    /// The same beside one that does not.
    pub beside_dead: (Spread, f64),
    /// CPU microseconds of the bare client.
    pub bare: Spread,
}

impl Webhooks {
    /// What is reported.
    pub fn line(&self) -> String {
        let ((alone, rate), (beside, beside_rate)) = (self.alone, self.beside_dead);
        format!(
            "webhooks, {}: {DELIVERIES} deliveries over {INSTALLATIONS} installations in strict order, {:.0} CPU µs each (median {:.0}), \
             target {TARGET_US:.0}: {}; {rate:.0}/s. A bare client makes the same POSTs at {:.0} µs (median {:.0}). Beside an extension that \
             never answers: {:.0} µs, {beside_rate:.0}/s",
            self.engine,
            alone.best,
            alone.median,
            if alone.best <= TARGET_US { "reached" } else { "missed" },
            self.bare.best,
            self.bare.median,
            beside.best,
        )
    }
}

/// Measure an engine: fresh databases each round.
pub async fn measure(like: &Place, rounds: usize) -> Webhooks {
    let (mut alone, mut beside, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let (mut rate, mut beside_rate) = (0.0_f64, 0.0_f64);
    for round in 0..rounds {
        for has_dead in [false, true] {
            progress(&format!("webhooks, {}: round {} of {rounds}", like.engine(), round + 1));
            let (cpu_us, per_s) = told(like, has_dead).await;
            if has_dead {
                beside.push(cpu_us);
                beside_rate = beside_rate.max(per_s);
            } else {
                alone.push(cpu_us);
                rate = rate.max(per_s);
            }
        }
        bare.push(posted().await);
    }
    Webhooks {
        engine: like.engine(),
        alone: (Spread::of(&alone), rate),
        beside_dead: (Spread::of(&beside), beside_rate),
        bare: Spread::of(&bare),
    }
}

/// CPU microseconds a delivery, and deliveries a second.
async fn told(like: &Place, has_dead: bool) -> (f64, f64) {
    let place = like.beside("webhooks").await;
    World::make(&place, Counts::NONE).await;
    let sink = Sink::start().await;
    let silent = silent().await;
    let store = place.open().await;
    furnish(&store, sink.port, has_dead.then_some(silent)).await;
    drop(store);
    let mut child = Child::spawn(&Job::Teller(place.clone()));
    // From the first delivery to the last: what starting costs is no delivery's.
    sink.until(FIRST).await;
    let (before, began, heard) = (child.usage(), Instant::now(), sink.heard());
    sink.until(DELIVERIES).await;
    let (after, took) = (child.usage(), began.elapsed());
    child.stop();
    place.remove().await;
    let count = (DELIVERIES - heard) as f64;
    ((after.cpu_ns - before.cpu_ns) as f64 / 1000.0 / count, count / took.as_secs_f64())
}

/// CPU microseconds of a bare client for each of the same POSTs.
async fn posted() -> f64 {
    let sink = Sink::start().await;
    let mut child = Child::spawn(&Job::Poster(sink.port));
    let before = child.usage();
    // On a thread of its own: the sink hears on this one.
    let asked = tokio::task::spawn_blocking(move || {
        child.ask(&format!("post {DELIVERIES}"));
        child
    });
    let mut child = asked.await.expect("the child answers");
    let after = child.usage();
    child.stop();
    (after.cpu_ns - before.cpu_ns) as f64 / 1000.0 / DELIVERIES as f64
}

async fn furnish(store: &Store, port: u16, silent: Option<u16>) {
    let now = store.now();
    let url = |port: u16| format!("http://127.0.0.1:{port}/hooks/:contextId?of=:extensionId");
    let mut extensions: Vec<Extension> = (0..EXTENSIONS).map(|at| extension(at, url(port), now)).collect();
    extensions.extend(silent.map(|port| extension(EXTENSIONS, url(port), now)));
    let made = extensions.iter().map(|made| Effect::PutExtension(Box::new(made.clone()))).collect();
    store.commit(made).await.expect("extensions can be stored");
    for number in 0..INSTALLATIONS {
        let context = context(number, now);
        let at = number % EXTENSIONS;
        let mut effects = vec![Effect::PutContext(context.clone())];
        effects.extend(events_of(&extensions[at], &context, &format!("ins_{number:022}"), now));
        if let Some(dead) = extensions.get(EXTENSIONS).filter(|_| number % 20 == 0) {
            effects.extend(events_of(dead, &context, &format!("ins_dead{number:018}"), now));
        }
        store.commit(effects).await.expect("installations can be stored");
    }
}

/// An installation, and a change of it.
fn events_of(extension: &Extension, context: &Context, id: &str, now: Timestamp) -> Vec<Effect> {
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now, rng: &mut rng, request_id: "bench", address: "" };
    let installed = Installation {
        id: id.into(),
        tenant: TENANT.into(),
        extension: extension.key,
        extension_id: extension.id.clone(),
        context: context.key,
        context_id: context.id.clone(),
        scopes: Scopes::parse("openid es:read").expect("scopes"),
        manifest_version: 1,
        variant: None,
        settings: serde_json::Map::new(),
        installed_by: None,
        life: Life::Enabled,
        epoch: 1,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let mut effects = installation::install(installed.clone(), &Actor::Operator, &mut ctx);
    let stored = Installation { version: 1, ..installed };
    effects.extend(installation::update(stored, serde_json::json!([]), &Actor::Operator, &mut ctx));
    effects
}

fn extension(at: usize, webhook_url: String, now: Timestamp) -> Extension {
    Extension {
        tenant: TENANT.into(),
        key: ExtensionKey(1000 + at as i64),
        id: format!("extension-{at}").as_str().into(),
        contributor: None,
        contributor_key: None,
        state: ExtensionState::Published,
        deprecated_on: None,
        manifest: Manifest {
            name: "Bench".to_owned(),
            webhook_url: Some(webhook_url),
            ..Manifest::default()
        },
        manifest_version: 1,
        proposed: None,
        suspended_at: None,
        epoch: 1,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

fn context(number: usize, now: Timestamp) -> Context {
    Context {
        tenant: TENANT.into(),
        key: ContextKey(1_000_000 + number as i64),
        id: format!("project/p-{number}").as_str().into(),
        name: format!("Project {number}"),
        parent: None,
        ancestors: Vec::new(),
        disabled_at: None,
        removed_at: None,
        external_id: None,
        external_version: None,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

/// Accepts, and never answers.
async fn silent() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    port
}

/// Hears, answers 204, and sees to it that nothing comes before its turn.
struct Sink {
    port: u16,
    told: Arc<Told>,
}

#[derive(Default)]
struct Told {
    last: Mutex<HashMap<Vec<u8>, u64>>,
    count: std::sync::atomic::AtomicUsize,
    more: Notify,
}

impl Sink {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let told = Arc::new(Told::default());
        let shared = Arc::clone(&told);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hear(stream, Arc::clone(&shared)));
            }
        });
        Self { port, told }
    }

    fn heard(&self) -> usize {
        self.told.count.load(std::sync::atomic::Ordering::Relaxed)
    }

    async fn until(&self, count: usize) {
        while self.heard() < count {
            let waited = tokio::time::timeout(PATIENCE, self.told.more.notified()).await;
            assert!(waited.is_ok(), "{} of {count} were told, and no more", self.heard());
        }
    }
}

async fn hear(mut stream: TcpStream, told: Arc<Told>) {
    let mut bytes = Vec::with_capacity(4096);
    loop {
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) if bytes.ends_with(b"}") => break,
            Ok(_) => {}
        }
    }
    let value = |name: &[u8], end: u8| -> Option<Vec<u8>> {
        let at = bytes.windows(name.len()).rposition(|window| window == name)? + name.len();
        let length = bytes[at..].iter().position(|byte| *byte == end)?;
        Some(bytes[at..at + length].to_vec())
    };
    if let (Some(installation), Some(number)) =
        (value(b"\"installation\":\"", b'"'), value(b"\"number\":", b','))
    {
        let number: u64 = String::from_utf8_lossy(&number).parse().expect("a number");
        let mut last = told.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.insert(installation, number).unwrap_or(0);
        assert!(number == before + 1, "{number} was told after {before}");
    }
    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
    told.count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    told.more.notify_one();
}

/// The bare client's side: so many POSTs, as many at once as we make, a connection each.
pub async fn post(port: u16, count: usize) {
    use http_body_util::Full;
    let body = bytes::Bytes::from(format!("{{\"padding\":\"{}\"}}", "x".repeat(BODY_BYTES)));
    let places = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..count {
        let place = Arc::clone(&places).acquire_owned().await.expect("it is not closed");
        let body = body.clone();
        running.spawn(async move {
            let _place = place;
            let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the sink listens");
            let io = hyper_util::rt::TokioIo::new(stream);
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(io).await.expect("a connection");
            let request = http::Request::post("/hooks/p-1234?of=extension-1")
                .header("host", "127.0.0.1")
                .header("content-type", "application/json")
                .header("x-signature", "s".repeat(SIGNATURE_BYTES))
                .body(Full::new(body))
                .expect("a request");
            let work = async {
                let answer = sender.send_request(request).await.expect("an answer");
                assert_eq!(answer.status(), 204);
            };
            tokio::select! {
                () = work => {}
                _ = async { let _ = connection.await; std::future::pending::<()>().await } => {}
            }
        });
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
}

const EXTENSIONS: usize = 20;
const INSTALLATIONS: usize = 10_000;
/// Two of each.
const DELIVERIES: usize = 2 * INSTALLATIONS;
/// Deliveries after which it is measured.
const FIRST: usize = 500;
const TARGET_US: f64 = 250.0;
const PATIENCE: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 64;
/// As long as ours.
const BODY_BYTES: usize = 520;
const SIGNATURE_BYTES: usize = 400;
