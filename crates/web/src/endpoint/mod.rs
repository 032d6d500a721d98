//! The protocol endpoints of the standard dialect, one file each. What is a protocol endpoint is data: the table of routes.

pub mod asset;
pub mod authorize;
pub mod credentials;
pub mod discovery;
pub mod extension;
pub mod guard;
pub mod introspect;
pub mod jwks;
pub mod logout;
pub mod maker;
mod password;
pub mod revoke;
pub mod token;
pub mod userinfo;
pub mod webhook_key;
