//! How storage fails. A fault is never a refusal: it becomes 503 with `Retry-After`, so that an outage cannot look like
//! `invalid_client` or `invalid_grant` (design, section 1).

use std::fmt;
use std::path::{Path, PathBuf};

use crate::clock::MarkAhead;
use crate::driver::sqlite::is_damage;
use crate::epoch::EpochDiffers;
use crate::lock::LockError;
use crate::seal::{DatabaseMissing, KeyError};

/// Storage trouble.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What was being done: a statement's name, or a step such as `commit`.
    pub during: &'static str,
    /// What went wrong, for the log; never a secret, never a stored value.
    pub detail: String,
}

/// Why a commit did not happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommitError {
    /// A precondition did not hold any more. Nothing of the commit stands: load again and decide once more.
    Conflict,
    /// Storage trouble.
    Fault(Fault),
}

/// Why a store cannot be opened. Each message says what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OpenError {
    /// The clock's mark is ahead of its source by more than 30 s.
    ClockAhead(MarkAhead),
    /// The key was in use, and its database is not there.
    DatabaseMissing(DatabaseMissing),
    /// The database file cannot be used.
    File {
        /// Where it is.
        path: PathBuf,
        /// Whether it is damaged, or no database at all.
        damaged: bool,
        /// What went wrong.
        fault: Fault,
    },
    /// The key-encryption key is missing, malformed or wrong.
    Key(KeyError),
    /// Another process has the database open, or its folder cannot be written.
    Locked(LockError),
    /// A migration that was applied differs from the one in this binary.
    MigrationChanged {
        /// Its number.
        version: i64,
        /// Its name.
        name: String,
    },
    /// Migrations are pending and the caller did not ask to apply them.
    MigrationsPending {
        /// How many.
        count: usize,
    },
    /// The database was migrated by a newer binary.
    Newer {
        /// The newest migration in the database.
        database: i64,
        /// The newest migration in this binary.
        binary: i64,
    },
    /// The epoch in the database differs from the one beside the key.
    OtherEpoch(EpochDiffers),
    /// PostgreSQL cannot be reached, or refuses.
    Server(Fault),
    /// Settings that cannot be used; the message says which.
    Settings(String),
    /// Storage trouble.
    Fault(Fault),
}

impl Fault {
    /// A fault during `during`.
    pub fn new(during: &'static str, detail: impl Into<String>) -> Self {
        Self { during, detail: detail.into() }
    }
}

impl OpenError {
    /// The same; storage trouble with where the database is: the path of a SQLite file, or PostgreSQL.
    pub fn at(self, path: Option<&Path>) -> Self {
        match (self, path) {
            (Self::Fault(fault), Some(path)) => {
                Self::File { path: path.to_owned(), damaged: is_damage(&fault), fault }
            }
            (Self::Fault(fault), None) => Self::Server(fault),
            (other, _) => other,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.during, self.detail)
    }
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("a precondition did not hold"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockAhead(ahead) => ahead.fmt(f),
            Self::DatabaseMissing(missing) => missing.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Locked(error) => error.fmt(f),
            Self::MigrationChanged { version, name } => write!(
                f,
                "migration {version:04}_{name} in the database is not the one in this binary: it was made by another build; restore a backup or use that build"
            ),
            Self::MigrationsPending { count } => {
                write!(f, "{count} migrations are pending: run `doorward migrate up`")
            }
            Self::Newer { database, binary } => write!(
                f,
                "the database is at migration {database:04}, this binary knows {binary:04}: use the newer binary, or restore the backup made before the upgrade"
            ),
            Self::OtherEpoch(differs) => differs.fmt(f),
            Self::Settings(what) => f.write_str(what),
            Self::Server(fault) => write!(f, "the PostgreSQL server cannot be used: {}", fault.detail),
            Self::File { path, fault, .. } => {
                write!(f, "the database {} cannot be used: {}", path.display(), fault.detail)
            }
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Fault {}
impl std::error::Error for CommitError {}
impl std::error::Error for OpenError {}

impl From<Fault> for CommitError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<MarkAhead> for OpenError {
    fn from(ahead: MarkAhead) -> Self {
        Self::ClockAhead(ahead)
    }
}

impl From<EpochDiffers> for OpenError {
    fn from(differs: EpochDiffers) -> Self {
        Self::OtherEpoch(differs)
    }
}

impl From<LockError> for OpenError {
    fn from(error: LockError) -> Self {
        Self::Locked(error)
    }
}

impl From<DatabaseMissing> for OpenError {
    fn from(missing: DatabaseMissing) -> Self {
        Self::DatabaseMissing(missing)
    }
}

impl From<KeyError> for OpenError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}
