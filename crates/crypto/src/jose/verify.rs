//! Token to claims (RFC 7515, section 5.2; RFC 7519, section 7.2; RFC 8725).
//!
//! In two steps, because the key is often found by what the token says: [`Unverified::parse`] reads, and promises nothing;
//! [`Unverified::verify`] returns the payload, and only for a signature of the given key under an algorithm that the *key*
//! allows. Keys, addresses and certificates in the header (`jwk`, `jku`, `x5u`, `x5c`) are never looked at.
//!
//! Refused before anything is hashed: more than 16 KiB, other than three segments, base64url in a second form, a header that
//! is not an object with unique names, `crit` and `b64` (no extension is understood), an algorithm that is not on the list,
//! and claims that are not an object with unique names.

use doorward_wire::{
    json::{BadJson, strict_to_depth},
    limits::{JSON_DEPTH, TOKEN_BYTES},
};
use serde_json::{Map, Value};

use super::{algorithm::Algorithm, key::VerifyingKey};
use crate::base64url;

/// How deep a header may be nested: `jwk` with its members, `x5c`.
const HEADER_DEPTH: usize = 4;

/// A token that has been read; nothing in it is proven.
pub struct Unverified<'t> {
    header: Header,
    signing_input: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// The members of a protected header that mean something here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    algorithm: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// `alg` is `none`, a MAC, or not known.
    #[error("the algorithm is refused")]
    AlgorithmRefused,
    /// The header is not a JSON object, or a member of it is not of its type.
    #[error("the header is malformed")]
    BadHeader,
    /// The payload is not a JSON object.
    #[error("the claims are not a JSON object")]
    BadPayload,
    /// The signature is not one of this key over this token.
    #[error("the signature does not fit")]
    BadSignature,
    /// `crit` or `b64` is present: an extension must be understood, and none is.
    #[error("the header has a critical extension")]
    Critical,
    /// A member of header or claims stands twice.
    #[error("a member stands twice")]
    DuplicateMember,
    /// The key may not be used with the token's algorithm.
    #[error("the algorithm does not fit the key")]
    KeyMismatch,
    /// Not three segments of base64url.
    #[error("not a JWS in compact serialisation")]
    Malformed,
    /// Header or claims are nested too deep.
    #[error("the JSON is nested too deep")]
    TooDeep,
    /// Longer than [`TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLong,
}

impl<'t> Unverified<'t> {
    /// Reads a JWT: a JWS whose payload is a JSON object.
    pub fn parse(token: &'t str) -> Result<Unverified<'t>, JwsError> {
        let unverified = Unverified::parse_any_payload(token)?;
        object(&unverified.payload, JSON_DEPTH, JwsError::BadPayload)?;
        Ok(unverified)
    }

    /// Reads a JWS whose payload may be anything.
    pub fn parse_any_payload(token: &'t str) -> Result<Unverified<'t>, JwsError> {
        if token.len() > TOKEN_BYTES {
            return Err(JwsError::TooLong);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Malformed)?;
        if header.is_empty() || signature.is_empty() || payload.contains('.') {
            return Err(JwsError::Malformed);
        }
        let segment = |text| base64url::decode(text).ok_or(JwsError::Malformed);
        Ok(Unverified {
            header: Header::parse(&segment(header)?)?,
            signing_input,
            payload: segment(payload)?,
            signature: segment(signature)?,
        })
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the token claims, to find out whose key to verify it with. Nothing else may rest on it.
    pub fn claims_unverified(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, if `key` may be used with the token's algorithm and signed it.
    pub fn verify(&self, key: &VerifyingKey) -> Result<Vec<u8>, JwsError> {
        match key.verify(self.header.algorithm, self.signing_input.as_bytes(), &self.signature) {
            Some(true) => Ok(self.payload.clone()),
            Some(false) => Err(JwsError::BadSignature),
            None => Err(JwsError::KeyMismatch),
        }
    }
}

impl Header {
    fn parse(json: &[u8]) -> Result<Header, JwsError> {
        let members = object(json, HEADER_DEPTH, JwsError::BadHeader)?;
        // RFC 7515, section 4.1.11; RFC 7797, section 6. Present is enough, whatever the value.
        if members.contains_key("crit") || members.contains_key("b64") {
            return Err(JwsError::Critical);
        }
        let algorithm = text(&members, "alg")?.ok_or(JwsError::BadHeader)?;
        Ok(Header {
            algorithm: Algorithm::parse(&algorithm).map_err(|_| JwsError::AlgorithmRefused)?,
            kid: text(&members, "kid")?,
            typ: text(&members, "typ")?,
            cty: text(&members, "cty")?,
        })
    }

    /// `alg`.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid`: a name to look up among known keys, and nothing else (not a path, not a query).
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `typ`, as it is written.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// `cty`, as it is written.
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// Whether `typ` is this media type (`at+jwt`), compared as RFC 7515, section 4.1.9 says: case does not count, and
    /// `application/` may stand in front.
    pub fn typ_is(&self, media_type: &str) -> bool {
        const PREFIX: &str = "application/";
        self.typ().is_some_and(|typ| {
            let short = match typ.split_at_checked(PREFIX.len()) {
                Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
                _ => typ,
            };
            short.eq_ignore_ascii_case(media_type)
        })
    }
}

impl std::fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A bearer token is a secret, and its claims are about a person.
        write!(f, "Unverified({:?})", self.header)
    }
}

fn object(json: &[u8], depth: usize, otherwise: JwsError) -> Result<Map<String, Value>, JwsError> {
    match strict_to_depth(json, depth) {
        Ok(Value::Object(members)) => Ok(members),
        Err(BadJson::Depth) => Err(JwsError::TooDeep),
        Err(BadJson::Duplicate) => Err(JwsError::DuplicateMember),
        Ok(_) | Err(_) => Err(otherwise),
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, JwsError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JwsError::BadHeader),
    }
}
