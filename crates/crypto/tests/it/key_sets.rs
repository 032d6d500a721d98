//! Public keys as clients publish them: what is read, skipped, refused; and which key a token gets.

use doorward_crypto::jose::{
    algorithm::Algorithm,
    key::SigningKey,
    key_set::{BadJwk, BadJwkSet, Jwk, JwkSet, LONGEST_SET, MOST_KEYS, WeakRsa},
    sign::sign,
    verify::Unverified,
};
use serde_json::{Value, json};

/// The EC key of RFC 7517, appendix A.1.
fn ec() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    })
}

/// The Ed25519 key of RFC 8037, appendix A.2.
fn okp() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
}

fn rsa() -> Value {
    crate::vectors::read("jose-cookbook/jwk/3_3.rsa_public_key.json")
}

/// `key` with members replaced, or removed where the value is null.
fn with(key: Value, changes: Value) -> Value {
    let mut key = key;
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => key.as_object_mut().unwrap().remove(name),
            _ => key.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    key
}

fn base64url(bytes: &[u8]) -> String {
    doorward_crypto::base64url::encode(bytes)
}

#[test]
fn keys_that_are_read() {
    let rows = [
        (ec(), &[Algorithm::Es256][..]),
        (with(ec(), json!({ "use": "sig", "kid": "", "alg": "ES256" })), &[Algorithm::Es256]),
        (with(ec(), json!({ "key_ops": ["verify"] })), &[Algorithm::Es256]),
        (
            with(ec(), json!({ "key_ops": ["sign", "verify"], "x5c": ["AAAA"], "x5t": "A", "iat": 1 })),
            &[Algorithm::Es256],
        ),
        (okp(), &[Algorithm::EdDSA]),
        (with(rsa(), json!({ "alg": "PS384" })), &[Algorithm::Ps384]),
        (
            rsa(),
            &[
                Algorithm::Rs256,
                Algorithm::Rs384,
                Algorithm::Rs512,
                Algorithm::Ps256,
                Algorithm::Ps384,
                Algorithm::Ps512,
            ],
        ),
    ];
    for (key, expected) in rows {
        let read = Jwk::parse(key.to_string()).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(read.verifying_key().algorithms().collect::<Vec<_>>(), expected, "{key}");
    }
}

#[test]
fn keys_that_are_refused() {
    let off_curve = with(ec(), json!({ "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyN" }));
    let off_curve_2 = with(ec(), json!({ "x": base64url(&[0; 32]), "y": base64url(&[0; 32]) }));
    let over_p = with(ec(), json!({ "x": base64url(&[0xff; 32]) }));
    let mut odd_modulus = vec![0xffu8; 256];
    odd_modulus[255] = 0xfe;
    let rows = [
        (with(ec(), json!({ "d": "AA" })), BadJwk::PrivateMember),
        (with(okp(), json!({ "d": "AA" })), BadJwk::PrivateMember),
        (with(rsa(), json!({ "p": "AA" })), BadJwk::PrivateMember),
        (with(rsa(), json!({ "oth": [] })), BadJwk::PrivateMember),
        (with(rsa(), json!({ "k": "" })), BadJwk::PrivateMember),
        (json!({ "kty": "oct", "k": "AA" }), BadJwk::PrivateMember),
        (json!({ "kty": "oct" }), BadJwk::UnknownType),
        (json!({ "kty": "AKP", "pub": "AA" }), BadJwk::UnknownType),
        (json!({}), BadJwk::Malformed("kty")),
        (with(ec(), json!({ "kty": "ec" })), BadJwk::UnknownType),
        (with(ec(), json!({ "kty": 1 })), BadJwk::Malformed("kty")),
        (with(ec(), json!({ "crv": "P-521" })), BadJwk::UnknownType),
        (with(ec(), json!({ "crv": "secp256k1" })), BadJwk::UnknownType),
        (with(ec(), json!({ "crv": null })), BadJwk::Malformed("crv")),
        (with(ec(), json!({ "crv": "P-384" })), BadJwk::Malformed("x")),
        (with(ec(), json!({ "y": null })), BadJwk::Malformed("y")),
        (with(ec(), json!({ "x": "AA" })), BadJwk::Malformed("x")),
        (with(ec(), json!({ "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4=" })), BadJwk::Malformed("x")),
        (off_curve, BadJwk::Malformed("y")),
        (off_curve_2, BadJwk::NotOnCurve),
        (with(ec(), json!({ "y": base64url(&[7; 32]) })), BadJwk::NotOnCurve),
        (over_p, BadJwk::NotOnCurve),
        (with(okp(), json!({ "crv": "X25519" })), BadJwk::UnknownType),
        (with(okp(), json!({ "crv": "Ed448" })), BadJwk::UnknownType),
        (with(okp(), json!({ "x": base64url(&[9; 31]) })), BadJwk::Malformed("x")),
        (with(okp(), json!({ "x": base64url(&[9; 33]) })), BadJwk::Malformed("x")),
        (with(okp(), json!({ "x": base64url(&[0; 32]) })), BadJwk::NotOnCurve),
        (with(okp(), json!({ "x": base64url(&[0xff; 32]) })), BadJwk::NotOnCurve),
        (with(rsa(), json!({ "e": "AQ" })), BadJwk::WeakRsa(WeakRsa::Exponent)),
        (with(rsa(), json!({ "e": "Aw" })), BadJwk::WeakRsa(WeakRsa::Exponent)),
        (with(rsa(), json!({ "e": "AQAAAAE" })), BadJwk::WeakRsa(WeakRsa::Exponent)),
        (with(rsa(), json!({ "e": "AAEAAQ" })), BadJwk::Malformed("e")),
        (with(rsa(), json!({ "e": "" })), BadJwk::Malformed("e")),
        (with(rsa(), json!({ "n": base64url(&[0xff; 128]) })), BadJwk::WeakRsa(WeakRsa::Size)),
        (with(rsa(), json!({ "n": base64url(&[0xff; 2048]) })), BadJwk::WeakRsa(WeakRsa::Size)),
        (with(rsa(), json!({ "n": base64url(&odd_modulus) })), BadJwk::WeakRsa(WeakRsa::Factor)),
        (with(rsa(), json!({ "n": base64url(&[0xff; 256]) })), BadJwk::WeakRsa(WeakRsa::Factor)),
        (with(rsa(), json!({ "n": base64url(&[&[0][..], &[0xff; 256]].concat()) })), BadJwk::Malformed("n")),
        (with(rsa(), json!({ "n": "" })), BadJwk::Malformed("n")),
        (with(ec(), json!({ "alg": "ES384" })), BadJwk::AlgorithmMismatch),
        (with(ec(), json!({ "alg": "RS256" })), BadJwk::AlgorithmMismatch),
        (with(rsa(), json!({ "alg": "EdDSA" })), BadJwk::AlgorithmMismatch),
        (with(ec(), json!({ "alg": "none" })), BadJwk::AlgorithmRefused),
        (with(rsa(), json!({ "alg": "RSA-OAEP" })), BadJwk::AlgorithmRefused),
        (with(rsa(), json!({ "alg": "HS256" })), BadJwk::AlgorithmRefused),
        (with(ec(), json!({ "alg": 1 })), BadJwk::Malformed("alg")),
        (with(ec(), json!({ "kid": 1 })), BadJwk::Malformed("kid")),
        (with(ec(), json!({ "use": "enc" })), BadJwk::NotForSignatures),
        (with(ec(), json!({ "use": ["sig"] })), BadJwk::Malformed("use")),
        (with(ec(), json!({ "key_ops": [] })), BadJwk::NotForSignatures),
        (with(ec(), json!({ "key_ops": ["sign"] })), BadJwk::NotForSignatures),
        (with(ec(), json!({ "use": "sig", "key_ops": ["encrypt"] })), BadJwk::NotForSignatures),
        (with(ec(), json!({ "key_ops": ["verify", "verify"] })), BadJwk::Malformed("key_ops")),
        (with(ec(), json!({ "key_ops": "verify" })), BadJwk::Malformed("key_ops")),
        (with(ec(), json!({ "key_ops": [1] })), BadJwk::Malformed("key_ops")),
        (json!([]), BadJwk::NotJson),
        (with(ec(), json!({ "x5c": [[[[[[]]]]]] })), BadJwk::NotJson),
    ];
    for (key, expected) in rows {
        assert_eq!(Jwk::parse(key.to_string()).unwrap_err(), expected, "{key}");
    }
    assert_eq!(Jwk::parse(r#"{"kty":"EC","kty":"EC"}"#).unwrap_err(), BadJwk::DuplicateMember);
}

#[test]
fn a_set_skips_what_it_cannot_use() {
    let set = json!({
        "keys": [
            with(ec(), json!({ "kid": "1" })),
            { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" },
            with(ec(), json!({ "kid": "1", "use": "enc" })),
            with(rsa(), json!({ "kid": "2", "e": "Aw" })),
            with(okp(), json!({ "kid": "3" })),
        ],
        "other": { "x": 1 },
    });
    let set = JwkSet::parse(set.to_string()).unwrap();
    assert_eq!(set.keys().iter().map(|key| key.kid().unwrap()).collect::<Vec<_>>(), ["1", "3"]);
    let skipped = [BadJwk::UnknownType, BadJwk::NotForSignatures, BadJwk::WeakRsa(WeakRsa::Exponent)];
    assert_eq!(set.skipped(), skipped);
    assert_eq!(JwkSet::parse(r#"{"keys":[]}"#).unwrap(), JwkSet::default());
}

#[test]
fn sets_that_are_refused() {
    let many = |count: usize| json!({ "keys": vec![json!({ "kty": "AKP" }); count] }).to_string();
    let twice = json!({ "keys": [with(ec(), json!({ "kid": "1" })), with(okp(), json!({ "kid": "1" }))] });
    let rows = [
        ("[]".to_owned(), BadJwkSet::NotJson),
        ("{}".to_owned(), BadJwkSet::NotJson),
        (r#"{"keys":{}}"#.to_owned(), BadJwkSet::NotJson),
        (r#"{"keys":[1]}"#.to_owned(), BadJwkSet::NotJson),
        (ec().to_string(), BadJwkSet::NotJson),
        (r#"{"keys":[],"keys":[]}"#.to_owned(), BadJwkSet::DuplicateMember),
        (r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#.to_owned(), BadJwkSet::DuplicateMember),
        (many(MOST_KEYS + 1), BadJwkSet::TooMany),
        (format!("{{\"keys\":[]{}}}", " ".repeat(LONGEST_SET)), BadJwkSet::TooLong),
        (twice.to_string(), BadJwkSet::DuplicateKid),
        (json!({ "keys": [ec(), with(okp(), json!({ "d": "AA" }))] }).to_string(), BadJwkSet::PrivateMember),
        (json!({ "keys": [{ "kty": "oct", "k": "AA" }] }).to_string(), BadJwkSet::PrivateMember),
    ];
    for (set, expected) in rows {
        assert_eq!(JwkSet::parse(&set).unwrap_err(), expected, "{}", &set[..set.len().min(100)]);
    }
    assert_eq!(JwkSet::parse(many(MOST_KEYS)).unwrap().skipped().len(), MOST_KEYS);
}

#[test]
fn a_published_set_can_be_read_and_verifies() {
    let keys =
        Algorithm::SIGNING.map(|algorithm| SigningKey::generate(algorithm, algorithm.as_str()).unwrap());
    let published = JwkSet::from_keys(keys.iter().map(SigningKey::public_jwk)).unwrap().to_json();
    let set = JwkSet::parse(&published).unwrap();
    for key in &keys {
        let token = sign(key, "at+jwt", b"{}");
        let unverified = Unverified::parse(&token).unwrap();
        assert!(unverified.verify(set.find(unverified.header()).unwrap()).is_ok());
    }
    let twice = JwkSet::from_keys([keys[0].public_jwk(), keys[0].public_jwk()]);
    assert_eq!(twice.unwrap_err(), BadJwkSet::DuplicateKid);
}

#[test]
fn which_key_a_token_gets() {
    let set = |keys: &[Value]| JwkSet::parse(json!({ "keys": keys }).to_string()).unwrap();
    let named = |kid: &str| with(ec(), json!({ "kid": kid }));
    let picks = |set: &JwkSet, header: Value| {
        let header = base64url(header.to_string().as_bytes());
        let token = format!("{header}.e30.AAAA");
        let unverified = Unverified::parse(&token).unwrap();
        set.find(unverified.header()).map(|key| key.kid().unwrap_or("-").to_owned())
    };
    let some = |kid: &str| Some(kid.to_owned());
    let both = set(&[named("a"), named("b"), with(okp(), json!({ "kid": "c" }))]);
    assert_eq!(picks(&both, json!({ "alg": "ES256", "kid": "b" })), some("b"));
    assert_eq!(picks(&both, json!({ "alg": "ES256", "kid": "c" })), None, "the key is of another kind");
    assert_eq!(picks(&both, json!({ "alg": "ES256", "kid": "x" })), None);
    assert_eq!(picks(&both, json!({ "alg": "ES256" })), None, "two fit");
    assert_eq!(picks(&both, json!({ "alg": "EdDSA" })), some("c"));
    assert_eq!(picks(&both, json!({ "alg": "RS256" })), None);
    let nameless = set(&[ec(), with(okp(), json!({ "kid": "c" }))]);
    assert_eq!(picks(&nameless, json!({ "alg": "ES256", "kid": "x" })), some("-"));
    assert_eq!(picks(&nameless, json!({ "alg": "EdDSA", "kid": "x" })), None);
}
