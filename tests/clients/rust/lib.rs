//! Empty: the crate `openidconnect` signs in from `tests/sign_in.rs`.
