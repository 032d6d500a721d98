//! What a batch must know, and what was found.

use std::collections::{BTreeSet, HashMap};

use super::Record;
use super::record::{Where, Who};
use crate::desired::{CurrentMembership, CurrentUser};
use crate::id::{ContextId, ContextKey, UserId};
use crate::model::tombstone::ExternalKind;
use crate::model::{Context, Role};

/// What must be looked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// People by their ids in the other system.
    pub external_users: BTreeSet<String>,
    /// People by id.
    pub users: BTreeSet<UserId>,
    /// Whose these canonical names are.
    pub names: BTreeSet<String>,
    /// Contexts by their ids in the other system.
    pub external_contexts: BTreeSet<String>,
    /// Contexts by id.
    pub contexts: BTreeSet<ContextId>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The roles of the tenant.
    pub roles: Vec<Role>,
    /// People by id or by their ids in the other system, each with their roles in the whole tenant.
    pub users: Vec<CurrentUser>,
    /// Who has a name.
    pub owners: HashMap<String, UserId>,
    /// Contexts that stand.
    pub contexts: Vec<Context>,
    /// Memberships, with roles, of the [`Found::pairs`].
    pub memberships: Vec<CurrentMembership>,
    /// What was removed, at which version: of people and contexts that are wanted, and of the pairs.
    pub tombstones: HashMap<(ExternalKind, String), i64>,
}

impl Wanted {
    /// What these records speak of.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut wanted = Self::default();
        for record in records {
            match record {
                Record::User(key, person) => {
                    wanted.external_users.insert(key.id.clone());
                    if let Some(person) = person {
                        wanted.users.extend(person.spec.id.clone());
                        wanted.names.insert(person.names.user_name.key().to_owned());
                        wanted.names.extend(person.names.email.as_ref().map(|email| email.key().to_owned()));
                    }
                }
                Record::Context(key, spec) => {
                    wanted.external_contexts.insert(key.id.clone());
                    if let Some(spec) = spec {
                        wanted.contexts.insert(spec.id.clone());
                        wanted.contexts.extend(spec.parent.clone());
                    }
                }
                Record::Membership(link) => {
                    match &link.user {
                        Who::External(id) => wanted.external_users.insert(id.clone()),
                        Who::Id(id) => wanted.users.insert(id.clone()),
                        Who::Name(name) => wanted.names.insert(name.clone()),
                    };
                    match &link.context {
                        Where::External(id) => wanted.external_contexts.insert(id.clone()),
                        Where::Id(id) => wanted.contexts.insert(id.clone()),
                    };
                }
            }
        }
        wanted
    }
}

impl Found {
    /// Who may be a member of what, as far as both are there: asked for once they are.
    pub fn pairs<'a>(&self, records: impl IntoIterator<Item = &'a Record>) -> BTreeSet<(UserId, ContextKey)> {
        let external: HashMap<&str, &UserId> = self
            .users
            .iter()
            .filter_map(|found| Some((found.user.external_id.as_deref()?, &found.user.id)))
            .collect();
        let ids: HashMap<&ContextId, ContextKey> =
            self.contexts.iter().map(|context| (&context.id, context.key)).collect();
        let external_contexts: HashMap<&str, ContextKey> = self
            .contexts
            .iter()
            .filter_map(|context| Some((context.external_id.as_deref()?, context.key)))
            .collect();
        let pair = |record: &Record| {
            let Record::Membership(link) = record else { return None };
            let user = match &link.user {
                Who::External(id) => external.get(id.as_str()).copied(),
                Who::Id(id) => Some(id),
                Who::Name(name) => self.owners.get(name),
            };
            let context = match &link.context {
                Where::External(id) => external_contexts.get(id.as_str()),
                Where::Id(id) => ids.get(id),
            };
            Some((user?.clone(), *context?))
        };
        records.into_iter().filter_map(pair).collect()
    }
}

/// What a membership is called among tombstones.
pub fn membership_id(user: &UserId, context: ContextKey) -> String {
    format!("{user} {context}")
}
