//! The operations listener: `/healthz`, `/readyz`, `/metrics`. It is a listener of its own, never the public one.

mod gauges;
mod metrics;
mod readiness;

use std::sync::Arc;

use bytes::Bytes;
use doorward_crypto::digest::{constant_time_eq, sha256};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, Response, StatusCode};

pub use gauges::{Gauges, MailCounts, WebhookCounts};
pub use metrics::{Metrics, Outcome, Stray};
pub use readiness::Readiness;

use crate::app::App;
use crate::edge::{AccessLog, Counters, EdgeRequest, Limits, Service, text};

/// Shows everything that is counted in the metrics of an application.
pub fn register(app: &App, counters: &Counters, readiness: &Arc<Readiness>, access_log: Option<&AccessLog>) {
    let gauges = Gauges {
        store: app.store.clone(),
        passwords_waiting: app.passwords.waiting(),
        readiness: Arc::clone(readiness),
        mails: app.mails.clone(),
        webhooks: app.webhooks.clone(),
        traffic: Arc::clone(&app.traffic),
    };
    app.metrics.register(|registry| {
        counters.register(registry);
        registry.register_collector(Box::new(gauges));
        registry.register("events_dropped", "Events of client tokens that were dropped", app.tally.dropped());
        if let Some(log) = access_log {
            let help =
                "Lines of the access log that were dropped, because it could not be written fast enough";
            registry.register("access_log_dropped", help, log.dropped());
        }
    });
}

/// What answers on the operations listener.
#[derive(Debug)]
pub struct Ops {
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    bearer: Option<Bearer>,
}

/// The SHA-256 of the token that `/metrics` asks for: comparing digests tells not even its length.
struct Bearer([u8; 32]);

impl Ops {
    /// Without a token, whoever reaches the listener may read the metrics.
    pub fn new(metrics: Arc<Metrics>, readiness: Arc<Readiness>, bearer: Option<&str>) -> Self {
        Ops { metrics, readiness, bearer: bearer.map(|token| Bearer(sha256(token.as_bytes()))) }
    }

    /// Limits for this listener: few connections, and probes that send no host are answered.
    pub fn limits() -> Limits {
        Limits { max_connections: 64, max_body: 0, require_host: false, ..Limits::default() }
    }

    fn answer(&self, request: &EdgeRequest) -> Response<Bytes> {
        if !request.is_read() && request.method != Method::OPTIONS {
            return text(StatusCode::METHOD_NOT_ALLOWED, "Only GET is answered here.\n");
        }
        match request.path.as_str() {
            "/healthz" => text(StatusCode::OK, "alive\n"),
            "/readyz" => match self.readiness.check() {
                Ok(()) => text(StatusCode::OK, "ready\n"),
                Err(waiting) => {
                    text(StatusCode::SERVICE_UNAVAILABLE, format!("waiting for: {}\n", waiting.join(", ")))
                }
            },
            "/metrics" if self.may_read(request) => {
                let mut response = text(StatusCode::OK, self.metrics.text());
                response.headers_mut().insert(
                    CONTENT_TYPE,
                    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8"),
                );
                response
            }
            "/metrics" => {
                let mut response = text(StatusCode::UNAUTHORIZED, "A bearer token is needed.\n");
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                response
            }
            _ => text(StatusCode::NOT_FOUND, "Not found.\n"),
        }
    }

    fn may_read(&self, request: &EdgeRequest) -> bool {
        let Some(Bearer(token)) = &self.bearer else { return true };
        let sent = request.headers.get(AUTHORIZATION).map_or(&b""[..], HeaderValue::as_bytes);
        constant_time_eq(&sha256(sent.strip_prefix(b"Bearer ").unwrap_or(b"")), token)
    }
}

impl Service for Ops {
    async fn call(&self, request: EdgeRequest) -> Response<Bytes> {
        self.answer(&request)
    }

    fn body_limit(&self, _method: &Method, _path: &str) -> usize {
        0
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}
