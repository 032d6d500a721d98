//! The table of routes. Router, authorization, OpenAPI document, manual and tests derive from it.

use std::future::Future;
use std::pin::Pin;

use doorward_core::admin::{Access, Area};

use super::asked::{Asked, Reply};
use super::problem::Problem;
use super::resource;
use super::schema::{Object, Way};
use crate::dialect;

/// A route.
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path below `/admin/v1`, with `{names}`.
    pub path: &'static str,
    /// The area that it belongs to.
    pub area: Area,
    /// Reading or writing.
    pub access: Access,
    /// What it does.
    pub summary: &'static str,
    /// Parameters of the query.
    pub query: &'static [Query],
    /// The body of a request.
    pub request: Option<&'static Object>,
    /// What it is answered with.
    pub answer: Answered,
    /// What does it.
    pub run: Run,
}

impl Route {
    /// Whether its body may be left out: nothing must be said in it.
    pub fn may_be_empty(&self) -> bool {
        self.method == "POST"
            && self.request.is_some_and(|object| object.members.iter().all(|member| member.way != Way::Must))
    }
}

/// What a route does. Boxed: the future of every request would otherwise be as large as the largest.
pub type Run = for<'a> fn(&'a Asked<'a>) -> Running<'a>;
/// A request that is being answered.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;

/// A parameter of a query.
#[derive(Debug)]
pub struct Query {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// What a route is answered with.
#[derive(Clone, Copy, Debug)]
pub enum Answered {
    /// An object.
    One(&'static Object),
    /// An object that was made.
    Made(&'static Object),
    /// An object that was made or replaced.
    Put(&'static Object),
    /// A page of objects.
    Page(&'static Object),
    /// Nothing.
    Nothing,
}

/// Parameters of every list.
pub const PAGED: &[Query] = &[
    Query { name: "limit", about: "how many at most: 1 to 200, 50 when absent" },
    Query { name: "after", about: "where to go on: `next` of the page before" },
];

/// Every route.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    resource::TABLES.iter().flat_map(|table| table.iter())
}

/// What a path is.
pub enum Found {
    /// A route, with the values of its names.
    Route(&'static Route, Vec<String>),
    /// There are routes of this path with these methods only.
    Methods(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

/// The route of a method and a path below `/admin/v1`.
pub fn find(method: &str, path: &str) -> Found {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut fitting: Vec<(&Route, Vec<String>)> =
        routes().filter_map(|route| Some((route, values(route.path, path)?))).collect();
    // What a word stands for is no name: there is no key called `rotate`.
    let fewest = fitting.iter().map(|(_, values)| values.len()).min();
    fitting.retain(|(_, values)| Some(values.len()) == fewest);
    if fitting.is_empty() {
        return Found::Nothing;
    }
    let methods = fitting.iter().map(|(route, _)| route.method).collect();
    let found = fitting.into_iter().find(|(route, _)| route.method == method);
    found.map_or(Found::Methods(methods), |(route, values)| Found::Route(route, values))
}

/// The values of a pattern's names in a path; none when it does not fit.
fn values(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut segments = path.split('/');
    for part in pattern.split('/') {
        let segment = segments.next()?;
        if part.starts_with('{') {
            values.push(dialect::segment(segment)?);
        } else if part != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_whole_segments_and_decodes_them_once() {
        let fits = |path: &str| values("/tenants/{tenant}/apis/{id}", path);
        assert_eq!(fits("/tenants/t/apis/a%2Fb"), Some(vec!["t".to_owned(), "a/b".to_owned()]));
        assert_eq!(fits("/tenants/t/apis/a%252Fb"), Some(vec!["t".to_owned(), "a%2Fb".to_owned()]));
        assert_eq!(fits("/tenants/t/apis/a+b"), Some(vec!["t".to_owned(), "a+b".to_owned()]));
        for other in [
            "/tenants/t/apis",
            "/tenants/t/apis/",
            "/tenants/t/apis/a/b",
            "/tenants//apis/a",
            "/tenants/t/apis/%zz",
            "/tenants/t/apis/%00",
        ] {
            assert_eq!(fits(other), None, "{other}");
        }
    }

    #[test]
    fn a_word_of_a_path_is_no_name() {
        let methods = |path: &str| match find("QUERY", path) {
            Found::Methods(methods) => methods,
            _ => panic!("{path}"),
        };
        assert_eq!(methods("/tenants/t/keys/rotate"), ["POST"]);
        assert_eq!(methods("/tenants/t/keys/k1"), ["DELETE"]);
    }

    #[test]
    fn no_two_routes_are_the_same() {
        let mut seen = std::collections::BTreeSet::new();
        for route in routes() {
            assert!(seen.insert((route.method, route.path)), "{} {}", route.method, route.path);
            assert_eq!(route.access == Access::Read, route.method == "GET", "{}", route.path);
        }
    }
}
