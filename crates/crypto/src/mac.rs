//! HMAC-SHA-256 over a list of parts.
//!
//! Every part goes in behind its length, so that no two different lists have the same input: `["ab", "c"]` is not
//! `["a", "bc"]`. The first part is by custom a label that says what the tag is for, so that a tag made for one purpose
//! means nothing for another.

use aws_lc_rs::hmac;
use zeroize::Zeroize;

use crate::digest::constant_time_eq;

/// The shortest tag that [`MacKey::verify`] takes: 128 bits.
pub const SHORTEST_TAG: usize = 16;

/// A key of 256 bits, prepared once.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// The key of these bytes, which are overwritten here; they must be random.
    pub fn from_bytes(mut bytes: [u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        bytes.zeroize();
        MacKey(key)
    }

    /// The tag of `parts`.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Whether `tag` is the one of `parts`, in constant time. It may be cut on the right, to [`SHORTEST_TAG`] bytes at most.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        let whole = self.tag(parts);
        (SHORTEST_TAG..=whole.len()).contains(&tag.len()) && constant_time_eq(&whole[..tag.len()], tag)
    }
}

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_may_be_cut_but_not_below_128_bits() {
        let key = MacKey::from_bytes([7; 32]);
        let tag = key.tag(&[b"label", b"value"]);
        for length in 0..=32 {
            assert_eq!(key.verify(&[b"label", b"value"], &tag[..length]), length >= SHORTEST_TAG, "{length}");
        }
        assert!(!key.verify(&[b"label", b"value"], &[&tag[..], &[0]].concat()));
    }

    #[test]
    fn every_bit_of_input_key_and_tag_counts() {
        let key = MacKey::from_bytes([7; 32]);
        let mut tag = key.tag(&[b"ab", b"c"]);
        for other in [&[&b"a"[..], b"bc"][..], &[b"abc"], &[b"ab", b"c", b""], &[b"ab"], &[]] {
            assert!(!key.verify(other, &tag), "{other:?}");
        }
        assert!(!MacKey::from_bytes([8; 32]).verify(&[b"ab", b"c"], &tag));
        for bit in 0..256 {
            tag[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verify(&[b"ab", b"c"], &tag));
            tag[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn the_framing_is_pinned() {
        let key = MacKey::from_bytes([0x0b; 32]);
        let plain = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &[0x0b; 32]),
            b"\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\0",
        );
        assert_eq!(&key.tag(&[b"ab", b""])[..], plain.as_ref());
        assert_eq!(format!("{key:?}"), "MacKey([secret])");
    }
}
