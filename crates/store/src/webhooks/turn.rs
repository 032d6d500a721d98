//! Whose turn it is. A line is claimed by a lease, so that an installation's events go out one after the other, on however many nodes; who
//! dies meanwhile leaves it to the end of the lease.

use doorward_core::Timestamp;
use doorward_core::id::{ExtensionKey, InstallationId, SecretId, TenantId};
use doorward_core::model::{Event, WebhookEvent};

use super::log::{self, Attempt};
use super::queue::of;
use super::{COLUMNS, event, settle};
use crate::statement::{columns_of, repeated, statements};
use crate::value::{Row, Value};
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, Store, events, installation_secrets};

statements! {
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
         WHERE tenant = $1 AND installation_id = $2 AND lease = $3 AND last <= $4 AND paused_at IS NULL";
    /// The next one. What was put back meanwhile is not passed over: that ended the lease.
    pub(crate) QUEUE_ON = tenant
        "UPDATE webhook_queues SET
             done = $4,
             attempts = 0,
             lease = NULL,
             blocked_at = NULL,
             due_at = CASE WHEN paused_at IS NULL THEN CAST($5 AS BIGINT) END
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
    /// Lines that are paused of what was removed before.
    pub(crate) QUEUES_LEFT = server("one worker delivers for every tenant")
        "SELECT webhook_queues.tenant, webhook_queues.installation_id FROM webhook_queues
         JOIN installations ON installations.id = webhook_queues.installation_id
         WHERE webhook_queues.paused_at IS NOT NULL AND installations.removed_at < $1
         ORDER BY webhook_queues.installation_id LIMIT 100";
}

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
                let mut writes = vec![
                    Write::new(&QUEUE_EMPTY, Expect::AtMostOne, with(&[number.into()])),
                    Write::new(&QUEUE_ON, Expect::AtMostOne, with(&[number.into(), now.into()])),
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
}

fn delivered(tenant: &TenantId, installation: &InstallationId, secret: &SecretId, now: Timestamp) -> Write {
    installation_secrets::deliver_secret(tenant, installation, secret, now)
}

/// No extension's key.
const NOBODY: i64 = -1;
/// How long an installation is claimed: longer than any attempt takes.
pub const LEASE_MS: i64 = 20_000;
