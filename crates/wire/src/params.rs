//! Request parameters of a query or a form body (RFC 6749, 3.1, 3.2 and appendix B).

use std::fmt;

use crate::limits::{BODY_BYTES, FIELD_BYTES, FORM_FIELDS, QUERY_FIELDS};
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

    /// Reads the body of a form on one of our own pages: its hidden field may hold a whole sealed request.
    pub fn parse_page(body: &[u8]) -> Result<Params, ParamError> {
        parse_fields(body, (FORM_FIELDS, BODY_BYTES), &[])
    }

    /// Reads a query string (what stands after the `?`).
    pub fn parse_query(query: &str) -> Result<Params, ParamError> {
        parse(query.as_bytes(), QUERY_FIELDS)
    }

    /// Reads a query string in which these parameters may be sent more than once too.
    pub fn parse_query_with(query: &str, lists: &[&str]) -> Result<Params, ParamError> {
        parse_fields(query.as_bytes(), (QUERY_FIELDS, FIELD_BYTES), lists)
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

/// The names that have a value in a query, as they are read, in the order sent and however often: also where [`Params::parse_query`] refuses
/// it. One that cannot be read is nothing's.
pub fn names(query: &str) -> impl Iterator<Item = String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| percent::decode(name.as_bytes()))
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
    parse_fields(input, (cap, FIELD_BYTES), &[])
}

fn parse_fields(
    input: &[u8],
    (cap, field_bytes): (usize, usize),
    lists: &[&str],
) -> Result<Params, ParamError> {
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
        if name.len() > FIELD_BYTES || value.len() > field_bytes {
            return Err(ParamError::TooLong(name));
        }
        // A state comes back byte for byte and is never stored; elsewhere a NUL would reach a database that has none.
        if name.contains('\0') || (value.contains('\0') && name != "state") {
            return Err(ParamError::BadEncoding);
        }
        if name.is_empty() || value.is_empty() {
            continue;
        }
        if !is_repeatable(&name) && !lists.contains(&name.as_str()) && params.contains(&name) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Params {
        Params::parse_query(text).unwrap_or_else(|e| panic!("{text:?}: {e}"))
    }

    #[test]
    fn parameters_are_read_in_order() {
        let params = query("b=1&a=x+y%26z&&resource=r1&c&d=&resource=r2&=lost&e=%C3%A4=");
        let pairs: Vec<_> = params.iter().collect();
        let expected = [("b", "1"), ("a", "x y&z"), ("resource", "r1"), ("resource", "r2"), ("e", "\u{e4}=")];
        assert_eq!(pairs, expected);
        assert_eq!(params.len(), 5);
        assert_eq!(params.get("resource"), Some("r1"));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["r1", "r2"]);
        assert_eq!(params.get("B"), None);
        assert!(query("").is_empty() && query("&&").is_empty());
    }

    #[test]
    fn lists_are_sent_more_than_once_where_they_are_asked_for() {
        let text = "state=a&state=b&limit=1";
        let read = Params::parse_query_with(text, &["state"]).expect("two of a list");
        assert_eq!(read.all("state").collect::<Vec<_>>(), ["a", "b"]);
        let twice = Params::parse_query_with("limit=1&limit=2", &["state"]);
        assert_eq!(twice, Err(ParamError::Duplicate("limit".into())));
        assert_eq!(Params::parse_query(text), Err(ParamError::Duplicate("state".into())));
    }

    #[test]
    fn an_empty_value_is_an_absent_one() {
        let params = query("code_challenge=&code_challenge_method=S256&scope&scope=&scope=a");
        assert_eq!(params.get("code_challenge"), None);
        assert!(!params.contains("code_challenge"));
        assert_eq!(params.get("scope"), Some("a"));
    }

    #[test]
    fn names_are_read_where_the_rest_is_refused() {
        let read = |query: &str| names(query).collect::<Vec<_>>();
        assert_eq!(read("a=1&a=2&%61b=%zz&&c&d=&=lost&%zz=e&f=g=h"), ["a", "a", "ab", "", "f"]);
        assert!(read("").is_empty());
    }

    #[test]
    fn what_is_written_reads_back() {
        let params = query("state=%00%0a%22%C3%A4%F0%9F%98%80%26code%3Devil&a%3Db=+");
        assert_eq!(params.get("state"), Some("\0\n\"\u{e4}\u{1f600}&code=evil"));
        assert_eq!(query(&params.to_query()), params);
        assert_eq!(params.without("state").to_query(), "a%3Db=%20");
        assert_eq!(Params::parse_form(params.to_query().as_bytes()), Ok(params));
    }

    #[test]
    fn malformed_parameters_are_refused() {
        let long = "a".repeat(FIELD_BYTES + 1);
        let rows: Vec<(String, ParamError)> = vec![
            // TE-017
            ("a=%zz".into(), ParamError::BadEncoding),
            ("a=%".into(), ParamError::BadEncoding),
            ("a=%4".into(), ParamError::BadEncoding),
            ("a=%c0%af".into(), ParamError::BadEncoding),
            ("%zz=a".into(), ParamError::BadEncoding),
            ("a=%00".into(), ParamError::BadEncoding),
            ("a%00=b".into(), ParamError::BadEncoding),
            ("state%00=b".into(), ParamError::BadEncoding),
            ("a=b\r\n".into(), ParamError::BadEncoding),
            // RFC 6749, 3.1
            ("scope=a&scope=a".into(), ParamError::Duplicate("scope".into())),
            ("scope=a&sc%6fpe=b".into(), ParamError::Duplicate("scope".into())),
            ("x=a&b=1&x=b".into(), ParamError::Duplicate("x".into())),
            (format!("a={long}"), ParamError::TooLong("a".into())),
            (format!("{long}=a"), ParamError::TooLong(long.clone())),
        ];
        for (text, expected) in rows {
            assert_eq!(Params::parse_query(&text), Err(expected.clone()), "{text:.40}");
            assert_eq!(Params::parse_form(text.as_bytes()), Err(expected), "{text:.40}");
        }
        assert_eq!(Params::parse_form(b"a=\xff"), Err(ParamError::BadEncoding));
        // The cap is on what is decoded.
        let longest = format!("a={}", "%41".repeat(FIELD_BYTES));
        assert_eq!(query(&longest).get("a").map(str::len), Some(FIELD_BYTES));
    }

    #[test]
    fn the_number_of_fields_is_capped() {
        let fields = |count: usize| (0..count).map(|at| format!("f{at}=1")).collect::<Vec<_>>().join("&");
        assert!(Params::parse_form(fields(FORM_FIELDS).as_bytes()).is_ok());
        assert!(Params::parse_query(&fields(QUERY_FIELDS)).is_ok());
        // TE-019
        assert_eq!(Params::parse_form(fields(FORM_FIELDS + 1).as_bytes()), Err(ParamError::TooMany));
        assert_eq!(Params::parse_form(fields(100_000).as_bytes()), Err(ParamError::TooMany));
        assert_eq!(Params::parse_query(&fields(QUERY_FIELDS + 1)), Err(ParamError::TooMany));
        // Empty and repeatable fields count too.
        assert_eq!(Params::parse_form("a=&".repeat(FORM_FIELDS + 1).as_bytes()), Err(ParamError::TooMany));
        assert_eq!(
            Params::parse_form("resource=a&".repeat(FORM_FIELDS + 1).as_bytes()),
            Err(ParamError::TooMany)
        );
    }

    #[test]
    fn errors_repeat_nothing_that_was_sent() {
        // TE-026
        for (text, expected) in [
            ("scope=a&scope=b", "scope occurs more than once"),
            ("%22%3Cx%3E=a&%22%3Cx%3E=b", "a parameter occurs more than once"),
            ("evil=a&evil=b", "a parameter occurs more than once"),
        ] {
            let message = Params::parse_query(text).unwrap_err().to_string();
            assert_eq!(message, expected);
        }
        for name in KNOWN.iter().chain(REPEATABLE) {
            for error in [ParamError::Duplicate((*name).into()), ParamError::TooLong((*name).into())] {
                assert!(crate::names::tests::is_description(&error.to_string()));
            }
        }
        assert!(crate::names::tests::is_description(&ParamError::BadEncoding.to_string()));
        assert!(crate::names::tests::is_description(&ParamError::TooMany.to_string()));
    }

    #[test]
    fn values_are_not_printed() {
        assert_eq!(format!("{:?}", query("client_secret=SECRET")), r#"{"client_secret"}"#);
    }

    #[test]
    fn pairs_follow_the_same_rules() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let params = Params::from_pairs(vec![
            pair("a", "1"),
            pair("b", ""),
            pair("a", "2"),
            pair("audience", "x"),
            pair("audience", "y"),
        ]);
        assert_eq!(params.to_query(), "a=1&audience=x&audience=y");
    }
}
