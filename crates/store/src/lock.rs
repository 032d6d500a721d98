//! One server per SQLite file: a lock file beside it, held by `flock` as long as the process lives.
//!
//! The lock is not on the database itself: SQLite has locks of its own there, and closing any handle would drop them. The
//! kernel gives the lock back however the process ends, so there is nothing stale to clean up.

use std::ffi::OsString;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The right to write a database file; given back when dropped.
#[derive(Debug)]
pub struct ServerLock {
    _file: File,
}

/// Why the right was not given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LockError {
    /// Another process has it.
    Held {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, as it wrote itself down.
        pid: Option<u32>,
    },
    /// The lock file cannot be used.
    Io {
        /// The lock file.
        path: PathBuf,
        /// Why.
        error: String,
    },
}

impl ServerLock {
    /// Takes the lock of the database at `database` (its path and `.lock`), without waiting.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let mut name = OsString::from(database);
        name.push(".lock");
        let path = PathBuf::from(name);
        let failed = |error: io::Error| LockError::Io { path: path.clone(), error: error.to_string() };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // A holder that has not written itself down yet is still a holder.
                let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(LockError::Held { path, pid });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { path, pid: Some(pid) } => {
                write!(f, "another server (process {pid}) uses this database: it holds {}", path.display())
            }
            Self::Held { path, pid: None } => {
                write!(f, "another server uses this database: it holds {}", path.display())
            }
            Self::Io { path, error } => write!(f, "cannot lock {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for LockError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_is_refused_and_told_who_holds_it() {
        let folder = std::env::temp_dir().join(format!("doorward-lock-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let database = folder.join("doorward.db");
        let first = ServerLock::take(&database).unwrap();
        let refused = ServerLock::take(&database).unwrap_err();
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        ServerLock::take(&database).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
