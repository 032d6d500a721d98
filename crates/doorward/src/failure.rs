//! How a command fails: a sentence, what to do about it, and an exit code that scripts can rely on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The exit codes, after sysexits.h where it has one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// 1: whatever has no code of its own.
    Failed,
    /// 2: the command line is wrong.
    Usage,
    /// 65: what was given is not valid: a state file, a name, a password, a database file.
    Data,
    /// 66: there is no such object, or no such file.
    NotFound,
    /// 69: the database, or the running server, cannot be reached.
    Unavailable,
    /// 74: what was to be printed could not be written.
    Output,
    /// 75: something changed meanwhile, or somebody else holds the database; try again.
    Again,
    /// 78: the settings are wrong, or key, clock or schema do not fit the database.
    Config,
}

/// A failure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// The exit code's name.
    pub exit: Exit,
    /// What went wrong. Never holds a secret.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Exit {
    /// Every code with its number and what it says, for help and manual.
    pub const ALL: &[(Self, u8, &str)] = &[
        (Self::Failed, 1, "it failed, for a reason without a code of its own"),
        (Self::Usage, 2, "the command line is wrong"),
        (Self::Data, 65, "what was given is not valid: a state file, a name, a password, a database file"),
        (Self::NotFound, 66, "there is no such object or file"),
        (Self::Unavailable, 69, "the database or the running server cannot be reached"),
        (Self::Output, 74, "standard output cannot be written: the disk is full, or it is closed"),
        (Self::Again, 75, "something changed meanwhile, or another server holds the database: try again"),
        (Self::Config, 78, "the settings are wrong, or key, clock or schema do not fit the database"),
    ];

    /// The number.
    pub fn code(self) -> u8 {
        Self::ALL.iter().find(|(exit, ..)| *exit == self).map_or(1, |(_, code, _)| *code)
    }
}

impl Failure {
    /// A failure.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// With what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<doorward_store::Fault> for Failure {
    fn from(fault: doorward_store::Fault) -> Self {
        Self::new(Exit::Unavailable, format!("storage trouble: {fault}"))
    }
}

impl From<doorward_store::CommitError> for Failure {
    fn from(error: doorward_store::CommitError) -> Self {
        match error {
            doorward_store::CommitError::Conflict => {
                Self::new(Exit::Again, "something changed meanwhile, or a name is taken; nothing was done")
                    .hint("try again")
            }
            doorward_store::CommitError::Fault(fault) => fault.into(),
        }
    }
}

impl From<doorward_store::OpenError> for Failure {
    fn from(error: doorward_store::OpenError) -> Self {
        use doorward_store::OpenError as E;
        use doorward_store::lock::LockError;
        let exit = match &error {
            E::ClockAhead(_)
            | E::Key(_)
            | E::Locked(LockError::Io { .. })
            | E::MigrationChanged { .. }
            | E::MigrationsPending { .. }
            | E::Newer { .. }
            | E::OtherEpoch(_)
            | E::Settings(_) => Exit::Config,
            E::DatabaseMissing(_) => Exit::NotFound,
            E::File { damaged: true, .. } => Exit::Data,
            E::Locked(LockError::Held { .. }) => Exit::Again,
            E::Fault(_) | E::File { damaged: false, .. } | E::Server(_) => Exit::Unavailable,
        };
        let hint = match &error {
            E::File { damaged: true, .. } => Some(
                "bring it back from its backup; if another one is meant, name it by --database or --data",
            ),
            E::File { .. } => Some(
                "see whether the file and its folder can be read and written, and whether the disk is well",
            ),
            E::Locked(LockError::Io { .. }) => Some(
                "the folder of the database must be writable for the user that runs the server; --data names another one",
            ),
            E::Server(_) => Some(
                "see whether the server named by the setting `database` runs, can be reached from here and lets this user in",
            ),
            _ => None,
        };
        Self { hint: hint.map(str::to_owned), ..Self::new(exit, error.to_string()) }
    }
}

impl From<doorward_store::backup::BackupError> for Failure {
    fn from(error: doorward_store::backup::BackupError) -> Self {
        use doorward_store::backup::BackupError as E;
        match error {
            E::Open(error) => error.into(),
            E::Damaged(..) => Self::new(Exit::Data, error.to_string())
                .hint("take an older backup; what is in place was not touched"),
            E::Exists(_) => Self::new(Exit::Failed, error.to_string())
                .hint("a backup is never written over another: name another file"),
            E::Io(_, ref cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                Self::new(Exit::NotFound, error.to_string())
            }
            E::Io(..) => Self::new(Exit::Unavailable, error.to_string())
                .hint("see whether there is room, and whether the folder can be written by this user"),
            E::NoManifest(_) => Self::new(Exit::NotFound, error.to_string()).hint(
                "bring it too: it says what the backup must be. For a file that was copied by other means add --without-manifest",
            ),
        }
    }
}

impl From<doorward_web::manage::Trouble> for Failure {
    fn from(trouble: doorward_web::manage::Trouble) -> Self {
        use doorward_web::manage::Trouble as T;
        let told = trouble.to_string();
        match trouble {
            T::Unknown { noun: noun @ ("client" | "key" | "user"), .. } => {
                let command = if noun == "key" { "keys" } else { noun };
                Self::new(Exit::NotFound, told).hint(format!("`doorward {command} list` shows all"))
            }
            T::Unknown { .. } => Self::new(Exit::NotFound, told),
            T::Empty => Self::new(Exit::NotFound, told).hint("start the server once, or apply a state file"),
            T::Several(_) => Self::new(Exit::Usage, format!("{told}: say which by --tenant")),
            T::Exists { .. } | T::Problems(_) | T::Misshapen(_) | T::Malformed(_) => {
                Self::new(Exit::Data, told)
            }
            T::Denied(_) | T::Refused(_) | T::Last(_) => Self::new(Exit::Failed, told),
            T::Stale | T::There | T::Conflict => doorward_store::CommitError::Conflict.into(),
            T::Fault(fault) => fault.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use doorward_store::{CommitError, Fault, OpenError};

    use super::{Exit, Failure};

    #[test]
    fn a_database_that_does_not_open_has_a_code() {
        let rows = [
            (OpenError::Newer { database: 9, binary: 1 }, 78, "use the newer binary"),
            (OpenError::MigrationsPending { count: 2 }, 78, "doorward migrate up"),
            (OpenError::MigrationChanged { version: 1, name: "first".to_owned() }, 78, "another build"),
            (OpenError::Settings("no".to_owned()), 78, "no"),
            (OpenError::Fault(Fault::new("connect", "refused")), 69, "refused"),
            (
                OpenError::Fault(Fault::new("DATABASE_NOW", "refused")).at(None),
                69,
                "PostgreSQL server cannot",
            ),
        ];
        for (error, code, told) in rows {
            let failure = Failure::from(error);
            assert_eq!(failure.exit.code(), code, "{failure}");
            assert!(failure.message.contains(told), "{failure}");
        }
        assert_eq!(Failure::from(CommitError::Conflict).exit.code(), 75);
    }

    #[test]
    fn codes_are_those_of_the_manual() {
        let manual =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/manual/running.md"))
                .unwrap();
        for (_, code, what) in Exit::ALL {
            assert!(manual.contains(&format!("| {code} | {what} |")), "{code}");
        }
    }
}
