//! Keys, signatures, digests, MACs, sealing, randomness and password hashes: the only importer of crypto libraries.
//!
//! Everything cryptographic is done by two libraries: AWS-LC (through `aws-lc-rs`) for signatures, AES-GCM, HMAC, SHA-2, PBKDF2 and
//! randomness, and `argon2` for passwords; `blowfish`, `scrypt` and `md-5` are there for hashes that other systems made. This crate decides *which* of their operations may be used, on what input, and
//! with what result when something is wrong; no other crate of the workspace imports them.
//!
//! | module | holds |
//! |---|---|
//! | [`base32`], [`base62`], [`base64url`] | the text forms of bytes that we hand out |
//! | [`digest`], [`mac`], [`seal`] | SHA-256, HMAC-SHA-256 over parts, AES-256-GCM with key ids |
//! | [`random`] | randomness as something that is passed in |
//! | [`secret`] | the type of a value that must not be printed |
//! | `password` | argon2id, with one memory arena per worker; verifying the hashes of other systems (feature `passwords`, on by default) |
//! | [`totp`], [`recovery`] | codes of authenticator apps, and those that stand in for them |
//! | [`webhook`] | signatures of webhooks |
//! | [`jose`] | JWS and JWK: keys parsed once, tokens signed and verified |
//!
//! Rules that hold throughout: a parser of foreign input returns an error and never panics, whatever the bytes; keys are
//! parsed and checked once, where they enter; secrets are compared in constant time; nothing here logs.

pub mod base32;
pub mod base62;
pub mod base64url;
pub mod digest;
#[cfg(feature = "passwords")]
#[doc(hidden)]
pub mod fuzzing;
pub mod jose;
pub mod mac;
#[cfg(feature = "passwords")]
pub mod password;
pub mod random;
pub mod recovery;
pub mod seal;
pub mod secret;
pub mod totp;
pub mod webhook;
