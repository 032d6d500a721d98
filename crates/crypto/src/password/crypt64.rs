//! The 64 digits of crypt(3): six bits each, the lowest first.

const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The text of some bytes: four digits for three bytes, three for two, two for one.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().rev().fold(0usize, |word, byte| word << 8 | usize::from(*byte));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[word >> (6 * digit) & 63]));
        }
    }
    text
}

/// What a digit stands for.
pub(super) fn digit(digit: u8) -> Option<u32> {
    DIGITS.iter().position(|known| *known == digit).and_then(|at| u32::try_from(at).ok())
}

/// Whether a text has only such digits.
pub(super) fn is_text(text: &str) -> bool {
    text.bytes().all(|byte| digit(byte).is_some())
}
