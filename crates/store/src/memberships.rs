//! Memberships, and assignments: the roles of people, in contexts and in the whole tenant.

use doorward_core::id::{ContextKey, RoleKey, TenantId, UserId};
use doorward_core::model::{Assignment, Membership};

use crate::contexts::STANDS;
use crate::statement::{columns_of, joined, repeated, statements};
use crate::users::ASKED;
use crate::value::{Row, Value};
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Creates a membership. Conflict: there is one.
    pub(crate) MEMBERSHIP_INSERT = tenant
        "INSERT INTO memberships (", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6)";
    /// Replaces a membership at a version.
    pub(crate) MEMBERSHIP_UPDATE = tenant
        "UPDATE memberships SET external_version = $4, version = $5
         WHERE tenant = $1 AND user_id = $2 AND context_key = $3 AND version = $6";
    /// Removes a membership at a version.
    pub(crate) MEMBERSHIP_DELETE = tenant
        "DELETE FROM memberships WHERE tenant = $1 AND user_id = $2 AND context_key = $3 AND version = $4";
    /// Removes a person's memberships.
    pub(crate) MEMBERSHIPS_DELETE_USER = tenant "DELETE FROM memberships WHERE tenant = $1 AND user_id = $2";
    /// Takes all roles that a person has in a context.
    pub(crate) ASSIGNMENTS_DELETE = tenant
        "DELETE FROM assignments WHERE tenant = $1 AND user_id = $2 AND context_key = $3";
    /// Takes all roles of a person.
    pub(crate) ASSIGNMENTS_DELETE_USER = tenant "DELETE FROM assignments WHERE tenant = $1 AND user_id = $2";
    /// Gives a role; one that they have stays as it is.
    pub(crate) ASSIGNMENT_INSERT = tenant
        "INSERT INTO assignments (", ASSIGNED, ") VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, user_id, context_key, role_key) DO NOTHING";
    /// Takes a role.
    pub(crate) ASSIGNMENT_DELETE = tenant
        "DELETE FROM assignments WHERE tenant = $1 AND user_id = $2 AND context_key = $3 AND role_key = $4";
    /// Memberships in contexts that stand, by person, from the one after `$2` and `$3`.
    pub(crate) MEMBERSHIPS = tenant
        "SELECT", WITH_CONTEXT,
        "WHERE memberships.tenant = $1 AND (memberships.user_id, memberships.context_key) > ($2, $3) AND", STANDS,
        "ORDER BY memberships.user_id, memberships.context_key LIMIT $4";
    /// Memberships of a person in contexts that stand, from the one after `$3`.
    pub(crate) MEMBERSHIPS_OF = tenant
        "SELECT", WITH_CONTEXT,
        "WHERE memberships.tenant = $1 AND memberships.user_id = $2 AND memberships.context_key > $3 AND", STANDS,
        "ORDER BY memberships.context_key LIMIT $4";
    /// Memberships in a context, from the person after `$3`.
    pub(crate) MEMBERS_OF = tenant
        "SELECT", WITH_CONTEXT,
        "WHERE memberships.tenant = $1 AND memberships.context_key = $2 AND memberships.user_id > $3 AND", STANDS,
        "ORDER BY memberships.user_id LIMIT $4";
    /// A membership in a context that stands.
    pub(crate) MEMBERSHIP = tenant
        "SELECT", WITH_CONTEXT,
        "WHERE memberships.tenant = $1 AND memberships.user_id = $2 AND memberships.context_key = $3 AND", STANDS;
    /// Assignments of roles that exist, by person, from the one after `$2`, `$3` and `$4`.
    pub(crate) ASSIGNMENTS = tenant
        "SELECT", WITH_ROLE,
        "WHERE assignments.tenant = $1
             AND (assignments.user_id, assignments.context_key, assignments.role_key) > ($2, $3, $4)
         ORDER BY assignments.user_id, assignments.context_key, assignments.role_key
         LIMIT $5";
    /// Assignments of a person.
    pub(crate) ASSIGNMENTS_OF = tenant
        "SELECT", WITH_ROLE,
        "WHERE assignments.tenant = $1 AND assignments.user_id = $2
         ORDER BY assignments.context_key, assignments.role_key";
    /// What people have been given.
    pub(crate) ASSIGNMENTS_OF_MANY = tenant
        "SELECT", WITH_ROLE,
        "WHERE assignments.tenant = $1 AND assignments.user_id IN (", repeated!("$", ASKED, from 2), ")
         ORDER BY assignments.user_id, assignments.context_key, assignments.role_key";
}

/// The columns of a membership's row.
const COLUMNS: &str = "tenant, user_id, context_key, external_version, version, created_at";
/// What [`membership`] reads.
const WITH_CONTEXT: &str = joined!(
    columns_of!("memberships", COLUMNS),
    ", contexts.id
     FROM memberships
     JOIN contexts ON contexts.tenant = memberships.tenant AND contexts.key = memberships.context_key"
);
/// The columns of an assignment's row.
const ASSIGNED: &str = "tenant, user_id, context_key, role_key, created_at";
/// What [`assignment`] reads.
const WITH_ROLE: &str = joined!(
    columns_of!("assignments", ASSIGNED),
    ", roles.id
     FROM assignments
     JOIN roles ON roles.tenant = assignments.tenant AND roles.key = assignments.role_key"
);

pub(crate) fn put(membership: &Membership) -> Write {
    let mut params = vec![
        membership.tenant.as_str().into(),
        membership.user.as_str().into(),
        membership.context.0.into(),
        membership.external_version.into(),
        (membership.version + 1).into(),
    ];
    let statement = if membership.version == 0 {
        params.push(membership.created_at.into());
        &MEMBERSHIP_INSERT
    } else {
        params.push(membership.version.into());
        &MEMBERSHIP_UPDATE
    };
    Write::new(statement, Expect::One, params)
}

pub(crate) fn remove(tenant: &TenantId, user: &UserId, context: ContextKey, version: i64) -> [Write; 2] {
    let of = || vec![tenant.as_str().into(), user.as_str().into(), context.0.into()];
    let mut at_version = of();
    at_version.push(version.into());
    [
        Write::new(&MEMBERSHIP_DELETE, Expect::One, at_version),
        Write::new(&ASSIGNMENTS_DELETE, Expect::Any, of()),
    ]
}

pub(crate) fn assign(assignment: &Assignment) -> Write {
    let params = vec![
        assignment.tenant.as_str().into(),
        assignment.user.as_str().into(),
        place(assignment.context).into(),
        assignment.role.0.into(),
        assignment.created_at.into(),
    ];
    Write::new(&ASSIGNMENT_INSERT, Expect::AtMostOne, params)
}

pub(crate) fn unassign(
    tenant: &TenantId,
    user: &UserId,
    context: Option<ContextKey>,
    role: RoleKey,
) -> Write {
    let params = vec![tenant.as_str().into(), user.as_str().into(), place(context).into(), role.0.into()];
    Write::new(&ASSIGNMENT_DELETE, Expect::AtMostOne, params)
}

/// A context's key as assignments have it.
fn place(context: Option<ContextKey>) -> i64 {
    context.map_or(WHOLE_TENANT, |key| key.0)
}

pub(crate) fn membership(row: &mut Row) -> Result<Membership, Fault> {
    Ok(Membership {
        tenant: row.text()?.into(),
        user: row.text()?.into(),
        context: ContextKey(row.int()?),
        external_version: row.opt_int()?,
        version: row.int()?,
        created_at: row.time()?,
        context_id: row.text()?.into(),
    })
}

pub(crate) fn assignment(row: &mut Row) -> Result<Assignment, Fault> {
    Ok(Assignment {
        tenant: row.text()?.into(),
        user: row.text()?.into(),
        context: Some(row.int()?).filter(|key| *key != WHOLE_TENANT).map(ContextKey),
        role: RoleKey(row.int()?),
        created_at: row.time()?,
        role_id: row.text()?.into(),
    })
}

impl Store {
    /// At most `limit` memberships of a tenant in contexts that stand, by person, from the one after `after`.
    pub async fn memberships(
        &self,
        tenant: &TenantId,
        after: Option<(&UserId, ContextKey)>,
        limit: i64,
    ) -> Result<Vec<Membership>, Fault> {
        let (user, context) = after.map_or(("", 0), |(user, context)| (user.as_str(), context.0));
        let params = [tenant.as_str().into(), user.into(), context.into(), limit.into()];
        self.list(&MEMBERSHIPS, &params, membership).await
    }

    /// At most `limit` memberships of a person, from the one after `after`.
    pub async fn memberships_of(
        &self,
        tenant: &TenantId,
        user: &UserId,
        after: Option<ContextKey>,
        limit: i64,
    ) -> Result<Vec<Membership>, Fault> {
        let after = after.map_or(0, |key| key.0);
        let params = [tenant.as_str().into(), user.as_str().into(), after.into(), limit.into()];
        self.list(&MEMBERSHIPS_OF, &params, membership).await
    }

    /// At most `limit` memberships in a context, from the person after `after`.
    pub async fn members_of(
        &self,
        tenant: &TenantId,
        context: ContextKey,
        after: Option<&UserId>,
        limit: i64,
    ) -> Result<Vec<Membership>, Fault> {
        let after = after.map_or("", UserId::as_str);
        let params = [tenant.as_str().into(), context.0.into(), after.into(), limit.into()];
        self.list(&MEMBERS_OF, &params, membership).await
    }

    /// At most `limit` assignments of a tenant, by person, from the one after `after`.
    pub async fn assignments(
        &self,
        tenant: &TenantId,
        after: Option<&Assignment>,
        limit: i64,
    ) -> Result<Vec<Assignment>, Fault> {
        let (user, context, role) =
            after.map_or(("", 0, 0), |after| (after.user.as_str(), place(after.context), after.role.0));
        let params = [tenant.as_str().into(), user.into(), context.into(), role.into(), limit.into()];
        self.list(&ASSIGNMENTS, &params, assignment).await
    }

    /// All assignments of a person.
    pub async fn assignments_of(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Assignment>, Fault> {
        let params = [tenant.as_str().into(), user.as_str().into()];
        self.list(&ASSIGNMENTS_OF, &params, assignment).await
    }

    /// All assignments of each of these people, in their order.
    pub async fn assignments_of_all(
        &self,
        tenant: &TenantId,
        users: &[UserId],
    ) -> Result<Vec<Vec<Assignment>>, Fault> {
        let asked: Vec<[Value; 2]> =
            users.iter().map(|user| [tenant.as_str().into(), user.as_str().into()]).collect();
        let queries: Vec<_> = asked.iter().map(|params| (&ASSIGNMENTS_OF, params.as_slice())).collect();
        let answers = self.driver().read_all(&queries).await?;
        answers.into_iter().map(|mut rows| rows.iter_mut().map(assignment).collect()).collect()
    }
}

/// The context's key of a role in the whole tenant.
const WHOLE_TENANT: i64 = 0;
