//! Empties the tables of who belonged where: contexts that lie in one that was removed are marked as removed themselves; memberships
//! and roles that hang on nothing any longer go, by a slow sweep over the people who have them.

use doorward_core::Timestamp;

use super::reaper::{remove, sweep};
use crate::Fault;
use crate::contexts::ABOVE_THAT_STAND;
use crate::driver::Driver;
use crate::statement::{Statement, statements};
use crate::value::Value;

statements! {
    /// The end of the next slice of contexts.
    pub(crate) SLICE_CONTEXTS = server("the reaper serves every tenant")
        "SELECT MAX(key) AS id FROM (SELECT key FROM contexts WHERE key > $1 ORDER BY key LIMIT 500) AS slice";
    /// Marks those of a slice as removed that lie in one that is.
    pub(crate) MARK_CONTEXTS = server("the reaper serves every tenant")
        "UPDATE contexts SET removed_at = $3 WHERE key > $1 AND key <= $2 AND removed_at IS NULL
         AND depth <>", ABOVE_THAT_STAND;
    /// Removes those of a slice that were removed, and that nothing lies in any longer.
    pub(crate) REAP_CONTEXTS = server("the reaper serves every tenant")
        "DELETE FROM contexts WHERE key > $1 AND key <= $2 AND removed_at <= $3
         AND NOT EXISTS (SELECT 1 FROM contexts AS child WHERE child.ancestor1 = contexts.key)";
    /// The next people who belong somewhere.
    pub(crate) SLICE_MEMBERSHIPS = server("the reaper serves every tenant")
        "SELECT tenant, user_id FROM memberships WHERE (tenant, user_id) > ($1, $2) ORDER BY tenant, user_id LIMIT 500";
    /// Removes what they belong to no longer, and what was written for who was being removed.
    pub(crate) REAP_MEMBERSHIPS = server("the reaper serves every tenant")
        "DELETE FROM memberships WHERE (tenant, user_id) > ($1, $2) AND (tenant, user_id) <= ($3, $4)
         AND (
             NOT EXISTS (
                 SELECT 1 FROM contexts WHERE contexts.key = memberships.context_key AND contexts.removed_at IS NULL
             )
             OR NOT EXISTS (
                 SELECT 1 FROM users WHERE users.tenant = memberships.tenant AND users.id = memberships.user_id
             )
         )";
    /// The next people who have roles.
    pub(crate) SLICE_ASSIGNMENTS = server("the reaper serves every tenant")
        "SELECT tenant, user_id FROM assignments WHERE (tenant, user_id) > ($1, $2) ORDER BY tenant, user_id LIMIT 500";
    /// Removes those whose role or person is gone, or that were given where the person does not belong.
    pub(crate) REAP_ASSIGNMENTS = server("the reaper serves every tenant")
        "DELETE FROM assignments WHERE (tenant, user_id) > ($1, $2) AND (tenant, user_id) <= ($3, $4)
         AND (
             NOT EXISTS (SELECT 1 FROM roles WHERE roles.key = assignments.role_key)
             OR NOT EXISTS (
                 SELECT 1 FROM users WHERE users.tenant = assignments.tenant AND users.id = assignments.user_id
             )
             OR (assignments.context_key <> 0 AND NOT EXISTS (
                 SELECT 1 FROM memberships
                 WHERE memberships.tenant = assignments.tenant AND memberships.user_id = assignments.user_id
                     AND memberships.context_key = assignments.context_key
             ))
         )";
}

/// Where the sweeps stand.
#[derive(Debug, Default)]
pub(super) struct Belonging {
    marked: i64,
    contexts: i64,
    memberships: (String, String),
    assignments: (String, String),
}

impl Belonging {
    /// One slice of each sweep; answers how many rows went. `dead` is the time before which what was removed may be forgotten.
    pub(super) async fn run_once(
        &mut self,
        driver: &Driver,
        now: Timestamp,
        dead: Timestamp,
    ) -> Result<u64, Fault> {
        sweep(driver, &SLICE_CONTEXTS, &MARK_CONTEXTS, &mut self.marked, now).await?;
        let mut removed =
            people(driver, &SLICE_MEMBERSHIPS, &REAP_MEMBERSHIPS, &mut self.memberships).await?;
        removed += people(driver, &SLICE_ASSIGNMENTS, &REAP_ASSIGNMENTS, &mut self.assignments).await?;
        removed += sweep(driver, &SLICE_CONTEXTS, &REAP_CONTEXTS, &mut self.contexts, dead).await?;
        Ok(removed)
    }
}

/// One slice by tenant and person, from `cursor` on; at the end it begins anew.
async fn people(
    driver: &Driver,
    slice: &'static Statement,
    reap: &'static Statement,
    cursor: &mut (String, String),
) -> Result<u64, Fault> {
    let from: [Value; 2] = [cursor.0.as_str().into(), cursor.1.as_str().into()];
    let Some(mut last) = driver.read(slice, &from).await?.pop() else {
        *cursor = Default::default();
        return Ok(0);
    };
    let end = (last.text()?, last.text()?);
    let params = from.into_iter().chain([end.0.as_str().into(), end.1.as_str().into()]).collect();
    let removed = remove(driver, reap, params).await?;
    *cursor = end;
    Ok(removed)
}
