//! Builders for the black-box tests: one world per test.
//!
//! A [`TestApp`] is a whole server on a database of its own, with a clock that stands still until it is told to go on. It runs on
//! SQLite, or on PostgreSQL when `DOORWARD_TEST_POSTGRES` names a server on which databases may be made.

mod app;
mod browser;
pub mod chance;
mod client;
pub mod concurrent;
mod database;
pub mod extended;
mod factor;
mod fixture;
mod installed;
mod journal;
mod reply;
mod report;
pub mod secrets;
pub mod sink;
mod storage;

pub use app::{TestApp, authorization, encode, private_keys, request, visitor};
pub use browser::{Browser, Page, authorize_target, credentials};
pub use client::{ClientKey, Code, VERIFIER, assertion, base64, basic, challenge, claims, jose_header};
pub use factor::{Authenticator, recovery_codes};
pub use fixture::{
    ALICE, BOB, EVIL, M2M, MALLORY, NATIVE, PASSWORD, PKJ, RS1, RS2, SPA, SPA2, T1, T2, WEB, secret_of,
    user_id,
};
pub use journal::{Exchange, Logs};
pub use reply::Reply;
pub use report::report;
