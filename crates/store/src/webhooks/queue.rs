//! The line of an installation: a row that stands while something of it waits, or while it is paused. What changes and administrators do to
//! it, and how it stands; `turn` says whose turn it is.

use doorward_core::Timestamp;
use doorward_core::id::{InstallationId, TenantId};
use doorward_core::model::WebhookEvent;

use super::turn::LEASE_MS;
use crate::statement::statements;
use crate::value::{Row, Value};
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// An installation has something new.
    pub(crate) QUEUE_PUT = tenant
        "INSERT INTO webhook_queues (tenant, installation_id, extension_key, done, last, attempts, due_at)
         VALUES ($1, $2, COALESCE((SELECT extension_key FROM installations WHERE tenant = $1 AND id = $2), 0), $3, $4, 0, $5)
         ON CONFLICT (installation_id) DO UPDATE SET
             last = excluded.last,
             due_at = CASE WHEN webhook_queues.paused_at IS NULL THEN COALESCE(webhook_queues.due_at, excluded.due_at) END";
    /// All before a number is settled.
    pub(crate) QUEUE_ABORT = tenant
        "UPDATE webhook_queues SET
             done = $3,
             attempts = 0,
             due_at = CASE WHEN paused_at IS NULL AND lease IS NULL THEN $4 ELSE due_at END
         WHERE tenant = $1 AND installation_id = $2";
    /// What waited is due now, unless somebody is at it.
    pub(crate) QUEUE_KICK = tenant
        "UPDATE webhook_queues SET
             attempts = 0,
             due_at = CASE WHEN paused_at IS NULL AND lease IS NULL THEN $3 ELSE due_at END
         WHERE tenant = $1 AND installation_id = $2";
    /// An event of before waits again. Who is at another one loses the lease, which ends as it would have: it would pass this one over.
    pub(crate) QUEUE_PUT_BACK = tenant
        "INSERT INTO webhook_queues (tenant, installation_id, extension_key, done, last, attempts, due_at)
         VALUES ($1, $2, COALESCE((SELECT extension_key FROM installations WHERE tenant = $1 AND id = $2), 0), $3, $4, 0, $5)
         ON CONFLICT (installation_id) DO UPDATE SET
             done = CASE WHEN webhook_queues.done < excluded.done THEN webhook_queues.done ELSE excluded.done END,
             attempts = 0,
             lease = CASE WHEN webhook_queues.lease IS NULL THEN NULL ELSE 'put back' END,
             due_at = CASE WHEN webhook_queues.paused_at IS NULL AND webhook_queues.lease IS NULL
                           THEN excluded.due_at ELSE webhook_queues.due_at END";
    /// Nothing goes out of an installation any more, until it is resumed.
    pub(crate) QUEUE_PAUSE = tenant
        "INSERT INTO webhook_queues (
             tenant, installation_id, extension_key, done, last, attempts, paused_at, paused_reason
         )
         VALUES ($1, $2, COALESCE((SELECT extension_key FROM installations WHERE tenant = $1 AND id = $2), 0), $3, $3, 0, $4, $5)
         ON CONFLICT (installation_id) DO UPDATE SET
             due_at = NULL,
             paused_at = COALESCE(webhook_queues.paused_at, excluded.paused_at),
             paused_reason = COALESCE(webhook_queues.paused_reason, excluded.paused_reason)";
    /// It goes on; where somebody was at it, after the lease.
    pub(crate) QUEUE_RESUME = tenant
        "UPDATE webhook_queues SET
             paused_at = NULL,
             paused_reason = NULL,
             attempts = 0,
             due_at = CASE WHEN lease IS NULL THEN CAST($3 AS BIGINT) ELSE CAST($4 AS BIGINT) END
         WHERE tenant = $1 AND installation_id = $2 AND paused_at IS NOT NULL";

    /// The line of an installation.
    pub(crate) QUEUE = tenant
        "SELECT", STATE, "FROM webhook_queues WHERE tenant = $1 AND installation_id = $2";
    /// Lines of a tenant that are paused, or were tried in vain so often.
    pub(crate) QUEUES_STUCK = tenant
        "SELECT", STATE, "FROM webhook_queues
         WHERE tenant = $1 AND (paused_at IS NOT NULL OR attempts >= $2) ORDER BY installation_id LIMIT $3";
    /// How much waits, and since when the oldest.
    pub(crate) QUEUES_WAITING = server("a figure of the server")
        "SELECT COUNT(webhook_events.number) AS waiting, MIN(webhook_events.created_at) AS oldest,
             COUNT(DISTINCT webhook_queues.installation_id) AS lines, COUNT(DISTINCT CASE WHEN paused_at IS NOT NULL THEN webhook_queues.installation_id END) AS paused
         FROM webhook_queues
         LEFT JOIN webhook_events ON webhook_events.installation_id = webhook_queues.installation_id
             AND webhook_events.number > webhook_queues.done AND webhook_events.settled_at IS NULL";
}

/// The columns that [`state`] reads.
const STATE: &str = "installation_id, attempts, due_at, paused_at, paused_reason, last";

/// An installation that nothing goes out of, or that was tried in vain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paused {
    /// Which.
    pub installation: InstallationId,
    /// How often the first one was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
    /// The number of the newest one.
    pub last: i64,
}

/// What waits in all lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Events.
    pub events: i64,
    /// When the oldest of them happened.
    pub oldest: Option<Timestamp>,
    /// Installations.
    pub lines: i64,
    /// Of these, those that are paused.
    pub paused: i64,
}

pub(crate) fn put(event: &WebhookEvent) -> Write {
    let params = line(&event.tenant, &event.installation, event.number, event.created_at);
    Write::new(&QUEUE_PUT, Expect::One, params)
}

pub(crate) fn put_back(
    tenant: &TenantId,
    installation: &InstallationId,
    number: i64,
    now: Timestamp,
) -> Write {
    Write::new(&QUEUE_PUT_BACK, Expect::One, line(tenant, installation, number, now))
}

fn line(tenant: &TenantId, installation: &InstallationId, number: i64, due_at: Timestamp) -> Vec<Value> {
    let mut params = of(tenant, installation);
    params.extend([(number - 1).into(), number.into(), due_at.into()]);
    params
}

pub(crate) fn abort(tenant: &TenantId, installation: &InstallationId, before: i64, now: Timestamp) -> Write {
    let mut params = of(tenant, installation);
    params.extend([(before - 1).into(), now.into()]);
    Write::new(&QUEUE_ABORT, Expect::AtMostOne, params)
}

pub(crate) fn kick(tenant: &TenantId, installation: &InstallationId, now: Timestamp) -> Write {
    let mut params = of(tenant, installation);
    params.push(now.into());
    Write::new(&QUEUE_KICK, Expect::AtMostOne, params)
}

pub(crate) fn pause(
    tenant: &TenantId,
    installation: &InstallationId,
    number: i64,
    reason: &str,
    now: Timestamp,
) -> Write {
    let mut params = of(tenant, installation);
    params.extend([number.into(), now.into(), reason.into()]);
    Write::new(&QUEUE_PAUSE, Expect::One, params)
}

pub(crate) fn resume(tenant: &TenantId, installation: &InstallationId, now: Timestamp) -> Write {
    let mut params = of(tenant, installation);
    params.extend([now.into(), now.plus_ms(LEASE_MS).into()]);
    Write::new(&QUEUE_RESUME, Expect::One, params)
}

pub(super) fn of(tenant: &TenantId, installation: &InstallationId) -> Vec<Value> {
    vec![tenant.as_str().into(), installation.as_str().into()]
}

fn state(row: &mut Row) -> Result<Paused, Fault> {
    Ok(Paused {
        installation: row.text()?.into(),
        attempts: row.int()?,
        due_at: row.opt_time()?,
        paused_at: row.opt_time()?,
        reason: row.opt_text()?,
        last: row.int()?,
    })
}

impl Store {
    /// The line of an installation; none: nothing waits, and it is not paused.
    pub async fn webhook_queue(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
    ) -> Result<Option<Paused>, Fault> {
        self.one(&QUEUE, &of(tenant, installation), state).await
    }

    /// At most `limit` lines of a tenant that are paused, or were tried `attempts` times in vain.
    pub async fn webhooks_stuck(
        &self,
        tenant: &TenantId,
        attempts: i64,
        limit: i64,
    ) -> Result<Vec<Paused>, Fault> {
        self.list(&QUEUES_STUCK, &[tenant.as_str().into(), attempts.into(), limit.into()], state).await
    }

    /// How much waits.
    pub async fn webhooks_waiting(&self) -> Result<Waiting, Fault> {
        let read = |row: &mut Row| {
            Ok(Waiting { events: row.int()?, oldest: row.opt_time()?, lines: row.int()?, paused: row.int()? })
        };
        Ok(self.one(&QUEUES_WAITING, &[], read).await?.unwrap_or_default())
    }
}
