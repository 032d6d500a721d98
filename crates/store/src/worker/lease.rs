//! A lease: who does a job of which one worker suffices. Two that both believe to hold it do no harm, only work twice.

use doorward_core::Timestamp;
use doorward_crypto::base64url;
use doorward_crypto::random::{self, Random};

use crate::driver::Driver;
use crate::statement::statements;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault};

statements! {
    /// Takes or renews a lease, where nobody else holds it.
    pub(crate) LEASE_TAKE = server("jobs serve every tenant")
        "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
         WHERE leases.holder = excluded.holder OR leases.expires_at < $4";
}

/// One job's lease, as one worker sees it.
#[derive(Debug)]
pub struct Lease {
    name: &'static str,
    holder: String,
    expires_at: Timestamp,
}

impl Lease {
    /// The lease of that job for that worker; not taken yet.
    pub fn new(name: &'static str, holder: &str) -> Self {
        Self { name, holder: holder.to_owned(), expires_at: Timestamp(0) }
    }

    /// Whether the job is this worker's to do now; renews the lease in its second half. A database of one server only has
    /// nobody to share with.
    pub async fn take(&mut self, driver: &Driver, now: Timestamp) -> Result<bool, Fault> {
        if !driver.is_shared() || now < self.expires_at.plus_ms(-TERM_MS / 2) {
            return Ok(true);
        }
        let expires_at = now.plus_ms(TERM_MS);
        let params = vec![self.name.into(), self.holder.as_str().into(), expires_at.into(), now.into()];
        let write = Write::new(&LEASE_TAKE, Expect::AtMostOne, params);
        match driver.commit(Commit { event: None, ending: false, writes: vec![write] }).await {
            Ok(0) | Err(CommitError::Conflict) => Ok(false),
            Ok(_) => {
                self.expires_at = expires_at;
                Ok(true)
            }
            Err(CommitError::Fault(fault)) => Err(fault),
        }
    }
}

/// A fresh name for a worker.
pub fn holder(rng: &mut dyn Random) -> String {
    base64url::encode(&random::array::<12>(rng))
}

/// A worker that dies leaves its jobs undone for at most so long.
const TERM_MS: i64 = 10_000;
