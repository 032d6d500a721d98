//! What a driver is given to commit.

use doorward_core::id::EventId;

use crate::statement::Statement;
use crate::value::Value;

/// One statement that writes, and how many rows it must meet.
#[derive(Clone, Debug)]
pub struct Write {
    /// The statement; its WHERE states the precondition.
    pub statement: &'static Statement,
    /// Its parameters, `$1` first.
    pub params: Vec<Value>,
    /// The rows that it must change.
    pub expect: Expect,
}

/// How many rows a write must change. Anything else, and a violated unique constraint, is a conflict of the whole commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// Exactly one: its precondition holds.
    One,
    /// One, or none because it was so already.
    AtMostOne,
    /// Exactly as many.
    Exactly(u64),
    /// Any number.
    Any,
}

/// Writes that stand or fall together.
#[derive(Clone, Debug)]
pub struct Commit {
    /// An event that it writes: when the outcome of a COMMIT is unknown, its row tells.
    pub event: Option<EventId>,
    /// Whether it only takes away: such commits still succeed on a full disk, from the ballast.
    pub ending: bool,
    /// The writes, in order.
    pub writes: Vec<Write>,
}

impl Write {
    /// A write of `statement` that must change `expect` rows.
    pub fn new(statement: &'static Statement, expect: Expect, params: Vec<Value>) -> Self {
        Self { statement, params, expect }
    }
}

impl Expect {
    /// Whether that many changed rows are as expected.
    pub const fn is_met_by(self, rows: u64) -> bool {
        match self {
            Self::One => rows == 1,
            Self::AtMostOne => rows <= 1,
            Self::Exactly(many) => rows == many,
            Self::Any => true,
        }
    }

    /// The fewest rows that are as expected.
    pub const fn least(self) -> u64 {
        match self {
            Self::One => 1,
            Self::Exactly(many) => many,
            Self::AtMostOne | Self::Any => 0,
        }
    }
}
