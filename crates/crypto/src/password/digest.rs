//! One digest of the password between two texts: what systems did before there were password hashes. MD5 and SHA-1 are broken
//! as digests, but nobody finds the password of such a hash by that: it is guessed, which is why it is replaced at the first sign-in.
//!
//! MD5 is RustCrypto's `md-5`, which the PostgreSQL driver brings anyway: AWS-LC has no safe call for it.

use aws_lc_rs::digest;
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use crate::digest::constant_time_eq;

/// `digest(before || password || after)`.
pub(super) struct Hash {
    pub algorithm: Algorithm,
    pub before: Vec<u8>,
    pub after: Vec<u8>,
    pub expected: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    /// None when the digest is not as long as its algorithm makes it.
    pub(super) fn new(algorithm: Algorithm, before: &[u8], after: &[u8], expected: Vec<u8>) -> Option<Self> {
        let whole = expected.len() == algorithm.length();
        whole.then(|| Self { algorithm, before: before.to_vec(), after: after.to_vec(), expected })
    }

    pub(super) fn fits(&self, password: &[u8]) -> bool {
        constant_time_eq(&self.algorithm.of(&[&self.before, password, &self.after]), &self.expected)
    }
}

impl Algorithm {
    /// Bytes of a digest.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The digest of the parts, one after the other.
    pub(super) fn of(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let algorithm = match self {
            Self::Md5 => {
                let mut context = Md5::new();
                parts.iter().for_each(|part| context.update(part));
                return Zeroizing::new(context.finalize().to_vec());
            }
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        };
        let mut context = digest::Context::new(algorithm);
        parts.iter().for_each(|part| context.update(part));
        Zeroizing::new(context.finish().as_ref().to_vec())
    }
}

/// Bytes of hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
