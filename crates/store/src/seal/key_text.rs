//! How a key-encryption key is written down: 32 bytes in base64url, then, after white space, the epoch (1 when it is not
//! there). Lines that begin with `#` are for the reader. The same text is a file's content or a setting's value.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use doorward_crypto::base64url;
use doorward_crypto::random::{self, Random};
use doorward_crypto::secret::{Secret, SecretString};

use super::KeyError;
use crate::epoch;

/// Where one key's text is.
#[derive(Clone, Debug)]
pub enum KeyText {
    /// In a file.
    File(PathBuf),
    /// In a setting; empty is absent.
    Value(SecretString),
}

/// A key and its epoch.
pub(super) struct Parsed {
    pub(super) key: Secret<[u8; 32]>,
    pub(super) epoch: i64,
    /// Whether the epoch stands there: then there was a database that is sealed by this key.
    pub(super) stamped: bool,
}

impl KeyText {
    /// The key; none when there is no such file, or the value is empty.
    pub(super) fn read(&self) -> Result<Option<Parsed>, KeyError> {
        match self {
            Self::Value(text) if text.expose().trim().is_empty() => Ok(None),
            Self::Value(text) => parse(text, "the setting").map(Some),
            Self::File(path) => {
                let text = match fs::read_to_string(path) {
                    Ok(text) => SecretString::new(text),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => {
                        return Err(KeyError::Io(format!("cannot read {}: {error}", path.display())));
                    }
                };
                if fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o007 != 0) {
                    tracing::warn!(file = %path.display(), "the key-encryption key can be read by every user of this machine");
                }
                parse(&text, &path.display().to_string()).map(Some)
            }
        }
    }
}

/// Makes a key file that only its owner can read; it is on the disk when this returns. Without an epoch, until [`stamp`].
pub(super) fn make(path: &Path, rng: &mut dyn Random) -> Result<Parsed, KeyError> {
    let key = Secret::new(random::array(rng));
    write_new(path, &key, None)?;
    Ok(Parsed { key, epoch: epoch::FIRST, stamped: false })
}

/// Writes the epoch into a key file that we made: there is a database that is sealed by it. Done after that is so, because a
/// key that says it is refused without its database.
pub(super) fn stamp(path: &Path, epoch: i64) -> Result<(), KeyError> {
    let failed = |error: io::Error| KeyError::Io(format!("cannot write {}: {error}", path.display()));
    let text = SecretString::new(fs::read_to_string(path).map_err(failed)?);
    // Somebody's own file is theirs.
    if !text.expose().starts_with(NOTICE) {
        return Ok(());
    }
    let mut file = OpenOptions::new().append(true).open(path).map_err(failed)?;
    writeln!(file, "{epoch}").and_then(|()| file.sync_all()).map_err(failed)
}

/// Puts a fresh key in the place of a file's, and keeps the one before as `….old` until [`forget_old`]. Whenever it is
/// interrupted, the key that the database is sealed with stands in one of the two.
pub(super) fn replace(path: &Path, rng: &mut dyn Random) -> Result<(), KeyError> {
    let failed = |error: io::Error| KeyError::Io(format!("cannot replace {}: {error}", path.display()));
    let before = KeyText::File(path.to_owned())
        .read()?
        .ok_or_else(|| KeyError::missing(&path.display().to_string(), true))?;
    if old(path).exists() {
        return Err(KeyError::Io(format!(
            "{} exists: the last change of the key was not finished; wrap the data keys anew first",
            old(path).display()
        )));
    }
    let new = beside(path, ".new");
    // Left over from a run that was interrupted before anything was sealed with it.
    if new.exists() {
        fs::remove_file(&new).map_err(failed)?;
    }
    write_new(&new, &Secret::new(random::array(rng)), Some(before.epoch))?;
    // An administrator may order it: the file still is the server's.
    let (was, is) = (fs::metadata(path).map_err(failed)?, fs::metadata(&new).map_err(failed)?);
    if (was.uid(), was.gid()) != (is.uid(), is.gid()) {
        chown(&new, Some(was.uid()), Some(was.gid())).map_err(failed)?;
    }
    fs::hard_link(path, old(path)).map_err(failed)?;
    fs::rename(&new, path).map_err(failed)?;
    sync_folder(path).map_err(failed)
}

/// Writes that epoch beside the key in a file, whoever made it; notes stay. Atomic: the file has one or the other.
pub(crate) fn raise(path: &Path, epoch: i64) -> Result<(), KeyError> {
    rewrite(path, path, epoch)
}

/// Writes the key of `from` with that epoch to `to`, which is whole or not there.
pub(crate) fn rewrite(from: &Path, to: &Path, epoch: i64) -> Result<(), KeyError> {
    let failed = |error: io::Error| KeyError::Io(format!("cannot write {}: {error}", to.display()));
    let parsed = KeyText::File(from.to_owned())
        .read()?
        .ok_or_else(|| KeyError::missing(&from.display().to_string(), true))?;
    let text = SecretString::new(fs::read_to_string(from).map_err(failed)?);
    let notes: String =
        text.expose().lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let text = SecretString::new(format!("{notes}{}\n{epoch}\n", base64url::encode(parsed.key.expose())));
    let new = beside(to, ".new");
    if new.exists() {
        fs::remove_file(&new).map_err(failed)?;
    }
    let was = fs::metadata(if to.exists() { to } else { from }).map_err(failed)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(failed)?;
    file.write_all(text.expose().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let is = fs::metadata(&new).map_err(failed)?;
    if (was.uid(), was.gid()) != (is.uid(), is.gid()) {
        chown(&new, Some(was.uid()), Some(was.gid())).map_err(failed)?;
    }
    fs::rename(&new, to).map_err(failed)?;
    sync_folder(to).map_err(failed)
}

/// Removes the key before, once nothing is wrapped by it.
pub(super) fn forget_old(path: &Path) -> Result<(), KeyError> {
    match fs::remove_file(old(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(KeyError::Io(format!("cannot remove {}: {error}", old(path).display())))
        }
        _ => Ok(()),
    }
}

/// Where the key before a file's is kept while a change is under way.
pub(super) fn old(path: &Path) -> PathBuf {
    beside(path, ".old")
}

fn parse(text: &SecretString, place: &str) -> Result<Parsed, KeyError> {
    let malformed =
        |what: &str| KeyError::Malformed(format!("the key-encryption key ({place}) is malformed: {what}"));
    let mut words = text
        .expose()
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(str::split_whitespace);
    let key = words.next().ok_or_else(|| malformed("it is empty"))?;
    let key =
        base64url::decode(key).map(Secret::new).ok_or_else(|| malformed("it is not unpadded base64url"))?;
    let key =
        <[u8; 32]>::try_from(key.expose().as_slice()).map_err(|_| malformed("it is not 32 bytes long"))?;
    let epoch = match words.next() {
        Some(word) => Some(word.parse().map_err(|_| malformed("its epoch is no number"))?),
        None => None,
    };
    match words.next() {
        Some(_) => Err(malformed("something follows the epoch")),
        None => Ok(Parsed {
            key: Secret::new(key),
            epoch: epoch.unwrap_or(epoch::FIRST),
            stamped: epoch.is_some(),
        }),
    }
}

fn write_new(path: &Path, key: &Secret<[u8; 32]>, epoch: Option<i64>) -> Result<(), KeyError> {
    let failed = |error: io::Error| KeyError::Io(format!("cannot make {}: {error}", path.display()));
    let epoch = epoch.map(|epoch| format!("{epoch}\n")).unwrap_or_default();
    let text = SecretString::new(format!("{NOTICE}{}\n{epoch}", base64url::encode(key.expose())));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.expose().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    sync_folder(path).map_err(failed)
}

pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}

/// A new name is on the disk only when its folder is.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

const NOTICE: &str = "\
# The key-encryption key of this Doorward, then its epoch. Keep a copy of this file apart from the database's backups:
# without it nothing that is sealed there can be read, and with both everything can.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{KeySource, Keyring};
    use doorward_crypto::random::SeededRandom;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("doorward-key-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
        fn source(&self) -> KeySource {
            KeySource { current: KeyText::File(self.0.join("key")), previous: None }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn the_first_start_makes_a_file_and_the_second_reads_it() {
        let folder = Folder::new("first");
        let mut rng = SeededRandom::new(1);
        let first = Keyring::load(&folder.source(), false, true, &mut rng).unwrap();
        assert_eq!(first.made(), Some(&folder.0.join("key")));
        assert_eq!(fs::metadata(folder.0.join("key")).unwrap().permissions().mode() & 0o777, 0o600);
        let check = first.check_value(&mut rng);
        let second = Keyring::load(&folder.source(), true, true, &mut rng).unwrap();
        assert_eq!(second.made(), None);
        second.verify_check(&check).unwrap();
    }

    #[test]
    fn a_key_that_was_made_says_that_it_is_used_only_once_it_is() {
        let folder = Folder::new("stamp");
        let mut rng = SeededRandom::new(1);
        let path = folder.0.join("key");
        let read = || KeyText::File(path.clone()).read().unwrap().unwrap();
        make(&path, &mut rng).unwrap_or_else(|_| panic!());
        assert!(!read().stamped);
        stamp(&path, 7).unwrap();
        assert!(read().stamped && read().epoch == 7);
        let own = format!("{}\n", base64url::encode(&[7; 32]));
        fs::write(&path, &own).unwrap();
        stamp(&path, 7).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), own, "what somebody wrote is left as it is");
        fs::write(&path, format!("# mine\n{own}")).unwrap();
        raise(&path, 9).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("# mine\n{own}9\n"), "but for a restore");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_missing_key_is_never_made_for_a_sealed_database_nor_where_it_must_be_supplied() {
        let folder = Folder::new("missing");
        let mut rng = SeededRandom::new(1);
        let error = Keyring::load(&folder.source(), true, true, &mut rng).unwrap_err();
        assert!(matches!(&error, KeyError::Missing(text) if text.contains("backup")), "{error}");
        let error = Keyring::load(&folder.source(), false, false, &mut rng).unwrap_err();
        assert!(matches!(&error, KeyError::Missing(text) if text.contains("must be supplied")), "{error}");
        assert!(!folder.0.join("key").exists());
    }

    #[test]
    fn the_old_key_opens_until_the_change_is_finished() {
        let folder = Folder::new("change");
        let mut rng = SeededRandom::new(1);
        let check = Keyring::load(&folder.source(), false, true, &mut rng).unwrap().check_value(&mut rng);
        let path = folder.0.join("key");
        replace(&path, &mut rng).unwrap();
        let both = Keyring::load(&folder.source(), true, true, &mut rng).unwrap();
        both.verify_check(&check).unwrap();
        assert!(replace(&path, &mut rng).is_err(), "a change that is not finished is not begun again");
        let check = both.check_value(&mut rng);
        forget_old(&path).unwrap();
        Keyring::load(&folder.source(), true, true, &mut rng).unwrap().verify_check(&check).unwrap();
    }

    #[test]
    fn the_epoch_stands_after_the_key_and_errors_never_show_the_key() {
        let text = base64url::encode(&[7; 32]);
        let parsed = |text: &str| parse(&SecretString::new(text.to_owned()), "x");
        assert_eq!(parsed(&format!("# note\n{text} 4\n")).unwrap_or_else(|_| panic!()).epoch, 4);
        assert_eq!(parsed(&text).unwrap_or_else(|_| panic!()).epoch, 1);
        for bad in ["", "abc", &format!("{text}="), &format!("{text} x"), &format!("{text} 1 1"), &text[1..]]
        {
            let error = parsed(bad).err().unwrap().to_string();
            assert!(bad.len() < 10 || !error.contains(&text[1..]), "{error}");
        }
    }
}
