//! A line that is held by whoever tells its newest event at once. It is a lease like a worker's, and who dies leaves it to the end of that.

use doorward_core::Timestamp;
use doorward_core::id::{InstallationId, TenantId};

use super::queue::of;
use super::settle;
use super::turn::{LEASE_MS, Outcome, QUEUE_ON};
use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// The line is somebody's who tells the event of that number, until then. Conflict: somebody is at it, or another event waits before that one.
    pub(crate) QUEUE_HOLD = tenant
        "UPDATE webhook_queues SET lease = $4, due_at = CASE WHEN paused_at IS NULL THEN CAST($5 AS BIGINT) END
         WHERE tenant = $1 AND installation_id = $2 AND (lease IS NULL OR due_at <= $6) AND NOT EXISTS (
             SELECT 1 FROM webhook_events AS earlier
             WHERE earlier.tenant = $1 AND earlier.installation_id = $2 AND earlier.number > webhook_queues.done
                 AND earlier.number < $3 AND earlier.settled_at IS NULL
         )";
    /// It is forgotten when nothing waits any longer.
    pub(crate) QUEUE_OVER = tenant
        "DELETE FROM webhook_queues
         WHERE tenant = $1 AND installation_id = $2 AND lease IS NULL AND last <= done AND paused_at IS NULL";
    /// How the line stands for an event that comes now.
    pub(crate) QUEUE_AHEAD = tenant
        "SELECT
             CASE
                 WHEN lease IS NOT NULL AND due_at > $3 THEN 'taken'
                 WHEN EXISTS (
                     SELECT 1 FROM webhook_events AS earlier
                     WHERE earlier.tenant = $1 AND earlier.installation_id = $2
                         AND earlier.number > webhook_queues.done AND earlier.settled_at IS NULL
                 ) THEN 'waiting'
                 ELSE 'free'
             END AS line
         FROM webhook_queues WHERE tenant = $1 AND installation_id = $2";
}

/// How a line stands for an event that comes now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    /// It would be the next.
    Free,
    /// Somebody is telling another.
    Taken,
    /// Others wait before it.
    Waiting,
}

impl Line {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "free" => Some(Self::Free),
            "taken" => Some(Self::Taken),
            "waiting" => Some(Self::Waiting),
            _ => None,
        }
    }
}

pub(crate) fn hold(
    (tenant, installation, number): (&TenantId, &InstallationId, i64),
    lease: &str,
    now: Timestamp,
) -> Write {
    let mut params = of(tenant, installation);
    params.extend([number.into(), lease.into(), now.plus_ms(LEASE_MS).into(), now.into()]);
    Write::new(&QUEUE_HOLD, Expect::One, params)
}

pub(crate) fn end(
    (tenant, installation, number): (&TenantId, &InstallationId, i64),
    lease: &str,
    is_delivered: bool,
    now: Timestamp,
) -> [Write; 3] {
    let mut on = of(tenant, installation);
    on.extend([lease.into(), number.into(), now.into()]);
    let outcome = if is_delivered { Outcome::Delivered } else { Outcome::Skipped };
    [
        Write::new(&QUEUE_ON, Expect::One, on),
        Write::new(&QUEUE_OVER, Expect::AtMostOne, of(tenant, installation)),
        settle((tenant, installation, number), outcome, now, Expect::One),
    ]
}

impl Store {
    /// How the line of an installation stands for an event that comes now.
    pub async fn webhook_line(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
    ) -> Result<Line, Fault> {
        let mut params = of(tenant, installation);
        params.push(self.now().into());
        let found = self.one(&QUEUE_AHEAD, &params, |row: &mut Row| row.word(Line::parse)).await?;
        Ok(found.unwrap_or(Line::Free))
    }
}
