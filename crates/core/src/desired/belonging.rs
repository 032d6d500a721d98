//! Planning who belongs where: roles, contexts, memberships, and the roles that people have in the whole tenant.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::plan::Kind;
use super::planner::{Planner, value};
use super::problem::At;
use super::result::{Resulting, ResultingMembership};
use super::step::{MembershipStep, Step, UserRef};
use super::{
    ContextSpec, CurrentMembership, CurrentTenant, CurrentUser, MembershipSpec, RoleSpec, TenantSpec,
};
use crate::id::{ContextId, ContextKey, RoleId, RoleKey, UserId};
use crate::model::context::MAX_DEPTH;
use crate::model::{Assignment, Context, Role};
use doorward_wire::text::UserName;

impl Planner {
    pub(super) fn roles(&mut self, spec: &TenantSpec, current: &[Role], at: &At, result: &mut Resulting) {
        let tenant = &spec.id;
        let key = |role: &RoleSpec| role.id.0.clone();
        let matched =
            self.matched(spec.roles.as_deref(), current, key, |role| role.id.0.clone(), at, "roles");
        for (wish, found) in matched.pairs {
            wish.check(&at.item("roles", &wish.id), &mut self.problems);
            let filled = wish.filled(found);
            let before = found.map(|role| value(&RoleSpec::of(role)));
            self.change(tenant, Kind::Role, wish.id.as_str(), before, value(&filled), || {
                Step::Role(Box::new(filled.clone()), found.cloned().map(Box::new))
            });
            result.roles.insert(wish.id.clone());
        }
        for role in matched.rest {
            let step = Step::RemoveRole(Box::new(role.clone()));
            if self.rest(tenant, Kind::Role, role.id.as_str(), spec.roles.is_some(), step) {
                result.roles.insert(role.id.clone());
            }
        }
    }

    /// Parents come before what lies in them, so that each can be made when its turn comes.
    pub(super) fn contexts(
        &mut self,
        spec: &TenantSpec,
        current: &[Context],
        at: &At,
        result: &mut Resulting,
    ) {
        let tenant = &spec.id;
        let key = |context: &ContextSpec| context.id.0.clone();
        let known = |context: &Context| context.id.0.clone();
        let matched = self.matched(spec.contexts.as_deref(), current, key, known, at, "contexts");
        for (wish, found) in &matched.pairs {
            wish.check(*found, &at.item("contexts", &wish.id), &mut self.problems);
            if found.is_none() {
                wish.check_name(&at.item("contexts", &wish.id), &mut self.problems);
            }
            // One that is there does not move, which is told of it and of nothing that lies in it.
            let parent = found.map_or(&wish.parent, |found| &found.parent);
            result.contexts.insert(wish.id.clone(), parent.clone());
            result.external_contexts.extend(wish.external_id.clone().map(|id| (wish.id.clone(), id)));
        }
        for context in matched.rest {
            let step = Step::RemoveContext(context.key, context.version);
            if self.rest(tenant, Kind::Context, context.id.as_str(), spec.contexts.is_some(), step) {
                result.contexts.insert(context.id.clone(), context.parent.clone());
                result
                    .external_contexts
                    .extend(context.external_id.clone().map(|id| (context.id.clone(), id)));
            }
        }
        let mut pairs = matched.pairs;
        pairs.sort_by_key(|(wish, _)| depth(&wish.id, &result.contexts).unwrap_or(MAX_DEPTH));
        let keys: HashMap<&ContextId, &Context> =
            current.iter().map(|context| (&context.id, context)).collect();
        for (wish, found) in pairs {
            let filled = wish.filled(found);
            let before = found.map(|context| value(&ContextSpec::of(context)));
            let parent = wish.parent.as_ref().and_then(|parent| keys.get(parent)).map(|parent| {
                let mut ancestors = vec![parent.key];
                ancestors.extend(parent.ancestors.iter().copied());
                ancestors
            });
            self.change(tenant, Kind::Context, wish.id.as_str(), before, value(&filled), || {
                Step::Context(Box::new(filled.clone()), parent, found.cloned().map(Box::new))
            });
        }
    }

    pub(super) fn memberships(
        &mut self,
        spec: &TenantSpec,
        current: Option<&CurrentTenant>,
        at: &At,
        result: &mut Resulting,
    ) {
        let tenant = &spec.id;
        let (users, memberships): (&[CurrentUser], &[CurrentMembership]) =
            current.map_or((&[], &[]), |current| (&current.users, &current.memberships));
        let people = People::of(users);
        let roles = Arc::new(keys(current));
        let places: HashMap<&ContextId, ContextKey> = current
            .iter()
            .flat_map(|current| &current.contexts)
            .map(|context| (&context.id, context.key))
            .collect();
        let key = |wish: &MembershipSpec| format!("{} in {}", people.name(&wish.user), wish.context);
        let known = |found: &CurrentMembership| {
            format!("{} in {}", people.name(found.membership.user.as_str()), found.membership.context_id)
        };
        let matched = self.matched(spec.memberships.as_deref(), memberships, key, known, at, "memberships");
        for (wish, found) in matched.pairs {
            let id = key(wish);
            super::user::check_external_version(
                wish.external_version,
                &at.item("memberships", &id),
                &mut self.problems,
            );
            let filled = MembershipSpec { user: people.name(&wish.user), ..wish.clone() };
            let before = found.map(|found| value(&of(found, &people)));
            let user = people.find(&wish.user).cloned().map_or_else(
                || {
                    UserRef::Made(
                        UserName::parse(&wish.user)
                            .map_or_else(|_| wish.user.clone(), |name| name.key().to_owned()),
                    )
                },
                UserRef::Known,
            );
            self.change(tenant, Kind::Membership, &id, before, value(&filled), || {
                Step::Membership(Box::new(MembershipStep {
                    spec: filled.clone(),
                    user,
                    context: places.get(&wish.context).copied(),
                    before: found.cloned(),
                    roles: Arc::clone(&roles),
                }))
            });
            result.memberships.push(ResultingMembership {
                label: id,
                user: wish.user.clone(),
                context: wish.context.clone(),
                roles: wish.roles.clone(),
            });
        }
        for found in matched.rest {
            let step = Step::RemoveMembership(
                found.membership.user.clone(),
                found.membership.context,
                found.membership.version,
            );
            // What stays names nothing that could be missing: it is dead where its person or place goes.
            self.rest(tenant, Kind::Membership, &known(found), spec.memberships.is_some(), step);
        }
    }
}

/// A membership as it is, with the person's name as people write it.
fn of(found: &CurrentMembership, people: &People<'_>) -> MembershipSpec {
    MembershipSpec {
        user: people.name(found.membership.user.as_str()),
        context: found.membership.context_id.clone(),
        roles: ids(&found.roles),
        external_version: found.membership.external_version,
    }
}

impl MembershipSpec {
    /// The membership as it is; `name` is the person's user name.
    pub fn of(found: &CurrentMembership, name: &str) -> Self {
        Self {
            user: name.to_owned(),
            context: found.membership.context_id.clone(),
            roles: ids(&found.roles),
            external_version: found.membership.external_version,
        }
    }
}

/// The ids of roles that are assigned.
pub(super) fn ids(assignments: &[Assignment]) -> BTreeSet<RoleId> {
    assignments.iter().map(|assignment| assignment.role_id.clone()).collect()
}

/// Keys of the roles that a tenant has.
pub(super) fn keys(current: Option<&CurrentTenant>) -> BTreeMap<RoleId, RoleKey> {
    current.iter().flat_map(|current| &current.roles).map(|role| (role.id.clone(), role.key)).collect()
}

/// How deep a context lies, from 1; none where what is above it is missing, or goes round.
pub(super) fn depth(id: &ContextId, parents: &BTreeMap<ContextId, Option<ContextId>>) -> Option<usize> {
    let mut at = parents.get(id)?;
    let mut depth = 1;
    while let Some(parent) = at {
        depth += 1;
        if depth > parents.len() {
            return None;
        }
        at = parents.get(parent)?;
    }
    Some(depth)
}

/// Whether a context comes to lie in itself.
pub(super) fn goes_round(id: &ContextId, parents: &BTreeMap<ContextId, Option<ContextId>>) -> bool {
    let mut at = parents.get(id).and_then(Option::as_ref);
    for _ in 0..parents.len() {
        match at {
            Some(parent) if parent == id => return true,
            Some(parent) => at = parents.get(parent).and_then(Option::as_ref),
            None => return false,
        }
    }
    false
}

/// People by id and by user name.
struct People<'a> {
    by_id: HashMap<&'a str, &'a CurrentUser>,
    by_name: HashMap<&'a str, &'a CurrentUser>,
}

impl<'a> People<'a> {
    fn of(users: &'a [CurrentUser]) -> Self {
        Self {
            by_id: users.iter().map(|found| (found.user.id.as_str(), found)).collect(),
            by_name: users.iter().map(|found| (found.user.user_name_key.as_str(), found)).collect(),
        }
    }

    fn user(&self, name: &str) -> Option<&'a CurrentUser> {
        let by_name = || UserName::parse(name).ok().and_then(|name| self.by_name.get(name.key()));
        self.by_id.get(name).or_else(by_name).copied()
    }

    fn find(&self, name: &str) -> Option<&'a UserId> {
        self.user(name).map(|found| &found.user.id)
    }

    /// The user name, for an id or a name however it is written.
    fn name(&self, name: &str) -> String {
        self.user(name).map_or_else(|| name.to_owned(), |found| found.user.user_name.clone())
    }
}
