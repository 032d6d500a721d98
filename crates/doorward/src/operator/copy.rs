//! A copy of the database, made while the server runs.

use std::path::PathBuf;

use doorward_store::driver::Driver;

use super::{Answer, Operator};
use crate::failure::{Exit, Failure};

impl Operator {
    /// Copies the SQLite database into a new file beside it.
    pub(super) async fn copy(&self, path: String) -> Result<Answer, Failure> {
        let Driver::Sqlite(sqlite) = self.store().driver() else {
            return Err(Failure::new(Exit::Usage, "the database is on a PostgreSQL server"));
        };
        let path = PathBuf::from(path);
        let is_beside = |database: std::path::PathBuf| database.parent() == path.parent();
        if !std::path::absolute(sqlite.path()).is_ok_and(is_beside) {
            return Err(Failure::new(
                Exit::Usage,
                "the running server has another database than these settings name",
            )
            .hint("give the command the settings that the server has"));
        }
        sqlite.copy(path.clone()).await?;
        Ok(Answer::Copied { path: path.display().to_string() })
    }
}
