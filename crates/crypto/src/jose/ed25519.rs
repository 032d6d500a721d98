//! Which 32 bytes may be an Ed25519 public key.
//!
//! AWS-LC takes any. Two kinds are refused here: encodings of a coordinate that is not reduced (a second text of the same
//! key), and the points of small order, under which a signature can be made that fits many messages. Bytes that are no
//! point at all pass, and verify nothing.

/// The vertical coordinates of the eight points of small order, as they are encoded, without the sign bit: 0, 1, the two
/// of order eight, and p − 1.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
];

/// Whether `key` is a reduced coordinate and not one of a point of small order.
pub(super) fn is_sound(key: &[u8; 32]) -> bool {
    let mut y = *key;
    y[31] &= 0x7f;
    is_reduced(&y) && !SMALL_ORDER.contains(&y)
}

/// Whether y < p = 2²⁵⁵ − 19.
fn is_reduced(y: &[u8; 32]) -> bool {
    y[0] < 0xed || y[1..31].iter().any(|byte| *byte != 0xff) || y[31] != 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_order_and_unreduced_encodings_are_refused_with_either_sign() {
        let mut bad: Vec<[u8; 32]> = SMALL_ORDER.to_vec();
        for low in 0xed..=0xff {
            let mut unreduced = [0xff; 32];
            (unreduced[0], unreduced[31]) = (low, 0x7f);
            bad.push(unreduced);
        }
        for mut key in bad {
            assert!(!is_sound(&key), "{key:?}");
            key[31] |= 0x80;
            assert!(!is_sound(&key), "{key:?}");
        }
    }

    #[test]
    fn others_are_not() {
        let mut key = [0xff; 32];
        key[31] = 0x7f;
        key[0] = 0xeb;
        assert!(is_sound(&key));
        assert!(is_sound(&[9; 32]));
    }
}
