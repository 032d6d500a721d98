//! Dialects: the wire contracts that an issuer may speak. A dialect is its table of routes, its codecs and a preset of core policies;
//! it translates and never decides. The standard dialect is the specifications.

mod body;
pub mod challenge;
mod codec;
mod common;
mod endpoint;
pub mod ez_publish;
pub mod magic;
pub mod mia_platform;
pub mod mittwald;
mod pages;
mod route;
pub mod scheme;
pub mod smartenit;
pub mod standard;

use doorward_core::model::Issuer;
use doorward_core::policies::{Chosen, Policies};

pub use codec::Codec;
pub use common::ROUTES as COMMON;
pub use endpoint::{Answering, Endpoint, Own};
pub use pages::ROUTES as PAGES;
pub use route::{Route, segment};
use route::{closed, named, open};

/// One dialect of the table.
pub struct Dialect {
    /// Its name, as issuers say it.
    pub name: &'static str,
    /// Its protocol endpoints, by the path below the mount. Pages for people are the same in all dialects ([`pages::ROUTES`]).
    pub routes: &'static [Route],
    /// What it chooses among the rules of the core.
    pub policies: &'static Policies,
    /// How it reads requests and writes answers.
    pub codec: &'static Codec,
}

/// Whether what an issuer of that dialect answers by itself begins with that segment of a path: no other issuer may stand there. What one
/// of a dialect answers that is not known here, another version does: of it the paths of the specifications are taken at least.
pub fn is_own(dialect: &str, segment: &str) -> bool {
    let first = |path: &'static str| path.split('/').nth(1).unwrap_or_default();
    let dialect = Dialect::named(dialect).unwrap_or(&standard::DIALECT);
    segment == ASSETS || dialect.every_route().any(|route| first(route.path) == segment)
}

/// Where style sheets, scripts and pictures are.
const ASSETS: &str = "assets";

/// The dialects.
pub const DIALECTS: [&Dialect; 6] = [
    &standard::DIALECT,
    &mittwald::DIALECT,
    &mia_platform::DIALECT,
    &smartenit::DIALECT,
    &magic::DIALECT,
    &ez_publish::DIALECT,
];

/// What each chooses, for who configures. One that is not known here is refused by its name where it is configured.
pub const CHOSEN: Chosen = Chosen(|name| Dialect::named(name).unwrap_or(&standard::DIALECT).policies);

impl Dialect {
    /// The dialect of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        DIALECTS.into_iter().find(|dialect| dialect.name == name)
    }

    /// The dialect of an issuer; none where this version does not know it, and nothing is answered there.
    pub fn of(issuer: &Issuer) -> Option<&'static Self> {
        Self::named(&issuer.dialect)
    }

    /// Its protocol endpoints, then those of every dialect, then its pages.
    pub fn every_route(&self) -> impl Iterator<Item = &'static Route> {
        self.routes.iter().chain(COMMON).chain(pages::ROUTES)
    }

    /// The path of an endpoint that it has, for links.
    pub fn path_of(&self, endpoint: Endpoint) -> Option<&'static str> {
        self.every_route().find(|route| route.endpoint == endpoint).map(|route| route.path)
    }

    /// The route of a path, and what its stars stand for there.
    pub fn route(&self, path: &str) -> Option<(&'static Route, Vec<String>)> {
        self.every_route().find_map(|route| Some((route, named(route.path, path)?)))
    }
}
