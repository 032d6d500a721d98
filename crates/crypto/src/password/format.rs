//! The table of formats in which a password's hash may be stored, and what they have in common.

use super::{
    BadHash, LONGEST_HASH, MOST_MEMORY, MOST_WORK_US, argon2, bcrypt, digest, django, drupal, ez_publish,
    keycloak, ldap, pbkdf2, phpass, scrypt, sha_crypt,
};

/// A format of hashes.
pub struct Format {
    /// Its name, as the manual calls it.
    pub name: &'static str,
    /// What its hashes look like.
    pub example: &'static str,
    /// Whether a text claims to be one; the first that says so reads it.
    pub(super) claims: fn(&str) -> bool,
    /// Reads one; none when it is not whole.
    pub(super) parse: fn(&str) -> Option<Hash>,
}

/// Every format. Adding one is a file that exports `FORMAT` and a row here.
pub static FORMATS: &[Format] = &[
    argon2::FORMAT,
    bcrypt::FORMAT,
    bcrypt::WORDPRESS,
    django::FORMAT,
    drupal::FORMAT,
    ez_publish::FORMAT,
    keycloak::FORMAT,
    ldap::FORMAT,
    pbkdf2::FORMAT,
    phpass::FORMAT,
    scrypt::FORMAT,
    sha_crypt::FORMAT,
];

/// A hash that was read, of one of the algorithms that formats use.
pub(super) enum Hash {
    Argon2(argon2::Hash),
    Bcrypt(bcrypt::Hash),
    Digest(digest::Hash),
    Pbkdf2(pbkdf2::Hash),
    Phpass(phpass::Hash),
    Scrypt(scrypt::Hash),
    ShaCrypt(sha_crypt::Hash),
}

/// What verifying costs.
pub(super) struct Cost {
    /// Microseconds of a usual core, roughly.
    pub work_us: u64,
    /// Bytes of memory.
    pub memory: u64,
}

impl Cost {
    /// So much work in hardly any memory.
    pub(super) const fn work(work_us: u64) -> Self {
        Self { work_us, memory: 0 }
    }
}

impl Hash {
    pub(super) fn fits(&self, password: &[u8], arena: &mut argon2::Arena) -> bool {
        match self {
            Self::Argon2(hash) => hash.fits(password, arena),
            Self::Bcrypt(hash) => hash.fits(password),
            Self::Digest(hash) => hash.fits(password),
            Self::Pbkdf2(hash) => hash.fits(password),
            Self::Phpass(hash) => hash.fits(password),
            Self::Scrypt(hash) => hash.fits(password),
            Self::ShaCrypt(hash) => hash.fits(password),
        }
    }

    pub(super) fn cost(&self) -> Cost {
        match self {
            Self::Argon2(hash) => hash.cost(),
            Self::Bcrypt(hash) => hash.cost(),
            Self::Digest(_) => Cost::work(1),
            Self::Pbkdf2(hash) => hash.cost(),
            Self::Phpass(hash) => hash.cost(),
            Self::Scrypt(hash) => hash.cost(),
            Self::ShaCrypt(hash) => hash.cost(),
        }
    }

    /// Whether it is what we make today.
    pub(super) fn is_todays(&self) -> bool {
        matches!(self, Self::Argon2(hash) if hash.is_todays())
    }
}

/// Reads a hash that is known and affordable.
pub(super) fn parse(text: &str) -> Result<Hash, BadHash> {
    // No format has other characters but for the name of a person in two of them.
    if text.len() > LONGEST_HASH || text.chars().any(char::is_control) {
        return Err(BadHash::Unknown);
    }
    let format = FORMATS.iter().find(|format| (format.claims)(text)).ok_or(BadHash::Unknown)?;
    let hash = (format.parse)(text).ok_or(BadHash::Unknown)?;
    let Cost { work_us, memory } = hash.cost();
    if work_us > MOST_WORK_US || memory > MOST_MEMORY {
        return Err(BadHash::TooExpensive);
    }
    Ok(hash)
}

/// The name of the format that a text claims to have.
pub fn name_of(text: &str) -> Option<&'static str> {
    FORMATS.iter().find(|format| (format.claims)(text)).map(|format| format.name)
}

/// What verifying against a hash takes, in microseconds of a usual core; none when it is refused.
pub fn work_us(text: &str) -> Option<u64> {
    parse(text).ok().map(|hash| hash.cost().work_us)
}

/// A decimal number without sign or leading zeros.
pub(super) fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}
