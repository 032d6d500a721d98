//! Values that are not ours to read: they are held to a size and a character set, and come back byte for byte.

use crate::limits::{CLIENT_ID_BYTES, NONCE_BYTES, STATE_BYTES};
use crate::names::errors;

/// Checks a `client_id` before anything is looked up by it: visible ASCII (RFC 6749, appendix A.1, without the
/// space, which no identifier of ours has).
pub fn client_id(text: &str) -> Result<&str, BadOpaque> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(BadOpaque::ClientId);
    }
    if text.len() > CLIENT_ID_BYTES { Err(BadOpaque::TooLong) } else { Ok(text) }
}

/// Checks a `state`: any characters, but not any number of them.
pub fn state(text: &str) -> Result<&str, BadOpaque> {
    if text.len() > STATE_BYTES { Err(BadOpaque::TooLong) } else { Ok(text) }
}

/// Checks a `nonce`: as a state; it is repeated in the ID token.
pub fn nonce(text: &str) -> Result<&str, BadOpaque> {
    if text.len() > NONCE_BYTES { Err(BadOpaque::TooLong) } else { Ok(text) }
}

errors! {
    /// Why such a value was refused (`invalid_request`).
    pub enum BadOpaque {
        ClientId = "client_id is empty or has a character that no client identifier has",
        TooLong = "client_id, state or nonce is too long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_visible_ascii() {
        let longest = "a".repeat(CLIENT_ID_BYTES);
        for fine in ["demo-web", "s6BhdRkqt3", "https://app.example/client", longest.as_str()] {
            assert_eq!(client_id(fine), Ok(fine));
        }
        let long = format!("{longest}a");
        // UN-009
        for wrong in ["", "a b", "a\n", "a\0", "\u{430}dmin", "demo\u{2010}web"] {
            assert_eq!(client_id(wrong), Err(BadOpaque::ClientId), "{wrong:?}");
        }
        assert_eq!(client_id(&long), Err(BadOpaque::TooLong));
    }

    #[test]
    fn state_and_nonce_are_held_to_a_size_only() {
        // IS-004
        let longest = "\"\u{1}".repeat(STATE_BYTES / 2);
        assert_eq!(state(&longest), Ok(longest.as_str()));
        assert_eq!(nonce(&longest), Ok(longest.as_str()));
        let long = "a".repeat(STATE_BYTES + 1);
        assert_eq!(state(&long), Err(BadOpaque::TooLong));
        assert_eq!(nonce(&long), Err(BadOpaque::TooLong));
    }
}
