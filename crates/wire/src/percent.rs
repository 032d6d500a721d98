//! Percent-encoding: of `application/x-www-form-urlencoded` (RFC 6749, appendix B), and of segments of a path (RFC 3986, section 3.3). Strict on
//! the way in.

/// Decodes one name or value of a form: `+` is a space, `%` needs two hexadecimal digits, the outcome must be UTF-8.
/// `None` for anything else, raw control bytes included.
pub fn decode(text: &[u8]) -> Option<String> {
    decode_with(text, b' ')
}

/// Decodes one segment of a path, as [`decode`] but for `+`, which is itself there.
pub fn decode_segment(text: &str) -> Option<String> {
    decode_with(text.as_bytes(), b'+')
}

fn decode_with(text: &[u8], plus: u8) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        out.push(match byte {
            b'+' => plus,
            b'%' => hex(*rest.next()?)? << 4 | hex(*rest.next()?)?,
            0..=0x1f | 0x7f => return None,
            _ => byte,
        });
    }
    String::from_utf8(out).ok()
}

/// Encodes everything but the unreserved characters of RFC 3986, so that the outcome stands in a path segment, a
/// query, a form body or a `Basic` credential alike (a space becomes `%20`).
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    encode_into(text, &mut out);
    out
}

/// As [`encode`], appending.
pub fn encode_into(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// RFC 3986, 2.3.
pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether every byte may stand in a URI (RFC 3986, 2) and every `%` is followed by two hexadecimal digits that do
/// not stand for a control byte.
pub(crate) fn is_uri_text(text: &str) -> bool {
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let fine = match byte {
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => !(high << 4 | low).is_ascii_control(),
                _ => false,
            },
            b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            _ => is_unreserved(byte),
        };
        if !fine {
            return false;
        }
    }
    true
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_is_strict() {
        let rows: &[(&[u8], Option<&str>)] = &[
            (b"", Some("")),
            (b"a+b%20c", Some("a b c")),
            (b"%2B%25", Some("+%")),
            (b"%c3%a4", Some("\u{e4}")),
            (b"%F0%9f%98%80", Some("\u{1f600}")),
            (b"%00", Some("\0")),
            // TE-017
            (b"%zz", None),
            (b"%", None),
            (b"a%4", None),
            (b"%+1", None),
            (b"%c0%af", None),
            (b"%ed%a0%80", None),
            (b"%ff", None),
            (b"\xff", None),
            (b"a\nb", None),
            (b"a\x7f", None),
        ];
        for (given, expected) in rows {
            assert_eq!(decode(given).as_deref(), *expected, "{:?}", String::from_utf8_lossy(given));
        }
    }

    #[test]
    fn in_a_path_a_plus_sign_is_itself() {
        for (given, expected) in [
            ("", Some("")),
            ("a+b%20c%2Bd", Some("a+b c+d")),
            ("a%2Fb", Some("a/b")),
            ("%252F", Some("%2F")),
            ("%zz", None),
            ("%+1", None),
            ("%ff", None),
            ("a\nb", None),
        ] {
            assert_eq!(decode_segment(given).as_deref(), expected, "{given:?}");
        }
    }

    #[test]
    fn what_is_encoded_is_unreserved_and_decodes_to_itself() {
        let text: String = (0u32..0x300).filter_map(char::from_u32).collect();
        let encoded = encode(&text);
        assert!(encoded.bytes().all(|b| is_unreserved(b) || b == b'%'));
        assert_eq!(decode(encoded.as_bytes()), Some(text.clone()));
        assert_eq!(decode_segment(&encoded), Some(text));
        assert_eq!(encode(" &=\u{e4}"), "%20%26%3D%C3%A4");
    }

    #[test]
    fn uri_text_has_no_stray_bytes() {
        for fine in ["https://a.example/x?y=%20#z", "urn:a:b", "http://[::1]/", "%E4"] {
            assert!(is_uri_text(fine), "{fine}");
        }
        for bad in [
            "a b", "a\\b", "a\"", "<", ">", "^", "`", "{", "|", "\u{e4}", "%", "%4", "%zz", "%0d", "%00",
            "%7F", "\n",
        ] {
            assert!(!is_uri_text(bad), "{bad:?}");
        }
    }
}
