//! The sign-in throttle: buckets that all tenants share.

use doorward_core::Timestamp;
use doorward_core::model::{Bucket, BucketRow};

use crate::Fault;
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};

statements! {
    /// Counts an attempt in its window, or in a new one; no row when there were too many.
    pub(crate) ATTEMPT_COUNT = server("a bucket belongs to whatever hashes to it")
        "INSERT INTO throttle_buckets (bucket, since, attempts) VALUES ($1, $2, 1)
         ON CONFLICT (bucket) DO UPDATE SET
             since = CASE WHEN throttle_buckets.since <= $3 THEN excluded.since ELSE throttle_buckets.since END,
             attempts = CASE WHEN throttle_buckets.since <= $3 THEN 1 ELSE throttle_buckets.attempts + 1 END
         WHERE throttle_buckets.attempts < $4 OR throttle_buckets.since <= $3";
    /// Takes the attempts back.
    pub(crate) ATTEMPTS_FORGIVE = server("a bucket belongs to whatever hashes to it")
        "UPDATE throttle_buckets SET attempts = 0 WHERE bucket = $1";
    /// Takes one attempt back.
    pub(crate) ATTEMPT_GIVE_BACK = server("a bucket belongs to whatever hashes to it")
        "UPDATE throttle_buckets SET attempts = attempts - 1 WHERE bucket = $1 AND attempts > 0";
    /// A bucket.
    pub(crate) BUCKET = server("a bucket belongs to whatever hashes to it")
        "SELECT since, attempts FROM throttle_buckets WHERE bucket = $1";
}

pub(crate) fn count(bucket: Bucket, now: Timestamp, window_ms: i64, limit: i64) -> Write {
    let passed = now.plus_ms(-window_ms);
    Write::new(&ATTEMPT_COUNT, Expect::One, vec![bucket.0.into(), now.into(), passed.into(), limit.into()])
}

pub(crate) fn forgive(bucket: Bucket) -> Write {
    Write::new(&ATTEMPTS_FORGIVE, Expect::AtMostOne, vec![bucket.0.into()])
}

pub(crate) fn give_back(bucket: Bucket) -> Write {
    Write::new(&ATTEMPT_GIVE_BACK, Expect::AtMostOne, vec![bucket.0.into()])
}

pub(crate) fn bucket(row: &mut Row) -> Result<BucketRow, Fault> {
    Ok(BucketRow { since: row.time()?, count: row.int()? })
}
