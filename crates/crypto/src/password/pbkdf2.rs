//! PBKDF2 (RFC 8018, section 5.2): the PHC string, passlib's, and Werkzeug's. AWS-LC does the work.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::Zeroizing;

use super::digest::unhex;
use super::format::{self, Cost, Format, number};
use crate::digest::constant_time_eq;

pub(super) const FORMAT: Format = Format {
    name: "PBKDF2",
    example: "$pbkdf2-sha256$i=600000,l=32$c2FsdA$aGFzaA",
    claims: |text| text.starts_with("$pbkdf2") || text.starts_with("pbkdf2:"),
    parse: |text| {
        let parsed = if text.starts_with('$') { phc(text) } else { werkzeug(text) };
        parsed.map(format::Hash::Pbkdf2)
    },
};

pub(super) struct Hash {
    algorithm: Algorithm,
    iterations: NonZeroU32,
    salt: Vec<u8>,
    expected: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(super) enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

/// `$pbkdf2-sha256$i=600000,l=32$salt$hash`, or passlib's `$pbkdf2-sha256$29000$salt$hash` with `.` for `+`.
fn phc(text: &str) -> Option<Hash> {
    let mut parts = text.strip_prefix('$')?.split('$');
    let (name, params, salt, expected) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let algorithm = match name {
        "pbkdf2" | "pbkdf2-sha1" => Algorithm::Sha1,
        "pbkdf2-sha256" => Algorithm::Sha256,
        "pbkdf2-sha512" => Algorithm::Sha512,
        _ => return None,
    };
    if parts.next().is_some() {
        return None;
    }
    let (salt, expected) = (decode(salt)?, decode(expected)?);
    let iterations = match params.strip_prefix("i=") {
        None => number(params)?,
        Some(params) => {
            let (iterations, length) = params.split_once(",l=").map_or((params, None), |(i, l)| (i, Some(l)));
            if length.is_some_and(|length| number(length) != u32::try_from(expected.len()).ok()) {
                return None;
            }
            number(iterations)?
        }
    };
    Hash::new(algorithm, iterations, &salt, expected)
}

/// `pbkdf2:sha256:600000$salt$hex`; the salt is text.
fn werkzeug(text: &str) -> Option<Hash> {
    let mut parts = text.strip_prefix("pbkdf2:")?.split('$');
    let (method, salt, expected) = (parts.next()?, parts.next()?, parts.next()?);
    let (name, iterations) = method.split_once(':')?;
    let algorithm = match name {
        "sha1" => Algorithm::Sha1,
        "sha256" => Algorithm::Sha256,
        "sha512" => Algorithm::Sha512,
        _ => return None,
    };
    let none = parts.next().is_none();
    Hash::new(algorithm, number(iterations)?, salt.as_bytes(), unhex(expected)?).filter(|_| none)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text.replace('.', "+")).ok()
}

impl Hash {
    pub(super) fn new(algorithm: Algorithm, iterations: u32, salt: &[u8], expected: Vec<u8>) -> Option<Self> {
        let iterations = NonZeroU32::new(iterations)?;
        let whole = (16..=512).contains(&expected.len());
        whole.then(|| Self { algorithm, iterations, salt: salt.to_vec(), expected })
    }

    pub(super) fn fits(&self, password: &[u8]) -> bool {
        let algorithm = match self.algorithm {
            Algorithm::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Algorithm::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Algorithm::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        let mut output = Zeroizing::new(vec![0; self.expected.len()]);
        pbkdf2::derive(algorithm, self.iterations, &self.salt, password, &mut output);
        constant_time_eq(&output, &self.expected)
    }

    /// Each block of the output takes all iterations.
    pub(super) fn cost(&self) -> Cost {
        let (block, tenths) = match self.algorithm {
            Algorithm::Sha1 => (20, 2),
            Algorithm::Sha256 => (32, 2),
            Algorithm::Sha512 => (64, 4),
        };
        let blocks = self.expected.len().div_ceil(block) as u64;
        Cost::work(blocks * u64::from(self.iterations.get()) * tenths / 10)
    }
}
