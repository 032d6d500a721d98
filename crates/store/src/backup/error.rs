//! Why a backup cannot be made or brought back.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::lock::LockError;
use crate::seal::KeyError;
use crate::{Fault, OpenError};

/// Why a backup cannot be made or brought back. Nothing was changed.
#[derive(Debug)]
pub enum BackupError {
    /// The file is no sound backup: what is wrong with it.
    Damaged(PathBuf, String),
    /// There is a file of that name already.
    Exists(PathBuf),
    /// A file cannot be read or written.
    Io(PathBuf, io::Error),
    /// There is no manifest beside the file.
    NoManifest(PathBuf),
    /// The database, the key or the lock.
    Open(OpenError),
}

impl BackupError {
    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |error| Self::Io(path.to_owned(), error)
    }

    /// The same of the file that the caller named, where it is told of one that we made for it.
    pub(super) fn told_of(self, made: &Path, named: &Path) -> Self {
        match self {
            Self::Damaged(path, what) if path == made => Self::Damaged(named.to_owned(), what),
            Self::Io(path, error) if path == made => Self::Io(named.to_owned(), error),
            Self::Open(OpenError::File { path, damaged, fault }) if path == made => {
                Self::Open(OpenError::File { path: named.to_owned(), damaged, fault })
            }
            other => other,
        }
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged(path.to_owned(), what.into())
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(path, what) => write!(f, "{} is no sound backup: {what}", path.display()),
            Self::Exists(path) => write!(f, "{} exists already", path.display()),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::NoManifest(path) => write!(f, "there is no manifest at {}", path.display()),
            Self::Open(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<OpenError> for BackupError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<Fault> for BackupError {
    fn from(fault: Fault) -> Self {
        Self::Open(fault.into())
    }
}

impl From<KeyError> for BackupError {
    fn from(error: KeyError) -> Self {
        Self::Open(error.into())
    }
}

impl From<LockError> for BackupError {
    fn from(error: LockError) -> Self {
        Self::Open(error.into())
    }
}
