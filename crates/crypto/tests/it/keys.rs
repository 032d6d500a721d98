//! Private keys: made, stored, read back, published; and those that are refused.

use doorward_crypto::jose::{
    algorithm::Algorithm,
    key::{BadKey, SigningKey},
    key_set::{BadJwk, WeakRsa},
    sign::sign,
    verify::Unverified,
};
use serde_json::Value;

use crate::vectors::read;

/// What stands in front of an Ed25519 seed in a PKCS#8 document (RFC 8410, section 7).
const ED25519_PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

#[test]
fn a_stored_key_is_the_same_key() {
    for algorithm in Algorithm::ALL {
        let made = SigningKey::generate(algorithm, "k1").unwrap();
        let read = SigningKey::from_pkcs8("k1", algorithm, made.pkcs8().expose()).unwrap();
        assert_eq!(read.public_jwk(), made.public_jwk());
        assert_eq!(read.pkcs8().expose(), made.pkcs8().expose());
        let token = sign(&read, "JWT", b"{}");
        assert!(Unverified::parse(&token).unwrap().verify(&made.verifying_key()).is_ok());
        assert_eq!((read.kid(), read.algorithm()), ("k1", algorithm));
    }
}

#[test]
fn what_is_published_is_public() {
    for algorithm in Algorithm::SIGNING {
        let key = SigningKey::generate(algorithm, "k1").unwrap();
        let jwk: Value = serde_json::to_value(key.public_jwk()).unwrap();
        let mut names: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected: &[&str] = match algorithm {
            Algorithm::Es256 => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            Algorithm::EdDSA => &["alg", "crv", "kid", "kty", "use", "x"],
            _ => &["alg", "e", "kid", "kty", "n", "use"],
        };
        assert_eq!(names, expected);
        assert_eq!(
            (&jwk["alg"], &jwk["use"], &jwk["kid"]),
            (&algorithm.as_str().into(), &"sig".into(), &"k1".into())
        );
    }
}

#[test]
fn nothing_private_is_printed() {
    let key = SigningKey::generate(Algorithm::Es256, "k1").unwrap();
    assert_eq!(format!("{key:?}"), "SigningKey(ES256 \"k1\", [secret])");
    assert_eq!(format!("{:?}", key.verifying_key()), "VerifyingKey(Some(\"k1\"), [Es256])");
}

#[test]
fn a_key_of_another_kind_is_refused() {
    for made in Algorithm::SIGNING {
        let pkcs8 = SigningKey::generate(made, "k1").unwrap().pkcs8();
        for asked in Algorithm::ALL {
            let same_kind = made == asked || (made.is_rsa() && asked.is_rsa());
            let read = SigningKey::from_pkcs8("k1", asked, pkcs8.expose());
            assert_eq!(read.is_ok(), same_kind, "{made} as {asked}");
        }
    }
}

#[test]
fn documents_that_are_cut_or_changed_are_refused_or_another_key() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA] {
        let key = SigningKey::generate(algorithm, "k1").unwrap();
        let pkcs8 = key.pkcs8();
        for end in 0..pkcs8.expose().len() {
            assert!(
                SigningKey::from_pkcs8("k1", algorithm, &pkcs8.expose()[..end]).is_err(),
                "{algorithm} {end}"
            );
        }
        for at in 0..pkcs8.expose().len() {
            let mut changed = pkcs8.expose().clone();
            changed[at] ^= 1;
            if let Ok(read) = SigningKey::from_pkcs8("k1", algorithm, &changed) {
                assert!(read.public_jwk() != key.public_jwk() || *read.pkcs8().expose() == *pkcs8.expose());
            }
        }
    }
    assert_eq!(SigningKey::from_pkcs8("k1", Algorithm::Rs256, b"").unwrap_err(), BadKey::Pkcs8);
}

#[test]
fn the_seed_of_rfc_8037_has_the_key_of_rfc_8037() {
    let vector = read("jose-cookbook/curve25519/jws.json");
    let seed = doorward_crypto::base64url::decode(vector["input"]["key"]["d"].as_str().unwrap()).unwrap();
    let key = SigningKey::from_pkcs8("k1", Algorithm::EdDSA, &[&ED25519_PKCS8[..], &seed].concat()).unwrap();
    let jwk: Value = serde_json::to_value(key.public_jwk()).unwrap();
    assert_eq!(jwk["x"], vector["input"]["key"]["x"]);
}

#[test]
fn a_large_rsa_key_is_refused_and_one_of_3072_bits_is_not() {
    use aws_lc_rs::{encoding::AsDer, rsa::KeySize, signature::RsaKeyPair};
    let pair = RsaKeyPair::generate(KeySize::Rsa3072).unwrap();
    let key = SigningKey::from_pkcs8("k1", Algorithm::Rs256, pair.as_der().unwrap().as_ref()).unwrap();
    let token = sign(&key, "JWT", b"{}");
    assert!(Unverified::parse(&token).unwrap().verify(&key.verifying_key()).is_ok());

    let weak = BadKey::Refused(BadJwk::WeakRsa(WeakRsa::Size));
    assert_eq!(
        weak.to_string(),
        "the key is refused: the RSA key is refused: its modulus is not 2048 to 4096 bits long"
    );
}
