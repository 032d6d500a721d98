//! Routes: which paths an endpoint answers, by which methods, and what these paths name.

use doorward_wire::percent;
use http::Method;

use super::endpoint::Endpoint;

/// One route: the paths that a pattern fits, and what answers them.
pub struct Route {
    /// The path below the mount, byte for byte. A segment `*` stands for any one that names something, `**` at the end for all that is below.
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

/// What the stars of a pattern stand for in a path, decoded; none where the path is not as the pattern says. Below two stars there must be
/// something, which whoever answers reads.
pub(super) fn named(pattern: &str, path: &str) -> Option<Vec<String>> {
    if !pattern.contains('*') {
        return (pattern == path).then(Vec::new);
    }
    let (mut names, mut segments) = (Vec::new(), path.split('/'));
    for part in pattern.split('/') {
        let sent = segments.next()?;
        match part {
            "**" => return (!sent.is_empty() || segments.next().is_some()).then_some(names),
            "*" => names.push(segment(sent)?),
            _ if part == sent => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(names)
}

/// What one segment of a path names, decoded, a slash that was sent as `%2F` included; none where it is empty or no text.
pub fn segment(sent: &str) -> Option<String> {
    percent::decode_segment(sent).filter(|name| !name.is_empty() && !name.chars().any(char::is_control))
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
    use super::super::{COMMON, DIALECTS, PAGES};
    use super::*;

    #[test]
    fn a_star_is_one_segment_wherever_it_stands() {
        for (pattern, path, expected) in [
            ("/keys", "/keys", Some([].as_slice())),
            ("/keys", "/keys/", None),
            ("/keys/*", "/keys/a", Some(&["a"])),
            ("/keys/*", "/keys/a+b%20c", Some(&["a+b c"])),
            ("/keys/*", "/keys/a%2Fb", Some(&["a/b"])),
            ("/keys/*", "/keys/a%252Fb", Some(&["a%2Fb"])),
            ("/keys/*", "/keys/*", Some(&["*"])),
            ("/keys/*", "/keys/a/b", None),
            ("/keys/*", "/keys/a/", None),
            ("/keys/*", "/keys//b", None),
            ("/keys/*", "/keys/", None),
            ("/keys/*", "/keys", None),
            ("/keys/*", "/keys/%zz", None),
            ("/keys/*", "/keys/%ff", None),
            ("/keys/*", "/keys/%00", None),
            ("/of/*/keys/*", "/of/x/keys/a", Some(&["x", "a"])),
            ("/of/*/keys/*", "/of/x/keys/a/b", None),
            ("/of/*/keys/*", "/of/x/keys/", None),
            ("/of/*/keys/*", "/of//keys/a", None),
            ("/of/*/keys/*", "/of/x/locks/a", None),
            ("/of/*/keys/", "/of/x/keys/", Some(&["x"])),
            ("/of/*/keys/", "/of/x/keys", None),
            ("/of/*/keys", "/of/keys", None),
            ("/of/*/keys", "of/x/keys", None),
            ("/of/*/keys", "", None),
        ] {
            let expected = expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(named(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn two_stars_are_all_that_is_below() {
        for (path, expected) in [
            ("/pages/a", true),
            ("/pages/a/b", true),
            ("/pages//b", true),
            ("/pages/%zz", true),
            ("/pages/", false),
            ("/pages", false),
            ("/page/a", false),
        ] {
            assert_eq!(named("/pages/**", path).is_some(), expected, "{path}");
        }
    }

    /// Where a path ends, nothing answers one with a segment more, but for what is of all paths below.
    #[test]
    fn no_route_of_any_dialect_answers_a_path_with_one_more_segment() {
        let is_of_all_below = |route: &Route| route.path.ends_with("/**");
        let segments = |path: &str| path.split('/').count();
        let mut asked = 0;
        for dialect in DIALECTS {
            for route in dialect.every_route().filter(|route| !is_of_all_below(route)) {
                let path = route.path.replace('*', "x");
                let (found, names) = dialect.route(&path).expect("it answers what it is of");
                assert_eq!(found.path, route.path, "{}", dialect.name);
                assert_eq!(names.len(), route.path.matches('*').count(), "{path}");
                let longer = format!("{}/more", path.trim_end_matches('/'));
                if let Some((found, _)) = dialect.route(&longer) {
                    let is_its_own = segments(found.path) == segments(&longer) && found.path.ends_with("/*");
                    assert!(
                        is_its_own || is_of_all_below(found),
                        "{}: {longer} by {}",
                        dialect.name,
                        found.path
                    );
                }
                asked += 1;
            }
        }
        assert!(asked > 6 * (COMMON.len() + PAGES.len() - 4), "{asked}");
    }
}
