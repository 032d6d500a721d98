//! Sealed values: AES-256-GCM with the id of its key in front, bound to the place where it is kept.
//!
//! ```text
//! version (1) | key id (4, big-endian) | nonce (12) | ciphertext | tag (16)
//! ```
//! The first five bytes are authenticated as well, in front of the caller's associated data. That data names the place
//! (table, row, column): a sealed value that was moved to another row does not open.
//!
//! Nonces are random, so one key may seal 2³² values (NIST SP 800-38D, section 8.3); data keys are per tenant and are
//! rotated long before.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroize;

use crate::random::{Random, array};

const VERSION: u8 = 1;
const HEADER_LEN: usize = 5;
const TAG_LEN: usize = 16;

/// How many bytes a sealed value is longer than what is in it.
pub const OVERHEAD: usize = HEADER_LEN + NONCE_LEN + TAG_LEN;

/// A key that seals and opens, prepared once.
pub struct SealingKey {
    id: u32,
    key: LessSafeKey,
}

/// Why a sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short, or of another version.
    #[error("not a sealed value")]
    Malformed,
    /// Changed, or moved from where it belongs.
    #[error("the sealed value was changed, or belongs elsewhere")]
    Tampered,
    /// Sealed with the key of this id, not with this one.
    #[error("sealed with key {0}, which is not this one")]
    WrongKey(u32),
}

impl SealingKey {
    /// The key `id` of these bytes, which are overwritten here; they must be random.
    pub fn from_bytes(id: u32, mut bytes: [u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &bytes).expect("the key of AES-256 has 32 bytes");
        bytes.zeroize();
        SealingKey { id, key: LessSafeKey::new(key) }
    }

    /// The id that stands in what this key seals.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Seals `plain` for the place that `aad` names.
    pub fn seal(&self, aad: &[u8], plain: &[u8], random: &mut dyn Random) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = array(random);
        let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
        out.push(VERSION);
        out.extend(self.id.to_be_bytes());
        let bound = [&out, aad].concat();
        out.extend(nonce);
        out.extend(plain);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound),
                &mut out[HEADER_LEN + NONCE_LEN..],
            )
            .expect("values are far smaller than the 64 GiB that GCM can seal");
        out.extend(tag.as_ref());
        out
    }

    /// What is in `sealed`, if this key sealed it for the place that `aad` names.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let id = sealed_with(sealed).ok_or(OpenError::Malformed)?;
        if id != self.id {
            return Err(OpenError::WrongKey(id));
        }
        let (header, rest) = sealed.split_at(HEADER_LEN);
        let (nonce, rest) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError::Malformed)?;
        let mut plain = rest.to_vec();
        let length = self
            .key
            .open_in_place(nonce, Aad::from([header, aad].concat()), &mut plain)
            .map_err(|_| OpenError::Tampered)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealingKey({}, [secret])", self.id)
    }
}

/// The id of the key that `sealed` names, if it has the shape of a sealed value at all.
pub fn sealed_with(sealed: &[u8]) -> Option<u32> {
    if sealed.len() < OVERHEAD || sealed[0] != VERSION {
        return None;
    }
    sealed[1..HEADER_LEN].try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    fn sealed() -> (SealingKey, Vec<u8>) {
        let key = SealingKey::from_bytes(3, [9; 32]);
        let sealed = key.seal(b"key/7/private", b"value", &mut SeededRandom::new(1));
        (key, sealed)
    }

    #[test]
    fn it_opens_at_its_place_only() {
        let (key, sealed) = sealed();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(sealed_with(&sealed), Some(3));
        assert_eq!(key.open(b"key/7/private", &sealed), Ok(b"value".to_vec()));
        assert_eq!(key.open(b"key/8/private", &sealed), Err(OpenError::Tampered));
        assert_eq!(key.open(b"", &sealed), Err(OpenError::Tampered));
    }

    #[test]
    fn another_key_does_not_open_it() {
        let (_, sealed) = sealed();
        let same_id = SealingKey::from_bytes(3, [8; 32]);
        assert_eq!(same_id.open(b"key/7/private", &sealed), Err(OpenError::Tampered));
        let other_id = SealingKey::from_bytes(4, [9; 32]);
        assert_eq!(other_id.open(b"key/7/private", &sealed), Err(OpenError::WrongKey(3)));
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let (key, sealed) = sealed();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(b"key/7/private", &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(key.open(b"key/7/private", &sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn the_key_id_cannot_be_relabelled() {
        let (_, mut sealed) = sealed();
        sealed[4] = 4;
        let renamed = SealingKey::from_bytes(4, [9; 32]);
        assert_eq!(renamed.open(b"key/7/private", &sealed), Err(OpenError::Tampered));
    }

    #[test]
    fn nothing_can_be_sealed_too() {
        let key = SealingKey::from_bytes(0, [1; 32]);
        let sealed = key.seal(b"", b"", &mut SeededRandom::new(2));
        assert_eq!(key.open(b"", &sealed), Ok(Vec::new()));
        assert_eq!(format!("{key:?}"), "SealingKey(0, [secret])");
    }
}
