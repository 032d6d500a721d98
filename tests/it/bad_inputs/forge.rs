//! Signed and unsigned tokens with whatever header and payload: what an attacker makes.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use doorward_crypto::base64url;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_tests::{ClientKey, private_keys};
use serde_json::Value;

/// A token signed by PKJ's key, under that header, over those bytes.
pub fn signed(header: &str, payload: &[u8]) -> String {
    static KEY: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
        let pkcs8 = ClientKey::private().pkcs8();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.expose()).expect("a key can be read")
    });
    signed_by(&KEY, header, payload)
}

/// A token of a tenant under another type, signed by the tenant's own key.
pub fn relabelled(token: &str, typ: &str) -> String {
    let parts: Vec<Vec<u8>> = token.split('.').filter_map(base64url::decode).collect();
    let mut header: Value = serde_json::from_slice(&parts[0]).expect("a header is JSON");
    header["typ"] = typ.into();
    let (_, pkcs8) = private_keys().iter().find(|(of, _)| *of == Algorithm::Es256).expect("there is one");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).expect("a key can be read");
    signed_by(&key, &header.to_string(), &parts[1])
}

fn signed_by(key: &EcdsaKeyPair, header: &str, payload: &[u8]) -> String {
    let input = input(header, payload);
    let signature = key.sign(&SystemRandom::new(), input.as_bytes()).expect("a key can sign");
    format!("{input}.{}", base64url::encode(signature.as_ref()))
}

/// A token whose signature is these bytes.
pub fn with_signature(header: &str, payload: &[u8], signature: &[u8]) -> String {
    format!("{}.{}", input(header, payload), base64url::encode(signature))
}

/// A token under HMAC with that key.
pub fn hs256(header: &str, payload: &[u8], key: &[u8]) -> String {
    let input = input(header, payload);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), input.as_bytes());
    format!("{input}.{}", base64url::encode(tag.as_ref()))
}

/// The header that PKJ's assertions have, with further members.
pub fn header(more: Value) -> String {
    let mut header = serde_json::json!({ "alg": "ES256", "kid": "pkj-1", "typ": "JWT" });
    for (name, value) in more.as_object().expect("members") {
        header[name] = value.clone();
    }
    header.to_string()
}

fn input(header: &str, payload: &[u8]) -> String {
    format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload))
}
