//! The edge: an accept loop of our own on hyper, so that deadlines, caps and header rules hold for every request
//! before any endpoint sees it (RFC 9112, RFC 9113; hyper's defaults are not hardened).
//!
//! What reaches a [`Service`] has exactly one host, a raw path, a body that was read whole under its cap, a client
//! address that only named proxies may set, and no header that could change its meaning.

mod access;
mod admit;
mod answer;
mod body;
mod cidr;
mod connection;
mod counters;
mod exchange;
mod frames;
mod gate;
mod io;
mod limits;
mod listener;
mod proxy;
mod pulse;
mod refusal;
mod tls;

use std::future::Future;
use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Response};

pub use access::{AccessLog, Nowhere, OverQuota, Routed};
pub use admit::host;
pub use answer::text;
pub use cidr::{BadNetwork, Network};
pub use counters::{Counters, DeadlineLabel, RefusalLabel};
pub use frames::FrameBudget;
pub use gate::{Gate, HeadLimits};
pub use limits::{Limits, descriptor_limit};
pub use listener::{Edge, Leaving};
pub use proxy::{Forwarding, Proxies};
pub use refusal::Refusal;
pub use tls::{Tls, TlsError};

/// One request, admitted: every rule of the edge holds for it.
#[derive(Debug)]
pub struct EdgeRequest {
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS. A HEAD's body is cut off by the edge, whatever is answered.
    pub method: Method,
    /// The path exactly as it was sent: not decoded, not normalised, compared byte for byte by whoever routes.
    pub path: String,
    /// What follows the first `?`, exactly as it was sent.
    pub query: Option<String>,
    /// The headers, without those that an edge must not pass on (forwarding, overrides, names with an underscore).
    pub headers: HeaderMap,
    /// What a proxy in front of an API says that was asked of that, for the guard; nothing else may go by it.
    pub original: HeaderMap,
    /// The whole body, under its cap; empty for GET, HEAD and OPTIONS.
    pub body: Bytes,
    /// The one `Host` or `:authority`, in lower case, with its port when one was sent.
    /// Empty only at a listener with [`Limits::require_host`] off.
    pub host: String,
    /// The client's address: the peer's, or what a trusted proxy says.
    pub client_ip: IpAddr,
    /// Whether the client came by https, to us or to a trusted proxy.
    pub https: bool,
    /// The name of this request in logs, events and the `X-Request-Id` of the answer.
    pub request_id: String,
    /// Whether forwarding headers came from a peer that is no trusted proxy (they were dropped).
    pub untrusted_forwarding: bool,
}

impl EdgeRequest {
    /// Whether the method is one that only reads: GET or HEAD.
    pub fn is_read(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

/// The most bytes of a body, unless a service says otherwise.
pub const USUAL_BODY: usize = 64 * 1024;

/// What answers requests behind the edge.
pub trait Service: Send + Sync + 'static {
    /// Answers one request. A client that hangs up does not end it over HTTP/1; a reset stream and the end of a
    /// drain do, by dropping the future: whatever must finish may not depend on being polled. A panic becomes
    /// [`Service::broken`] and harms nobody else.
    fn call(&self, request: EdgeRequest) -> impl Future<Output = Response<Bytes>> + Send;

    /// The most bytes a body may have here; more is refused before it is read. 64 KiB unless told otherwise.
    fn body_limit(&self, method: &Method, path: &str) -> usize {
        let _ = (method, path);
        USUAL_BODY
    }

    /// The answer to a request that is refused though it is known whose it is: for a field that stands twice, or for its body. None: a
    /// line of text, as where no head was read.
    fn refused(&self, request: &EdgeRequest, refusal: Refusal) -> Option<Response<Bytes>> {
        let _ = (request, refusal);
        None
    }

    /// The answer when [`Service::call`] panicked; `incident` is in the log beside the cause.
    fn broken(&self, incident: &str) -> Response<Bytes> {
        text(http::StatusCode::INTERNAL_SERVER_ERROR, format!("Internal error. Incident {incident}\n"))
    }
}
