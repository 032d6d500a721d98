//! Sealing: a key-encryption key outside the database → a data key per tenant, stored wrapped → sealed values (section 5 of
//! the design). Changing the outer key wraps the data keys anew and touches nothing else.
//!
//! Associated data names table, row and column, so that a sealed value opens nowhere but where it was put.

pub mod data_key;
pub mod key_text;
mod missing;

use std::fmt;
use std::path::PathBuf;

use doorward_core::id::TenantId;
use doorward_crypto::digest;
use doorward_crypto::random::{self, Random};
use doorward_crypto::seal::{OpenError, SealingKey, sealed_with};
use doorward_crypto::secret::Secret;

use key_text::KeyText;
pub use missing::DatabaseMissing;

/// Where the key-encryption key comes from.
#[derive(Clone, Debug)]
pub struct KeySource {
    /// The key that wraps.
    pub current: KeyText,
    /// The key before it, which may still unwrap while a change of keys is under way. A key file named `….old` beside the
    /// current one is one without being named here.
    pub previous: Option<KeyText>,
}

/// The key-encryption keys of a server, loaded and ready.
#[derive(Debug)]
pub struct Keyring {
    current: SealingKey,
    previous: Option<SealingKey>,
    epoch: i64,
    stamped: bool,
    made: Option<PathBuf>,
}

/// A key-encryption key that wraps.
#[derive(Debug)]
pub struct InForce<'a>(&'a SealingKey);

/// Why a server cannot seal; it does not start then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyError {
    /// No key was given, or its file does not exist, and there is something sealed by it.
    Missing(String),
    /// The text is no key.
    Malformed(String),
    /// It is a key, but not the one of this database.
    Wrong(String),
    /// The key file cannot be read or written.
    Io(String),
}

impl KeySource {
    /// Whether what is given can be keys at all. Absent is fine.
    pub fn check(&self) -> Result<(), KeyError> {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .try_for_each(|text| text.read().map(drop))
    }
}

impl Keyring {
    /// Loads the keys. `known` says that the database is sealed already; `may_make` that a missing key file may be made (on
    /// SQLite, at first start, never when `known`).
    pub fn load(
        source: &KeySource,
        known: bool,
        may_make: bool,
        rng: &mut dyn Random,
    ) -> Result<Self, KeyError> {
        let mut made = None;
        let text = match source.current.read()? {
            Some(text) => text,
            None => match &source.current {
                KeyText::File(path) if may_make && !known => {
                    made = Some(path.clone());
                    key_text::make(path, rng)?
                }
                KeyText::File(path) => return Err(KeyError::missing(&path.display().to_string(), known)),
                KeyText::Value(_) => return Err(KeyError::missing("the setting", known)),
            },
        };
        let previous = match (&source.previous, &source.current) {
            (Some(previous), _) => previous.read()?,
            (None, KeyText::File(path)) => KeyText::File(key_text::old(path)).read()?,
            (None, KeyText::Value(_)) => None,
        };
        Ok(Self {
            epoch: text.epoch,
            stamped: text.stamped,
            current: prepared(&text.key),
            previous: previous.map(|text| prepared(&text.key)),
            made,
        })
    }

    /// The key file that was made just now, to be backed up.
    pub fn made(&self) -> Option<&PathBuf> {
        self.made.as_ref()
    }

    /// The epoch that stands beside the key.
    pub const fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Whether that number stands there, so that there was a database that is sealed by this key.
    pub const fn is_stamped(&self) -> bool {
        self.stamped
    }

    /// The value that shows later whether a key is the right one; kept in the database.
    pub fn check_value(&self, rng: &mut dyn Random) -> Vec<u8> {
        InForce(&self.current).check_value(rng)
    }

    /// Compares with the value that the database keeps.
    pub fn verify_check(&self, sealed: &[u8]) -> Result<(), KeyError> {
        match self.open(&aad("meta", &[CHECK], "value"), sealed) {
            Ok(plain) if plain == CHECK.as_bytes() => Ok(()),
            Ok(_) | Err(OpenError::Malformed) => {
                Err(KeyError::Wrong("the check value in the database is damaged".into()))
            }
            Err(OpenError::Tampered | OpenError::WrongKey(_)) => Err(KeyError::Wrong(
                "the key-encryption key is not the one that this database was sealed with".into(),
            )),
        }
    }

    /// Wraps a data key.
    pub fn wrap(&self, tenant: &TenantId, id: i64, key: &Secret<[u8; 32]>, rng: &mut dyn Random) -> Vec<u8> {
        InForce(&self.current).wrap(tenant, id, key, rng)
    }

    /// The key that `check` is sealed by. While a change is under way that is the previous one, because every node has it.
    pub fn in_force(&self, check: &[u8]) -> InForce<'_> {
        let previous = self.previous.as_ref().filter(|key| sealed_with(check) == Some(key.id()));
        InForce(previous.unwrap_or(&self.current))
    }

    /// Whether `check` is still sealed by the previous key: a change of keys is not finished.
    pub fn is_changing(&self, check: &[u8]) -> bool {
        self.current.id() != sealed_with(check).unwrap_or(self.current.id())
    }

    /// Unwraps a data key, ready for use.
    pub fn unwrap(&self, tenant: &TenantId, id: i64, sealed: &[u8]) -> Result<SealingKey, OpenError> {
        let key = self.unwrap_bytes(tenant, id, sealed)?;
        let id = u32::try_from(id).map_err(|_| OpenError::Malformed)?;
        Ok(SealingKey::from_bytes(id, *key.expose()))
    }

    /// Wraps a data key by the current key, whichever it was wrapped by; none when that is so already.
    pub fn rewrap(
        &self,
        tenant: &TenantId,
        id: i64,
        sealed: &[u8],
        rng: &mut dyn Random,
    ) -> Result<Option<Vec<u8>>, OpenError> {
        let key = self.unwrap_bytes(tenant, id, sealed)?;
        let is_current = sealed_with(sealed) == Some(self.current.id());
        Ok((!is_current).then(|| self.wrap(tenant, id, &key, rng)))
    }

    fn unwrap_bytes(&self, tenant: &TenantId, id: i64, sealed: &[u8]) -> Result<Secret<[u8; 32]>, OpenError> {
        let plain = Secret::new(self.open(&data_key_aad(tenant, id), sealed)?);
        let bytes = <[u8; 32]>::try_from(plain.expose().as_slice()).map_err(|_| OpenError::Malformed)?;
        Ok(Secret::new(bytes))
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let previous = self.previous.as_ref().filter(|key| sealed_with(sealed) == Some(key.id()));
        previous.unwrap_or(&self.current).open(aad, sealed)
    }
}

impl InForce<'_> {
    /// The value that shows later whether a key is the right one.
    pub fn check_value(&self, rng: &mut dyn Random) -> Vec<u8> {
        self.0.seal(&aad("meta", &[CHECK], "value"), CHECK.as_bytes(), rng)
    }

    /// Wraps a data key.
    pub fn wrap(&self, tenant: &TenantId, id: i64, key: &Secret<[u8; 32]>, rng: &mut dyn Random) -> Vec<u8> {
        self.0.seal(&data_key_aad(tenant, id), key.expose(), rng)
    }
}

impl KeyError {
    fn missing(place: &str, known: bool) -> Self {
        Self::Missing(if known {
            format!(
                "this database is sealed, and its key-encryption key is missing ({place}). Bring the key back from its backup; \
                 without it signing keys and refresh tokens are lost"
            )
        } else {
            format!(
                "a key-encryption key must be supplied ({place}): 32 random bytes in base64url, the same on every node. Make one \
                 with: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='"
            )
        })
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(text) | Self::Malformed(text) | Self::Wrong(text) | Self::Io(text) => {
                f.write_str(text)
            }
        }
    }
}

impl std::error::Error for KeyError {}

/// Associated data of the value in `column` of the row of `table` that has this key: each part with its length in front.
pub fn aad(table: &str, row: &[&str], column: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in [table].iter().chain(row).chain(&[column]) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// A fresh data key.
pub fn fresh(rng: &mut dyn Random) -> Secret<[u8; 32]> {
    Secret::new(random::array(rng))
}

fn data_key_aad(tenant: &TenantId, id: i64) -> Vec<u8> {
    aad("data_key", &[tenant.as_str(), &id.to_string()], "sealed")
}

/// The id of a key-encryption key follows from its bytes, so that a wrapped key says by which it was wrapped.
fn prepared(key: &Secret<[u8; 32]>) -> SealingKey {
    let hash = digest::sha256_all(&[b"doorward key-encryption key id", key.expose()]);
    SealingKey::from_bytes(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]), *key.expose())
}

/// What the check value is, sealed under its name in the table `meta`.
const CHECK: &str = crate::meta::KEY_CHECK;

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_crypto::random::SeededRandom;

    fn value(byte: u8) -> KeyText {
        KeyText::Value(doorward_crypto::base64url::encode(&[byte; 32]).into())
    }

    fn ring(current: u8, previous: Option<u8>) -> Keyring {
        let source = KeySource { current: value(current), previous: previous.map(value) };
        Keyring::load(&source, true, false, &mut SeededRandom::new(1)).unwrap()
    }

    #[test]
    fn the_check_value_tells_the_right_key_from_a_wrong_one() {
        let check = ring(1, None).check_value(&mut SeededRandom::new(2));
        ring(1, None).verify_check(&check).unwrap();
        assert!(matches!(ring(2, None).verify_check(&check), Err(KeyError::Wrong(_))));
        assert!(matches!(ring(1, None).verify_check(b"x"), Err(KeyError::Wrong(_))));
        ring(2, Some(1)).verify_check(&check).unwrap();
    }

    #[test]
    fn a_data_key_is_wrapped_anew_when_the_outer_key_changes() {
        let (tenant, mut rng) = (TenantId::from("demo"), SeededRandom::new(3));
        let key = fresh(&mut rng);
        let wrapped = ring(1, None).wrap(&tenant, 1, &key, &mut rng);
        let sealed = ring(1, None).unwrap(&tenant, 1, &wrapped).unwrap().seal(b"a", b"value", &mut rng);
        assert!(ring(2, None).unwrap(&tenant, 1, &wrapped).is_err());

        let both = ring(2, Some(1));
        let anew =
            both.rewrap(&tenant, 1, &wrapped, &mut rng).unwrap().expect("it was wrapped by the old key");
        assert_eq!(both.rewrap(&tenant, 1, &anew, &mut rng).unwrap(), None);
        assert_eq!(ring(2, None).unwrap(&tenant, 1, &anew).unwrap().open(b"a", &sealed).unwrap(), b"value");
    }

    #[test]
    fn a_wrapped_key_opens_only_in_its_row() {
        let mut rng = SeededRandom::new(4);
        let wrapped = ring(1, None).wrap(&TenantId::from("demo"), 1, &fresh(&mut rng), &mut rng);
        assert!(ring(1, None).unwrap(&TenantId::from("acme"), 1, &wrapped).is_err());
        assert!(ring(1, None).unwrap(&TenantId::from("demo"), 2, &wrapped).is_err());
    }

    #[test]
    fn parts_of_associated_data_do_not_run_together() {
        assert_ne!(aad("a", &["bc"], "d"), aad("ab", &["c"], "d"));
    }
}
