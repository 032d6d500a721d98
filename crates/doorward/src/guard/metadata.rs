//! The document from which a client learns which issuer gives tokens for the API (RFC 9728), where clients look for it (section 3.1): at the API's
//! own host, without a token.

use doorward_wire::percent;
use http::header::HOST;
use http::{Method, Request, Uri};

/// Where the document of an API is asked for, and where it is had.
pub struct Metadata {
    host: String,
    path: String,
    /// What the issuer's server is asked.
    pub question: String,
}

impl Metadata {
    /// That of an API whose identifier is a URL; `issuer` is the issuer's path.
    pub fn of(api: &str, issuer: &str) -> Option<Self> {
        let uri: Uri = api.parse().ok()?;
        uri.scheme().filter(|_| uri.query().is_none())?;
        let host = uri.authority()?.as_str().to_owned();
        let path = format!("{WELL_KNOWN}{}", uri.path().strip_suffix('/').unwrap_or(uri.path()));
        let question = format!("{issuer}/guard/metadata?api={}", percent::encode(api));
        Some(Self { host, path, question })
    }

    /// Whether a request is for it.
    pub fn is_asked<B>(&self, request: &Request<B>) -> bool {
        let is_here = |host: &[u8]| host.eq_ignore_ascii_case(self.host.as_bytes());
        matches!(*request.method(), Method::GET | Method::HEAD)
            && request.uri().path() == self.path
            && request.headers().get(HOST).is_some_and(|host| is_here(host.as_bytes()))
    }
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_between_host_and_path() {
        let is_asked = |api: &str, method: Method, target: &str, host: &str| {
            let request = Request::builder().method(method).uri(target).header(HOST, host);
            let request = request.body(()).expect("a request");
            Metadata::of(api, "").is_some_and(|metadata| metadata.is_asked(&request))
        };
        for (api, target) in [
            ("https://api.example", "/.well-known/oauth-protected-resource"),
            ("https://api.example/", "/.well-known/oauth-protected-resource"),
            ("https://api.example/v1", "/.well-known/oauth-protected-resource/v1"),
        ] {
            assert!(is_asked(api, Method::GET, target, "API.example"), "{api}");
            assert!(is_asked(api, Method::HEAD, target, "api.example"), "{api}");
            assert!(!is_asked(api, Method::POST, target, "api.example"), "{api}");
            assert!(!is_asked(api, Method::GET, target, "other.example"), "{api}");
            assert!(!is_asked(api, Method::GET, &format!("{target}/more"), "api.example"), "{api}");
        }
        assert!(!is_asked("urn:api", Method::GET, WELL_KNOWN, "api"));
        assert_eq!(
            Metadata::of("https://api.example", "/demo").expect("a URL").question,
            "/demo/guard/metadata?api=https%3A%2F%2Fapi.example"
        );
    }
}
