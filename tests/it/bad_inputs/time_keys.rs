//! Bad inputs: time and keys.

use doorward_core::Effect;
use doorward_core::id::{KeyId, TenantId};
use doorward_core::model::{Actor, KeyState};
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::verify::Unverified;
use doorward_store::OpenError;
use doorward_tests::{ALICE, M2M, PKJ, RS1, Reply, SPA, T1, WEB, assertion};
use doorward_web::keys;
use serde_json::{Value, json};

use super::steps::{OFFLINE, is_active, is_signed_in, put, signed_in, token_by, tokens};
use super::wire::shown_at_the_edge;
use super::{Case, json as error, rows, status};

rows![
    shared tm_001, shared tm_002, fresh tm_003, fresh tm_004, fresh tm_006, shared tm_008, fresh tm_009, fresh tm_013,
    fresh tm_015,
];

async fn asserted(case: &Case, claims: &Value) -> Reply {
    token_by(case, &assertion(claims)).await
}

/// An assertion of PKJ, changed.
fn claims(case: &Case, change: impl FnOnce(&mut Value, i64)) -> Value {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = case.app.clock.now().seconds();
    let jti = format!("tm-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut claims = json!({ "iss": PKJ, "sub": PKJ, "aud": "https://id.example", "jti": jti, "exp": now + 60, "iat": now });
    change(&mut claims, now);
    claims
}

/// Half a minute of skew, and not a second more.
async fn tm_001(case: &Case) {
    type Row = (&'static str, fn(&mut Value, i64), bool);
    let table: [Row; 12] = [
        ("exp 30 s ago", |claims, now| claims["exp"] = (now - 30).into(), true),
        ("exp 31 s ago", |claims, now| claims["exp"] = (now - 31).into(), false),
        ("iat 30 s ahead", |claims, now| claims["iat"] = (now + 30).into(), true),
        ("iat 31 s ahead", |claims, now| claims["iat"] = (now + 31).into(), false),
        ("nbf 30 s ahead", |claims, now| claims["nbf"] = (now + 30).into(), true),
        ("nbf 31 s ahead", |claims, now| claims["nbf"] = (now + 31).into(), false),
        ("ten minutes", |claims, now| claims["exp"] = (now + 600).into(), true),
        ("an hour", |claims, now| claims["exp"] = (now + 3600).into(), false),
        ("an hour since iat", |claims, now| claims["iat"] = (now - 3600).into(), false),
        ("milliseconds", |claims, now| claims["exp"] = (now * 1000).into(), false),
        ("exp before iat", |claims, now| claims["exp"] = (now - 60).into(), false),
        ("nbf long ago", |claims, now| claims["nbf"] = (now - 100_000).into(), true),
    ];
    for (what, change, is_accepted) in table {
        let claims = claims(case, change);
        let expected = if is_accepted {
            status(200).change("tickets", 1)
        } else {
            error(401, "invalid_client").event("assertion.times")
        };
        let reply = case.expect(expected, asserted(case, &claims)).await;
        assert_eq!(reply.status == 200, is_accepted, "{what}: {}", reply.body);
    }
    // Our own tokens end at their second: nobody's clock is skewed against itself.
    let token = case.app.tokens(WEB, &[]).await.text("access_token");
    case.app.advance_s(599);
    assert_eq!(case.app.userinfo(&token).await.status, 200);
    case.app.advance_s(1);
    assert_eq!(case.app.userinfo(&token).await.status, 401);
}

async fn tm_002(case: &Case) {
    for absent in [None, Some(Value::Null), Some(json!("")), Some(json!([])), Some(json!("never"))] {
        let claims = claims(case, |claims, _| match absent.clone() {
            None => drop(claims.as_object_mut().expect("claims are an object").remove("exp")),
            Some(value) => claims["exp"] = value,
        });
        case.expect(error(401, "invalid_client"), asserted(case, &claims)).await;
    }
}

/// Two hours at once: what is over is over, what is not goes on, and nobody is locked out.
async fn tm_003(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let all = tokens(case, &browser, WEB, &OFFLINE).await;
    let waiting = browser.code(WEB, &[]).await;
    let page = doorward_tests::Page::of(case.app.browser().authorize(SPA, &[]).await);
    for _ in 0..50 {
        case.app.get("/userinfo", &[("authorization", "Bearer x")]).await;
    }
    case.app.advance_s(2 * 3600);
    assert!(!is_signed_in(&browser).await);
    assert!(!is_active(case, RS1, &all.text("access_token")).await);
    waiting.redeem(&case.app).await.assert_error(400, "invalid_grant");
    let refreshed = case.app.refresh(WEB, &all.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    assert!(is_active(case, RS1, &refreshed.text("access_token")).await);
    let late = case.app.browser();
    let reply = late.submit(&page, &doorward_tests::credentials(ALICE)).await;
    assert_eq!(reply.status, 403, "a form of another browser: {}", reply.body);
    assert!(is_signed_in(&signed_in(case, ALICE).await).await);
    // A step while it runs is not adopted: the clock's own tests show it.
    shown_at_the_edge(CLOCK, &["it_neither_stands_nor_runs_backwards_when_the_source_is_set_back"]);
}

/// Set back by two hours: the time of the last use is kept, and a server that would begin before it does not begin.
async fn tm_004(case: &Case) {
    let code = case.app.code(WEB, &[]).await;
    assert_eq!(code.redeem(&case.app).await.status, 200);
    let used = claims(case, |_, _| ());
    assert_eq!(asserted(case, &used).await.status, 200);
    let ahead_ms = case.app.ahead_of_the_wall(2 * 3600).await;
    let old = case.app.tokens(WEB, &[]).await.text("access_token");
    case.app.advance_s(700);
    assert!(!is_active(case, RS1, &old).await);
    match case.app.open_by_the_wall().await {
        None => {}
        Some(Err(OpenError::ClockAhead(mark))) => {
            assert!(mark.mark.0 - mark.source.0 > ahead_ms - 60_000, "{mark}");
            assert!(mark.to_string().contains("--accept-clock"), "{mark}");
        }
        Some(other) => panic!("a server began before its last use: {other:?}"),
    }
    // What was used stays used whatever the time is.
    asserted(case, &used).await.assert_error(401, "invalid_client");
    code.redeem(&case.app).await.assert_error(400, "invalid_grant");
}

/// Keys that rotate under load: whoever reads the key set again when a name is new verifies every token.
async fn tm_006(case: &Case) {
    let tenant = TenantId::from(T1);
    let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut set = key_set(case).await;
    let mut alive: Vec<(String, i64)> = Vec::new();
    let (mut tokens, mut fetches) = (0, 1);
    for round in 0..8 {
        for _ in 0..25 {
            let token = case.app.token_as(M2M, &form).await.text("access_token");
            if !verifies(&set, &token) {
                set = key_set(case).await;
                fetches += 1;
            }
            assert!(verifies(&set, &token), "round {round}");
            alive.push((token, case.app.clock.now().seconds() + 600));
            tokens += 1;
            case.app.advance_s(1);
        }
        keys::rotate(&case.app.store, &tenant, Algorithm::Es256, 600, &Actor::Server)
            .await
            .expect("keys can be rotated");
        let now = case.app.clock.now().seconds();
        alive.retain(|(_, until)| *until > now);
        // A cache that begins now knows every key of a living token.
        let fresh = key_set(case).await;
        for (token, _) in &alive {
            assert!(verifies(&fresh, token), "round {round}");
            assert!(is_active(case, RS1, token).await);
        }
    }
    assert!(tokens == 200 && fetches <= 9, "{fetches} fetches");
    by_age(case, &tenant).await;
}

/// By age a key is published for longer than a key set may be kept before it signs, and for longer than a token lives after.
async fn by_age(case: &Case, tenant: &TenantId) {
    let day = 86_400;
    let state = async |state: KeyState| {
        let found = case.app.store.keys(tenant).await.expect("keys can be read");
        found.into_iter().find(|key| key.algorithm == "ES256" && key.state == state)
    };
    let first = state(KeyState::Current).await.expect("a key signs");
    let (mut published_at, mut took_over_at) = (None, None);
    case.app.advance_s(89 * day);
    for _ in 0..(3 * 24) {
        case.app.advance_s(3600);
        keys::rotate_by_age(&case.app.store, tenant, 90 * day, 600).await.expect("keys can be rotated");
        let now = case.app.clock.now();
        let next = state(KeyState::Next).await;
        if published_at.is_none() && next.is_some() {
            published_at = next.map(|key| key.created_at);
        }
        if state(KeyState::Current).await.is_some_and(|key| key.kid != first.kid) {
            took_over_at = Some(now);
            break;
        }
    }
    let (published_at, took_over_at) =
        (published_at.expect("a key was published"), took_over_at.expect("it took over"));
    let cached = case.app.get("/jwks", &[]).await;
    let max_age: i64 = cached
        .header("cache-control")
        .and_then(|text| text.split("max-age=").nth(1))
        .and_then(|age| age.parse().ok())
        .expect("a key set says how long it may be kept");
    assert!(took_over_at.since_ms(published_at) > max_age * 1000, "{}", took_over_at.since_ms(published_at));
    let previous = case.app.store.keys(tenant).await.expect("keys can be read");
    let previous = previous.iter().find(|key| key.kid == first.kid).expect("it is still published");
    let until = previous.published_until.expect("not for ever");
    assert!(until.since_ms(took_over_at) >= 600_000);
}

async fn key_set(case: &Case) -> JwkSet {
    JwkSet::parse(case.app.get("/jwks", &[]).await.body).expect("a key set can be read")
}

fn verifies(set: &JwkSet, token: &str) -> bool {
    let Ok(unverified) = Unverified::parse(token) else { return false };
    set.find(unverified.header()).is_some_and(|key| unverified.verify(key).is_ok())
}

/// The key set: public members, unique names, use and algorithm of each, after rotations too.
async fn tm_008(case: &Case) {
    for algorithm in Algorithm::SIGNING {
        keys::rotate(&case.app.store, &TenantId::from(T1), algorithm, 600, &Actor::Server)
            .await
            .expect("keys can be rotated");
    }
    for path in ["/jwks", "/t/t2/jwks"] {
        let reply = case.app.get(path, &[]).await;
        let document = reply.json();
        let keys = document["keys"].as_array().expect("a list");
        let mut names: Vec<&str> = keys.iter().filter_map(|key| key["kid"].as_str()).collect();
        assert_eq!(names.len(), keys.len());
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), keys.len());
        for key in keys {
            let members: Vec<&str> = key.as_object().expect("an object").keys().map(String::as_str).collect();
            let allowed: &[&str] = match key["kty"].as_str() {
                Some("RSA") => &["alg", "e", "kid", "kty", "n", "use"],
                Some("EC") => &["alg", "crv", "kid", "kty", "use", "x", "y"],
                Some("OKP") => &["alg", "crv", "kid", "kty", "use", "x"],
                other => panic!("{other:?}"),
            };
            assert!(members.iter().all(|member| allowed.contains(member)), "{members:?}");
            assert_eq!((members.len(), key["use"].as_str()), (allowed.len(), Some("sig")));
        }
    }
    // No key of one tenant is in another's set.
    let (one, two) = (case.app.get("/jwks", &[]).await.json(), case.app.get("/t/t2/jwks", &[]).await.json());
    for key in one["keys"].as_array().expect("a list") {
        assert!(!two["keys"].as_array().expect("a list").contains(key));
    }
}

/// A key that is withdrawn: every token that it signed is dead at once, and others are signed by another.
async fn tm_009(case: &Case) {
    let tenant = TenantId::from(T1);
    let browser = signed_in(case, ALICE).await;
    let all = tokens(case, &browser, WEB, &OFFLINE).await;
    let access = all.text("access_token");
    let kid =
        Unverified::parse(&access).expect("it is a JWT").header().kid().expect("it names its key").to_owned();
    let old = key_set(case).await;
    keys::rotate(&case.app.store, &tenant, Algorithm::Es256, 600, &Actor::Server)
        .await
        .expect("keys can be rotated");
    assert!(is_active(case, RS1, &access).await, "a rotation alone ends nothing");
    put(&case.app, vec![Effect::RemoveKey(tenant.clone(), KeyId(kid.clone()))]).await;
    assert!(!is_active(case, RS1, &access).await);
    assert_eq!(case.app.userinfo(&access).await.status, 401);
    let now = key_set(case).await;
    assert!(!verifies(&now, &access) && verifies(&old, &access));
    assert!(!now.keys().iter().any(|key| key.kid() == Some(&kid)));
    // Grants are not signed by it: the next access token is another key's.
    let refreshed = case.app.refresh(WEB, &all.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let fresh = refreshed.text("access_token");
    assert!(verifies(&now, &fresh) && is_active(case, RS1, &fresh).await);
    let events = case.new_events().await;
    assert!(events.iter().any(|event| event.kind.as_str() == "key.changed"));
}

/// Without the key-encryption key, or with another, nothing begins and nothing is written.
async fn tm_013(case: &Case) {
    case.app.tokens(WEB, &OFFLINE).await;
    let good = case.app.key_text();
    let cut = good.trim_end()[..good.trim_end().len() - 4].to_owned();
    let other = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY".to_owned();
    let bad = [
        Some(other),
        Some(cut),
        Some(String::new()),
        Some("\u{e9}".repeat(20)),
        Some("A".repeat(4000)),
        None,
    ];
    for key in bad {
        let refused = case.app.refused_with_key(key.as_deref()).await;
        let refused = refused.unwrap_or_else(|| panic!("it begins with {key:?}")).to_string();
        assert!(refused.to_lowercase().contains("key"), "{refused}");
        for secret in key.iter().filter(|key| key.len() > 8) {
            assert!(!refused.contains(secret.as_str()), "the message tells the key: {refused}");
        }
    }
    assert_eq!(case.app.refused_with_key(Some(&good)).await, None);
}

/// A sealed value belongs to its row: in another one it does not open, and nothing is signed with it.
async fn tm_015(case: &Case) {
    let tenant = TenantId::from(T1);
    let found = case.app.store.keys(&tenant).await.expect("keys can be read");
    let of = |name: &str| {
        found
            .iter()
            .find(|key| key.algorithm == name && key.state == KeyState::Current)
            .expect("it signs")
            .clone()
    };
    let (one, two) = (of("ES256"), of("EdDSA"));
    let before = case.app.tokens(WEB, &[]).await.text("access_token");
    let swapped = doorward_core::model::KeyRecord { sealed: two.sealed.clone(), ..one.clone() };
    put(&case.app, vec![Effect::RemoveKey(tenant.clone(), one.kid.clone())]).await;
    put(&case.app, vec![Effect::PutKey(swapped)]).await;
    // Whoever reads it anew refuses, and says which; who had read it before either goes on or has no key, and never another's.
    let refused = case.app.reopen().await.expect_err("a swapped value opens");
    assert!(refused.to_string().contains(one.kid.as_str()), "{refused}");
    let reply = case.app.code(WEB, &[]).await.redeem(&case.app).await;
    match reply.status {
        200 => assert!(verifies(&key_set(case).await, &reply.text("access_token"))),
        503 => {}
        other => panic!("{other} {}", reply.body),
    }
    put(&case.app, vec![Effect::RemoveKey(tenant.clone(), one.kid.clone())]).await;
    put(&case.app, vec![Effect::PutKey(one)]).await;
    assert!(case.app.reopen().await.is_ok());
    let after = case.app.tokens(WEB, &[]).await.text("access_token");
    let set = key_set(case).await;
    assert!(verifies(&set, &before) && verifies(&set, &after));
}

const CLOCK: &str = include_str!("../../../crates/store/src/clock.rs");
