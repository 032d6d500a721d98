//! `client_secret_basic`: HTTP Basic with form-encoded parts (RFC 6749, 2.3.1; RFC 7617).

use crate::limits::{BASIC_BYTES, CLIENT_ID_BYTES, CLIENT_SECRET_BYTES};
use crate::names::errors;
use crate::percent;

/// Whether a header speaks the Basic scheme: such a caller is answered with `WWW-Authenticate: Basic`.
pub fn is_basic(header: &str) -> bool {
    credentials(header, "basic").is_some()
}

/// Reads an `Authorization` header. Gives the client's identifier and secret, both percent-decoded.
pub fn parse(header: &str) -> Result<(String, String), BadBasic> {
    let encoded = credentials(header, "basic").ok_or(BadBasic::Scheme)?;
    if encoded.len() > BASIC_BYTES {
        return Err(BadBasic::TooLong);
    }
    let pair = decode_base64(encoded).ok_or(BadBasic::Base64)?;
    let colon = pair.iter().position(|&b| b == b':').ok_or(BadBasic::Colon)?;
    let id = percent::decode(&pair[..colon]).ok_or(BadBasic::Encoding)?;
    let secret = percent::decode(&pair[colon + 1..]).ok_or(BadBasic::Encoding)?;
    if id.len() > CLIENT_ID_BYTES || secret.len() > CLIENT_SECRET_BYTES {
        return Err(BadBasic::TooLong);
    }
    // RFC 6749, appendix A.1 and A.2: visible characters and space.
    if id.is_empty() || secret.is_empty() {
        return Err(BadBasic::Empty);
    }
    if !id.bytes().chain(secret.bytes()).all(|b| matches!(b, b' '..=b'~')) {
        return Err(BadBasic::Character);
    }
    Ok((id, secret))
}

/// Reads an `Authorization` header of a person (RFC 7617): name and password, as they are, in UTF-8. A name has no colon, a password may.
pub fn person(header: &str) -> Result<(String, String), BadBasic> {
    let encoded = credentials(header, "basic").ok_or(BadBasic::Scheme)?;
    if encoded.len() > BASIC_BYTES {
        return Err(BadBasic::TooLong);
    }
    let pair = String::from_utf8(decode_base64(encoded).ok_or(BadBasic::Base64)?);
    let pair = pair.map_err(|_| BadBasic::Encoding)?;
    let (name, password) = pair.split_once(':').ok_or(BadBasic::Colon)?;
    if name.is_empty() || password.is_empty() {
        return Err(BadBasic::Empty);
    }
    if pair.chars().any(char::is_control) {
        return Err(BadBasic::Character);
    }
    Ok((name.to_owned(), password.to_owned()))
}

errors! {
    /// Why Basic credentials were refused (`invalid_client`).
    pub enum BadBasic {
        Base64 = "the Basic credentials are not base64",
        Character = "the client identifier or secret has a character that RFC 6749 does not allow",
        Colon = "the Basic credentials have no colon",
        Empty = "the client identifier or secret is empty",
        Encoding = "the client identifier or secret is not percent-encoded (RFC 6749, 2.3.1)",
        Scheme = "the Authorization header does not use the Basic scheme",
        TooLong = "the Basic credentials are too long",
    }
}

/// What follows a scheme (RFC 9110, 11.4: case-insensitive, then spaces).
pub(crate) fn credentials<'a>(header: &'a str, scheme: &str) -> Option<&'a str> {
    let (name, rest) = header.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| rest.trim_start_matches(' '))
}

/// Standard alphabet, padded, no bits left over (RFC 4648, 4).
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in digits.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    (bits == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_decoded_twice() {
        let rows = [
            ("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "s6BhdRkqt3", "gX1fBat3bV"),
            ("basic   YTpi", "a", "b"),
            // a%3Ab:c+d%25
            ("BASIC YSUzQWI6YytkJTI1", "a:b", "c d%"),
            // a:b:c
            ("Basic YTpiOmM=", "a", "b:c"),
        ];
        for (header, id, secret) in rows {
            assert_eq!(parse(header), Ok((id.to_owned(), secret.to_owned())), "{header}");
            assert!(is_basic(header));
        }
    }

    #[test]
    fn a_person_is_read_as_they_are() {
        let of = |pair: &str| person(&format!("Basic {}", base64(pair)));
        for (pair, name, password) in
            [("a:b", "a", "b"), ("a:b:c", "a", "b:c"), ("\u{e4}:%41+", "\u{e4}", "%41+")]
        {
            assert_eq!(of(pair), Ok((name.to_owned(), password.to_owned())), "{pair}");
        }
        let rows = [
            ("ab", BadBasic::Colon),
            (":b", BadBasic::Empty),
            ("a:", BadBasic::Empty),
            ("a:\0", BadBasic::Character),
        ];
        for (pair, wrong) in rows {
            assert_eq!(of(pair), Err(wrong), "{pair:?}");
        }
        assert_eq!(person("Bearer YTpi"), Err(BadBasic::Scheme));
    }

    #[test]
    fn malformed_credentials_are_refused() {
        let id = format!("Basic {}", base64(&format!("{}:b", "a".repeat(CLIENT_ID_BYTES + 1))));
        let secret = format!("Basic {}", base64(&format!("a:{}", "b".repeat(CLIENT_SECRET_BYTES + 1))));
        let long = format!("Basic {}", base64(&"a".repeat(BASIC_BYTES)));
        let rows = [
            ("", BadBasic::Scheme),
            ("Basic", BadBasic::Scheme),
            ("BasicYTpi", BadBasic::Scheme),
            ("Bearer YTpi", BadBasic::Scheme),
            ("Basic ", BadBasic::Base64),
            ("Basic YTpi=", BadBasic::Base64),
            ("Basic YTpiOmM", BadBasic::Base64),
            ("Basic YTpiOmN=", BadBasic::Base64),
            ("Basic YTp_", BadBasic::Base64),
            ("Basic Y===", BadBasic::Base64),
            ("Basic YT=i", BadBasic::Base64),
            ("Basic YTpi YTpi", BadBasic::Base64),
            ("Basic YTpi\n", BadBasic::Base64),
            (&format!("Basic {}", base64("ab")), BadBasic::Colon),
            (&format!("Basic {}", base64(":b")), BadBasic::Empty),
            (&format!("Basic {}", base64("a:")), BadBasic::Empty),
            (&format!("Basic {}", base64("a%zz:b")), BadBasic::Encoding),
            (&format!("Basic {}", base64("a:b%")), BadBasic::Encoding),
            (&format!("Basic {}", base64("a:b%c0%af")), BadBasic::Encoding),
            (&format!("Basic {}", base64("a\0:b")), BadBasic::Encoding),
            (&format!("Basic {}", base64("a%00:b")), BadBasic::Character),
            (&format!("Basic {}", base64("a:%0a")), BadBasic::Character),
            // UN-009
            (&format!("Basic {}", base64("\u{430}:b")), BadBasic::Character),
            (&id, BadBasic::TooLong),
            (&secret, BadBasic::TooLong),
            (&long, BadBasic::TooLong),
        ];
        for (header, expected) in rows {
            assert_eq!(parse(header), Err(expected), "{header}");
        }
    }

    fn base64(text: &str) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in text.as_bytes().chunks(3) {
            let bits =
                chunk.iter().fold(0u32, |bits, &b| bits << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
            for at in 0..4 {
                let digit = ALPHABET[(bits >> (18 - 6 * at)) as usize & 63];
                out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
            }
        }
        out
    }
}
