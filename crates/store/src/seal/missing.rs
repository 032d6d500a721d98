//! A key that was used, and no database that is sealed by it: lost, or not where it is looked for. Making another one would hide
//! that, and everybody's sessions and clients would be gone without a word.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::KeyError;
use super::key_text::KeyText;

/// There is a key with an epoch, and no database that it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatabaseMissing {
    /// The key's file; none: it is a setting.
    key: Option<PathBuf>,
    /// Where the database should be, on SQLite.
    database: Option<PathBuf>,
}

impl DatabaseMissing {
    pub(super) fn beside(key: &KeyText, database: Option<&Path>) -> Self {
        let key = match key {
            KeyText::File(path) => Some(path.clone()),
            KeyText::Value(_) => None,
        };
        Self { key, database: database.map(Path::to_owned) }
    }

    /// Looks before a file is made: whether `database` is not there, or empty, and `key` says that there was one.
    pub fn check(database: &Path, key: &KeyText) -> Result<Option<Self>, KeyError> {
        if fs::metadata(database).is_ok_and(|file| file.len() > 0) {
            return Ok(None);
        }
        Ok(key.read()?.filter(|key| key.stamped).map(|_| Self::beside(key, Some(database))))
    }
}

impl fmt::Display for DatabaseMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, away) = match &self.key {
            Some(path) => (path.display().to_string(), "move that key file away"),
            None => ("the setting".to_owned(), "use another key, or take the epoch away from this one"),
        };
        match &self.database {
            Some(path) => write!(f, "there is no database at {}, or an empty file", path.display())?,
            None => f.write_str("the database is empty")?,
        }
        write!(
            f,
            "; the key-encryption key ({key}) belongs to one that was in use. Bring the database back from its backup, or name \
             the right one; to start over with nothing, {away}"
        )
    }
}

impl std::error::Error for DatabaseMissing {}
