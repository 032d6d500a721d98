//! Space held back on the disk. When the disk is full, it is given free, and endings (revocation, sign-out, disabling) can
//! still be committed; until it is held back again, nothing else is (RELIABILITY 1.4).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    /// The ballast of that database: a file beside it.
    pub(super) fn beside(database: &Path, bytes: u64) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-ballast");
        Self { path: name.into(), bytes }
    }

    /// Makes sure that the space is held. It is really written: a sparse file holds nothing.
    pub(super) fn hold(&self) -> io::Result<()> {
        if self.bytes == 0 || fs::metadata(&self.path).is_ok_and(|file| file.len() >= self.bytes) {
            return Ok(());
        }
        let written = self.write();
        if written.is_err() {
            self.release();
        }
        written
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

fn fill(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    let block = vec![0x5a_u8; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let step = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        file.write_all(&block[..step])?;
        left -= step as u64;
    }
    file.sync_all()
}
