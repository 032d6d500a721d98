//! WebSockets (RFC 6455, section 4): the one protocol that a connection may change to. In any other, HTTP/2 in the clear above all, requests would reach
//! the API that nobody was asked about.

use http::header::{self, HeaderMap, HeaderName};
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Body;

use super::hygiene::words;

/// Whether a request asks for a WebSocket, and for nothing else (section 4.2.1).
pub fn is_asked<B: Body>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && request.body().is_end_stream()
        && names_it(headers)
        && is_once(headers, header::SEC_WEBSOCKET_KEY)
        && is_once(headers, header::SEC_WEBSOCKET_VERSION)
}

/// Whether an answer agrees to one (section 4.2.2).
pub fn is_agreed<B>(answer: &Response<B>) -> bool {
    answer.status() == StatusCode::SWITCHING_PROTOCOLS && names_it(answer.headers())
}

/// Whether `Upgrade` names it alone, and `Connection` names `Upgrade`.
fn names_it(headers: &HeaderMap) -> bool {
    is_once(headers, header::UPGRADE)
        && headers[header::UPGRADE].as_bytes().eq_ignore_ascii_case(b"websocket")
        && words(headers).any(|word| word.eq_ignore_ascii_case("upgrade"))
}

fn is_once(headers: &HeaderMap, name: HeaderName) -> bool {
    headers.get_all(name).iter().count() == 1
}

#[cfg(test)]
mod tests {
    use http_body_util::{Empty, Full};

    use super::*;

    type Fields<'a> = &'a [(&'a str, &'a str)];

    const HANDSHAKE: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
    ];

    /// The handshake, with other lines in place of those of that name.
    fn request(fields: Fields<'_>) -> Request<Empty<&'static [u8]>> {
        let kept = HANDSHAKE.iter().filter(|(name, _)| !fields.iter().any(|(other, _)| name == other));
        let lines = kept.chain(fields).filter(|(_, value)| !value.is_empty());
        let request = lines.fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        request.body(Empty::new()).expect("a request")
    }

    #[test]
    fn a_handshake_is_all_that_asks() {
        assert!(is_asked(&request(&[])));
        for wrong in [
            &[("upgrade", "h2c")][..],
            &[("upgrade", "websocket, h2c")],
            &[("upgrade", "h2c, websocket")],
            &[("upgrade", "websocket"), ("upgrade", "h2c")],
            &[("upgrade", "websocket"), ("upgrade", "websocket")],
            &[("upgrade", "websocket/13")],
            &[("upgrade", "TLS/1.0")],
            &[("upgrade", "")],
            &[("connection", "keep-alive")],
            &[("connection", "")],
            &[("sec-websocket-key", "")],
            &[("sec-websocket-key", "YQ=="), ("sec-websocket-key", "Yg==")],
            &[("sec-websocket-version", "")],
        ] {
            assert!(!is_asked(&request(wrong)), "{wrong:?}");
        }
        let mut other = request(&[]);
        *other.method_mut() = Method::POST;
        assert!(!is_asked(&other));
        let mut other = request(&[]);
        *other.version_mut() = Version::HTTP_10;
        assert!(!is_asked(&other));
        let (parts, _) = request(&[]).into_parts();
        assert!(!is_asked(&Request::from_parts(parts, Full::new(&b"body"[..]))));
    }

    #[test]
    fn an_answer_agrees_to_a_websocket_alone() {
        let answer = |status: u16, fields: Fields<'_>| {
            let answer = Response::builder().status(status);
            let answer = fields.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
            is_agreed(&answer.body(()).expect("an answer"))
        };
        assert!(answer(101, &HANDSHAKE[..2]));
        assert!(!answer(200, &HANDSHAKE[..2]));
        for wrong in
            [&[("connection", "upgrade"), ("upgrade", "h2c")][..], &HANDSHAKE[..1], &HANDSHAKE[1..2], &[]]
        {
            assert!(!answer(101, wrong), "{wrong:?}");
        }
    }
}
