//! Who holds a role where it counts, and can act: who could change something there.

use doorward_core::id::{ContextId, ContextKey, RoleKey, TenantId, UserId};
use doorward_core::model::User;

use crate::administrators::PEOPLE;
use crate::contexts::IS_ON;
use crate::roles::Holder;
use crate::statement::statements;
use crate::value::Row;
use crate::{Fault, Store};

statements! {
    /// Who has a role in the whole tenant, or in the context `$3` or above it, from the one after `$4` and `$5`.
    pub(crate) HOLDERS_IN = tenant
        "SELECT", HOLDING, PEOPLE, "AND held.tenant = $1 AND held.role_key = $2
             AND (held.context_key = 0 OR (memberships.version IS NOT NULL AND", IS_ON, "AND EXISTS (
                 SELECT 1 FROM contexts AS place
                 WHERE place.tenant = $1 AND place.key = $3
                     AND held.context_key IN (place.key, place.ancestor1, place.ancestor2, place.ancestor3)
             )))
             AND (held.user_id, held.context_key) > ($4, $5)
         ORDER BY held.user_id, held.context_key LIMIT $6";
    /// The same in what the person `$3` belongs to, above it, or below it.
    pub(crate) HOLDERS_AROUND = tenant
        "SELECT", HOLDING, PEOPLE, "AND held.tenant = $1 AND held.role_key = $2
             AND (held.context_key = 0 OR (memberships.version IS NOT NULL AND", IS_ON, "AND EXISTS (
                 SELECT 1 FROM memberships AS theirs
                 JOIN contexts AS place ON place.tenant = theirs.tenant AND place.key = theirs.context_key
                 WHERE theirs.tenant = $1 AND theirs.user_id = $3 AND (
                     held.context_key IN (place.key, place.ancestor1, place.ancestor2, place.ancestor3)
                     OR place.key IN (contexts.ancestor1, contexts.ancestor2, contexts.ancestor3)
                 )
             )))
             AND (held.user_id, held.context_key) > ($4, $5)
         ORDER BY held.user_id, held.context_key LIMIT $6";
}

/// What [`holding`] reads. Who does not belong to a context has no role there.
const HOLDING: &str = "
    users.data,
    held.context_key,
    contexts.id AS context_id
    FROM assignments AS held
    LEFT JOIN contexts ON contexts.tenant = held.tenant AND contexts.key = held.context_key
    LEFT JOIN memberships
        ON memberships.tenant = held.tenant AND memberships.user_id = held.user_id
        AND memberships.context_key = held.context_key";

/// Where a role must be held to count. In the whole tenant it counts everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach<'a> {
    /// In the whole tenant.
    Tenant,
    /// In a context, or above it.
    Context(ContextKey),
    /// In what a person belongs to, above it, or below it.
    Around(&'a UserId),
}

/// Somebody who has a role where it counts, and can act.
#[derive(Clone, PartialEq, Debug)]
pub struct Holding {
    /// Who.
    pub user: User,
    /// Where: its key, 0 in the whole tenant.
    pub place: ContextKey,
    /// The context; none: in the whole tenant.
    pub context: Option<ContextId>,
}

impl Holding {
    /// Where the list goes on.
    pub fn holder(&self) -> Holder {
        (self.user.id.clone(), self.place)
    }
}

fn holding(row: &mut Row) -> Result<Holding, Fault> {
    Ok(Holding { user: row.json()?, place: ContextKey(row.int()?), context: row.opt_text()?.map(Into::into) })
}

impl Store {
    /// At most `limit` of those who have a role where it counts and can act, in order of id and place, from the one after `after`.
    pub async fn holders_in(
        &self,
        tenant: &TenantId,
        role: RoleKey,
        reach: Reach<'_>,
        after: Option<Holder>,
        limit: i64,
    ) -> Result<Vec<Holding>, Fault> {
        let (statement, place) = match reach {
            Reach::Tenant => (&HOLDERS_IN, NOWHERE.into()),
            Reach::Context(key) => (&HOLDERS_IN, key.0.into()),
            Reach::Around(user) => (&HOLDERS_AROUND, user.as_str().into()),
        };
        let (user, after) = after.unwrap_or_else(|| (UserId(String::new()), ContextKey(-1)));
        let params = [
            tenant.as_str().into(),
            role.0.into(),
            place,
            user.as_str().into(),
            after.0.into(),
            limit.into(),
        ];
        self.list(statement, &params, holding).await
    }
}

/// No context's key.
const NOWHERE: i64 = -1;
