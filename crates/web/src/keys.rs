//! Signing keys: made for every tenant and algorithm, rotated by command and by age. A new key is published as `next` before it
//! signs; a retired one stays published as long as a token that it signed can live.

use doorward_core::id::{KeyId, TenantId};
use doorward_core::model::{Actor, Event, EventKind, KeyRecord, KeyState, MacKeyRecord};
use doorward_core::{Ctx, Effect, Timestamp};
use doorward_crypto::base62;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::random::{self, Random, SystemRandom};
use doorward_store::keys::{mac_key_aad, signing_key_aad};
use doorward_store::{CommitError, Fault, Store};

/// Algorithms that every tenant has a key for.
pub const ALGORITHMS: [Algorithm; 4] = Algorithm::SIGNING;

/// Whether a tenant may not rotate the keys of so many algorithms now: each leaves one more key published while its tokens live, and
/// those who read our key set take no more than fifty.
pub fn is_full(keys: &[KeyRecord], rotated: usize, now: Timestamp) -> bool {
    let is_published = |key: &&KeyRecord| {
        key.state != KeyState::Retired && key.published_until.is_none_or(|until| now < until)
    };
    keys.iter().filter(is_published).count() + rotated > MOST_PUBLISHED
}

/// Make what is missing: a current key per algorithm, and a MAC key. Safe to call on every start and from several nodes. Events
/// name `by`.
pub async fn ensure(store: &Store, tenant: &TenantId, by: &Actor) -> Result<(), Fault> {
    let keys = store.keys(tenant).await?;
    let mut effects = Vec::new();
    for algorithm in ALGORITHMS {
        let has_current =
            keys.iter().any(|key| key.algorithm == algorithm.as_str() && key.state == KeyState::Current);
        if !has_current {
            effects.extend(new_key(store, tenant, algorithm, KeyState::Current, by).await?);
        }
    }
    if store.mac_keys(tenant).await?.is_empty() {
        effects.push(new_mac_key(store, tenant, 1).await?);
    }
    settle(store, effects).await?;
    if store.webhook_keys(tenant, 1).await?.is_empty() {
        settle(store, new_webhook_key(store, tenant, by).await?).await?;
    }
    Ok(())
}

/// What makes a further key that signs what extensions are told. It takes over at once: those before it stay known. Conflict: another was
/// made meanwhile.
pub async fn new_webhook_key(store: &Store, tenant: &TenantId, by: &Actor) -> Result<Vec<Effect>, Fault> {
    let newest = store.webhook_keys(tenant, 1).await?;
    let key = store.fresh_webhook_key(tenant, newest.first().map_or(1, |key| key.number + 1)).await?;
    let request_id = if *by == Actor::Operator { "operator" } else { "keys" };
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now: store.now(), rng: &mut rng, request_id, address: "" };
    let event = Event::new(EventKind::KeyChanged, tenant, by.clone(), &mut ctx)
        .data(serde_json::json!({ "webhook_key": key.serial, "algorithm": "Ed25519", "state": "current" }));
    Ok(vec![Effect::PutWebhookKey(key), Effect::Record(event)])
}

/// Rotate: `next` takes over (made on the spot when there is none), `current` retires, and a new `next` is published. Events name
/// `by`.
pub async fn rotate(
    store: &Store,
    tenant: &TenantId,
    algorithm: Algorithm,
    longest_token_s: i64,
    by: &Actor,
) -> Result<(), Fault> {
    let keys = store.keys(tenant).await?;
    let effects = rotating(store, tenant, &keys, algorithm, longest_token_s, by).await?;
    settle(store, effects).await
}

/// What rotates the keys of an algorithm, given the tenant's keys. Conflict: they were rotated meanwhile.
pub async fn rotating(
    store: &Store,
    tenant: &TenantId,
    keys: &[KeyRecord],
    algorithm: Algorithm,
    longest_token_s: i64,
    by: &Actor,
) -> Result<Vec<Effect>, Fault> {
    let of = |state| keys.iter().find(|key| key.algorithm == algorithm.as_str() && key.state == state);
    let now = store.now();
    let mut effects = Vec::new();
    if let Some(current) = of(KeyState::Current) {
        effects.push(Effect::MoveKey {
            tenant: tenant.clone(),
            kid: current.kid.clone(),
            from: KeyState::Current,
            to: KeyState::Previous,
            now,
            published_until: Some(now.plus_s(longest_token_s + PUBLISHED_MARGIN_S)),
        });
    }
    match of(KeyState::Next) {
        Some(next) => effects.push(Effect::MoveKey {
            tenant: tenant.clone(),
            kid: next.kid.clone(),
            from: KeyState::Next,
            to: KeyState::Current,
            now,
            published_until: None,
        }),
        None => effects.extend(new_key(store, tenant, algorithm, KeyState::Current, by).await?),
    }
    effects.extend(new_key(store, tenant, algorithm, KeyState::Next, by).await?);
    Ok(effects)
}

/// Keys as effects leave them.
pub fn after(mut keys: Vec<KeyRecord>, effects: &[Effect]) -> Vec<KeyRecord> {
    for effect in effects {
        match effect {
            Effect::PutKey(key) => keys.push(key.clone()),
            Effect::MoveKey { kid, to, now, published_until, .. } => {
                for key in keys.iter_mut().filter(|key| key.kid == *kid) {
                    key.state = *to;
                    let at = |state: KeyState| (*to == state).then_some(*now);
                    key.activated_at = at(KeyState::Current).or(key.activated_at);
                    key.retired_at = at(KeyState::Previous).or(key.retired_at);
                    key.published_until = published_until.or(key.published_until);
                }
            }
            // Nothing else changes a list of keys.
            _ => {}
        }
    }
    keys
}

/// Rotation by age: a `next` key is published well before its predecessor is old, and takes over when it is.
pub async fn rotate_by_age(
    store: &Store,
    tenant: &TenantId,
    rotation_s: i64,
    longest_token_s: i64,
) -> Result<(), Fault> {
    let now = store.now();
    for algorithm in ALGORITHMS {
        let keys = store.keys(tenant).await?;
        let of = |state| keys.iter().find(|key| key.algorithm == algorithm.as_str() && key.state == state);
        let Some(current) = of(KeyState::Current) else { continue };
        let signs_since = current.activated_at.unwrap_or(current.created_at);
        if is_full(&keys, 1, now) {
            continue;
        }
        if now >= signs_since.plus_s(rotation_s) && of(KeyState::Next).is_some_and(|next| is_known(next, now))
        {
            rotate(store, tenant, algorithm, longest_token_s, &Actor::Server).await?;
        } else if of(KeyState::Next).is_none() && now >= signs_since.plus_s(rotation_s - 2 * KNOWN_AFTER_S) {
            let effects = new_key(store, tenant, algorithm, KeyState::Next, &Actor::Server).await?;
            settle(store, effects).await?;
        }
    }
    Ok(())
}

/// Whether caches of the key set have had time to learn of the key.
fn is_known(next: &KeyRecord, now: Timestamp) -> bool {
    now >= next.created_at.plus_s(KNOWN_AFTER_S)
}

async fn new_key(
    store: &Store,
    tenant: &TenantId,
    algorithm: Algorithm,
    state: KeyState,
    by: &Actor,
) -> Result<Vec<Effect>, Fault> {
    let kid = fresh_kid(&mut SystemRandom);
    let made = {
        let kid = kid.clone();
        // An RSA key takes a tenth of a second: not on a thread that answers requests.
        tokio::task::spawn_blocking(move || SigningKey::generate(algorithm, &kid)).await
    };
    let key = made
        .ok()
        .and_then(Result::ok)
        .ok_or_else(|| Fault::new("make a key", "the key could not be generated"))?;
    adopting(store, tenant, &key, state, by).await
}

/// A `kid`: sixteen random letters and digits (95 bits), because a command is given it as an argument, which must not begin with `-`.
fn fresh_kid(rng: &mut dyn Random) -> String {
    let bytes: [u8; 12] = random::array(rng);
    // The first of the seventeen digits is hardly ever another than 0.
    base62::encode_fixed(&bytes, base62::length_for(bytes.len())).split_off(1)
}

/// Take a key that was made elsewhere into a tenant's set, in that state.
pub async fn adopt(store: &Store, tenant: &TenantId, key: &SigningKey, state: KeyState) -> Result<(), Fault> {
    let effects = adopting(store, tenant, key, state, &Actor::Server).await?;
    settle(store, effects).await
}

async fn adopting(
    store: &Store,
    tenant: &TenantId,
    key: &SigningKey,
    state: KeyState,
    by: &Actor,
) -> Result<Vec<Effect>, Fault> {
    let (kid, algorithm) = (key.kid(), key.algorithm());
    let sealer = store.sealer(tenant).await?;
    let now = store.now();
    let record = KeyRecord {
        tenant: tenant.clone(),
        kid: KeyId(kid.to_owned()),
        algorithm: algorithm.as_str().to_owned(),
        state,
        sealed: sealer.seal(&signing_key_aad(tenant, kid), key.pkcs8().expose(), &mut SystemRandom),
        public_jwk: key.public_jwk().to_json(),
        created_at: now,
        activated_at: (state == KeyState::Current).then_some(now),
        retired_at: None,
        published_until: None,
    };
    let request_id = if *by == Actor::Operator { "operator" } else { "keys" };
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now, rng: &mut rng, request_id, address: "" };
    let event = Event::new(EventKind::KeyChanged, tenant, by.clone(), &mut ctx)
        .data(serde_json::json!({ "kid": kid, "algorithm": algorithm.as_str(), "state": state.as_str() }));
    Ok(vec![Effect::PutKey(record), Effect::Record(event)])
}

async fn new_mac_key(store: &Store, tenant: &TenantId, serial: i64) -> Result<Effect, Fault> {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    let sealer = store.sealer(tenant).await?;
    let sealed = sealer.seal(&mac_key_aad(tenant, serial), &bytes, &mut SystemRandom);
    Ok(Effect::PutMacKey(MacKeyRecord { tenant: tenant.clone(), serial, sealed, created_at: store.now() }))
}

/// Commit; that another node was faster is fine.
async fn settle(store: &Store, effects: Vec<Effect>) -> Result<(), Fault> {
    if effects.is_empty() {
        return Ok(());
    }
    match store.commit(effects).await {
        Ok(()) | Err(CommitError::Conflict) => Ok(()),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

/// Keys of a tenant that are published at a time, unless its keys grow old faster than its tokens.
const MOST_PUBLISHED: usize = 40;
/// A key is published at least so long before it signs: longer than the key set may be cached.
const KNOWN_AFTER_S: i64 = 3600;
/// Beyond the longest token's life, for clocks that differ.
const PUBLISHED_MARGIN_S: i64 = 120;

#[cfg(test)]
mod tests {
    use super::*;

    /// 0xfb 0xff would be `-_` in base64url, and a command would take it for a switch.
    #[test]
    fn a_kid_is_letters_and_digits_whatever_was_drawn() {
        struct Same(u8);
        impl Random for Same {
            fn fill(&mut self, out: &mut [u8]) {
                out.fill(self.0);
            }
        }
        for byte in 0..=u8::MAX {
            let kid = fresh_kid(&mut Same(byte));
            assert!(kid.len() == 16 && kid.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{kid}");
        }
    }
}
