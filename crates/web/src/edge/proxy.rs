//! Who the client is: the peer, unless the peer is a proxy that the settings name (RFC 7239, section 8).

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName, HeaderValue};

use super::Network;
use super::answer::REQUEST_ID;
use crate::telemetry::is_request_id;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Which headers the trusted proxies set. Exactly one kind is believed: a proxy that sets one of them usually
/// passes the client's own copy of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forwarding {
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For` and `X-Forwarded-Proto`.
    #[default]
    XForwarded,
}

/// The proxies whose word counts.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// Their addresses.
    pub networks: Vec<Network>,
    /// The headers they set.
    pub forwarding: Forwarding,
}

/// What is known of the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) ip: IpAddr,
    pub(super) https: bool,
    pub(super) request_id: Option<String>,
}

impl Proxies {
    /// Whether `address` belongs to a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    /// The client behind `peer`. Headers of an untrusted peer say nothing.
    pub(super) fn client(&self, peer: IpAddr, https: bool, headers: &HeaderMap) -> Client {
        if !self.trusts(peer) {
            return Client { ip: peer, https, request_id: None };
        }
        let hops = match self.forwarding {
            Forwarding::XForwarded => x_forwarded_hops(headers),
            Forwarding::Forwarded => forwarded_hops(headers),
        };
        // From the nearest hop outwards, as long as who reported it is trusted.
        let mut ip = peer;
        for hop in hops.iter().rev() {
            match hop.address {
                Some(address) if self.trusts(ip) => ip = address.to_canonical(),
                _ => break,
            }
        }
        let scheme = match self.forwarding {
            Forwarding::XForwarded => only(headers, &X_FORWARDED_PROTO),
            Forwarding::Forwarded => hops.last().and_then(|hop| hop.proto.as_deref()),
        };
        let https = match scheme {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => true,
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => false,
            _ => https,
        };
        let request_id = only(headers, &REQUEST_ID).filter(|id| is_request_id(id)).map(str::to_owned);
        Client { ip, https, request_id }
    }
}

/// Headers that must not reach a service: they speak of another client, host, path or method than the request's own.
/// Names with an underscore are one name to some and two to others.
pub(super) fn is_dropped(name: &str) -> Option<Dropped> {
    match name {
        "forwarded" | "x-real-ip" | "x-client-ip" | "true-client-ip" | "cf-connecting-ip" => {
            Some(Dropped::Forwarding)
        }
        "proxy"
        | "x-host"
        | "x-http-host-override"
        | "x-http-method"
        | "x-http-method-override"
        | "x-method-override"
        | "x-original-host"
        | "x-original-uri"
        | "x-original-url"
        | "x-request-id"
        | "x-rewrite-url" => Some(Dropped::Override),
        _ if name.starts_with("x-forwarded") => Some(Dropped::Forwarding),
        _ if name.contains('_') => Some(Dropped::Override),
        _ => None,
    }
}

/// What kind of header was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dropped {
    Forwarding,
    Override,
}

#[derive(Debug)]
struct Hop {
    address: Option<IpAddr>,
    proto: Option<String>,
}

fn x_forwarded_hops(headers: &HeaderMap) -> Vec<Hop> {
    texts(headers, &X_FORWARDED_FOR)
        .flat_map(|text| text.split(','))
        .map(|hop| Hop { address: address(hop.trim()), proto: None })
        .collect()
}

/// The elements of `Forwarded`. A quoted string with a comma or semicolon in it gives a hop without an address.
fn forwarded_hops(headers: &HeaderMap) -> Vec<Hop> {
    texts(headers, &FORWARDED)
        .flat_map(|text| text.split(','))
        .map(|element| {
            let pair = |wanted: &str| {
                let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
                let mut found = pairs
                    .filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
                    .map(|(_, value)| value.trim().trim_matches('"'));
                let first = found.next();
                if found.next().is_some() { None } else { first }
            };
            Hop { address: pair("for").and_then(address), proto: pair("proto").map(str::to_owned) }
        })
        .collect()
}

fn texts<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().map(|value: &HeaderValue| value.to_str().unwrap_or("?"))
}

/// The value of a header that stands exactly once and holds no list.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = texts(headers, name);
    let value = values.next()?.trim();
    (values.next().is_none() && !value.contains(',')).then_some(value)
}

/// An address, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(ip);
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse().ok().map(IpAddr::V6);
    }
    text.parse::<SocketAddr>().ok().map(|socket| socket.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(
        forwarding: Forwarding,
        peer: &str,
        headers: &[(&'static str, &'static str)],
    ) -> (String, bool) {
        let proxies = Proxies {
            networks: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
            forwarding,
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let client = proxies.client(peer.parse().unwrap(), false, &map);
        (client.ip.to_string(), client.https)
    }

    #[test]
    fn the_nearest_untrusted_hop_is_the_client() {
        use Forwarding::*;
        for (forwarding, peer, headers, ip, https) in [
            (
                XForwarded,
                "9.9.9.9",
                &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-proto", "https")][..],
                "9.9.9.9",
                false,
            ),
            (
                XForwarded,
                "10.0.0.1",
                &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-proto", "https")],
                "1.1.1.1",
                true,
            ),
            (XForwarded, "10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 1.1.1.1")], "1.1.1.1", false),
            (XForwarded, "10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.2.2.2")], "1.1.1.1", false),
            (
                XForwarded,
                "10.0.0.1",
                &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.1.1.1")],
                "1.1.1.1",
                false,
            ),
            (XForwarded, "10.0.0.1", &[("x-forwarded-for", "1.1.1.1, unknown")], "10.0.0.1", false),
            (XForwarded, "10.0.0.1", &[("x-forwarded-for", "1.1.1.1:4711")], "1.1.1.1", false),
            (XForwarded, "fd00::1", &[("x-forwarded-for", "[2001:db8::1]:4711")], "2001:db8::1", false),
            (XForwarded, "10.0.0.1", &[("x-forwarded-for", "::ffff:1.1.1.1")], "1.1.1.1", false),
            (XForwarded, "10.0.0.1", &[("forwarded", "for=6.6.6.6;proto=https")], "10.0.0.1", false),
            (XForwarded, "10.0.0.1", &[("x-forwarded-proto", "https, http")], "10.0.0.1", false),
            (XForwarded, "10.0.0.1", &[("x-forwarded-proto", "javascript")], "10.0.0.1", false),
            (
                Forwarded,
                "10.0.0.1",
                &[("forwarded", "for=6.6.6.6, for=1.1.1.1;proto=https")],
                "1.1.1.1",
                true,
            ),
            (Forwarded, "10.0.0.1", &[("forwarded", "For=\"[2001:db8::1]:80\"")], "2001:db8::1", false),
            (Forwarded, "10.0.0.1", &[("forwarded", "for=1.1.1.1;for=6.6.6.6")], "10.0.0.1", false),
            (Forwarded, "10.0.0.1", &[("x-forwarded-for", "6.6.6.6")], "10.0.0.1", false),
        ] {
            assert_eq!(client(forwarding, peer, headers), (ip.to_owned(), https), "{peer} {headers:?}");
        }
    }

    #[test]
    fn headers_that_speak_for_others_are_dropped() {
        for name in [
            "x-forwarded-host",
            "x-forwarded-prefix",
            "forwarded",
            "x-original-url",
            "x_custom",
            "x-http-method-override",
        ] {
            assert!(is_dropped(name).is_some(), "{name}");
        }
        for name in ["accept", "authorization", "dpop", "x-custom"] {
            assert!(is_dropped(name).is_none(), "{name}");
        }
    }
}
