//! Random sequences of what happens to installations, beside a simple model: what is installed, opened, rotated, taken and removed, by
//! people who come and go, in places that are removed and made anew, on a server that is killed at the boundaries of its commits. No secret,
//! key, token or session works after its end; what extensions are told is never lost, out of its order, or acknowledged and told again as
//! something new.
//!
//! `DOORWARD_TEST_SEED` repeats the choices of a run; `DOORWARD_TEST_LONG=1` runs twenty times as many worlds on SQLite, ten times as many
//! on PostgreSQL.

mod changes;
mod deliveries;
mod installed;
mod issued;
mod line;
mod model;
mod secret;
mod uses;
mod visits;

use std::collections::BTreeMap;

use doorward_core::model::Extension;
use doorward_tests::chance::{Chance, is_long};
use doorward_tests::extended::{CUSTOMER, P1, P2, X1, X2};
use doorward_tests::sink::Sink;
use doorward_tests::{ALICE, BOB, MALLORY, Reply, TestApp, basic, encode, report, visitor};
use serde_json::Value;

use crate::admin::{ADMIN, client_with, every_scope, token_of};
use crate::webhooks::loopback;
use model::{Model, SECOND, TREE, Time};

const PEOPLE: [&str; 3] = [ALICE, BOB, MALLORY];
const EXTENSIONS: [&str; 2] = [X1, X2];
const STEPS: u64 = 500;
/// Who administers.
const CHIEF: &str = "chief";
const T: &str = "/tenants/t1";

#[tokio::test]
async fn what_is_installed_is_in_random_worlds_as_the_model_says() {
    let chance = Chance::of_environment("random worlds of extensions");
    let is_on_a_server = std::env::var_os("DOORWARD_TEST_POSTGRES").is_some();
    let steps = match (is_on_a_server, is_long()) {
        (false, false) => 10_000,
        (false, true) => 200_000,
        (true, false) => 2_000,
        (true, true) => 20_000,
    };
    let worlds = steps / STEPS;
    let mut all = Summary::default();
    for world in 0..worlds {
        let mut run = Box::pin(Run::new(chance.part(world), chance.seed, world)).await;
        for _ in 0..STEPS {
            Box::pin(run.step()).await;
        }
        Box::pin(run.end()).await;
        println!("world {world}: {}", run.summary);
        all.add(&run.summary);
    }
    report(
        "Random worlds of extensions",
        &format!(
            "{worlds} worlds of {STEPS} steps as the model says, {all}, 0 violations; seed {}",
            chance.seed
        ),
    );
}

/// What was done and looked at.
#[derive(Default)]
struct Summary {
    installed: u64,
    issued: u64,
    looked: u64,
    heard: u64,
    killed: u64,
}

impl Summary {
    fn add(&mut self, other: &Self) {
        self.installed += other.installed;
        self.issued += other.issued;
        self.looked += other.looked;
        self.heard += other.heard;
        self.killed += other.killed;
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} installations, {} tokens and keys, {} questions, {} deliveries, {} kills",
            self.installed, self.issued, self.looked, self.heard, self.killed
        )
    }
}

struct Run {
    app: TestApp,
    sink: Sink,
    chance: Chance,
    model: Model,
    summary: Summary,
    /// A token of who administers, and until when it is used.
    token: (String, Time),
    /// Requests to protocol endpoints: each comes from an address of its own, so that none waits for the failures of others.
    asked: u32,
    /// Cookies of people, and what their forms carry.
    browsers: [(BTreeMap<String, String>, String); 3],
    /// What happened, for whoever reads of a failure.
    log: Vec<String>,
    name: String,
}

impl Run {
    async fn new(chance: Chance, seed: u64, world: u64) -> Self {
        let app = TestApp::fetching(loopback()).await;
        app.hurry().await;
        app.extend().await;
        let sink = Sink::new().await;
        for extension in EXTENSIONS {
            let is_offline = extension == EXTENSIONS[issued::OFFLINE];
            let url = sink.url(&format!("/{extension}/:extensionInstanceId"));
            app.change_extension(extension, |found: &mut Extension| {
                found.manifest.webhook_url = Some(url);
                found.manifest.scopes.retain(|scope| is_offline || scope.name != "offline_access");
            })
            .await;
        }
        client_with(&app, CHIEF, &every_scope()).await;
        let mut run = Self {
            model: Model::new(app.clock.now().0),
            app,
            sink,
            chance,
            summary: Summary::default(),
            token: (String::new(), 0),
            asked: 0,
            browsers: Default::default(),
            log: Vec::new(),
            name: format!("DOORWARD_TEST_SEED={seed}, world {world}"),
        };
        run.furnish().await;
        run
    }

    /// The places that the world does not begin with, and who is where at its beginning.
    async fn furnish(&mut self) {
        for (name, parent) in TREE.iter().filter(|(name, _)| name.starts_with("stage/")) {
            let made = self
                .admin("PUT", &format!("/contexts/{name}"), serde_json::json!({ "parent": parent }))
                .await;
            self.check(made.status == 201, &made.body);
        }
        for (person, key, writes) in [(0, CUSTOMER, false), (0, P1, true), (1, P2, false)] {
            let name = match key {
                CUSTOMER => "customer/c-1",
                P1 => "project/p-1",
                _ => "project/p-2",
            };
            let place = self.model.standing(name).expect("every place stands at first");
            self.model.join(person, place, writes);
        }
    }

    async fn step(&mut self) {
        let seconds = match self.chance.below(200) {
            0 => 3600,
            1..=5 => 60 + self.chance.below(600),
            6..=25 => 5 + self.chance.below(30),
            _ => 1,
        };
        self.wait(seconds);
        self.sign_out().await;
        match self.chance.below(100) {
            0..=6 => self.install().await,
            7..=8 => self.consent().await,
            9..=12 => self.switch().await,
            13..=14 => self.remove().await,
            15..=18 => self.rotate().await,
            19..=22 => self.attend_secret().await,
            23..=24 => self.take_or_give_role().await,
            25..=28 => self.come_or_leave().await,
            29 => self.remove_place().await,
            30..=32 => self.make_place().await,
            33..=34 => self.change_extension().await,
            35 => self.follow().await,
            36..=45 => self.open().await,
            46..=56 => self.exchange_key().await,
            57..=63 => self.refresh().await,
            64..=67 => self.make_session_token().await,
            68..=71 => self.exchange_session_token().await,
            72..=74 => self.make_frame_ticket().await,
            75..=77 => self.redeem_ticket().await,
            78..=79 => self.look_into_frame().await,
            80..=86 => self.act_for_itself().await,
            87..=88 => self.resume_line().await,
            89 => self.attend_line().await,
            90 => self.kill().await,
            91 => self.deliver_and_die().await,
            _ => self.deliver().await,
        }
        for _ in 0..2 {
            self.look().await;
        }
    }

    /// At the end: everything is as the model says, and everything was told.
    async fn end(&mut self) {
        for _ in 0..100 {
            self.look().await;
        }
        self.tell_everything().await;
    }

    fn wait(&mut self, seconds: usize) {
        let seconds = i64::try_from(seconds).expect("small");
        self.app.advance_s(seconds);
        self.model.wait(seconds * SECOND);
    }

    /// The server is killed, and another goes on with what it left.
    async fn kill(&mut self) {
        self.log.push("killed".to_owned());
        self.summary.killed += 1;
        self.app.kill(loopback()).await;
        self.app.hurry().await;
    }

    #[track_caller]
    fn check(&self, holds: bool, what: &str) {
        if !holds {
            let from = self.log.len().saturating_sub(60);
            panic!("{}: {what}\nthe last steps were:\n  {}", self.name, self.log[from..].join("\n  "));
        }
    }

    // --- requests ---

    /// A request to the admin API, below the tenant.
    async fn admin(&mut self, method: &str, path: &str, body: Value) -> Reply {
        if self.token.1 <= self.model.now {
            let token = token_of(&self.app, CHIEF, &every_scope()).await;
            self.token = (token, self.model.now + 300 * SECOND);
        }
        let bearer = format!("Bearer {}", self.token.0);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let (headers, body) =
            if body.is_null() { (&headers[..1], String::new()) } else { (&headers[..], body.to_string()) };
        self.app.send(method, &format!("{ADMIN}{T}{path}"), headers, &body).await
    }

    /// The same for a change; none: the server died before it was committed. Sometimes it dies just after.
    async fn change(&mut self, method: &str, path: &str, body: Value) -> Option<Reply> {
        if self.chance.once_in(50) {
            self.app.fail_writes(true).await;
            let reply = self.admin(method, path, body).await;
            self.app.fail_writes(false).await;
            self.log.push(format!("{method} {path} is not committed: {}", reply.status));
            self.kill().await;
            return None;
        }
        let reply = self.admin(method, path, body).await;
        self.log.push(format!("{method} {path}: {}", reply.status));
        self.check(reply.status < 500, &reply.body);
        if self.chance.once_in(50) {
            self.kill().await;
        }
        Some(reply)
    }

    /// A form to a protocol endpoint, as a client or an installation by a secret.
    async fn post(&mut self, path: &str, (id, secret): (&str, &str), form: &[(&str, &str)]) -> Reply {
        self.asked += 1;
        let authorization = basic(id, secret);
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", authorization.as_str()),
        ];
        self.app.send_from(visitor(self.asked), "POST", path, &headers, &encode(form)).await
    }

    /// The same to the token endpoint; the server may die before anything of it is committed: none, unless it had answered.
    async fn token(&mut self, by: (&str, &str), form: &[(&str, &str)]) -> Option<Reply> {
        let is_cut = self.chance.once_in(60);
        if is_cut {
            self.app.fail_writes(true).await;
        }
        let reply = self.post("/token", by, form).await;
        self.log.push(format!(
            "{} by {}: {} {}",
            form[0].1,
            by.0,
            reply.status,
            if reply.status == 200 { "" } else { &reply.body }
        ));
        if is_cut {
            self.app.fail_writes(false).await;
            self.kill().await;
            return (reply.status == 200).then_some(reply);
        }
        self.check(matches!(reply.status, 200 | 400 | 401 | 403), &reply.body);
        Some(reply)
    }

    // --- choices ---

    /// One of so many, more often one of the newest.
    fn some(&mut self, count: usize) -> Option<usize> {
        if count == 0 {
            return None;
        }
        let from = if self.chance.once_in(4) { 0 } else { count.saturating_sub(8) };
        Some(from + self.chance.below(count - from))
    }

    /// One of so many, more often one of which that holds.
    fn likely(&mut self, count: usize, is_wanted: impl Fn(&Model, usize) -> bool) -> Option<usize> {
        let wanted: Vec<usize> = (0..count).filter(|at| is_wanted(&self.model, *at)).collect();
        if wanted.is_empty() || self.chance.once_in(6) {
            return self.some(count);
        }
        Some(*self.chance.pick(&wanted))
    }

    /// An installation, more often one that works, or that is there at least.
    fn installation(&mut self) -> Option<usize> {
        let is_wanted = if self.chance.once_in(3) { Model::is_there } else { Model::is_on };
        self.likely(self.model.installations.len(), is_wanted)
    }
}
