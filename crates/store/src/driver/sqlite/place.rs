//! Whether the database is still where it was opened. A file that was deleted or replaced under a running server goes on taking
//! writes that nobody will find again: the kernel keeps it until the last handle is closed. So the path is looked at before
//! each batch, and that of the log once a second.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Fault;

#[derive(Debug)]
pub(super) struct Place {
    file: Spot,
    log: Spot,
}

/// A path, and the file that was there at first.
#[derive(Debug)]
struct Spot {
    path: PathBuf,
    /// Device and inode.
    first: OnceLock<(u64, u64)>,
    lost: AtomicBool,
}

impl Place {
    /// The place of a database that has just been opened for writing.
    pub(super) fn of(database: &Path) -> Result<Self, Fault> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let place = Self { file: Spot::at(database.to_owned()), log: Spot::at(log.into()) };
        place.check()?;
        Ok(place)
    }

    /// Where the database was opened.
    pub(super) fn path(&self) -> &Path {
        &self.file.path
    }

    /// Before a batch: what is at the path must be what was opened. Remembered for the readers.
    pub(super) fn check(&self) -> Result<(), Fault> {
        self.file.look()?;
        self.known()
    }

    /// Looks at the log too, which SQLite makes with the first transaction and keeps while a connection is open.
    pub(super) fn check_log(&self) -> Result<(), Fault> {
        let file = self.file.look();
        if self.log.first.get().is_some() || self.log.path.exists() {
            self.log.look()?;
        }
        file
    }

    /// What was found last, without looking.
    pub(super) fn known(&self) -> Result<(), Fault> {
        match [&self.file, &self.log].into_iter().find(|spot| spot.lost.load(Ordering::Acquire)) {
            None => Ok(()),
            Some(spot) => Err(spot.fault()),
        }
    }
}

impl Spot {
    fn at(path: PathBuf) -> Self {
        Self { path, first: OnceLock::new(), lost: AtomicBool::new(false) }
    }

    fn look(&self) -> Result<(), Fault> {
        let found = fs::metadata(&self.path).map(|file| (file.dev(), file.ino()));
        let is_same = found.as_ref().is_ok_and(|found| found == self.first.get_or_init(|| *found));
        let was_lost = self.lost.swap(!is_same, Ordering::AcqRel);
        let path = self.path.display();
        match (was_lost, is_same) {
            (false, false) => tracing::error!(
                file = %path,
                error = found.err().map(|error| error.to_string()),
                "the database was deleted or replaced while it is in use: nothing is answered from it until the file is back; to \
                 use another one, stop the server first"
            ),
            (true, true) => tracing::info!(file = %path, "the database is back in its place"),
            (false, true) | (true, false) => {}
        }
        if is_same { Ok(()) } else { Err(self.fault()) }
    }

    fn fault(&self) -> Fault {
        Fault::new("database file", format!("{} was deleted or replaced", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_or_another_is_a_fault_until_it_is_back() {
        let folder = std::env::temp_dir().join(format!("doorward-place-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (path, aside) = (folder.join("a.db"), folder.join("aside"));
        for broken in [&path, &folder.join("a.db-wal")] {
            fs::write(&path, "").unwrap();
            let place = Place::of(&path).unwrap();
            place.check_log().unwrap();
            fs::write(folder.join("a.db-wal"), "").unwrap();
            place.check_log().unwrap();

            fs::rename(broken, &aside).unwrap();
            place.check_log().unwrap_err();
            place.check().unwrap_err();
            fs::write(broken, "another").unwrap();
            place.check_log().unwrap_err();
            place.known().unwrap_err();
            fs::rename(&aside, broken).unwrap();
            place.check_log().unwrap();
            place.known().unwrap();
            fs::remove_file(folder.join("a.db-wal")).unwrap();
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
