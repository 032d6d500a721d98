//! Backups of a SQLite database, and bringing one back (design, section 5: epoch).
//!
//! A backup is the database as one file that SQLite opens by itself, and beside it, `….json`, a manifest: what it is of, its
//! digest, the rows of each table. The key-encryption key is in `….key` only when that was asked for: with both, everything that
//! is sealed can be read.

mod contents;
mod error;
mod files;
mod finish;
mod keep;
mod manifest;
mod restore;

pub use contents::{Contents, contents};
pub use error::BackupError;
pub use finish::finish;
pub use keep::{Kept, keep, key_of, manifest_of};
pub use manifest::{Manifest, Migrated};
pub use restore::{KeyAfter, Restore, Restored, restore};

#[cfg(test)]
mod tests;
