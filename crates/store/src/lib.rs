//! Statements, migrations and the two database drivers: the only reads (`load`) and the only writes (`commit`).

pub mod clock;
pub mod driver;
pub mod epoch;
pub mod fault;
pub mod lock;
pub mod meta;
pub mod migration;
pub mod seal;
pub mod statement;
pub mod value;
pub mod worker;
pub mod write;

pub use fault::{CommitError, Fault, OpenError};
