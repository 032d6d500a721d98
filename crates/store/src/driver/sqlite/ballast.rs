//! Space held back on the disk. When the disk is full, it is given free, and endings (revocation, sign-out, disabling) can
//! still be committed; until it is held back again, nothing else is (RELIABILITY 1.4).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
    /// Whose turn it is to write it: the checkpointer and an impatient writer share one partial file.
    turn: Arc<Mutex<()>>,
}

impl Ballast {
    /// The ballast of that database: a file beside it.
    pub(super) fn beside(database: &Path, bytes: u64) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-ballast");
        Self { path: name.into(), bytes, turn: Arc::default() }
    }

    /// Makes sure that the space is held. It is really written: a sparse file holds nothing.
    pub(super) fn hold(&self) -> io::Result<()> {
        if self.bytes == 0 {
            return Ok(());
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(file) = fs::metadata(&self.path)
            && file.len() >= self.bytes
        {
            return close(&self.path, &file);
        }
        // Trying takes the rest of the disk for as long as it lasts, from endings that are on their way.
        if rustix::fs::statvfs(folder(&self.path))
            .is_ok_and(|disk| disk.f_bavail * disk.f_frsize < self.bytes + self.bytes / 8)
        {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.write();
        if written.is_err() {
            self.release();
        }
        written
    }

    /// Whether the space is held.
    pub(super) fn is_held(&self) -> bool {
        self.bytes == 0 || fs::metadata(&self.path).is_ok_and(|file| file.len() >= self.bytes)
    }

    /// How much is to be held.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives the space free.
    pub(super) fn release(&self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(error = %error, "the ballast cannot be released");
        }
    }

    fn write(&self) -> io::Result<()> {
        // The name appears only when all of it is there.
        let partial = self.path.with_extension("ballast-partial");
        let done = fill(&partial, self.bytes).and_then(|()| fs::rename(&partial, &self.path));
        if done.is_err() {
            let _ = fs::remove_file(&partial);
        }
        done
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The first version made it with the mode that the process happened to have.
fn close(path: &Path, file: &fs::Metadata) -> io::Result<()> {
    if file.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

fn fill(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let block = vec![0x5a_u8; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let step = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        file.write_all(&block[..step])?;
        left -= step as u64;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_its_owners_alone_whoever_made_it() {
        let folder = std::env::temp_dir().join(format!("doorward-ballast-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let ballast = Ballast::beside(&folder.join("test.db"), 1 << 20);
        let mode = || fs::metadata(&ballast.path).unwrap().permissions().mode() & 0o777;
        ballast.hold().unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&ballast.path, fs::Permissions::from_mode(0o644)).unwrap();
        ballast.hold().unwrap();
        assert_eq!(mode(), 0o600);
        fs::remove_dir_all(folder).unwrap();
    }
}
