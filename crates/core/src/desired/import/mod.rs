//! Bringing people, contexts and memberships in from another system: records that name its id and version of each, in any order and
//! as often as it likes.
//!
//! A record is a resource as [`super`] has it. A newer version replaces what is there, the same one changes nothing, an older one is
//! ignored; a deletion wins over an upsert of its version and leaves a tombstone. What is wrong with a record is told of that record,
//! and the others are carried out. So whatever order records come in, and however often, the end is the same.
//!
//! ```text
//! parse    a line of JSON -> Record, with all that can be checked of it alone
//! wanted   records        -> what must be looked for
//! decide   records, Found -> effects and an outcome for each record
//! ```

mod context;
mod effects;
pub mod facts;
mod membership;
pub mod outcome;
pub mod record;
mod user;
mod work;

pub use facts::{Found, Wanted};
pub use outcome::{Did, Outcome};
pub use record::Record;

use super::Problems;
use crate::admin::Rights;
use crate::admin::last::Loss;
use crate::id::TenantId;
use crate::keys::TenantKeys;
use crate::model::Actor;
use crate::{Ctx, Decision};
use work::Work;

/// Records that are decided on together.
pub struct Batch<'a> {
    /// Whose tenant.
    pub tenant: &'a TenantId,
    /// The records, in the order in which they came; those that could not be read keep their place.
    pub records: &'a [Result<Record, Problems>],
    /// Who brings them.
    pub actor: &'a Actor,
    /// What that actor may do.
    pub rights: &'a Rights,
    /// The tenant's keys: they tag the hashes that were brought in.
    pub keys: &'a TenantKeys,
    /// Whether nobody is left whom the server or the tenant could be left to: records that take it from somebody are refused.
    pub spares_administrators: bool,
}

/// What becomes of a batch.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Of each record.
    pub outcomes: Vec<Outcome>,
    /// What it takes from those who administer.
    pub loss: Loss,
}

/// The most records of a batch: one commit, which others wait for.
pub const MOST_RECORDS: usize = 1000;

impl Batch<'_> {
    /// Decide. Each record sees what those before it did; one that waits for something of a later record (a name that it gives up, a
    /// parent that it makes) gets another turn.
    pub fn decide(&self, found: Found, ctx: &mut Ctx<'_>) -> Decision<Decided> {
        let mut work = Work::new(self, found, ctx);
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(self.records.len());
        let mut waiting = Vec::new();
        for (at, record) in self.records.iter().enumerate() {
            let outcome = match record {
                Ok(record) => work.apply(record, ctx),
                Err(problems) => Outcome::refused(problems.clone(), false),
            };
            if outcome.may_yet {
                waiting.push(at);
            }
            outcomes.push(outcome);
        }
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|at| {
                if let Ok(record) = &self.records[*at] {
                    outcomes[*at] = work.apply(record, ctx);
                }
                outcomes[*at].may_yet
            });
            if waiting.len() == before {
                break;
            }
        }
        let people = work.users.iter().map(|slot| (slot.before.as_ref(), slot.now.as_ref()));
        let loss = Loss::of_people(self.tenant, &work.roles, people);
        Decision::with(effects::of(work, ctx), Decided { outcomes, loss })
    }
}
