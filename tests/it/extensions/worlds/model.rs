//! What ought to be: who belongs where, what is installed there, and what was issued; written from the design and not from the code. It
//! knows only what the driver did and was told.

use super::installed::{Extension, Installation};
use super::issued::{Grant, OwnToken, Session, SessionToken};

/// Milliseconds.
pub type Time = i64;

pub const SECOND: Time = 1000;

/// The places of a world, each with the one that it lies in. The first is the tenant itself.
pub const TREE: [(&str, Option<&str>); 6] = [
    ("tenant/t1", None),
    ("customer/c-1", None),
    ("project/p-1", Some("customer/c-1")),
    ("stage/s-1", Some("project/p-1")),
    ("project/p-2", None),
    ("stage/s-2", Some("project/p-2")),
];
/// After so long without use a session of a person ends.
const SESSION_IDLE: Time = 1800 * SECOND;
/// The place that is the tenant itself.
pub const TENANT: usize = 0;

/// The world as it ought to be.
pub struct Model {
    pub now: Time,
    /// Every place that ever was: one that is made anew under its name is another.
    pub places: Vec<Place>,
    pub members: Vec<Member>,
    pub extensions: [Extension; 2],
    pub installations: Vec<Installation>,
    pub sessions: Vec<Session>,
    pub grants: Vec<Grant>,
    pub session_tokens: Vec<SessionToken>,
    pub own_tokens: Vec<OwnToken>,
}

pub struct Place {
    pub name: &'static str,
    pub parent: Option<usize>,
    pub is_gone: bool,
}

/// A person in a place; whether they may write orders there and below.
pub struct Member {
    pub person: usize,
    pub place: usize,
    pub since: Time,
    pub writes: bool,
}

impl Model {
    /// Nobody is anywhere, and nothing is installed.
    pub fn new(now: Time) -> Self {
        let mut model = Self {
            now,
            places: Vec::new(),
            members: Vec::new(),
            extensions: [Extension::published(), Extension::published()],
            installations: Vec::new(),
            sessions: Vec::new(),
            grants: Vec::new(),
            session_tokens: Vec::new(),
            own_tokens: Vec::new(),
        };
        for (name, _) in TREE {
            model.make_place(name);
        }
        model
    }

    /// Time passes. Who does nothing for so long is signed out.
    pub fn wait(&mut self, span: Time) {
        self.now += span;
        if span >= SESSION_IDLE {
            (0..self.sessions.len()).for_each(|at| self.end_session(at));
        }
    }

    /// The place of that name that stands.
    pub fn standing(&self, name: &str) -> Option<usize> {
        (0..self.places.len()).rev().find(|at| self.places[*at].name == name && self.stands(*at))
    }

    /// Whether neither it nor anything above it is gone.
    pub fn stands(&self, place: usize) -> bool {
        self.upwards(place).all(|at| !self.places[at].is_gone)
    }

    /// A place and all above it, the nearest first.
    pub fn upwards(&self, place: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(place), |at| self.places[*at].parent)
    }

    /// The name of what a place lies in.
    pub fn parent_of(name: &str) -> Option<&'static str> {
        TREE.iter().find(|(known, _)| *known == name).and_then(|(_, parent)| *parent)
    }

    pub fn make_place(&mut self, name: &'static str) {
        let parent = Self::parent_of(name).and_then(|parent| self.standing(parent));
        self.places.push(Place { name, parent, is_gone: false });
    }

    pub fn member(&self, person: usize, place: usize) -> Option<usize> {
        self.members.iter().position(|one| one.person == person && one.place == place)
    }

    /// They are in that place, and may write there or not. Whoever was there before is not new.
    pub fn join(&mut self, person: usize, place: usize, writes: bool) {
        match self.member(person, place) {
            Some(at) => self.members[at].writes = writes,
            None => self.members.push(Member { person, place, since: self.now, writes }),
        }
    }

    pub fn leave(&mut self, person: usize, place: usize) {
        self.members.retain(|one| (one.person, one.place) != (person, place));
    }

    /// Whether they have belonged to a place since then, by being in it or in anything above it. To the tenant everybody belongs.
    pub fn has_belonged(&self, person: usize, place: usize, since: Time) -> bool {
        let is_in = |at| self.member(person, at).is_some_and(|one| self.members[one].since <= since);
        place == TENANT || self.upwards(place).any(is_in)
    }

    /// Whether they may write orders in a place.
    pub fn may_write(&self, person: usize, place: usize) -> bool {
        self.upwards(place).any(|at| self.member(person, at).is_some_and(|one| self.members[one].writes))
    }
}
