//! The secrets of an installation: pending, current, retiring, over.

use super::model::{SECOND, Time};

/// How long the secrets before one that was used for the first time still work.
pub const OVERLAP: Time = 86_400 * SECOND;

pub struct Secret {
    pub id: String,
    /// In the clear, once anybody was told it, whether that counts or not.
    pub plain: Option<String>,
    stage: Stage,
    ends_at: Option<Time>,
    /// Whether its installation is gone, and with it all of this.
    is_forgotten: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Its extension does not have it yet.
    Sealed,
    /// Its extension has it, and has not used it.
    Delivered,
    Current,
    Retiring,
}

impl Secret {
    /// A new one. `plain`: whoever asked for it has it.
    pub fn new(id: String, plain: Option<String>) -> Self {
        let stage = if plain.is_some() { Stage::Delivered } else { Stage::Sealed };
        Self { id, plain, stage, ends_at: None, is_forgotten: false }
    }

    /// The first use of a secret, or that it is said to be so: those before it retire.
    pub fn take(secrets: &mut [Self], newest: usize, now: Time, overlap: Time) {
        secrets[newest].stage = Stage::Current;
        for older in secrets[..newest].iter_mut().filter(|older| older.stage != Stage::Retiring) {
            older.stage = Stage::Retiring;
            older.ends_at = Some(older.ends_at.map_or(now + overlap, |end| end.min(now + overlap)));
        }
    }

    /// Its extension has it.
    pub fn deliver(&mut self) {
        if self.stage == Stage::Sealed {
            self.stage = Stage::Delivered;
        }
    }

    /// It ends then. False: it ends sooner.
    pub fn retire(&mut self, end: Time) -> bool {
        if self.ends_at.is_some_and(|ends| ends < end) {
            return false;
        }
        (self.stage, self.ends_at) = (Stage::Retiring, Some(end));
        true
    }

    pub fn forget(&mut self) {
        self.is_forgotten = true;
    }

    /// Whether it travels with the news of it.
    pub fn is_sealed(&self) -> bool {
        self.stage == Stage::Sealed
    }

    /// Whether it has not been used.
    pub fn is_pending(&self) -> bool {
        matches!(self.stage, Stage::Sealed | Stage::Delivered)
    }

    /// Whether it is one that can still be administered.
    pub fn is_living(&self, now: Time) -> bool {
        !self.is_forgotten && self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether it authenticates where its installation works.
    pub fn is_in_force(&self, now: Time) -> bool {
        self.is_living(now) && self.stage != Stage::Sealed
    }
}
