//! `docs/manual/endpoints.md`: the route table of each dialect.

use doorward_web::dialect::{COMMON, DIALECTS, Endpoint, PAGES, Route};
use http::Method;

use super::{compare, source};

#[test]
fn the_endpoints_of_the_manual_are_the_routes() {
    let about = source::variants("crates/web/src/dialect/endpoint.rs", "Endpoint");
    for dialect in DIALECTS {
        compare("endpoints.md", dialect.name, &table(dialect.routes, &about));
    }
    compare("endpoints.md", "common", &table(COMMON, &about));
    compare("endpoints.md", "pages", &table(PAGES, &about));
    assert!(about.len() >= (DIALECTS[0].routes.len() + PAGES.len()) / 2, "the enum was read");
}

fn table(routes: &[Route], about: &[source::Member]) -> String {
    let mut table = "| path | methods | CORS | in metrics | what |\n|---|---|---|---|---|\n".to_owned();
    for route in routes {
        let path = if route.path.is_empty() { "(the issuer itself)" } else { route.path };
        let code = if route.path.is_empty() { "" } else { "`" };
        let cors = if route.is_open { "any origin" } else { "no" };
        let about = match route.endpoint {
            Endpoint::Own(own) => own.about,
            endpoint => {
                let variant = format!("{endpoint:?}");
                &about.iter().find(|member| member.name == variant).expect("a variant of the enum").doc
            }
        };
        let (methods, name) = (methods(route), route.endpoint.name());
        table.push_str(&format!("| {code}{path}{code} | {methods} | {cors} | `{name}` | {about} |\n"));
    }
    table
}

/// The core says which dialects a state file may name.
#[test]
fn the_dialects_that_there_are_may_be_named() {
    assert_eq!(DIALECTS.map(|dialect| dialect.name), doorward_core::model::issuer::DIALECTS);
}

/// What it answers: HEAD is said where it is answered, OPTIONS follows from CORS.
fn methods(route: &Route) -> String {
    let mut words: Vec<&str> = route.allow.split(", ").filter(|method| *method != "OPTIONS").collect();
    if route.answers(&Method::HEAD) {
        words.push("HEAD");
    }
    words.join(", ")
}

/// Whatever answers, answers under a name of its own.
#[test]
fn every_endpoint_has_a_name_of_its_own() {
    let mut names: Vec<(&str, Endpoint)> = DIALECTS
        .iter()
        .flat_map(|dialect| dialect.every_route())
        .map(|route| (route.endpoint.name(), route.endpoint))
        .collect();
    names.sort_by_key(|(name, _)| *name);
    for pair in names.windows(2) {
        assert!(pair[0].0 != pair[1].0 || pair[0].1 == pair[1].1, "two endpoints are called {}", pair[0].0);
    }
}
