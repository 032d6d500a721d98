//! What the edge counts. The operations registry shows it (`ops::Metrics`).

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Refusal;

/// Counters of one listener; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Connections accepted.
    pub accepted: Counter,
    /// Connections open now.
    pub open: Gauge,
    /// Times that accepting paused because the cap was reached or the system had no more descriptors.
    pub paused: Counter,
    /// Requests answered by the service.
    pub requests: Counter,
    /// Requests refused by the edge.
    pub refusals: Family<RefusalLabel, Counter>,
    /// Connections closed by a deadline.
    pub deadlines: Family<DeadlineLabel, Counter>,
    /// Forwarding headers from peers that are no trusted proxies.
    pub untrusted_header: Counter,
    /// Handlers that panicked.
    pub panics: Counter,
    /// TLS handshakes that failed.
    pub tls_failures: Counter,
}

/// Label of [`Counters::refusals`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RefusalLabel {
    /// [`Refusal::name`].
    pub reason: &'static str,
}

/// Label of [`Counters::deadlines`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct DeadlineLabel {
    /// Which deadline: `first_byte`, `header`, `keep_alive`, `write` or `drain`.
    pub deadline: &'static str,
}

impl Counters {
    /// Counts a refusal.
    pub fn refused(&self, refusal: Refusal) {
        self.refusals.get_or_create(&RefusalLabel { reason: refusal.name() }).inc();
    }

    /// Counts a connection closed by a deadline.
    pub fn late(&self, deadline: &'static str) {
        self.deadlines.get_or_create(&DeadlineLabel { deadline }).inc();
    }

    /// Shows the counters in `registry` under the prefix `edge`.
    pub fn register(&self, registry: &mut Registry) {
        for refusal in Refusal::ALL {
            self.refusals.get_or_create(&RefusalLabel { reason: refusal.name() }).inc_by(0);
        }
        let edge = registry.sub_registry_with_prefix("edge");
        edge.register("connections", "Connections accepted", self.accepted.clone());
        edge.register("connections_open", "Connections open", self.open.clone());
        edge.register("accept_paused", "Times that accepting paused", self.paused.clone());
        edge.register("requests", "Requests passed to the service", self.requests.clone());
        edge.register("refusals", "Requests refused by the edge", self.refusals.clone());
        edge.register("deadlines", "Connections closed by a deadline", self.deadlines.clone());
        edge.register(
            "proxy_untrusted_header",
            "Requests with forwarding headers from an untrusted peer",
            self.untrusted_header.clone(),
        );
        edge.register("panics", "Handlers that panicked", self.panics.clone());
        edge.register("tls_failures", "TLS handshakes that failed", self.tls_failures.clone());
    }
}
