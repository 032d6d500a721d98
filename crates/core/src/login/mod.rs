//! Signing in and out. Sign-in runs the verbs twice: the attempt is counted and committed first, so that a hundred parallel
//! guesses count as a hundred; then the password is verified; then the outcome is concluded.

pub mod account;
pub mod acr;
pub mod address;
pub mod attempt;
pub mod conclude;
pub mod device;
pub mod forgot;
pub mod help;
pub mod invitation;
pub mod link;
pub mod logout;
pub mod new_password;
pub mod opening;
pub mod second_factor;
pub mod set_up;
pub mod undo;
pub mod verified;
