//! Roles, and what a person holds.

use doorward_core::Timestamp;
use doorward_core::id::{ContextId, ContextKey, RoleId, RoleKey, TenantId, UserId};
use doorward_core::model::Role;
use doorward_core::permission::Held;

use crate::object::{Put, json, versioned};
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Creates a role. Conflict: there is one of that id.
    pub(crate) ROLE_INSERT = tenant
        "INSERT INTO roles (tenant, key, data, version, id, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Replaces a role at a version.
    pub(crate) ROLE_UPDATE = tenant
        "UPDATE roles SET data = $3, version = $4 WHERE tenant = $1 AND key = $2 AND version = $5";
    /// Removes a role at a version. Its assignments are dead with it; the reaper takes them away.
    pub(crate) ROLE_DELETE = tenant "DELETE FROM roles WHERE tenant = $1 AND key = $2 AND version = $3";
    /// A tenant's roles.
    pub(crate) ROLES_OF = tenant
        "SELECT", COLUMNS, "FROM roles WHERE tenant = $1 ORDER BY id";
    /// Roles in order of id, from the one after `$2`.
    pub(crate) ROLES_FROM = tenant
        "SELECT", COLUMNS, "FROM roles WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// A role by its id.
    pub(crate) ROLE = tenant
        "SELECT", COLUMNS, "FROM roles WHERE tenant = $1 AND id = $2";
    /// Who has a role, and where, from the one after `$3` and `$4`.
    pub(crate) GIVEN_OF_ROLE = tenant
        "SELECT", GIVEN, "WHERE assignments.tenant = $1 AND assignments.role_key = $2
             AND (assignments.user_id, assignments.context_key) > ($3, $4) AND", COUNTS,
        "ORDER BY assignments.user_id, assignments.context_key LIMIT $5";
    /// The roles of a person, and where, from the one after `$3` and `$4`.
    pub(crate) GIVEN_OF_USER = tenant
        "SELECT", GIVEN, "WHERE assignments.tenant = $1 AND assignments.user_id = $2
             AND (assignments.context_key > $3 OR (assignments.context_key = $3 AND roles.id > $4)) AND", COUNTS,
        "ORDER BY assignments.context_key, roles.id LIMIT $5";
    /// What a person holds: roles that exist, in the whole tenant, and in contexts that they belong to and that stand with all above them.
    pub(crate) HELD = tenant
        "SELECT
             roles.data,
             contexts.id AS context_id
         FROM assignments
         JOIN roles ON roles.tenant = assignments.tenant AND roles.key = assignments.role_key
         LEFT JOIN contexts ON contexts.tenant = assignments.tenant AND contexts.key = assignments.context_key
         LEFT JOIN memberships
             ON memberships.tenant = assignments.tenant AND memberships.user_id = assignments.user_id
             AND memberships.context_key = assignments.context_key
         WHERE assignments.tenant = $1 AND assignments.user_id = $2
             AND (
                 assignments.context_key = 0
                 OR (
                     contexts.removed_at IS NULL AND contexts.disabled_at IS NULL
                     AND contexts.depth = (
                         SELECT COUNT(*) FROM contexts AS above
                         WHERE above.key IN (contexts.ancestor1, contexts.ancestor2, contexts.ancestor3)
                             AND above.removed_at IS NULL AND above.disabled_at IS NULL
                     )
                     AND memberships.version IS NOT NULL
                 )
             )
         ORDER BY assignments.context_key, assignments.role_key";
}

/// A role that somebody has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// Who.
    pub user: UserId,
    /// Which.
    pub role: RoleId,
    /// Where: its key, 0 in the whole tenant.
    pub place: ContextKey,
    /// The context; none: in the whole tenant.
    pub context: Option<ContextId>,
    /// Since when.
    pub created_at: Timestamp,
}

/// A place in the list of those who have a role: who, and where.
pub type Holder = (UserId, ContextKey);

impl Given {
    /// Where the list of those who have the role goes on, as text.
    pub fn holder(&self) -> String {
        format!("{} {}", self.place.0, self.user)
    }

    /// The place that [`Self::holder`] wrote.
    pub fn read_holder(text: &str) -> Option<Holder> {
        let (place, user) = text.split_once(' ')?;
        Some((user.into(), ContextKey(place.parse().ok()?)))
    }
}

/// What [`given`] reads.
const GIVEN: &str = "
    assignments.user_id, roles.id, assignments.context_key, contexts.id AS context_id, assignments.created_at
    FROM assignments
    JOIN roles ON roles.tenant = assignments.tenant AND roles.key = assignments.role_key
    LEFT JOIN contexts
        ON contexts.tenant = assignments.tenant AND contexts.key = assignments.context_key
        AND contexts.removed_at IS NULL";
/// What was given in a context that is gone is gone with it.
const COUNTS: &str = "(assignments.context_key = 0 OR contexts.id IS NOT NULL)";

fn given(row: &mut Row) -> Result<Given, Fault> {
    Ok(Given {
        user: row.text()?.into(),
        role: row.text()?.into(),
        place: ContextKey(row.int()?),
        context: row.opt_text()?.map(Into::into),
        created_at: row.time()?,
    })
}

/// The columns that [`role`] reads.
const COLUMNS: &str = "key, data, version, created_at";

pub(crate) fn put(role: &Role) -> Result<Write, Fault> {
    let stored = Role { version: role.version + 1, ..role.clone() };
    let data = json("role", &stored)?;
    Ok(versioned(
        Put { insert: &ROLE_INSERT, update: &ROLE_UPDATE, version: role.version },
        vec![role.tenant.as_str().into(), role.key.0.into(), data.into(), stored.version.into()],
        vec![role.id.as_str().into(), role.created_at.into()],
    ))
}

pub(crate) fn remove(tenant: &TenantId, key: RoleKey, version: i64) -> Write {
    Write::new(&ROLE_DELETE, Expect::One, vec![tenant.as_str().into(), key.0.into(), version.into()])
}

pub(crate) fn role(row: &mut Row) -> Result<Role, Fault> {
    let key = RoleKey(row.int()?);
    let role: Role = row.json()?;
    Ok(Role { key, version: row.int()?, created_at: row.time()?, ..role })
}

pub(crate) fn held(row: &mut Row) -> Result<Held, Fault> {
    let role: Role = row.json()?;
    Ok(Held {
        role: role.id,
        permissions: role.permissions,
        requires_second_factor: role.requires_second_factor,
        context: row.opt_text()?.map(Into::into),
    })
}

impl Store {
    /// A tenant's roles, in order of id.
    pub async fn roles(&self, tenant: &TenantId) -> Result<Vec<Role>, Fault> {
        self.list(&ROLES_OF, &[tenant.as_str().into()], role).await
    }

    /// At most `limit` roles of a tenant, in order of id, from the one after `after`.
    pub async fn roles_from(&self, tenant: &TenantId, after: &str, limit: i64) -> Result<Vec<Role>, Fault> {
        self.list(&ROLES_FROM, &[tenant.as_str().into(), after.into(), limit.into()], role).await
    }

    /// A role.
    pub async fn role(&self, tenant: &TenantId, id: &RoleId) -> Result<Option<Role>, Fault> {
        self.one(&ROLE, &[tenant.as_str().into(), id.as_str().into()], role).await
    }

    /// At most `limit` of those who have a role, from the one after `after`.
    pub async fn given_of_role(
        &self,
        tenant: &TenantId,
        role: RoleKey,
        after: Option<Holder>,
        limit: i64,
    ) -> Result<Vec<Given>, Fault> {
        let (user, place) = after.unwrap_or_else(|| (UserId(String::new()), ContextKey(-1)));
        let params =
            [tenant.as_str().into(), role.0.into(), user.as_str().into(), place.0.into(), limit.into()];
        self.list(&GIVEN_OF_ROLE, &params, given).await
    }

    /// At most `limit` roles of a person, from the one after `after`.
    pub async fn given_of_user(
        &self,
        tenant: &TenantId,
        user: &UserId,
        after: Option<(ContextKey, RoleId)>,
        limit: i64,
    ) -> Result<Vec<Given>, Fault> {
        let (place, role) = after.unwrap_or_else(|| (ContextKey(-1), RoleId(String::new())));
        let params = [
            tenant.as_str().into(),
            user.as_str().into(),
            place.0.into(),
            role.as_str().into(),
            limit.into(),
        ];
        self.list(&GIVEN_OF_USER, &params, given).await
    }

    /// What a person holds now.
    pub async fn held(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Held>, Fault> {
        self.list(&HELD, &[tenant.as_str().into(), user.as_str().into()], held).await
    }
}
