//! The epoch: a number in the database and beside its key, so that a database brought back from a backup, or an old primary
//! that came back, is not taken for the one that was in use (section 5 of the design). A restore raises both.

use std::fmt;

use doorward_core::id::TenantId;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_core::{Ctx, Timestamp};
use doorward_crypto::random::SystemRandom;

use crate::driver::Driver;
use crate::statement::statements;
use crate::value::Value;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, OpenError, events, meta};

statements! {
    /// Every tenant's id.
    pub(crate) EPOCH_TENANTS = server("a restore concerns every tenant") "SELECT id FROM tenants ORDER BY id";
    /// Ends what can be redeemed or presented. Marks stay: they say what was spent.
    pub(crate) EPOCH_TICKETS = server("a restore concerns every tenant")
        "UPDATE tickets SET consumed_at = $1
         WHERE consumed_at IS NULL AND kind NOT IN ('assertion', 'request', 'revoked_jti')";
    /// Signs everybody out.
    pub(crate) EPOCH_SESSIONS = server("a restore concerns every tenant")
        "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL";
    /// Ends every grant, and with it its tokens.
    pub(crate) EPOCH_GRANTS = server("a restore concerns every tenant")
        "UPDATE grants SET ended_at = $1, ended_reason = 'epoch.raised' WHERE ended_at IS NULL";
    /// Ends every consent: one may have been taken back since.
    pub(crate) EPOCH_CONSENTS = server("a restore concerns every tenant")
        "UPDATE consents SET ended_at = $1 WHERE ended_at IS NULL";
    /// Takes recovery codes away: one may have been used since.
    pub(crate) EPOCH_RECOVERY = server("a restore concerns every tenant")
        "DELETE FROM credentials WHERE kind = 'recovery'";
    /// Throws away what waits to be sent: it was sent since, and its links are over.
    pub(crate) EPOCH_OUTBOX = server("a restore concerns every tenant") "DELETE FROM outbox";
    /// Withdraws every signing key: what a client got for itself may have been revoked since. The next start makes others.
    pub(crate) EPOCH_KEYS = server("a restore concerns every tenant")
        "UPDATE signing_keys SET
             state = 'retired',
             sealed = $2,
             retired_at = COALESCE(retired_at, $1),
             published_until = $1
         WHERE state <> 'retired'";
}

/// The numbers differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpochDiffers {
    /// In the database.
    pub database: i64,
    /// Beside the key-encryption key.
    pub beside_key: i64,
}

/// Compares the two numbers.
pub const fn compare(database: i64, beside_key: i64) -> Result<(), EpochDiffers> {
    if database == beside_key { Ok(()) } else { Err(EpochDiffers { database, beside_key }) }
}

/// Compares the database's epoch with the one beside the key, and sees to it that every later connection is compared too. A
/// new database takes over the key's.
pub async fn check(driver: &Driver, beside_key: i64) -> Result<(), OpenError> {
    let mut database = meta::get(driver, meta::EPOCH).await?;
    if database.is_none() {
        match meta::add(driver, meta::EPOCH, &beside_key.to_string()).await {
            // Where another node was first, its number counts.
            Ok(()) | Err(CommitError::Conflict) => database = meta::get(driver, meta::EPOCH).await?,
            Err(CommitError::Fault(fault)) => return Err(fault.into()),
        }
    }
    compare(database.and_then(|text| text.parse().ok()).unwrap_or_default(), beside_key)?;
    driver.expect_epoch(beside_key);
    Ok(())
}

/// The epoch that stands in the database; none in a new one.
pub async fn of(driver: &Driver) -> Result<Option<i64>, Fault> {
    Ok(meta::get(driver, meta::EPOCH).await?.and_then(|text| text.parse().ok()))
}

/// Raises the database's epoch, in one commit with what follows from it: what was spent or revoked since the backup must not be
/// open again, so all that can be presented is over. With `keep` it stays as it was.
pub async fn raise(driver: &Driver, to: i64, keep: bool, now: Timestamp) -> Result<(), Fault> {
    let set = |statement| Write::new(statement, Expect::Any, vec![now.into()]);
    let mut writes = vec![Write::new(
        &meta::META_SET,
        Expect::One,
        vec![Value::from(meta::EPOCH), Value::from(to.to_string())],
    )];
    if !keep {
        writes.extend([&EPOCH_TICKETS, &EPOCH_SESSIONS, &EPOCH_GRANTS, &EPOCH_CONSENTS].map(set));
        writes.extend([&EPOCH_RECOVERY, &EPOCH_OUTBOX].map(|all| Write::new(all, Expect::Any, Vec::new())));
        writes.push(Write::new(&EPOCH_KEYS, Expect::Any, vec![now.into(), Vec::new().into()]));
    }
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now, rng: &mut rng, request_id: "operator", address: "" };
    let mut first = None;
    for mut row in driver.read(&EPOCH_TENANTS, &[]).await? {
        let data = serde_json::json!({ "epoch": to, "kept": keep });
        let tenant = TenantId::from(row.text()?);
        let event = Event::new(EventKind::EpochRaised, &tenant, Actor::Operator, &mut ctx).data(data);
        first.get_or_insert(event.id);
        writes.push(events::insert(&event)?);
    }
    match driver.commit(Commit { event: first, ending: false, writes }).await {
        Ok(_) => Ok(()),
        Err(CommitError::Conflict) => Err(Fault::new("epoch", "something changed meanwhile")),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

impl fmt::Display for EpochDiffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, beside_key } = self;
        if database < beside_key {
            write!(
                f,
                "this database is of epoch {database}, the key of epoch {beside_key}: it was brought back from a backup, or is an \
                 old copy. What was revoked after that backup would work again, so it is not opened. Open the database that \
                 this key was last used with; or stop every server and run `doorward epoch raise`, which takes this one and \
                 ends everything that could have been revoked"
            )
        } else {
            write!(
                f,
                "this database is of epoch {database}, the key of epoch {beside_key}: the key's copy here is older than the last \
                 restore. Copy the key with its epoch from where the restore was run: behind the key, after a space, stands {database}"
            )
        }
    }
}

impl std::error::Error for EpochDiffers {}

/// The epoch of a database that was never restored.
pub const FIRST: i64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_pass_and_others_explain_themselves() {
        assert_eq!(compare(3, 3), Ok(()));
        assert!(compare(2, 3).unwrap_err().to_string().contains("backup"));
        assert!(compare(3, 2).unwrap_err().to_string().contains("Copy the key"));
    }
}
