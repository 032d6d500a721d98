//! Claims to token: JWS compact serialisation (RFC 7515, section 7.1).

use serde_json::json;

use super::{algorithm::Algorithm, key::SigningKey};
use crate::base64url;

/// The types that we issue: RFC 9068 access tokens, ID tokens, RFC 9701 introspection answers, logout tokens.
const PREPARED: [&str; 4] = ["at+jwt", "JWT", "token-introspection+jwt", "logout+jwt"];

/// Signs `claims_json`, a JSON object, under a header of `alg`, `kid` and this `typ`.
///
/// Makes one allocation for the token beside that of the signature. The claims are not looked at: they are the caller's.
///
/// # Panics
/// If AWS-LC cannot sign with a key that it parsed, that is, if memory runs out.
pub fn sign(key: &SigningKey, typ: &str, claims_json: &[u8]) -> String {
    let built;
    let header = match key.headers().get(typ) {
        Some(header) => header,
        None => {
            built = header(key.algorithm(), key.kid(), typ);
            &built
        }
    };
    let mut token =
        String::with_capacity(header.len() + claims_json.len().div_ceil(3) * 4 + 2 + LONGEST_SIGNATURE);
    token.push_str(header);
    base64url::encode_onto(claims_json, &mut token);
    let signature = key.signature(token.as_bytes());
    token.push('.');
    base64url::encode_onto(&signature, &mut token);
    token
}

/// The text of a 4096-bit RSA signature.
const LONGEST_SIGNATURE: usize = 683;

/// The encoded headers of one key, each with the dot that follows it.
pub(super) struct Headers([(&'static str, String); PREPARED.len()]);

impl Headers {
    pub(super) fn prepare(algorithm: Algorithm, kid: &str) -> Headers {
        Headers(PREPARED.map(|typ| (typ, header(algorithm, kid, typ))))
    }

    fn get(&self, typ: &str) -> Option<&str> {
        self.0.iter().find(|(prepared, _)| *prepared == typ).map(|(_, header)| header.as_str())
    }
}

fn header(algorithm: Algorithm, kid: &str, typ: &str) -> String {
    let json = json!({ "alg": algorithm, "kid": kid, "typ": typ }).to_string();
    base64url::encode(json.as_bytes()) + "."
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::AsDer,
        signature::{RsaKeyPair, RsaPublicKeyComponents},
    };
    use serde_json::Value;

    use super::*;

    const RS256: &str = include_str!("../../tests/vectors/jose-cookbook/jws/4_1.rsa_v15_signature.json");
    const ED25519: &str = include_str!("../../tests/vectors/jose-cookbook/curve25519/jws.json");

    fn member(key: &Value, name: &str) -> Vec<u8> {
        base64url::decode(key[name].as_str().unwrap()).unwrap()
    }

    /// The cookbook's headers have no `typ`, so it is the signature over its input that is compared.
    fn signs_as_the_cookbook(vector: &Value, algorithm: Algorithm, pkcs8: &[u8]) {
        let key = SigningKey::from_pkcs8("k1", algorithm, pkcs8).unwrap();
        let signature = key.signature(vector["signing"]["sig-input"].as_str().unwrap().as_bytes());
        assert_eq!(base64url::encode(&signature), vector["signing"]["sig"].as_str().unwrap());
    }

    #[test]
    fn the_rs256_signature_of_rfc_7520() {
        let vector: Value = serde_json::from_str(RS256).unwrap();
        let key = &vector["input"]["key"];
        let components = aws_lc_rs::rsa::KeyPairComponents {
            public_key: RsaPublicKeyComponents { n: member(key, "n"), e: member(key, "e") },
            d: member(key, "d"),
            p: member(key, "p"),
            q: member(key, "q"),
            dP: member(key, "dp"),
            dQ: member(key, "dq"),
            qInv: member(key, "qi"),
        };
        let pair = RsaKeyPair::from_components(&components).unwrap();
        signs_as_the_cookbook(&vector, Algorithm::Rs256, pair.as_der().unwrap().as_ref());
    }

    #[test]
    fn the_ed25519_signature_of_rfc_8037() {
        let vector: Value = serde_json::from_str(ED25519).unwrap();
        // RFC 8410, section 7: what stands in front of the seed in a PKCS#8 document.
        let prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        let pkcs8 = [&prefix[..], &member(&vector["input"]["key"], "d")].concat();
        signs_as_the_cookbook(&vector, Algorithm::EdDSA, &pkcs8);
    }

    #[test]
    fn prepared_and_built_headers_are_the_same() {
        let key = SigningKey::generate(Algorithm::Es256, "k1").unwrap();
        for typ in PREPARED {
            assert_eq!(key.headers().get(typ), Some(header(Algorithm::Es256, "k1", typ).as_str()));
        }
        assert_eq!(key.headers().get("other+jwt"), None);
    }
}
