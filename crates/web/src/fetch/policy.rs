//! Where the fetcher may go.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use url::{Host, Url};

use super::{FetchError, is_public};
use crate::edge::{BadNetwork, Network};

/// Rules and caps of all outbound requests.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What is allowed besides https to public addresses (`outbound.allow`).
    pub allow: Vec<Exception>,
    /// From the start of a fetch to its last byte, name look-up included.
    pub total: Duration,
    /// Bytes of a body.
    pub max_body: usize,
    /// Fetches at once.
    pub max_at_once: usize,
}

/// An exception for hosts that the operator names: neither https nor a public address is asked of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// This host, as it is written in urls, at this port.
    Host(String, u16),
    /// Whatever has an address in this range.
    Network(Network),
}

/// A text that is no exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadException(String);

impl Default for Policy {
    fn default() -> Self {
        Policy { allow: Vec::new(), total: Duration::from_secs(3), max_body: 256 * 1024, max_at_once: 64 }
    }
}

impl Policy {
    /// Whether `address` of `target` may be connected to.
    pub(super) fn allows(&self, target: &Target, address: IpAddr) -> bool {
        (target.https && is_public(address))
            || self.allow.iter().any(|exception| match exception {
                Exception::Host(host, port) => *host == target.host && *port == target.port,
                Exception::Network(network) => network.contains(address),
            })
    }

    pub(super) fn has_exceptions(&self) -> bool {
        !self.allow.is_empty()
    }
}

impl FromStr for Exception {
    type Err = BadException;

    /// `host:port`, or an address range such as `10.0.0.0/8`.
    fn from_str(text: &str) -> Result<Self, BadException> {
        let bad = || BadException(text.to_owned());
        if let Ok(network) = text.parse::<Network>().map_err(|_: BadNetwork| ()) {
            return Ok(Exception::Network(network));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(bad)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)?;
        let host = Host::parse(host).map_err(|_| bad())?;
        Ok(Exception::Host(host.to_string(), port))
    }
}

impl fmt::Display for BadException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is neither host:port nor an address range such as 10.0.0.0/8", self.0)
    }
}

impl std::error::Error for BadException {}

/// What a url asks to connect to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) https: bool,
    /// In the one form that the url parser gives it; IPv6 in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    literal: Option<IpAddr>,
}

impl Target {
    pub(super) fn of(url: &Url) -> Result<Target, FetchError> {
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(FetchError::BadUrl),
        };
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(FetchError::BadUrl);
        }
        let host = url.host().ok_or(FetchError::BadUrl)?;
        let literal = match host {
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            Host::Domain(_) => None,
        };
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(FetchError::BadUrl)?;
        Ok(Target { https, host: host.to_string(), port, literal })
    }

    /// The address, where the url names one instead of a host.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        self.literal
    }

    /// The value of the `Host` field.
    pub(super) fn authority(&self) -> String {
        match (self.https, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_hosts_with_a_port_or_ranges() {
        assert_eq!("Localhost:8081".parse(), Ok(Exception::Host("localhost".into(), 8081)));
        assert_eq!("[::1]:8081".parse(), Ok(Exception::Host("[::1]".into(), 8081)));
        assert!(matches!("10.0.0.0/8".parse(), Ok(Exception::Network(_))));
        assert!(matches!("::1".parse(), Ok(Exception::Network(_))));
        for text in [
            "",
            "localhost",
            "localhost:",
            "localhost:0",
            "localhost:x",
            "https://a:1",
            "a b:1",
            "10.0.0.0/99",
        ] {
            assert!(text.parse::<Exception>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_has_many_spellings_and_one_form() {
        for text in [
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0177.0.0.1/",
            "https://127。0。0。1/",
        ] {
            let target = Target::of(&Url::parse(text).unwrap()).unwrap();
            assert_eq!(target.literal(), Some("127.0.0.1".parse().unwrap()), "{text}");
        }
    }
}
