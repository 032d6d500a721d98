//! The type of a value that must not be printed: it has no `Display`, no `Serialize`, and its `Debug` says `[secret]`.
//!
//! Its memory is overwritten when it is dropped. Reading it is one visible word, [`Secret::expose`]; comparing it is
//! [`Secret::matches`], in constant time, and there is no `==`.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroize;

use crate::digest::constant_time_eq;

/// A value that is not printed, not serialised, and overwritten when dropped.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

/// A text that is not printed.
pub type SecretString = Secret<String>;

impl<T: Zeroize> Secret<T> {
    /// Takes `value` in; the caller keeps no copy.
    pub fn new(value: T) -> Self {
        Secret(value)
    }

    /// The value, for the one use that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + AsRef<[u8]>> Secret<T> {
    /// Whether `candidate` is the same, in constant time.
    pub fn matches(&self, candidate: impl AsRef<[u8]>) -> bool {
        constant_time_eq(self.0.as_ref(), candidate.as_ref())
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Secret(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Secret(value.to_owned())
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Secret)
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_printed() {
        let secret = SecretString::from("hunter2");
        assert_eq!(format!("{secret:?} {:#?}", Some(secret.clone())), "[secret] Some(\n    [secret],\n)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn it_matches_itself_only() {
        let secret = Secret::new(b"key".to_vec());
        assert!(secret.matches("key"));
        assert!(!secret.matches("kez"));
        assert!(!secret.matches("ke"));
    }
}
