//! The clock's start and its mark: the time of the database's last use. SQLite's writer writes the mark with every batch; on
//! PostgreSQL it is written once a second, and the database's clock is sampled on the way.

use std::sync::atomic::Ordering;

use doorward_core::Timestamp;

use crate::clock::Clock;
use crate::driver::Driver;
use crate::statement::statements;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, OpenError, meta};

statements! {
    /// Moves the mark forward, never back.
    pub(crate) MARK_RAISE = server("the clock is the server's")
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value \
         WHERE CAST(meta.value AS BIGINT) < CAST(excluded.value AS BIGINT)";
}

/// The clock of a database: it follows the database's own where several servers share it, else the wall clock. Refuses when
/// the mark is far ahead.
pub async fn start(driver: &Driver) -> Result<Clock, OpenError> {
    let mark = mark(driver).await?;
    Ok(match driver.time().await? {
        Some((sample, arrived)) => Clock::sampled(sample, arrived, mark)?,
        None => Clock::wall(mark)?,
    })
}

/// Accepts the source as it is: the mark is set to its present time, even back. What the operator's command does before a
/// start; a running server's is [`Clock::accept`].
pub async fn accept(driver: &Driver) -> Result<Timestamp, OpenError> {
    let now = match driver.time().await? {
        Some((sample, _)) => sample,
        None => Clock::wall(None)?.now(),
    };
    match meta::set(driver, meta::CLOCK_MARK, &now.0.to_string()).await {
        Ok(()) => Ok(now),
        Err(CommitError::Fault(fault)) => Err(fault.into()),
        Err(CommitError::Conflict) => Err(Fault::new("clock mark", "somebody else wrote it").into()),
    }
}

/// The time for a commit of a command that has no clock: the source's, or that of the database's last use where it is later.
pub async fn latest(driver: &Driver) -> Result<Timestamp, OpenError> {
    let source = match driver.time().await? {
        Some((sample, _)) => sample,
        None => Clock::wall(None)?.now(),
    };
    Ok(mark(driver).await?.map_or(source, |mark| source.max(mark)))
}

/// One round: sample the database's clock, write the mark.
pub async fn run_once(driver: &Driver, clock: &Clock) -> Result<(), Fault> {
    if let Some((sample, arrived)) = driver.time().await? {
        clock.sample(sample, arrived);
    }
    clock.now();
    let told = clock.told().load(Ordering::Relaxed).to_string();
    let write = Write::new(&MARK_RAISE, Expect::AtMostOne, vec![meta::CLOCK_MARK.into(), told.into()]);
    match driver.commit(Commit { event: None, ending: false, writes: vec![write] }).await {
        // Another node may have written a later time.
        Ok(_) | Err(CommitError::Conflict) => Ok(()),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

async fn mark(driver: &Driver) -> Result<Option<Timestamp>, Fault> {
    let Some(mark) = meta::get(driver, meta::CLOCK_MARK).await? else { return Ok(None) };
    let mark = mark.parse().map_err(|_| Fault::new("clock mark", "it is no number"))?;
    Ok(Some(Timestamp(mark)).filter(|mark| mark.0 > 0))
}
