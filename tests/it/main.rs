//! Black-box tests: one file per endpoint and verb.

mod account;
mod admin;
mod back_channel;
mod bad_inputs;
mod conformance;
mod console;
mod extensions;
mod guard;
mod happy_path;
mod hashes;
mod import;
mod limits;
mod liveness;
mod lost_answers;
mod mail;
mod manual;
mod overload;
mod plans;
mod property;
mod races;
#[path = "../reference/mod.rs"]
mod reference;
mod restore;
mod retention;
mod roles;
mod second_factor;
mod strangers;
mod tenants;
mod traffic;
mod webhooks;
