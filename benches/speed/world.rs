//! The world that is measured: one tenant, an API per algorithm and one with opaque tokens, people, and as many codes, grants and
//! tokens as the rows use up. The configuration is applied as an operator would; the rest is put into the store directly.

use std::sync::Arc;

use doorward_core::desired::State;
use doorward_core::grant::authorization_code::CodeData;
use doorward_core::id::{ConsentId, GrantId, IssuerId, SessionId, UserId};
use doorward_core::keys::TenantKeys;
use doorward_core::model::{Consent, Grant, Ticket, TicketKey, TicketKind};
use doorward_core::token::claims::{AccessClaims, InstalledClaims};
use doorward_core::token::issue::{OpaqueData, grant_name};
use doorward_core::{Ctx, Effect, Timestamp};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::sign::sign;
use doorward_crypto::random::SystemRandom;
use doorward_crypto::{base64url, digest, password};
use doorward_store::Store;
use doorward_web::manage::{By, Manage};
use doorward_wire::scope::Scopes;
use serde_json::json;

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
        let manage = Manage::new(store.clone(), By::operator());
        manage.apply(&configuration(), false, false).await.expect("the configuration can be applied");
        let mut effects: Vec<Effect> = (0..PEOPLE).map(|number| consent(number, now)).collect();
        let mut tenant = store.tenant(&TENANT.into()).await.ok().flatten().expect("the tenant is there");
        // More than a tenant may allow: the same people sign in again and again.
        tenant.settings.throttle_limit = 1_000_000;
        effects.push(Effect::PutTenant(tenant));
        store.commit(effects).await.expect("consents can be stored");
        store.refresh().await.expect("the directory can be read");
        let directory = store.directory();
        let entry = directory.tenant(&TENANT.into()).expect("the tenant is there");
        let signing = entry.keys.signing(Algorithm::Es256).expect("the tenant can sign");
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
            .map(|number| sign(signing, "at+jwt", &claims(now, &world.grants, number)))
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
        installation: None,
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
        unnamed: false,
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
        installed: InstalledClaims::default(),
        may: Default::default(),
        user: None,
    }
}

fn claims(now: Timestamp, grants: &[(GrantId, i64)], number: usize) -> Vec<u8> {
    let (id, _) = grants[number % grants.len()];
    serde_json::to_vec(&access_claims(now, &grant(id.0, "openid", 1, now), number)).unwrap_or_default()
}

/// What an operator would apply.
fn configuration() -> State {
    let phc = password::hash(PASSWORD, b"0123456789abcdef");
    let api = |name: &str, algorithm: &str, format: &str| {
        json!({
            "id": format!("https://{name}.example"), "name": format!("API {name}"), "signing_algorithm": algorithm,
            "token_format": format, "scopes": [{ "name": format!("{name}:read"), "description": "read your things" }],
            "guard": { "routes": [{ "path": "/things/**", "scopes": [format!("{name}:read")] }] }
        })
    };
    let person = |number: usize| {
        json!({
            "id": person_id(number), "user_name": format!("person{number}"),
            "email": format!("person{number}@example.com"), "email_verified": true, "password_hash": phc,
            "profile": { "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams" }
        })
    };
    let apis = ["es", "ed", "rs", "op"].map(|name| format!("https://{name}.example"));
    let client = |id: &str, grant_types: &[&str]| {
        json!({
            "id": id, "name": format!("Client {id}"), "redirect_uris": [REDIRECT], "grant_types": grant_types, "scopes": SCOPES,
            "apis": apis, "introspects_all": id == "api",
            "id_token_algorithm": "ES256", "secrets": [{ "value": secret_of(id) }]
        })
    };
    let document = json!({ "tenants": [{
        "id": TENANT, "name": "Speed",
        "issuers": [{ "id": ISSUER, "url": URL }],
        "apis": [
            api("es", "ES256", "jwt"), api("ed", "EdDSA", "jwt"), api("rs", "RS256", "jwt"), api("op", "ES256", "opaque")
        ],
        "clients": [
            client("web", &["authorization_code", "refresh_token"]), client("m2m", &["client_credentials"]), client("api", &[])
        ],
        "users": (0..PEOPLE).map(person).collect::<Vec<_>>(),
    }] });
    serde_json::from_value(document).expect("it is a document")
}

fn person_id(number: usize) -> UserId {
    UserId(format!("usr_{number:022}"))
}

fn consent(number: usize, now: Timestamp) -> Effect {
    Effect::InsertConsent(Consent {
        id: ConsentId(number as i64 + 1),
        tenant: TENANT.into(),
        user: person_id(number),
        client: "web".into(),
        installation: None,
        scopes: of(SCOPES),
        implicit: false,
        version: 1,
        created_at: now,
        ended_at: None,
    })
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
