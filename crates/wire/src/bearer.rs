//! Access tokens in the `Authorization` header (RFC 6750, 2.1), under that scheme or an older contract's.

use crate::basic::credentials;
use crate::limits::TOKEN_BYTES;
use crate::names::errors;

/// The scheme of RFC 6750.
pub const BEARER: &str = "Bearer";

/// The token of an `Authorization` header that uses this scheme.
pub fn parse<'a>(header: &'a str, scheme: &str) -> Result<&'a str, BadBearer> {
    check(credentials(header, scheme).ok_or(BadBearer::Scheme)?)
}

/// A token from elsewhere (the `access_token` of a form body), held to the same syntax.
pub fn check(token: &str) -> Result<&str, BadBearer> {
    if token.len() > TOKEN_BYTES {
        return Err(BadBearer::TooLong);
    }
    let digits = token.trim_end_matches('=');
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if digits.is_empty() || !digits.bytes().all(fine) {
        return Err(BadBearer::Character);
    }
    Ok(token)
}

errors! {
    /// Why there is no token to look at.
    pub enum BadBearer {
        Character = "the access token is empty or has a character that RFC 6750 does not allow",
        Scheme = "the Authorization header does not use this scheme",
        TooLong = "the access token is too long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_is_read() {
        for (header, token) in
            [("Bearer abc", "abc"), ("bearer  a-._~+/b==", "a-._~+/b=="), ("BEARER e.y.J", "e.y.J")]
        {
            assert_eq!(parse(header, BEARER), Ok(token));
        }
        assert_eq!(parse("token abc", "Token"), Ok("abc"));
        let long = "a".repeat(TOKEN_BYTES + 1);
        assert_eq!(check(&long[1..]), Ok(&long[1..]));
        let rows = [
            ("", BadBearer::Scheme),
            ("Bearer", BadBearer::Scheme),
            ("Bearerabc", BadBearer::Scheme),
            ("Basic abc", BadBearer::Scheme),
            ("DPoP abc", BadBearer::Scheme),
            ("Bearer ", BadBearer::Character),
            ("Bearer =", BadBearer::Character),
            ("Bearer a b", BadBearer::Character),
            ("Bearer a,b", BadBearer::Character),
            ("Bearer a=b", BadBearer::Character),
            ("Bearer \"a\"", BadBearer::Character),
            ("Bearer a\u{e4}", BadBearer::Character),
            ("Bearer a\n", BadBearer::Character),
            (&format!("Bearer {long}"), BadBearer::TooLong),
        ];
        for (header, expected) in rows {
            assert_eq!(parse(header, BEARER), Err(expected), "{header}");
        }
        assert_eq!(parse("Bearer abc", "Token"), Err(BadBearer::Scheme));
    }
}
