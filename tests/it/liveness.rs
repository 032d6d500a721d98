//! Section 2 of the design: each dead state is made by a committed change, and every path is closed at once, with the right code.
//! What can be switched on again works again; what was ended stays dead, whatever is made anew.

use doorward_core::Effect;
use doorward_core::id::{ClientId, IssuerId, TenantId, UserId};
use doorward_core::model::{Client, Grant, Issuer, Tenant, User};
use doorward_tests::{ALICE, Browser, Code, M2M, RS1, Reply, T1, TestApp, WEB, user_id};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A way to be dead, how it is made, and what each path says then.
pub struct Dead {
    /// What it is called.
    pub name: &'static str,
    /// Before anybody signs in.
    pub prepare: fn(&mut Tenant, &mut Client),
    /// It is made so.
    pub make: for<'a> fn(&'a World) -> Made<'a>,
    /// What each path says: `code`, `refresh`, `own`, `userinfo`, `introspect`, `sso`.
    pub says: fn(path: &str, offline: bool) -> &'static str,
    /// Take it back, where it can be.
    pub clear: Option<for<'a> fn(&'a World) -> Made<'a>>,
}

type Made<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What a path says that is open.
pub const ALIVE: &str = "200";
const GRANT: &str = "400 invalid_grant";
const CLIENT: &str = "401 invalid_client";
const TOKEN: &str = "401 invalid_token";
const INACTIVE: &str = "inactive";

/// What a person's being dead comes to.
fn person(path: &str, _: bool) -> &'static str {
    match path {
        "own" | "own opaque" | "guard own" => ALIVE,
        "sso" => "login_required",
        _ => grant(path, false),
    }
}

/// What a grant's being dead comes to.
fn grant(path: &str, _: bool) -> &'static str {
    match path {
        "code" | "refresh" => GRANT,
        "userinfo" | "guard" => TOKEN,
        "introspect" | "introspect refresh" | "introspect opaque" => INACTIVE,
        _ => ALIVE,
    }
}

/// What a session's being over comes to: an offline grant outlives it.
fn session(path: &str, offline: bool) -> &'static str {
    match path {
        "sso" => "login_required",
        _ if offline => ALIVE,
        _ => grant(path, false),
    }
}

/// What a client's being off comes to.
fn client(path: &str, _: bool) -> &'static str {
    match path {
        "code" | "refresh" | "own token" => CLIENT,
        "sso" => "page",
        "own" | "own opaque" => INACTIVE,
        "guard own" => TOKEN,
        _ => grant(path, false),
    }
}

/// Every way to be dead.
pub fn states() -> Vec<Dead> {
    let nothing = |_: &mut Tenant, _: &mut Client| ();
    vec![
        Dead {
            name: "tenant disabled",
            prepare: nothing,
            make: |world| Box::pin(world.tenant(|tenant, now| tenant.disabled_at = Some(now))),
            // Whoever introspects belongs to it too.
            says: |path, _| match path {
                "userinfo" | "guard" | "guard own" => TOKEN,
                "sso" => "page",
                _ => CLIENT,
            },
            clear: Some(|world| Box::pin(world.tenant(|tenant, _| tenant.disabled_at = None))),
        },
        Dead {
            name: "issuer disabled",
            prepare: nothing,
            make: |world| Box::pin(world.issuer(|issuer, now| issuer.disabled_at = Some(now))),
            says: |_, _| "404",
            clear: Some(|world| Box::pin(world.issuer(|issuer, _| issuer.disabled_at = None))),
        },
        Dead {
            name: "issuer not allowed",
            prepare: nothing,
            make: |world| Box::pin(world.client(|client, _| client.issuers = ["iss-other".into()].into())),
            // Access tokens that are out live on for their few minutes.
            says: |path, _| match path {
                "code" | "refresh" | "own token" => CLIENT,
                "sso" => "page",
                _ => ALIVE,
            },
            clear: Some(|world| Box::pin(world.client(|client, _| client.issuers.clone_from(&world.listed)))),
        },
        Dead {
            name: "client disabled",
            prepare: nothing,
            make: |world| Box::pin(world.client(|client, now| client.disabled_at = Some(now))),
            says: client,
            clear: Some(|world| Box::pin(world.client(|client, _| client.disabled_at = None))),
        },
        Dead {
            name: "client removed",
            prepare: nothing,
            make: |world| Box::pin(world.remove_client()),
            says: client,
            clear: None,
        },
        Dead {
            name: "person disabled",
            prepare: nothing,
            make: |world| {
                Box::pin(world.user(|user, now| {
                    (user.disabled_at, user.valid_from) = (Some(now), Some(now.plus_ms(1)))
                }))
            },
            says: person,
            clear: None,
        },
        Dead {
            name: "person locked",
            prepare: nothing,
            make: |world| Box::pin(world.user(|user, now| user.locked_at = Some(now))),
            says: person,
            clear: Some(|world| Box::pin(world.user(|user, _| user.locked_at = None))),
        },
        Dead {
            name: "person removed",
            prepare: nothing,
            make: |world| Box::pin(world.remove_user()),
            says: person,
            clear: None,
        },
        Dead {
            name: "person valid from later",
            prepare: nothing,
            make: |world| Box::pin(world.user(|user, now| user.valid_from = Some(now.plus_ms(1)))),
            says: person,
            clear: None,
        },
        Dead {
            name: "consent ended",
            prepare: nothing,
            make: |world| Box::pin(world.end_consents()),
            says: |path, _| if path == "sso" { "consent_required" } else { grant(path, false) },
            clear: None,
        },
        Dead {
            name: "session ended",
            prepare: nothing,
            make: |world| Box::pin(world.end_sessions()),
            says: session,
            clear: None,
        },
        Dead {
            name: "session idle",
            prepare: nothing,
            make: |world| Box::pin(world.wait(1800)),
            says: session,
            clear: None,
        },
        Dead {
            name: "session at its absolute end",
            prepare: |tenant, _| {
                tenant.settings.session_idle_s = 10_000;
                tenant.settings.session_absolute_s = 1000;
            },
            make: |world| Box::pin(world.wait(1000)),
            says: session,
            clear: None,
        },
        Dead {
            name: "grant ended",
            prepare: nothing,
            make: |world| Box::pin(world.end_grants()),
            says: grant,
            clear: None,
        },
        Dead {
            name: "grant idle",
            prepare: |_, client| client.lifetimes.refresh_idle_s = 500,
            make: |world| Box::pin(world.wait(500)),
            // A code that was not redeemed has its own end.
            says: |path, _| if path == "code" { ALIVE } else { grant(path, false) },
            clear: None,
        },
        Dead {
            name: "grant at its absolute end",
            prepare: |_, client| client.lifetimes.refresh_absolute_s = 500,
            make: |world| Box::pin(world.wait(500)),
            says: |path, _| if path == "code" { ALIVE } else { grant(path, false) },
            clear: None,
        },
        Dead {
            name: "code and tokens at their end",
            prepare: |_, client| {
                client.lifetimes.code_s = 500;
                client.lifetimes.access_token_s = 500;
            },
            make: |world| Box::pin(world.wait(500)),
            says: |path, _| match path {
                "refresh" | "introspect refresh" | "sso" | "own token" => ALIVE,
                "own" | "own opaque" => INACTIVE,
                "guard own" => TOKEN,
                _ => grant(path, false),
            },
            clear: None,
        },
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_path_is_closed_at_once_by_every_dead_state() {
    every_path_is_closed(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_path_of_an_offline_grant_is_closed_at_once_by_every_dead_state_but_its_sessions() {
    every_path_is_closed(true).await;
}

async fn every_path_is_closed(offline: bool) {
    let mut failed = String::new();
    for dead in states() {
        let held = Held::new(dead.prepare, offline).await;
        let before = held.paths().await;
        for (path, found) in &before {
            if found != ALIVE {
                failed.push_str(&format!("\n{} offline: {offline} × {path}: {found} before", dead.name));
            }
        }
        (dead.make)(&held.world).await;
        let mut paths = held.paths().await;
        // A code is spent by trying it, so that it is tried last, and again where all is well again.
        paths.push(("code", said(&held.code.redeem(&held.app).await)));
        for (path, found) in &paths {
            let expected = (dead.says)(path, offline);
            if found != expected {
                failed.push_str(&format!(
                    "\n{} offline: {offline} × {path}: {found}, not {expected}",
                    dead.name
                ));
            }
        }
        if let Some(clear) = dead.clear {
            clear(&held.world).await;
            let mut paths = held.paths().await;
            paths.push(("code", said(&held.code.redeem(&held.app).await)));
            for (path, found) in paths {
                if found != ALIVE {
                    failed.push_str(&format!(
                        "\n{} offline: {offline} × {path}: {found} when cleared",
                        dead.name
                    ));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// Ended is final: consenting, signing in, or making a client or a person anew wakes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_ended_is_not_woken_by_what_is_made_anew() {
    let mut failed = String::new();
    for what in ["consent", "session", "person disabled", "person removed", "client removed", "grant"] {
        for offline in [false, true] {
            if what == "session" && offline {
                continue;
            }
            let held = Held::new(|_, _| (), offline).await;
            let (world, app) = (&held.world, &held.app);
            let user = app.store.user(&tenant(), &alice()).await.expect("read").expect("she is there");
            let client = app.store.client(&tenant(), &web()).await.expect("read").expect("it is there");
            app.advance_s(1);
            match what {
                "consent" => world.end_consents().await,
                "session" => world.end_sessions().await,
                "grant" => world.end_grants().await,
                "client removed" => world.remove_client().await,
                "person removed" => world.remove_user().await,
                _ => {
                    world.user(|user, now| (user.disabled_at, user.valid_from) = (Some(now), Some(now))).await
                }
            }
            app.advance_s(1);
            let now = app.clock.now();
            match what {
                "client removed" => {
                    let again = Client { version: 0, created_at: now, ..client.client.clone() };
                    let secret = Effect::PutSecret(client.secrets[0].clone());
                    app.store.commit(vec![Effect::PutClient(again), secret]).await.expect("it is made anew");
                }
                "person removed" => {
                    let again = User { version: 0, created_at: now, ..user.user.clone() };
                    let password = Effect::PutCredential(user.password.clone().expect("she has one"));
                    app.store.commit(vec![Effect::PutUser(again), password]).await.expect("she is made anew");
                }
                "person disabled" => world.user(|user, _| user.disabled_at = None).await,
                _ => {}
            }
            if what != "session" && what != "consent" && what != "grant" && what != "client removed" {
                let found = said_of_sso(
                    &held.browser().authorize(WEB, &[("scope", held.scope), ("prompt", "none")]).await,
                );
                if found != "login_required" {
                    failed.push_str(&format!("\n{what} offline: {offline}: the old session says {found}"));
                }
            }
            if matches!(what, "consent" | "client removed" | "person removed") {
                let browser = app.browser();
                browser.sign_in(ALICE).await;
                let found =
                    said_of_sso(&browser.authorize(WEB, &[("scope", held.scope), ("prompt", "none")]).await);
                if found != "consent_required" {
                    failed.push_str(&format!("\n{what} offline: {offline}: the old consent says {found}"));
                }
            }
            // All is done anew, and works.
            let browser = app.browser();
            browser.sign_in(ALICE).await;
            let tokens = browser.code(WEB, &[("scope", scope(offline))]).await.redeem(app).await;
            assert_eq!(tokens.status, 200, "{what}: {}", tokens.body);
            assert_eq!(app.refresh(WEB, &tokens.text("refresh_token")).await.status, 200, "{what}");
            let mut paths = held.paths().await;
            paths.push(("code", said(&held.code.redeem(app).await)));
            for (path, found) in paths {
                // Of a removed client, its own tokens too; what it gets anew lives.
                let stays = matches!(path, "own token" | "sso")
                    || matches!(path, "own" | "own opaque" | "guard own") && what != "client removed";
                if !stays && found == ALIVE {
                    failed.push_str(&format!("\n{what} offline: {offline} × {path}: woken"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// What a client asked to be told falls at once with the scope that stands for it, whichever the token's format.
#[tokio::test]
async fn a_claim_is_told_as_long_as_the_client_may_have_its_scope() {
    let held = Held::new(|_, _| (), false).await;
    let mut tokens = Vec::new();
    for scope in ["openid", "openid rs2:read"] {
        let asked = [("scope", scope), ("claims", r#"{"userinfo":{"email":null}}"#)];
        let token = held.browser().code(WEB, &asked).await.redeem(&held.app).await.text("access_token");
        assert_eq!(token.starts_with("dwa_"), scope != "openid");
        tokens.push(token);
    }
    for token in &tokens {
        assert_eq!(held.app.userinfo(token).await.text("email"), "alice@example.com");
    }
    held.world
        .client(|web, _| web.scopes = doorward_wire::scope::Scopes::parse("openid rs2:read").expect("scopes"))
        .await;
    for token in &tokens {
        let told = held.app.userinfo(token).await;
        assert_eq!((told.status, told.json().get("email").cloned()), (200, None), "{}", told.body);
    }
}

/// What can fall at an issuer: its tenant, itself, a client of it, and ALICE.
pub struct World {
    /// The server.
    pub app: Arc<TestApp>,
    /// The issuer.
    pub issuer: IssuerId,
    /// The client.
    pub client: ClientId,
    /// The issuers that the client lists.
    pub listed: BTreeSet<IssuerId>,
}

/// Everything that a person and a client can hold, alive.
struct Held {
    world: World,
    app: Arc<TestApp>,
    /// The cookies of the browser that she is signed in with.
    cookies: BTreeMap<String, String>,
    code: Code,
    scope: &'static str,
    refresh: String,
    access: String,
    opaque: String,
    own: String,
    own_opaque: String,
}

impl Held {
    async fn new(prepare: fn(&mut Tenant, &mut Client), offline: bool) -> Self {
        let app = Arc::new(TestApp::new().await);
        let world = World {
            app: Arc::clone(&app),
            issuer: format!("iss-{T1}").as_str().into(),
            client: WEB.into(),
            listed: BTreeSet::new(),
        };
        app.change_client(RS1, |client| client.introspects_all = true).await;
        world
            .prepare(|owner, web| {
                web.scopes =
                    web.scopes.union(&doorward_wire::scope::Scopes::parse("rs2:read").expect("a scope"));
                web.apis.insert("https://rs2.example".into());
                web.grant_types.insert("client_credentials".to_owned());
                prepare(owner, web);
            })
            .await;
        let browser = app.browser();
        browser.sign_in(ALICE).await;
        let asked = scope(offline);
        let tokens = browser.code(WEB, &[("scope", asked)]).await.redeem(&app).await;
        let opaque = browser.code(WEB, &[("scope", &format!("{asked} rs2:read"))]).await.redeem(&app).await;
        let code = browser.code(WEB, &[("scope", asked)]).await;
        let own = |scope: &'static str| own_token(&app, scope);
        let (own, own_opaque) =
            (own("rs1:read").await.text("access_token"), own("rs2:read").await.text("access_token"));
        Self {
            cookies: browser.cookies(),
            code,
            scope: asked,
            refresh: tokens.text("refresh_token"),
            access: tokens.text("access_token"),
            opaque: opaque.text("access_token"),
            own,
            own_opaque,
            world,
            app,
        }
    }

    fn browser(&self) -> Browser<'_> {
        let browser = self.app.browser();
        self.cookies.iter().for_each(|(name, value)| browser.set_cookie(name, value));
        browser
    }

    /// What every path but the code's says. Refreshing with the first token again is a retry.
    async fn paths(&self) -> Vec<(&'static str, String)> {
        let app = &self.app;
        vec![
            ("userinfo", said_of_bearer(&app.userinfo(&self.access).await)),
            ("introspect", said_of_introspection(&app.introspect(RS1, &self.access).await)),
            ("introspect opaque", said_of_introspection(&app.introspect(RS1, &self.opaque).await)),
            ("own", said_of_introspection(&app.introspect(RS1, &self.own).await)),
            ("own opaque", said_of_introspection(&app.introspect(RS1, &self.own_opaque).await)),
            ("guard", said_of_bearer(&self.guard(&self.access).await)),
            ("guard own", said_of_bearer(&self.guard(&self.own).await)),
            ("own token", said(&own_token(app, "rs1:read").await)),
            (
                "sso",
                said_of_sso(
                    &self.browser().authorize(WEB, &[("scope", self.scope), ("prompt", "none")]).await,
                ),
            ),
            ("refresh", said(&app.refresh(WEB, &self.refresh).await)),
        ]
    }

    async fn guard(&self, token: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        let asked = [("authorization", &*bearer), ("x-original-method", "GET"), ("x-original-uri", "/")];
        self.app.get("/guard?api=https%3A%2F%2Frs1.example", &asked).await
    }
}

impl World {
    /// Tenant and client as a state wants them before anybody signs in, and lives long enough that it is the state that closes a path.
    pub async fn prepare(&self, prepare: impl FnOnce(&mut Tenant, &mut Client)) {
        let mut owner = self.app.store.tenant(&tenant()).await.expect("read").expect("it is there");
        let mut client = self.found().await;
        (client.lifetimes.code_s, client.lifetimes.access_token_s) = (20_000, 20_000);
        prepare(&mut owner, &mut client);
        self.commit(vec![Effect::PutTenant(owner), Effect::PutClient(client)]).await;
    }

    async fn found(&self) -> Client {
        self.app.store.client(&tenant(), &self.client).await.expect("read").expect("it is there").client
    }

    async fn commit(&self, effects: Vec<Effect>) {
        self.app.store.commit(effects).await.expect("a change can be stored");
    }

    async fn tenant(&self, change: impl FnOnce(&mut Tenant, doorward_core::Timestamp)) {
        let mut found = self.app.store.tenant(&tenant()).await.expect("read").expect("it is there");
        change(&mut found, self.app.clock.now());
        self.commit(vec![Effect::PutTenant(found)]).await;
    }

    async fn issuer(&self, change: impl FnOnce(&mut Issuer, doorward_core::Timestamp)) {
        let found = self.app.store.issuers_of(&tenant()).await.expect("read");
        let mut found = found.into_iter().find(|issuer| issuer.id == self.issuer).expect("it is there");
        change(&mut found, self.app.clock.now());
        self.commit(vec![Effect::PutIssuer(found)]).await;
    }

    async fn client(&self, change: impl FnOnce(&mut Client, doorward_core::Timestamp)) {
        let mut found = self.found().await;
        change(&mut found, self.app.clock.now());
        self.commit(vec![Effect::PutClient(found)]).await;
    }

    async fn user(&self, change: impl FnOnce(&mut User, doorward_core::Timestamp)) {
        let mut found =
            self.app.store.user(&tenant(), &alice()).await.expect("read").expect("she is there").user;
        change(&mut found, self.app.clock.now());
        self.commit(vec![Effect::PutUser(found)]).await;
    }

    async fn remove_client(&self) {
        let version = self.found().await.version;
        self.commit(vec![Effect::RemoveClient(tenant(), self.client.clone(), version)]).await;
    }

    async fn remove_user(&self) {
        let found = self.app.store.user(&tenant(), &alice()).await.expect("read").expect("she is there").user;
        self.commit(vec![Effect::RemoveUser(tenant(), alice(), found.version)]).await;
    }

    async fn end_consents(&self) {
        let found = self.app.store.applications_of(&tenant(), &alice()).await.expect("read");
        let now = self.app.clock.now();
        let end = |found: doorward_core::facts::Application| Effect::EndConsent {
            tenant: tenant(),
            id: found.consent.id,
            now,
        };
        self.commit(found.into_iter().map(end).collect()).await;
    }

    async fn end_sessions(&self) {
        let now = self.app.clock.now();
        self.commit(vec![Effect::EndSessionsOf { tenant: tenant(), user: alice(), except: None, now }]).await;
    }

    async fn end_grants(&self) {
        let now = self.app.clock.now();
        let found = self.app.store.grants_of_client(&tenant(), &self.client, None, 100).await.expect("read");
        assert!(found.len() >= 3);
        let end = |grant: &Grant| Effect::EndGrant {
            tenant: tenant(),
            id: grant.id,
            now,
            reason: "test".to_owned(),
        };
        self.commit(found.iter().map(end).collect()).await;
    }

    async fn wait(&self, seconds: i64) {
        self.app.advance_s(seconds);
    }
}

fn scope(offline: bool) -> &'static str {
    if offline { "openid rs1:read offline_access" } else { "openid rs1:read" }
}

async fn own_token(app: &TestApp, scope: &str) -> Reply {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    app.token_as(WEB, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await
}

/// Status, and the code of an error.
fn said(reply: &Reply) -> String {
    match reply.status {
        200 | 404 => reply.status.to_string(),
        status => format!("{status} {}", reply.error()),
    }
}

fn said_of_bearer(reply: &Reply) -> String {
    match reply.header("www-authenticate") {
        Some(challenge) if challenge.contains("error=\"invalid_token\"") => {
            format!("{} invalid_token", reply.status)
        }
        _ => reply.status.to_string(),
    }
}

fn said_of_introspection(reply: &Reply) -> String {
    match reply.status {
        200 if reply.json()["active"] == false => {
            assert_eq!(reply.body, "{\"active\":false}", "nothing more is said");
            "inactive".to_owned()
        }
        _ => said(reply),
    }
}

/// The error of an authorization response; `200` for a code; `page` for a page of ours.
fn said_of_sso(reply: &Reply) -> String {
    match reply.status {
        303 => reply.param("error").unwrap_or_else(|| ALIVE.to_owned()),
        400 => "page".to_owned(),
        status => status.to_string(),
    }
}

fn tenant() -> TenantId {
    T1.into()
}

fn alice() -> UserId {
    user_id(ALICE).into()
}

fn web() -> ClientId {
    WEB.into()
}

#[tokio::test]
async fn a_machine_is_closed_with_its_client() {
    let app = TestApp::new().await;
    let form = [("grant_type".to_owned(), "client_credentials".to_owned())];
    assert_eq!(app.token_as(M2M, &form).await.status, 200);
    let mut found =
        app.store.client(&tenant(), &M2M.into()).await.expect("read").expect("it is there").client;
    found.disabled_at = Some(app.clock.now());
    app.store.commit(vec![Effect::PutClient(found)]).await.expect("stored");
    app.token_as(M2M, &form).await.assert_error(401, "invalid_client");
}
