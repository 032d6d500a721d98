//! Access tokens whose signature was verified here before: an API that asks about the same token again costs no signature. Only what
//! was signed is remembered; whether the token still lives is asked of the database every time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use doorward_core::keys::TenantKeys;
use doorward_core::model::Issuer;
use doorward_core::token::claims::AccessClaims;
use doorward_core::token::read::Presented;
use doorward_crypto::digest::sha256;

/// Verified tokens by the SHA-256 of their text.
///
/// Each shard has two halves of bounded size: what is asked for moves to the young half, and when that is full the old one is
/// forgotten.
pub struct TokenCache {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    young: HashMap<[u8; 32], Verified>,
    old: HashMap<[u8; 32], Verified>,
}

#[derive(Clone)]
struct Verified {
    /// The keys it was verified with: when the tenant has others, it is verified again.
    keys: Weak<TenantKeys>,
    claims: Arc<AccessClaims>,
}

impl Default for TokenCache {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl TokenCache {
    /// What [`Presented::read`] says of a token of that issuer.
    pub fn read(&self, token: &str, issuer: &Issuer, keys: &Arc<TenantKeys>) -> Presented {
        // The first letters of every JSON object in base64url.
        if !token.starts_with("ey") {
            return Presented::read(token, &issuer.id, &issuer.url, keys);
        }
        let digest = sha256(token.as_bytes());
        let shard = &self.shards[usize::from(digest[0]) % SHARDS];
        let known = shard.lock().unwrap_or_else(PoisonError::into_inner).find(&digest);
        if let Some(known) = known
            && std::ptr::eq(known.keys.as_ptr(), Arc::as_ptr(keys))
            && known.claims.iss == issuer.url
        {
            return Presented::Jwt(known.claims);
        }
        let presented = Presented::read(token, &issuer.id, &issuer.url, keys);
        if let Presented::Jwt(claims) = &presented {
            let verified = Verified { keys: Arc::downgrade(keys), claims: Arc::clone(claims) };
            shard.lock().unwrap_or_else(PoisonError::into_inner).put(digest, verified);
        }
        presented
    }
}

impl Shard {
    fn find(&mut self, digest: &[u8; 32]) -> Option<Verified> {
        if let Some(known) = self.young.get(digest) {
            return Some(known.clone());
        }
        let known = self.old.remove(digest)?;
        self.put(*digest, known.clone());
        Some(known)
    }

    fn put(&mut self, digest: [u8; 32], verified: Verified) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, verified);
    }
}

const SHARDS: usize = 16;
/// Tokens in one half of a shard: 8,192 in all, a few megabytes.
const HALF: usize = 256;

#[cfg(test)]
mod tests {
    use doorward_core::Timestamp;
    use doorward_crypto::jose::algorithm::Algorithm;
    use doorward_crypto::jose::key::SigningKey;
    use doorward_crypto::jose::sign::sign;

    use super::*;

    fn issuer(url: &str) -> Issuer {
        Issuer {
            id: "i".into(),
            tenant: "t".into(),
            url: url.to_owned(),
            dialect: "standard".to_owned(),
            profile: "standard".to_owned(),
            shared_secret: None,
            disabled_at: None,
            version: 1,
            created_at: Timestamp(0),
        }
    }

    fn ring(key: &SigningKey) -> Arc<TenantKeys> {
        let verifying = [(key.kid().to_owned(), key.verifying_key())].into();
        Arc::new(TenantKeys { verifying, ..TenantKeys::default() })
    }

    fn token(key: &SigningKey, jti: usize) -> String {
        let claims = serde_json::json!({
            "iss": "https://a.example", "sub": "c", "aud": "x", "client_id": "c", "exp": 1, "iat": 0, "jti": jti.to_string(),
        });
        sign(key, "at+jwt", claims.to_string().as_bytes())
    }

    fn size(cache: &TokenCache) -> usize {
        let sizes = cache.shards.iter().map(|shard| {
            let shard = shard.lock().unwrap();
            shard.young.len() + shard.old.len()
        });
        sizes.sum()
    }

    #[test]
    fn what_is_remembered_holds_for_its_keys_and_its_issuer_only() {
        let (cache, key) = (TokenCache::default(), SigningKey::generate(Algorithm::EdDSA, "k").unwrap());
        let (keys, here, elsewhere) = (ring(&key), issuer("https://a.example"), issuer("https://b.example"));
        let token = token(&key, 1);
        let first = cache.read(&token, &here, &keys);
        assert!(matches!(first, Presented::Jwt(_)));
        assert_eq!(size(&cache), 1);
        assert_eq!(cache.read(&token, &here, &keys), first);
        assert_eq!(cache.read(&token, &elsewhere, &keys), Presented::Unknown);
        // The key was withdrawn.
        assert_eq!(cache.read(&token, &here, &Arc::default()), Presented::Unknown);
        assert_eq!(cache.read(&token, &here, &keys), first);
    }

    #[test]
    fn nothing_but_verified_tokens_is_kept_and_never_more_than_there_is_room_for() {
        let (cache, key) = (TokenCache::default(), SigningKey::generate(Algorithm::EdDSA, "k").unwrap());
        let (keys, here) = (ring(&key), issuer("https://a.example"));
        for garbage in ["", "ey", "eyJ.e.e", "dwa_x"] {
            assert_eq!(cache.read(garbage, &here, &keys), Presented::Unknown);
        }
        assert_eq!(size(&cache), 0);
        let Presented::Jwt(claims) = cache.read(&token(&key, 1), &here, &keys) else { panic!("it is one") };
        for number in 0..3 * SHARDS * HALF {
            let digest = sha256(&number.to_be_bytes());
            let verified = Verified { keys: Arc::downgrade(&keys), claims: Arc::clone(&claims) };
            cache.shards[usize::from(digest[0]) % SHARDS].lock().unwrap().put(digest, verified);
        }
        assert!(size(&cache) <= 2 * SHARDS * HALF);
    }
}
