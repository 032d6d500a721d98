//! The JOSE cookbook (RFC 7520), Ed25519 (RFC 8037) and unencoded payloads (RFC 7797): every file.
//!
//! Compact tokens of algorithms that are used here verify; all others, and every JSON serialisation, are refused.

use doorward_crypto::jose::{
    algorithm::Algorithm,
    key_set::{BadJwk, Jwk, JwkSet},
    verify::{JwsError, Unverified},
};
use serde_json::{Value, json};

use crate::vectors::{files, public, read, verdict};

#[test]
fn every_signature() {
    let (mut accepted, mut refused) = (Vec::new(), 0);
    for name in
        ["jws", "curve25519", "rfc7797"].iter().flat_map(|folder| files(&format!("jose-cookbook/{folder}")))
    {
        let vector = read(&name);
        let key = public(
            &vector["input"]["key"].as_array().map_or(&vector["input"]["key"], |keys| &keys[0]).clone(),
        );
        for (form, token) in vector["output"].as_object().unwrap() {
            let text = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
            let ours = vector["input"]["alg"].as_str().is_some_and(|name| Algorithm::parse(name).is_ok());
            let verified = verdict(&text, &key);
            assert_eq!(verified.is_ok(), ours && form == "compact", "{name} {form}: {verified:?}");
            match verified {
                Ok(payload) => {
                    assert_eq!(payload, vector["input"]["payload"].as_str().unwrap().as_bytes());
                    accepted.push(name.clone());
                }
                Err(_) => refused += 1,
            }
        }
    }
    println!("JOSE cookbook, signatures: {} accepted, {refused} refused", accepted.len());
    let expected = ["jws/4_1.rsa_v15_signature", "jws/4_2.rsa-pss_signature", "curve25519/jws"];
    assert_eq!(accepted, expected.map(|name| format!("jose-cookbook/{name}.json")));
    assert_eq!(refused, 25);
}

#[test]
fn an_accepted_vector_does_not_survive_a_changed_bit() {
    for name in ["jws/4_1.rsa_v15_signature", "jws/4_2.rsa-pss_signature", "curve25519/jws"] {
        let vector = read(&format!("jose-cookbook/{name}.json"));
        let key = public(&vector["input"]["key"]);
        let token = vector["output"]["compact"].as_str().unwrap();
        for at in 0..token.len() {
            let mut changed = token.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verdict(&changed, &key).is_err(), "{name} at {at}");
        }
    }
}

#[test]
fn every_key() {
    let rows = [
        ("3_1.ec_public_key", Err(BadJwk::UnknownType)),
        ("3_2.ec_private_key", Err(BadJwk::PrivateMember)),
        ("3_3.rsa_public_key", Ok(())),
        ("3_4.rsa_private_key", Err(BadJwk::PrivateMember)),
        ("3_5.symmetric_key_mac_computation", Err(BadJwk::PrivateMember)),
        ("3_6.symmetric_key_encryption", Err(BadJwk::PrivateMember)),
    ];
    assert_eq!(files("jose-cookbook/jwk").len(), rows.len());
    for (name, expected) in rows.clone() {
        let key = read(&format!("jose-cookbook/jwk/{name}.json"));
        assert_eq!(Jwk::parse(key.to_string()).map(|_| ()), expected, "{name}");
    }
    println!("JOSE cookbook, keys: 1 accepted, {} refused", rows.len() - 1);
}

#[test]
fn the_public_key_of_the_cookbook_comes_back_as_it_was() {
    let key = read("jose-cookbook/jwk/3_3.rsa_public_key.json");
    let parsed = Jwk::parse(key.to_string()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&parsed.to_json()).unwrap(), key);
    let set = JwkSet::parse(json!({ "keys": [key] }).to_string()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&set.to_json()).unwrap(), json!({ "keys": [key] }));
}

#[test]
fn an_unencoded_payload_is_refused_for_its_extension() {
    // With an algorithm that is used here, so that nothing else refuses it.
    for header in [
        json!({ "alg": "ES256", "b64": false, "crit": ["b64"] }),
        json!({ "alg": "ES256", "b64": true }),
        json!({ "alg": "ES256", "crit": null }),
        json!({ "alg": "ES256", "crit": [] }),
        json!({ "alg": "ES256", "crit": ["exp"], "exp": 1 }),
    ] {
        let header = doorward_crypto::base64url::encode(header.to_string().as_bytes());
        let token = format!("{header}.e30.AAAA");
        assert_eq!(Unverified::parse(&token).map(|_| ()).unwrap_err(), JwsError::Critical, "{token}");
    }
}
