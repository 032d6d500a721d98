//! HTTP: the edge, the endpoints, the pages and the workers.

pub mod admin;
pub mod app;
pub mod client_keys;
pub mod console;
pub mod cookie;
pub mod cors;
pub mod dialect;
pub mod doctor;
pub mod edge;
pub mod endpoint;
pub mod fetch;
pub mod form;
#[doc(hidden)]
pub mod fuzzing;
pub mod host;
pub mod keys;
pub mod limit;
pub mod logout;
pub mod mail;
pub mod manage;
pub mod ops;
pub mod page;
pub mod password_pool;
mod refusal_time;
pub mod render;
pub mod run;
pub mod server;
pub mod sign;
mod spray;
pub mod tally;
pub mod telemetry;
pub mod token_cache;
pub mod traffic;
mod unread;
pub mod webhook;
pub mod worker;
