//! Tests of the crate's surface: published vectors, the rules of JWS and JWK as tables, passwords, and mutations.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its vectors fails")]

mod cookbook;
mod formats;
mod key_sets;
mod keys;
mod mutations;
mod passwords;
mod tokens;
mod vectors;
mod wycheproof;
