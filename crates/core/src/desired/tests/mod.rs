//! The desired state: what is refused, what is planned, and that an export is the input of an apply.

mod audiences;
mod authority;
mod belonging;
mod extensions;
mod leaving;
mod plans;
mod refusals;
mod round_trip;
mod world;
