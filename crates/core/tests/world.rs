//! Facts without a store: a tenant, an issuer, two APIs, a client and a person, all alive. A test changes what it is about.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use doorward_core::facts::{
    Belonging, ClientFacts, ExtensionStanding, GrantFacts, InstallationFacts, SessionFacts, SessionState,
    Standing, TicketFacts, UserFacts,
};
use doorward_core::grant::authorization_code::CodeData;
use doorward_core::id::{ClientId, ConsentId, ContextKey, ExtensionKey, GrantId, SessionId};
use doorward_core::installation::session_token::SessionClaims;
use doorward_core::keys::TenantKeys;
use doorward_core::login::verified::Verified;
use doorward_core::model::session::Factor;
use doorward_core::model::{
    Api, Client, ClientSecret, Consent, Credential, Extension, ExtensionState, Grant, Installation,
    InstallationSecret, Issuer, Life, Manifest, SecretState, Session, Tenant, TenantSettings, Ticket,
    TicketKey, TicketKind, User,
};
use doorward_core::needs::SessionHandle;
use doorward_core::token::claims::{AccessClaims, IdClaims};
use doorward_core::token::issue::{OpaqueData, grant_name};
use doorward_core::token::refresh_pair::RefreshPair;
use doorward_core::{Ctx, Facts, Timestamp};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::sign::sign;
use doorward_crypto::mac::MacKey;
use doorward_crypto::random::SeededRandom;
use doorward_crypto::{base64url, digest};
use doorward_wire::scope::Scopes;
use serde_json::json;

/// 2026-01-01T00:00:00Z.
pub const NOW: Timestamp = Timestamp(1_767_225_600_000);
pub const ISSUER: &str = "https://id.example";
pub const RS1: &str = "https://rs1.example";
pub const RS2: &str = "https://rs2.example";
pub const CALLBACK: &str = "https://app.example/cb";
/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const SECRET: &str = "secret-of-web-0123456789abcdefghijklmnopqrstuvwxyz";
pub const ACR: &str = "urn:doorward:acr:password";

/// A moment so many seconds before `NOW`.
pub fn ago(seconds: i64) -> Timestamp {
    NOW.plus_s(-seconds)
}

/// Run with the surroundings of a decision at `now`.
pub fn with_ctx<T>(now: Timestamp, run: impl FnOnce(&mut Ctx<'_>) -> T) -> T {
    let mut rng = SeededRandom::new(7);
    run(&mut Ctx { now, rng: &mut rng, request_id: "req-1", address: "192.0.2.1" })
}

/// The person's password, which was looked at and fits.
pub fn verified() -> Verified {
    Verified { against: "$hash".to_owned(), fits: true, upgraded: None, invalid: false }
}

/// The key that signs this tenant's tokens.
pub fn signing_key() -> &'static SigningKey {
    static KEY: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::generate(Algorithm::Es256, "k1").unwrap());
    &KEY
}

/// A key of somebody else, under the same `kid`.
pub fn other_key() -> &'static SigningKey {
    static KEY: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::generate(Algorithm::Es256, "k1").unwrap());
    &KEY
}

/// The tenant's keys: two MAC keys, the newer of which makes new tokens.
pub fn keys() -> TenantKeys {
    TenantKeys {
        mac: BTreeMap::from([(1, MacKey::from_bytes([1; 32])), (2, MacKey::from_bytes([2; 32]))]),
        verifying: HashMap::from([("k1".to_owned(), signing_key().verifying_key())]),
        ..TenantKeys::default()
    }
}

/// Facts that know the tenant, and nothing that was asked for.
pub fn facts() -> Facts {
    let tenant = Tenant {
        id: "t1".into(),
        name: "Tenant".to_owned(),
        disabled_at: None,
        settings: TenantSettings::default(),
        version: 1,
        created_at: ago(1_000_000),
    };
    let issuer = Issuer {
        id: "iss-t1".into(),
        tenant: "t1".into(),
        url: ISSUER.to_owned(),
        dialect: "standard".to_owned(),
        profile: "standard".to_owned(),
        shared_secret: None,
        disabled_at: None,
        version: 1,
        created_at: ago(1_000_000),
    };
    Facts::of(
        Arc::new(tenant),
        Arc::new(issuer),
        Arc::new(vec![api(RS1, "rs1", "jwt"), api(RS2, "rs2", "opaque")]),
        Arc::new(keys()),
    )
}

pub fn api(id: &str, name: &str, format: &str) -> Api {
    serde_json::from_value(json!({
        "tenant": "t1", "id": id, "name": name, "token_format": format, "access_token_s": null, "disabled_at": null,
        "version": 1, "created_at": ago(1_000_000),
        "scopes": [{ "name": format!("{name}:read"), "default": true }, { "name": format!("{name}:write") }],
    }))
    .unwrap()
}

/// A confidential client that may use everything at RS1.
pub fn client() -> Client {
    serde_json::from_value(json!({
        "tenant": "t1", "id": "web", "name": "Web", "auth_method": "client_secret_basic",
        "also_auth_methods": ["client_secret_post"],
        "redirect_uris": [CALLBACK, "https://app.example/cb2"], "post_logout_redirect_uris": ["https://app.example/bye"],
        "grant_types": [
            "authorization_code", "refresh_token", "client_credentials", "urn:doorward:grant:retrieval-key",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "scopes": "openid profile email offline_access rs1:read rs1:write", "apis": [RS1],
        "jwks": null, "jwks_uri": null, "disabled_at": null, "version": 1, "created_at": ago(1_000_000),
    }))
    .unwrap()
}

/// A client with its one secret.
pub fn client_facts(client: Client) -> Arc<ClientFacts> {
    let secret = ClientSecret {
        tenant: "t1".into(),
        client: client.id.clone(),
        id: "s1".into(),
        hash: digest::sha256(SECRET.as_bytes()),
        state: SecretState::Current,
        created_at: ago(1_000_000),
        expires_at: None,
    };
    Arc::new(ClientFacts { client, secrets: vec![secret], is_extension: false })
}

pub fn user() -> User {
    serde_json::from_value(json!({
        "tenant": "t1", "id": "usr_alice", "user_name": "alice", "user_name_key": "alice", "email": "alice@example.com",
        "email_key": "alice@example.com", "email_verified_at": ago(1_000_000), "disabled_at": null, "locked_at": null,
        "valid_from": null, "external_id": null, "external_version": null, "version": 1,
        "created_at": ago(1_000_000), "updated_at": ago(1_000_000),
        "profile": { "name": "Alice Adams", "given_name": "Alice", "phone_number": "+49 30 1", "iss": "https://evil.example",
                     "sub": "usr_mallory", "role": "admin" },
    }))
    .unwrap()
}

pub fn user_facts() -> UserFacts {
    let password = Credential {
        tenant: "t1".into(),
        user: "usr_alice".into(),
        kind: "password".to_owned(),
        data: "$hash".to_owned(),
        created_at: ago(1_000_000),
    };
    UserFacts { user: user(), password: Some(password) }
}

pub fn consent(scopes: &str) -> Consent {
    Consent {
        id: ConsentId(20),
        tenant: "t1".into(),
        user: "usr_alice".into(),
        client: "web".into(),
        installation: None,
        scopes: parse(scopes),
        implicit: false,
        version: 3,
        created_at: ago(900),
        ended_at: None,
    }
}

/// A session that began fifteen minutes ago.
pub fn session() -> Session {
    Session {
        id: SessionId(10),
        tenant: "t1".into(),
        user: "usr_alice".into(),
        secret_hash: [9; 32],
        auth_time: ago(900),
        acr: ACR.to_owned(),
        factors: vec![Factor { method: "pwd".to_owned(), at: ago(900) }],
        remembered: false,
        used_at: ago(300),
        idle_ms: 1_800_000,
        expires_at: NOW.plus_s(40_000),
        ended_at: None,
        user_agent: String::new(),
        address: String::new(),
        created_at: ago(900),
    }
}

pub const HANDLE: SessionHandle = SessionHandle { id: SessionId(10), secret_hash: [9; 32] };

pub fn session_facts() -> SessionFacts {
    SessionFacts { session: session(), user: Some(user()), tenant_disabled_at: None }
}

/// A grant of `scopes` that has been redeemed and whose newest refresh generation is 5.
pub fn grant(scopes: &str) -> Grant {
    Grant {
        id: GrantId(30),
        tenant: "t1".into(),
        issuer: "iss-t1".into(),
        consent: ConsentId(20),
        session: SessionId(10),
        user: "usr_alice".into(),
        client: "web".into(),
        installation: None,
        actor: None,
        scopes: parse(scopes),
        resources: Vec::new(),
        authorization_details: None,
        cnf: None,
        auth_time: ago(900),
        acr: ACR.to_owned(),
        amr: vec!["pwd".to_owned()],
        claims: None,
        offline: scopes.contains("offline_access"),
        generation: 5,
        mac_key: 1,
        spent_at: Some(ago(100)),
        spent_before_at: Some(ago(200)),
        used_at: ago(100),
        idle_ms: 2_592_000_000,
        expires_at: NOW.plus_s(15_000_000),
        unnamed: false,
        redeemed_at: Some(ago(800)),
        ended_at: None,
        ended_reason: None,
        created_at: ago(850),
    }
}

/// The grant with all that it hangs on, alive.
pub fn grant_facts(grant: Grant) -> GrantFacts {
    GrantFacts {
        grant,
        tenant: Standing::Live,
        client: Standing::Live,
        user: Some(user()),
        consent: Standing::Live,
        session: Some(SessionState {
            used_at: ago(30),
            idle_ms: 1_800_000,
            expires_at: NOW.plus_s(40_000),
            ended_at: None,
        }),
        installation: None,
    }
}

/// An installation of the extension that the client `web` is, in a project that Alice belongs to, with all that it hangs on, alive.
pub fn installation_facts() -> InstallationFacts {
    let secret = InstallationSecret {
        tenant: "t1".into(),
        installation: "ins_1".into(),
        id: "sec_1".into(),
        number: 1,
        hash: digest::sha256(SECRET.as_bytes()),
        state: SecretState::Current,
        created_at: ago(1000),
        delivered_at: Some(ago(900)),
        current_at: Some(ago(900)),
        expires_at: None,
    };
    InstallationFacts {
        installation: Installation {
            id: "ins_1".into(),
            tenant: "t1".into(),
            extension: ExtensionKey(1),
            extension_id: "web".into(),
            context: ContextKey(2),
            context_id: "project/p-1".into(),
            scopes: parse("openid rs1:read offline_access"),
            manifest_version: 1,
            variant: None,
            settings: serde_json::Map::new(),
            installed_by: None,
            life: Life::Enabled,
            epoch: 3,
            version: 5,
            created_at: ago(1000),
            updated_at: ago(1000),
        },
        extension: Some(ExtensionStanding {
            state: ExtensionState::Published,
            suspended_at: None,
            epoch: 4,
            contributor_stands: true,
        }),
        context_stands: true,
        above: vec!["customer/c-1".into()],
        belongs: Belonging::Since(ago(1000)),
        secret: Some(secret),
        client: Some(client_facts(client())),
    }
}

/// What that installation is of.
pub fn extension() -> Extension {
    Extension {
        tenant: "t1".into(),
        key: ExtensionKey(1),
        id: "web".into(),
        contributor: None,
        contributor_key: None,
        state: ExtensionState::Published,
        deprecated_on: None,
        manifest: Manifest { name: "Web".to_owned(), ..Manifest::default() },
        manifest_version: 1,
        proposed: None,
        suspended_at: None,
        epoch: 4,
        version: 1,
        created_at: ago(1000),
        updated_at: ago(1000),
    }
}

/// A session token of that installation for Alice, in session 10.
pub fn session_token() -> String {
    session_token_of("session+jwt", &session_claims())
}

/// A token of that type and those claims.
pub fn session_token_of(typ: &'static str, claims: &SessionClaims) -> String {
    sign(signing_key(), typ, &serde_json::to_vec(claims).unwrap())
}

/// What it says.
pub fn session_claims() -> SessionClaims {
    let found = installation_facts();
    SessionClaims {
        iss: ISSUER.to_owned(),
        sub: "usr_alice".to_owned(),
        aud: vec!["web".to_owned()].into(),
        sid: "10".to_owned(),
        asked_in: None,
        extension: "web".into(),
        installation: found.installation.id.clone(),
        context: found.installation.context_id.clone(),
        variant: None,
        scope: "openid rs1:read".to_owned(),
        act: None,
        consent: consent("").id,
        installation_epoch: found.installed().epoch,
        exp: NOW.plus_s(20).seconds(),
        iat: ago(40).seconds(),
        made_at: ago(40).plus_ms(500),
        jti: "jti-1".to_owned(),
    }
}

/// The same grant, of that installation.
pub fn installed(of: GrantFacts) -> GrantFacts {
    let found = installation_facts();
    let grant = Grant { installation: Some(found.installed()), ..of.grant };
    GrantFacts { grant, installation: Some(Box::new(found)), ..of }
}

/// A launch key of that installation that was made ten seconds ago: its secret and its facts.
pub fn launch_key(scopes: &str) -> (String, TicketFacts) {
    of_installation(TicketKind::RetrievalKey, scopes)
}

/// A ticket of that kind, of that installation, that was made ten seconds ago: its secret and its facts.
pub fn of_installation(kind: TicketKind, scopes: &str) -> (String, TicketFacts) {
    let (_, found) = code(scopes);
    let (key, secret) = with_ctx(ago(10), |ctx| TicketKey::mint(kind, NOW.plus_s(86_400), ctx));
    let ticket =
        Ticket { key, kind, redirect_uri: None, code_challenge: None, data: "{}".to_owned(), ..found.ticket };
    let facts = TicketFacts { ticket, grant: found.grant.map(installed), ..found };
    (secret.expose().clone(), facts)
}

/// A code for a grant of `scopes` that was issued ten seconds ago: its secret and its facts.
pub fn code(scopes: &str) -> (String, TicketFacts) {
    let (key, secret) = with_ctx(ago(10), |ctx| TicketKey::mint(TicketKind::Code, NOW.plus_s(86_400), ctx));
    let grant = Grant {
        generation: 0,
        mac_key: 0,
        spent_at: None,
        spent_before_at: None,
        used_at: ago(10),
        idle_ms: 60_000,
        expires_at: NOW.plus_s(50),
        unnamed: false,
        redeemed_at: None,
        created_at: ago(10),
        ..grant(scopes)
    };
    let data = CodeData { nonce: Some("n0nce".to_owned()), implied_redirect_uri: None, state: None };
    let ticket = Ticket {
        key,
        kind: TicketKind::Code,
        tenant: "t1".into(),
        grant: Some(grant.id),
        client: Some("web".into()),
        redirect_uri: Some(CALLBACK.to_owned()),
        code_challenge: Some(CHALLENGE.to_owned()),
        cnf: None,
        failures: 0,
        expires_at: grant.expires_at,
        consumed_at: None,
        data: serde_json::to_string(&data).unwrap(),
    };
    let facts = TicketFacts {
        ticket,
        grant: Some(grant_facts(grant)),
        client: Some(Standing::Live),
        client_since: Some(ago(1_000_000)),
        tenant_disabled_at: None,
    };
    (secret.expose().clone(), facts)
}

/// The refresh token of that generation of grant 30.
pub fn refresh_token(generation: i64) -> String {
    refresh_token_of("iss-t1", GrantId(30), generation)
}

pub fn refresh_token_of(issuer: &str, grant: GrantId, generation: i64) -> String {
    RefreshPair { grant, generation }.encode(&issuer.into(), 1, &keys()).unwrap().expose().clone()
}

/// The claims of an access token: of grant 30, or of the client itself.
pub fn access_claims(grant: Option<&Grant>, scope: &str, aud: &[&str]) -> AccessClaims {
    AccessClaims {
        iss: ISSUER.to_owned(),
        sub: grant.map_or_else(|| "web".to_owned(), |grant| grant.user.0.clone()),
        aud: aud.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().into(),
        client_id: "web".to_owned(),
        scope: scope.to_owned(),
        exp: NOW.plus_s(300).seconds(),
        iat: ago(300).seconds(),
        jti: "jti-1".to_owned(),
        grant_id: grant.map(|grant| grant_name(grant.id)),
        auth_time: grant.map(|grant| grant.auth_time.seconds()),
        acr: grant.map(|grant| grant.acr.clone()),
        amr: grant.map(|grant| grant.amr.clone()),
        installed: Default::default(),
        may: Default::default(),
        user: None,
    }
}

pub fn jwt(claims: &AccessClaims) -> String {
    sign(signing_key(), "at+jwt", &serde_json::to_vec(claims).unwrap())
}

/// An opaque access token with those claims: its secret and its facts.
pub fn opaque(claims: &AccessClaims, grant: Option<GrantFacts>) -> (String, TicketFacts) {
    let expires_at = Timestamp(claims.exp * 1000);
    let (key, secret) = with_ctx(ago(300), |ctx| TicketKey::mint(TicketKind::AccessToken, expires_at, ctx));
    let ticket = Ticket {
        grant: grant.as_ref().map(|of| of.grant.id),
        client: Some(ClientId(claims.client_id.clone())),
        data: serde_json::to_string(&OpaqueData { claims: claims.clone() }).unwrap(),
        ..Ticket::unbound(key, TicketKind::AccessToken, &"t1".into(), expires_at)
    };
    let facts = TicketFacts {
        ticket,
        grant,
        client: Some(Standing::Live),
        client_since: Some(ago(1_000_000)),
        tenant_disabled_at: None,
    };
    (secret.expose().clone(), facts)
}

/// An ID token of ours for `sub`, issued to the client `aud` in session `sid`.
pub fn id_token(sub: &str, aud: &str, sid: i64) -> String {
    sign(signing_key(), "JWT", &serde_json::to_vec(&id_claims(sub, aud, sid)).unwrap())
}

pub fn id_claims(sub: &str, aud: &str, sid: i64) -> IdClaims {
    IdClaims {
        iss: ISSUER.to_owned(),
        sub: sub.to_owned(),
        aud: vec![aud.to_owned()].into(),
        exp: ago(100).seconds(),
        iat: ago(700).seconds(),
        auth_time: ago(900).seconds(),
        nonce: None,
        acr: ACR.to_owned(),
        amr: vec!["pwd".to_owned()],
        sid: Some(sid.to_string()),
        grant_id: None,
        at_hash: None,
        more: serde_json::Map::new(),
    }
}

pub fn parse(scopes: &str) -> Scopes {
    Scopes::parse(scopes).unwrap()
}

pub fn challenge_of(verifier: &str) -> String {
    base64url::encode(&digest::sha256(verifier.as_bytes()))
}
