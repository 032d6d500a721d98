//! Redirect URIs: what may be registered, and what a request may name (RFC 6749, 3.1.2; RFC 8252, 7; RFC 9700, 2.1).
//!
//! The registered text is kept and compared byte by byte; it is never parsed and compared. The one exception is the
//! port of a plain-http loopback address, and it has its own code here.

use std::fmt;

use url::Url;

use crate::limits::URI_BYTES;
use crate::names::{errors, serde_as_string};
use crate::percent;
use crate::route::RoutePath;

/// A redirect URI fit to be registered.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Checks a URI that shall be registered. It must already be in the normal form that every URL parser agrees on.
    pub fn parse(text: &str) -> Result<RedirectUri, BadRedirectUri> {
        if text.len() > URI_BYTES {
            return Err(BadRedirectUri::TooLong);
        }
        if !percent::is_uri_text(text) {
            return Err(BadRedirectUri::Character);
        }
        if text.contains('#') {
            return Err(BadRedirectUri::Fragment);
        }
        let url = Url::parse(text).map_err(|_| BadRedirectUri::NotAbsolute)?;
        check_scheme(&url)?;
        if authority(text).contains('@') {
            return Err(BadRedirectUri::UserInfo);
        }
        if !is_normal(text, &url) {
            return Err(BadRedirectUri::NotNormal);
        }
        check_host(&url)?;
        if url.query_pairs().any(|(name, _)| RESPONSE_PARAMETERS.contains(&&*name)) {
            return Err(BadRedirectUri::ResponseParameter);
        }
        Ok(RedirectUri(text.to_owned()))
    }

    /// Whether a request that names `presented` means this one: the same bytes, or, for plain http to a loopback
    /// address (`127.0.0.1`, `[::1]`, `localhost`), the same bytes but for the port (RFC 8252, 7.3).
    pub fn matches(&self, presented: &str) -> bool {
        self.0 == presented || self.matches_but_for_port(presented)
    }

    /// Whether `other` is below this one: it begins so, this one ends there at a path boundary, and nothing of the path that follows is
    /// read in two ways, of which one leads out again ([`RoutePath`]).
    pub fn is_above(&self, other: &RedirectUri) -> bool {
        let base = self.0.strip_suffix('/').unwrap_or(&self.0);
        let Some(rest) = other.0.strip_prefix(base).filter(|_| other.0.starts_with(&self.0)) else {
            return false;
        };
        let is_one_path = rest.starts_with('?') || RoutePath::parse(rest).is_ok();
        is_one_path && self.may_have_below()
    }

    /// Whether anything can be below this one: nothing is below what has a query, or a scheme of the application's own.
    pub fn may_have_below(&self) -> bool {
        !self.0.contains('?') && !self.is_custom_scheme()
    }

    /// Whether `other` is this one with another query, or none.
    pub fn matches_but_for_query(&self, other: &RedirectUri) -> bool {
        let before_query = |uri: &RedirectUri| uri.0.split('?').next().map(str::to_owned);
        before_query(self) == before_query(other)
    }

    /// Whether the bytes are the same, ports included.
    pub fn matches_exactly(&self, presented: &str) -> bool {
        self.0 == presented
    }

    /// The text as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The scheme.
    pub fn scheme(&self) -> &str {
        self.0.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// The host, without the port; `None` for a custom scheme.
    pub fn host(&self) -> Option<&str> {
        if self.is_custom_scheme() {
            return None;
        }
        let authority = authority(&self.0);
        match authority.find(']') {
            Some(end) => Some(&authority[..=end]),
            None => authority.split(':').next(),
        }
    }

    /// Whether it leads to an application that registered a scheme (RFC 8252, 7.1).
    pub fn is_custom_scheme(&self) -> bool {
        !matches!(self.scheme(), "http" | "https")
    }

    /// Whether it is plain http to a loopback address (RFC 8252, 7.3).
    pub fn is_loopback(&self) -> bool {
        split_loopback(&self.0).is_some()
    }

    /// The address to send the browser to: the presented URI (which may have its own port) with the parameters
    /// appended to whatever query is registered. `presented` must match; otherwise the registered text is used.
    pub fn with_params(&self, presented: &str, params: &[(&str, &str)]) -> String {
        let base = self.base(presented);
        let separator = match base.find('?') {
            None => "?",
            Some(at) if at + 1 == base.len() => "",
            Some(_) => "&",
        };
        joined(base, separator, params)
    }

    /// The same, with the parameters in the fragment, which no server sees (OAuth 2.0 Multiple Response Types, section 2.1). A redirect URI
    /// has none of its own.
    pub fn with_fragment(&self, presented: &str, params: &[(&str, &str)]) -> String {
        joined(self.base(presented), "#", params)
    }

    /// What was presented, if it is this one; else this one.
    fn base<'a>(&'a self, presented: &'a str) -> &'a str {
        if self.matches(presented) { presented } else { &self.0 }
    }

    fn matches_but_for_port(&self, presented: &str) -> bool {
        match (split_loopback(&self.0), split_loopback(presented)) {
            (Some((ours, our_rest)), Some((theirs, their_rest))) => ours == theirs && our_rest == their_rest,
            _ => false,
        }
    }
}

fn joined(base: &str, mut separator: &'static str, params: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(base.len() + 128);
    out.push_str(base);
    for (name, value) in params {
        out.push_str(separator);
        percent::encode_into(name, &mut out);
        out.push('=');
        percent::encode_into(value, &mut out);
        separator = "&";
    }
    out
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

serde_as_string!(RedirectUri);

errors! {
    /// Why a redirect URI cannot be registered (`invalid_redirect_uri`).
    pub enum BadRedirectUri {
        Character = "a redirect URI has a character, or a percent-encoded control byte, that does not belong there",
        Fragment = "a redirect URI must not have a fragment",
        Host = "the host of the redirect URI is missing, a wildcard, or ends with a dot",
        NotAbsolute = "a redirect URI must be an absolute URI",
        NotNormal = "the redirect URI is not written in its normal form (lower-case host, no default port, no dot segments)",
        PlainHttp = "http is allowed for loopback only: 127.0.0.1, ::1 and localhost",
        ResponseParameter = "the query of the redirect URI has a parameter of the authorization response",
        Scheme = "the scheme must be https, http for loopback, or a reversed domain name of the application's own",
        TooLong = "the redirect URI is too long",
        UserInfo = "a redirect URI must not have user information",
    }
}

/// Parameters that an authorization response adds: a registered query that holds one would say it twice.
const RESPONSE_PARAMETERS: &[&str] = &[
    "access_token",
    "code",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "id_token",
    "iss",
    "refresh_token",
    "response",
    "session_state",
    "state",
    "token_type",
];

const LOOPBACK: &[&str] = &["127.0.0.1", "[::1]", "localhost"];

fn check_scheme(url: &Url) -> Result<(), BadRedirectUri> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if url.host_str().is_some_and(|host| LOOPBACK.contains(&host)) => Ok(()),
        "http" => Err(BadRedirectUri::PlainHttp),
        // RFC 8252, 7.1 and 8.4: a reversed domain name. No scheme that a browser interprets itself has a dot.
        scheme if scheme.contains('.') && scheme.split('.').all(|label| !label.is_empty()) => Ok(()),
        _ => Err(BadRedirectUri::Scheme),
    }
}

fn check_host(url: &Url) -> Result<(), BadRedirectUri> {
    let fine = match (url.scheme(), url.host_str()) {
        ("http" | "https", host) => {
            host.is_some_and(|host| !host.ends_with('.') && !host.contains('*')) && url.port() != Some(0)
        }
        (_, Some(host)) => !host.contains('*'),
        (_, None) => !url.path().is_empty(),
    };
    if fine { Ok(()) } else { Err(BadRedirectUri::Host) }
}

/// Whether a URL parser writes the text as it read it. An empty path may stay empty: `https://app.example` is sent
/// to the browser as registered, and means the same there.
pub(crate) fn is_normal(text: &str, url: &Url) -> bool {
    url.as_str() == text || (url.path() == "/" && url.as_str().strip_suffix('/') == Some(text))
}

/// What stands between `//` and the next `/` or `?`.
pub(crate) fn authority(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else { return "" };
    rest.split(['/', '?', '#']).next().unwrap_or("")
}

/// Splits `http://<loopback>[:port]<rest>` in the literal and the rest.
fn split_loopback(text: &str) -> Option<(&str, &str)> {
    let after = text.strip_prefix("http://")?;
    let host = LOOPBACK.iter().find(|host| after.starts_with(**host))?;
    let (_, rest) = after.split_at(host.len());
    let rest = match rest.strip_prefix(':') {
        Some(port_and_rest) => {
            let end = port_and_rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(port_and_rest.len());
            let (port, rest) = port_and_rest.split_at(end);
            if port.starts_with('0') || port.parse::<u16>().is_err() {
                return None;
            }
            rest
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((*host, rest))
}

#[cfg(test)]
mod tests;
