//! Background work. Each job is a function that does one round, so that a test calls it without waiting; [`Workers`] only
//! drives them. None needs a second node to be absent: a lease is economy, never correctness.

pub mod lease;
pub mod mark;
pub mod poller;
pub mod reaper;
pub mod sequencer;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::random::SystemRandom;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::Fault;
use crate::clock::Clock;
use crate::driver::Driver;
use lease::Lease;
use poller::{Freshness, News, Poller};
use reaper::Reaper;

/// The running jobs of one server; they end when this is dropped, or in good order by [`Workers::stop`].
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    jobs: JoinSet<()>,
}

impl Workers {
    /// Starts the jobs that the database needs. `news` is told what other nodes have changed; the answer to `fresh` depends
    /// on it being quick. `poller` was made before anything was cached.
    pub fn start<F>(
        driver: &Driver,
        clock: &Clock,
        poller: Poller,
        news: impl Fn(News) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        let mut workers = Self { stop: watch::Sender::new(false), jobs: JoinSet::new() };
        let holder = lease::holder(&mut SystemRandom);
        {
            let (driver, clock) = (driver.clone(), clock.clone());
            let state = Arc::new(tokio::sync::Mutex::new((Reaper::default(), Lease::new("reaper", &holder))));
            workers.every("reaper", REAP_EVERY, move || {
                let (driver, clock, state) = (driver.clone(), clock.clone(), Arc::clone(&state));
                async move {
                    let (reaper, lease) = &mut *state.lock().await;
                    if lease.take(&driver, clock.now()).await? {
                        reaper.run_once(&driver, clock.now()).await?;
                    }
                    Ok(())
                }
            });
        }
        if !driver.is_shared() {
            return workers;
        }
        {
            let (driver, clock) = (driver.clone(), clock.clone());
            workers.every("clock mark", MARK_EVERY, move || {
                let (driver, clock) = (driver.clone(), clock.clone());
                async move { mark::run_once(&driver, &clock).await }
            });
        }
        {
            let (driver, clock) = (driver.clone(), clock.clone());
            let lease = Arc::new(tokio::sync::Mutex::new(Lease::new("sequencer", &holder)));
            workers.every("sequencer", NUMBER_EVERY, move || {
                let (driver, clock, lease) = (driver.clone(), clock.clone(), Arc::clone(&lease));
                async move {
                    if lease.lock().await.take(&driver, clock.now()).await? {
                        sequencer::run_once(&driver).await?;
                    }
                    Ok(())
                }
            });
        }
        {
            let (driver, clock) = (driver.clone(), clock.clone());
            let (poller, news) = (Arc::new(tokio::sync::Mutex::new(poller)), Arc::new(news));
            workers.every("poller", POLL_EVERY, move || {
                let (driver, clock, poller, news) =
                    (driver.clone(), clock.clone(), Arc::clone(&poller), Arc::clone(&news));
                async move {
                    let mut poller = poller.lock().await;
                    let poll = poller.run_once(&driver, clock.now()).await?;
                    if !poll.news.is_empty() {
                        news(poll.news.clone()).await?;
                    }
                    poller.done(poll);
                    Ok(())
                }
            });
        }
        workers
    }

    /// Lets every job finish its round, and waits for that.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.jobs.join_next().await.is_some() {}
    }

    pub(crate) fn every<F>(
        &mut self,
        name: &'static str,
        period: Duration,
        job: impl Fn() -> F + Send + 'static,
    ) where
        F: Future<Output = Result<(), Fault>> + Send,
    {
        let mut stop = self.stop.subscribe();
        self.jobs.spawn(async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut failing = false;
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
                match job().await {
                    Ok(()) if failing => {
                        failing = false;
                        tracing::info!(job = name, "works again");
                    }
                    Ok(()) => {}
                    Err(fault) if !failing => {
                        failing = true;
                        tracing::warn!(job = name, %fault, "failed, will try again");
                    }
                    Err(_) => {}
                }
            }
        });
    }
}

/// How up to date cached rows are, for whoever caches them.
pub fn freshness(driver: &Driver) -> Arc<Freshness> {
    Arc::new(Freshness::new(driver.is_shared()))
}

const MARK_EVERY: Duration = Duration::from_secs(1);
const NUMBER_EVERY: Duration = Duration::from_millis(200);
const POLL_EVERY: Duration = Duration::from_millis(300);
const REAP_EVERY: Duration = Duration::from_secs(10);
