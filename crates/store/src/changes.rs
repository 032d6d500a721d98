//! What of configuration is kept in memory, and how a change of it is noted and heeded. The node that commits drops what it
//! keeps at once; the others learn by polling.

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_crypto::random::SystemRandom;

use crate::commit::Touched;
use crate::worker::poller::{self, Change, News};
use crate::write::Write;
use crate::{Fault, Store};

/// Something that nodes keep in memory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Changed {
    /// A client, or one of its secrets.
    Client(String),
    /// Something that the directory holds: the tenant, an issuer, an API, a key.
    Directory,
}

/// Notes that `what` of `tenant` changes, in the commit that changes it.
pub(crate) fn note(tenant: &TenantId, what: &Changed, now: Timestamp) -> Write {
    let change = match what {
        Changed::Client(id) => Change { tenant: tenant.clone(), kind: CLIENTS.to_owned(), key: id.clone() },
        Changed::Directory => directory(tenant),
    };
    poller::noted(&change, now, &mut SystemRandom)
}

/// The change of something of a tenant that the directory holds.
pub(crate) fn directory(tenant: &TenantId) -> Change {
    Change { tenant: tenant.clone(), kind: TENANTS.to_owned(), key: tenant.0.clone() }
}

impl Store {
    /// Heeds what a poll brought.
    pub(crate) async fn heed(&self, news: News) -> Result<(), Fault> {
        match news {
            News::Everything => {
                self.client_cache().clear();
                self.rebuild().await
            }
            News::Changes(changes) => {
                let mut touched = Touched::new();
                for change in changes {
                    // A kind that a newer node invented is nothing that this one keeps, or the directory's.
                    let what =
                        if change.kind == CLIENTS { Changed::Client(change.key) } else { Changed::Directory };
                    touched.entry(change.tenant).or_default().insert(what);
                }
                self.drop_from_memory(&touched);
                self.refresh().await
            }
        }
    }
}

const CLIENTS: &str = "clients";
const TENANTS: &str = "tenants";
