//! Proof key for code exchange (RFC 7636). Only S256; the comparison is made where digests are.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::names::errors;
use crate::percent::is_unreserved;

/// The base64url form of a SHA-256 digest: 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// The one method that is supported.
    pub const METHOD: &'static str = "S256";

    /// Reads `code_challenge` and `code_challenge_method`. An absent method means `plain` (RFC 7636, 4.3) and is
    /// refused as such.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<CodeChallenge, BadPkce> {
        if method != Some(CodeChallenge::METHOD) {
            return Err(BadPkce::Method);
        }
        if challenge.len() != 43 || !challenge.bytes().all(is_base64url) {
            return Err(BadPkce::Challenge);
        }
        Ok(CodeChallenge(challenge.to_owned()))
    }

    /// The two parameters of a request as one fact: absent, present, or wrong (a method without a challenge).
    pub fn parse_optional(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<CodeChallenge>, BadPkce> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(BadPkce::MethodAlone),
            (Some(challenge), method) => CodeChallenge::parse(challenge, method).map(Some),
        }
    }

    /// The 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CodeChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stored challenge is read back by the rule it was accepted by.
impl<'de> Deserialize<'de> for CodeChallenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CodeChallenge, D::Error> {
        let text = String::deserialize(deserializer)?;
        CodeChallenge::parse(&text, Some(CodeChallenge::METHOD)).map_err(serde::de::Error::custom)
    }
}

/// What the client proves to have known: 43 to 128 unreserved characters. A secret until it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeVerifier(String);

impl CodeVerifier {
    /// Reads `code_verifier` (RFC 7636, 4.1).
    pub fn parse(text: &str) -> Result<CodeVerifier, BadPkce> {
        if (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved) {
            Ok(CodeVerifier(text.to_owned()))
        } else {
            Err(BadPkce::Verifier)
        }
    }

    /// The bytes to hash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier([secret])")
    }
}

errors! {
    /// What is wrong with the PKCE parameters.
    pub enum BadPkce {
        Challenge = "code_challenge must be 43 characters of base64url",
        Method = "code_challenge_method must be S256: the transform is not supported",
        MethodAlone = "code_challenge_method without code_challenge",
        Verifier = "code_verifier must be 43 to 128 unreserved characters",
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
