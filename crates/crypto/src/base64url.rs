//! Base64url without padding (RFC 4648, section 5; RFC 7515, section 2), one text per value.
//!
//! Decoding is strict: no padding, no white space, no foreign character, and the unused bits of the last character must be
//! zero. So a value has exactly one text, and a token cannot be written in a second form that verifies as well.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The text of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends the text of `bytes` to `out`, without an allocation of its own.
pub fn encode_onto(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// The bytes of `text`, or `None` unless it is exactly what [`encode`] would write for them.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_text() {
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
        assert_eq!(decode("-_8").as_deref(), Some(&[0xfb, 0xff][..]));
        assert_eq!(decode(""), Some(Vec::new()));
        for bad in ["-_9", "-_8=", "+/8", " -_8", "-_8\n", "-", "-_8-_", "é"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn every_length_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        for end in 0..bytes.len() {
            assert_eq!(decode(&encode(&bytes[..end])).as_deref(), Some(&bytes[..end]));
        }
    }
}
