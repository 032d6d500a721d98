//! The numbers of a public key (RFC 7518, section 6; RFC 8037, section 2), checked when they are read.

use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use serde_json::{Map, Value};

use super::{algorithm::Algorithm, ed25519, jwk::BadJwk, rsa};
use crate::base64url;

/// A public key of a kind that we use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Material {
    /// A point on a curve of NIST's: uncompressed, 0x04 ‖ x ‖ y.
    Ec { curve: Curve, point: Vec<u8> },
    /// An encoded point on Ed25519.
    Ed25519([u8; 32]),
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

/// The curves of ECDSA that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Curve {
    fn parse(name: &str) -> Option<Curve> {
        match name {
            "P-256" => Some(Curve::P256),
            "P-384" => Some(Curve::P384),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Curve::P256 => "P-256",
            Curve::P384 => "P-384",
        }
    }

    fn coordinate_len(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
        }
    }

    fn algorithm(self) -> Algorithm {
        match self {
            Curve::P256 => Algorithm::Es256,
            Curve::P384 => Algorithm::Es384,
        }
    }
}

impl Material {
    /// Reads the members that `kty` asks for.
    pub(super) fn parse(members: &Map<String, Value>) -> Result<Material, BadJwk> {
        match text(members, "kty")? {
            "RSA" => Material::rsa(bytes(members, "n")?, bytes(members, "e")?),
            "EC" => {
                let curve = Curve::parse(text(members, "crv")?).ok_or(BadJwk::UnknownType)?;
                let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
                // RFC 7518, section 6.2.1.2: full length, leading zeros included.
                if x.len() != curve.coordinate_len() || y.len() != curve.coordinate_len() {
                    return Err(BadJwk::Malformed("x"));
                }
                Material::point(curve.algorithm(), &[&[4], &x[..], &y].concat())
            }
            "OKP" => match text(members, "crv")? {
                "Ed25519" => Material::point(Algorithm::EdDSA, &bytes(members, "x")?),
                _ => Err(BadJwk::UnknownType),
            },
            _ => Err(BadJwk::UnknownType),
        }
    }

    /// An RSA key of these numbers, unless it is weak.
    pub(super) fn rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Result<Material, BadJwk> {
        // RFC 7518, section 2: Base64urlUInt has the minimum number of octets.
        if modulus.first().is_none_or(|byte| *byte == 0) {
            return Err(BadJwk::Malformed("n"));
        }
        if exponent.first().is_none_or(|byte| *byte == 0) {
            return Err(BadJwk::Malformed("e"));
        }
        rsa::check(&modulus, &exponent).map_err(BadJwk::WeakRsa)?;
        Ok(Material::Rsa { modulus, exponent })
    }

    /// The key of this algorithm that the point stands for; that it is on the curve is checked by [`Material::prepare`].
    pub(super) fn point(algorithm: Algorithm, point: &[u8]) -> Result<Material, BadJwk> {
        match algorithm {
            Algorithm::Es256 => Ok(Material::Ec { curve: Curve::P256, point: point.to_vec() }),
            Algorithm::Es384 => Ok(Material::Ec { curve: Curve::P384, point: point.to_vec() }),
            Algorithm::EdDSA => {
                let key: [u8; 32] = point.try_into().map_err(|_| BadJwk::Malformed("x"))?;
                if !ed25519::is_sound(&key) {
                    return Err(BadJwk::NotOnCurve);
                }
                Ok(Material::Ed25519(key))
            }
            _ => Err(BadJwk::AlgorithmMismatch),
        }
    }

    /// The algorithms that a key of this kind can be used with.
    pub(super) fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Material::Ec { curve: Curve::P256, .. } => &[Algorithm::Es256],
            Material::Ec { curve: Curve::P384, .. } => &[Algorithm::Es384],
            Material::Ed25519(_) => &[Algorithm::EdDSA],
            Material::Rsa { .. } => &[
                Algorithm::Rs256,
                Algorithm::Rs384,
                Algorithm::Rs512,
                Algorithm::Ps256,
                Algorithm::Ps384,
                Algorithm::Ps512,
            ],
        }
    }

    /// The key, ready to verify this algorithm; a point that is not on its curve ends here.
    pub(super) fn prepare(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, BadJwk> {
        let point = |point: &[u8]| {
            let verification = algorithm.point_verification().ok_or(BadJwk::AlgorithmMismatch)?;
            ParsedPublicKey::new(verification, point).map_err(|_| BadJwk::NotOnCurve)
        };
        if !self.algorithms().contains(&algorithm) {
            return Err(BadJwk::AlgorithmMismatch);
        }
        match self {
            Material::Ec { point: uncompressed, .. } => point(uncompressed),
            Material::Ed25519(key) => point(key),
            Material::Rsa { modulus, exponent } => {
                let parameters = algorithm.rsa_verification().ok_or(BadJwk::AlgorithmMismatch)?;
                RsaPublicKeyComponents { n: modulus, e: exponent }
                    .to_parsed_public_key(parameters)
                    .map_err(|_| BadJwk::Malformed("n"))
            }
        }
    }

    /// The members that make up the key and no other, in the order of RFC 7638, section 3.2.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Material::Ec { curve, point } => {
                let (x, y) = point[1..].split_at(curve.coordinate_len());
                vec![
                    ("crv", curve.as_str().to_owned()),
                    ("kty", "EC".to_owned()),
                    ("x", base64url::encode(x)),
                    ("y", base64url::encode(y)),
                ]
            }
            Material::Ed25519(key) => {
                vec![("crv", "Ed25519".to_owned()), ("kty", "OKP".to_owned()), ("x", base64url::encode(key))]
            }
            Material::Rsa { modulus, exponent } => vec![
                ("e", base64url::encode(exponent)),
                ("kty", "RSA".to_owned()),
                ("n", base64url::encode(modulus)),
            ],
        }
    }
}

fn text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<&'m str, BadJwk> {
    members.get(name).and_then(Value::as_str).ok_or(BadJwk::Malformed(name))
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, BadJwk> {
    base64url::decode(text(members, name)?).ok_or(BadJwk::Malformed(name))
}
