//! The sign-in throttle: a fixed table of buckets, so that a stranger cannot make the disk grow.

use crate::Timestamp;
use crate::keys::TenantKeys;

/// A bucket: a small number, shared by whatever hashes to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Bucket(pub i64);

impl Bucket {
    /// The bucket of `parts`, under the tenant's newest key: strangers choose names freely and still meet a table of fixed size,
    /// and nobody can tell which names meet in a bucket. A tenant without keys signs nobody in, and has one.
    pub fn of(keys: &TenantKeys, parts: &[&[u8]]) -> Self {
        let Some((_, key)) = keys.newest_mac() else { return Self(0) };
        let label: &[u8] = b"throttle";
        let tag = key.tag(&[&[label], parts].concat());
        let number = u32::from_be_bytes([tag[0], tag[1], tag[2], tag[3]]);
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
