//! Whose turn it is. An installation has a row here while something of it waits, or while it is paused. It is claimed by a lease, so
//! that its events go out one after the other, on however many nodes; who dies meanwhile leaves it to the end of the lease.

use doorward_core::Timestamp;
use doorward_core::id::{ExtensionKey, InstallationId, SecretId, TenantId};
use doorward_core::model::{Event, WebhookEvent};

use super::log::{self, Attempt};
use super::{COLUMNS, event, settle};
use crate::statement::{columns_of, repeated, statements};
use crate::value::{Row, Value};
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, Store, events, installation_secrets};

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

    /// Whose turn it is, the longest due first; extensions that have all the places that are theirs are passed over.
    pub(crate) QUEUES_DUE = server("one worker delivers for every tenant")
        "SELECT installation_id, extension_key FROM webhook_queues
         WHERE due_at <= $1 AND extension_key NOT IN (", repeated!("$", BUSY, from 3), ")
         ORDER BY due_at, installation_id LIMIT $2";
    /// Claims those of these that are still due.
    pub(crate) QUEUES_CLAIM = server("one worker delivers for every tenant")
        "UPDATE webhook_queues SET lease = $1, due_at = $2
         WHERE due_at <= $3 AND installation_id IN (", repeated!("$", CLAIMS, from 4), ")";
    /// What was claimed, each with what it must be told next.
    pub(crate) QUEUES_CLAIMED = server("one worker delivers for every tenant")
        "SELECT webhook_queues.installation_id, webhook_queues.tenant, webhook_queues.extension_key, webhook_queues.done,
             webhook_queues.last, webhook_queues.attempts, webhook_queues.blocked_at,", columns_of!("webhook_events", COLUMNS), "
         FROM webhook_queues
         LEFT JOIN webhook_events ON webhook_events.installation_id = webhook_queues.installation_id
             AND webhook_events.number = (
                 SELECT MIN(number) FROM webhook_events AS waiting
                 WHERE waiting.installation_id = webhook_queues.installation_id
                     AND waiting.number > webhook_queues.done AND waiting.settled_at IS NULL
             )
         WHERE webhook_queues.lease = $1 AND webhook_queues.installation_id IN (", repeated!("$", CLAIMS, from 2), ")";
    /// Nothing waits any longer.
    pub(crate) QUEUE_EMPTY = tenant
        "DELETE FROM webhook_queues
         WHERE tenant = $1 AND installation_id = $2 AND lease = $3 AND done = $4 AND last <= $5 AND paused_at IS NULL";
    /// The next one.
    pub(crate) QUEUE_ON = tenant
        "UPDATE webhook_queues SET
             done = CASE WHEN done = $4 THEN $5 ELSE done END,
             attempts = 0,
             lease = NULL,
             blocked_at = NULL,
             due_at = CASE WHEN paused_at IS NULL THEN CAST($6 AS BIGINT) END
         WHERE tenant = $1 AND installation_id = $2 AND lease = $3";
    /// The same one later, unless something else came before it.
    pub(crate) QUEUE_LATER = tenant
        "UPDATE webhook_queues SET
             attempts = CASE WHEN done = $4 THEN attempts + $8 ELSE 0 END,
             lease = NULL,
             blocked_at = $7,
             due_at = CASE WHEN paused_at IS NOT NULL THEN NULL WHEN done = $4 THEN CAST($5 AS BIGINT) ELSE CAST($6 AS BIGINT) END
         WHERE tenant = $1 AND installation_id = $2 AND lease = $3";
    /// None until somebody resumes it.
    pub(crate) QUEUE_STOP = tenant
        "UPDATE webhook_queues SET lease = NULL, due_at = NULL, paused_at = COALESCE(paused_at, $4), paused_reason = COALESCE(paused_reason, $5)
         WHERE tenant = $1 AND installation_id = $2 AND lease = $3";
    /// Forgets a line.
    pub(crate) QUEUE_DELETE = tenant "DELETE FROM webhook_queues WHERE tenant = $1 AND installation_id = $2";

    /// The line of an installation.
    pub(crate) QUEUE = tenant
        "SELECT", STATE, "FROM webhook_queues WHERE tenant = $1 AND installation_id = $2";
    /// Lines of a tenant that are paused, or were tried in vain so often.
    pub(crate) QUEUES_STUCK = tenant
        "SELECT", STATE, "FROM webhook_queues
         WHERE tenant = $1 AND (paused_at IS NOT NULL OR attempts >= $2) ORDER BY installation_id LIMIT $3";
    /// Lines that are paused of what was removed before.
    pub(crate) QUEUES_LEFT = server("one worker delivers for every tenant")
        "SELECT webhook_queues.tenant, webhook_queues.installation_id FROM webhook_queues
         JOIN installations ON installations.id = webhook_queues.installation_id
         WHERE webhook_queues.paused_at IS NOT NULL AND installations.removed_at < $1
         ORDER BY webhook_queues.installation_id LIMIT 100";
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
/// Extensions that one look passes over.
pub const BUSY: usize = 32;
/// Installations that are claimed at once.
pub const CLAIMS: usize = 64;

/// An installation whose turn it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// Which.
    pub installation: InstallationId,
    /// Of which extension.
    pub extension: ExtensionKey,
}

/// An installation that this worker has to itself until its lease ends.
#[derive(Clone, PartialEq, Debug)]
pub struct Claimed {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Which.
    pub installation: InstallationId,
    /// Of which extension.
    pub extension: ExtensionKey,
    /// By what it was claimed.
    pub lease: String,
    /// Until when.
    pub until: Timestamp,
    /// How often the first one was tried.
    pub attempts: i64,
    /// Since when its address is none that may be gone to.
    pub blocked_at: Option<Timestamp>,
    /// What it must be told next; none: nothing is left.
    pub head: Option<WebhookEvent>,
    done: i64,
    last: i64,
}

/// How an event ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A newer one, that all is over, made it void.
    Aborted,
    /// Answered with success.
    Delivered,
    /// It was tried for days.
    GivenUp,
    /// Nobody sends it: the extension has no address for it, and comes for it.
    Pull,
    /// An administrator said so.
    Skipped,
}

impl Outcome {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::Pull => "pull",
            Self::Skipped => "skipped",
        }
    }

    /// The outcome of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Aborted, Self::Delivered, Self::GivenUp, Self::Pull, Self::Skipped]
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }
}

/// How it goes on with an installation that was claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// The first one is settled.
    On(Outcome),
    /// The first one was tried, and is again then.
    Later(Timestamp),
    /// As [`Next::Later`]; its address is none that may be gone to.
    Blocked(Timestamp),
    /// Nothing was tried, and is not before then.
    Hold(Timestamp),
    /// None goes out any more, for that reason.
    Stop(&'static str),
}

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

fn of(tenant: &TenantId, installation: &InstallationId) -> Vec<Value> {
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

fn claimed(row: &mut Row, lease: &str, until: Timestamp) -> Result<Claimed, Fault> {
    let installation = row.text()?.into();
    let tenant = row.text()?.into();
    let extension = ExtensionKey(row.int()?);
    let (done, last, attempts) = (row.int()?, row.int()?, row.int()?);
    let blocked_at = row.opt_time()?;
    let head = match row.opt_int()? {
        Some(number) => Some(event(&tenant, &installation, number, row)?),
        None => None,
    };
    Ok(Claimed {
        tenant,
        installation,
        extension,
        lease: lease.to_owned(),
        until,
        attempts,
        blocked_at,
        head,
        done,
        last,
    })
}

impl Claimed {
    /// The writes that settle how it goes on.
    fn writes(&self, next: &Next, now: Timestamp) -> Vec<Write> {
        let mut mine = of(&self.tenant, &self.installation);
        mine.push(self.lease.as_str().into());
        let with = |more: &[Value]| [&mine[..], more].concat();
        let later = |then: Timestamp, blocked_at: Option<Timestamp>, tried: i64| {
            let params = with(&[self.done.into(), then.into(), now.into(), blocked_at.into(), tried.into()]);
            vec![Write::new(&QUEUE_LATER, Expect::AtMostOne, params)]
        };
        match next {
            Next::On(outcome) => {
                let number = self.head.as_ref().map_or(self.last, |head| head.number);
                let empty = with(&[self.done.into(), number.into()]);
                let on = with(&[self.done.into(), number.into(), now.into()]);
                let mut writes = vec![
                    Write::new(&QUEUE_EMPTY, Expect::AtMostOne, empty),
                    Write::new(&QUEUE_ON, Expect::AtMostOne, on),
                ];
                if self.head.is_some() {
                    let of = (&self.tenant, &self.installation, number);
                    writes.push(settle(of, *outcome, now, Expect::AtMostOne));
                }
                writes
            }
            Next::Later(then) => later(*then, None, 1),
            Next::Blocked(then) => later(*then, self.blocked_at.or(Some(now)), 1),
            Next::Hold(then) => later(*then, self.blocked_at, 0),
            Next::Stop(reason) => {
                let params = with(&[now.into(), (*reason).into()]);
                vec![Write::new(&QUEUE_STOP, Expect::AtMostOne, params)]
            }
        }
    }
}

impl Store {
    /// At most `limit` installations whose turn it is, the longest due first, but those of the extensions `busy`.
    pub async fn webhooks_due(&self, busy: &[ExtensionKey], limit: usize) -> Result<Vec<Due>, Fault> {
        let limit = i64::try_from(limit.min(CLAIMS)).unwrap_or(i64::MAX);
        let mut params: Vec<Value> = vec![self.now().into(), limit.into()];
        params.extend((0..BUSY).map(|at| busy.get(at).map_or(NOBODY, |key| key.0).into()));
        let read =
            |row: &mut Row| Ok(Due { installation: row.text()?.into(), extension: ExtensionKey(row.int()?) });
        self.list(&QUEUES_DUE, &params, read).await
    }

    /// Claims those of `wanted` that are still due, [`CLAIMS`] at most, and reads what each must be told next. `lease` names this claim
    /// and no other.
    pub async fn claim_webhooks(
        &self,
        wanted: &[InstallationId],
        lease: &str,
    ) -> Result<Vec<Claimed>, Fault> {
        let now = self.now();
        let until = now.plus_ms(LEASE_MS);
        let names = || (0..CLAIMS).map(|at| wanted.get(at).map_or("", InstallationId::as_str).into());
        let mut params: Vec<Value> = vec![lease.into(), until.into(), now.into()];
        params.extend(names());
        let commit = Commit {
            event: None,
            ending: false,
            writes: vec![Write::new(&QUEUES_CLAIM, Expect::Any, params)],
        };
        match self.driver().commit(commit).await {
            Ok(0) | Err(CommitError::Conflict) => return Ok(Vec::new()),
            Ok(_) => {}
            Err(CommitError::Fault(fault)) => return Err(fault),
        }
        let mut params: Vec<Value> = vec![lease.into()];
        params.extend(names());
        self.list(&QUEUES_CLAIMED, &params, |row| claimed(row, lease, until)).await
    }

    /// How it goes on with what was claimed: what was tried, what became of it, and events that say so, in one commit. A secret that
    /// came with what was delivered is delivered with it. Whose lease had ended meanwhile changes no line, but tells what is known.
    pub async fn turn_webhook(
        &self,
        claimed: &Claimed,
        next: &Next,
        attempt: Option<&Attempt>,
        told: &[Event],
    ) -> Result<(), Fault> {
        let now = self.now();
        let mut writes = claimed.writes(next, now);
        if let (Next::On(Outcome::Delivered), Some(head)) = (next, &claimed.head)
            && let Some(secret) = &head.secret
        {
            writes.push(delivered(&head.tenant, &head.installation, secret, now));
        }
        if let Some(attempt) = attempt {
            writes.push(log::insert(attempt));
        }
        for event in told {
            writes.push(events::insert(event)?);
        }
        let event = told.first().map(|event| event.id);
        match self.driver().commit(Commit { event, ending: false, writes }).await {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict) => Err(Fault::new("turn a webhook", "conflict")),
            Err(CommitError::Fault(fault)) => Err(fault),
        }
    }

    /// Gives up what is left of an installation that was removed long ago, with the event that says so.
    pub async fn give_up_webhooks(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
        event: &Event,
    ) -> Result<(), Fault> {
        let mut all = of(tenant, installation);
        all.extend([self.now().into(), Outcome::GivenUp.as_str().into()]);
        let writes = vec![
            Write::new(&QUEUE_DELETE, Expect::One, of(tenant, installation)),
            Write::new(&super::WEBHOOKS_SETTLE, Expect::Any, all),
            events::insert(event)?,
        ];
        match self.driver().commit(Commit { event: Some(event.id), ending: true, writes }).await {
            // Another node was faster.
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(CommitError::Fault(fault)) => Err(fault),
        }
    }

    /// Installations that were removed before `before` and whose line is paused.
    pub async fn webhooks_left(&self, before: Timestamp) -> Result<Vec<(TenantId, InstallationId)>, Fault> {
        let read = |row: &mut Row| Ok((row.text()?.into(), row.text()?.into()));
        self.list(&QUEUES_LEFT, &[before.into()], read).await
    }

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

fn delivered(tenant: &TenantId, installation: &InstallationId, secret: &SecretId, now: Timestamp) -> Write {
    installation_secrets::deliver_secret(tenant, installation, secret, now)
}

/// No extension's key.
const NOBODY: i64 = -1;
/// How long an installation is claimed: longer than any attempt takes.
pub const LEASE_MS: i64 = 20_000;
