//! SHA-crypt (Drepper, 2007): `$5$` over SHA-256 and `$6$` over SHA-512, of `/etc/shadow`.
//!
//! Written over AWS-LC's digests: the published crate has given up its plain function for a hasher that brings three crates more.

use zeroize::Zeroizing;

use super::crypt64;
use super::digest::Algorithm;
use super::format::{self, Cost, Format, number};
use crate::digest::constant_time_eq;

pub(super) const FORMAT: Format = Format {
    name: "SHA-crypt",
    example: "$6$rounds=5000$saltstring$…",
    claims: |text| text.starts_with("$5$") || text.starts_with("$6$"),
    parse: |text| parse(text).map(format::Hash::ShaCrypt),
};

pub(super) struct Hash {
    algorithm: Algorithm,
    rounds: u32,
    salt: String,
    expected: String,
}

pub(super) fn parse(text: &str) -> Option<Hash> {
    let (algorithm, length, rest) = match text.strip_prefix("$5$") {
        Some(rest) => (Algorithm::Sha256, 43, rest),
        None => (Algorithm::Sha512, 86, text.strip_prefix("$6$")?),
    };
    let (rounds, rest) = match rest.strip_prefix("rounds=") {
        None => (5000, rest),
        Some(rest) => {
            let (rounds, rest) = rest.split_once('$')?;
            (number(rounds)?, rest)
        }
    };
    let (salt, expected) = rest.split_once('$')?;
    let whole = expected.len() == length && crypt64::is_text(expected);
    if !whole || salt.len() > 16 || rounds < 1000 {
        return None;
    }
    Some(Hash { algorithm, rounds, salt: salt.to_owned(), expected: expected.to_owned() })
}

impl Hash {
    pub(super) fn fits(&self, password: &[u8]) -> bool {
        let state = self.derive(password);
        constant_time_eq(crypt64::encode(&self.ordered(&state)).as_bytes(), self.expected.as_bytes())
    }

    /// For a password of usual length.
    pub(super) fn cost(&self) -> Cost {
        Cost::work(u64::from(self.rounds))
    }

    /// The steps of the specification, by its numbers.
    fn derive(&self, password: &[u8]) -> Zeroizing<Vec<u8>> {
        let (digest, salt, length) = (self.algorithm, self.salt.as_bytes(), self.algorithm.length());
        // 4 to 8
        let b = digest.of(&[password, salt, password]);
        // 1 to 3, 9 to 12
        let mut parts: Vec<&[u8]> = vec![password, salt];
        parts.extend(std::iter::repeat_n(b.as_slice(), password.len() / length));
        parts.push(&b[..password.len() % length]);
        let mut bits = password.len();
        while bits > 0 {
            parts.push(if bits & 1 == 1 { &b } else { password });
            bits >>= 1;
        }
        let mut a = digest.of(&parts);
        // 13 to 16
        let p = repeated(&digest.of(&vec![password; password.len()]), password.len());
        // 17 to 20
        let s = repeated(&digest.of(&vec![salt; 16 + usize::from(a[0])]), salt.len());
        // 21
        for round in 0..self.rounds {
            let odd = round % 2 == 1;
            let mut parts: Vec<&[u8]> = Vec::with_capacity(4);
            parts.push(if odd { &p } else { &a });
            if round % 3 != 0 {
                parts.push(&s);
            }
            if round % 7 != 0 {
                parts.push(&p);
            }
            parts.push(if odd { &a } else { &p });
            let next = digest.of(&parts);
            a = next;
        }
        a
    }

    /// 22: the order in which its bytes are written; three at a time, the last ones alone.
    fn ordered(&self, a: &[u8]) -> Vec<u8> {
        let (third, turn, last): (usize, [usize; 3], &[usize]) = match self.algorithm {
            Algorithm::Sha256 => (10, [0, 2, 1], &[30, 31]),
            _ => (21, [0, 1, 2], &[63]),
        };
        let mut bytes = Vec::with_capacity(a.len());
        for group in 0..third {
            let first = turn[group % 3];
            // Written from the lowest bits on, so the last of a group comes first.
            bytes.extend((0..3).rev().map(|at| a[group + third * ((first + at) % 3)]));
        }
        bytes.extend(last.iter().map(|at| a[*at]));
        bytes
    }
}

/// The digest over and over, as long as what it stands for.
fn repeated(digest: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(digest.iter().copied().cycle().take(length).collect())
}
