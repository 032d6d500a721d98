//! One commit: one transaction, each write's row count compared with what it expects before COMMIT is sent.
//!
//! When the outcome of COMMIT is unknown, the event that it writes tells: there, it happened; not there, the same writes and
//! the same event id are sent once more (their locks wait for the lost transaction), and on a conflict the event is looked
//! for again (section 1 of the design).

use std::sync::atomic::Ordering;
use std::time::Duration;

use doorward_core::id::EventId;

use super::connection::{Connection, within};
use super::error::Failed;
use super::{Postgres, READ, statistics};
use crate::clock::boot_ms;
use crate::statement::statements;
use crate::value::Value;
use crate::write::Commit;
use crate::{CommitError, Fault};

statements! {
    /// Whether an event was committed.
    pub(super) EVENT_EXISTS = server("event ids are unique in the server, and only whether it is there is asked")
        "SELECT kind FROM events WHERE id = $1";
}

/// How one try went.
enum Outcome {
    Committed(u64),
    Conflict,
    /// Nothing of it stands.
    Failed(Failed),
    /// COMMIT was sent and not answered.
    Unknown {
        rows: u64,
        why: Failed,
    },
}

impl Postgres {
    /// Commits all writes or none; durable when it returns. Returns how many rows were changed in all.
    pub async fn commit(&self, commit: Commit) -> Result<u64, CommitError> {
        let (mut again, mut lost) = (0, 0);
        let mut sent_again = false;
        loop {
            match self.attempt(&commit).await? {
                Outcome::Committed(rows) => return Ok(rows),
                Outcome::Conflict => {
                    // The writes may have met those of our own first COMMIT.
                    if sent_again && self.happened(commit.event).await? {
                        return Ok(changed_by(&commit));
                    }
                    return Err(CommitError::Conflict);
                }
                Outcome::Failed(Failed::Again(_)) if again < TRIES_AGAIN => {
                    again += 1;
                    // Whoever won goes ahead meanwhile.
                    tokio::time::sleep(PAUSE * again).await;
                }
                Outcome::Failed(Failed::Lost(_)) if lost < TRIES_LOST => {
                    lost += 1;
                    self.forget_closed();
                }
                Outcome::Failed(failed) => return Err(self.fault("commit", failed).into()),
                Outcome::Unknown { rows, why } => {
                    tracing::warn!(reason = %why, "the outcome of a COMMIT is unknown, looking for its event");
                    self.forget_closed();
                    if self.happened(commit.event).await? {
                        return Ok(rows);
                    }
                    if sent_again {
                        return Err(self.fault("commit", why).into());
                    }
                    sent_again = true;
                }
            }
        }
    }

    async fn attempt(&self, commit: &Commit) -> Result<Outcome, Fault> {
        let connection = self.connection("commit").await?;
        let writes: Vec<_> =
            commit.writes.iter().map(|write| (write.statement, write.params.as_slice())).collect();
        let counts = match within(time_for(writes.len()), connection.write(BEGIN, &writes)).await {
            Ok(counts) => counts,
            Err(failed) => {
                if !matches!(failed, Failed::Lost(_) | Failed::Slow(_)) {
                    roll_back(connection).await;
                }
                return Ok(match failed {
                    Failed::Conflict => Outcome::Conflict,
                    failed => Outcome::Failed(failed),
                });
            }
        };
        if !commit.writes.iter().zip(&counts).all(|(write, rows)| write.expect.is_met_by(*rows)) {
            roll_back(connection).await;
            return Ok(Outcome::Conflict);
        }
        let rows = counts.iter().sum();
        match within(COMMIT, connection.command("COMMIT")).await {
            Ok(()) => {
                self.committed_at.store(boot_ms(), Ordering::Release);
                if self.statistics.are_due(rows) {
                    self.look(connection).await;
                } else {
                    connection.release();
                }
                Ok(Outcome::Committed(rows))
            }
            Err(why @ (Failed::Lost(_) | Failed::Slow(_))) => Ok(Outcome::Unknown { rows, why }),
            Err(Failed::Conflict) => Ok(Outcome::Conflict),
            Err(failed) => Ok(Outcome::Failed(failed)),
        }
    }

    /// Has the tables looked at. What it cannot do, PostgreSQL does by itself a little later.
    async fn look(&self, connection: Connection) {
        match within(LOOK, connection.command(statistics::LOOK)).await {
            Ok(()) => connection.release(),
            Err(why) => tracing::debug!(reason = %why, "the tables could not be looked at"),
        }
    }

    /// Whether the commit that wrote this event stands. Without an event there is nothing to find; the preconditions of the
    /// writes decide then.
    async fn happened(&self, event: Option<EventId>) -> Result<bool, Fault> {
        let Some(event) = event else { return Ok(false) };
        Ok(!self.read(&EVENT_EXISTS, &[Value::from(event.0)]).await?.is_empty())
    }
}

/// Rolls back and gives the connection back; one that does not answer is closed, which rolls back as well.
async fn roll_back(connection: Connection) {
    if within(READ, connection.command("ROLLBACK")).await.is_ok() {
        connection.release();
    }
}

/// How long so many writes may take: what an administrator applies at once can be ten thousand objects. Each statement has its own limit
/// beside this one.
const fn time_for(writes: usize) -> Duration {
    // A number of statements that are in memory fits.
    WRITES.saturating_add(EACH_WRITE.saturating_mul(writes as u32))
}

/// A lower bound, for a commit whose own count was lost with its answer.
fn changed_by(commit: &Commit) -> u64 {
    commit.writes.iter().map(|write| write.expect.least()).sum()
}

/// Limits are set for the transaction only: a pooler may give the next one another session.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 2500; \
                     SET LOCAL idle_in_transaction_session_timeout = 10000";
const WRITES: Duration = Duration::from_millis(3000);
const EACH_WRITE: Duration = Duration::from_millis(1);
const COMMIT: Duration = Duration::from_millis(3000);
const LOOK: Duration = Duration::from_millis(2500);
/// After serialization failures and deadlocks.
const TRIES_AGAIN: u32 = 6;
const PAUSE: Duration = Duration::from_millis(10);
/// After connections that were found dead before COMMIT.
const TRIES_LOST: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_commit_is_given_up_soon_and_a_large_one_has_time() {
        assert!(time_for(5) < Duration::from_millis(3100), "F10: a fault, soon");
        assert!(
            time_for(40_000) > Duration::from_secs(40),
            "ten thousand objects with their names, credentials and events"
        );
    }
}
