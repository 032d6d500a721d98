//! Extensions and what is installed of them: whether it works, and what its extension is told.

use super::line::Line;
use super::model::Model;
use super::secret::Secret;

pub struct Extension {
    pub state: State,
    pub is_suspended: bool,
    /// Counts how often it was switched off.
    epoch: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Published,
    Deprecated,
    Withdrawn,
}

pub struct Installation {
    pub id: String,
    pub extension: usize,
    pub place: usize,
    /// Whether it was consented that it writes orders.
    pub writes: bool,
    pub is_disabled: bool,
    pub is_suspended: bool,
    pub is_removed: bool,
    epoch: i64,
    pub secrets: Vec<Secret>,
    /// What its extension is told.
    pub line: Line,
}

impl Extension {
    /// One that may be installed.
    pub fn published() -> Self {
        Self { state: State::Published, is_suspended: false, epoch: 1 }
    }
}

impl Model {
    /// The installation of an extension in a place, unless it was removed.
    pub fn installed(&self, extension: usize, place: usize) -> Option<usize> {
        let is_it = |one: &Installation| one.extension == extension && one.place == place && !one.is_removed;
        self.installations.iter().position(is_it)
    }

    /// Whether there is something to administer: it was not removed, nor was where it is.
    pub fn is_there(&self, at: usize) -> bool {
        let one = &self.installations[at];
        !one.is_removed && self.stands(one.place)
    }

    /// Whether it works.
    pub fn is_on(&self, at: usize) -> bool {
        let one = &self.installations[at];
        let of = &self.extensions[one.extension];
        let extension_works = of.state != State::Withdrawn && !of.is_suspended;
        self.is_there(at) && !one.is_disabled && !one.is_suspended && extension_works
    }

    /// Counts how often it, or its extension, was switched off.
    pub fn epoch(&self, at: usize) -> i64 {
        let one = &self.installations[at];
        one.epoch + self.extensions[one.extension].epoch
    }

    pub fn install(&mut self, id: String, extension: usize, place: usize, writes: bool) -> usize {
        self.installations.push(Installation {
            id,
            extension,
            place,
            writes,
            is_disabled: false,
            is_suspended: false,
            is_removed: false,
            epoch: 1,
            secrets: Vec::new(),
            line: Line::default(),
        });
        self.installations.len() - 1
    }

    /// Something happened to it that its extension is told.
    pub fn tell(&mut self, at: usize, kind: &'static str, secret: Option<usize>) {
        let (now, one) = (self.now, &mut self.installations[at]);
        let (state, writes) = (one.state(), one.writes);
        one.line.push(kind, (state, writes), secret, now);
    }

    /// A new secret. `plain` where whoever asked was shown it, and so has it.
    pub fn add_secret(&mut self, at: usize, kind: &'static str, id: String, plain: Option<String>) {
        let one = &mut self.installations[at];
        one.secrets.push(Secret::new(id, plain));
        let newest = one.secrets.len() - 1;
        self.tell(at, kind, Some(newest));
    }

    /// It is switched off or on, by its members or by the platform. Nothing happens where that is so already.
    pub fn switch(&mut self, at: usize, disabled: Option<bool>, suspended: Option<bool>) {
        let one = &mut self.installations[at];
        let before = (one.is_disabled, one.is_suspended);
        one.is_disabled = disabled.unwrap_or(one.is_disabled);
        one.is_suspended = suspended.unwrap_or(one.is_suspended);
        let after = (one.is_disabled, one.is_suspended);
        one.epoch += i64::from(before == (false, false) && after != before);
        if after != before {
            self.tell(at, "Updated", None);
        }
    }

    pub fn consent(&mut self, at: usize, writes: bool) {
        if self.installations[at].writes != writes {
            self.installations[at].writes = writes;
            self.tell(at, "Updated", None);
        }
    }

    pub fn remove(&mut self, at: usize) {
        let one = &mut self.installations[at];
        one.is_removed = true;
        one.secrets.iter_mut().for_each(Secret::forget);
        one.line.abort();
        self.tell(at, "Removed", None);
    }

    /// Whether something else is told under that id.
    pub fn is_named(&self, webhook_id: &str, (at, number): (usize, usize)) -> bool {
        let news = self.installations.iter().enumerate().flat_map(|(other, one)| {
            one.line.news.iter().enumerate().map(move |(before, news)| ((other, before + 1), news))
        });
        news.filter(|(named, _)| *named != (at, number))
            .any(|(_, news)| news.id.as_deref() == Some(webhook_id))
    }

    /// Installations that stand where nothing stands any longer go: how many.
    pub fn follow(&mut self) -> usize {
        let left = |at: &usize| !self.installations[*at].is_removed && !self.is_there(*at);
        let left: Vec<usize> = (0..self.installations.len()).filter(left).collect();
        left.iter().for_each(|at| self.remove(*at));
        left.len()
    }

    pub fn suspend_extension(&mut self, extension: usize, is_suspended: bool) {
        let of = &mut self.extensions[extension];
        of.epoch += i64::from(is_suspended && !of.is_suspended);
        of.is_suspended = is_suspended;
    }

    /// Whether a secret authenticates its installation.
    pub fn authenticates(&self, at: usize, secret: usize) -> bool {
        self.is_on(at) && self.installations[at].secrets[secret].is_in_force(self.now)
    }

    /// A secret was used: if it was new, those before it retire.
    pub fn use_secret(&mut self, at: usize, secret: usize) {
        let (now, secrets) = (self.now, &mut self.installations[at].secrets);
        if secrets[secret].is_pending() {
            Secret::take(secrets, secret, now, super::secret::OVERLAP);
        }
    }
}

impl Installation {
    /// The name of where it is in its life.
    fn state(&self) -> &'static str {
        match self {
            Self { is_removed: true, .. } => "removed",
            Self { is_suspended: true, .. } => "suspended",
            Self { is_disabled: true, .. } => "disabled",
            Self { .. } => "enabled",
        }
    }
}
