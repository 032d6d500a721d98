//! Raw signatures: AWS-LC with keys parsed once, and nothing around them.

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_SHA256, RsaKeyPair, Signature,
};

/// What can be signed with, by index; the last verifies ES256.
pub const ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "RS256", "verify"];

/// A key of each.
pub struct Keys {
    rng: SystemRandom,
    es: EcdsaKeyPair,
    ed: Ed25519KeyPair,
    rs: RsaKeyPair,
    public: ParsedPublicKey,
    signed: Signature,
}

impl Keys {
    /// Fresh ones; an RSA key takes a tenth of a second.
    pub fn new() -> Self {
        let rng = SystemRandom::new();
        let es = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key can be made");
        let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, es.public_key().as_ref()).expect("a key");
        let signed = es.sign(&rng, &MESSAGE).expect("P-256 signs");
        Self {
            rng,
            es,
            ed: Ed25519KeyPair::generate().expect("a key can be made"),
            rs: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made"),
            public,
            signed,
        }
    }

    /// Sign as long a text as an access token is.
    pub fn sign(&self, algorithm: usize) {
        match ALGORITHMS.get(algorithm) {
            Some(&"EdDSA") => {
                black_box(self.ed.sign(black_box(&MESSAGE)));
            }
            Some(&"RS256") => {
                let mut signature = vec![0; self.rs.public_modulus_len()];
                self.rs
                    .sign(&RSA_PKCS1_SHA256, &self.rng, black_box(&MESSAGE), &mut signature)
                    .expect("RSA signs");
                black_box(signature);
            }
            Some(&"verify") => self.verify(),
            _ => {
                black_box(self.es.sign(&self.rng, black_box(&MESSAGE)).expect("P-256 signs"));
            }
        }
    }

    /// Verify ES256.
    pub fn verify(&self) {
        self.public.verify_sig(black_box(&MESSAGE), self.signed.as_ref()).expect("it is its signature");
    }
}

const MESSAGE: [u8; 480] = [b'm'; 480];
