//! The clients, people and APIs that the tests know, by the names of the table of bad inputs.

use std::collections::BTreeSet;

use doorward_core::id::{ClientId, IssuerId, TenantId, UserId};
use doorward_core::model::{
    Api, ApiScope, ApplicationType, Client, ClientSecret, Credential, Issuer, Lifetimes, Profile,
    RefreshPolicy, SecondFactor, SecretState, Tenant, TenantSettings, TokenFormat, User,
};
use doorward_core::{Effect, Timestamp};
use doorward_crypto::digest;
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;
use doorward_wire::text::{Email, UserName};
use serde_json::json;

/// The tenant that most tests are about; its issuer is `https://id.example`.
pub const T1: &str = "t1";
/// Another tenant; its issuer is `https://id.example/t/t2`.
pub const T2: &str = "t2";
/// Confidential, Basic and post, `https://app.example/cb`.
pub const WEB: &str = "web";
/// Public, PKCE.
pub const SPA: &str = "spa";
/// Another public one.
pub const SPA2: &str = "spa2";
/// Public, loopback and a scheme of its own.
pub const NATIVE: &str = "native";
/// `private_key_jwt`.
pub const PKJ: &str = "pkj";
/// Client credentials.
pub const M2M: &str = "m2m";
/// Introspects tokens of `https://rs1.example`.
pub const RS1: &str = "rs1";
/// Introspects tokens of `https://rs2.example`.
pub const RS2: &str = "rs2";
/// An attacker's valid client of the same tenant.
pub const EVIL: &str = "evil";
/// A person with every standard claim.
pub const ALICE: &str = "alice";
/// Another person.
pub const BOB: &str = "bob";
/// An attacker with an account.
pub const MALLORY: &str = "mallory";
/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A client's secret.
pub fn secret_of(client: &str) -> String {
    format!("secret-of-{client}-0123456789abcdefghijklmnopqrstuvwxyz")
}

/// A person's subject.
pub fn user_id(user: &str) -> String {
    format!("usr_{user}-0001")
}

/// Everything, as effects on an empty database. `jwk_set` holds PKJ's public key, `phc` is the hash of [`PASSWORD`].
pub fn world(now: Timestamp, jwk_set: &str, phc: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (id, url) in [(T1, "https://id.example"), (T2, "https://id.example/t/t2")] {
        effects.push(Effect::PutTenant(tenant(id, now)));
        effects.push(Effect::PutIssuer(issuer(id, url, now)));
        for (id, format) in
            [("https://rs1.example", TokenFormat::Jwt), ("https://rs2.example", TokenFormat::Opaque)]
        {
            effects.push(Effect::PutApi(api(effects_tenant(&effects), id, format, now)));
        }
    }
    for id in [ALICE, BOB, MALLORY] {
        effects.extend(person(T1, id, phc, now));
    }
    effects.extend(person(T2, "amy", phc, now));
    for client in clients(now, jwk_set) {
        let has_secret = matches!(client.auth_method.as_str(), "client_secret_basic" | "client_secret_post");
        let secret = has_secret.then(|| secret(&client, now));
        effects.push(Effect::PutClient(client));
        effects.extend(secret.map(Effect::PutSecret));
    }
    effects
}

fn effects_tenant(effects: &[Effect]) -> &str {
    let last = effects.iter().rev().find_map(|effect| match effect {
        Effect::PutTenant(tenant) => Some(tenant.id.as_str()),
        _ => None,
    });
    last.expect("a tenant comes before its APIs")
}

fn tenant(id: &str, now: Timestamp) -> Tenant {
    Tenant {
        id: id.into(),
        name: format!("Tenant {id}"),
        disabled_at: None,
        // Administrators sign in by password alone here, but where a test says otherwise.
        settings: TenantSettings { second_factor: SecondFactor::Optional, ..TenantSettings::default() },
        version: 0,
        created_at: now,
    }
}

fn issuer(tenant: &str, url: &str, now: Timestamp) -> Issuer {
    Issuer {
        id: IssuerId(format!("iss-{tenant}")),
        tenant: tenant.into(),
        url: url.to_owned(),
        dialect: "standard".to_owned(),
        profile: "standard".to_owned(),
        shared_secret: None,
        disabled_at: None,
        version: 0,
        created_at: now,
    }
}

fn api(tenant: &str, id: &str, format: TokenFormat, now: Timestamp) -> Api {
    let name = id.trim_start_matches("https://").trim_end_matches(".example");
    let scope = |action: &str, default| ApiScope {
        name: format!("{name}:{action}"),
        description: format!("{action} your things at {name}"),
        descriptions: Default::default(),
        default,
        permission: None,
    };
    Api {
        tenant: tenant.into(),
        id: id.into(),
        name: format!("API {name}"),
        scopes: vec![scope("read", true), scope("write", false)],
        token_format: format,
        signing_algorithm: "ES256".to_owned(),
        access_token_s: None,
        permissions: Default::default(),
        guard: Default::default(),
        disabled_at: None,
        version: 0,
        created_at: now,
    }
}

fn person(tenant: &str, id: &str, phc: &str, now: Timestamp) -> [Effect; 2] {
    let profile = json!({
        "name": format!("{id} Adams"), "given_name": id, "family_name": "Adams", "middle_name": "M.", "nickname": "Al",
        "profile": "https://people.example/p", "picture": "https://people.example/p.png", "website": "https://people.example",
        "gender": "female", "birthdate": "1990-04-01", "zoneinfo": "Europe/Berlin", "locale": "en",
        "phone_number": "+49 30 123456", "phone_number_verified": true,
        "address": { "formatted": "Main Street 1\n10115 Berlin", "street_address": "Main Street 1", "locality": "Berlin",
                     "region": "BE", "postal_code": "10115", "country": "DE" }
    });
    let email = Email::parse(&format!("{id}@example.com")).expect("a fixture's address is one");
    let user_name = UserName::parse(id).expect("a fixture's name is one");
    let named = User::named(&tenant.into(), UserId(user_id(id)), (&user_name, Some(&email)), now);
    let user = User {
        email_verified_at: Some(now),
        profile: serde_json::from_value::<Profile>(profile).expect("a profile is an object"),
        ..named
    };
    let credential = Credential {
        tenant: tenant.into(),
        user: user.id.clone(),
        kind: "password".to_owned(),
        data: phc.to_owned(),
        created_at: now,
    };
    [Effect::PutUser(user), Effect::PutCredential(credential)]
}

fn clients(now: Timestamp, jwk_set: &str) -> Vec<Client> {
    let rs1 = BTreeSet::from(["https://rs1.example".into()]);
    let web = base(T1, WEB, now);
    let public = |id: &str, uris: &[&str]| Client {
        auth_method: "none".to_owned(),
        also_auth_methods: BTreeSet::new(),
        redirect_uris: uris
            .iter()
            .map(|uri| RedirectUri::parse(uri).expect("a fixture's URI can be registered"))
            .collect(),
        ..base(T1, id, now)
    };
    vec![
        Client { first_party: true, require_pkce: false, ..base(T1, "first", now) },
        Client { require_pkce: false, ..base(T1, "plain", now) },
        Client {
            redirect_uris: vec![uri("https://evil.example/cb")],
            name: "Evil".to_owned(),
            ..base(T1, EVIL, now)
        },
        public(SPA, &["https://spa.example/cb"]),
        public(SPA2, &["https://spa2.example/cb"]),
        Client {
            application_type: ApplicationType::Native,
            ..public(NATIVE, &["http://127.0.0.1/cb", "com.example.app:/cb"])
        },
        Client {
            auth_method: "private_key_jwt".to_owned(),
            also_auth_methods: BTreeSet::new(),
            grant_types: ["authorization_code", "refresh_token", "client_credentials"]
                .map(str::to_owned)
                .into(),
            jwks: Some(jwk_set.to_owned()),
            apis: rs1.clone(),
            ..base(T1, PKJ, now)
        },
        Client {
            grant_types: ["client_credentials"].map(str::to_owned).into(),
            redirect_uris: Vec::new(),
            scopes: scopes("rs1:read rs1:write rs2:read"),
            apis: ["https://rs1.example".into(), "https://rs2.example".into()].into(),
            ..base(T1, M2M, now)
        },
        Client {
            grant_types: BTreeSet::new(),
            redirect_uris: Vec::new(),
            introspects: rs1,
            ..base(T1, RS1, now)
        },
        Client {
            grant_types: BTreeSet::new(),
            redirect_uris: Vec::new(),
            introspects: ["https://rs2.example".into()].into(),
            ..base(T1, RS2, now)
        },
        Client { tenant: T2.into(), ..web.clone() },
        web,
    ]
}

fn base(tenant: &str, id: &str, now: Timestamp) -> Client {
    Client {
        tenant: TenantId::from(tenant),
        id: ClientId::from(id),
        name: format!("Client {id}"),
        auth_method: "client_secret_basic".to_owned(),
        also_auth_methods: BTreeSet::from(["client_secret_post".to_owned()]),
        application_type: ApplicationType::Web,
        redirect_uris: vec![
            uri("https://app.example/cb"),
            uri("https://app.example/cb2"),
            uri("https://app.example/cb?x=1"),
        ],
        post_logout_redirect_uris: vec![uri("https://app.example/bye")],
        backchannel_logout_uri: None,
        backchannel_logout_session_required: false,
        grant_types: ["authorization_code", "refresh_token"].map(str::to_owned).into(),
        scopes: scopes("openid profile email address phone offline_access rs1:read rs1:write"),
        default_scopes: Scopes::default(),
        apis: BTreeSet::from(["https://rs1.example".into()]),
        introspects: BTreeSet::new(),
        introspects_all: false,
        issuers: BTreeSet::new(),
        jwks: None,
        jwks_uri: None,
        require_pkce: true,
        first_party: false,
        required_acr: None,
        id_token_algorithm: "RS256".to_owned(),
        lifetimes: Lifetimes::default(),
        refresh_policy: RefreshPolicy::Rotate,
        refresh_grace_s: 30,
        legacy: BTreeSet::new(),
        rate_limit: 0,
        role_permissions: None,
        disabled_at: None,
        version: 0,
        created_at: now,
    }
}

fn secret(client: &Client, now: Timestamp) -> ClientSecret {
    ClientSecret {
        tenant: client.tenant.clone(),
        client: client.id.clone(),
        id: "s1".into(),
        hash: digest::sha256(secret_of(client.id.as_str()).as_bytes()),
        state: SecretState::Current,
        created_at: now,
        expires_at: None,
    }
}

fn uri(text: &str) -> RedirectUri {
    RedirectUri::parse(text).expect("a fixture's URI can be registered")
}

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).expect("a fixture's scopes are scopes")
}
