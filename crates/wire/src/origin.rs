//! Web origins (RFC 6454), in the one form in which a browser writes them.

use std::fmt;

use url::{Host, Url};

use crate::limits::URI_BYTES;
use crate::names::{errors, serde_as_string};

/// `scheme://host[:port]`, lower case, without a default port. Never `null`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// Reads an `Origin` header or a registered origin: exactly the normal form.
    pub fn parse(text: &str) -> Result<Origin, BadOrigin> {
        let origin = Origin::of_url(text)?;
        // A URL may have more in its host than a name can: a header that lists origins would read it as something else.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]/".contains(&byte);
        match origin.0 == text {
            true if text.bytes().all(is_name) => Ok(origin),
            true => Err(BadOrigin::NotAHost),
            false => Err(BadOrigin::NotNormal),
        }
    }

    /// The origin of an http or https URL.
    pub fn of_url(text: &str) -> Result<Origin, BadOrigin> {
        if text.len() > URI_BYTES {
            return Err(BadOrigin::TooLong);
        }
        let url = Url::parse(text).map_err(|_| BadOrigin::NotAUrl)?;
        match (url.scheme(), url.host()) {
            ("http" | "https", Some(_)) => Ok(Origin(url.origin().ascii_serialization())),
            _ => Err(BadOrigin::Scheme),
        }
    }

    /// The text a browser sends.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is https, or http to a loopback address: what a browser calls potentially trustworthy.
    pub fn is_trustworthy(&self) -> bool {
        let Ok(url) = Url::parse(&self.0) else { return false };
        url.scheme() == "https"
            || match url.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_string!(Origin);

errors! {
    /// Why a text is not an origin.
    pub enum BadOrigin {
        NotAUrl = "an origin must be an absolute URL",
        NotAHost = "the host of an origin is a name or an address",
        NotNormal = "an origin is scheme, host and port only, in lower case, without a default port",
        Scheme = "an origin must be http or https",
        TooLong = "the origin is too long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_browsers_is_read() {
        for fine in [
            "https://app.example",
            "http://localhost:9000",
            "https://[::1]:8443",
            "https://xn--bcher-kva.example",
        ] {
            assert_eq!(Origin::parse(fine).unwrap().as_str(), fine);
        }
        let long = format!("https://{}", "a".repeat(URI_BYTES));
        let rows = [
            ("null", BadOrigin::NotAUrl),
            ("", BadOrigin::NotAUrl),
            ("app.example", BadOrigin::NotAUrl),
            ("https://", BadOrigin::NotAUrl),
            ("https://app.example/", BadOrigin::NotNormal),
            ("https://app.example/x", BadOrigin::NotNormal),
            ("https://app.example:443", BadOrigin::NotNormal),
            ("HTTPS://app.example", BadOrigin::NotNormal),
            ("https://App.example", BadOrigin::NotNormal),
            ("https://user@app.example", BadOrigin::NotNormal),
            ("https://127.1", BadOrigin::NotNormal),
            (" https://app.example", BadOrigin::NotNormal),
            ("https://app.example\n", BadOrigin::NotNormal),
            ("https://*.example", BadOrigin::NotAHost),
            ("https://a.example;sandbox", BadOrigin::NotAHost),
            ("https://a.example,b.example", BadOrigin::NotAHost),
            ("https://'self'", BadOrigin::NotAHost),
            ("file:///etc/passwd", BadOrigin::Scheme),
            ("com.example.app:/cb", BadOrigin::Scheme),
            ("data:text/html,x", BadOrigin::Scheme),
            (long.as_str(), BadOrigin::TooLong),
        ];
        for (text, expected) in rows {
            assert_eq!(Origin::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn the_origin_of_a_url_drops_the_rest() {
        let rows = [
            ("https://App.example:443/cb?x=1#y", "https://app.example"),
            ("http://127.0.0.1:9000/cb", "http://127.0.0.1:9000"),
            ("http://[::1]/cb", "http://[::1]"),
        ];
        for (url, expected) in rows {
            assert_eq!(Origin::of_url(url).unwrap().as_str(), expected);
        }
        assert_eq!(Origin::of_url("com.example.app:/cb"), Err(BadOrigin::Scheme));
    }

    #[test]
    fn https_and_loopback_are_trustworthy() {
        for yes in [
            "https://a.example",
            "http://localhost:1",
            "http://x.localhost",
            "http://127.0.0.1",
            "http://[::1]",
        ] {
            assert!(Origin::parse(yes).unwrap().is_trustworthy(), "{yes}");
        }
        for no in ["http://a.example", "http://10.0.0.1", "http://localhost.example", "http://[::2]"] {
            assert!(!Origin::parse(no).unwrap().is_trustworthy(), "{no}");
        }
    }
}
