//! Memberships.

use super::facts::membership_id;
use super::record::{Link, Where, Who};
use super::work::{Slot, Work, against};
use super::{Did, Outcome};
use crate::Ctx;
use crate::admin::{Access, Area};
use crate::desired::CurrentMembership;
use crate::id::{RoleId, UserId};
use crate::model::tombstone::ExternalKind;
use crate::model::{Assignment, Context, Membership};

impl Work<'_> {
    pub(super) fn link(&mut self, link: &Link, ctx: &mut Ctx<'_>) -> Result<Did, Outcome> {
        self.rights().allow(self.batch.tenant, Area::Contexts, Access::Write)?;
        let user = self.who(&link.user)?;
        let context = self.place(&link.context)?;
        let (key, context_id) = (context.key, context.id.clone());
        let name = membership_id(&user, key);
        let at = self.memberships_by_pair.get(&(user.clone(), key)).copied();
        let before = at.and_then(|at| self.memberships[at].now.clone());
        let stored = before.as_ref().map(|found| found.membership.external_version);
        let Some(roles) = &link.roles else {
            if stored.is_some_and(|stored| stored.is_some_and(|stored| stored > link.version)) {
                return Ok(Did::Ignored);
            }
            self.bury(ExternalKind::Membership, &name, link.version);
            let Some(at) = at.filter(|_| before.is_some()) else { return Ok(Did::Unchanged) };
            self.memberships[at].now = None;
            self.memberships_by_pair.remove(&(user, key));
            return Ok(Did::Removed);
        };
        match stored {
            Some(stored) => {
                if let Some(did) = against(link.version, stored) {
                    return Ok(did);
                }
            }
            None if self.is_buried(ExternalKind::Membership, &name, link.version) => return Ok(Did::Ignored),
            None => {}
        }
        self.may_give(roles)?;
        let tenant = self.batch.tenant;
        let known = before.as_ref().map(|found| &found.membership);
        let membership = Membership {
            tenant: tenant.clone(),
            user: user.clone(),
            context: key,
            context_id,
            external_version: Some(link.version),
            version: known.map_or(0, |known| known.version),
            created_at: known.map_or(ctx.now, |known| known.created_at),
        };
        let role = |role_id: &RoleId| {
            Some(Assignment {
                tenant: tenant.clone(),
                user: user.clone(),
                context: Some(key),
                role: *self.role_keys.get(role_id)?,
                role_id: role_id.clone(),
                created_at: ctx.now,
            })
        };
        let now = CurrentMembership { membership, roles: roles.iter().filter_map(role).collect() };
        match at {
            Some(at) => {
                let did = if before.is_some() { Did::Updated } else { Did::Created };
                self.memberships[at].now = Some(now);
                Ok(did)
            }
            None => {
                self.memberships_by_pair.insert((user, key), self.memberships.len());
                self.memberships.push(Slot { before: None, now: Some(now) });
                Ok(Did::Created)
            }
        }
    }

    fn who(&self, who: &Who) -> Result<UserId, Outcome> {
        let there = |at: &usize| self.users[*at].now.as_ref().map(|found| found.user.id.clone());
        let found = match who {
            Who::External(id) => self.users_by_external.get(id).and_then(there),
            Who::Id(id) => self.users_by_id.get(id).and_then(there),
            Who::Name(name) => self.owners.get(name).cloned(),
        };
        let at = if matches!(who, Who::External(_)) { "user_external_id" } else { "user" };
        found.ok_or_else(|| Outcome::not_yet(at, "there is no such person"))
    }

    fn place(&self, place: &Where) -> Result<&Context, Outcome> {
        let (at, member) = match place {
            Where::External(id) => (self.contexts_by_external.get(id), "context_external_id"),
            Where::Id(id) => (self.contexts_by_id.get(id), "context"),
        };
        at.and_then(|at| self.contexts[*at].now.as_ref())
            .ok_or_else(|| Outcome::not_yet(member, "there is no such context"))
    }
}
