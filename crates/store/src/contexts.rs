//! Contexts: what people have roles in. Those that were removed keep their row until nothing names it.

use doorward_core::Timestamp;
use doorward_core::id::{ContextId, ContextKey, TenantId};
use doorward_core::model::Context;

use crate::object::{Put, json, versioned};
use crate::statement::{joined, repeated, statements};
use crate::users::ASKED;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Creates a context. Conflict: one that stands has its id or external id.
    pub(crate) CONTEXT_INSERT = tenant
        "INSERT INTO contexts (
             tenant, key, data, disabled_at, external_id, external_version, version, updated_at, id, ancestor1, ancestor2,
             ancestor3, depth, created_at
         ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// Gives back the id and external id of what lies in a context that was removed.
    pub(crate) CONTEXTS_GIVE_BACK = tenant
        "UPDATE contexts SET removed_at = $4
         WHERE tenant = $1 AND (id = $2 OR external_id = $3) AND removed_at IS NULL
             AND depth <>", ABOVE_THAT_STAND;
    /// Replaces a context at a version.
    pub(crate) CONTEXT_UPDATE = tenant
        "UPDATE contexts SET
             data = $3,
             disabled_at = $4,
             external_id = $5,
             external_version = $6,
             version = $7,
             updated_at = $8
         WHERE tenant = $1 AND key = $2 AND version = $9 AND removed_at IS NULL";
    /// Removes a context at a version, with all below it.
    pub(crate) CONTEXT_REMOVE = tenant
        "UPDATE contexts SET removed_at = $4, version = version + 1
         WHERE tenant = $1 AND key = $2 AND version = $3 AND removed_at IS NULL";
    /// A context that stands, with all above it.
    pub(crate) CONTEXT = tenant
        "SELECT", COLUMNS, "FROM contexts WHERE contexts.tenant = $1 AND contexts.id = $2 AND", STANDS;
    /// A context that stands, with all above it, by its id in the system that brings contexts in.
    pub(crate) CONTEXT_BY_EXTERNAL_ID = tenant
        "SELECT", COLUMNS, "FROM contexts WHERE contexts.tenant = $1 AND contexts.external_id = $2 AND", STANDS;
    /// Of the contexts that a person belongs to and that are on, the topmost; of several, the oldest.
    pub(crate) CONTEXT_TOP_OF = tenant
        "SELECT", COLUMNS, "FROM memberships
         JOIN contexts ON contexts.tenant = memberships.tenant AND contexts.key = memberships.context_key
         WHERE memberships.tenant = $1 AND memberships.user_id = $2 AND", IS_ON,
        "ORDER BY contexts.depth, contexts.key LIMIT 1";
    /// Contexts that stand with all above them, in order of id, from the one after `$2`.
    pub(crate) CONTEXTS_OF = tenant
        "SELECT", COLUMNS, "FROM contexts WHERE contexts.tenant = $1 AND contexts.id > $2 AND", STANDS,
        "ORDER BY contexts.id LIMIT $3";
    /// Contexts that lie directly in one, in order of id, from the one after `$3`.
    pub(crate) CONTEXTS_IN = tenant
        "SELECT", COLUMNS, "FROM contexts
         WHERE contexts.tenant = $1 AND contexts.ancestor1 = $2 AND contexts.id > $3 AND contexts.removed_at IS NULL
         ORDER BY contexts.id LIMIT $4";
    /// Contexts that are on with all above them, in order of id.
    pub(crate) CONTEXTS_ON = tenant
        "SELECT", COLUMNS, "FROM contexts WHERE contexts.tenant = $1 AND", IS_ON, "ORDER BY contexts.id LIMIT $2";
    /// A context and all below it that are on with all above them, in order of id.
    pub(crate) CONTEXTS_ON_BELOW = tenant
        "WITH RECURSIVE below (key) AS (
             SELECT contexts.key FROM contexts WHERE contexts.tenant = $1 AND contexts.key = $2
             UNION
             SELECT contexts.key FROM contexts JOIN below ON contexts.ancestor1 = below.key
             WHERE contexts.tenant = $1 AND contexts.removed_at IS NULL
         )
         SELECT", COLUMNS, "FROM below JOIN contexts ON contexts.key = below.key
         WHERE contexts.tenant = $1 AND", IS_ON, "ORDER BY contexts.id LIMIT $3";
    /// Contexts that stand with all above them, by their ids in the system that brings them in.
    pub(crate) CONTEXTS_EXTERNAL = tenant
        "SELECT", COLUMNS, "FROM contexts WHERE contexts.tenant = $1 AND", STANDS,
        "AND contexts.external_id IN (", repeated!("$", ASKED, from 2), ")";
    /// Contexts that stand with all above them, by id.
    pub(crate) CONTEXTS_WITH_ID = tenant
        "SELECT", COLUMNS, "FROM contexts WHERE contexts.tenant = $1 AND", STANDS,
        "AND contexts.id IN (", repeated!("$", ASKED, from 2), ")";
}

/// The columns that [`context`] reads.
const COLUMNS: &str = "
    contexts.key,
    contexts.data,
    contexts.ancestor1,
    contexts.ancestor2,
    contexts.ancestor3,
    contexts.disabled_at,
    contexts.removed_at,
    contexts.external_id,
    contexts.external_version,
    contexts.version,
    contexts.created_at,
    contexts.updated_at";
/// It was not removed, nor was anything above it.
pub(crate) const STANDS: &str = joined!("contexts.removed_at IS NULL AND contexts.depth =", ABOVE_THAT_STAND);
/// It is switched on and stands, and so is all above it.
pub(crate) const IS_ON: &str = "
    (contexts.removed_at IS NULL AND contexts.disabled_at IS NULL AND contexts.depth = (
         SELECT COUNT(*) FROM contexts AS above
         WHERE above.key IN (contexts.ancestor1, contexts.ancestor2, contexts.ancestor3)
             AND above.removed_at IS NULL AND above.disabled_at IS NULL
    ))";
/// How many of those above it stand.
pub(crate) const ABOVE_THAT_STAND: &str = "(
    SELECT COUNT(*) FROM contexts AS above
    WHERE above.key IN (contexts.ancestor1, contexts.ancestor2, contexts.ancestor3) AND above.removed_at IS NULL
)";

/// What is made frees its names first from what is dead.
pub(crate) fn put(context: &Context) -> Result<Vec<Write>, Fault> {
    let stored = Context { version: context.version + 1, ..context.clone() };
    let data = json("context", &stored)?;
    let ancestor = |at: usize| context.ancestors.get(at).map(|key| key.0).into();
    let free = (context.version == 0).then(|| {
        let params = vec![
            context.tenant.as_str().into(),
            context.id.as_str().into(),
            context.external_id.clone().into(),
            context.updated_at.into(),
        ];
        Write::new(&CONTEXTS_GIVE_BACK, Expect::Any, params)
    });
    let put = versioned(
        Put { insert: &CONTEXT_INSERT, update: &CONTEXT_UPDATE, version: context.version },
        vec![
            context.tenant.as_str().into(),
            context.key.0.into(),
            data.into(),
            context.disabled_at.into(),
            context.external_id.clone().into(),
            context.external_version.into(),
            stored.version.into(),
            context.updated_at.into(),
        ],
        vec![
            context.id.as_str().into(),
            ancestor(0),
            ancestor(1),
            ancestor(2),
            i64::try_from(context.ancestors.len()).unwrap_or(i64::MAX).into(),
            context.created_at.into(),
        ],
    );
    Ok(free.into_iter().chain([put]).collect())
}

pub(crate) fn remove(tenant: &TenantId, key: ContextKey, version: i64, now: Timestamp) -> Write {
    let params = vec![tenant.as_str().into(), key.0.into(), version.into(), now.into()];
    Write::new(&CONTEXT_REMOVE, Expect::One, params)
}

/// The context of the next twelve columns.
pub(crate) fn context(row: &mut Row) -> Result<Context, Fault> {
    let key = ContextKey(row.int()?);
    let context: Context = row.json()?;
    let above = [row.opt_int()?, row.opt_int()?, row.opt_int()?];
    Ok(Context {
        key,
        ancestors: above.into_iter().flatten().map(ContextKey).collect(),
        disabled_at: row.opt_time()?,
        removed_at: row.opt_time()?,
        external_id: row.opt_text()?,
        external_version: row.opt_int()?,
        version: row.int()?,
        created_at: row.time()?,
        updated_at: row.time()?,
        ..context
    })
}

impl Store {
    /// A context that stands, with all above it.
    pub async fn context(&self, tenant: &TenantId, id: &ContextId) -> Result<Option<Context>, Fault> {
        self.one(&CONTEXT, &[tenant.as_str().into(), id.as_str().into()], context).await
    }

    /// A context that stands, with all above it, by its id in the system that brings contexts in.
    pub async fn context_by_external_id(
        &self,
        tenant: &TenantId,
        external_id: &str,
    ) -> Result<Option<Context>, Fault> {
        let params = [tenant.as_str().into(), external_id.into()];
        let rows = self.driver().read(&CONTEXT_BY_EXTERNAL_ID, &params).await?;
        rows.into_iter().next().map(|mut row| context(&mut row)).transpose()
    }

    /// At most `limit` contexts of a tenant that stand, in order of id, from the one after `after`.
    pub async fn contexts(
        &self,
        tenant: &TenantId,
        after: Option<&ContextId>,
        limit: i64,
    ) -> Result<Vec<Context>, Fault> {
        let after = after.map_or("", ContextId::as_str);
        let params = [tenant.as_str().into(), after.into(), limit.into()];
        self.list(&CONTEXTS_OF, &params, context).await
    }

    /// At most `limit` contexts that are on with all above them, in order of id.
    pub async fn contexts_on(&self, tenant: &TenantId, limit: i64) -> Result<Vec<Context>, Fault> {
        self.list(&CONTEXTS_ON, &[tenant.as_str().into(), limit.into()], context).await
    }

    /// The same of a context and all below it.
    pub async fn contexts_on_below(
        &self,
        tenant: &TenantId,
        key: ContextKey,
        limit: i64,
    ) -> Result<Vec<Context>, Fault> {
        let params = [tenant.as_str().into(), key.0.into(), limit.into()];
        self.list(&CONTEXTS_ON_BELOW, &params, context).await
    }

    /// At most `limit` contexts that lie directly in one, in order of id, from the one after `after`.
    pub async fn contexts_in(
        &self,
        tenant: &TenantId,
        parent: ContextKey,
        after: Option<&ContextId>,
        limit: i64,
    ) -> Result<Vec<Context>, Fault> {
        let after = after.map_or("", ContextId::as_str);
        let params = [tenant.as_str().into(), parent.0.into(), after.into(), limit.into()];
        self.list(&CONTEXTS_IN, &params, context).await
    }
}
