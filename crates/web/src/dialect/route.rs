//! Routes: which paths an endpoint answers, by which methods.

use http::Method;

use super::endpoint::Endpoint;

/// One route: an exact path, or all below one that ends in `/*`, and what answers it.
pub struct Route {
    /// The path below the mount, byte for byte; with `/*` at its end, everything below it; `/*/` in it stands for one segment.
    pub path: &'static str,
    /// What answers it, by method. HEAD is answered like GET.
    pub endpoint: Endpoint,
    /// Methods, as `Allow` names them.
    pub allow: &'static str,
    /// Whether scripts of other origins may read it.
    pub is_open: bool,
}

impl Route {
    /// The methods that it answers, as `Allow` says them (RFC 9110, section 10.2.1).
    pub fn allowed(&self) -> String {
        match self.answers(&Method::HEAD) {
            true => self.allow.replacen("GET", "GET, HEAD", 1),
            false => self.allow.to_owned(),
        }
    }

    /// Whether it answers that method. HEAD is answered like GET, but not where a GET may have consequences: it could only tell of
    /// a code that nobody gets (RFC 9110, section 9.3.2).
    pub fn answers(&self, method: &Method) -> bool {
        let is_head = method == Method::HEAD;
        let asked = if is_head { "GET" } else { method.as_str() };
        let has_consequences = matches!(self.endpoint, Endpoint::Authorize | Endpoint::Logout);
        self.allow.split(", ").any(|known| known == asked) && !(is_head && has_consequences)
    }
}

/// Whether a path is as a pattern says, segment by segment. A star at its end is all that there is more, and there must be something.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (mut segments, mut parts) = (path.split('/'), pattern.split('/').peekable());
    loop {
        match (parts.next(), segments.next()) {
            (None, None) => return true,
            (Some("*"), Some(segment)) if parts.peek().is_none() => {
                return !segment.is_empty() || segments.next().is_some();
            }
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(part), Some(segment)) if part == segment => {}
            _ => return false,
        }
    }
}

/// A route that scripts of other origins may read.
pub(super) const fn open(path: &'static str, endpoint: Endpoint, allow: &'static str) -> Route {
    Route { path, endpoint, allow, is_open: true }
}

/// A route that they may not.
pub(super) const fn closed(path: &'static str, endpoint: Endpoint, allow: &'static str) -> Route {
    Route { path, endpoint, allow, is_open: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_at_the_end_is_all_below() {
        for (pattern, path, expected) in [
            ("/keys/*", "/keys/a", true),
            ("/keys/*", "/keys/a/b", true),
            ("/keys/*", "/keys//b", true),
            ("/keys/*", "/keys/", false),
            ("/keys/*", "/keys", false),
            ("/of/*/keys/*", "/of/x/keys/a", true),
            ("/of/*/keys/*", "/of/x/keys/a/b", true),
            ("/of/*/keys/*", "/of/x/keys/", false),
            ("/of/*/keys/*", "/of//keys/a", false),
            ("/of/*/keys/*", "/of/x/locks/a", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_star_in_the_middle_is_one_segment() {
        let pattern = "/extensions/*/events";
        assert!(fits(pattern, "/extensions/shop/events"));
        for other in [
            "/extensions//events",
            "/extensions/events",
            "/extensions/a/b/events",
            "/extensions/shop/events/",
            "/extensions/shop/event",
            "extensions/shop/events",
            "",
        ] {
            assert!(!fits(pattern, other), "{other}");
        }
    }
}
