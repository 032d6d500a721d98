//! A tombstone: another system's object that was removed, and the version of its record then, so that an older record of it, which
//! comes late, does not bring it back.

use crate::Timestamp;
use crate::id::TenantId;

/// What is kept of an object that another system removed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tombstone {
    /// Whose tenant.
    pub tenant: TenantId,
    /// What it was.
    pub kind: ExternalKind,
    /// Its id there; of a membership: the ids of person and context here.
    pub external_id: String,
    /// The version of the record that removed it.
    pub version: i64,
    /// When it was removed.
    pub removed_at: Timestamp,
}

/// What another system brings in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExternalKind {
    /// A context.
    Context,
    /// A person in a context.
    Membership,
    /// A person.
    User,
}

impl ExternalKind {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Membership => "membership",
            Self::User => "user",
        }
    }
}
