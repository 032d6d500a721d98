//! Keys that sign and keys that verify: parsed and checked once, shared by cloning.
//!
//! Both are an `Arc` around what AWS-LC made of the key, so a clone costs a counter and may stand in every cache. A signing
//! key carries what is constant about its tokens: the encoded header for each `typ` that we issue.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaKeyPair},
};

use super::{
    algorithm::Algorithm,
    der,
    jwk::{BadJwk, Jwk},
    material::Material,
    sign,
};
use crate::secret::Secret;

/// A private key with its name and its one algorithm.
#[derive(Clone)]
pub struct SigningKey(Arc<Signing>);

struct Signing {
    algorithm: Algorithm,
    headers: sign::Headers,
    jwk: Jwk,
    kid: String,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// The private key is not one of its algorithm, is weak, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// The library could not make one.
    #[error("no key could be generated")]
    Generation,
    /// Not a PKCS#8 document of a key of this algorithm.
    #[error("not a PKCS#8 private key of this algorithm")]
    Pkcs8,
    /// Its public half would be refused from anybody else.
    #[error("the key is refused: {0}")]
    Refused(#[from] BadJwk),
}

impl SigningKey {
    /// A new key. RSA keys have 2048 bits and take a tenth of a second: never on the path of a request.
    pub fn generate(algorithm: Algorithm, kid: &str) -> Result<SigningKey, BadKey> {
        let pair = if algorithm.is_rsa() {
            RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa)
        } else if let Some(ecdsa) = algorithm.ecdsa_signing() {
            EcdsaKeyPair::generate(ecdsa).map(Pair::Ecdsa)
        } else {
            Ed25519KeyPair::generate().map(Pair::Ed25519)
        };
        SigningKey::new(kid, algorithm, pair.map_err(|_| BadKey::Generation)?)
    }

    /// Reads a key from an unencrypted PKCS#8 document in DER (RFC 5958).
    pub fn from_pkcs8(kid: &str, algorithm: Algorithm, pkcs8: &[u8]) -> Result<SigningKey, BadKey> {
        let pair = if algorithm.is_rsa() {
            RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa)
        } else if let Some(ecdsa) = algorithm.ecdsa_signing() {
            EcdsaKeyPair::from_pkcs8(ecdsa, pkcs8).map(Pair::Ecdsa)
        } else {
            Ed25519KeyPair::from_pkcs8(pkcs8).map(Pair::Ed25519)
        };
        SigningKey::new(kid, algorithm, pair.map_err(|_| BadKey::Pkcs8)?)
    }

    fn new(kid: &str, algorithm: Algorithm, pair: Pair) -> Result<SigningKey, BadKey> {
        let material = match &pair {
            Pair::Ecdsa(pair) => Material::point(algorithm, pair.public_key().as_ref())?,
            Pair::Ed25519(pair) => Material::point(algorithm, pair.public_key().as_ref())?,
            Pair::Rsa(pair) => {
                let (modulus, exponent) =
                    der::rsa_public_key(pair.public_key().as_ref()).ok_or(BadKey::Pkcs8)?;
                Material::rsa(modulus.to_vec(), exponent.to_vec())?
            }
        };
        let jwk = Jwk::new(Some(kid.to_owned()), Some(algorithm), true, material)?;
        let headers = sign::Headers::prepare(algorithm, kid);
        Ok(SigningKey(Arc::new(Signing { algorithm, headers, jwk, kid: kid.to_owned(), pair })))
    }

    /// The name that its tokens carry.
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// The one algorithm that it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The public half, to publish.
    pub fn public_jwk(&self) -> Jwk {
        self.0.jwk.clone()
    }

    /// The public half, to verify what this key signed.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.0.jwk.verifying_key().clone()
    }

    /// The private key as a PKCS#8 document, to be sealed and stored.
    ///
    /// # Panics
    /// If memory runs out: a key that was parsed can be written.
    pub fn pkcs8(&self) -> Secret<Vec<u8>> {
        const WRITTEN: &str = "a parsed key can be written";
        Secret::new(match &self.0.pair {
            Pair::Ecdsa(pair) => pair.to_pkcs8v1().expect(WRITTEN).as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().expect(WRITTEN).as_ref().to_vec(),
            Pair::Rsa(pair) => pair.as_der().expect(WRITTEN).as_ref().to_vec(),
        })
    }

    pub(super) fn headers(&self) -> &sign::Headers {
        &self.0.headers
    }

    /// The signature of `message` in the form of JWS: for ECDSA the two numbers at full length, not DER.
    ///
    /// # Panics
    /// If AWS-LC fails, which for a key that was parsed means that memory or the machine does.
    pub(super) fn signature(&self, message: &[u8]) -> Vec<u8> {
        const SIGNED: &str = "a parsed key signs";
        match &self.0.pair {
            Pair::Ecdsa(pair) => pair.sign(&SystemRandom::new(), message).expect(SIGNED).as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let encoding =
                    self.0.algorithm.rsa_signing().expect("an RSA pair comes with an RSA algorithm only");
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), message, &mut signature).expect(SIGNED);
                signature
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {:?}, [secret])", self.0.algorithm, self.0.kid)
    }
}

/// A public key with the algorithms that it may be used with.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Verifying>);

struct Verifying {
    kid: Option<String>,
    /// One entry for each algorithm: one, except for an RSA key that names none.
    prepared: Vec<(Algorithm, ParsedPublicKey)>,
}

impl VerifyingKey {
    pub(super) fn new(
        kid: Option<String>,
        only: Option<Algorithm>,
        material: &Material,
    ) -> Result<VerifyingKey, BadJwk> {
        let algorithms = only.as_ref().map_or(material.algorithms(), std::slice::from_ref);
        let prepared = algorithms
            .iter()
            .map(|algorithm| Ok((*algorithm, material.prepare(*algorithm)?)))
            .collect::<Result<_, BadJwk>>()?;
        Ok(VerifyingKey(Arc::new(Verifying { kid, prepared })))
    }

    /// The name that tokens use for it.
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// The algorithms that it may be used with.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        self.0.prepared.iter().map(|(algorithm, _)| *algorithm)
    }

    /// Whether it may be used with this one.
    pub fn accepts(&self, algorithm: Algorithm) -> bool {
        self.algorithms().any(|accepted| accepted == algorithm)
    }

    /// Whether `signature` is the one of `message`; `None` if the key may not be used with the algorithm.
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
        let (_, key) = self.0.prepared.iter().find(|(accepted, _)| *accepted == algorithm)?;
        Some(key.verify_sig(message, signature).is_ok())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({:?}, {:?})", self.kid(), self.algorithms().collect::<Vec<_>>())
    }
}
