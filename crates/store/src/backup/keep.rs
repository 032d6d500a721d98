//! From a fresh copy of the database to a backup: checked, on the disk, with its manifest.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, beside};
use super::{BackupError, Manifest, contents};

/// A backup that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The database.
    pub file: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// The key, when it was wanted.
    pub key: Option<PathBuf>,
}

/// Where the manifest of a backup is.
pub fn manifest_of(backup: &Path) -> PathBuf {
    beside(backup, ".json")
}

/// Where the key of a backup is, when it was wanted.
pub fn key_of(backup: &Path) -> PathBuf {
    beside(backup, ".key")
}

/// Makes a backup at `to` of a copy that nobody else uses, which is used up. `made` is by whom and when; `key` the key file that
/// shall stand beside it. The file appears under its name last, when everything else is there.
pub fn keep(copy: &Path, to: &Path, made: (&str, &str), key: Option<&Path>) -> Result<Kept, BackupError> {
    for taken in [to.to_owned(), manifest_of(to), key_of(to)] {
        if taken.exists() {
            return Err(BackupError::Exists(taken));
        }
    }
    let part = beside(to, ".part");
    let kept = bring(copy, &part).and_then(|()| finish(&part, to, made, key));
    if kept.is_err() {
        // It is of no use, and the name is wanted for the next try.
        let _ = fs::remove_file(&part);
    }
    kept.map_err(|error| error.told_of(&part, to))
}

fn finish(part: &Path, to: &Path, made: (&str, &str), key: Option<&Path>) -> Result<Kept, BackupError> {
    let failed = BackupError::io(part);
    // Checked where it will stay: what was read here was written there.
    let found = contents(part)?;
    files::sync(part).map_err(&failed)?;
    let bytes = fs::metadata(part).map_err(&failed)?.len();
    let mut manifest = Manifest::new(&found, (bytes, files::digest(part).map_err(&failed)?), made);
    let key = match key {
        None => None,
        Some(from) => {
            let path = key_of(to);
            let text =
                fs::read(from).map(doorward_crypto::secret::Secret::new).map_err(BackupError::io(from))?;
            files::write(&path, text.expose()).map_err(BackupError::io(&path))?;
            manifest.with_key = true;
            Some(path)
        }
    };
    let path = manifest_of(to);
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|error| BackupError::damaged(&path, error.to_string()))?;
    files::write(&path, format!("{text}\n").as_bytes()).map_err(BackupError::io(&path))?;
    fs::rename(part, to).and_then(|()| files::sync_folder(to)).map_err(BackupError::io(to))?;
    Ok(Kept { file: to.to_owned(), manifest, key })
}

/// Moves a file, also to another file system.
fn bring(from: &Path, to: &Path) -> Result<(), BackupError> {
    files::remove(to).map_err(BackupError::io(to))?;
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            files::copy(from, to).map_err(BackupError::io(to))?;
            files::remove(from).map_err(BackupError::io(from))
        }
        moved => moved.map_err(BackupError::io(to)),
    }
}
