//! Clients and people at work: each worker has a browser and the grants that it got, and does one thing after the other.

use std::sync::Arc;

use doorward_tests::{Reply, VERIFIER, basic};
use tokio::sync::watch;

use crate::browser::Browser;
use crate::chance::Chance;
use crate::history::{History, Op, Outcome};
use crate::wire::{Lost, Wire};
use crate::world::{SPA, WATCH, WEB, World, redirect_uri_of, secret_of};

/// Whether the server can be spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It was killed.
    Down,
    /// No more work.
    Over,
    /// It answers.
    Up,
}

/// A client at the protocol endpoints; everything that it does is written into the history.
pub struct Client {
    wire: Wire,
    history: Arc<History>,
}

/// A grant that a worker holds.
#[derive(Clone)]
struct Held {
    client: &'static str,
    access: Vec<String>,
    head: String,
}

/// A worker.
pub struct Worker {
    browser: Browser,
    client: Client,
    second: Client,
    history: Arc<History>,
    phase: watch::Receiver<Phase>,
    chance: Chance,
    name: String,
    session: Option<String>,
    sessions: u32,
    held: Vec<Held>,
    /// Access tokens of grants that were given up: revoked, or orphaned.
    past: Vec<String>,
}

impl Worker {
    /// The `index`th worker.
    pub fn new(
        world: &World,
        history: &Arc<History>,
        phase: watch::Receiver<Phase>,
        seed: u64,
        index: u64,
    ) -> Self {
        Self {
            browser: Browser::new(world),
            client: Client::new(world, history),
            second: Client::new(world, history),
            history: Arc::clone(history),
            phase,
            chance: Chance::new(seed, index + 1),
            name: format!("w{index}"),
            session: None,
            sessions: 0,
            held: Vec::new(),
            past: Vec::new(),
        }
    }

    /// Works until it is over.
    pub async fn run(mut self) {
        loop {
            let phase = *self.phase.wait_for(|phase| *phase != Phase::Down).await.expect("somebody tells");
            if phase == Phase::Over {
                return;
            }
            self.step().await;
        }
    }

    async fn step(&mut self) {
        let Some(session) = self.session.clone() else { return self.sign_in().await };
        match self.chance.below(100) {
            0..2 => self.sign_out(session).await,
            2..24 => self.begin(session).await,
            24..30 => self.revoke().await,
            30..50 => self.introspect().await,
            _ => self.refresh().await,
        }
    }

    async fn sign_in(&mut self) {
        self.sessions += 1;
        let session = format!("{}.{}", self.name, self.sessions);
        // What a broken sign-out left behind is not this session's.
        self.browser.forget();
        let invoked = self.history.now();
        let answer = self.browser.sign_in().await;
        let signed_in = |reply: &Reply| if reply.status == 303 { Outcome::Done } else { refused(reply) };
        let Some(outcome) = outcome(answer, signed_in) else { return };
        if outcome == Outcome::Done {
            self.session = Some(session.clone());
        }
        self.history.add(Op::SignIn { session }, invoked, outcome);
    }

    async fn sign_out(&mut self, session: String) {
        let invoked = self.history.now();
        let answer = self.browser.sign_out().await;
        let signed_out = |reply: &Reply| if reply.status == 200 { Outcome::Done } else { refused(reply) };
        let Some(outcome) = outcome(answer, signed_out) else { return };
        if outcome == Outcome::Done {
            self.session = None;
        }
        self.history.add(Op::SignOut { session }, invoked, outcome);
    }

    /// A code, and its tokens: once, twice at the same time, or once more afterwards.
    async fn begin(&mut self, session: String) {
        let offline = self.chance.percent(50);
        let client = if self.chance.percent(50) { WEB } else { SPA };
        let api = if self.chance.percent(50) { "jwt:read" } else { "opaque:read" };
        let scope = format!("openid {api}{}", if offline { " offline_access" } else { "" });
        let invoked = self.history.now();
        let answer = self.browser.authorize(client, &scope).await;
        let Some(outcome) = outcome(answer, code_of) else { return };
        if outcome == refused_as("login_required") {
            // A sign-out whose answer was lost; if there was none, the checker will say so.
            self.session = None;
        }
        self.history.add(Op::Authorize { client, session, offline }, invoked, outcome.clone());
        let Outcome::Code(code) = outcome else { return };
        let (first, second) = if self.chance.percent(25) {
            tokio::join!(self.client.redeem(client, &code), self.second.redeem(client, &code))
        } else {
            let first = self.client.redeem(client, &code).await;
            let again = if self.chance.percent(10) { self.client.redeem(client, &code).await } else { None };
            (first, again)
        };
        for outcome in [first, second].into_iter().flatten() {
            if let Outcome::Tokens { access, refresh } = outcome {
                self.held.push(Held { client, access: vec![access], head: refresh });
            }
        }
    }

    async fn refresh(&mut self) {
        let Some(index) = self.any() else { return };
        let Held { client, head, .. } = self.held[index].clone();
        let outcomes = if self.chance.percent(10) {
            let (first, second) =
                tokio::join!(self.client.refresh(client, &head), self.second.refresh(client, &head));
            vec![first, second]
        } else {
            vec![self.client.refresh(client, &head).await]
        };
        let mut is_over = false;
        for outcome in outcomes.into_iter().flatten() {
            match outcome {
                Outcome::Tokens { access, refresh } => {
                    self.held[index].access.push(access);
                    self.held[index].head = refresh;
                }
                Outcome::Refused(_) | Outcome::UnknownLate => is_over = true,
                _ => {}
            }
        }
        if is_over {
            self.give_up(index);
        }
    }

    async fn revoke(&mut self) {
        let Some(index) = self.any() else { return };
        let held = self.held[index].clone();
        let access = held.access.last().filter(|_| self.chance.percent(50));
        let token = access.unwrap_or(&held.head).clone();
        if self.client.revoke(held.client, &token).await == Some(Outcome::Done) {
            self.give_up(index);
        }
    }

    async fn introspect(&mut self) {
        let held = if self.chance.percent(60) { self.any() } else { None };
        let of = held.map_or(&self.past, |index| &self.held[index].access);
        if let Some(token) = self.chance.pick(of).cloned() {
            self.client.introspect(&token).await;
        }
    }

    fn any(&mut self) -> Option<usize> {
        (!self.held.is_empty()).then(|| self.chance.below(self.held.len() as u64) as usize)
    }

    fn give_up(&mut self, index: usize) {
        self.past.append(&mut self.held.swap_remove(index).access);
    }
}

impl Client {
    /// On a connection of its own.
    pub fn new(world: &World, history: &Arc<History>) -> Self {
        Self { wire: Wire::new(&world.ports), history: Arc::clone(history) }
    }

    /// Redeem a code. Nothing when the server never heard of it.
    pub async fn redeem(&mut self, client: &str, code: &str) -> Option<Outcome> {
        let redirect_uri = redirect_uri_of(client);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.ask(Op::Redeem { code: code.to_owned() }, "/token", client, &form, tokens_of).await
    }

    /// Refresh.
    pub async fn refresh(&mut self, client: &str, parent: &str) -> Option<Outcome> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", parent)];
        self.ask(Op::Refresh { parent: parent.to_owned() }, "/token", client, &form, tokens_of).await
    }

    /// Revoke a token.
    pub async fn revoke(&mut self, client: &str, token: &str) -> Option<Outcome> {
        let done = |reply: &Reply| if reply.status == 200 { Outcome::Done } else { refused(reply) };
        self.ask(Op::Revoke { token: token.to_owned() }, "/revoke", client, &[("token", token)], done).await
    }

    /// Ask whether an access token is active.
    pub async fn introspect(&mut self, token: &str) -> Option<Outcome> {
        let active = |reply: &Reply| match reply.status {
            200 => Outcome::Active(reply.json()["active"] == true),
            _ => refused(reply),
        };
        let op = Op::Introspect { token: token.to_owned() };
        self.ask(op, "/introspect", WATCH, &[("token", token)], active).await
    }

    async fn ask(
        &mut self,
        op: Op,
        path: &str,
        client: &str,
        form: &[(&str, &str)],
        read: impl FnOnce(&Reply) -> Outcome,
    ) -> Option<Outcome> {
        let mut form = form.to_vec();
        let authorization = basic(client, &secret_of(client));
        let mut headers = Vec::new();
        if client == SPA {
            form.push(("client_id", client));
        } else {
            headers.push(("authorization", authorization.as_str()));
        }
        let invoked = self.history.now();
        let outcome = outcome(self.wire.post(path, &form, &headers).await, read)?;
        self.history.add(op, invoked, outcome.clone());
        Some(outcome)
    }
}

/// What an answer says; nothing when the server never heard of the question.
fn outcome(answer: Result<Reply, Lost>, read: impl FnOnce(&Reply) -> Outcome) -> Option<Outcome> {
    match answer {
        // Storage trouble must say when to come back.
        Ok(reply) if reply.status == 503 && reply.header("retry-after").is_some() => Some(Outcome::Unknown),
        Ok(reply) => Some(read(&reply)),
        Err(Lost::Broken) => Some(Outcome::Unknown),
        Err(Lost::Late) => Some(Outcome::UnknownLate),
        Err(Lost::Unsent) => None,
    }
}

fn tokens_of(reply: &Reply) -> Outcome {
    if reply.status != 200 {
        return refused(reply);
    }
    Outcome::Tokens { access: reply.text("access_token"), refresh: reply.text("refresh_token") }
}

fn code_of(reply: &Reply) -> Outcome {
    if reply.header("location").is_none() {
        return refused(reply);
    }
    match (reply.param("code"), reply.param("error")) {
        (Some(code), _) => Outcome::Code(code),
        (None, Some(error)) => Outcome::Refused(error),
        (None, None) => refused(reply),
    }
}

fn refused_as(error: &str) -> Outcome {
    Outcome::Refused(error.to_owned())
}

/// `error` of a 400 or 401; of anything else, the status and how the body begins.
fn refused(reply: &Reply) -> Outcome {
    let error = serde_json::from_str::<serde_json::Value>(&reply.body)
        .ok()
        .and_then(|body| body["error"].as_str().map(str::to_owned));
    match error {
        Some(error) if matches!(reply.status, 400 | 401) => Outcome::Refused(error),
        _ => {
            Outcome::Refused(format!("{} {}", reply.status, reply.body.chars().take(300).collect::<String>()))
        }
    }
}
