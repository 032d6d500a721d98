//! Decision 0023: signing in inside a frame.

mod beside;
mod inside;
mod ticket;

const MFA: &str = "urn:doorward:acr:mfa";
const PASSWORD: &str = "urn:doorward:acr:password";
