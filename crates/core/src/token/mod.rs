//! Tokens: issuing them, and reading those that are presented.

pub mod access_pair;
pub mod account;
pub mod claims;
pub mod introspect;
pub mod issue;
pub mod logout_token;
pub mod read;
pub mod refresh_pair;
pub mod revoke;
mod sealed;
pub mod status;
pub mod user_claim;
pub mod userinfo;
