//! Request parameters of a query or a form body (RFC 6749, 3.1, 3.2 and appendix B).

use std::fmt;

use crate::limits::{FIELD_BYTES, FORM_FIELDS, QUERY_FIELDS};
use crate::percent;

/// Parameters in the order sent. An empty value is an absent parameter; each name occurs once, except those of
/// [`REPEATABLE`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads an `application/x-www-form-urlencoded` body.
    pub fn parse_form(body: &[u8]) -> Result<Params, ParamError> {
        parse(body, FORM_FIELDS)
    }

    /// Reads a query string (what stands after the `?`).
    pub fn parse_query(query: &str) -> Result<Params, ParamError> {
        parse(query.as_bytes(), QUERY_FIELDS)
    }

    /// Takes decoded pairs that are known to be well formed (tests, dialects with JSON bodies). Empty values are
    /// dropped; of a repeated parameter the first counts.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Params {
        let mut params = Params::default();
        for (name, value) in pairs {
            if !value.is_empty() && (is_repeatable(&name) || !params.contains(&name)) {
                params.0.push((name, value));
            }
        }
        params
    }

    /// The value of a parameter, `None` when it is absent or empty. Of a repeatable one, the first.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of a parameter (useful for `resource` and `audience`).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the parameter has a value.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every pair in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The same parameters without one.
    pub fn without(&self, name: &str) -> Params {
        Params(self.0.iter().filter(|(n, _)| n != name).cloned().collect())
    }

    /// The query string that reads back as these parameters.
    pub fn to_query(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.0 {
            if !out.is_empty() {
                out.push('&');
            }
            percent::encode_into(name, &mut out);
            out.push('=');
            percent::encode_into(value, &mut out);
        }
        out
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Why parameters could not be read. The texts never repeat what was sent, apart from names in [`KNOWN`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamError {
    /// A `%` without two digits, bytes that are not UTF-8, a NUL.
    BadEncoding,
    /// This parameter occurs twice (RFC 6749, 3.1).
    Duplicate(String),
    /// This parameter is longer than [`FIELD_BYTES`].
    TooLong(String),
    /// More fields than the cap.
    TooMany,
}

impl fmt::Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParamError::BadEncoding => f.write_str("the parameters are not percent-encoded UTF-8"),
            ParamError::Duplicate(name) => write!(f, "{} occurs more than once", describe(name)),
            ParamError::TooLong(name) => write!(f, "{} is too long", describe(name)),
            ParamError::TooMany => f.write_str("there are too many parameters"),
        }
    }
}

impl std::error::Error for ParamError {}

/// Parameters that may be sent more than once (RFC 8707, 2; RFC 8693, 2.1).
pub const REPEATABLE: &[&str] = &["resource", "audience"];

/// Parameters whose names may be repeated in an error description.
pub const KNOWN: &[&str] = &[
    "acr_values",
    "assertion",
    "claims",
    "claims_locales",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "display",
    "dpop_jkt",
    "grant_type",
    "id_token_hint",
    "login_hint",
    "logout_hint",
    "max_age",
    "nonce",
    "password",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "token",
    "token_type_hint",
    "ui_locales",
    "user_code",
    "username",
];

fn parse(input: &[u8], cap: usize) -> Result<Params, ParamError> {
    let mut params = Params::default();
    let mut fields = 0;
    for field in input.split(|&b| b == b'&').filter(|field| !field.is_empty()) {
        fields += 1;
        if fields > cap {
            return Err(ParamError::TooMany);
        }
        let (name, value) = match field.iter().position(|&b| b == b'=') {
            Some(at) => (&field[..at], &field[at + 1..]),
            None => (field, &b""[..]),
        };
        let name = percent::decode(name).ok_or(ParamError::BadEncoding)?;
        let value = percent::decode(value).ok_or(ParamError::BadEncoding)?;
        if name.len() > FIELD_BYTES || value.len() > FIELD_BYTES {
            return Err(ParamError::TooLong(name));
        }
        // A state comes back byte for byte and is never stored; elsewhere a NUL would reach a database that has none.
        if name.contains('\0') || (value.contains('\0') && name != "state") {
            return Err(ParamError::BadEncoding);
        }
        if name.is_empty() || value.is_empty() {
            continue;
        }
        if !is_repeatable(&name) && params.contains(&name) {
            return Err(ParamError::Duplicate(name));
        }
        params.0.push((name, value));
    }
    Ok(params)
}

fn is_repeatable(name: &str) -> bool {
    REPEATABLE.contains(&name)
}

fn describe(name: &str) -> &str {
    if KNOWN.contains(&name) || is_repeatable(name) { name } else { "a parameter" }
}
