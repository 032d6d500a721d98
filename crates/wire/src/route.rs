//! Paths of requests to an API, and the patterns that rules of the guard name them by. Proxies, frameworks and file systems do not agree on
//! what `..`, `//`, `%2F` or another case mean: a path that could be read in two ways is refused, not guessed at (RFC 3986, section 6.2).

use crate::names::errors;
use crate::percent;

/// The path of a request: its segments, decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoutePath {
    segments: Vec<String>,
    is_folder: bool,
}

/// How far a pattern is meant by a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    /// It is.
    Exact,
    /// It would be, to who does not look at case or at a slash at the end.
    Loose,
    /// It is not.
    None,
}

impl RoutePath {
    /// Reads the target of a request: a path, and maybe a query, which is not looked at.
    pub fn parse(target: &str) -> Result<Self, BadRoute> {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let rest = path.strip_prefix('/').ok_or(BadRoute::Start)?;
        let (rest, is_folder) = match rest.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        if rest.is_empty() {
            return if is_folder {
                Err(BadRoute::Segment)
            } else {
                Ok(Self { segments: Vec::new(), is_folder })
            };
        }
        let segments = rest.split('/').map(segment).collect::<Result<_, _>>()?;
        Ok(Self { segments, is_folder })
    }

    /// How far `pattern`, which was [checked](check_pattern), is meant.
    pub fn fit(&self, pattern: &str) -> Fit {
        let is_folder = pattern.len() > 1 && pattern.ends_with('/');
        let mut segments = self.segments.iter();
        let mut fit = Fit::Exact;
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            if part == REST {
                return fit;
            }
            let Some(segment) = segments.next() else { return Fit::None };
            if part == ANY || part == segment {
                continue;
            }
            if folded(part) != folded(segment) {
                return Fit::None;
            }
            fit = Fit::Loose;
        }
        if segments.next().is_some() {
            return Fit::None;
        }
        if self.is_folder == is_folder { fit } else { Fit::Loose }
    }
}

/// Whether a text is a pattern: a path as it is when it is decoded, in which `*` is any one segment and `**` at the end all that may follow.
pub fn check_pattern(pattern: &str) -> Result<(), BadRoute> {
    let rest = pattern.strip_prefix('/').ok_or(BadRoute::Start)?;
    if rest.is_empty() {
        return Ok(());
    }
    let parts: Vec<&str> = rest.strip_suffix('/').unwrap_or(rest).split('/').collect();
    let ends_in_rest = rest.ends_with(REST);
    for (at, part) in parts.iter().enumerate() {
        let is_rest = *part == REST && at + 1 == parts.len() && ends_in_rest;
        if *part == ANY || is_rest {
            continue;
        }
        if part.contains('*') {
            return Err(BadRoute::Star);
        }
        check_segment(part)?;
    }
    Ok(())
}

/// One segment of a path as it is sent.
fn segment(sent: &str) -> Result<String, BadRoute> {
    let is_sent = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@%".contains(&byte);
    if !sent.bytes().all(is_sent) {
        return Err(BadRoute::Character);
    }
    let decoded = percent::decode_segment(sent).ok_or(BadRoute::Encoding)?;
    // A dot is never encoded but to hide it.
    if decoded.matches('.').count() != sent.matches('.').count() {
        return Err(BadRoute::Encoding);
    }
    check_segment(&decoded)?;
    Ok(decoded)
}

fn check_segment(decoded: &str) -> Result<(), BadRoute> {
    if decoded.is_empty() {
        return Err(BadRoute::Segment);
    }
    if decoded.chars().any(|c| c.is_control() || "/\\%;?#".contains(c)) {
        return Err(BadRoute::Character);
    }
    // `.` and `..`; and what a file system drops at the end of a name.
    if decoded.ends_with(['.', ' ']) || decoded.starts_with(' ') {
        return Err(BadRoute::Segment);
    }
    Ok(())
}

/// As who does not look at case reads it.
fn folded(segment: &str) -> String {
    segment.to_uppercase().to_lowercase()
}

const ANY: &str = "*";
const REST: &str = "**";

errors! {
    /// Why a path cannot be told from others, or a pattern is none.
    pub enum BadRoute {
        Character = "the path has a character that is read in more than one way",
        Encoding = "the path has a percent-encoding that is none, or that hides a dot",
        Segment = "the path has a segment that is empty, a dot, or ends in one",
        Star = "a star stands for one whole segment, two stars for all that may follow at the end",
        Start = "the path does not begin with a slash",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(pattern: &str, target: &str) -> Fit {
        check_pattern(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        RoutePath::parse(target).unwrap_or_else(|error| panic!("{target}: {error}")).fit(pattern)
    }

    #[test]
    fn patterns_name_paths() {
        for (pattern, target) in [
            ("/", "/"),
            ("/", "/?a=//../b"),
            ("/orders", "/orders"),
            ("/orders", "/%6Frders?x"),
            ("/orders/", "/orders/"),
            ("/orders/*", "/orders/1"),
            ("/orders/*/items", "/orders/a%20b+c/items"),
            ("/orders/**", "/orders"),
            ("/orders/**", "/orders/"),
            ("/orders/**", "/orders/1/items/"),
            ("/orders/*/**", "/orders/1"),
            ("/**", "/"),
            ("/**", "/a/b.c/*"),
            ("/stra\u{df}e", "/stra%C3%9Fe"),
            ("/a b", "/a%20b"),
            ("/a+b", "/a+b"),
            ("/a+b", "/a%2Bb"),
        ] {
            assert_eq!(fit(pattern, target), Fit::Exact, "{pattern} {target}");
        }
        for (pattern, target) in [
            ("/orders", "/orders/"),
            ("/orders/", "/orders"),
            ("/orders", "/Orders"),
            ("/orders/**", "/ORDERS/1"),
            ("/orders/*/items", "/orders/1/Items/"),
            ("/stra\u{df}e", "/STRASSE"),
            ("/k", "/%E2%84%AA"),
            ("/orders", "/order%C5%BF"),
        ] {
            assert_eq!(fit(pattern, target), Fit::Loose, "{pattern} {target}");
        }
        for (pattern, target) in [
            ("/", "/orders"),
            ("/orders", "/"),
            ("/orders", "/orders/1"),
            ("/orders", "/order"),
            ("/orders/*", "/orders"),
            ("/orders/*", "/orders/1/2"),
            ("/orders/**", "/ordersx"),
            ("/a+b", "/a%20b"),
        ] {
            assert_eq!(fit(pattern, target), Fit::None, "{pattern} {target}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_path() {
        use BadRoute::{Character, Encoding, Segment, Start};
        for (target, why) in [
            ("", Start),
            ("*", Start),
            ("orders", Start),
            ("https://api.example/orders", Start),
            ("?/orders", Start),
            ("//", Segment),
            ("//api.example/orders", Segment),
            ("/a//b", Segment),
            ("/a//", Segment),
            ("/.", Segment),
            ("/..", Segment),
            ("/a/../b", Segment),
            ("/a/./b", Segment),
            ("/a/..", Segment),
            ("/a...", Segment),
            ("/a/...", Segment),
            ("/admin.", Segment),
            ("/admin%20", Segment),
            ("/%20admin", Segment),
            ("/a/%2e%2e/b", Encoding),
            ("/a/.%2E/b", Encoding),
            ("/a%2eb", Encoding),
            ("/a%2", Encoding),
            ("/a%zz", Encoding),
            ("/a%c0%ae", Encoding),
            ("/a%c0%af", Encoding),
            ("/a%ff", Encoding),
            ("/a%2fb", Character),
            ("/a%2Fb", Character),
            ("/a%5cb", Character),
            ("/a%252fb", Character),
            ("/a%00", Character),
            ("/a%0d%0a", Character),
            ("/a%7f", Character),
            ("/a%3bb", Character),
            ("/a%3fb", Character),
            ("/a%23b", Character),
            ("/a;b=c", Character),
            ("/a\\b", Character),
            ("/a#b", Character),
            ("/a b", Character),
            ("/a\tb", Character),
            ("/\u{e4}", Character),
            ("/a<b", Character),
        ] {
            assert_eq!(RoutePath::parse(target), Err(why), "{target:?}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for (pattern, why) in [
            ("", BadRoute::Start),
            ("orders", BadRoute::Start),
            ("//", BadRoute::Segment),
            ("/a//b", BadRoute::Segment),
            ("/a/../b", BadRoute::Segment),
            ("/a%20b", BadRoute::Character),
            ("/a?b", BadRoute::Character),
            ("/a;b", BadRoute::Character),
            ("/a*", BadRoute::Star),
            ("/**/a", BadRoute::Star),
            ("/a/**/", BadRoute::Star),
            ("/***", BadRoute::Star),
        ] {
            assert_eq!(check_pattern(pattern), Err(why), "{pattern:?}");
        }
    }
}
