//! What is counted, as Prometheus reads it (OpenMetrics text). Labels come from closed sets: static names only, so
//! that no caller can make a new time series.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The registry and the counters of requests by endpoint.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<EndpointLabel, Histogram, fn() -> Histogram>,
    faults: Family<DuringLabel, Counter>,
    strays: Family<StrayLabel, Counter>,
    workers: Family<WorkerLabel, Counter>,
}

/// Where a request went that belongs to no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stray {
    /// An issuer that is switched off.
    Disabled,
    /// A host that no issuer has.
    Host,
    /// A path of a known host below which no issuer is.
    Issuer,
    /// A path of an issuer where there is nothing.
    Route,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// We could not answer: storage or another part of ours failed.
    Fault,
    /// As asked.
    Ok,
    /// Refused, for a reason.
    Refused,
}

impl Stray {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Disabled, Self::Host, Self::Issuer, Self::Route];

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Host => "host",
            Self::Issuer => "issuer",
            Self::Route => "route",
        }
    }

    /// Its name in the access log, among reasons.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Disabled => "stray.disabled",
            Self::Host => "stray.host",
            Self::Issuer => "stray.issuer",
            Self::Route => "stray.route",
        }
    }
}

impl Outcome {
    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Ok => "ok",
            Self::Refused => "refused",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: &'static str,
    outcome: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DuringLabel {
    during: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StrayLabel {
    to: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WorkerLabel {
    worker: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: &'static str,
}

/// Upper bounds in seconds: from an answer out of memory to one that waited for everything.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0];

/// What works beside requests (`worker/`, `mail/worker.rs`).
const WORKERS: [&str; 7] =
    ["deferred events", "keys", "mail", "refusals", "removals", "retention", "webhooks"];

impl Metrics {
    /// A registry with the prefix `doorward`.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("doorward");
        let requests = Family::default();
        let seconds: Family<EndpointLabel, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register("endpoint_requests", "Requests by endpoint, outcome and reason", requests.clone());
        registry.register("endpoint_seconds", "Time to an answer by endpoint", seconds.clone());
        let (faults, strays, workers) = (
            Family::<DuringLabel, Counter>::default(),
            Family::<StrayLabel, Counter>::default(),
            Family::<WorkerLabel, Counter>::default(),
        );
        // What an alarm looks at is there before it grows: a rule over what is absent says nothing.
        faults.get_or_create(&DuringLabel { during: "commit" }).inc_by(0);
        for to in Stray::ALL {
            strays.get_or_create(&StrayLabel { to: to.name() }).inc_by(0);
        }
        for worker in WORKERS {
            workers.get_or_create(&WorkerLabel { worker }).inc_by(0);
        }
        registry.register(
            "faults",
            "Requests that met storage trouble, by what was being done",
            faults.clone(),
        );
        registry.register(
            "stray_requests",
            "Requests that belong to no endpoint, by where they went",
            strays.clone(),
        );
        registry.register("worker_faults", "Trouble of the work beside requests", workers.clone());
        Metrics { registry: Mutex::new(registry), requests, seconds, faults, strays, workers }
    }

    /// Counts a request. `reason` is the name of the reason for a refusal or fault, `""` otherwise.
    pub fn request(&self, endpoint: &'static str, outcome: Outcome, reason: &'static str, took: Duration) {
        self.requests.get_or_create(&RequestLabels { endpoint, outcome: outcome.name(), reason }).inc();
        self.seconds.get_or_create(&EndpointLabel { endpoint }).observe(took.as_secs_f64());
    }

    /// Counts storage trouble that a request met. `during` is a statement's name or a step.
    pub fn fault(&self, during: &'static str) {
        self.faults.get_or_create(&DuringLabel { during }).inc();
    }

    /// Counts a request that belongs to no endpoint.
    pub fn stray(&self, to: Stray) {
        self.strays.get_or_create(&StrayLabel { to: to.name() }).inc();
    }

    /// Counts trouble of a worker.
    pub fn worker_fault(&self, worker: &'static str) {
        self.workers.get_or_create(&WorkerLabel { worker }).inc();
    }

    /// Lets another part show its own counters.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// All counters as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String does not fail.
        let _ = text::encode(&mut text, &registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::{Counters, Refusal};

    #[test]
    fn counts_are_shown_by_endpoint_outcome_and_reason() {
        let metrics = Metrics::new();
        let counters = Counters::default();
        metrics.register(|registry| counters.register(registry));
        counters.refused(Refusal::Host);
        metrics.request("token", Outcome::Ok, "", Duration::from_millis(2));
        metrics.request("token", Outcome::Refused, "code_spent", Duration::from_millis(2));
        let text = metrics.text();
        for line in [
            r#"doorward_endpoint_requests_total{endpoint="token",outcome="ok",reason=""} 1"#,
            r#"doorward_endpoint_requests_total{endpoint="token",outcome="refused",reason="code_spent"} 1"#,
            r#"doorward_endpoint_seconds_bucket{le="0.0025",endpoint="token"} 2"#,
            r#"doorward_edge_refusals_total{reason="host"} 1"#,
            "doorward_edge_connections_open 0",
            // Before anything happened.
            r#"doorward_faults_total{during="commit"} 0"#,
            r#"doorward_stray_requests_total{to="host"} 0"#,
            r#"doorward_worker_faults_total{worker="mail"} 0"#,
            r#"doorward_edge_refusals_total{reason="target"} 0"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
