//! Statements, migrations and the two database drivers: the only reads (`load`) and the only writes (`commit`).

pub mod driver;
pub mod fault;
pub mod meta;
pub mod migration;
pub mod statement;
pub mod value;
pub mod write;

pub use fault::{CommitError, Fault, OpenError};
