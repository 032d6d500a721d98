//! Resource indicators (RFC 8707, 2): an absolute URI without a fragment that names an API.

use std::fmt;

use url::Url;

use crate::limits::URI_BYTES;
use crate::names::{errors, serde_as_string};
use crate::percent;
use crate::redirect_uri::{authority, is_normal};

/// The identifier of an API. An empty path and `/` are one (the empty path is kept); all other paths are exact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource(String);

impl Resource {
    /// Reads the value of a `resource` parameter or of an API's registration.
    pub fn parse(text: &str) -> Result<Resource, BadResource> {
        if text.len() > URI_BYTES {
            return Err(BadResource::TooLong);
        }
        if text.contains('#') {
            return Err(BadResource::Fragment);
        }
        if !percent::is_uri_text(text) {
            return Err(BadResource::Character);
        }
        let url = Url::parse(text).map_err(|_| BadResource::NotAbsolute)?;
        match url.scheme() {
            "https" | "http" => {
                if authority(text).contains('@') {
                    return Err(BadResource::UserInfo);
                }
                if !is_normal(text, &url) {
                    return Err(BadResource::NotNormal);
                }
                let bare = url.path() == "/" && url.query().is_none();
                let text = if bare { text.strip_suffix('/').unwrap_or(text) } else { text };
                Ok(Resource(text.to_owned()))
            }
            "urn" if is_urn(text) => Ok(Resource(text.to_owned())),
            _ => Err(BadResource::Scheme),
        }
    }

    /// The identifier, as it stands in the audience of a token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_string!(Resource);

errors! {
    /// Why a resource indicator was refused (`invalid_target`).
    pub enum BadResource {
        Character = "a resource indicator has a character that does not belong in a URI",
        Fragment = "a resource indicator must not have a fragment",
        NotAbsolute = "a resource indicator must be an absolute URI",
        NotNormal = "the resource indicator is not written in its normal form",
        Scheme = "a resource indicator must be an http, https or urn URI",
        TooLong = "the resource indicator is too long",
        UserInfo = "a resource indicator must not have user information",
    }
}

/// RFC 8141, 2, as far as needed: `urn:` in lower case, a namespace of 2 to 32 letters, digits and hyphens, and a
/// specific part.
fn is_urn(text: &str) -> bool {
    let Some((namespace, specific)) = text.strip_prefix("urn:").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    (2..=32).contains(&namespace.len())
        && namespace.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !namespace.starts_with('-')
        && !namespace.ends_with('-')
        && !specific.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_path_and_a_slash_are_one() {
        let rows = [
            ("https://api.example", "https://api.example"),
            ("https://api.example/", "https://api.example"),
            ("https://api.example/v1", "https://api.example/v1"),
            ("https://api.example/v1/", "https://api.example/v1/"),
            ("https://api.example/?x=/", "https://api.example/?x=/"),
            ("https://api.example:8443/", "https://api.example:8443"),
            ("http://localhost:8080/mcp", "http://localhost:8080/mcp"),
            ("urn:example:orders", "urn:example:orders"),
            ("urn:example:orders/", "urn:example:orders/"),
        ];
        for (text, expected) in rows {
            assert_eq!(Resource::parse(text).unwrap().as_str(), expected, "{text}");
        }
    }

    #[test]
    fn malformed_indicators_are_refused() {
        let long = format!("https://api.example/{}", "a".repeat(URI_BYTES));
        let rows = [
            // SC-007
            ("https://api.example/#x", BadResource::Fragment),
            ("https://api.example#", BadResource::Fragment),
            ("/v1", BadResource::NotAbsolute),
            ("//api.example/v1", BadResource::NotAbsolute),
            ("", BadResource::NotAbsolute),
            ("javascript:alert(1)", BadResource::Scheme),
            ("data:text/html,x", BadResource::Scheme),
            ("file:///etc/passwd", BadResource::Scheme),
            ("api.example:443", BadResource::Scheme),
            ("urn:x", BadResource::Scheme),
            ("urn:x:y", BadResource::Scheme),
            ("urn:example:", BadResource::Scheme),
            ("urn:-ex:y", BadResource::Scheme),
            ("urn:ex-:y", BadResource::Scheme),
            ("https://", BadResource::NotAbsolute),
            ("https://u@api.example/", BadResource::UserInfo),
            ("https://@api.example/", BadResource::UserInfo),
            ("HTTPS://api.example", BadResource::NotNormal),
            ("https://API.example", BadResource::NotNormal),
            ("https://api.example:443/", BadResource::NotNormal),
            ("https://api.example/a/../b", BadResource::NotNormal),
            ("https:/api.example", BadResource::NotNormal),
            ("https://api.example/ ", BadResource::Character),
            ("https://api.example/\\", BadResource::Character),
            ("https://api.example/\u{e4}", BadResource::Character),
            ("https://api.example/%0a", BadResource::Character),
            (long.as_str(), BadResource::TooLong),
        ];
        for (text, expected) in rows {
            assert_eq!(Resource::parse(text), Err(expected), "{text}");
        }
    }
}
