//! Recovery codes: what a person keeps on paper for the day on which their device is gone. 120 random bits each, so that a plain
//! SHA-256 of one may be stored (OWASP ASVS 5.0, 6.5.2: from 112 bits on).

use crate::base32;
use crate::base64url;
use crate::digest::sha256_all;
use crate::random::{self, Random};
use crate::secret::SecretString;

/// A recovery code: 24 letters and digits of base 32. It cannot be printed.
#[derive(Clone, Debug)]
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// A fresh one.
    pub fn generate(random: &mut dyn Random) -> Self {
        Self(SecretString::new(base32::encode(&random::array::<BYTES>(random))))
    }

    /// Reads what was typed: in small or capital letters, with or without hyphens and plain spaces.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > LONGEST_TYPED {
            return None;
        }
        let letters: String =
            typed.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
        (letters.len() == LETTERS && letters.chars().all(base32::is_letter))
            .then(|| Self(SecretString::new(letters)))
    }

    /// As it is shown: small letters, four at a time.
    pub fn shown(&self) -> String {
        let letters = self.0.expose().to_ascii_lowercase();
        let groups: Vec<&str> = (0..LETTERS / 4).map(|at| &letters[at * 4..at * 4 + 4]).collect();
        groups.join("-")
    }

    /// What is stored of it.
    pub fn hash(&self) -> String {
        base64url::encode(&sha256_all(&[b"doorward recovery code\0", self.0.expose().as_bytes()]))
    }
}

const BYTES: usize = 15;
const LETTERS: usize = BYTES * 8 / 5;
const LONGEST_TYPED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn a_code_is_read_however_it_was_copied() {
        let code = RecoveryCode::generate(&mut SeededRandom::new(1));
        let shown = code.shown();
        assert_eq!(shown.len(), 29, "{shown}");
        let spaced = shown.replace('-', " ");
        for typed in [shown.clone(), shown.to_uppercase(), shown.replace('-', ""), format!(" {spaced} ")] {
            assert_eq!(RecoveryCode::parse(&typed).unwrap().hash(), code.hash(), "{typed}");
        }
        let other = RecoveryCode::generate(&mut SeededRandom::new(2));
        assert_ne!(other.hash(), code.hash());
        assert_eq!(format!("{code:?}"), "RecoveryCode([secret])");
    }

    #[test]
    fn anything_else_is_none() {
        for bad in ["", "123456", "abcd-efgh-ijkl-mnop-qrst-uvw", "abcd-efgh-ijkl-mnop-qrst-uvw0", "ａｂｃｄ"]
        {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad}");
        }
        assert!(RecoveryCode::parse(&"a".repeat(65)).is_none());
        assert!(
            RecoveryCode::parse("ſbcd-efgh-ijkl-mnop-qrst-uvwx").is_none(),
            "no letter that folds to one"
        );
    }
}
