//! What became of a record.

use serde::{Deserialize, Serialize};

use crate::admin::Denied;
use crate::desired::problem::{At, Step};
use crate::desired::{Problem, Problems};

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// The object was made.
    Created,
    /// A newer record is there already.
    Ignored,
    /// Nothing, for a reason that is told.
    Refused,
    /// The object was removed.
    Removed,
    /// That record was there already.
    Unchanged,
    /// The object was changed.
    Updated,
}

/// What became of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What was done.
    pub did: Did,
    /// Why it was refused.
    pub problems: Problems,
    /// Whether it was refused for something that other records may bring about: it is worth sending again.
    pub may_yet: bool,
    /// What the actor lacks, where it was refused for that.
    pub denied: Option<Denied>,
}

impl Outcome {
    pub(super) fn refused(problems: Problems, may_yet: bool) -> Self {
        Self { did: Did::Refused, problems, may_yet, denied: None }
    }

    /// For one thing, at a member of the record; empty: the record as a whole.
    pub(super) fn one(member: &str, what: impl Into<String>) -> Self {
        let root = At::root();
        let at = if member.is_empty() { root } else { root.field(member) };
        let mut problems = Problems::default();
        problems.add(&at, what);
        Self::refused(problems, false)
    }

    pub(super) fn not_yet(member: &str, what: impl Into<String>) -> Self {
        Self { may_yet: true, ..Self::one(member, what) }
    }
}

impl From<Did> for Outcome {
    fn from(did: Did) -> Self {
        Self { did, problems: Problems::default(), may_yet: false, denied: None }
    }
}

impl Problem {
    /// The place as a JSON pointer (RFC 6901) into a record, as far as members go: of a list it is the list.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.steps {
            let (Step::Field(name) | Step::Item(name, _)) = step;
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            if matches!(step, Step::Item(..)) {
                break;
            }
        }
        pointer
    }
}
