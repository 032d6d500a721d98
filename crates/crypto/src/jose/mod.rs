//! JWS and JWK, as far as an identity server needs them (RFC 7515, 7517, 7518, 7638, 8037, 8725).
//!
//! One serialisation: compact, with its payload inside. One place for each decision:
//!
//! - [`algorithm`]: the closed list of algorithms. `none`, the HMAC family and everything unknown are not in it, so that
//!   they cannot be chosen by anybody.
//! - [`key`]: [`key::SigningKey`] and [`key::VerifyingKey`]. A key is parsed and checked once, is cheap to clone, and names
//!   the algorithms that it may be used with; a token's header can only pick among those.
//! - [`key_set`]: [`key_set::Jwk`] and [`key_set::JwkSet`], public keys as they are published and fetched.
//! - [`sign`]: claims to token. The header's text is prepared once for each key and `typ`.
//! - [`verify`]: token to claims, in two steps whose types differ: what has been read, and what has been verified.
//!
//! What a token *says* (issuer, audience, times, `typ`) is judged by the caller: here is only who said it.

pub mod algorithm;
mod der;
mod ed25519;
mod jwk;
pub mod key;
pub mod key_set;
mod material;
mod rsa;
pub mod sign;
mod thumbprint;
pub mod verify;
