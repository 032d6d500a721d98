//! Passwords: argon2id (RFC 9106) with the parameters that OWASP asks for, in the PHC string format; and hashes that other systems
//! made, which are only verified.
//!
//! One hash needs 19 MiB of memory, and fresh memory costs as much again as the hash: a [`Worker`] keeps its arena from one
//! password to the next. The caller owns as many workers as passwords may be hashed at once and gives each its own thread;
//! nothing here queues or spawns.
//!
//! [`Worker::hash`] makes one kind of hash. [`format::FORMATS`] is the table of all that are verified: people are brought in with
//! the hashes that they have, and get ours at their first sign-in ([`needs_rehash`]). A stored string is data, and data must not be
//! able to take the machine: each format says what a verification costs, and beyond [`MOST_WORK_US`] or [`MOST_MEMORY`] a
//! hash is refused, at the import and at the sign-in.
//!
//! Where there is no hash to compare with (unknown user, user without a password), verify against [`DUMMY`] and throw the
//! answer away: the same work is done, so that the time does not tell. The same holds for a typed text that [`normalise`]
//! refuses: it cannot be anybody's password.

mod argon2;
mod bcrypt;
mod crypt64;
mod digest;
mod django;
mod drupal;
mod ez_publish;
pub mod format;
mod keycloak;
mod ldap;
mod pbkdf2;
mod phpass;
pub mod policy;
mod scrypt;
mod sha_crypt;

use unicode_normalization::UnicodeNormalization;

/// The longest password, in bytes of UTF-8, before and after normalisation.
pub const LONGEST_PASSWORD: usize = 1024;

/// The longest text of a hash: a Keycloak credential takes the most.
pub const LONGEST_HASH: usize = 2048;

/// The work that a stored hash may ask for, in microseconds of a usual core: bcrypt of cost 14, four passes of argon2 over 256 MiB,
/// eight million rounds of PBKDF2.
pub const MOST_WORK_US: u64 = 1_500_000;

/// The memory that a stored hash may ask for, in bytes.
pub const MOST_MEMORY: u64 = 256 << 20;

/// A valid hash that no known password has, for equal work where there is none: its output is 32 random bytes.
pub const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZG9vcndhcmQtZHVtbXktMQ$NbCuJyiTSTJfuuGPAfkjopqdt6tlWzJwlCy7Mln5Wco";

/// Why a text is not worked with as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHash {
    /// It asks for more than [`MOST_WORK_US`] or [`MOST_MEMORY`].
    #[error("is a password hash that asks for more work or memory than is given")]
    TooExpensive,
    /// It is of no [`format::FORMATS`], or not whole.
    #[error("is not a password hash of a kind that is known")]
    Unknown,
}

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
    arena: argon2::Arena,
}

impl Worker {
    /// A worker without memory: the first password brings it.
    pub const fn new() -> Self {
        Worker { arena: argon2::Arena::new() }
    }

    /// The PHC string of `password`, which has been [`normalise`]d, with this random salt.
    pub fn hash(&mut self, password: &str, salt: &[u8; 16]) -> String {
        argon2::hash(password.as_bytes(), salt, &mut self.arena)
    }

    /// Whether `password` is the one of this hash. Our own are of [`normalise`]d passwords, those of other systems often of what was
    /// typed.
    pub fn verify(&mut self, password: &str, hash: &str) -> Result<bool, BadHash> {
        Ok(format::parse(hash)?.fits(password.as_bytes(), &mut self.arena))
    }

    /// Overwrites the arena and gives it back: for a worker that has been idle for a while.
    pub fn release(&mut self) {
        self.arena.release();
    }

    /// The memory that is kept, in bytes.
    pub fn kept(&self) -> usize {
        self.arena.kept()
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
pub fn verify(password: &str, hash: &str) -> Result<bool, BadHash> {
    Worker::new().verify(password, hash)
}

/// Whether a text is a hash that [`Worker::verify`] works with. No work is done.
pub fn check(hash: &str) -> Result<(), BadHash> {
    format::parse(hash).map(drop)
}

/// Whether a hash should be made anew at the next right password, because it is not what [`Worker::hash`] makes today.
pub fn needs_rehash(hash: &str) -> bool {
    !format::parse(hash).is_ok_and(|parsed| parsed.is_todays())
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

/// Unicode's space separators (general category Zs), which RFC 8265 maps to U+0020.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}
