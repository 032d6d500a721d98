//! Figures that are looked at when somebody asks for the metrics: queues, the write-ahead log, a jump of the clock.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use doorward_core::Timestamp;
use doorward_store::Store;
use doorward_store::webhooks::Waiting;

use super::Readiness;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::traffic::admission::Admission;
use crate::traffic::{Class, Quota, Traffic};

/// Mails that left, and attempts that failed, since the start; and how many wait.
#[derive(Clone, Debug, Default)]
pub struct MailCounts(Arc<[AtomicUsize; 3]>);

impl MailCounts {
    /// One left.
    pub fn sent(&self) {
        self.0[0].fetch_add(1, Ordering::Relaxed);
    }

    /// One did not.
    pub fn failed(&self) {
        self.0[1].fetch_add(1, Ordering::Relaxed);
    }

    /// So many wait, as the worker last saw.
    pub fn wait(&self, count: usize) {
        self.0[2].store(count, Ordering::Relaxed);
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.0[2].load(Ordering::Relaxed)
    }

    /// How many left, and how many attempts failed.
    pub fn counts(&self) -> (usize, usize) {
        (self.0[0].load(Ordering::Relaxed), self.0[1].load(Ordering::Relaxed))
    }
}

/// Attempts to tell extensions of something since the start, and what waits, as the worker last saw.
#[derive(Clone, Debug, Default)]
pub struct WebhookCounts(Arc<WebhookFigures>);

#[derive(Debug, Default)]
struct WebhookFigures {
    delivered: AtomicI64,
    failed: AtomicI64,
    waiting: AtomicI64,
    paused: AtomicI64,
    oldest_s: AtomicI64,
}

impl WebhookCounts {
    /// One was answered with success.
    pub fn delivered(&self) {
        self.0.delivered.fetch_add(1, Ordering::Relaxed);
    }

    /// One was not.
    pub fn failed(&self) {
        self.0.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// So much waits.
    pub fn wait(&self, found: &Waiting, now: Timestamp) {
        self.0.waiting.store(found.events, Ordering::Relaxed);
        self.0.paused.store(found.paused, Ordering::Relaxed);
        let oldest = found.oldest.map_or(0, |oldest| now.since_ms(oldest) / 1000);
        self.0.oldest_s.store(oldest, Ordering::Relaxed);
    }

    /// Names, what they are about, and values.
    fn figures(&self) -> [(&'static str, &'static str, Option<i64>); 5] {
        let of = |figure: &AtomicI64| Some(figure.load(Ordering::Relaxed));
        [
            (
                "webhooks_delivered",
                "Events that extensions were told, since the start",
                of(&self.0.delivered),
            ),
            (
                "webhooks_failed",
                "Attempts to tell an extension that failed, since the start",
                of(&self.0.failed),
            ),
            (
                "webhooks_oldest_seconds",
                "Age of the oldest event that an extension was not told",
                of(&self.0.oldest_s),
            ),
            (
                "webhooks_paused",
                "Installations whose extension is told nothing until somebody resumes it",
                of(&self.0.paused),
            ),
            ("webhooks_waiting", "Events that extensions were not told yet", of(&self.0.waiting)),
        ]
    }
}

/// Where the figures are.
#[derive(Debug)]
pub struct Gauges {
    /// The store, its clock and its queue.
    pub store: Store,
    /// Jobs for the password threads.
    pub passwords_waiting: Arc<AtomicUsize>,
    /// Whether requests should be sent here.
    pub readiness: Arc<Readiness>,
    /// Mails that left, and that did not.
    pub mails: MailCounts,
    /// What extensions were told, and what waits.
    pub webhooks: WebhookCounts,
    /// Counts and places of requests.
    pub traffic: Arc<Traffic>,
}

impl Collector for Gauges {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let driver = self.store.driver();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let step = self.store.clock().step().map_or(0, |step| step.by_ms);
        let wal = driver.wal_bytes().map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        let (sent, failed) = self.mails.counts();
        let figures = [
            ("mails_failed", "Attempts to send a mail that failed, since the start", Some(number(failed))),
            ("mails_sent", "Mails that were sent, since the start", Some(number(sent))),
            (
                "mails_waiting",
                "Mails and requests that wait in the outbox",
                Some(number(self.mails.waiting())),
            ),
            ("clock_step_ms", "How far the clock jumped ahead (or back) and is not followed", Some(step)),
            (
                "disk_full",
                "Whether the disk is full, so that only endings are committed",
                driver.disk_full().map(i64::from),
            ),
            ("commits_waiting", "Commits that wait for their turn", Some(number(driver.commits_waiting()))),
            (
                "passwords_waiting",
                "Passwords that wait for a thread",
                Some(number(self.passwords_waiting.load(Ordering::Relaxed))),
            ),
            (
                "ready",
                "Whether requests should be sent here",
                Some(i64::from(self.readiness.check().is_ok())),
            ),
            ("wal_bytes", "Bytes in use of SQLite's write-ahead log", wal),
        ];
        for (name, help, value) in figures.into_iter().chain(self.webhooks.figures()) {
            let Some(value) = value else { continue };
            let gauge = ConstGauge::new(value);
            let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)?;
        }
        let asked = ConstCounter::new(driver.asked());
        let about = "Statements that were asked of the database";
        asked.encode(encoder.encode_descriptor("statements_asked", about, None, asked.metric_type())?)?;
        let about = "Requests that an address, a tenant or a client made too many of, by whose quota it was";
        let mut over = encoder.encode_descriptor("requests_too_many", about, None, MetricType::Counter)?;
        for quota in Quota::ALL {
            let labels = [("quota", quota.name())];
            over.encode_family(&labels)?
                .encode_counter::<NoLabelSet, _, u64>(&self.traffic.over(quota), None)?;
        }
        self.encode_places(&mut encoder)
    }
}

impl Gauges {
    /// Places of each class of requests: taken, waited for, and not found in time.
    fn encode_places(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let classes = Class::WITH_PLACES.map(|class| (class.name(), self.traffic.admission(class)));
        let figures: [Figure; 3] = [
            ("requests_running", "Requests that are worked on", MetricType::Gauge, |of| of.load().0 as u64),
            ("requests_waiting", "Requests that wait for a place", MetricType::Gauge, |of| {
                of.load().1 as u64
            }),
            ("requests_shed", "Requests that found no place in time", MetricType::Counter, Admission::shed),
        ];
        for (name, help, kind, value) in figures {
            let mut metric = encoder.encode_descriptor(name, help, None, kind)?;
            for (class, admission) in &classes {
                let Some(admission) = admission else { continue };
                let labels = [("class", *class)];
                let mut one = metric.encode_family(&labels)?;
                match kind {
                    MetricType::Counter => {
                        one.encode_counter::<NoLabelSet, _, u64>(&value(admission), None)?
                    }
                    _ => one.encode_gauge(&i64::try_from(value(admission)).unwrap_or(i64::MAX))?,
                }
            }
        }
        Ok(())
    }
}

/// Name, help, kind, and where the value is.
type Figure = (&'static str, &'static str, MetricType, fn(&Admission) -> u64);
