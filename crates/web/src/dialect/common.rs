//! What programs find at an issuer of every dialect: the guard.

use super::{Endpoint, Route, closed, open};

/// The routes.
pub const ROUTES: &[Route] = &[
    closed("/guard", Endpoint::Guard, "GET, POST"),
    open("/guard/metadata", Endpoint::GuardMetadata, "GET, OPTIONS"),
    closed("/guard/at/**", Endpoint::GuardByPath, "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
];
