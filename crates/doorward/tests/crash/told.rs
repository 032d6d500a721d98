//! kill -9 while extensions are told of what happens to their installations: nothing that was acknowledged to who administers is left
//! untold, nothing is told out of order, and nothing that an extension acknowledged comes again but from before a kill, under its id.
//!
//! That it would be noticed was tried with faults planted in the server: an id drawn anew for each attempt, the newest event told first,
//! events settled before they are sent, and lines that are claimed without a lease.

mod history;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorward_tests::sink::{Answer, Sink};
use doorward_tests::{Reply, basic, report};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::chance::{Chance, seed};
use crate::load::Phase;
use crate::server::Running;
use crate::wire::{Lost, Wire};
use crate::world::{World, secret_of};
use history::{Acknowledged, Event, History};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_extensions_are_told_survives_kills() {
    let seed = seed();
    let mut chance = Chance::new(seed, 99);
    let kills = if std::env::var_os("DOORWARD_TEST_LONG").is_some() { 40 } else { 8 };
    // Where two can serve, one goes on while the other is dead.
    let nodes = if std::env::var_os("DOORWARD_TEST_POSTGRES").is_some() { 2 } else { 1 };
    let world = World::of(nodes).await;
    let sink = Sink::new().await;
    let program: Vec<u16> =
        (0..20_000).map(|_| if chance.percent(94) { 204 } else { chance.below(2) as u16 * 500 }).collect();
    sink.answer(program.iter().map(|status| match status {
        0 => Answer::Close,
        status => Answer::status(*status),
    }));
    std::fs::write(world.state(), state(&world, &sink).to_string()).expect("the state can be written");

    let phase = watch::Sender::new(Phase::Down);
    let changed = Arc::new(AtomicUsize::new(0));
    let makers: Vec<_> = (0..MAKERS)
        .map(|index| {
            let chance = Chance::new(seed, index);
            let wire = Wire::new(&world.ports);
            let maker = Maker {
                wire,
                token: String::new(),
                chance,
                changed: Arc::clone(&changed),
                places: Places::of(index),
            };
            tokio::spawn(maker.run(phase.subscribe()))
        })
        .collect();
    let mut running = Vec::new();
    for node in 0..nodes {
        running.push(start(&world, node).await);
    }
    phase.send_replace(Phase::Up);
    // What had been heard after each kill: who was killed may not have known that it was.
    let mut marks = Vec::new();
    for _ in 0..kills {
        let enough =
            changed.load(Ordering::Relaxed) + 20 + usize::try_from(chance.below(60)).expect("a small number");
        assert!(until(|| changed.load(Ordering::Relaxed) >= enough).await, "no changes are made");
        tokio::time::sleep(Duration::from_micros(chance.below(5000))).await;
        let node = usize::try_from(chance.below(nodes as u64)).expect("a small number");
        running.remove(node).kill();
        running.insert(node, start(&world, node).await);
        // What was on its way has come by now; what it was at is told again once its leases are over.
        marks.push(sink.heard().len());
    }
    phase.send_replace(Phase::Over);
    let mut acknowledged = BTreeMap::new();
    for maker in makers {
        acknowledged.extend(maker.await.expect("who changes things ends well"));
    }
    // Events are numbered a moment after they happened, and what waits is told a moment after that.
    let began = Instant::now();
    let (pulled, history, wrong) = loop {
        let pulled = pulled(&world).await;
        let history = History::of(&sink, &program);
        let wrong = history.violations(&pulled, &acknowledged, &marks);
        if wrong.is_empty() || began.elapsed() > PATIENCE {
            break (pulled, history, wrong);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for node in running {
        node.terminate();
        assert!(node.ended().await.success(), "a server ends well after kills");
    }
    let repeats = history.letters.len() - history.first_heard().len();
    let line = format!(
        "{kills} kills, {} events of {} installations told in {} requests ({repeats} repeats), {} violations; seed {seed}",
        pulled.len(),
        acknowledged.len(),
        history.letters.len(),
        wrong.len(),
    );
    report("Told", &line);
    assert!(wrong.is_empty(), "{line}: {wrong:#?}");
    assert!(repeats > 0 && acknowledged.len() > 10, "{line}: too little happened");
}

async fn start(world: &World, node: usize) -> Running {
    let mut running = Running::start_node(world, node);
    running.ready().await;
    running
}

/// Whether it comes to be so in time.
async fn until(mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > PATIENCE {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

/// What is installed where, by one who changes it. Nobody else does, so that they know what they did.
struct Places(Vec<(&'static str, String, Option<String>)>);

impl Places {
    fn of(maker: u64) -> Self {
        let contexts = (0..CONTEXTS).filter(|context| context % MAKERS == maker);
        Self(
            contexts
                .flat_map(|at| EXTENSIONS.map(|extension| (extension, format!("project/p-{at}"), None)))
                .collect(),
        )
    }
}

/// One who administers installations.
struct Maker {
    wire: Wire,
    token: String,
    chance: Chance,
    changed: Arc<AtomicUsize>,
    places: Places,
}

impl Maker {
    async fn run(mut self, mut phase: watch::Receiver<Phase>) -> Acknowledged {
        let mut acknowledged = Acknowledged::new();
        loop {
            let now = *phase.borrow_and_update();
            match now {
                Phase::Over => return acknowledged,
                Phase::Up => {}
                Phase::Down => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                }
            }
            if self.change(&mut acknowledged).await.is_err() {
                // The server is away, or this request was under way when it went.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// One change of one place.
    async fn change(&mut self, acknowledged: &mut Acknowledged) -> Result<(), Lost> {
        if self.token.is_empty() {
            self.token = self.own_token().await?;
        }
        let at = usize::try_from(self.chance.below(self.places.0.len() as u64)).expect("a small number");
        let (extension, context, installed) = self.places.0[at].clone();
        let Some(installation) = installed else {
            // What was asked for before a kill may stand.
            if let Some(found) = self.standing(extension, &context).await? {
                acknowledged.entry(found.clone()).or_default().entry("Added").or_insert((0, 1));
                self.places.0[at].2 = Some(found);
                return Ok(());
            }
            let made = json!({ "extension": extension, "context": context });
            let reply = self.ask("POST", "installations", &made).await?;
            assert_eq!(reply.status, 201, "{}", reply.body);
            let id = reply.text("id");
            acknowledged.entry(id.clone()).or_default().insert("Added", (1, 0));
            self.places.0[at].2 = Some(id);
            return Ok(());
        };
        let path = format!("installations/{installation}");
        let settings = json!({ "settings": { "n": self.chance.below(1_000_000_000) } });
        let (kind, method, path, body) = match self.chance.below(10) {
            0 => ("Removed", "DELETE", path, Value::Null),
            1..4 => ("SecretRotated", "POST", format!("{path}/secrets"), json!({})),
            _ => ("Updated", "PATCH", path, settings),
        };
        let counted = acknowledged.entry(installation).or_default().entry(kind).or_default();
        let reply = match self.ask(method, &path, &body).await {
            Ok(reply) => reply,
            Err(lost) => {
                counted.1 += usize::from(lost != Lost::Unsent);
                if kind == "Removed" {
                    self.places.0[at].2 = None;
                }
                return Err(lost);
            }
        };
        assert!(matches!(reply.status, 200 | 201 | 204), "{kind}: {} {}", reply.status, reply.body);
        counted.0 += 1;
        if kind == "Removed" {
            self.places.0[at].2 = None;
        }
        Ok(())
    }

    async fn standing(&mut self, extension: &str, context: &str) -> Result<Option<String>, Lost> {
        let path = format!("installations?limit=100&extension={extension}");
        let found = self.ask("GET", &path, &Value::Null).await?.json();
        let items = found["items"].as_array().expect("a list");
        let here = items.iter().find(|item| item["context"] == context);
        Ok(here.map(|item| item["id"].as_str().expect("an id").to_owned()))
    }

    async fn ask(&mut self, method: &str, path: &str, body: &Value) -> Result<Reply, Lost> {
        let token = format!("Bearer {}", self.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let (headers, body) = match body {
            Value::Null => (&headers[..1], String::new()),
            body => (&headers[..], body.to_string()),
        };
        let reply = self.wire.send(method, &format!("/admin/v1/tenants/main/{path}"), headers, body).await?;
        self.changed.fetch_add(usize::from(method != "GET"), Ordering::Relaxed);
        Ok(reply)
    }

    async fn own_token(&mut self) -> Result<String, Lost> {
        let scope = "admin:installations.read admin:installations.write";
        let form =
            [("grant_type", "client_credentials"), ("resource", "urn:doorward:admin"), ("scope", scope)];
        let client = basic(KEEPER, &secret_of(KEEPER));
        let reply = self.wire.post("/token", &form, &[("authorization", &client)]).await?;
        assert_eq!(reply.status, 200, "{}", reply.body);
        Ok(reply.text("access_token"))
    }
}

/// All that each extension finds when it asks.
async fn pulled(world: &World) -> Vec<Event> {
    let mut wire = Wire::new(&world.ports);
    let mut events = Vec::new();
    for extension in EXTENSIONS {
        let client = basic(extension, &secret_of(extension));
        let mut after = "0".to_owned();
        loop {
            let path = format!("/extensions/{extension}/events?after={after}");
            let reply = wire
                .send("GET", &path, &[("authorization", &client)], String::new())
                .await
                .expect("an answer");
            assert_eq!(reply.status, 200, "{}", reply.body);
            let body = reply.json();
            let page = body["events"].as_array().expect("a list");
            if page.is_empty() {
                break;
            }
            events.extend(page.iter().map(Event::read));
            after = body["next"].to_string().trim_matches('"').to_owned();
        }
    }
    events
}

/// Extensions that listen at the sink, projects, and one who administers installations.
fn state(world: &World, sink: &Sink) -> Value {
    let client = |id: &str, grant_types: &[&str], more: Value| {
        let mut client =
            json!({ "id": id, "grant_types": grant_types, "secrets": [{ "value": secret_of(id) }] });
        let (into, more) =
            (client.as_object_mut().expect("an object"), more.as_object().expect("an object").clone());
        into.extend(more);
        client
    };
    let redirect = |id: &str| format!("https://{id}.example/cb");
    let mut clients = vec![client(
        KEEPER,
        &["client_credentials"],
        json!({ "scopes": "admin:installations.read admin:installations.write", "apis": ["urn:doorward:admin"] }),
    )];
    clients.extend(EXTENSIONS.map(|id| {
        client(
            id,
            &["authorization_code", "client_credentials"],
            json!({ "redirect_uris": [redirect(id)], "scopes": "openid" }),
        )
    }));
    let extension = |id: &str| {
        json!({
            "id": id, "contributor": "contributor/m", "state": "published",
            "manifest": {
                "name": id, "scopes": [{ "name": "openid", "reason": "to know who it is" }],
                "callback_url": redirect(id), "webhook_url": sink.url(&format!("/{id}/:contextId")),
            },
        })
    };
    let mut contexts = vec![json!({ "id": "contributor/m", "name": "Makers" })];
    contexts.extend(
        (0..CONTEXTS).map(|at| json!({ "id": format!("project/p-{at}"), "name": format!("P {at}") })),
    );
    json!({ "tenants": [{
        "id": "main",
        "issuers": [{ "url": world.issuer() }],
        "contexts": contexts,
        "clients": clients,
        "extensions": EXTENSIONS.map(extension),
    }]})
}

const KEEPER: &str = "keeper";
const EXTENSIONS: [&str; 3] = ["mailer", "shop", "tracker"];
const CONTEXTS: u64 = 16;
const MAKERS: u64 = 4;
/// A line whose node was killed waits for its lease; what an extension did not take is told again after pauses that grow.
const PATIENCE: Duration = Duration::from_secs(180);
