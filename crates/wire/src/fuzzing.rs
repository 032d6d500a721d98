//! What the fuzz targets call, so that the same functions also run under `cargo test` over a corpus and its mutations.
//!
//! Each takes any bytes, must not panic, and asserts what must hold of whatever it accepts: what a parser accepts it
//! accepts again as written, and a redirect leads to the registered place.

use crate::claims::ClaimsRequest;
use crate::origin::Origin;
use crate::params::Params;
use crate::pkce::{CodeChallenge, CodeVerifier};
use crate::prompt::Prompts;
use crate::redirect_uri::RedirectUri;
use crate::resource::Resource;
use crate::response_type::ResponseType;
use crate::route::{Fit, RoutePath};
use crate::scope::Scopes;
use crate::text::{DisplayName, Email, Locale, UserName, accept_language, ui_locales};
use crate::{basic, bearer, json, max_age, media_type, opaque, percent, route};

/// Every parser of this crate in turn.
pub fn parse_anything(input: &[u8]) {
    params(input);
    json(input);
    scope(input);
    redirect_uri(input);
    claims_request(input);
    values(input);
    route(input);
    headers(input);
}

macro_rules! reads_what_it_wrote {
    ($text:expr, $($Name:ty),+ $(,)?) => {$(
        if let Ok(value) = <$Name>::parse($text) {
            assert_eq!(<$Name>::parse(&value.to_string()).as_ref(), Ok(&value), "{:?}", $text);
        }
    )+};
}

/// A form body or a query.
pub fn params(input: &[u8]) {
    if let Ok(params) = Params::parse_form(input) {
        assert_eq!(Params::parse_form(params.to_query().as_bytes()).as_ref(), Ok(&params));
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(params) = Params::parse_query(text) {
        assert_eq!(Params::parse_query(&params.to_query()).as_ref(), Ok(&params));
    }
    assert_eq!(percent::decode(percent::encode(text).as_bytes()).as_deref(), Some(text));
}

/// A JSON text.
pub fn json(input: &[u8]) {
    if let Ok(value) = json::strict(input) {
        assert_eq!(json::strict(value.to_string().as_bytes()), Ok(value));
    }
}

/// A scope.
pub fn scope(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    reads_what_it_wrote!(text, Scopes);
}

/// A redirect URI: at registration, and as one that is compared with registered ones.
pub fn redirect_uri(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    reads_what_it_wrote!(text, RedirectUri);
    if let Ok(uri) = RedirectUri::parse(text) {
        let answer = uri.with_params(text, &[("code", text)]);
        let answer = url::Url::parse(&answer).expect("the answer is a URL");
        let codes: Vec<_> = answer.query_pairs().filter(|(name, _)| name == "code").collect();
        assert!(matches!(codes.as_slice(), [(_, code)] if code == text), "{answer}");
    }
    let without_port = |uri: &str| uri.replace(|c: char| c.is_ascii_digit() || c == ':', "");
    for registered in ["https://app.example/cb", "http://127.0.0.1/cb"] {
        if RedirectUri::parse(registered).expect("a fixture").matches(text) {
            assert_eq!(without_port(text), without_port(registered), "leads elsewhere");
        }
    }
}

/// The `claims` parameter.
pub fn claims_request(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(request) = ClaimsRequest::parse(text) {
        let written = serde_json::to_string(&request).expect("claims are JSON");
        assert_eq!(ClaimsRequest::parse(&written), Ok(request));
    }
}

/// Values of other parameters, and texts that people type.
pub fn values(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    reads_what_it_wrote!(text, DisplayName, Email, Locale, Origin, Prompts, Resource, ResponseType, UserName,);
    let _ = (CodeChallenge::parse(text, Some("S256")), CodeVerifier::parse(text), max_age::parse(text));
    let _ = (opaque::client_id(text), opaque::state(text), ui_locales(text));
}

/// The path of a request to an API, and a pattern of paths.
pub fn route(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(path) = RoutePath::parse(text) {
        let is_pattern = route::check_pattern(text).is_ok();
        assert!(path.fit("/**") == Fit::Exact && (!is_pattern || path.fit(text) == Fit::Exact));
    }
}

/// Header fields.
pub fn headers(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok((id, secret)) = basic::parse(text) {
        assert!(!id.is_empty() && !secret.is_empty());
    }
    let _ = (
        bearer::parse(text, bearer::BEARER),
        bearer::check(text),
        media_type::form(text),
        accept_language(text),
    );
}
