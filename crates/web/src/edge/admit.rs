//! From hyper's request to an [`EdgeRequest`]: the rules that hold for HTTP/1 and HTTP/2 alike.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, HOST, HeaderValue, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method, Version};

use super::proxy::{Client, Dropped, is_dropped};
use super::{Counters, EdgeRequest, Limits, Proxies, Refusal};
use crate::telemetry;

/// The request without its body: host and target are known.
pub(super) fn admit(
    parts: Parts,
    peer: IpAddr,
    https: bool,
    limits: &Limits,
    proxies: &Proxies,
    counters: &Counters,
) -> Result<EdgeRequest, Refusal> {
    let Parts { method, uri, version, mut headers, .. } = parts;
    check_method(&method)?;
    if headers.len() > limits.max_headers {
        return Err(Refusal::HeadTooLarge);
    }
    if let Some(expected) = headers.get(EXPECT)
        && !expected.as_bytes().eq_ignore_ascii_case(b"100-continue")
    {
        return Err(Refusal::Expectation);
    }
    let host = host(&uri, version, &headers, limits.require_host)?;
    let (path, query) = (uri.path(), uri.query());
    if path.len() + query.map_or(0, str::len) > limits.max_target {
        return Err(Refusal::TargetTooLong);
    }
    let is_path = path.starts_with('/') || (path == "*" && method == Method::OPTIONS);
    if !is_path || !path.is_ascii() || !query.is_none_or(str::is_ascii) {
        return Err(Refusal::Target);
    }
    let Client { ip, https, request_id } = proxies.client(peer, https, &headers);
    let (forwarded, original) = drop_foreign(&mut headers);
    let untrusted_forwarding = forwarded && !proxies.trusts(peer);
    if untrusted_forwarding {
        counters.untrusted_header.inc();
    }
    Ok(EdgeRequest {
        path: path.to_owned(),
        query: query.map(str::to_owned),
        method,
        headers,
        original,
        body: Bytes::new(),
        host: without_default_port(host, https),
        client_ip: ip,
        https,
        request_id: request_id.unwrap_or_else(telemetry::request_id),
        untrusted_forwarding,
    })
}

fn check_method(method: &Method) -> Result<(), Refusal> {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => Ok(()),
        Method::CONNECT | Method::TRACE => Err(Refusal::MethodNotAllowed),
        // A method that is known and offered nowhere: each path says which it has.
        _ if method.as_str() == "QUERY" => Ok(()),
        _ => Err(Refusal::MethodUnknown),
    }
}

/// Refuses fields that may stand once; joins cookies, which HTTP/2 may split (RFC 9113, section 8.2.3).
pub(super) fn check_repeated(headers: &mut HeaderMap) -> Result<(), Refusal> {
    if headers.len() == headers.keys_len() {
        return Ok(());
    }
    for name in [AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, ORIGIN] {
        if headers.get_all(&name).iter().nth(1).is_some() {
            return Err(Refusal::Repeated);
        }
    }
    if headers.get_all(COOKIE).iter().nth(1).is_some() {
        let crumbs: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
        let joined = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])).map_err(|_| Refusal::Line)?;
        headers.insert(COOKIE, joined);
    }
    Ok(())
}

/// A port that the scheme implies says nothing (RFC 9110, section 4.2.3).
fn without_default_port(mut host: String, https: bool) -> String {
    let port = if https { ":443" } else { ":80" };
    if host.ends_with(port) {
        host.truncate(host.len() - port.len());
    }
    host
}

/// The one host of a request, with its port when one was sent, in lower case (RFC 9112, section 3.2; RFC 9113, section 8.3.1): where target and
/// `Host` both name one, the same. Empty where none is named and none need be.
pub fn host(
    uri: &http::Uri,
    version: Version,
    headers: &HeaderMap,
    is_required: bool,
) -> Result<String, Refusal> {
    let mut named = headers.get_all(HOST).iter();
    let in_header = named.next().map(HeaderValue::as_bytes);
    if named.next().is_some() {
        return Err(Refusal::Host);
    }
    let in_target = uri.authority().map(|authority| authority.as_str().as_bytes());
    if in_target.is_some() && version < Version::HTTP_2 && !matches!(uri.scheme_str(), Some("http" | "https"))
    {
        return Err(Refusal::Target);
    }
    let host = match (in_target, in_header) {
        (Some(target), Some(header)) if !target.eq_ignore_ascii_case(header) => return Err(Refusal::Host),
        (Some(host), _) | (None, Some(host)) => host,
        (None, None) if is_required => return Err(Refusal::Host),
        (None, None) => return Ok(String::new()),
    };
    parse_host(host).ok_or(Refusal::Host)
}

/// A host name or address literal with an optional port, in lower case.
fn parse_host(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.is_empty() || text.len() > 261 {
        return None;
    }
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (literal, after) = rest.split_once(']')?;
            literal.parse::<std::net::Ipv6Addr>().ok()?;
            (&text[..literal.len() + 2], if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    let is_name = name.starts_with('[')
        || (!name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')));
    let is_port = port.is_none_or(|port| {
        !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    (is_name && is_port).then(|| text.to_ascii_lowercase())
}

/// Removes the headers that must not reach a service; says whether forwarding headers were among them, and keeps what says what was asked of
/// an API apart.
fn drop_foreign(headers: &mut HeaderMap) -> (bool, HeaderMap) {
    let (mut dropped, mut original) = (Vec::new(), HeaderMap::new());
    let mut forwarding = false;
    for name in headers.keys() {
        if let Some(kind) = is_dropped(name.as_str()) {
            forwarding |= kind == Dropped::Forwarding;
            dropped.push(name.clone());
        }
        if ORIGINAL.contains(&name.as_str()) {
            for value in headers.get_all(name) {
                original.append(name.clone(), value.clone());
            }
        }
    }
    for name in dropped {
        headers.remove(name);
    }
    (forwarding, original)
}

/// Headers by which proxies tell what was asked of what stands behind them.
const ORIGINAL: [&str; 5] =
    ["x-forwarded-method", "x-forwarded-proto", "x-forwarded-uri", "x-original-method", "x-original-uri"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_literals_with_a_port() {
        for (text, expected) in [
            ("Example.COM", Some("example.com")),
            ("localhost:8080", Some("localhost:8080")),
            ("[::1]:8080", Some("[::1]:8080")),
            ("[2001:DB8::1]", Some("[2001:db8::1]")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("", None),
            (":80", None),
            ("a:b", None),
            ("a:", None),
            ("a:99999", None),
            ("a:80:80", None),
            ("user@a", None),
            ("a/b", None),
            ("a b", None),
            ("[::1", None),
            ("[::1]x", None),
            ("[a]", None),
            ("ä.example", None),
        ] {
            assert_eq!(parse_host(text.as_bytes()).as_deref(), expected, "{text:?}");
        }
    }
}
