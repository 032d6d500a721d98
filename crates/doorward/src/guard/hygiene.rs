//! What of a message's header is for the next hop only, or not a client's to say.

use std::net::IpAddr;

use doorward_web::edge;
use doorward_web::endpoint::guard::IDENTITY;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, Version};

/// Whether a request names one host, where it has to: twice, or another in its target, would be read as one by some and as the other by others
/// (RFC 9112, section 3.2).
pub fn has_one_host<B>(request: &Request<B>) -> bool {
    let (version, headers) = (request.version(), request.headers());
    let is_required = version != Version::HTTP_10;
    (!is_required || headers.contains_key(header::HOST))
        && edge::host(request.uri(), version, headers, is_required).is_ok()
}

/// Removes what is between two hops (RFC 9110, section 7.6.1), what only the guard may say of whom a request is, and what says where it came
/// from; adds who passes it on. Gives the host that was asked for: the target's, where that names one (RFC 9112, section 3.2.2).
pub fn clean<B>(request: &mut Request<B>) -> Option<HeaderValue> {
    let of_target = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    let version = request.version();
    let headers = request.headers_mut();
    // Before anything is removed that `Connection` names.
    let host = headers.remove(header::HOST);
    remove_hop_by_hop(headers);
    // It has been met already.
    headers.remove(header::EXPECT);
    let foreign: Vec<HeaderName> = headers.keys().filter(|name| is_foreign(name.as_str())).cloned().collect();
    for name in foreign {
        headers.remove(name);
    }
    sign(headers, version);
    of_target.or(host)
}

/// The same of an answer, which is in our own version (RFC 9112, section 2.3).
pub fn clean_answer<B>(answer: &mut Response<B>) {
    let version = std::mem::replace(answer.version_mut(), Version::HTTP_11);
    remove_hop_by_hop(answer.headers_mut());
    sign(answer.headers_mut(), version);
}

/// Whether a body has a transfer coding that is not just `chunked` (RFC 9112, section 6.1), so that what is read of it would not be the body.
pub fn is_coded_otherwise(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    codings.next().is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
        || codings.next().is_some()
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

/// Says that a message came this way, and in which version (RFC 9110, section 7.6.3).
fn sign(headers: &mut HeaderMap, version: Version) {
    let via = if version == Version::HTTP_10 { "1.0 doorward" } else { "1.1 doorward" };
    headers.append(header::VIA, HeaderValue::from_static(via));
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

/// Whether a header is not a client's to send: one of the guard's own, one that says where the request came from, or one by which frameworks serve
/// another path or method than the one that was decided on. In the spelling of any reader: gateways to applications take `_` for `-`, and some
/// take whatever is neither a letter nor a digit for it.
fn is_foreign(name: &str) -> bool {
    let name = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    IDENTITY.contains(&name.as_str()) || FOREIGN.contains(&name.as_str()) || name.starts_with("x-forwarded-")
}

const FOREIGN: [&str; 10] = [
    "forwarded",
    "proxy",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-host",
    "x-original-uri",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
];

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

    type Fields<'a> = &'a [(&'static str, &'static str)];

    fn of(fields: Fields<'_>) -> HeaderMap {
        let fields = fields.iter();
        fields.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn request(target: &str, fields: Fields<'_>) -> Request<()> {
        let mut request = Request::get(target).body(()).expect("a request");
        *request.headers_mut() = of(fields);
        request
    }

    #[test]
    fn what_is_not_a_clients_to_say_goes() {
        let mut asked = request(
            "/",
            &[
                ("host", "api.example"),
                ("connection", "close, x-private, Content-Length, Host, Via"),
                ("x-private", "1"),
                ("te", "trailers"),
                ("expect", "100-continue"),
                ("upgrade", "h2c"),
                ("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA"),
                ("keep-alive", "timeout=5"),
                ("proxy-authenticate", "Basic"),
                ("proxy-authorization", "Basic YTpi"),
                ("proxy-connection", "keep-alive"),
                ("trailer", "doorward-user"),
                ("doorward-user", "mallory"),
                ("doorward_user", "mallory"),
                ("doorward-scopes", "all"),
                ("doorward.installation", "ins_1"),
                ("doorward~client", "c"),
                ("x-original-url", "/admin"),
                ("x.rewrite.url", "/admin"),
                ("x-http-method-override", "DELETE"),
                ("proxy", "http://10.0.0.1/"),
                ("x-forwarded-for", "10.0.0.1"),
                ("x_forwarded_proto", "https"),
                ("x-forwarded-user", "mallory"),
                ("x-forwarded_prefix", "/admin"),
                ("doorward_client", "mallory"),
                ("doorward-installation", "ins_1"),
                ("x-real-ip", "10.0.0.1"),
                ("x_real_ip", "10.0.0.1"),
                ("forwarded", "for=10.0.0.1"),
                ("content-length", "5"),
                ("authorization", "Bearer a"),
                ("x-more", "2"),
            ],
        );
        assert_eq!(clean(&mut asked), Some(HeaderValue::from_static("api.example")));
        let kept = [
            ("content-length", "5"),
            ("authorization", "Bearer a"),
            ("x-more", "2"),
            ("via", "1.1 doorward"),
        ];
        assert_eq!(*asked.headers(), of(&kept));

        let mut answer = Response::new(());
        *answer.version_mut() = Version::HTTP_10;
        *answer.headers_mut() =
            of(&[("content-length", "5"), ("transfer-encoding", "chunked"), ("via", "1.1 a")]);
        clean_answer(&mut answer);
        assert_eq!(answer.version(), Version::HTTP_11);
        assert_eq!(*answer.headers(), of(&[("via", "1.1 a"), ("via", "1.0 doorward")]));
    }

    #[test]
    fn the_targets_host_counts() {
        let mut asked = request("http://api.example/a", &[]);
        assert_eq!(clean(&mut asked), Some(HeaderValue::from_static("api.example")));
    }

    #[test]
    fn chunked_is_the_coding_that_is_known() {
        for known in [&[][..], &[("transfer-encoding", "chunked")], &[("transfer-encoding", "Chunked")]] {
            assert!(!is_coded_otherwise(&of(known)), "{known:?}");
        }
        for other in [
            &[("transfer-encoding", "gzip, chunked")][..],
            &[("transfer-encoding", "chunked, chunked")],
            &[("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "chunked;a=b")],
            &[("transfer-encoding", "identity")],
        ] {
            assert!(is_coded_otherwise(&of(other)), "{other:?}");
        }
    }

    #[test]
    fn a_request_names_one_host() {
        let named = |target: &str, version: Version, hosts: &[&'static str]| {
            let mut request = Request::get(target).version(version);
            for host in hosts {
                request = request.header(header::HOST, *host);
            }
            has_one_host(&request.body(()).expect("a request"))
        };
        let (new, old) = (Version::HTTP_11, Version::HTTP_10);
        for (target, version, hosts, is_one) in [
            ("/a", new, &["api.example"][..], true),
            ("/a", new, &["[::1]:8090"], true),
            ("/a", new, &[], false),
            ("/a", new, &["api.example", "api.example"], false),
            ("/a", new, &["api.example", "evil.example"], false),
            ("/a", new, &["api.example, evil.example"], false),
            ("/a", new, &["user@api.example"], false),
            ("/a", new, &["api.example/b"], false),
            ("/a", new, &[""], false),
            ("http://api.example/a", new, &["API.example"], true),
            ("http://api.example/a", new, &["evil.example"], false),
            ("http://api.example/a", new, &[], false),
            ("/a", old, &[], true),
            ("/a", old, &["api.example", "api.example"], false),
            ("http://api.example/a", old, &["evil.example"], false),
        ] {
            assert_eq!(named(target, version, hosts), is_one, "{target} {version:?} {hosts:?}");
        }
    }
}
