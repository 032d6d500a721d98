//! What the fuzz targets call, so that the same functions also run under `cargo test` over a corpus and its mutations.
//!
//! Each takes any bytes, must not panic, and asserts what must hold of whatever it accepts.

use crate::{
    base62, base64url,
    jose::{key_set::JwkSet, verify::Unverified},
    password, seal,
};

/// Every parser of this crate in turn.
pub fn parse_anything(bytes: &[u8]) {
    jws(bytes);
    jwk_set(bytes);
    text_forms(bytes);
    stored(bytes);
    password_hash(bytes);
}

/// A JWS, as a bearer of one could present it.
pub fn jws(bytes: &[u8]) {
    let Ok(token) = std::str::from_utf8(bytes) else { return };
    if let Ok(unverified) = Unverified::parse(token) {
        let claims: serde_json::Value =
            serde_json::from_slice(unverified.claims_unverified()).expect("accepted claims are JSON");
        assert!(claims.is_object());
        assert!(Unverified::parse_any_payload(token).is_ok());
    }
}

/// A JWK set, as a client could publish it.
pub fn jwk_set(bytes: &[u8]) {
    if let Ok(set) = JwkSet::parse(bytes) {
        let again = JwkSet::parse(set.to_json()).expect("what we publish can be read");
        assert_eq!(again.to_json(), set.to_json());
        assert!(again.skipped().is_empty());
        set.keys().iter().for_each(|key| assert_eq!(key.thumbprint().len(), 43));
    }
}

/// The text forms of bytes: what is accepted is the one text of its value.
pub fn text_forms(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(value) = base64url::decode(text) {
        assert_eq!(base64url::encode(&value), text);
    }
    for length in [16, 29, 32] {
        if let Some(value) = base62::decode_fixed(text, length) {
            assert_eq!(base62::encode_fixed(&value, base62::length_for(length)), text);
        }
    }
}

/// A password hash of another system, as an import could bring it: what is accepted is affordable, and is verified without a panic.
pub fn password_hash(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let accepted = password::check(text).is_ok();
    assert!(!accepted || password::format::name_of(text).is_some());
    // What takes longer would only slow the search for a panic.
    if password::format::work_us(text).is_some_and(|work| work <= 2_000) {
        assert!(accepted);
        assert!(password::verify("a password that nobody has", text).is_ok());
    }
}

/// What comes back from a database: password hashes, sealed values; and a password as it is typed.
pub fn stored(bytes: &[u8]) {
    let key = seal::SealingKey::from_bytes(1, [1; 32]);
    assert!(key.open(b"", bytes).is_err());
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    password::needs_rehash(text);
    if let Ok(normal) = password::normalise(text) {
        assert_eq!(password::normalise(&normal).as_deref(), Ok(normal.as_str()));
    }
}
