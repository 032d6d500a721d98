//! The guard beside an issuer that the test leads.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "client")]
mod client;
mod introspection;
mod issuer;
mod jwt;
mod keys;
mod layer;

use doorward_guard::{Demand, Guard, Refusal, Token};
use http::HeaderMap;

/// What the guard says of a token.
pub async fn check(guard: &Guard, token: &str) -> Result<Token, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    guard.check(&headers, &Demand::default()).await
}
