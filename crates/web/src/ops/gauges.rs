//! Figures that are looked at when somebody asks for the metrics: queues, the write-ahead log, a jump of the clock.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use doorward_store::Store;

use super::Readiness;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;

/// Mails that left, and attempts that failed, since the start.
#[derive(Clone, Debug, Default)]
pub struct MailCounts(Arc<[AtomicUsize; 2]>);

impl MailCounts {
    /// One left.
    pub fn sent(&self) {
        self.0[0].fetch_add(1, Ordering::Relaxed);
    }

    /// One did not.
    pub fn failed(&self) {
        self.0[1].fetch_add(1, Ordering::Relaxed);
    }

    /// How many left, and how many attempts failed.
    pub fn counts(&self) -> (usize, usize) {
        (self.0[0].load(Ordering::Relaxed), self.0[1].load(Ordering::Relaxed))
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
        for (name, help, value) in figures {
            let Some(value) = value else { continue };
            let gauge = ConstGauge::new(value);
            let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)?;
        }
        Ok(())
    }
}
