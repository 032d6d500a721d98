//! The world that is measured: one tenant, an API per algorithm and one with opaque tokens, people, and as many codes, grants and
//! tokens as the rows use up. Made with the store directly.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorward_core::grant::authorization_code::CodeData;
use doorward_core::id::{ConsentId, GrantId, IssuerId, SessionId, TenantId, UserId};
use doorward_core::keys::TenantKeys;
use doorward_core::model::{
    Actor, Api, ApiScope, ApplicationType, Client, ClientSecret, Consent, Credential, Grant, Issuer,
    KeyState, Lifetimes, Profile, RefreshPolicy, SecretState, Tenant, TenantSettings, Ticket, TicketKey,
    TicketKind, TokenFormat, User,
};
use doorward_core::token::claims::AccessClaims;
use doorward_core::token::issue::{OpaqueData, grant_name};
use doorward_core::{Ctx, Effect, Timestamp};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::sign::sign;
use doorward_crypto::random::SystemRandom;
use doorward_crypto::{base64url, digest, password};
use doorward_store::Store;
use doorward_web::keys;
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;

use crate::database::Place;

/// The issuer's host.
pub const HOST: &str = "id.example";
/// Where codes go.
pub const REDIRECT: &str = "https://app.example/cb";
/// The PKCE verifier of every code.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// People who sign in.
pub const PEOPLE: usize = 64;

/// How much is made.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Codes to redeem.
    pub codes: usize,
    /// Grants, each with a refresh token and an opaque access token.
    pub grants: usize,
    /// JWT access tokens of those grants.
    pub jwts: usize,
}

/// What was made, as clients know it.
pub struct World {
    /// Codes.
    pub codes: Vec<String>,
    /// Grants that refresh, with the generation of their token.
    pub grants: Vec<(GrantId, i64)>,
    /// Opaque access tokens.
    pub opaque: Vec<String>,
    /// JWT access tokens.
    pub jwts: Vec<String>,
    /// The issuer.
    pub issuer: IssuerId,
    /// What makes refresh tokens.
    pub keys: Arc<TenantKeys>,
}

impl Counts {
    /// For a store that takes tens of thousands of rows a second.
    pub const FULL: Self = Self { codes: 30_000, grants: 2_000, jwts: 30_000 };
    /// For one that is further away.
    pub const SMALL: Self = Self { codes: 8_000, grants: 2_000, jwts: 30_000 };
    /// For a database that is only started.
    pub const NONE: Self = Self { codes: 0, grants: 10, jwts: 0 };
}

/// A client's secret.
pub fn secret_of(client: &str) -> String {
    format!("secret-of-{client}-0123456789abcdefghijklmnopqrstuvwxyz")
}

impl World {
    /// Make it on an empty database, and close that.
    pub async fn make(place: &Place, counts: Counts) -> Self {
        let store = place.open().await;
        let now = store.now();
        store.commit(configuration(now)).await.expect("the configuration can be stored");
        let tenant = TenantId::from(TENANT);
        let signing = SigningKey::generate(Algorithm::Es256, "speed-es256").expect("a key can be made");
        keys::adopt(&store, &tenant, &signing, KeyState::Current).await.expect("a key can be stored");
        keys::ensure(&store, &tenant, &Actor::Server).await.expect("keys can be made");
        store.refresh().await.expect("the directory can be read");
        let directory = store.directory();
        let entry = directory.tenant(&tenant).expect("the tenant is there");
        let mut world = Self {
            codes: Vec::new(),
            grants: Vec::new(),
            opaque: Vec::new(),
            jwts: Vec::new(),
            issuer: IssuerId::from(ISSUER),
            keys: Arc::clone(&entry.keys.ring),
        };
        world.add_codes(&store, counts.codes).await;
        world.add_grants(&store, counts.grants).await;
        world.jwts = (0..counts.jwts)
            .map(|number| sign(&signing, "at+jwt", &claims(now, &world.grants, number)))
            .collect();
        world
    }

    async fn add_codes(&mut self, store: &Store, count: usize) {
        let now = store.now();
        for chunk in numbers(0, count).chunks(CHUNK) {
            let mut effects = Vec::with_capacity(2 * chunk.len());
            for &number in chunk {
                let grant = grant(FIRST_GRANT - 1 - number as i64, "openid offline_access es:read", 0, now);
                let (key, code) = mint(TicketKind::Code, now.plus_s(DAY_S), now);
                effects.push(Effect::InsertTicket(Ticket {
                    redirect_uri: Some(REDIRECT.to_owned()),
                    code_challenge: Some(base64url::encode(&digest::sha256(VERIFIER.as_bytes()))),
                    data: serde_json::to_string(&CodeData::default()).unwrap_or_default(),
                    ..ticket(key, TicketKind::Code, &grant, now)
                }));
                effects.push(Effect::InsertGrant(grant));
                self.codes.push(code);
            }
            store.commit(effects).await.expect("codes can be stored");
        }
    }

    /// Grants with a refresh token of generation 1 and an opaque access token each.
    pub async fn add_grants(&mut self, store: &Store, count: usize) {
        let now = store.now();
        for chunk in numbers(self.grants.len(), count).chunks(CHUNK) {
            let mut effects = Vec::with_capacity(2 * chunk.len());
            for &number in chunk {
                let grant = grant(FIRST_GRANT + number as i64, "offline_access es:read", 1, now);
                let (key, token) = mint(TicketKind::AccessToken, now.plus_s(DAY_S), now);
                let mut claims = access_claims(now, &grant, number);
                claims.aud = vec!["https://op.example".to_owned()].into();
                claims.scope = "op:read".to_owned();
                effects.push(Effect::InsertTicket(Ticket {
                    data: serde_json::to_string(&OpaqueData { claims }).unwrap_or_default(),
                    ..ticket(key, TicketKind::AccessToken, &grant, now)
                }));
                self.grants.push((grant.id, 1));
                self.opaque.push(token);
                effects.push(Effect::InsertGrant(grant));
            }
            store.commit(effects).await.expect("grants can be stored");
        }
    }
}

fn numbers(from: usize, count: usize) -> Vec<usize> {
    (from..from + count).collect()
}

fn mint(kind: TicketKind, forget_at: Timestamp, now: Timestamp) -> (TicketKey, String) {
    let mut ctx = Ctx { now, rng: &mut SystemRandom, request_id: "speed", address: "" };
    let (key, secret) = TicketKey::mint(kind, forget_at, &mut ctx);
    (key, secret.expose().clone())
}

fn ticket(key: TicketKey, kind: TicketKind, grant: &Grant, now: Timestamp) -> Ticket {
    Ticket {
        key,
        kind,
        tenant: grant.tenant.clone(),
        grant: Some(grant.id),
        client: Some(grant.client.clone()),
        redirect_uri: None,
        code_challenge: None,
        cnf: None,
        failures: 0,
        expires_at: now.plus_s(DAY_S),
        consumed_at: None,
        data: "{}".to_owned(),
    }
}

fn grant(id: i64, scopes: &str, generation: i64, now: Timestamp) -> Grant {
    let person = usize::try_from(id.unsigned_abs()).unwrap_or(0) % PEOPLE;
    Grant {
        id: GrantId(id),
        tenant: TENANT.into(),
        issuer: ISSUER.into(),
        consent: ConsentId(person as i64 + 1),
        session: SessionId(1),
        user: person_id(person),
        client: "web".into(),
        actor: None,
        scopes: of(scopes),
        resources: Vec::new(),
        authorization_details: None,
        cnf: None,
        auth_time: now,
        acr: "urn:doorward:acr:password".to_owned(),
        amr: vec!["pwd".to_owned()],
        claims: None,
        offline: true,
        generation,
        mac_key: 1,
        spent_at: None,
        spent_before_at: None,
        used_at: now,
        idle_ms: 30 * DAY_S * 1000,
        expires_at: now.plus_s(180 * DAY_S),
        redeemed_at: (generation > 0).then_some(now),
        ended_at: None,
        ended_reason: None,
        created_at: now,
    }
}

fn access_claims(now: Timestamp, grant: &Grant, number: usize) -> AccessClaims {
    AccessClaims {
        iss: URL.to_owned(),
        sub: grant.user.0.clone(),
        aud: vec![URL.to_owned(), "https://es.example".to_owned()].into(),
        client_id: grant.client.0.clone(),
        scope: "openid profile email es:read".to_owned(),
        exp: now.plus_s(DAY_S).seconds(),
        iat: now.seconds(),
        jti: format!("speed-{number:016}"),
        grant_id: Some(grant_name(grant.id)),
        auth_time: Some(now.seconds()),
        acr: Some(grant.acr.clone()),
        amr: Some(grant.amr.clone()),
        may: Default::default(),
    }
}

fn claims(now: Timestamp, grants: &[(GrantId, i64)], number: usize) -> Vec<u8> {
    let (id, _) = grants[number % grants.len()];
    serde_json::to_vec(&access_claims(now, &grant(id.0, "openid", 1, now), number)).unwrap_or_default()
}

fn configuration(now: Timestamp) -> Vec<Effect> {
    let settings = TenantSettings { throttle_limit: 1_000_000, ..TenantSettings::default() };
    let mut effects = vec![
        Effect::PutTenant(Tenant {
            id: TENANT.into(),
            name: "Speed".to_owned(),
            disabled_at: None,
            settings,
            version: 0,
            created_at: now,
        }),
        Effect::PutIssuer(Issuer {
            id: ISSUER.into(),
            tenant: TENANT.into(),
            url: URL.to_owned(),
            dialect: "standard".to_owned(),
            profile: "standard".to_owned(),
            disabled_at: None,
            version: 0,
            created_at: now,
        }),
    ];
    for (name, algorithm, format) in [
        ("es", "ES256", TokenFormat::Jwt),
        ("ed", "EdDSA", TokenFormat::Jwt),
        ("rs", "RS256", TokenFormat::Jwt),
        ("op", "ES256", TokenFormat::Opaque),
    ] {
        effects.push(Effect::PutApi(api(name, algorithm, format, now)));
    }
    let phc = password::hash(PASSWORD, b"0123456789abcdef");
    effects.extend((0..PEOPLE).flat_map(|number| person(number, &phc, now)));
    for client in [
        client("web", &["authorization_code", "refresh_token"], now),
        client("m2m", &["client_credentials"], now),
        Client { introspects_all: true, ..client("api", &[], now) },
    ] {
        effects.push(Effect::PutSecret(ClientSecret {
            tenant: TENANT.into(),
            client: client.id.clone(),
            id: "s1".into(),
            hash: digest::sha256(secret_of(client.id.as_str()).as_bytes()),
            state: SecretState::Current,
            created_at: now,
            expires_at: None,
        }));
        effects.push(Effect::PutClient(client));
    }
    effects
}

fn api(name: &str, algorithm: &str, format: TokenFormat, now: Timestamp) -> Api {
    Api {
        tenant: TENANT.into(),
        id: format!("https://{name}.example").into(),
        name: format!("API {name}"),
        scopes: vec![ApiScope {
            name: format!("{name}:read"),
            description: "read your things".to_owned(),
            descriptions: Default::default(),
            default: false,
            permission: None,
        }],
        token_format: format,
        signing_algorithm: algorithm.to_owned(),
        access_token_s: None,
        permissions: Default::default(),
        disabled_at: None,
        version: 0,
        created_at: now,
    }
}

fn person_id(number: usize) -> UserId {
    UserId(format!("usr_{number:022}"))
}

fn person(number: usize, phc: &str, now: Timestamp) -> [Effect; 3] {
    let name = format!("person{number}");
    let email = format!("{name}@example.com");
    let profile = serde_json::json!({ "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams" });
    let user = User {
        tenant: TENANT.into(),
        id: person_id(number),
        user_name: name.clone(),
        user_name_key: name,
        email: Some(email.clone()),
        email_key: Some(email),
        email_verified_at: Some(now),
        profile: serde_json::from_value::<Profile>(profile).expect("a profile is an object"),
        disabled_at: None,
        locked_at: None,
        password_due_at: None,
        valid_from: None,
        administrator_since: None,
        external_id: None,
        external_version: None,
        imported_hash: None,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let credential = Credential {
        tenant: TENANT.into(),
        user: user.id.clone(),
        kind: "password".to_owned(),
        data: phc.to_owned(),
        created_at: now,
    };
    let consent = Consent {
        id: ConsentId(number as i64 + 1),
        tenant: TENANT.into(),
        user: user.id.clone(),
        client: "web".into(),
        installation: None,
        scopes: of(SCOPES),
        implicit: false,
        version: 1,
        created_at: now,
        ended_at: None,
    };
    [Effect::PutUser(user), Effect::PutCredential(credential), Effect::InsertConsent(consent)]
}

fn client(id: &str, grant_types: &[&str], now: Timestamp) -> Client {
    Client {
        tenant: TENANT.into(),
        id: id.into(),
        name: format!("Client {id}"),
        auth_method: "client_secret_basic".to_owned(),
        also_auth_methods: BTreeSet::new(),
        application_type: ApplicationType::Web,
        redirect_uris: vec![RedirectUri::parse(REDIRECT).expect("it can be registered")],
        post_logout_redirect_uris: Vec::new(),
        grant_types: grant_types.iter().map(|name| (*name).to_owned()).collect(),
        scopes: of(SCOPES),
        default_scopes: Scopes::default(),
        apis: ["es", "ed", "rs", "op"].map(|name| format!("https://{name}.example").into()).into(),
        introspects: BTreeSet::new(),
        introspects_all: false,
        issuers: BTreeSet::new(),
        jwks: None,
        jwks_uri: None,
        require_pkce: true,
        first_party: false,
        required_acr: None,
        id_token_algorithm: "ES256".to_owned(),
        lifetimes: Lifetimes::default(),
        refresh_policy: RefreshPolicy::Rotate,
        refresh_grace_s: 30,
        rate_limit: 0,
        role_permissions: None,
        disabled_at: None,
        version: 0,
        created_at: now,
    }
}

fn of(scopes: &str) -> Scopes {
    Scopes::parse(scopes).expect("these are scopes")
}

/// The tenant.
pub const TENANT: &str = "speed";
const ISSUER: &str = "iss-speed";
const URL: &str = "https://id.example";
const SCOPES: &str = "openid profile email offline_access es:read ed:read rs:read op:read";
const DAY_S: i64 = 86_400;
/// Far above the codes' grants, which count downwards.
const FIRST_GRANT: i64 = 1 << 40;
/// Rows of one commit.
const CHUNK: usize = 1_000;
