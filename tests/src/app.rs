//! A whole server for a test.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_core::model::{Actor, Event, KeyState};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::password;
use doorward_store::Store;
use doorward_store::clock::{Clock, boot_ms};
use doorward_web::app::{App, Options};
use doorward_web::edge::{EdgeRequest, Service};
use doorward_web::fetch::{Fetcher, Policy};
use doorward_web::keys;
use doorward_web::mail::{Letter, Mailer, worker};
use doorward_web::ops::Metrics;
use doorward_web::server::Server;
use doorward_wire::params::Params;

use crate::browser::Browser;
use crate::client::{ClientKey, Code, VERIFIER, challenge};
use crate::database::TestDatabase;
use crate::fixture::{self, ALICE, NATIVE, PASSWORD, SPA, SPA2, T1, T2};
use crate::journal::Exchange;
use crate::reply::Reply;

/// A server with the fixtures' world.
pub struct TestApp {
    /// The application.
    pub app: Arc<App>,
    /// Its store.
    pub store: Store,
    /// Its clock: it stands still until told to go on.
    pub clock: Clock,
    server: Server,
    pub(crate) database: TestDatabase,
    journal: Mutex<Option<Vec<Exchange>>>,
    /// The further nodes.
    others: Mutex<Vec<Arc<App>>>,
}

/// Whether that client of the fixtures is public.
pub fn is_public(client: &str) -> bool {
    [SPA, SPA2, NATIVE].contains(&client)
}

impl TestApp {
    /// A fresh world.
    pub async fn new() -> Self {
        Self::fetching(Policy::default()).await
    }

    /// A fresh world whose application behaves so.
    pub async fn with(options: Options) -> Self {
        let world = Self::new().await;
        let fetcher = Fetcher::new(Policy::default());
        let app = Arc::new(App::new(world.store.clone(), fetcher, Arc::new(Metrics::new()), options));
        Self { server: Server::new(Arc::clone(&app)), app, ..world }
    }

    /// A fresh world whose server fetches where that policy allows it.
    pub async fn fetching(policy: Policy) -> Self {
        Self::made(policy, Clock::manual(Timestamp(START_MS))).await
    }

    /// A fresh world that a clock tells the time which goes on by itself and follows samples, as on PostgreSQL: the test gives them.
    pub async fn sampled() -> Self {
        let clock =
            Clock::sampled(Timestamp(START_MS), boot_ms(), None).expect("it has no mark to be behind of");
        Self::made(Policy::default(), clock).await
    }

    async fn made(policy: Policy, clock: Clock) -> Self {
        let database = TestDatabase::new().await;
        let store = database.open(clock.clone()).await;
        let effects = fixture::world(clock.now(), &ClientKey::set(), &PHC);
        store.commit(effects).await.expect("the world can be stored");
        for tenant in [T1, T2] {
            let tenant = TenantId::from(tenant);
            for algorithm in Algorithm::SIGNING {
                let key = key(&tenant, algorithm);
                keys::adopt(&store, &tenant, &key, KeyState::Current).await.expect("a key can be stored");
            }
            keys::ensure(&store, &tenant, &Actor::Server).await.expect("keys can be made");
        }
        Self::on(database, store, clock, policy)
    }

    /// A fresh world whose mails leave by `mailer`.
    pub async fn mailing(mailer: Mailer) -> Self {
        let Self { store, clock, database, .. } = Self::new().await;
        let options = Options { mailer, ..Options::default() };
        let app = App::new(store.clone(), Fetcher::new(Policy::default()), Arc::new(Metrics::new()), options);
        let app = Arc::new(app);
        Self {
            server: Server::new(Arc::clone(&app)),
            app,
            store,
            clock,
            database,
            journal: Mutex::default(),
            others: Mutex::default(),
        }
    }

    pub(crate) fn on(database: TestDatabase, store: Store, clock: Clock, policy: Policy) -> Self {
        let (app, server) = node(&store, policy);
        Self { server, app, store, clock, database, journal: Mutex::default(), others: Mutex::default() }
    }

    /// The server is ended as by `kill -9`, and another is started on what it left at this moment.
    pub async fn kill(&mut self, policy: Policy) {
        if let Some(left) = self.left() {
            self.database = left;
        }
        self.store = self.database.open(self.clock.clone()).await;
        (self.app, self.server) = node(&self.store, policy);
    }

    /// A further node on the same database, with the quotas of the first: none where the engine is for one server.
    pub async fn second_node(&self) -> Option<(Arc<App>, Server)> {
        self.second_node_fetching(Policy::default()).await
    }

    /// The same, which fetches where that policy allows it.
    pub async fn second_node_fetching(&self, policy: Policy) -> Option<(Arc<App>, Server)> {
        if !self.database.is_shared() {
            return None;
        }
        let store = self.database.open(self.clock.clone()).await;
        let options = Options { quotas: self.app.options.quotas.clone(), ..Options::default() };
        let app = Arc::new(App::new(store, Fetcher::new(policy), Arc::new(Metrics::new()), options));
        self.others().push(Arc::clone(&app));
        Some((Arc::clone(&app), Server::new(app)))
    }

    /// The server, to be called with requests of one's own making.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Let so many seconds pass.
    pub fn advance_s(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1000);
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Answer a request.
    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        // On the heap: a test that sends much in one function would fill its stack otherwise.
        let reply: Reply = Box::pin(self.server.call(request(method, target, headers, body))).await.into();
        if let Some(journal) = self.journal.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            journal.push(Exchange {
                target: target.to_owned(),
                headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
                body: body.to_owned(),
                reply: reply.clone(),
            });
        }
        reply
    }

    /// What was sent and answered since the last call; from the first call on it is kept.
    pub fn take_journal(&self) -> Vec<Exchange> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).replace(Vec::new()).unwrap_or_default()
    }

    /// What was sent and answered since the last call of [`TestApp::take_journal`], which is left as it is.
    pub fn journal(&self) -> Vec<Exchange> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }

    /// GET.
    pub async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", target, headers, "").await
    }

    /// The same from another address.
    pub async fn send_from(
        &self,
        ip: IpAddr,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let request = EdgeRequest { client_ip: ip, ..request(method, target, headers, body) };
        Box::pin(self.server.call(request)).await.into()
    }

    /// POST a form.
    pub async fn post_form(&self, target: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
        let body = encode(form);
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send("POST", target, &all, &body).await
    }

    /// A code for that client: ALICE signs in and allows it. `extra` replaces parameters, or takes them out when empty.
    pub async fn code(&self, client: &str, extra: &[(&str, &str)]) -> Code {
        let browser = self.browser();
        browser.sign_in(ALICE).await;
        browser.code(client, extra).await
    }

    /// The token response for a fresh code of that client.
    pub async fn tokens(&self, client: &str, extra: &[(&str, &str)]) -> Reply {
        let reply = self.code(client, extra).await.redeem(self).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply
    }

    /// The further nodes that were started so far.
    fn others(&self) -> MutexGuard<'_, Vec<Arc<App>>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events of T1, oldest first, of whichever node.
    pub async fn events(&self) -> Vec<Event> {
        let others = self.others().clone();
        for node in others.iter().chain([&self.app]) {
            doorward_web::worker::flush_deferred(node).await.expect("deferred events can be written");
        }
        let tenant = TenantId::from(T1);
        self.store.driver().number_events(100_000).await.expect("events can be numbered");
        let numbered = self.store.events(Some(&tenant), 0, 100_000).await.expect("events can be read");
        numbered.into_iter().map(|numbered| numbered.event).collect()
    }

    /// The mails that were sent so far, newest last.
    pub async fn mails(&self) -> Vec<Letter> {
        while worker::send_due(&self.app).await.expect("mails can be sent") > 0 {}
        let letters = self.app.options.mailer.mailbox().expect("mails are kept").letters();
        for letter in &letters {
            let is_whole = !letter.subject.contains("{$") && !letter.text.contains("{$");
            assert!(is_whole, "a variable was left: {} {}", letter.subject, letter.text);
        }
        letters
    }

    /// How often that reason was recorded.
    pub async fn recorded(&self, reason: &str) -> usize {
        self.events().await.iter().filter(|event| event.reason.as_deref() == Some(reason)).count()
    }

    /// Rows of a table.
    pub async fn rows(&self, table: &str) -> i64 {
        let counts = self.store.counts().await.expect("rows can be counted");
        counts
            .iter()
            .find(|(name, _)| *name == table)
            .unwrap_or_else(|| panic!("no table {table}: {counts:?}"))
            .1
    }
}

/// The parameters of an authorization request of that client of the fixtures, with `extra` replacing or removing some.
pub fn authorization(client: &str, extra: &[(&str, &str)]) -> Vec<(String, String)> {
    let redirect_uri = match client {
        SPA => "https://spa.example/cb",
        SPA2 => "https://spa2.example/cb",
        NATIVE => "http://127.0.0.1/cb",
        fixture::EVIL => "https://evil.example/cb",
        _ => "https://app.example/cb",
    };
    let challenge = challenge(VERIFIER);
    let mut params: Vec<(String, String)> = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", redirect_uri),
        ("scope", "openid profile rs1:read"),
        ("state", "st4te"),
        ("nonce", "n0nce"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (name, value) in extra {
        params.retain(|(known, _)| known != name);
        if !value.is_empty() {
            params.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    params
}

/// The private halves of the tenants' signing keys, as PKCS #8: the same of every world.
pub fn private_keys() -> &'static [(Algorithm, Vec<u8>)] {
    &KEYS
}

/// A server on a store, which fetches where that policy allows it.
fn node(store: &Store, policy: Policy) -> (Arc<App>, Server) {
    let options = Options { mailer: Mailer::memory(), ..Options::default() };
    let app = App::new(store.clone(), Fetcher::new(policy), Arc::new(Metrics::new()), options);
    let app = Arc::new(app);
    (Arc::clone(&app), Server::new(app))
}

/// A request, as the edge hands it on.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> EdgeRequest {
    let (path, query) =
        target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let (mut map, mut original) = (http::HeaderMap::new(), http::HeaderMap::new());
    for (name, value) in headers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        let is_original =
            name.as_str().starts_with("x-original-") || name.as_str().starts_with("x-forwarded-");
        let to = if is_original { &mut original } else { &mut map };
        to.append(name, http::HeaderValue::from_bytes(value.as_bytes()).expect("a header's value"));
    }
    EdgeRequest {
        method: method.parse().expect("a method"),
        path: path.to_owned(),
        query,
        headers: map,
        original,
        body: Bytes::from(body.to_owned()),
        host: "id.example".to_owned(),
        client_ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        https: true,
        request_id: doorward_web::telemetry::request_id(),
        untrusted_forwarding: false,
    }
}

/// An address of a number's own: whoever asks from one waits for the failures of no other.
pub fn visitor(number: u32) -> IpAddr {
    let [_, a, b, c] = number.to_be_bytes();
    IpAddr::from([10, a, b, c])
}

/// A form's body.
pub fn encode(form: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in form {
        if !body.is_empty() {
            body.push('&');
        }
        let pair = Params::from_pairs(vec![((*name).to_owned(), (*value).to_owned())]);
        if value.is_empty() { body.push_str(&format!("{name}=")) } else { body.push_str(&pair.to_query()) }
    }
    body
}

/// The same key for every world: RSA keys take long to make.
fn key(tenant: &TenantId, algorithm: Algorithm) -> SigningKey {
    let (_, pkcs8) = KEYS.iter().find(|(known, _)| *known == algorithm).expect("every algorithm has a key");
    let kid = format!("{tenant}-{}", algorithm.as_str());
    SigningKey::from_pkcs8(&kid, algorithm, pkcs8).expect("a key that was made can be read")
}

static KEYS: LazyLock<Vec<(Algorithm, Vec<u8>)>> = LazyLock::new(|| {
    let make = |algorithm| SigningKey::generate(algorithm, "k").expect("a key can be made");
    Algorithm::SIGNING
        .into_iter()
        .map(|algorithm| (algorithm, make(algorithm).pkcs8().expose().clone()))
        .collect()
});
static PHC: LazyLock<String> = LazyLock::new(|| password::hash(PASSWORD, b"0123456789abcdef"));

/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;
