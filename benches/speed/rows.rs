//! The rows of the report: a request, what it may cost, and the floors that this is measured by.

use std::sync::{Arc, Mutex};

use crate::load::Source;
use crate::request::{self, basic, bearer, get, once, post};
use crate::sources::{Fixed, List, Refreshing};
use crate::world::{PASSWORD, PEOPLE, REDIRECT, VERIFIER, World, secret_of};

/// A row.
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What is expected of its answers.
    pub status: u16,
    /// Connections at once.
    pub connections: usize,
    /// One of its requests, for the bare server.
    pub request: Arc<Vec<u8>>,
    /// How long its answers are.
    pub answer_bytes: usize,
    /// Its requests, for so many connections.
    pub sources: Box<dyn Fn(usize) -> Vec<Box<dyn Source>>>,
    /// What it may cost; none: only reported.
    pub target: Option<Target>,
}

/// `times × (bare answer + inside) + beside`.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// How often.
    pub times: f64,
    /// Whether the bare answer belongs to it.
    pub bare: bool,
    /// Signatures that the bare server makes before it answers: the algorithm, and how many.
    pub signatures: Option<(&'static str, u32)>,
    /// Other floors that are multiplied, and how many of each.
    pub inside: &'static [(&'static str, f64)],
    /// Floors that are added.
    pub beside: &'static [(&'static str, f64)],
    /// The same in words.
    pub words: &'static str,
}

impl Row {
    /// The same request for every connection, to the bare server.
    pub fn floor_sources(&self) -> Vec<Box<dyn Source>> {
        (0..self.connections).map(|_| Box::new(Fixed(Arc::clone(&self.request))) as Box<dyn Source>).collect()
    }
}

/// Makes rows.
pub struct Rows {
    port: u16,
    connections: usize,
    rows: Vec<Row>,
}

const fn bare(times: f64, words: &'static str) -> Option<Target> {
    Some(Target { times, bare: true, signatures: None, inside: &[], beside: &[], words })
}

impl Rows {
    /// All rows, for a server with that world.
    #[expect(clippy::new_ret_no_self, reason = "what is made are the rows")]
    pub async fn new(world: &World, port: u16, connections: usize) -> Vec<Row> {
        let mut rows = Self { port, connections, rows: Vec::new() };
        rows.fixed("JWKS", get("/jwks", ""), bare(1.3, "1.3 × bare GET")).await;
        let discovery = get("/.well-known/openid-configuration", "");
        rows.fixed("discovery", discovery, bare(1.3, "1.3 × bare GET")).await;
        rows.client_credentials().await;
        rows.code_exchange(world).await;
        rows.refresh(world).await;
        rows.introspection(world).await;
        rows.userinfo(world).await;
        rows.guard(world).await;
        rows.sign_in().await;
        rows.rows
    }

    async fn client_credentials(&mut self) {
        let headers = basic("m2m", &secret_of("m2m"));
        let ask = |scope| post("/token", &headers, &[("grant_type", "client_credentials"), ("scope", scope)]);
        let target = |times, algorithm, words| {
            Some(Target {
                times,
                bare: true,
                signatures: Some((algorithm, 1)),
                inside: &[],
                beside: &[],
                words,
            })
        };
        let es = target(1.5, "ES256", "1.5 × (signature + bare POST)");
        self.fixed("client credentials, ES256", ask("es:read"), es).await;
        let ed = target(1.5, "EdDSA", "1.5 × (signature + bare POST)");
        self.fixed("client credentials, EdDSA", ask("ed:read"), ed).await;
        let rs = target(1.1, "RS256", "1.1 × (signature + bare POST)");
        self.fixed("client credentials, RS256", ask("rs:read"), rs).await;
    }

    async fn code_exchange(&mut self, world: &World) {
        let headers = basic("web", &secret_of("web"));
        let mut requests: Vec<_> = world
            .codes
            .iter()
            .map(|code| {
                post(
                    "/token",
                    &headers,
                    &[
                        ("grant_type", "authorization_code"),
                        ("code", code),
                        ("redirect_uri", REDIRECT),
                        ("code_verifier", VERIFIER),
                    ],
                )
            })
            .collect();
        let target = Target {
            times: 1.8,
            bare: true,
            signatures: Some(("ES256", 2)),
            inside: &[("commit: redeem", 1.0)],
            beside: &[],
            words: "1.8 × (2 signatures + bare POST + commit)",
        };
        let sample = requests.pop().expect("there are codes");
        let list = List::new(requests, false);
        let sources = Box::new(move |connections| of_list(&list, connections));
        self.row("code exchange", sample, 200, self.connections * DURABLE, Some(target), sources).await;
    }

    async fn refresh(&mut self, world: &World) {
        let headers = basic("web", &secret_of("web"));
        let (first, rest) = world.grants.split_first().expect("there are grants");
        let (grant, generation) = *first;
        let pair = doorward_core::token::refresh_pair::RefreshPair { grant, generation };
        let token = pair.encode(&world.issuer, 1, &world.keys).expect("there is a MAC key");
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.expose().as_str())];
        let sample = post("/token", &headers, &form);
        let target = Target {
            times: 1.8,
            bare: true,
            signatures: Some(("ES256", 1)),
            inside: &[("commit: rotate", 1.0)],
            beside: &[],
            words: "1.8 × (signature + bare POST + commit)",
        };
        let sources = refreshing(world, rest.to_vec());
        self.row("refresh, ES256", sample, 200, self.connections * DURABLE, Some(target), sources).await;
    }

    async fn introspection(&mut self, world: &World) {
        let headers = basic("api", &secret_of("api"));
        let ask = |token: &String| post("/introspect", &headers, &[("token", token)]);
        let opaque = world.opaque.iter().map(ask).collect();
        self.list("introspection, opaque", opaque, true, ask(&world.opaque[0]), bare(3.0, "3 × bare POST"))
            .await;
        let new = Target {
            times: 3.0,
            bare: true,
            // The bare server verifies too; the factor is for what is left.
            signatures: Some(("verify", 1)),
            inside: &[("verify ES256", -1.0)],
            beside: &[("verify ES256", 1.0)],
            words: "3 × bare POST + verification",
        };
        let jwts = world.jwts[..world.jwts.len() / 2].iter().map(ask).collect();
        self.list("introspection, JWT, new each time", jwts, true, ask(&world.jwts[0]), Some(new)).await;
        let same = world.jwts[..100].iter().map(ask).collect();
        self.list(
            "introspection, JWT, seen before",
            same,
            true,
            ask(&world.jwts[0]),
            bare(3.0, "3 × bare POST"),
        )
        .await;
    }

    async fn userinfo(&mut self, world: &World) {
        let ask = |token: &String| get("/userinfo", &bearer(token));
        let target = Target {
            times: 3.0,
            bare: true,
            // The bare server verifies too; the factor is for what is left.
            signatures: Some(("verify", 1)),
            inside: &[("verify ES256", -1.0)],
            beside: &[("verify ES256", 1.0)],
            words: "3 × bare GET + verification",
        };
        // Others than introspection's, which are known by now; and more than are remembered.
        let jwts = world.jwts[world.jwts.len() / 2..].iter().map(ask).collect();
        self.list("userinfo, new each time", jwts, true, ask(&world.jwts[0]), Some(target)).await;
        let same = world.jwts[..100].iter().map(ask).collect();
        self.list("userinfo, seen before", same, true, ask(&world.jwts[0]), None).await;
    }

    async fn guard(&mut self, world: &World) {
        let asked = "x-original-method: GET\r\nx-original-uri: /things/1\r\n";
        let ask =
            |token: &String| get("/guard?api=https%3A%2F%2Fes.example", &format!("{}{asked}", bearer(token)));
        let target = Target {
            times: 3.0,
            bare: true,
            // The bare server verifies too; the factor is for what is left.
            signatures: Some(("verify", 1)),
            inside: &[("verify ES256", -1.0)],
            beside: &[("verify ES256", 1.0)],
            words: "3 × bare GET + verification",
        };
        // By now forgotten: userinfo asked for others since.
        let jwts = world.jwts[..world.jwts.len() / 2].iter().map(ask).collect();
        self.list("guard, new each time", jwts, true, ask(&world.jwts[0]), Some(target)).await;
        let same = world.jwts[..100].iter().map(ask).collect();
        self.list("guard, seen before", same, true, ask(&world.jwts[0]), bare(3.0, "3 × bare GET")).await;
    }

    async fn sign_in(&mut self) {
        let requests = signing_in(self.port).await;
        let target = Target {
            times: 1.05,
            bare: false,
            signatures: None,
            inside: &[("argon2id", 1.0)],
            beside: &[],
            words: "1.05 × argon2id",
        };
        let sample = requests[0].clone();
        let list = List::new(requests, true);
        let sources = Box::new(move |connections| of_list(&list, connections));
        self.row("sign-in", sample, 303, SIGNING_IN, Some(target), sources).await;
    }

    async fn fixed(&mut self, name: &'static str, request: Vec<u8>, target: Option<Target>) {
        let shared = Arc::new(request.clone());
        let sources = Box::new(move |connections| {
            (0..connections).map(|_| Box::new(Fixed(Arc::clone(&shared))) as Box<dyn Source>).collect()
        });
        self.row(name, request, 200, self.connections, target, sources).await;
    }

    async fn list(
        &mut self,
        name: &'static str,
        requests: Vec<Vec<u8>>,
        repeats: bool,
        sample: Vec<u8>,
        target: Option<Target>,
    ) {
        let list = List::new(requests, repeats);
        let sources = Box::new(move |connections| of_list(&list, connections));
        self.row(name, sample, 200, self.connections, target, sources).await;
    }

    async fn row(
        &mut self,
        name: &'static str,
        request: Vec<u8>,
        status: u16,
        connections: usize,
        target: Option<Target>,
        sources: Box<dyn Fn(usize) -> Vec<Box<dyn Source>>>,
    ) {
        let (answered, _, body) = once(self.port, &request).await;
        assert_eq!(answered, status, "{name}: {body}");
        assert!(!body.contains("\"active\":false"), "{name}: {body}");
        let request = Arc::new(request);
        self.rows.push(Row { name, status, connections, request, answer_bytes: body.len(), sources, target });
    }
}

fn of_list(list: &List, connections: usize) -> Vec<Box<dyn Source>> {
    (0..connections).map(|_| Box::new(list.clone()) as Box<dyn Source>).collect()
}

/// Connections that refresh these grants, each its own part of them.
pub fn refreshing(
    world: &World,
    grants: Vec<(doorward_core::id::GrantId, i64)>,
) -> Box<dyn Fn(usize) -> Vec<Box<dyn Source>>> {
    let kept = Arc::new(Mutex::new(grants));
    let (issuer, keys) = (world.issuer.clone(), Arc::clone(&world.keys));
    Box::new(move |connections| {
        let grants = std::mem::take(&mut *kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let part = grants.len().div_ceil(connections).max(1);
        let parts = grants.chunks(part).map(|grants| {
            Box::new(Refreshing {
                grants: grants.to_vec(),
                at: 0,
                headers: basic("web", &secret_of("web")),
                issuer: issuer.clone(),
                keys: Arc::clone(&keys),
                kept: Arc::clone(&kept),
            }) as Box<dyn Source>
        });
        parts.collect()
    })
}

/// Everybody signs in, a request each.
pub async fn signing_in(port: u16) -> Vec<Vec<u8>> {
    let (status, head, page) = once(port, &get("/sign-in", "")).await;
    assert_eq!(status, 200, "the sign-in page: {page}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default();
    let headers = format!("Cookie: {cookie}\r\nOrigin: https://id.example\r\n");
    let (request, form) = (hidden(&page, "request"), hidden(&page, "form"));
    (0..PEOPLE)
        .map(|person| {
            let name = format!("person{person}");
            let fields = [
                ("request", request.as_str()),
                ("form", form.as_str()),
                ("username", name.as_str()),
                ("password", PASSWORD),
                ("action", "sign-in"),
            ];
            post("/sign-in", &headers, &fields)
        })
        .collect()
}

/// A hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let marked = format!("name=\"{name}\" value=\"");
    let rest = page.split(marked.as_str()).nth(1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// An opaque token's introspection request.
pub fn introspect(token: &str) -> Vec<u8> {
    request::post("/introspect", &basic("api", &secret_of("api")), &[("token", token)])
}

/// Times as many connections where answers wait for the disk, so that a batch is filled while the one before is written.
const DURABLE: usize = 4;
/// People who sign in at once: more would only wait for a password thread.
const SIGNING_IN: usize = 4;
