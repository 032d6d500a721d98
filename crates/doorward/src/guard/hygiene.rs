//! What of a message's header is for the next hop only, or not a client's to say.

use std::net::IpAddr;

use doorward_web::endpoint::guard::IDENTITY;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Removes what is between two hops (RFC 9110, section 7.6.1), what only the guard may say of whom a request is, and what says where it came
/// from. Gives the host that was asked for.
pub fn clean(headers: &mut HeaderMap) -> Option<HeaderValue> {
    remove_hop_by_hop(headers);
    // It has been met already.
    headers.remove(header::EXPECT);
    let foreign: Vec<HeaderName> = headers.keys().filter(|name| is_ours(name.as_str())).cloned().collect();
    for name in foreign {
        headers.remove(name);
    }
    headers.remove(header::HOST)
}

/// The same of an answer.
pub fn clean_answer(headers: &mut HeaderMap) {
    remove_hop_by_hop(headers);
}

/// Says where a request came from.
pub fn tell_origin(headers: &mut HeaderMap, host: Option<HeaderValue>, peer: IpAddr) {
    if let Ok(peer) = HeaderValue::from_str(&peer.to_string()) {
        headers.insert("x-forwarded-for", peer);
    }
    if let Some(host) = host {
        headers.insert("x-forwarded-host", host);
    }
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = words(headers).filter_map(|word| word.parse().ok()).collect();
    // A length that stands beside a coding is not believed (RFC 9112, section 6.3).
    if headers.contains_key(header::TRANSFER_ENCODING) {
        headers.remove(header::CONTENT_LENGTH);
    }
    // Who names the length as a thing between two hops would have the next one read another body.
    for name in named.iter().filter(|name| *name != header::CONTENT_LENGTH) {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// What `Connection` names.
pub fn words(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Whether a header is one of the guard's own, in the spelling of any reader: gateways to applications take `-` and `_` for one.
fn is_ours(name: &str) -> bool {
    let name = name.replace('_', "-");
    IDENTITY.contains(&name.as_str()) || name == "forwarded" || name.starts_with("x-forwarded-")
}

const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn what_is_not_a_clients_to_say_goes() {
        let mut headers = of(&[
            ("host", "api.example"),
            ("connection", "close, x-private, Content-Length"),
            ("x-private", "1"),
            ("te", "trailers"),
            ("expect", "100-continue"),
            ("upgrade", "h2c"),
            ("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA"),
            ("doorward-user", "mallory"),
            ("doorward_user", "mallory"),
            ("doorward-scopes", "all"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x_forwarded_proto", "https"),
            ("forwarded", "for=10.0.0.1"),
            ("content-length", "5"),
            ("authorization", "Bearer a"),
            ("x-more", "2"),
        ]);
        let host = clean(&mut headers);
        assert_eq!(host, Some(HeaderValue::from_static("api.example")));
        assert_eq!(headers, of(&[("content-length", "5"), ("authorization", "Bearer a"), ("x-more", "2")]));

        let mut headers = of(&[("content-length", "5"), ("transfer-encoding", "chunked"), ("x-more", "2")]);
        clean_answer(&mut headers);
        assert_eq!(headers, of(&[("x-more", "2")]));
    }
}
