//! Files that are whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use doorward_crypto::digest::Sha256;

pub(super) use crate::seal::key_text::{beside, sync_folder};

/// Writes a new file for its owner only; it is on the disk when this returns, under its name or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = beside(path, ".part");
    remove(&part)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    sync_folder(path)
}

/// Copies into a new file for its owner only, to the disk; the digest of what was copied, in hexadecimal.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<String> {
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let digest = each(from, |piece| target.write_all(piece))?;
    target.sync_all()?;
    Ok(digest)
}

/// The digest of a file, in hexadecimal, as `sha256sum` prints it.
pub(super) fn digest(path: &Path) -> io::Result<String> {
    each(path, |_| Ok(()))
}

/// Removes a file if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Renames a file if it is there.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Brings a file to the disk.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn each(path: &Path, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut sum = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(hex(&sum.finish()));
        }
        sum.update(&piece[..read]);
        take(&piece[..read])?;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
