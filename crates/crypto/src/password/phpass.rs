//! phpass's portable hashes (WordPress until 6.7, phpBB): MD5 over and over, `$P$` or `$H$`, a digit for the rounds, eight of salt.

use super::bcrypt::hex;
use super::crypt64;
use super::digest::Algorithm;
use super::format::{self, Cost, Format};
use crate::digest::constant_time_eq;

pub(super) const FORMAT: Format = Format {
    name: "phpass",
    example: "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0",
    claims: |text| text.starts_with("$P$") || text.starts_with("$H$"),
    parse: |text| {
        let rest = text.strip_prefix("$P$").or_else(|| text.strip_prefix("$H$"))?;
        parse(rest, Algorithm::Md5, 22, false).map(format::Hash::Phpass)
    },
};

pub(super) struct Hash {
    algorithm: Algorithm,
    log_rounds: u32,
    salt: String,
    expected: String,
    /// The password is first replaced by the hexadecimal digits of its MD5.
    of_md5: bool,
}

/// What follows the prefix; `length` digits of the result are kept.
pub(super) fn parse(rest: &str, algorithm: Algorithm, length: usize, of_md5: bool) -> Option<Hash> {
    if rest.len() != 9 + length || !crypt64::is_text(rest) {
        return None;
    }
    let log_rounds = crypt64::digit(*rest.as_bytes().first()?)?;
    let (salt, expected) = (rest[1..9].to_owned(), rest[9..].to_owned());
    (7..=30).contains(&log_rounds).then_some(Hash { algorithm, log_rounds, salt, expected, of_md5 })
}

impl Hash {
    pub(super) fn fits(&self, password: &[u8]) -> bool {
        let inner = self.of_md5.then(|| hex(&Algorithm::Md5.of(&[password])).into_bytes());
        let password = inner.as_deref().unwrap_or(password);
        let mut state = self.algorithm.of(&[self.salt.as_bytes(), password]);
        for _ in 0..1u64 << self.log_rounds {
            state = self.algorithm.of(&[&state, password]);
        }
        let text = crypt64::encode(&state);
        text.get(..self.expected.len())
            .is_some_and(|text| constant_time_eq(text.as_bytes(), self.expected.as_bytes()))
    }

    /// For a password of usual length.
    pub(super) fn cost(&self) -> Cost {
        Cost::work((1 << self.log_rounds) / 2)
    }
}
