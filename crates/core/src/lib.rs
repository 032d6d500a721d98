//! The domain model, the tables of rules and the decisions. Pure: no clock, no randomness of its own, no IO, no await.
//!
//! A request is parsed outside, its [`Needs`] are loaded by the store into [`Facts`], a decision turns both into
//! [`Effect`]s and an answer, and the store commits the effects all or nothing.

pub mod admin;
pub mod authorize;
pub mod client_auth;
pub mod ctx;
pub mod decision;
pub mod desired;
pub mod effect;
pub mod facts;
#[doc(hidden)]
pub mod fuzzing;
pub mod grant;
pub mod guard;
pub mod id;
pub mod installation;
pub mod keys;
pub mod login;
pub mod may_issue;
pub mod model;
pub mod needs;
pub mod permission;
pub mod policies;
pub mod reason;
pub mod time;
pub mod token;

pub use ctx::Ctx;
pub use decision::{Decision, Refusal};
pub use effect::Effect;
pub use facts::Facts;
pub use needs::Needs;
pub use reason::Reason;
pub use time::Timestamp;
