//! Signatures of webhooks: Ed25519 over bytes as they are, and those of Standard Webhooks over `id.timestamp.body`, by Ed25519 (`v1a`) and
//! by HMAC-SHA-256 with a shared secret (`v1`).

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::base64url;
use crate::digest::constant_time_eq;
use crate::secret::{Secret, SecretString};

/// A private key that signs webhooks.
pub struct WebhookKey(Ed25519KeyPair);

impl WebhookKey {
    /// A new key; none when memory runs out.
    pub fn generate() -> Option<Self> {
        Ed25519KeyPair::generate().ok().map(Self)
    }

    /// Reads a key from an unencrypted PKCS#8 document in DER (RFC 8410).
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(pkcs8).ok().map(Self)
    }

    /// The key as a PKCS#8 document, to be sealed and stored.
    ///
    /// # Panics
    /// If memory runs out: a key that was parsed can be written.
    pub fn pkcs8(&self) -> Secret<Vec<u8>> {
        Secret::new(self.0.to_pkcs8v1().expect("a parsed key can be written").as_ref().to_vec())
    }

    /// Base64 of the 32 bytes of the public key.
    pub fn public_base64(&self) -> String {
        STANDARD.encode(self.0.public_key().as_ref())
    }

    /// Base64 of the signature of bytes.
    pub fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.0.sign(message).as_ref())
    }

    /// A signature for `webhook-signature`: `v1a,…`.
    pub fn sign_standard(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        format!("v1a,{}", self.sign(&signed(id, timestamp_s, body)))
    }
}

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookKey({})", self.public_base64())
    }
}

/// A secret that signs webhooks and verifies them: 256 bits.
#[derive(Clone)]
pub struct SharedSecret {
    bytes: Zeroizing<[u8; 32]>,
    key: hmac::Key,
}

impl SharedSecret {
    /// The secret of these bytes; they must be random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        Self { bytes: Zeroizing::new(bytes), key }
    }

    /// Its bytes, to be sealed.
    pub fn bytes(&self) -> &[u8] {
        &*self.bytes
    }

    /// Its text: `whsec_…`.
    pub fn text(&self) -> SecretString {
        SecretString::new(format!("{SHARED_PREFIX}{}", STANDARD.encode(*self.bytes)))
    }

    /// A signature for `webhook-signature`: `v1,…`.
    pub fn sign_standard(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.tag(id, timestamp_s, body)))
    }

    fn tag(&self, id: &str, timestamp_s: i64, body: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, &signed(id, timestamp_s, body))
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret([secret])")
    }
}

/// What a receiver verifies by.
#[derive(Clone, Debug)]
pub enum Verifier<'k> {
    /// The public key: base64 of its 32 bytes.
    Public(&'k str),
    /// The shared secret.
    Shared(&'k SharedSecret),
}

impl Verifier<'_> {
    /// Whether `webhook-signature` holds a signature by this over the three, and the time is within five minutes of `now_s`. A signature
    /// of another scheme counts for nothing.
    pub fn verifies(&self, id: &str, timestamp: &str, signatures: &str, body: &[u8], now_s: i64) -> bool {
        let Some(timestamp_s) = timestamp.parse::<i64>().ok().filter(|found| found.to_string() == timestamp)
        else {
            return false;
        };
        if (now_s - timestamp_s).abs() > TOLERANCE_S {
            return false;
        }
        signatures.split(' ').filter_map(|one| one.split_once(',')).any(|(scheme, signature)| {
            match (self, scheme) {
                (Self::Public(key), "v1a") => verify(key, &signed(id, timestamp_s, body), signature),
                (Self::Shared(secret), "v1") => {
                    let tag = STANDARD.encode(secret.tag(id, timestamp_s, body));
                    constant_time_eq(tag.as_bytes(), signature.as_bytes())
                }
                _ => false,
            }
        })
    }
}

/// Whether a signature is one of that key over that message; key and signature in base64.
pub fn verify(public_key: &str, message: &[u8], signature: &str) -> bool {
    let (Ok(key), Ok(signature)) = (STANDARD.decode(public_key), STANDARD.decode(signature)) else {
        return false;
    };
    key.len() == 32 && UnparsedPublicKey::new(&ED25519, key).verify(message, &signature).is_ok()
}

/// The public key as SPKI in PEM (RFC 8410, section 4); none unless it is base64 of 32 bytes.
pub fn spki_pem(public_key: &str) -> Option<String> {
    let key = STANDARD.decode(public_key).ok().filter(|key| key.len() == 32)?;
    let document = STANDARD.encode([&SPKI_ED25519[..], &key].concat());
    Some(format!("-----BEGIN PUBLIC KEY-----\n{document}\n-----END PUBLIC KEY-----\n"))
}

/// The 32 bytes of an Ed25519 public key, given as a JWK (RFC 8037, section 2), in base64; none for anything else.
pub fn public_base64_of_jwk(jwk: &str) -> Option<String> {
    let members: serde_json::Value = serde_json::from_str(jwk).ok()?;
    let key = base64url::decode(members.get("x")?.as_str()?).filter(|key| key.len() == 32)?;
    (members.get("crv")?.as_str()? == "Ed25519").then(|| STANDARD.encode(key))
}

fn signed(id: &str, timestamp_s: i64, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{id}.{timestamp_s}.").into_bytes();
    message.extend_from_slice(body);
    message
}

/// What the text of a shared secret begins with.
pub const SHARED_PREFIX: &str = "whsec_";
/// Seconds that the time of a webhook may be away from now.
pub const TOLERANCE_S: i64 = 300;
/// SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING of 32 bytes, which follow }.
const SPKI_ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

#[cfg(test)]
mod tests {
    use super::*;

    /// A delivery of another platform, from its own tests: `mittwald-webhook.json` names where it is from.
    #[test]
    fn a_vector_of_others_verifies_and_no_changed_digit_does() {
        let vector: serde_json::Value =
            serde_json::from_str(include_str!("../tests/vectors/mittwald-webhook.json")).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap();
        let (key, signature, body) = (text("public_key_base64"), text("signature_base64"), text("body"));
        assert!(verify(key, body.as_bytes(), signature));
        let mut changed = 0;
        for (at, digit) in body.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            let other = if digit == '9' { '0' } else { '9' };
            let body = format!("{}{other}{}", &body[..at], &body[at + 1..]);
            assert!(!verify(key, body.as_bytes(), signature), "digit at {at}");
            changed += 1;
        }
        assert!(changed > 50);
        assert!(!verify(key, body.as_bytes(), ""));
        assert!(!verify("", body.as_bytes(), signature));
        assert!(!verify(&key[..40], body.as_bytes(), signature));
    }

    #[test]
    fn what_is_signed_verifies_in_time_and_only_as_it_was() {
        let (key, shared) = (WebhookKey::generate().unwrap(), SharedSecret::from_bytes([7; 32]));
        let public = key.public_base64();
        let (id, now) = ("msg_1", 1_700_000_000);
        let both =
            format!("{} {}", shared.sign_standard(id, now, b"body"), key.sign_standard(id, now, b"body"));
        let other = SharedSecret::from_bytes([8; 32]);
        let other_key = WebhookKey::generate().unwrap().public_base64();
        for verifier in [Verifier::Public(&public), Verifier::Shared(&shared)] {
            let verifies = |id: &str, at: &str, signatures: &str, body: &[u8], now_s: i64| {
                verifier.verifies(id, at, signatures, body, now_s)
            };
            assert!(verifies(id, "1700000000", &both, b"body", now));
            assert!(verifies(id, "1700000000", &format!("v1,AAAA v2,x {both}"), b"body", now + 300));
            assert!(!verifies(id, "1700000000", &both, b"body", now + 301), "late");
            assert!(!verifies(id, "1700000000", &both, b"body", now - 301), "early");
            assert!(!verifies("msg_2", "1700000000", &both, b"body", now));
            assert!(!verifies(id, "1700000001", &both, b"body", now));
            assert!(!verifies(id, "01700000000", &both, b"body", now));
            assert!(!verifies(id, "1700000000", &both, b"bodY", now));
            assert!(!verifies(id, "1700000000", "", b"body", now));
            // The names of the schemes exchanged: neither is taken for the other.
            let exchanged = both.replace("v1,", "v1?,").replace("v1a,", "v1,").replace("v1?,", "v1a,");
            assert!(!verifies(id, "1700000000", &exchanged, b"body", now));
        }
        assert!(!Verifier::Shared(&other).verifies(id, "1700000000", &both, b"body", now));
        assert!(!Verifier::Public(&other_key).verifies(id, "1700000000", &both, b"body", now));
    }

    #[test]
    fn a_key_is_written_and_read() {
        let key = WebhookKey::generate().unwrap();
        let again = WebhookKey::from_pkcs8(key.pkcs8().expose()).unwrap();
        assert_eq!(again.public_base64(), key.public_base64());
        assert!(WebhookKey::from_pkcs8(b"").is_none());
        let pem = spki_pem("9WIYLTuOGgw9axq3WK8irH0V0I/94XuH5UArDo600ys=").unwrap();
        assert!(pem.contains("\nMCowBQYDK2VwAyEA9WIYLTuOGgw9axq3WK8irH0V0I/94XuH5UArDo600ys=\n"), "{pem}");
        assert_eq!(spki_pem("AAAA"), None);
        assert_eq!(format!("{:?}", SharedSecret::from_bytes([7; 32])), "SharedSecret([secret])");
        assert!(SharedSecret::from_bytes([0; 32]).text().expose().starts_with("whsec_AAAA"));
    }
}
