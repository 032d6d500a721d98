//! Worlds: an open store with one tenant, a client and a person, on each engine.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use doorward_core::id::{ClientId, ConsentId, GrantId, IssuerId, SessionId, TenantId, UserId};
use doorward_core::model::{
    Api, Client, Consent, Credential, Grant, Installed, Issuer, Session, Tenant, TenantSettings, Ticket,
    TicketKey, TicketKind, TokenFormat, User,
};
use doorward_core::needs::SessionHandle;
use doorward_core::{Effect, Facts, Needs, Timestamp};
use doorward_crypto::base64url;
use doorward_crypto::digest::sha256;
use doorward_crypto::secret::SecretString;
use doorward_store::clock::Clock;
use doorward_store::driver::sqlite::SqliteConfig;
use doorward_store::seal::KeySource;
use doorward_store::seal::key_text::KeyText;
use doorward_store::{CommitError, Database, Store, StoreConfig};
use doorward_wire::scope::Scopes;
use doorward_wire::text::{Email, UserName};

/// When every world begins.
pub const START: Timestamp = Timestamp(1_800_000_000_000);

/// An open store; what it is made of is removed with it.
pub struct World {
    pub store: Store,
    pub engine: &'static str,
    _place: Place,
}

enum Place {
    Folder(Folder),
    Postgres(PostgresDatabase),
}

/// A folder that is removed when this is dropped.
pub struct Folder(pub PathBuf);

struct PostgresDatabase {
    base: String,
    name: String,
}

/// A world on each engine that there is.
pub async fn worlds() -> Vec<World> {
    let mut worlds = vec![sqlite(|_| {}).await];
    if let Ok(base) = std::env::var("DOORWARD_TEST_POSTGRES") {
        worlds.push(postgres(base).await);
    }
    worlds
}

/// A world on SQLite, with other settings than the usual ones.
pub async fn sqlite(change: impl FnOnce(&mut SqliteConfig)) -> World {
    let folder = Folder::new();
    let mut config = sqlite_config(&folder.0);
    if let Database::Sqlite(sqlite) = &mut config.database {
        change(sqlite);
    }
    World::start(config, "sqlite", Place::Folder(folder)).await
}

/// Settings for a store in that folder.
pub fn sqlite_config(folder: &Path) -> StoreConfig {
    let mut config = StoreConfig::folder(folder);
    if let Database::Sqlite(sqlite) = &mut config.database {
        sqlite.ballast_bytes = 0;
    }
    config.clock = Some(Clock::manual(START));
    config
}

async fn postgres(base: String) -> World {
    let name = format!("world_{}_{}", std::process::id(), next());
    admin(&base, &format!("CREATE DATABASE {name}")).await;
    let place = PostgresDatabase { base, name };
    let key =
        KeySource { current: KeyText::Value(SecretString::new(base64url::encode(&[7; 32]))), previous: None };
    let mut config = StoreConfig::postgres(SecretString::new(place.url()), key);
    config.clock = Some(Clock::manual(START));
    World::start(config, "postgres", Place::Postgres(place)).await
}

impl World {
    async fn start(config: StoreConfig, engine: &'static str, place: Place) -> Self {
        let store = Store::open(config).await.expect("the store opens");
        let world = Self { store, engine, _place: place };
        world
            .commit(vec![
                Effect::PutTenant(tenant("demo")),
                Effect::PutIssuer(issuer("demo", "main", "https://id.example")),
                Effect::PutClient(client("demo", "web")),
                Effect::PutUser(user("demo", "alice")),
                Effect::PutCredential(password("demo", "alice", "phc")),
            ])
            .await;
        world
    }

    /// The database's file, on SQLite.
    pub fn file(&self) -> PathBuf {
        let Place::Folder(folder) = &self._place else { panic!("a world on SQLite") };
        folder.0.join("doorward.db")
    }

    /// Another node on the same database; none on SQLite.
    pub async fn other_node(&self) -> Option<Store> {
        let Place::Postgres(place) = &self._place else { return None };
        let key = KeySource {
            current: KeyText::Value(SecretString::new(base64url::encode(&[7; 32]))),
            previous: None,
        };
        let mut config = StoreConfig::postgres(SecretString::new(place.url()), key);
        config.clock = Some(self.store.clock().clone());
        Some(Store::open(config).await.expect("the store opens"))
    }

    /// Commits; it must succeed.
    pub async fn commit(&self, effects: Vec<Effect>) {
        let shown = format!("{effects:?}");
        self.store.commit(effects).await.unwrap_or_else(|error| panic!("{}: {shown}: {error}", self.engine));
    }

    /// Commits; it must conflict.
    pub async fn conflicts(&self, effects: Vec<Effect>) {
        let shown = format!("{effects:?}");
        match self.store.commit(effects).await {
            Err(CommitError::Conflict) => {}
            other => panic!("{}: {shown}: a conflict was expected, not {other:?}", self.engine),
        }
    }

    /// What `needs` finds at the tenant's issuer.
    pub async fn load(&self, needs: Needs) -> Facts {
        *self.store.load(self.base().into(), &needs).await.expect("the store answers")
    }

    pub fn base(&self) -> Facts {
        self.store.directory().lookup("id.example", "/").expect("the issuer is mounted").facts()
    }

    /// A consent, a session and a grant under them, stored; the grant.
    pub async fn granted(&self) -> Grant {
        let (consent, session) = (consent(11), session(21));
        let grant = grant(31);
        self.commit(vec![
            Effect::InsertConsent(consent),
            Effect::InsertSession(session),
            Effect::InsertGrant(grant.clone()),
        ])
        .await;
        grant
    }

    /// Rows of a table.
    pub async fn rows(&self, table: &str) -> i64 {
        let counts = self.store.counts().await.expect("the store answers");
        counts.iter().find(|(name, _)| *name == table).expect("a table").1
    }
}

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("doorward-store-{}-{}", std::process::id(), next()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl PostgresDatabase {
    fn url(&self) -> String {
        let (server, _) = self.base.rsplit_once('/').unwrap();
        format!("{server}/{}?pool=8", self.name)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (base, name) = (self.base.clone(), self.name.clone());
        // In a thread of its own: a runtime cannot be entered from within another.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(admin(&base, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        })
        .join()
        .unwrap();
    }
}

async fn admin(url: &str, text: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(text).await.unwrap();
    drop(client);
    let _ = connection.await;
}

fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub fn demo() -> TenantId {
    "demo".into()
}

pub fn tenant(id: &str) -> Tenant {
    Tenant {
        id: id.into(),
        name: id.to_owned(),
        disabled_at: None,
        settings: TenantSettings::default(),
        version: 0,
        created_at: START,
    }
}

pub fn issuer(tenant: &str, id: &str, url: &str) -> Issuer {
    Issuer {
        id: IssuerId::from(id),
        tenant: tenant.into(),
        url: url.to_owned(),
        dialect: "standard".to_owned(),
        profile: "standard".to_owned(),
        shared_secret: None,
        disabled_at: None,
        version: 0,
        created_at: START,
    }
}

pub fn client(tenant: &str, id: &str) -> Client {
    let described = serde_json::json!({
        "tenant": tenant, "id": id, "name": format!("The {id}"), "auth_method": "client_secret_basic",
        "redirect_uris": ["https://app.example/cb"], "grant_types": ["authorization_code"], "scopes": "openid email",
        "jwks": null, "jwks_uri": null, "disabled_at": null, "version": 0, "created_at": START.0,
    });
    serde_json::from_value(described).expect("a client")
}

pub fn user(tenant: &str, name: &str) -> User {
    let email = Email::parse(&format!("{name}@example.com")).expect("an address");
    let user_name = UserName::parse(name).expect("a name");
    User::named(&tenant.into(), UserId(format!("usr_{name}")), (&user_name, Some(&email)), START)
}

pub fn password(tenant: &str, name: &str, data: &str) -> Credential {
    Credential {
        tenant: tenant.into(),
        user: UserId(format!("usr_{name}")),
        kind: "password".to_owned(),
        data: data.to_owned(),
        created_at: START,
    }
}

pub fn consent(id: i64) -> Consent {
    Consent {
        id: ConsentId(id),
        tenant: demo(),
        user: "usr_alice".into(),
        client: "web".into(),
        installation: None,
        scopes: scopes("openid"),
        implicit: false,
        version: 1,
        created_at: START,
        ended_at: None,
    }
}

pub fn session(id: i64) -> Session {
    Session {
        id: SessionId(id),
        tenant: demo(),
        user: "usr_alice".into(),
        secret_hash: sha256(b"secret"),
        auth_time: START,
        acr: "1".to_owned(),
        factors: vec![doorward_core::model::session::Factor { method: "pwd".to_owned(), at: START }],
        remembered: true,
        used_at: START,
        idle_ms: 60_000,
        expires_at: START.plus_s(3600),
        ended_at: None,
        user_agent: "A browser".to_owned(),
        address: "192.0.2.1".to_owned(),
        created_at: START,
    }
}

pub fn handle(session: &Session) -> SessionHandle {
    SessionHandle { id: session.id, secret_hash: session.secret_hash }
}

pub fn grant(id: i64) -> Grant {
    Grant {
        id: GrantId(id),
        tenant: demo(),
        issuer: "main".into(),
        consent: ConsentId(11),
        session: SessionId(21),
        user: "usr_alice".into(),
        client: "web".into(),
        installation: Some(Installed { id: "ins_1".into(), epoch: 1 }),
        actor: Some("usr_bob".to_owned()),
        scopes: scopes("openid email"),
        resources: vec!["https://api.example".to_owned()],
        authorization_details: Some("[]".to_owned()),
        cnf: Some("{\"jkt\":\"x\"}".to_owned()),
        auth_time: START,
        acr: "1".to_owned(),
        amr: vec!["pwd".to_owned()],
        claims: Some("{}".to_owned()),
        offline: true,
        generation: 0,
        mac_key: 0,
        spent_at: None,
        spent_before_at: None,
        used_at: START,
        idle_ms: 60_000,
        expires_at: START.plus_s(60),
        unnamed: false,
        redeemed_at: None,
        ended_at: None,
        ended_reason: None,
        created_at: START,
    }
}

pub fn code(name: u8) -> Ticket {
    Ticket {
        key: TicketKey { forget: 28_125_000, hash: [name; 32] },
        kind: TicketKind::Code,
        tenant: demo(),
        grant: Some(GrantId(31)),
        client: Some(ClientId::from("web")),
        redirect_uri: Some("https://app.example/cb".to_owned()),
        code_challenge: Some("challenge".to_owned()),
        cnf: None,
        failures: 0,
        expires_at: START.plus_s(60),
        consumed_at: None,
        data: "{\"nonce\":\"n\"}".to_owned(),
    }
}

pub fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).expect("scopes")
}

/// An API of the demo tenant.
pub fn api(id: &str) -> Api {
    Api {
        tenant: demo(),
        id: id.into(),
        name: "Orders".to_owned(),
        scopes: Vec::new(),
        token_format: TokenFormat::Opaque,
        signing_algorithm: "ES256".to_owned(),
        access_token_s: Some(60),
        permissions: Default::default(),
        guard: Default::default(),
        disabled_at: None,
        version: 0,
        created_at: START,
    }
}
