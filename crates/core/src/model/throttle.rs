//! The sign-in throttle: a fixed table of buckets, so that a stranger cannot make the disk grow.

use crate::Timestamp;
use doorward_crypto::digest;

/// A bucket: a small number, shared by whatever hashes to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Bucket(pub i64);

impl Bucket {
    /// The bucket of `parts`, by their hash: strangers choose names freely, and still meet a table of fixed size.
    pub fn of(parts: &[&str]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&digest::sha256(part.as_bytes()));
        }
        let hash = digest::sha256(&bytes);
        let number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        Self(i64::from(number) % BUCKETS)
    }
}

/// What a bucket holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BucketRow {
    /// When its window began.
    pub since: Timestamp,
    /// Attempts in this window.
    pub count: i64,
}

/// Rows in the table.
pub const BUCKETS: i64 = 1 << 20;
