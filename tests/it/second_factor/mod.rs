//! The second factor: codes of authenticator apps, recovery codes, what tokens say of them, and who must have one.

mod account;
mod requests;
mod required;
mod sign_in;
