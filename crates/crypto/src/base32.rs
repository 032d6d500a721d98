//! Base 32 (RFC 4648, section 6) without padding: what people read off a screen and type.

/// Encodes, in capital letters.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

/// Whether a capital letter or digit is one of the 32.
pub const fn is_letter(c: char) -> bool {
    matches!(c, 'A'..='Z' | '2'..='7')
}

fn letter(value: u32) -> char {
    char::from(LETTERS[(value & 31) as usize])
}

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        let rows = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (plain, text) in rows {
            assert_eq!(encode(plain.as_bytes()), text);
            assert!(text.chars().all(is_letter));
        }
        assert!(!"01890-=a ".chars().any(is_letter));
    }
}
