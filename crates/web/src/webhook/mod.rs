//! What extensions are told of their installations: delivered at least once, in the order of its numbers, signed anew at each attempt.
//! `body` says what is told, `format` in which words, `sign` by what it is signed, `schedule` when it is tried again (no sooner than the answer's `retry_after`), `outcome` what an answer means,
//! `load` how many places one has, `worker` does it, `dry_run` only shows it, `once` sends outside of any line. `removal` sees to it that they hear of what went with a context.

mod body;
pub mod dry_run;
pub mod format;
pub(crate) mod load;
pub mod once;
pub(crate) mod outcome;
pub mod removal;
mod retry_after;
pub(crate) mod schedule;
mod sign;
pub mod worker;

use std::time::Duration;

pub use body::{Letter, Secret, state};
pub use sign::{OVERLAP_MS, Opened, Signers};

use doorward_core::Ctx;
use doorward_core::id::uuid;
use doorward_crypto::random::SystemRandom;
use doorward_store::Store;

/// How long an attempt takes at most, from looking the name up to the last byte that is read.
pub const TOTAL: Duration = Duration::from_secs(6);
/// Bytes of an answer that are kept.
pub const KEPT_BYTES: usize = 4096;
/// Attempts that are on their way at once.
pub const PLACES: usize = 128;

/// A fresh id of a request.
pub fn request_id() -> String {
    uuid(&mut SystemRandom)
}

fn ctx<'a>(store: &Store, rng: &'a mut SystemRandom) -> Ctx<'a> {
    Ctx { now: store.now(), rng, request_id: "webhook", address: "" }
}
