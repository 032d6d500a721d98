//! Empties the tables of what has ended, in small batches: tickets by range on their key, which begins with the time when
//! they may be forgotten; grants, sessions and consents by a slow sweep in the order of their ids, because their ends are not
//! indexed. The throttle needs nobody: its table has a fixed size.

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_core::model::TicketKey;
use doorward_crypto::random::SystemRandom;

use super::belonging::Belonging;
use super::poller::{self, Change, first_id};
use crate::answers::REAP_ANSWERS;
use crate::driver::Driver;
use crate::installations::SLICE_INSTALLATIONS;
use crate::statement::{Statement, statements};
use crate::value::Value;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, changes, imports, webhooks};

statements! {
    /// Forgets the oldest tickets.
    pub(crate) REAP_TICKETS = server("the reaper serves every tenant")
        "DELETE FROM tickets WHERE key IN (SELECT key FROM tickets WHERE key < $1 ORDER BY key LIMIT 500)";
    /// The end of the next slice of grants.
    pub(crate) SLICE_GRANTS = server("the reaper serves every tenant")
        "SELECT MAX(id) AS id FROM (SELECT id FROM grants WHERE id > $1 ORDER BY id LIMIT 500) AS slice";
    /// Removes the dead of a slice.
    pub(crate) REAP_GRANTS = server("the reaper serves every tenant")
        "DELETE FROM grants WHERE id > $1 AND id <= $2 \
         AND (ended_at < $3 OR expires_at < $3 OR used_at + idle_ms < $3)";
    /// The end of the next slice of sessions.
    pub(crate) SLICE_SESSIONS = server("the reaper serves every tenant")
        "SELECT MAX(id) AS id FROM (SELECT id FROM sessions WHERE id > $1 ORDER BY id LIMIT 500) AS slice";
    /// Removes the dead of a slice.
    pub(crate) REAP_SESSIONS = server("the reaper serves every tenant")
        "DELETE FROM sessions WHERE id > $1 AND id <= $2 \
         AND (ended_at < $3 OR expires_at < $3 OR used_at + idle_ms < $3)";
    /// The end of the next slice of consents.
    pub(crate) SLICE_CONSENTS = server("the reaper serves every tenant")
        "SELECT MAX(id) AS id FROM (SELECT id FROM consents WHERE id > $1 ORDER BY id LIMIT 500) AS slice";
    /// Removes those of a slice that are ended, or whose person or client is gone, and under which no grant is left.
    pub(crate) REAP_CONSENTS = server("the reaper serves every tenant")
        "DELETE FROM consents WHERE id > $1 AND id <= $2 AND created_at < $3 \
         AND (ended_at < $3 \
              OR NOT EXISTS (SELECT 1 FROM users WHERE users.tenant = consents.tenant AND users.id = consents.user_id) \
              OR NOT EXISTS (SELECT 1 FROM clients WHERE clients.tenant = consents.tenant AND clients.id = consents.client_id)) \
         AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.consent_id = consents.id)";
    /// Removes secrets of a slice of installations that have ended.
    pub(crate) REAP_INSTALLATION_SECRETS = server("the reaper serves every tenant")
        "DELETE FROM installation_secrets
         WHERE expires_at < $3 AND (tenant, installation_id) IN (
             SELECT installations.tenant, installations.id FROM installations
             WHERE installations.id > $1 AND installations.id <= $2
         )";
    /// Whose signing keys are past their publication, or past all hints.
    pub(crate) EXPIRED_KEYS = server("the reaper serves every tenant")
        "SELECT DISTINCT tenant FROM signing_keys \
         WHERE state = 'previous' AND published_until < $1 OR state = 'retired' AND published_until < $2 \
         ORDER BY tenant";
    /// Retires a tenant's signing keys that no living token was signed by, and wipes their private parts.
    pub(crate) RETIRE_KEYS = tenant
        "UPDATE signing_keys SET state = 'retired', sealed = $3 \
         WHERE tenant = $1 AND state = 'previous' AND published_until < $2";
    /// Removes a tenant's signing keys that no hint will come for.
    pub(crate) REAP_KEYS = tenant
        "DELETE FROM signing_keys WHERE tenant = $1 AND state = 'retired' AND published_until < $2";
    /// Removes notes of changes that every poller has read.
    pub(crate) REAP_CHANGES = server("the reaper serves every tenant")
        "DELETE FROM changes WHERE id IN (SELECT id FROM changes WHERE id < $1 ORDER BY id LIMIT 500)";
}

/// Where the sweeps stand.
#[derive(Debug, Default)]
pub struct Reaper {
    grants: i64,
    sessions: i64,
    consents: i64,
    secrets: String,
    belonging: Belonging,
}

/// What one round removed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reaped {
    /// Tickets.
    pub tickets: u64,
    /// Grants.
    pub grants: u64,
    /// Sessions.
    pub sessions: u64,
    /// Consents.
    pub consents: u64,
    /// Secrets of installations.
    pub secrets: u64,
    /// Contexts, memberships and assignments.
    pub belonging: u64,
    /// Tenants whose signing keys were retired or removed: what is kept of their keys in memory is out of date.
    pub keys: Vec<Change>,
    /// Tombstones of what other systems removed.
    pub tombstones: u64,
    /// What extensions were told, and how attempts went.
    pub webhooks: u64,
    /// Answers that were kept for who repeats a request.
    pub answers: u64,
    /// Notes of changes.
    pub changes: u64,
}

impl Reaper {
    /// One round: all tickets that may be forgotten (within reason), one slice of each sweep.
    pub async fn run_once(&mut self, driver: &Driver, now: Timestamp) -> Result<Reaped, Fault> {
        let mut reaped = Reaped::default();
        let forgotten: Value = TicketKey::forgotten_before(now).to_bytes().into();
        for _ in 0..BATCHES {
            let tickets = remove(driver, &REAP_TICKETS, vec![forgotten.clone()]).await?;
            reaped.tickets += tickets;
            if tickets < BATCH {
                break;
            }
        }
        reaped.answers = remove(driver, &REAP_ANSWERS, vec![now.into()]).await?;
        let dead = now.plus_ms(-KEPT_MS);
        reaped.grants = sweep(driver, &SLICE_GRANTS, &REAP_GRANTS, &mut self.grants, dead).await?;
        reaped.sessions = sweep(driver, &SLICE_SESSIONS, &REAP_SESSIONS, &mut self.sessions, dead).await?;
        reaped.consents = sweep(driver, &SLICE_CONSENTS, &REAP_CONSENTS, &mut self.consents, dead).await?;
        reaped.secrets = self.secrets(driver, dead).await?;
        reaped.belonging = self.belonging.run_once(driver, now, dead).await?;
        let forgotten = imports::forgotten_before(now);
        reaped.tombstones = remove(driver, &imports::TOMBSTONES_FORGET, vec![forgotten.into()]).await?;
        let attempts = webhooks::log::forgotten_before(now);
        reaped.webhooks = remove(driver, &webhooks::log::REAP_ATTEMPTS, vec![attempts.into()]).await?;
        let told = now.plus_ms(-webhooks::KEPT_MS);
        reaped.webhooks += remove(driver, &webhooks::log::REAP_WEBHOOKS, vec![told.into()]).await?;
        let hinted = now.plus_ms(-HINTS_KEPT_MS);
        for mut row in driver.read(&EXPIRED_KEYS, &[now.into(), hinted.into()]).await? {
            let tenant = TenantId::from(row.text()?);
            let change = changes::directory(&tenant);
            let of = |end: Timestamp| vec![tenant.as_str().into(), end.into()];
            let retire = [of(now), vec![Vec::new().into()]].concat();
            let writes = vec![
                Write::new(&RETIRE_KEYS, Expect::Any, retire),
                Write::new(&REAP_KEYS, Expect::Any, of(hinted)),
                poller::noted(&change, now, &mut SystemRandom),
            ];
            commit(driver, writes).await?;
            reaped.keys.push(change);
        }
        reaped.changes =
            remove(driver, &REAP_CHANGES, vec![first_id(now.plus_ms(-CHANGES_KEPT_MS)).into()]).await?;
        Ok(reaped)
    }

    /// Secrets that have ended, of a slice of installations. They are kept as long as what is dead: who shows one is told that it ended.
    async fn secrets(&mut self, driver: &Driver, dead: Timestamp) -> Result<u64, Fault> {
        let rows = driver.read(&SLICE_INSTALLATIONS, &[self.secrets.as_str().into()]).await?;
        let end = rows.into_iter().next().map(|mut row| row.opt_text()).transpose()?.flatten();
        let Some(end) = end else {
            self.secrets.clear();
            return Ok(0);
        };
        let params = vec![self.secrets.as_str().into(), end.as_str().into(), dead.into()];
        let removed = remove(driver, &REAP_INSTALLATION_SECRETS, params).await?;
        self.secrets = end;
        Ok(removed)
    }
}

/// One slice of a sweep, from `cursor` on; at the end it begins anew.
pub(super) async fn sweep(
    driver: &Driver,
    slice: &'static Statement,
    reap: &'static Statement,
    cursor: &mut i64,
    dead: Timestamp,
) -> Result<u64, Fault> {
    let rows = driver.read(slice, &[(*cursor).into()]).await?;
    let end = rows.into_iter().next().map(|mut row| row.opt_int()).transpose()?.flatten();
    let Some(end) = end else {
        *cursor = 0;
        return Ok(0);
    };
    let removed = remove(driver, reap, vec![(*cursor).into(), end.into(), dead.into()]).await?;
    *cursor = end;
    Ok(removed)
}

pub(super) async fn remove(
    driver: &Driver,
    statement: &'static Statement,
    params: Vec<Value>,
) -> Result<u64, Fault> {
    commit(driver, vec![Write::new(statement, Expect::Any, params)]).await
}

async fn commit(driver: &Driver, writes: Vec<Write>) -> Result<u64, Fault> {
    match driver.commit(Commit { event: None, ending: true, writes }).await {
        Ok(rows) => Ok(rows),
        Err(CommitError::Fault(fault)) => Err(fault),
        Err(CommitError::Conflict) => Ok(0),
    }
}

/// Rows that one statement removes, as the statements say.
const BATCH: u64 = 500;
/// Batches of tickets in one round: others want to write too.
const BATCHES: usize = 20;
/// What is dead is kept until its tickets are forgotten, at most a day later, and five minutes for their rounding: so that
/// whoever repeats a spent code is still known for one.
const KEPT_MS: i64 = 86_400_000 + 300_000;
const CHANGES_KEPT_MS: i64 = 3_600_000;
/// A hint is an ID token of a grant, and the longest grants live so long by default.
const HINTS_KEPT_MS: i64 = 180 * 86_400_000;
