//! bcrypt (Provos and Mazières, 1999) in the modular crypt format: `$2a$`, `$2b$` and `$2y$`, which are one algorithm; and
//! WordPress's own use of it.
//!
//! bcrypt looks at 72 bytes of a password only. A longer one fits nothing here: otherwise every password with the same first 72 bytes
//! would open the account. `$2x$` marks hashes of a broken implementation and is refused.
//!
//! Only the cipher is a crate's (`blowfish`): the rest is a loop.

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use blowfish::Blowfish;
use zeroize::Zeroizing;

use super::format::{self, Cost, Format};
use crate::digest::constant_time_eq;

pub(super) const FORMAT: Format = Format {
    name: "bcrypt",
    example: "$2b$12$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
    claims: |text| text.starts_with("$2"),
    parse: |text| parse(text, Before::Nothing).map(format::Hash::Bcrypt),
};

/// WordPress since 6.8: bcrypt of a MAC of the password, so that all of it counts.
pub(super) const WORDPRESS: Format = Format {
    name: "WordPress bcrypt",
    example: "$wp$2y$10$…",
    claims: |text| text.starts_with("$wp$2y$"),
    parse: |text| parse(text.strip_prefix("$wp")?, Before::WordPress).map(format::Hash::Bcrypt),
};

pub(super) struct Hash {
    cost: u32,
    salt: [u8; 16],
    expected: [u8; 23],
    before: Before,
}

/// What is done to a password before.
#[derive(Clone, Copy)]
pub(super) enum Before {
    /// Django's `bcrypt_sha256`: the hexadecimal digits of its SHA-256.
    DjangoSha256,
    Nothing,
    /// `base64(HMAC-SHA-384("wp-sha384", trimmed))`.
    WordPress,
}

pub(super) fn parse(text: &str, before: Before) -> Option<Hash> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let (cost, rest) = rest.split_once('$')?;
    let digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    let cost: u32 = if digits { cost.parse().ok()? } else { return None };
    let (salt, expected) = rest.split_at_checked(22)?;
    if !(4..=31).contains(&cost) || expected.len() != 31 {
        return None;
    }
    // 22 characters hold four bits more than the salt has, and implementations differ in what they put there.
    let base64 = GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));
    let salt = base64.decode(salt).ok()?.try_into().ok()?;
    let expected = base64.decode(expected).ok()?.try_into().ok()?;
    Some(Hash { cost, salt, expected, before })
}

impl Hash {
    pub(super) fn fits(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new(match self.before {
            Before::DjangoSha256 => hex(digest::digest(&digest::SHA256, password).as_ref()).into_bytes(),
            Before::Nothing => password.to_vec(),
            Before::WordPress => {
                let mac = hmac::Key::new(hmac::HMAC_SHA384, b"wp-sha384");
                STANDARD.encode(hmac::sign(&mac, trimmed(password))).into_bytes()
            }
        });
        // A NUL ends a password for bcrypt, so what follows it would not count.
        if key.len() > LONGEST || key.contains(&0) {
            return false;
        }
        key.push(0);
        let cut = key.len().min(LONGEST);
        constant_time_eq(&self.derive(&key[..cut])[..23], &self.expected)
    }

    pub(super) fn cost(&self) -> Cost {
        Cost::work(71 << self.cost)
    }

    fn derive(&self, key: &[u8]) -> Zeroizing<[u8; 24]> {
        let mut state = Blowfish::bc_init_state();
        state.salted_expand_key(&self.salt, key);
        for _ in 0..1u64 << self.cost {
            state.bc_expand_key(key);
            state.bc_expand_key(&self.salt);
        }
        let mut output = Zeroizing::new(*b"OrpheanBeholderScryDoubt");
        for block in output.chunks_exact_mut(8) {
            let word =
                |at: usize| u32::from_be_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
            let mut words = [word(0), word(4)];
            for _ in 0..64 {
                words = state.bc_encrypt(words);
            }
            block[..4].copy_from_slice(&words[0].to_be_bytes());
            block[4..].copy_from_slice(&words[1].to_be_bytes());
        }
        output
    }
}

/// What PHP's `trim` leaves.
fn trimmed(password: &[u8]) -> &[u8] {
    let space = |byte: &u8| b" \t\n\r\0\x0b".contains(byte);
    let start = password.iter().position(|byte| !space(byte)).unwrap_or(password.len());
    let end = password.iter().rposition(|byte| !space(byte)).map_or(start, |last| last + 1);
    &password[start..end]
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).expect("four bits are a hexadecimal digit"));
        }
        text
    })
}

/// The bytes of a password that bcrypt looks at.
const LONGEST: usize = 72;
