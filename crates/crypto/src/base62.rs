//! Alphanumeric text of a fixed length, for tokens that people select with a double click and secret scanners find.
//!
//! The bytes are one big-endian number, written with the digits `0-9A-Za-z` and padded on the left with `0`. Length and
//! bytes determine each other, so a value has one text: [`decode_fixed`] refuses every other one.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits that are converted at a time: 62⁵ < 2³⁰, so that a step fits in 64 bits.
const GROUP: usize = 5;
const GROUP_VALUE: u64 = 62u64.pow(GROUP as u32);

/// How many digits any value of `bytes` bytes fits in: 43 for 32 bytes, 39 for 29, 22 for 16.
pub const fn length_for(bytes: usize) -> usize {
    // ln(256) / ln(62) = 1.343 590 1…, rounded up; exact far beyond every length that occurs (a test compares it).
    (bytes * 13_435_902).div_ceil(10_000_000)
}

/// The text of `bytes` in exactly `length` digits.
///
/// # Panics
/// If `length` is less than [`length_for`]`(bytes.len())`: the lengths of our tokens are constants.
pub fn encode_fixed(bytes: &[u8], length: usize) -> String {
    assert!(length >= length_for(bytes.len()), "base62: {} bytes do not fit in {length} digits", bytes.len());
    let mut limbs: Vec<u32> = Vec::with_capacity(bytes.len().div_ceil(4));
    for chunk in bytes.rchunks(4) {
        limbs.push(chunk.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte)));
    }
    let mut text = vec![b'0'; length];
    for group in text.rchunks_mut(GROUP) {
        let mut rest = 0u64;
        for limb in limbs.iter_mut().rev() {
            let value = rest << 32 | u64::from(*limb);
            *limb = (value / GROUP_VALUE) as u32;
            rest = value % GROUP_VALUE;
        }
        for digit in group.iter_mut().rev() {
            *digit = DIGITS[(rest % 62) as usize];
            rest /= 62;
        }
    }
    text.iter().map(|digit| char::from(*digit)).collect()
}

/// The `bytes` bytes whose text `text` is, or `None` unless it has exactly [`length_for`]`(bytes)` digits, no foreign
/// character among them, and stands for a number that fits.
pub fn decode_fixed(text: &str, bytes: usize) -> Option<Vec<u8>> {
    if text.len() != length_for(bytes) {
        return None;
    }
    let mut limbs = vec![0u32; bytes.div_ceil(4)];
    for group in text.as_bytes().chunks(GROUP) {
        let (mut carry, mut scale) = (0u64, 1u64);
        for digit in group {
            carry = carry * 62 + digit_value(*digit)?;
            scale *= 62;
        }
        for limb in &mut limbs {
            let value = u64::from(*limb) * scale + carry;
            *limb = value as u32;
            carry = value >> 32;
        }
        if carry != 0 {
            return None;
        }
    }
    let wide: Vec<u8> = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
    let (high, low) = wide.split_at(wide.len() - bytes);
    high.iter().all(|byte| *byte == 0).then(|| low.to_vec())
}

fn digit_value(digit: u8) -> Option<u64> {
    match digit {
        b'0'..=b'9' => Some(u64::from(digit - b'0')),
        b'A'..=b'Z' => Some(u64::from(digit - b'A') + 10),
        b'a'..=b'z' => Some(u64::from(digit - b'a') + 36),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, SeededRandom};

    #[test]
    fn known_values() {
        assert_eq!(encode_fixed(&[61], 2), "0z");
        assert_eq!(encode_fixed(&[62], 2), "10");
        assert_eq!(encode_fixed(&[255; 16], 22), "7n42DGM5Tflk9n8mt7Fhc7");
        assert_eq!((length_for(16), length_for(29), length_for(32)), (22, 39, 43));
        assert_eq!(encode_fixed(&[], 0), "");
    }

    #[test]
    fn the_length_is_enough_and_not_more() {
        for bytes in 1..200 {
            let exact = (bytes as f64 * 256f64.ln() / 62f64.ln()).ceil() as usize;
            assert_eq!(length_for(bytes), exact, "{bytes} bytes");
            assert!(decode_fixed(&encode_fixed(&vec![255; bytes], exact), bytes) == Some(vec![255; bytes]));
        }
    }

    #[test]
    fn every_value_comes_back() {
        let mut random = SeededRandom::new(62);
        for bytes in 1..70 {
            let mut value = vec![0; bytes];
            random.fill(&mut value);
            let text = encode_fixed(&value, length_for(bytes));
            assert_eq!(decode_fixed(&text, bytes), Some(value));
        }
    }

    #[test]
    fn a_value_has_one_text() {
        for bad in [
            "7n42DGM5Tflk9n8mt7Fhc8",
            "zzzzzzzzzzzzzzzzzzzzzz",
            "",
            "0",
            "7n42DGM5Tflk9n8mt7Fhc-",
            "07n42DGM5Tflk9n8mt7Fhc7",
        ] {
            assert_eq!(decode_fixed(bad, 16), None, "{bad}");
        }
        assert_eq!(decode_fixed("é00000000000000000000", 16), None);
    }
}
