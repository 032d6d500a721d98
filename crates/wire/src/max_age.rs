//! The `max_age` parameter (OpenID Connect Core, 3.1.2.1).

use crate::names::errors;

/// Reads a number of seconds: decimal digits only, no sign, no space, at most `u32::MAX`.
pub fn parse(text: &str) -> Result<u32, BadMaxAge> {
    // `str::parse` takes a leading plus.
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BadMaxAge::NotANumber);
    }
    text.parse().map_err(|_| BadMaxAge::OutOfRange)
}

errors! {
    /// Why the parameter was refused (`invalid_request`).
    pub enum BadMaxAge {
        NotANumber = "max_age must be a number of seconds",
        OutOfRange = "max_age is too large",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_digits() {
        let rows = [
            ("0", Ok(0)),
            ("10000", Ok(10_000)),
            ("007", Ok(7)),
            ("4294967295", Ok(u32::MAX)),
            // IS-013
            ("-1", Err(BadMaxAge::NotANumber)),
            ("abc", Err(BadMaxAge::NotANumber)),
            ("", Err(BadMaxAge::NotANumber)),
            ("+1", Err(BadMaxAge::NotANumber)),
            (" 1", Err(BadMaxAge::NotANumber)),
            ("1.0", Err(BadMaxAge::NotANumber)),
            ("1e3", Err(BadMaxAge::NotANumber)),
            ("\u{661}", Err(BadMaxAge::NotANumber)),
            ("4294967296", Err(BadMaxAge::OutOfRange)),
            ("99999999999999999999", Err(BadMaxAge::OutOfRange)),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }
}
