//! What an error of PostgreSQL means for us (appendix A of its manual lists the codes).

use std::error::Error as _;
use std::fmt;

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tokio_postgres::Error;
use tokio_postgres::error::{Severity, SqlState};

/// A statement, or a COMMIT, that did not succeed.
#[derive(Debug)]
pub(super) enum Failed {
    /// Nothing of the transaction stands, and the same may be tried again at once: a serialization failure, a deadlock, a
    /// statement prepared before the schema changed.
    Again(String),
    /// A precondition did not hold: a unique or foreign key was violated, or a write met another number of rows.
    Conflict,
    /// The connection is gone. What it was doing may or may not have happened.
    Lost(String),
    /// The server answered with an error, and the connection lives.
    Refused(String),
    /// No answer came in time. What was being done may or may not have happened, and asking again would take as long.
    Slow(String),
    /// The server does not take writes any more: it has become a standby.
    Standby(String),
}

impl Failed {
    pub(super) fn is_stale_primary(&self) -> bool {
        matches!(self, Self::Standby(_))
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let text = explained(&error);
        let Some(database) = error.as_db_error() else {
            return Self::Lost(text);
        };
        // FATAL and PANIC end the session. During COMMIT they say nothing about its outcome.
        if database
            .parsed_severity()
            .is_none_or(|severity| matches!(severity, Severity::Fatal | Severity::Panic))
        {
            return Self::Lost(text);
        }
        match database.code() {
            code if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) => {
                Self::Again(text)
            }
            code if [SqlState::UNIQUE_VIOLATION, SqlState::FOREIGN_KEY_VIOLATION].contains(code) => {
                Self::Conflict
            }
            // "cached plan must not change result type": prepared before a migration that another node ran.
            code if *code == SqlState::FEATURE_NOT_SUPPORTED => Self::Again(text),
            code if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Self::Standby(text),
            code if [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT].contains(code) => {
                Self::Refused(format!(
                    "{text}; behind a pooler that shares connections, add statement_cache=0 to the database URL"
                ))
            }
            _ => Self::Refused(text),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Again(text)
            | Self::Lost(text)
            | Self::Refused(text)
            | Self::Slow(text)
            | Self::Standby(text) => f.write_str(text),
            Self::Conflict => f.write_str("a constraint is violated"),
        }
    }
}

/// An error of the pool, in words.
pub(super) fn described(error: &PoolError) -> String {
    match error {
        PoolError::Timeout(TimeoutType::Create) => "the database did not answer in time".to_owned(),
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => explained(error),
        PoolError::PostCreateHook(HookError::Message(text)) => text.to_string(),
        error => error.to_string(),
    }
}

/// Code and message. The detail of an error quotes stored values, and so do messages about malformed data: neither is kept.
fn explained(error: &Error) -> String {
    match error.as_db_error() {
        Some(database) if database.code().code().starts_with("22") => {
            format!("SQLSTATE {}", database.code().code())
        }
        Some(database) => format!("{} (SQLSTATE {})", database.message(), database.code().code()),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
