//! The closed list of signature algorithms (RFC 7518, section 3; RFC 8037, section 3.1).
//!
//! `none` is not an algorithm, and a MAC is not a signature: whoever can verify `HS256` can also sign it, and a server that
//! takes both kinds under one key takes a public key for a shared secret (RFC 8725, section 2.1). ES512 and ES256K are left
//! out because no client of ours has asked for them.

use std::fmt;

use aws_lc_rs::{
    digest,
    signature::{self, EcdsaSigningAlgorithm, RsaParameters, RsaSignatureEncoding, VerificationAlgorithm},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base64url;

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the one that every OpenID client knows.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256, salt as long as the digest.
    Ps256,
    /// RSASSA-PSS with SHA-384, salt as long as the digest.
    Ps384,
    /// RSASSA-PSS with SHA-512, salt as long as the digest.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// EdDSA on Ed25519, also called `Ed25519`; Ed448 is not used.
    EdDSA,
}

/// The name is not one of an algorithm that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signature algorithm that is used here")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// All that are accepted in a token or key from elsewhere.
    pub const ALL: [Algorithm; 9] = [
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDSA,
    ];

    /// Those that we sign with, and offer.
    pub const SIGNING: [Algorithm; 4] =
        [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDSA];

    /// The algorithm of this registered name, which is case-sensitive.
    ///
    /// `Ed25519` is the name that RFC 9864 gives to what `EdDSA` can only mean here, and newer clients write it.
    pub fn parse(name: &str) -> Result<Algorithm, UnknownAlgorithm> {
        if name == "Ed25519" {
            return Ok(Algorithm::EdDSA);
        }
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownAlgorithm)
    }

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Rs512 => "RS512",
            Algorithm::Ps256 => "PS256",
            Algorithm::Ps384 => "PS384",
            Algorithm::Ps512 => "PS512",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::EdDSA => "EdDSA",
        }
    }

    /// Whether the key of it is an RSA key, so that a signature is best made off the threads that serve requests.
    pub const fn is_rsa(self) -> bool {
        match self {
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => true,
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDSA => false,
        }
    }

    /// The value of `at_hash` or `c_hash` in an ID token signed with this (OpenID Connect Core, section 3.1.3.6): the left
    /// half of the digest that the algorithm uses. For EdDSA on Ed25519 that is SHA-512.
    pub fn half_hash(self, value: &str) -> String {
        let digest = digest::digest(self.digest(), value.as_bytes());
        base64url::encode(&digest.as_ref()[..digest.as_ref().len() / 2])
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => &digest::SHA256,
            Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &digest::SHA384,
            Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDSA => &digest::SHA512,
        }
    }

    /// How an RSA signature of this is verified; `None` for the others.
    pub(super) fn rsa_verification(self) -> Option<&'static RsaParameters> {
        match self {
            Algorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
            Algorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDSA => None,
        }
    }

    /// How a signature of a key given as a point is verified; `None` for RSA.
    pub(super) fn point_verification(self) -> Option<&'static dyn VerificationAlgorithm> {
        match self {
            Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDSA => Some(&signature::ED25519),
            _ => None,
        }
    }

    /// How an RSA key signs this; `None` for the others.
    pub(super) fn rsa_signing(self) -> Option<&'static RsaSignatureEncoding> {
        match self {
            Algorithm::Rs256 => Some(&signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => Some(&signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => Some(&signature::RSA_PKCS1_SHA512),
            Algorithm::Ps256 => Some(&signature::RSA_PSS_SHA256),
            Algorithm::Ps384 => Some(&signature::RSA_PSS_SHA384),
            Algorithm::Ps512 => Some(&signature::RSA_PSS_SHA512),
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDSA => None,
        }
    }

    /// How an EC key signs this; `None` for the others.
    pub(super) fn ecdsa_signing(self) -> Option<&'static EcdsaSigningAlgorithm> {
        match self {
            Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Algorithm::parse(name)
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Algorithm::parse(&name).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_no_other_is_known() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.as_str()), Ok(algorithm));
        }
        assert_eq!(Algorithm::parse("Ed25519"), Ok(Algorithm::EdDSA));
        for name in [
            "none", "None", "NONE", "", "HS256", "HS384", "HS512", "rs256", "RS256 ", "ES512", "ES256K",
            "RSA1_5",
        ] {
            assert_eq!(Algorithm::parse(name), Err(UnknownAlgorithm), "{name}");
        }
    }

    #[test]
    fn every_algorithm_verifies_and_signs_in_one_way() {
        for algorithm in Algorithm::ALL {
            assert!(algorithm.rsa_verification().is_some() == algorithm.is_rsa());
            assert!(algorithm.point_verification().is_some() != algorithm.is_rsa());
            assert!(algorithm.rsa_signing().is_some() == algorithm.is_rsa());
        }
    }

    #[test]
    fn at_hash_is_the_one_of_the_specification() {
        // OpenID Connect Core, appendix A.3: the access token and at_hash of the example response.
        assert_eq!(
            Algorithm::Rs256.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(Algorithm::EdDSA.half_hash("x").len(), 43);
    }
}
