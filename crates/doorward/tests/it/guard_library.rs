//! An API of `doorward-guard` beside a running server, over TLS: it takes tokens, sees that they were revoked, and needs no restart when keys
//! are rotated. Only its clock is the test's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use doorward_guard::{
    Clock, Fetch, Guard, HttpClient, Introspection, Moment, Reason, Refusal, SystemClock, Token,
};
use http::{Request, Response};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use tower_service::Service;

use crate::support::{Folder, Server};

const STATE: &str = "\
tenants:
  - id: demo
    apis:
      - id: https://jwt.example
        name: Verified
        scopes: [{ name: 'jwt:read' }, { name: 'jwt:write' }]
      - id: https://opaque.example
        name: Asked about
        token_format: opaque
        scopes: [{ name: 'opaque:read' }]
    clients:
      - id: the-api
        name: The API itself
        grant_types: []
        introspects: [https://jwt.example, https://opaque.example]
        secrets: [{ value: 'secret-of-the-api:for-trying-it-out-only' }]
      - id: robot
        name: A robot
        grant_types: [client_credentials]
        scopes: jwt:read jwt:write opaque:read
        apis: [https://jwt.example, https://opaque.example]
        secrets: [{ value: secret-of-robot-for-trying-it-out-only }]
";

/// A clock that goes on when it is told to.
#[derive(Clone)]
struct Ahead(Arc<AtomicI64>);

impl Clock for Ahead {
    fn now(&self) -> Moment {
        let (now, ahead) = (SystemClock.now(), self.0.load(Ordering::SeqCst));
        Moment { unix_ms: now.unix_ms + ahead, elapsed_ms: now.elapsed_ms + ahead }
    }
}

struct World {
    folder: Folder,
    server: Server,
    ahead: Ahead,
}

impl World {
    fn new() -> Self {
        let folder = Folder::new();
        let server = folder.dev(&["--tls"]);
        folder.write("state.yaml", STATE);
        folder.ok(&["apply", "-f", "state.yaml", "--data", "doorward-data/dev"]);
        Self { folder, server, ahead: Ahead(Arc::default()) }
    }

    fn client(&self) -> HttpClient {
        let file = self.folder.path(self.server.printed_value("Certificate"));
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
        HttpClient::trusting(roots).unwrap()
    }

    fn issuer(&self) -> &str {
        self.server.printed_value("Issuer")
    }

    fn guard(&self, audience: &str, introspection: Option<Introspection>) -> Guard {
        let builder = Guard::of(self.issuer(), audience).clock(self.ahead.clone()).fetch(self.client());
        let builder = match introspection {
            Some(introspection) => builder.introspecting(introspection),
            None => builder,
        };
        builder.build().unwrap()
    }

    fn advance_s(&self, seconds: i64) {
        self.ahead.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    async fn post(&self, path: &str, form: String) -> Value {
        // robot:secret-of-robot-for-trying-it-out-only
        let basic = "Basic cm9ib3Q6c2VjcmV0LW9mLXJvYm90LWZvci10cnlpbmctaXQtb3V0LW9ubHk=";
        let request = Request::post(format!("{}{path}", self.issuer()))
            .header("authorization", basic)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form));
        let answer = self.client().fetch(request.unwrap(), 65_536).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}: {:?}", answer.body());
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }

    async fn token(&self, scope: &str) -> String {
        let told = self.post("/token", format!("grant_type=client_credentials&scope={scope}")).await;
        told["access_token"].as_str().unwrap().to_owned()
    }

    fn rotate(&self) {
        self.folder.ok(&[
            "keys",
            "rotate",
            "--algorithm",
            "ES256",
            "--tenant",
            "demo",
            "--data",
            "doorward-data/dev",
        ]);
    }
}

fn asking() -> Introspection {
    let asking = Introspection::by("the-api", "secret-of-the-api:for-trying-it-out-only");
    asking.max_staleness(Duration::from_secs(60))
}

async fn who(token: Token) -> String {
    format!("{} {}", token.client_id(), token.scopes())
}

fn app(guard: &Guard, scope: &str) -> Router {
    Router::new().route("/", get(who).layer(guard.layer().scope(scope).unwrap()))
}

async fn ask(app: &mut Router, token: &str) -> Response<Body> {
    let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(Body::empty());
    app.call(request.unwrap()).await.unwrap()
}

fn refusal(response: &Response<Body>) -> Option<Refusal> {
    response.extensions().get().copied()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_revoked_is_refused_within_the_bound() {
    let world = World::new();
    for (audience, scope, introspection) in [
        ("https://opaque.example", "opaque:read", asking()),
        ("https://jwt.example", "jwt:read", asking().of_jwts_too()),
    ] {
        let mut app = app(&world.guard(audience, Some(introspection)), scope);
        let token = world.token(scope).await;
        assert_eq!(ask(&mut app, &token).await.status(), 200, "{audience}");
        world.post("/revoke", format!("token={token}")).await;
        // It is still what was said a moment ago.
        assert_eq!(ask(&mut app, &token).await.status(), 200, "{audience}");
        world.advance_s(60);
        let response = ask(&mut app, &token).await;
        assert_eq!(response.status(), 401, "{audience}");
        assert_eq!(refusal(&response), Some(Reason::Inactive.into()), "{audience}");
        // Who never heard of it refuses it at once.
        let mut other = self::app(&world.guard(audience, Some(asking().of_jwts_too())), scope);
        assert_eq!(ask(&mut other, &token).await.status(), 401, "{audience}");
    }
    // The token of one API is nothing at another, and neither is trouble a denial.
    let token = world.token("jwt:read").await;
    let mut other = app(&world.guard("https://opaque.example", Some(asking().of_jwts_too())), "jwt:read");
    assert_eq!(refusal(&ask(&mut other, &token).await), Some(Reason::Audience.into()));
    let wrong = Introspection::by("the-api", "wrong").of_jwts_too();
    let response = ask(&mut app(&world.guard("https://jwt.example", Some(wrong)), "jwt:read"), &token).await;
    assert_eq!((response.status().as_u16(), refusal(&response)), (503, Some(Refusal::Unavailable)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_without_a_restart() {
    let world = World::new();
    // From the first rotation on there is a next key.
    world.rotate();
    let mut app = app(&world.guard("https://jwt.example", None), "jwt:read");
    let old = world.token("jwt:read").await;
    assert_eq!(ask(&mut app, &old).await.status(), 200);
    assert_eq!(refusal(&ask(&mut app, &world.token("jwt:write").await).await), Some(Refusal::Scope));
    // The next key is published already; the one after it is not.
    world.rotate();
    let next = world.token("jwt:read").await;
    assert_eq!(ask(&mut app, &next).await.status(), 200);
    world.rotate();
    let after = world.token("jwt:read").await;
    assert_eq!(
        refusal(&ask(&mut app, &after).await),
        Some(Reason::Key.into()),
        "it may not be looked for yet"
    );
    world.advance_s(5);
    for token in [&after, &next, &old] {
        assert_eq!(ask(&mut app, token).await.status(), 200);
    }
    // While the server is away, keys that are known serve; a token that nobody can judge is not called bad.
    let introspecting = world.guard("https://opaque.example", Some(asking()));
    let opaque = world.token("opaque:read").await;
    let World { server, ahead, .. } = &world;
    server.terminate();
    crate::support::until("the server is away", || {
        std::net::TcpStream::connect(server.printed_value("Issuer").trim_start_matches("https://")).is_err()
    });
    ahead.0.fetch_add(280_000, Ordering::SeqCst);
    assert_eq!(ask(&mut app, &after).await.status(), 200);
    let mut asked = self::app(&introspecting, "opaque:read");
    assert_eq!(refusal(&ask(&mut asked, &opaque).await), Some(Refusal::Unavailable));
}
