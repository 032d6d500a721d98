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
