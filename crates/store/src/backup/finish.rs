//! The second half of a restore: putting what was prepared in its place. Each step can be done again, so that whoever opens the
//! database next finishes what was interrupted.
//!
//! A restore takes effect when the prepared database gets the name `….restored-N`, N being its epoch. Before that the old one is
//! in force; after it, the new one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, beside};
use crate::seal::key_text::{self, KeyText};
use crate::{Fault, OpenError};

/// What is to be put in place.
#[derive(Debug)]
pub(super) struct Prepared<'a> {
    database: &'a Path,
    key: &'a KeyText,
    epoch: i64,
}

/// One step of it, which can be done again.
type Step<'a> = fn(&Prepared<'a>) -> Result<(), OpenError>;

/// Finishes a restore of that database that was interrupted after it had taken effect; its epoch. Who calls it holds the lock.
pub fn finish(database: &Path, key: &KeyText) -> Result<Option<i64>, OpenError> {
    let failed = |error: io::Error| Fault::new("restore", format!("{}: {error}", database.display()));
    let unfinished = prepared_name(database, "");
    if unfinished.exists() {
        tracing::warn!(
            file = %unfinished.display(),
            "a restore was interrupted before it took effect: nothing was changed; run `doorward restore` again"
        );
        for end in ["", "-wal", "-shm", "-ballast"] {
            files::remove(&prepared_name(database, end)).map_err(failed)?;
        }
    }
    let Some(epoch) = prepared_epochs(database).map_err(failed)?.into_iter().max() else { return Ok(None) };
    tracing::warn!(epoch, "finishing a restore that was interrupted");
    Prepared { database, key, epoch }.put()?;
    Ok(Some(epoch))
}

impl<'a> Prepared<'a> {
    pub(super) fn new(database: &'a Path, key: &'a KeyText, epoch: i64) -> Self {
        Self { database, key, epoch }
    }

    /// The steps, in order; after the last one the restore is done.
    pub(super) const STEPS: [Step<'a>; 5] =
        [Self::put_key, Self::raise_key, Self::set_aside, Self::set_log_aside, Self::put_database];

    /// All steps.
    pub(super) fn put(&self) -> Result<(), OpenError> {
        Self::STEPS.iter().try_for_each(|step| step(self))
    }

    /// A key that came with the backup.
    fn put_key(&self) -> Result<(), OpenError> {
        let KeyText::File(path) = self.key else { return Ok(()) };
        let brought = restored_name(path, self.epoch);
        if !brought.exists() {
            return Ok(());
        }
        let aside = aside_name(path, self.epoch);
        if path.exists() && !aside.exists() {
            fs::hard_link(path, &aside).map_err(|error| fault(&aside, &error))?;
        }
        fs::rename(&brought, path)
            .and_then(|()| files::sync_folder(path))
            .map_err(|error| fault(path, &error))
    }

    /// From here on the replaced database, and every older copy of it, is refused.
    fn raise_key(&self) -> Result<(), OpenError> {
        match self.key {
            KeyText::File(path) if path.exists() => Ok(key_text::raise(path, self.epoch)?),
            KeyText::File(_) | KeyText::Value(_) => Ok(()),
        }
    }

    fn set_aside(&self) -> Result<(), OpenError> {
        let aside = aside_name(self.database, self.epoch);
        files::rename(self.database, &aside).map_err(|error| fault(self.database, &error))
    }

    /// The log of the replaced database would be taken for that of the new one.
    fn set_log_aside(&self) -> Result<(), OpenError> {
        let log = beside(self.database, "-wal");
        let aside = beside(&aside_name(self.database, self.epoch), "-wal");
        files::rename(&log, &aside).map_err(|error| fault(&log, &error))?;
        let shared = beside(self.database, "-shm");
        files::remove(&shared).map_err(|error| fault(&shared, &error))?;
        files::sync_folder(self.database).map_err(|error| fault(self.database, &error))
    }

    fn put_database(&self) -> Result<(), OpenError> {
        fs::rename(restored_name(self.database, self.epoch), self.database)
            .and_then(|()| files::sync_folder(self.database))
            .map_err(|error| fault(self.database, &error))
    }
}

/// Where a restore prepares its database, and the files that SQLite makes beside it.
pub(super) fn prepared_name(database: &Path, end: &str) -> PathBuf {
    beside(database, &format!(".restoring{end}"))
}

/// The name under which what was prepared is in force.
pub(super) fn restored_name(path: &Path, epoch: i64) -> PathBuf {
    beside(path, &format!("{RESTORED}{epoch}"))
}

/// Where what was replaced is kept.
pub(super) fn aside_name(path: &Path, epoch: i64) -> PathBuf {
    beside(path, &format!(".before-{epoch}"))
}

/// The epochs of what was prepared to take the place of `path`.
pub(super) fn prepared_epochs(path: &Path) -> io::Result<Vec<i64>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else { return Ok(Vec::new()) };
    let start = format!("{}{RESTORED}", name.to_string_lossy());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let end = name.to_str().and_then(|name| name.strip_prefix(&start));
        found.extend(end.and_then(|end| end.parse::<i64>().ok()));
    }
    Ok(found)
}

fn fault(path: &Path, error: &io::Error) -> OpenError {
    Fault::new("restore", format!("{}: {error}", path.display())).into()
}

const RESTORED: &str = ".restored-";
