//! A batch at work: what there is, as the records so far have left it.

use std::collections::{BTreeMap, HashMap};

use super::facts::Found;
use super::{Batch, Did, Outcome, Record};
use crate::Ctx;
use crate::admin::{Denied, Rights};
use crate::desired::problem::At;
use crate::desired::{CurrentMembership, CurrentUser, Problems};
use crate::id::{ContextId, ContextKey, RoleId, RoleKey, UserId};
use crate::model::tombstone::ExternalKind;
use crate::model::{Context, Membership, Role};

/// An object as it was stored, and as it shall be.
pub(super) struct Slot<T> {
    pub before: Option<T>,
    pub now: Option<T>,
}

pub(super) struct Work<'a> {
    pub batch: &'a Batch<'a>,
    pub roles: Vec<Role>,
    pub role_keys: BTreeMap<RoleId, RoleKey>,
    pub users: Vec<Slot<CurrentUser>>,
    /// Those that are there.
    pub users_by_external: HashMap<String, usize>,
    pub users_by_id: HashMap<UserId, usize>,
    pub owners: HashMap<String, UserId>,
    pub contexts: Vec<Slot<Context>>,
    pub contexts_by_external: HashMap<String, usize>,
    pub contexts_by_id: HashMap<ContextId, usize>,
    pub context_keys: Box<dyn Iterator<Item = ContextKey>>,
    pub memberships: Vec<Slot<CurrentMembership>>,
    pub memberships_by_pair: HashMap<(UserId, ContextKey), usize>,
    pub tombstones: HashMap<(ExternalKind, String), i64>,
    /// Tombstones of this batch.
    pub buried: BTreeMap<(ExternalKind, String), i64>,
}

impl<T> Slot<T> {
    fn of(found: T) -> Self
    where
        T: Clone,
    {
        Self { before: Some(found.clone()), now: Some(found) }
    }
}

impl<'a> Work<'a> {
    pub(super) fn new(batch: &'a Batch<'a>, found: Found, ctx: &mut Ctx<'_>) -> Self {
        let users: Vec<_> = found.users.into_iter().map(Slot::of).collect();
        let contexts: Vec<_> = found.contexts.into_iter().map(Slot::of).collect();
        let memberships: Vec<_> = found.memberships.into_iter().map(Slot::of).collect();
        let at = |slots: &[Slot<CurrentUser>], name: fn(&CurrentUser) -> Option<String>| {
            let named = |(at, slot): (usize, &Slot<_>)| Some((name(slot.now.as_ref()?)?, at));
            slots.iter().enumerate().filter_map(named).collect::<HashMap<_, _>>()
        };
        let context_at = |name: fn(&Context) -> Option<String>| {
            let named = |(at, slot): (usize, &Slot<_>)| Some((name(slot.now.as_ref()?)?, at));
            contexts.iter().enumerate().filter_map(named).collect::<HashMap<_, _>>()
        };
        let pair = |(at, slot): (usize, &Slot<CurrentMembership>)| {
            let membership = &slot.now.as_ref()?.membership;
            Some(((membership.user.clone(), membership.context), at))
        };
        Self {
            users_by_external: at(&users, |found| found.user.external_id.clone()),
            users_by_id: at(&users, |found| Some(found.user.id.0.clone()))
                .into_iter()
                .map(|(id, at)| (UserId(id), at))
                .collect(),
            owners: found.owners,
            contexts_by_external: context_at(|context| context.external_id.clone()),
            contexts_by_id: context_at(|context| Some(context.id.0.clone()))
                .into_iter()
                .map(|(id, at)| (ContextId(id), at))
                .collect(),
            context_keys: Box::new(ContextKey::series(ctx.now, ctx.rng)),
            memberships_by_pair: memberships.iter().enumerate().filter_map(pair).collect(),
            role_keys: found.roles.iter().map(|role| (role.id.clone(), role.key)).collect(),
            roles: found.roles,
            tombstones: found.tombstones,
            buried: BTreeMap::new(),
            batch,
            users,
            contexts,
            memberships,
        }
    }

    /// Carries out a record.
    pub(super) fn apply(&mut self, record: &Record, ctx: &mut Ctx<'_>) -> Outcome {
        let done = match record {
            Record::User(key, Some(person)) => self.put_user(key, person, ctx),
            Record::User(key, None) => self.remove_user(key),
            Record::Context(key, Some(spec)) => self.put_context(key, spec, ctx),
            Record::Context(key, None) => self.remove_context(key),
            Record::Membership(link) => self.link(link, ctx),
        };
        done.map_or_else(|refused| refused, Outcome::from)
    }

    /// Whether a record of that version comes too late for an object that is not there: it was removed.
    pub(super) fn is_buried(&self, kind: ExternalKind, id: &str, version: i64) -> bool {
        self.tombstones.get(&(kind, id.to_owned())).is_some_and(|removed| *removed >= version)
    }

    /// Remembers that it was removed.
    pub(super) fn bury(&mut self, kind: ExternalKind, id: &str, version: i64) {
        if !self.is_buried(kind, id, version) {
            self.tombstones.insert((kind, id.to_owned()), version);
            self.buried.insert((kind, id.to_owned()), version);
        }
    }

    /// Memberships that go with who or what they are of. Their rows go too, so what was to become of them is forgotten.
    pub(super) fn forget_memberships(&mut self, of: impl Fn(&Membership) -> bool) {
        for slot in &mut self.memberships {
            let Some(found) = slot.now.take_if(|found| of(&found.membership)) else { continue };
            self.memberships_by_pair.remove(&(found.membership.user, found.membership.context));
            slot.before = None;
        }
    }

    /// The roles are there, and the actor holds what they give.
    pub(super) fn may_give<'r>(&self, named: impl IntoIterator<Item = &'r RoleId>) -> Result<(), Outcome> {
        let (mut problems, mut denied) = (Problems::default(), None);
        for id in named {
            let at = At::root().item("roles", id);
            match self.roles.iter().find(|role| role.id == *id) {
                None => problems.add(&at, "the tenant has no such role"),
                Some(role) => {
                    let lacks = role
                        .permissions
                        .iter()
                        .find(|permission| !self.rights().holds_permission(permission));
                    if let Some(permission) = lacks {
                        problems.add(&at, format!("to give it needs the permission {permission}"));
                        denied.get_or_insert_with(|| Denied::Scope(permission.to_string()));
                    }
                }
            }
        }
        if problems.0.is_empty() {
            return Ok(());
        }
        Err(Outcome { denied, ..Outcome::refused(problems, false) })
    }

    pub(super) const fn rights(&self) -> &'a Rights {
        self.batch.rights
    }
}

/// What a record of that version does to an object whose record has `stored`; none: it is newer.
pub(super) fn against(version: i64, stored: Option<i64>) -> Option<Did> {
    match version.cmp(&stored.unwrap_or(-1)) {
        std::cmp::Ordering::Less => Some(Did::Ignored),
        std::cmp::Ordering::Equal => Some(Did::Unchanged),
        std::cmp::Ordering::Greater => None,
    }
}

impl From<Denied> for Outcome {
    fn from(denied: Denied) -> Self {
        let told = match &denied {
            Denied::Scope(scope) => Self::one("", format!("this needs the permission {scope}")),
            Denied::Tenant => Self::one("", "this is in another tenant"),
        };
        Self { denied: Some(denied), ..told }
    }
}
