//! Response types (RFC 6749, 3.1.1; OAuth 2.0 Multiple Response Type Encoding Practices).

use std::fmt;

use crate::names::serde_as_string;
use crate::response_mode::ResponseMode;

/// A registered combination. The words of `response_type` are a set: their order does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResponseType {
    /// `code`
    Code,
    /// `code id_token`
    CodeIdToken,
    /// `code id_token token`
    CodeIdTokenToken,
    /// `code token`
    CodeToken,
    /// `id_token`
    IdToken,
    /// `id_token token`
    IdTokenToken,
    /// `none`
    None,
    /// `token`
    Token,
}

impl ResponseType {
    /// Every member.
    pub const ALL: &'static [ResponseType] = &[
        ResponseType::Code,
        ResponseType::CodeIdToken,
        ResponseType::CodeIdTokenToken,
        ResponseType::CodeToken,
        ResponseType::IdToken,
        ResponseType::IdTokenToken,
        ResponseType::None,
        ResponseType::Token,
    ];

    /// Reads the parameter: words in any order, none twice.
    pub fn parse(text: &str) -> Result<ResponseType, UnknownResponseType> {
        // The longest has 19 bytes; nothing longer is sorted.
        if text.len() > 19 {
            return Err(UnknownResponseType);
        }
        let mut words: Vec<_> = text.split(' ').collect();
        words.sort_unstable();
        let sorted = words.join(" ");
        ResponseType::ALL.iter().copied().find(|known| known.as_str() == sorted).ok_or(UnknownResponseType)
    }

    /// The words in alphabetical order, as discovery writes them.
    pub const fn as_str(self) -> &'static str {
        match self {
            ResponseType::Code => "code",
            ResponseType::CodeIdToken => "code id_token",
            ResponseType::CodeIdTokenToken => "code id_token token",
            ResponseType::CodeToken => "code token",
            ResponseType::IdToken => "id_token",
            ResponseType::IdTokenToken => "id_token token",
            ResponseType::None => "none",
            ResponseType::Token => "token",
        }
    }

    /// How the answer travels when the request does not say: tokens never stand in a query.
    pub const fn default_mode(self) -> ResponseMode {
        match self {
            ResponseType::Code | ResponseType::None => ResponseMode::Query,
            ResponseType::CodeIdToken
            | ResponseType::CodeIdTokenToken
            | ResponseType::CodeToken
            | ResponseType::IdToken
            | ResponseType::IdTokenToken
            | ResponseType::Token => ResponseMode::Fragment,
        }
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serde_as_string!(ResponseType);

/// Not a registered combination (`unsupported_response_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownResponseType;

impl fmt::Display for UnknownResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("response_type is not one that is known")
    }
}

impl std::error::Error for UnknownResponseType {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_a_set() {
        for known in ResponseType::ALL {
            assert_eq!(ResponseType::parse(known.as_str()), Ok(*known));
        }
        assert_eq!(ResponseType::parse("token id_token code"), Ok(ResponseType::CodeIdTokenToken));
        assert_eq!(ResponseType::parse("token code"), Ok(ResponseType::CodeToken));
        for wrong in ["", "Code", "code ", " code", "code code", "code none", "code,token", "code  token"] {
            assert_eq!(ResponseType::parse(wrong), Err(UnknownResponseType), "{wrong:?}");
        }
        assert_eq!(ResponseType::parse(&"code ".repeat(1000)), Err(UnknownResponseType));
    }

    #[test]
    fn tokens_never_default_to_the_query() {
        for known in ResponseType::ALL {
            let bare = !known.as_str().contains("token");
            assert_eq!(known.default_mode() == ResponseMode::Query, bare, "{known}");
        }
    }
}
