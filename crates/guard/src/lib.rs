//! Access tokens checked in an API: who is it, and what may they do?
//!
//! A [`Guard`] stands in front of the handlers of one API, as a layer of tower. It takes `Authorization: Bearer` and nothing else, and
//!
//! - verifies JWT access tokens (RFC 9068) with the keys that their issuer publishes: fetched once for however many requests wait for them, anew
//!   when a token names a key that is not known (but not as often as strangers like) or when they have become old, and kept for a while when the
//!   issuer is out of reach ([`jwks`]);
//! - or asks the issuer by introspection (RFC 7662), as the API's own client, about opaque tokens and, where that is wished, about JWTs. Answers are
//!   kept for [`Introspection::max_staleness`] at most: so long, and no longer, may a token pass that was revoked.
//!
//! What does not pass is told what is missing as RFC 6750, RFC 9470 and RFC 9728 have it. When nobody can say whether a token is good, the answer
//! is 503, never 401.
//!
//! ```
//! use axum::Router;
//! use axum::routing::{get, post};
//! use doorward_guard::{Guard, Introspection, Token};
//!
//! # fn app() -> Result<Router, Box<dyn std::error::Error>> {
//! let guard = Guard::of("https://id.example", "https://api.example")
//!     .introspecting(Introspection::by("api", "its secret"))
//!     .build()?;
//!
//! async fn orders(token: Token) -> String {
//!     format!("orders of {}, asked for by {}", token.sub(), token.client_id())
//! }
//!
//! let reads = guard.layer().scope("orders:read")?;
//! let pays = guard.layer().scope("orders:write")?.max_age(900);
//! let app = Router::new()
//!     .route("/orders", get(orders).layer(reads))
//!     .route("/payouts", post(|| async { "paid" }).layer(pays))
//!     .route("/health", get(|| async { "well" }));
//! # Ok(app)
//! # }
//! # app().expect("it can be put together");
//! ```
//!
//! A layer around a router guards all that is in it, and is passed before layers of its routes: a layer that answers `OPTIONS` for scripts of other
//! sites goes around the guard. Time ([`Clock`]) and the way to the issuer ([`Fetch`]) are passed in, so that tests let time pass. Not understood,
//! and so refused: tokens that are bound to a key of their bearer (RFC 9449, RFC 8705).
//!
//! Features: `axum`, [`Token`] as an extractor; `client`, [`HttpClient`]. Both are on by default.

mod builder;
mod cache;
#[cfg(feature = "client")]
mod client;
mod clock;
mod demand;
#[cfg(feature = "axum")]
mod extract;
mod fetch;
mod guard;
mod introspection;
pub mod jwks;
mod jwt;
mod layer;
mod refusal;
mod token;

pub use builder::{BadGuard, Builder};
#[cfg(feature = "client")]
pub use client::HttpClient;
pub use clock::{Clock, Moment, SystemClock};
pub use demand::Demand;
pub use doorward_crypto::jose::algorithm::Algorithm;
pub use doorward_wire::claims::Audience;
pub use doorward_wire::scope::{BadScope, Scopes};
pub use fetch::{Fetch, FetchError, Fetching};
pub use guard::Guard;
pub use introspection::Introspection;
pub use jwks::Freshness;
pub use layer::{GuardLayer, Guarded};
pub use refusal::{Reason, Refusal};
pub use token::Token;

/// The manual's page, whose Rust is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/manual/guard.md")]
struct Manual;
