//! Background work. Each job is a function that does one round, so that a test calls it without waiting; [`Workers`] only
//! drives them. None needs a second node to be absent: a lease is economy, never correctness.

pub(crate) mod belonging;
pub mod lease;
pub mod mark;
pub mod poller;
pub mod reaper;
pub mod sequencer;
pub mod steps;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::random::SystemRandom;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

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
    /// Starts the jobs that the database needs. `news` is told what was changed by other nodes, or by a job, and has heeded
    /// it when it returns. `poller` was made before anything was cached.
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
        let (driver, clock, news) = (driver.clone(), clock.clone(), Arc::new(news));
        let holder = lease::holder(&mut SystemRandom);
        let beat = workers.beat("reaper", REAP_EVERY);
        let lease = Lease::new("reaper", &holder);
        workers.jobs.spawn(reap(beat, driver.clone(), clock.clone(), lease, Arc::clone(&news)));
        if driver.is_shared() {
            let beat = workers.beat("clock mark", MARK_EVERY);
            workers.jobs.spawn(keep_time(beat, driver.clone(), clock.clone()));
            let beat = workers.beat("sequencer", NUMBER_EVERY);
            workers.jobs.spawn(number(beat, driver.clone(), clock.clone(), Lease::new("sequencer", &holder)));
            let beat = workers.beat("poller", POLL_EVERY);
            workers.jobs.spawn(poll(beat, driver, clock, poller, news));
        }
        workers
    }

    /// Starts a job that needs nothing kept between its rounds.
    pub(crate) fn every<F>(
        &mut self,
        name: &'static str,
        period: Duration,
        job: impl Fn() -> F + Send + 'static,
    ) where
        F: Future<Output = Result<(), Fault>> + Send,
    {
        let mut beat = self.beat(name, period);
        self.jobs.spawn(async move {
            while beat.next().await {
                beat.note(job().await);
            }
        });
    }

    /// Lets every job finish its round, and waits for that.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.jobs.join_next().await.is_some() {}
    }

    fn beat(&self, job: &'static str, period: Duration) -> Beat {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Beat { job, ticks, stop: self.stop.subscribe(), failing: false }
    }
}

/// How up to date cached rows are, for whoever caches them.
pub fn freshness(driver: &Driver) -> Arc<Freshness> {
    Arc::new(Freshness::new(driver.is_shared()))
}

async fn reap<F>(
    mut beat: Beat,
    driver: Driver,
    clock: Clock,
    mut lease: Lease,
    news: Arc<impl Fn(News) -> F>,
) where
    F: Future<Output = Result<(), Fault>>,
{
    let mut reaper = Reaper::default();
    while beat.next().await {
        let round = async {
            if lease.take(&driver, clock.now()).await? {
                let reaped = reaper.run_once(&driver, clock.now()).await?;
                if !reaped.keys.is_empty() {
                    news(News::Changes(reaped.keys)).await?;
                }
            }
            Ok(())
        };
        let round = round.await;
        beat.note(round);
    }
}

async fn keep_time(mut beat: Beat, driver: Driver, clock: Clock) {
    while beat.next().await {
        beat.note(mark::run_once(&driver, &clock).await);
    }
}

async fn number(mut beat: Beat, driver: Driver, clock: Clock, mut lease: Lease) {
    while beat.next().await {
        let round = match lease.take(&driver, clock.now()).await {
            Ok(true) => sequencer::run_once(&driver).await.map(drop),
            other => other.map(drop),
        };
        beat.note(round);
    }
}

async fn poll<F>(
    mut beat: Beat,
    driver: Driver,
    clock: Clock,
    mut poller: Poller,
    news: Arc<impl Fn(News) -> F>,
) where
    F: Future<Output = Result<(), Fault>>,
{
    while beat.next().await {
        let round = async {
            let poll = poller.run_once(&driver, clock.now()).await?;
            if !poll.news.is_empty() {
                news(poll.news.clone()).await?;
            }
            poller.done(poll);
            Ok(())
        };
        let round = round.await;
        beat.note(round);
    }
}

/// When a job's next round begins, and whether its last one went well.
struct Beat {
    job: &'static str,
    ticks: Interval,
    stop: watch::Receiver<bool>,
    failing: bool,
}

impl Beat {
    /// Waits for the next round; false when the jobs are to end.
    async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => false,
            _ = self.ticks.tick() => true,
        }
    }

    /// Logs the first of several failures, and the first success after them.
    fn note(&mut self, round: Result<(), Fault>) {
        match round {
            Ok(()) if self.failing => tracing::info!(job = self.job, "works again"),
            Err(ref fault) if !self.failing => {
                tracing::warn!(job = self.job, %fault, "failed, will try again")
            }
            _ => {}
        }
        self.failing = round.is_err();
    }
}

const MARK_EVERY: Duration = Duration::from_secs(1);
const NUMBER_EVERY: Duration = Duration::from_millis(200);
const POLL_EVERY: Duration = Duration::from_millis(300);
const REAP_EVERY: Duration = Duration::from_secs(10);
