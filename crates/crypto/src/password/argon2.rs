//! argon2 (RFC 9106) in the PHC string format: what we make, and the other kinds, versions and parameters of it.

use ::argon2::password_hash::phc::PasswordHash;
use ::argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::{Zeroize, Zeroizing};

use super::format::{self, Cost, Format};
use crate::digest::constant_time_eq;

pub(super) const FORMAT: Format = Format {
    name: "argon2",
    example: "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
    claims: |text| text.starts_with("$argon2"),
    parse: |text| parse(text).map(format::Hash::Argon2),
};

/// Memory in KiB, passes and lanes of the hashes that we make (OWASP password storage, argon2id).
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_LEN: usize = 32;

/// Lanes beyond this are no setting that anybody uses.
const MOST_LANES: u32 = 64;

pub(super) struct Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
    expected: Vec<u8>,
}

/// The memory of one hash after the other.
#[derive(Default)]
pub(super) struct Arena(Vec<Block>);

/// The PHC string of a password.
pub(super) fn hash(password: &[u8], salt: &[u8; 16], arena: &mut Arena) -> String {
    let params =
        Params::new(MEMORY, PASSES, LANES, Some(OUTPUT_LEN)).expect("constants within argon2's ranges");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = Zeroizing::new([0; OUTPUT_LEN]);
    arena
        .derive(&argon2, password, salt, &mut *output)
        .expect("salt, output and a normalised password are within argon2's ranges");
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(*output));
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${output}")
}

/// A hash whose string has every part.
pub(super) fn parse(phc: &str) -> Option<Hash> {
    let hash = PasswordHash::new(phc).ok()?;
    let algorithm = match hash.algorithm.as_str() {
        "argon2d" => Algorithm::Argon2d,
        "argon2i" => Algorithm::Argon2i,
        "argon2id" => Algorithm::Argon2id,
        _ => return None,
    };
    // Strings of the first version do not say which it is.
    let version = hash.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?;
    let params = Params::try_from(&hash).ok()?;
    Hash::new(algorithm, version, params, hash.salt?.to_vec(), hash.hash?.as_bytes().to_vec())
}

impl Hash {
    pub(super) fn new(
        algorithm: Algorithm,
        version: Version,
        params: Params,
        salt: Vec<u8>,
        expected: Vec<u8>,
    ) -> Option<Self> {
        let whole = salt.len() >= ::argon2::MIN_SALT_LEN && expected.len() >= Params::MIN_OUTPUT_LEN.max(8);
        (whole && params.p_cost() <= MOST_LANES).then_some(Self {
            algorithm,
            version,
            params,
            salt,
            expected,
        })
    }

    pub(super) fn fits(&self, password: &[u8], arena: &mut Arena) -> bool {
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let mut output = Zeroizing::new(vec![0; self.expected.len()]);
        let derived = arena.derive(&argon2, password, &self.salt, &mut output);
        derived.is_ok() && constant_time_eq(&output, &self.expected)
    }

    pub(super) fn cost(&self) -> Cost {
        let memory = u64::from(self.params.m_cost()) << 10;
        Cost {
            memory,
            work_us: (u64::from(self.params.m_cost())).saturating_mul(self.params.t_cost().into()),
        }
    }

    pub(super) fn is_todays(&self) -> bool {
        let params = (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && params == (MEMORY, PASSES, LANES)
            && self.expected.len() == OUTPUT_LEN
            && self.salt.len() >= 16
    }
}

impl Arena {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn kept(&self) -> usize {
        self.0.len() * Block::SIZE
    }

    pub(super) fn release(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
        self.0 = Vec::new();
    }

    fn derive(
        &mut self,
        argon2: &Argon2<'_>,
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> ::argon2::Result<()> {
        let blocks = argon2.params().block_count();
        if self.0.len() < blocks {
            // Not `resize`: that would copy what is there.
            self.release();
            self.0 = vec![Block::new(); blocks];
        }
        let derived = argon2.hash_password_into_with_memory(password, salt, output, &mut self.0[..blocks]);
        // What somebody else's hash took is not kept.
        if blocks > MEMORY as usize {
            self.release();
        }
        derived
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.release();
    }
}
