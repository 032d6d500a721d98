//! Passwords: argon2id (RFC 9106) with the parameters that OWASP asks for, in the PHC string format.
//!
//! One hash needs 19 MiB of memory, and fresh memory costs as much again as the hash: a [`Worker`] keeps its arena from one
//! password to the next. The caller owns as many workers as passwords may be hashed at once and gives each its own thread;
//! nothing here queues or spawns.
//!
//! Where there is no hash to compare with (unknown user, user without a password), verify against [`DUMMY`] and throw the
//! answer away: the same work is done, so that the time does not tell. The same holds for a typed text that [`normalise`]
//! refuses: it cannot be anybody's password.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Ident, PasswordHash},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

use crate::digest::constant_time_eq;

/// Memory in KiB, passes and lanes of the hashes that we make (OWASP password storage, argon2id).
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_LEN: usize = 32;

/// The most that a hash from elsewhere may ask for: 256 MiB, ten passes, sixteen lanes. A stored string is data, and data
/// must not be able to take the machine.
const MOST_MEMORY: u32 = 262_144;
const MOST_PASSES: u32 = 10;
const MOST_LANES: u32 = 16;
const LONGEST_PHC: usize = 512;

/// The longest password, in bytes of UTF-8, before and after normalisation.
pub const LONGEST_PASSWORD: usize = 1024;

/// A valid hash that no known password has, for equal work where there is none: its output is 32 random bytes.
pub const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZG9vcndhcmQtZHVtbXktMQ$NbCuJyiTSTJfuuGPAfkjopqdt6tlWzJwlCy7Mln5Wco";

/// The stored text is not an argon2id hash that we know, or asks for more than we give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a password hash of a kind we know")]
pub struct UnknownHash;

/// Why a text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// It holds a control character: a person cannot have typed it in a form.
    #[error("a password cannot hold control characters")]
    Control,
    /// It is empty.
    #[error("a password cannot be empty")]
    Empty,
    /// It is longer than [`LONGEST_PASSWORD`].
    #[error("a password is at most {LONGEST_PASSWORD} bytes long")]
    TooLong,
}

/// Hashes and verifies passwords, one at a time, in memory that it keeps.
#[derive(Default)]
pub struct Worker {
    arena: Vec<Block>,
}

impl Worker {
    /// A worker without memory: the first password brings it.
    pub const fn new() -> Self {
        Worker { arena: Vec::new() }
    }

    /// The PHC string of `password`, which has been [`normalise`]d, with this random salt.
    pub fn hash(&mut self, password: &str, salt: &[u8; 16]) -> String {
        let params =
            Params::new(MEMORY, PASSES, LANES, Some(OUTPUT_LEN)).expect("constants within argon2's ranges");
        let mut output = Zeroizing::new([0; OUTPUT_LEN]);
        self.derive(params, password, salt, &mut *output)
            .expect("salt, output and a normalised password are within argon2's ranges");
        let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(*output));
        format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${output}")
    }

    /// Whether `password`, which has been [`normalise`]d, is the one of this PHC string.
    pub fn verify(&mut self, password: &str, phc: &str) -> Result<bool, UnknownHash> {
        let parsed = parse(phc)?;
        let (Some(salt), Some(expected)) = (parsed.hash.salt, parsed.hash.hash) else {
            return Err(UnknownHash);
        };
        let mut output = Zeroizing::new(vec![0; expected.len()]);
        self.derive(parsed.params, password, &salt, &mut output).map_err(|_| UnknownHash)?;
        Ok(constant_time_eq(&output, expected.as_bytes()))
    }

    /// Overwrites the arena and gives it back: for a worker that has been idle for a while.
    pub fn release(&mut self) {
        self.arena.iter_mut().for_each(Zeroize::zeroize);
        self.arena = Vec::new();
    }

    /// The memory that is kept, in bytes.
    pub fn kept(&self) -> usize {
        self.arena.len() * Block::SIZE
    }

    fn derive(
        &mut self,
        params: Params,
        password: &str,
        salt: &[u8],
        output: &mut [u8],
    ) -> argon2::Result<()> {
        let blocks = params.block_count();
        if self.arena.len() < blocks {
            // Not `resize`: that would copy what is there.
            self.release();
            self.arena = vec![Block::new(); blocks];
        }
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            password.as_bytes(),
            salt,
            output,
            &mut self.arena[..blocks],
        )
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.release();
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Worker({} bytes)", self.kept())
    }
}

/// [`Worker::hash`] with memory of its own: for commands and tests.
pub fn hash(password: &str, salt: &[u8; 16]) -> String {
    Worker::new().hash(password, salt)
}

/// [`Worker::verify`] with memory of its own: for commands and tests.
pub fn verify(password: &str, phc: &str) -> Result<bool, UnknownHash> {
    Worker::new().verify(password, phc)
}

/// Whether a text is a hash that [`Worker::verify`] can work with. No work is done.
pub fn is_known(phc: &str) -> bool {
    parse(phc).is_ok()
}

/// Whether a hash should be made anew at the next right password, because it is not what [`Worker::hash`] makes today.
pub fn needs_rehash(phc: &str) -> bool {
    let Ok(parsed) = parse(phc) else { return true };
    let params = (parsed.params.m_cost(), parsed.params.t_cost(), parsed.params.p_cost());
    params != (MEMORY, PASSES, LANES)
        || parsed.hash.hash.is_none_or(|output| output.len() != OUTPUT_LEN)
        || parsed.hash.salt.is_none_or(|salt| salt.len() < 16)
}

/// The one form in which a password is hashed (RFC 8265, section 4.2, OpaqueString): every kind of space is a plain one,
/// then NFC; so the same keys give the same password on every device. Case, width and spaces at the ends stay.
pub fn normalise(password: &str) -> Result<String, BadPassword> {
    if password.is_empty() {
        return Err(BadPassword::Empty);
    }
    // Before any work: NFC of a long text is slow, and can make it longer.
    if password.len() > LONGEST_PASSWORD {
        return Err(BadPassword::TooLong);
    }
    if password.chars().any(char::is_control) {
        return Err(BadPassword::Control);
    }
    let normal: String = password.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc().collect();
    if normal.len() > LONGEST_PASSWORD {
        return Err(BadPassword::TooLong);
    }
    Ok(normal)
}

/// Whether a password is the name of its person: the first guess of everybody.
pub fn is_name(password: &str, name: &str) -> bool {
    password.to_lowercase() == name.to_lowercase()
}

struct Parsed {
    hash: PasswordHash,
    params: Params,
}

/// Only argon2id of version 19 with every part in place, and parameters that we are ready to pay for.
fn parse(phc: &str) -> Result<Parsed, UnknownHash> {
    if phc.len() > LONGEST_PHC {
        return Err(UnknownHash);
    }
    let hash = PasswordHash::new(phc).map_err(|_| UnknownHash)?;
    let known =
        hash.algorithm == Ident::new_unwrap("argon2id") && hash.version == Some(Version::V0x13.into());
    let complete = hash.salt.is_some() && hash.hash.is_some();
    if !known || !complete {
        return Err(UnknownHash);
    }
    let params = Params::try_from(&hash).map_err(|_| UnknownHash)?;
    let affordable =
        params.m_cost() <= MOST_MEMORY && params.t_cost() <= MOST_PASSES && params.p_cost() <= MOST_LANES;
    affordable.then_some(Parsed { hash, params }).ok_or(UnknownHash)
}

/// Unicode's space separators (general category Zs), which RFC 8265 maps to U+0020.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}
