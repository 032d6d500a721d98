//! What an import asks, many at once, and tombstones.
//!
//! A list of names is asked for in parts of as many as [`ASKED`] says, so that one text is prepared once and serves any number; the
//! last part is filled with its last name.

use std::collections::HashMap;

use doorward_core::Timestamp;
use doorward_core::desired::import::facts::membership_id;
use doorward_core::desired::import::{Found, Record, Wanted};
use doorward_core::desired::{CurrentMembership, CurrentUser};
use doorward_core::id::{TenantId, UserId};
use doorward_core::model::{Assignment, ExternalKind, Tombstone};

use crate::contexts::{CONTEXTS_EXTERNAL, CONTEXTS_WITH_ID};
use crate::memberships::{ASSIGNMENTS_OF_MANY, MEMBERSHIP};
use crate::statement::{Statement, repeated, statements};
use crate::users::{ASKED, NAME_OWNERS, USERS_EXTERNAL, USERS_WITH_ID};
use crate::value::{Row, Value};
use crate::write::{Expect, Write};
use crate::{Fault, Store, contexts, memberships, users};

statements! {
    /// What was removed of a kind, at which version.
    pub(crate) TOMBSTONES = tenant
        "SELECT external_id, version FROM external_tombstones WHERE tenant = $1 AND kind = $2 AND external_id IN (",
        repeated!("$", ASKED, from 3), ")";
    /// Remembers that an object was removed, unless something newer is remembered.
    pub(crate) TOMBSTONE_PUT = tenant
        "INSERT INTO external_tombstones (tenant, kind, external_id, version, removed_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, kind, external_id) DO UPDATE SET version = excluded.version, removed_at = excluded.removed_at
         WHERE external_tombstones.version < excluded.version";
    /// Forgets old tombstones.
    pub(crate) TOMBSTONES_FORGET = server("the reaper serves every tenant")
        "DELETE FROM external_tombstones WHERE (tenant, kind, external_id) IN (
             SELECT tenant, kind, external_id FROM external_tombstones WHERE removed_at < $1 LIMIT 500
         )";
}

pub(crate) fn bury(tombstone: &Tombstone) -> Write {
    let params = vec![
        tombstone.tenant.as_str().into(),
        tombstone.kind.as_str().into(),
        tombstone.external_id.as_str().into(),
        tombstone.version.into(),
        tombstone.removed_at.into(),
    ];
    Write::new(&TOMBSTONE_PUT, Expect::AtMostOne, params)
}

/// Queries of one statement, for all names in parts.
struct Parts(Vec<(&'static Statement, Vec<Value>)>);

impl Parts {
    /// Asks `statement`, whose parameters begin with `first`; the range of its queries.
    fn ask<'a>(
        &mut self,
        statement: &'static Statement,
        first: &[&str],
        names: impl IntoIterator<Item = &'a str>,
    ) -> std::ops::Range<usize> {
        let start = self.0.len();
        let names: Vec<&str> = names.into_iter().collect();
        for part in names.chunks(ASKED) {
            let last = part.last().into_iter().copied().cycle();
            let filled = part.iter().copied().chain(last).take(ASKED);
            self.0.push((statement, first.iter().copied().chain(filled).map(Value::from).collect()));
        }
        start..self.0.len()
    }

    async fn answers(&self, store: &Store) -> Result<Vec<Vec<Row>>, Fault> {
        let queries: Vec<_> =
            self.0.iter().map(|(statement, params)| (*statement, params.as_slice())).collect();
        store.driver().read_all(&queries).await
    }
}

impl Store {
    /// What a batch of records must know.
    pub async fn found_for(&self, tenant: &TenantId, records: &[&Record]) -> Result<Found, Fault> {
        let wanted = Wanted::of(records.iter().copied());
        let of = [tenant.as_str()];
        let mut parts = Parts(Vec::new());
        let external = wanted.external_users.iter().map(String::as_str);
        let users = parts.ask(&USERS_EXTERNAL, &of, external.clone());
        let by_id = parts.ask(&USERS_WITH_ID, &of, wanted.users.iter().map(UserId::as_str));
        let owners = parts.ask(&NAME_OWNERS, &of, wanted.names.iter().map(String::as_str));
        let external_contexts = wanted.external_contexts.iter().map(String::as_str);
        let contexts = parts.ask(&CONTEXTS_EXTERNAL, &of, external_contexts.clone());
        let contexts_by_id = parts.ask(&CONTEXTS_WITH_ID, &of, wanted.contexts.iter().map(|id| id.as_str()));
        let of_kind = |kind: ExternalKind| [tenant.as_str(), kind.as_str()];
        let users_gone = parts.ask(&TOMBSTONES, &of_kind(ExternalKind::User), external);
        let contexts_gone = parts.ask(&TOMBSTONES, &of_kind(ExternalKind::Context), external_contexts);
        let mut answers = parts.answers(self).await?;
        let mut found = Found { roles: self.roles(tenant).await?, ..Found::default() };
        let mut seen = std::collections::HashSet::new();
        for mut row in rows(&mut answers, users.chain(by_id)) {
            let facts = users::facts(&mut row)?;
            if seen.insert(facts.user.id.clone()) {
                found.users.push(CurrentUser {
                    user: facts.user,
                    password: facts.password,
                    roles: Vec::new(),
                    roles_in_contexts: Vec::new(),
                });
            }
        }
        for mut row in rows(&mut answers, owners) {
            found.owners.insert(row.text()?, UserId(row.text()?));
        }
        let mut seen = std::collections::HashSet::new();
        for mut row in rows(&mut answers, contexts.chain(contexts_by_id)) {
            let context = contexts::context(&mut row)?;
            if seen.insert(context.key) {
                found.contexts.push(context);
            }
        }
        for (kind, range) in [(ExternalKind::User, users_gone), (ExternalKind::Context, contexts_gone)] {
            gone(kind, rows(&mut answers, range), &mut found)?;
        }
        self.belonging(tenant, records, &mut found).await?;
        Ok(found)
    }

    /// Who belongs where, once it is known who and where.
    async fn belonging(
        &self,
        tenant: &TenantId,
        records: &[&Record],
        found: &mut Found,
    ) -> Result<(), Fault> {
        let pairs: Vec<_> = found.pairs(records.iter().copied()).into_iter().collect();
        let names: Vec<String> = pairs.iter().map(|(user, context)| membership_id(user, *context)).collect();
        let mut people: Vec<&str> = found.users.iter().map(|found| found.user.id.as_str()).collect();
        people.extend(pairs.iter().map(|(user, _)| user.as_str()));
        people.sort_unstable();
        people.dedup();
        let mut parts = Parts(Vec::new());
        let assigned = parts.ask(&ASSIGNMENTS_OF_MANY, &[tenant.as_str()], people.iter().copied());
        let first = [tenant.as_str(), ExternalKind::Membership.as_str()];
        let tombs = parts.ask(&TOMBSTONES, &first, names.iter().map(String::as_str));
        let start = parts.0.len();
        parts.0.extend(pairs.iter().map(|(user, context)| {
            let params = vec![tenant.as_str().into(), user.as_str().into(), context.0.into()];
            (&MEMBERSHIP, params)
        }));
        let end = parts.0.len();
        let mut answers = parts.answers(self).await?;
        let mut assignments: HashMap<UserId, Vec<Assignment>> = HashMap::new();
        for mut row in rows(&mut answers, assigned) {
            let assignment = memberships::assignment(&mut row)?;
            assignments.entry(assignment.user.clone()).or_default().push(assignment);
        }
        let given = |user: &UserId, context| {
            let of = assignments.get(user).into_iter().flatten();
            of.filter(|assignment| assignment.context == Some(context)).cloned().collect::<Vec<_>>()
        };
        for person in &mut found.users {
            let all = assignments.get(&person.user.id).cloned().unwrap_or_default();
            (person.roles, person.roles_in_contexts) =
                all.into_iter().partition(|assignment| assignment.context.is_none());
        }
        for mut row in rows(&mut answers, start..end) {
            let membership = memberships::membership(&mut row)?;
            let roles = given(&membership.user, membership.context);
            found.memberships.push(CurrentMembership { membership, roles });
        }
        gone(ExternalKind::Membership, rows(&mut answers, tombs), found)
    }
}

fn rows(answers: &mut [Vec<Row>], range: impl IntoIterator<Item = usize>) -> Vec<Row> {
    range.into_iter().flat_map(|at| std::mem::take(&mut answers[at])).collect()
}

fn gone(kind: ExternalKind, rows: Vec<Row>, found: &mut Found) -> Result<(), Fault> {
    for mut row in rows {
        found.tombstones.insert((kind, row.text()?), row.int()?);
    }
    Ok(())
}

/// Until when tombstones are forgotten: whoever has not brought a record in for so long does not bring an older one.
pub(crate) fn forgotten_before(now: Timestamp) -> Timestamp {
    now.plus_ms(-TOMBSTONES_KEPT_MS)
}

const TOMBSTONES_KEPT_MS: i64 = 400 * 86_400_000;
