//! What became of a record.

use serde::{Deserialize, Serialize};

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
    /// Why it was refused. Each place is written `.profile.name`.
    pub problems: Problems,
    /// Whether it was refused for something that other records may bring about: it is worth sending again.
    pub may_yet: bool,
}

impl Outcome {
    pub(super) fn refused(problems: Problems, may_yet: bool) -> Self {
        Self { did: Did::Refused, problems, may_yet }
    }

    pub(super) fn one(at: &str, what: impl Into<String>) -> Self {
        Self::refused(Problems(vec![Problem { at: at.to_owned(), what: what.into() }]), false)
    }

    pub(super) fn not_yet(at: &str, what: impl Into<String>) -> Self {
        Self { may_yet: true, ..Self::one(at, what) }
    }
}

impl From<Did> for Outcome {
    fn from(did: Did) -> Self {
        Self { did, problems: Problems::default(), may_yet: false }
    }
}

impl Problem {
    /// The place as a JSON pointer (RFC 6901) into a resource: `.profile.name` is `/profile/name`, `.roles[editor]` is `/roles`.
    pub fn pointer(&self) -> String {
        let path = self.at.split_once('[').map_or(self.at.as_str(), |(before, _)| before);
        path.split('.').skip(1).fold(String::new(), |pointer, member| {
            pointer + "/" + &member.replace('~', "~0").replace('/', "~1")
        })
    }
}
