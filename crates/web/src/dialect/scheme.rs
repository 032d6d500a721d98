//! Where a request may carry a token: the header schemes of all dialects. Each codec names those that it takes.

use std::borrow::Cow;

use doorward_core::Reason;
use doorward_wire::bearer::{self, BadBearer};
use doorward_wire::{media_type, percent};
use http::header::{self, HeaderMap};
use http::{HeaderValue, Method};

use crate::app::Call;

/// One place where a token may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// Behind this scheme in the `Authorization` header.
    Authorization(&'static str),
    /// In this parameter of a form that is posted.
    Form(&'static str),
    /// In a header of this name.
    Header(&'static str),
    /// In this parameter of the query, which others log (RFC 9700, section 4.3.2).
    Query(&'static str),
}

impl Scheme {
    /// RFC 6750, section 2.1.
    pub const BEARER: Self = Self::Authorization(bearer::BEARER);
    /// RFC 6750, section 2.2.
    pub const BEARER_FORM: Self = Self::Form("access_token");
    /// draft-ietf-oauth-v2-10, section 5.1.1 (eZ Publish).
    pub const OAUTH: Self = Self::Authorization("OAuth");
    /// draft-ietf-oauth-v2-10, section 5.1.3 (eZ Publish).
    pub const OAUTH_FORM: Self = Self::Form("oauth_token");
    /// draft-ietf-oauth-v2-10, section 5.1.2 (eZ Publish).
    pub const OAUTH_QUERY: Self = Self::Query("oauth_token");
    /// Magic Collaboration Studio.
    pub const TOKEN: Self = Self::Authorization("Token");
    /// mittwald.
    pub const X_ACCESS_TOKEN: Self = Self::Header("x-access-token");
}

/// The headers that a token may be in, in some dialect.
pub const HEADERS: [&str; 2] = ["authorization", "x-access-token"];

/// What a token is looked for in.
#[derive(Clone, Copy, Debug)]
pub struct Carrier<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The query.
    pub query: Option<&'a str>,
    /// The body, where it is a form that was posted.
    pub form: Option<&'a [u8]>,
}

impl<'a> Carrier<'a> {
    /// A request to an endpoint of ours.
    pub fn of(call: &'a Call<'_>) -> Self {
        let request = call.request;
        let is_form = call.header("content-type").is_some_and(|value| media_type::form(value).is_ok());
        Self {
            headers: &request.headers,
            query: request.query.as_deref(),
            form: (request.method == Method::POST && is_form).then_some(&*request.body),
        }
    }
}

/// The token of a call, in any way that the issuer's dialect takes.
pub fn token_of<'a>(call: &'a Call<'_>) -> Result<Cow<'a, str>, Reason> {
    presented(call.dialect.codec.schemes, Carrier::of(call))?.ok_or(Reason::TokenMissing)
}

/// The token that is presented; none where there is none. Who sends it in more than one way, or one that cannot be a token, is refused (RFC
/// 6750, sections 2 and 3.1). An `Authorization` of another scheme brings none.
pub fn presented<'a>(schemes: &[Scheme], carrier: Carrier<'a>) -> Result<Option<Cow<'a, str>>, Reason> {
    if carrier.headers.get_all(header::AUTHORIZATION).iter().nth(1).is_some() {
        return Err(Reason::TokenMalformed);
    }
    let mut found = None;
    for scheme in schemes {
        let Some(token) = scheme.find(carrier)? else { continue };
        if found.replace(token).is_some() {
            return Err(Reason::TokenMalformed);
        }
    }
    Ok(found)
}

impl Scheme {
    fn find(self, carrier: Carrier<'_>) -> Result<Option<Cow<'_, str>>, Reason> {
        match self {
            Self::Authorization(scheme) => {
                let Some(text) = the_one(carrier.headers, header::AUTHORIZATION.as_str())? else {
                    return Ok(None);
                };
                match bearer::parse(text, scheme) {
                    Ok(token) => Ok(Some(token.into())),
                    Err(BadBearer::Scheme) => Ok(None),
                    Err(BadBearer::Character | BadBearer::TooLong) => Err(Reason::TokenUnknown),
                }
            }
            Self::Form(name) => {
                let Some(body) = carrier.form else { return Ok(None) };
                of_values(std::str::from_utf8(body).map_err(|_| Reason::TokenMalformed)?, name)
            }
            Self::Header(name) => {
                let token = the_one(carrier.headers, name)?.filter(|token| !token.is_empty());
                let checked = token.map(|token| bearer::check(token).map(Cow::Borrowed)).transpose();
                checked.map_err(|_| Reason::TokenUnknown)
            }
            Self::Query(name) => of_values(carrier.query.unwrap_or_default(), name),
        }
    }
}

fn the_one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Reason> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => value.map(HeaderValue::to_str).transpose().map_err(|_| Reason::TokenMalformed),
        _ => Err(Reason::TokenMalformed),
    }
}

/// The token in one parameter of a query or a form. What else stands there is of whom it is for.
fn of_values(pairs: &str, name: &str) -> Result<Option<Cow<'static, str>>, Reason> {
    let mut found = None;
    for pair in pairs.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.is_empty() || percent::decode(key.as_bytes()).is_none_or(|key| key != name) {
            continue;
        }
        let token = percent::decode(value.as_bytes()).ok_or(Reason::TokenMalformed)?;
        bearer::check(&token).map_err(|_| Reason::TokenUnknown)?;
        if found.replace(Cow::Owned(token)).is_some() {
            return Err(Reason::TokenMalformed);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers = &'static [(&'static str, &'static str)];

    const ALL: &[Scheme] = &[
        Scheme::BEARER,
        Scheme::BEARER_FORM,
        Scheme::OAUTH,
        Scheme::OAUTH_FORM,
        Scheme::OAUTH_QUERY,
        Scheme::TOKEN,
        Scheme::X_ACCESS_TOKEN,
    ];

    fn read(schemes: &[Scheme], headers: Headers, query: &str, form: &str) -> Result<Option<String>, Reason> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let form = (!form.is_empty()).then_some(form.as_bytes());
        let carrier = Carrier { headers: &map, query: Some(query), form };
        presented(schemes, carrier).map(|token| token.map(Cow::into_owned))
    }

    #[test]
    fn each_scheme_is_read_where_it_is_named_and_nowhere_else() {
        let rows: [(Scheme, Headers, &str, &str); 7] = [
            (Scheme::BEARER, &[("authorization", "bearer  abc")], "", ""),
            (Scheme::BEARER_FORM, &[], "", "a=b&access_token=abc"),
            (Scheme::OAUTH, &[("authorization", "OAuth abc")], "", ""),
            (Scheme::OAUTH_FORM, &[], "", "oauth_token=abc"),
            (Scheme::OAUTH_QUERY, &[], "a=1&a=2&%zz&o%61uth_token=%61bc", ""),
            (Scheme::TOKEN, &[("authorization", "Token abc")], "", ""),
            (Scheme::X_ACCESS_TOKEN, &[("x-access-token", "abc")], "", ""),
        ];
        for (scheme, headers, query, form) in rows {
            let found = Ok(Some("abc".to_owned()));
            assert_eq!(read(ALL, headers, query, form), found, "{scheme:?}");
            assert_eq!(read(&[scheme], headers, query, form), found, "{scheme:?}");
            let others: Vec<Scheme> = ALL.iter().copied().filter(|other| *other != scheme).collect();
            assert_eq!(read(&others, headers, query, form), Ok(None), "{scheme:?}");
        }
        assert_eq!(
            read(ALL, &[("authorization", "Basic YTpi"), ("x-access-token", "")], "b=1", "c=1"),
            Ok(None)
        );
    }

    #[test]
    fn the_headers_are_those_that_some_dialect_takes() {
        for dialect in super::super::DIALECTS {
            for scheme in dialect.codec.schemes {
                let name = match scheme {
                    Scheme::Authorization(_) => "authorization",
                    Scheme::Header(name) => name,
                    Scheme::Form(_) | Scheme::Query(_) => continue,
                };
                assert!(HEADERS.contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn a_token_is_sent_once_and_can_be_one() {
        let rows: [(Headers, &str, &str, Reason); 9] = [
            (&[("authorization", "Bearer a"), ("authorization", "Bearer a")], "", "", Reason::TokenMalformed),
            (&[("authorization", "Bearer a"), ("authorization", "Basic a")], "", "", Reason::TokenMalformed),
            (&[("authorization", "Bearer a"), ("x-access-token", "b")], "", "", Reason::TokenMalformed),
            (&[("x-access-token", "a"), ("x-access-token", "a")], "", "", Reason::TokenMalformed),
            (&[("authorization", "Bearer a")], "", "access_token=a", Reason::TokenMalformed),
            (&[], "oauth_token=a&oauth_token=a", "", Reason::TokenMalformed),
            (&[], "oauth_token=a", "oauth_token=a", Reason::TokenMalformed),
            (&[("authorization", "Token a b")], "", "", Reason::TokenUnknown),
            (&[("x-access-token", "a, b")], "", "", Reason::TokenUnknown),
        ];
        for (headers, query, form, reason) in rows {
            assert_eq!(read(ALL, headers, query, form), Err(reason), "{headers:?} {query} {form}");
        }
    }
}
