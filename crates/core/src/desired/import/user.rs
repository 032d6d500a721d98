//! People.

use super::record::{Key, Person};
use super::work::{Slot, Work, against};
use super::{Did, Outcome};
use crate::Ctx;
use crate::admin::authority::Becomes;
use crate::admin::last::Loss;
use crate::admin::{Access, Area, authority};
use crate::desired::user::fresh_id;
use crate::desired::{CurrentUser, UserSpec};
use crate::id::{TenantId, UserId};
use crate::keys::TenantKeys;
use crate::model::tombstone::ExternalKind;
use crate::model::{Assignment, Credential};
use doorward_crypto::base64url;

impl Work<'_> {
    pub(super) fn put_user(&mut self, key: &Key, person: &Person, ctx: &mut Ctx<'_>) -> Result<Did, Outcome> {
        self.rights().allow(self.batch.tenant, Area::Users, Access::Write)?;
        let known = self.users_by_external.get(&key.id).copied();
        if let Some(found) = known.and_then(|at| self.users[at].now.as_ref()) {
            if let Some(did) = against(key.version, found.user.external_version) {
                return Ok(did);
            }
        } else if self.is_buried(ExternalKind::User, &key.id, key.version) {
            return Ok(Did::Ignored);
        }
        let at = self.meant(known, person.spec.id.as_ref())?;
        let before = at.and_then(|at| self.users[at].now.clone());
        if let Some(before) = &before {
            authority::over_user(before, &self.roles, self.rights())?;
        }
        self.names_are_free(person, before.as_ref().map(|found| &found.user.id))?;
        self.may_give(person.spec.roles.iter().flatten())?;
        let now = self.desired(person, before.as_ref(), ctx);
        self.harms_nobody(before.as_ref(), Some(&now))?;
        self.spares(before.as_ref(), Some(&now))?;
        self.enter(&now, before.as_ref());
        match at {
            Some(at) => {
                self.users_by_external.insert(key.id.clone(), at);
                self.users[at].now = Some(now);
                Ok(Did::Updated)
            }
            None => {
                self.users_by_external.insert(key.id.clone(), self.users.len());
                self.users_by_id.insert(now.user.id.clone(), self.users.len());
                self.users.push(Slot { before: None, now: Some(now) });
                Ok(Did::Created)
            }
        }
    }

    pub(super) fn remove_user(&mut self, key: &Key) -> Result<Did, Outcome> {
        self.rights().allow(self.batch.tenant, Area::Users, Access::Write)?;
        let Some(at) = self.users_by_external.get(&key.id).copied() else {
            self.bury(ExternalKind::User, &key.id, key.version);
            return Ok(Did::Unchanged);
        };
        let Some(found) = &self.users[at].now else { return Ok(Did::Unchanged) };
        if found.user.external_version.is_some_and(|stored| stored > key.version) {
            return Ok(Did::Ignored);
        }
        authority::over_user(found, &self.roles, self.rights())?;
        self.harms_nobody(Some(found), None)?;
        self.spares(Some(found), None)?;
        let id = found.user.id.clone();
        self.owners.retain(|_, owner| *owner != id);
        self.users_by_external.remove(&key.id);
        self.users_by_id.remove(&id);
        self.users[at].now = None;
        self.forget_memberships(|membership| membership.user == id);
        self.bury(ExternalKind::User, &key.id, key.version);
        Ok(Did::Removed)
    }

    /// Nobody locks themselves out by a slip.
    fn harms_nobody(&self, before: Option<&CurrentUser>, now: Option<&CurrentUser>) -> Result<(), Outcome> {
        let becomes = now.map(|now| Becomes {
            is_closed: now.user.disabled_at.is_some() || now.user.locked_at.is_some(),
            administers: now.user.administrator_since.is_some(),
        });
        let harm = before.and_then(|before| authority::harm(self.batch.actor, &before.user, becomes));
        harm.map_or(Ok(()), |why| Err(Outcome::one("", why)))
    }

    /// The last administrator stays.
    fn spares(&self, before: Option<&CurrentUser>, now: Option<&CurrentUser>) -> Result<(), Outcome> {
        let takes = || Loss::of_people(self.batch.tenant, &self.roles, [(before, now)]).is_any();
        if self.batch.spares_administrators && takes() {
            return Err(Outcome::one(
                "",
                "nobody else would be left who administers the server or the tenant",
            ));
        }
        Ok(())
    }

    /// Whom the record means: whose id in the other system it has, or whose id here, when nobody else's record claims them.
    fn meant(&self, known: Option<usize>, id: Option<&UserId>) -> Result<Option<usize>, Outcome> {
        let Some(id) = id else { return Ok(known) };
        let named = self.users_by_id.get(id).copied();
        match (known, named) {
            (Some(known), _) if named != Some(known) => {
                Err(Outcome::one("id", "is not the id of the person with this external_id"))
            }
            (None, Some(named)) => {
                let is_claimed =
                    self.users[named].now.as_ref().is_some_and(|found| found.user.external_id.is_some());
                if is_claimed {
                    return Err(Outcome::one("id", "is the id of a person with another external_id"));
                }
                Ok(Some(named))
            }
            _ => Ok(known),
        }
    }

    /// Names and addresses are one namespace of the tenant. Who has one may give it up in a record to come.
    fn names_are_free(&self, person: &Person, own: Option<&UserId>) -> Result<(), Outcome> {
        let taken = |key: &str| self.owners.get(key).is_some_and(|owner| Some(owner) != own);
        if taken(person.names.user_name.key()) {
            return Err(Outcome::not_yet(
                "user_name",
                "is the user name or e-mail address of another person",
            ));
        }
        if person.names.email.as_ref().is_some_and(|email| taken(email.key())) {
            return Err(Outcome::not_yet("email", "is the user name or e-mail address of another person"));
        }
        Ok(())
    }

    fn desired(&self, person: &Person, before: Option<&CurrentUser>, ctx: &mut Ctx<'_>) -> CurrentUser {
        let tenant = self.batch.tenant;
        let mut spec = UserSpec {
            administrator: before.is_some_and(|found| found.user.administrator_since.is_some()),
            ..person.spec.clone()
        };
        let imported = before.and_then(|found| found.user.imported_hash.clone());
        let mut tag = imported.clone();
        if let Some(hash) = &spec.password_hash {
            // The hash that was brought in before: the password may have been changed here since, or hashed anew.
            if imported.as_ref().is_some_and(|tag| is_tag_of(tag, hash, tenant, self.batch.keys)) {
                spec.password_hash = None;
            } else {
                tag = tag_of(hash, tenant, self.batch.keys);
            }
        }
        let filled = spec.filled(before);
        let id = match (before, &filled.id) {
            (None, None) => fresh_id(ctx),
            (None, Some(id)) => id.clone(),
            (Some(found), _) => found.user.id.clone(),
        };
        let mut user = filled.onto(tenant, &person.names, id, before, ctx.now);
        user.imported_hash = tag;
        let stored = before.and_then(|found| found.password.clone());
        let password = match &filled.password_hash {
            Some(hash) if stored.as_ref().map(|credential| &credential.data) != Some(hash) => {
                Some(Credential {
                    tenant: tenant.clone(),
                    user: user.id.clone(),
                    kind: "password".to_owned(),
                    data: hash.clone(),
                    created_at: ctx.now,
                })
            }
            _ => stored,
        };
        let role = |role_id: &crate::id::RoleId| {
            Some(Assignment {
                tenant: tenant.clone(),
                user: user.id.clone(),
                context: None,
                role: *self.role_keys.get(role_id)?,
                role_id: role_id.clone(),
                created_at: ctx.now,
            })
        };
        let roles = filled.roles.iter().flatten().filter_map(role).collect();
        let roles_in_contexts = before.map(|found| found.roles_in_contexts.clone()).unwrap_or_default();
        CurrentUser { user, password, roles, roles_in_contexts }
    }

    /// Takes their names, and gives those back that they had.
    fn enter(&mut self, now: &CurrentUser, before: Option<&CurrentUser>) {
        if let Some(before) = before {
            self.owners.remove(&before.user.user_name_key);
            before.user.email_key.as_ref().map(|key| self.owners.remove(key));
        }
        let id = &now.user.id;
        self.owners.insert(now.user.user_name_key.clone(), id.clone());
        self.owners.extend(now.user.email_key.clone().map(|key| (key, id.clone())));
    }
}

/// What tells a hash that was brought in from others, and tells who holds the database nothing of the password.
fn tag_of(hash: &str, tenant: &TenantId, keys: &TenantKeys) -> Option<String> {
    let (_, key) = keys.newest_mac()?;
    let tag = key.tag(&[LABEL, tenant.as_str().as_bytes(), hash.as_bytes()]);
    Some(base64url::encode(&tag[..TAG]))
}

fn is_tag_of(tag: &str, hash: &str, tenant: &TenantId, keys: &TenantKeys) -> bool {
    let Some(tag) = base64url::decode(tag) else { return false };
    keys.mac.values().any(|key| key.verify(&[LABEL, tenant.as_str().as_bytes(), hash.as_bytes()], &tag))
}

const LABEL: &[u8] = b"imported hash";
const TAG: usize = 16;
