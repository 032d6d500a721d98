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

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn a_challenge_is_s256_or_nothing() {
        use BadPkce::*;
        let (short, long, longest) = (&CHALLENGE[1..], format!("{CHALLENGE}A"), "A".repeat(129));
        let padded = format!("{}=", &CHALLENGE[1..]);
        let (plus, slash) = (format!("+{}", &CHALLENGE[1..]), format!("/{}", &CHALLENGE[1..]));
        let (dot, wide) = (format!(".{}", &CHALLENGE[1..]), format!("\u{e4}{}", &CHALLENGE[2..]));
        let s256 = Some("S256");
        let rows = [
            (Some(CHALLENGE), s256, Ok(true)),
            // PK-001
            (None, None, Ok(false)),
            // PK-002, PK-003, PK-004
            (Some(CHALLENGE), Some("plain"), Err(Method)),
            (Some(CHALLENGE), None, Err(Method)),
            (Some(CHALLENGE), Some("S512"), Err(Method)),
            (Some(CHALLENGE), Some("s256"), Err(Method)),
            (Some(CHALLENGE), Some("S256 "), Err(Method)),
            (Some(CHALLENGE), Some(""), Err(Method)),
            // PK-005
            (Some(short), s256, Err(Challenge)),
            (Some(long.as_str()), s256, Err(Challenge)),
            (Some(&longest), s256, Err(Challenge)),
            // PK-006
            (Some(&padded), s256, Err(Challenge)),
            (Some(&plus), s256, Err(Challenge)),
            (Some(&slash), s256, Err(Challenge)),
            (Some(&dot), s256, Err(Challenge)),
            (Some(&wide), s256, Err(Challenge)),
            // PK-007, PK-008 (an empty parameter is an absent one)
            (Some(""), s256, Err(Challenge)),
            (None, s256, Err(MethodAlone)),
            (None, Some("plain"), Err(MethodAlone)),
        ];
        for (challenge, method, expected) in rows {
            let parsed = CodeChallenge::parse_optional(challenge, method);
            assert_eq!(
                parsed.as_ref().map(Option::is_some),
                expected.as_ref().copied(),
                "{challenge:?} {method:?}"
            );
        }
    }

    #[test]
    fn a_challenge_is_stored_as_it_was_accepted() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        assert_eq!(challenge.as_str(), CHALLENGE);
        let stored = serde_json::to_string(&challenge).unwrap();
        assert_eq!(stored, format!("\"{CHALLENGE}\""));
        assert_eq!(serde_json::from_str::<CodeChallenge>(&stored).unwrap(), challenge);
        assert!(serde_json::from_str::<CodeChallenge>("\"plain\"").is_err());
    }

    #[test]
    fn a_verifier_has_the_form_of_the_rfc() {
        let (low, high) = ("a".repeat(43), "~".repeat(128));
        for fine in [VERIFIER, "0123456789-._~0123456789-._~0123456789-._~0123", low.as_str(), high.as_str()]
        {
            assert_eq!(CodeVerifier::parse(fine).unwrap().as_str(), fine);
        }
        let (short, long) = ("a".repeat(42), "a".repeat(129));
        let spaced = format!("{} ", "a".repeat(43));
        let padded = format!("{}=", "a".repeat(43));
        let wide = "\u{e4}".repeat(43);
        for wrong in [
            "",
            short.as_str(),
            long.as_str(),
            spaced.as_str(),
            padded.as_str(),
            wide.as_str(),
            &"a+".repeat(30),
            &"a/".repeat(30),
        ] {
            assert_eq!(CodeVerifier::parse(wrong), Err(BadPkce::Verifier), "{wrong}");
        }
        assert!(!format!("{:?}", CodeVerifier::parse(VERIFIER).unwrap()).contains(VERIFIER));
    }
}
