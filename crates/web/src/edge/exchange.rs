//! One request and its answer.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, Response, Version};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::access::Asked;
use super::admit::{admit, check_repeated};
use super::answer::{complete, refused};
use super::listener::Shared;
use super::pulse::Pulse;
use super::{EdgeRequest, Limits, Refusal, Service, USUAL_BODY, body};
use crate::telemetry;

/// Where requests come from: what all of one connection have in common.
#[derive(Debug)]
pub(super) struct Origin<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) peer: IpAddr,
    pub(super) https: bool,
    pub(super) pulse: Arc<Pulse>,
}

/// Admits a request, lets the service answer it and completes the answer.
pub(super) async fn answer<S: Service>(
    origin: Arc<Origin<S>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _active = origin.pulse.enter();
    let shared = &*origin.shared;
    let (parts, incoming) = request.into_parts();
    let (version, is_head) = (parts.version, parts.method == Method::HEAD);
    let asked = shared.access.is_some().then(|| Asked {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        since: Instant::now(),
    });
    let mut address = origin.peer;
    let admitted = admit(parts, origin.peer, origin.https, &shared.limits, &shared.proxies, &shared.counters);
    let (Passed { mut response, refusal, read }, request_id, https) = match admitted {
        // Where a proxy stands in front, it is taken for https: in the clear a browser ignores what is said then (RFC 6797, 8.1).
        Err(refusal) => {
            let https = origin.https || shared.proxies.trusts(origin.peer);
            (Passed::refused(refusal, None, incoming.is_end_stream()), telemetry::request_id(), https)
        }
        Ok(request) => {
            address = request.client_ip;
            let (request_id, https) = (request.request_id.clone(), request.https && !is_local(&request.host));
            (pass(shared, request, incoming, &request_id).await, request_id, https)
        }
    };
    if let Some(refusal) = refusal {
        shared.counters.refused(refusal);
    }
    complete(response.headers_mut(), &request_id, https);
    if let (Some(log), Some(asked)) = (&shared.access, &asked) {
        log.answered(asked, (&request_id, address), refusal, &response);
    }
    if !read {
        origin.pulse.leave_unread();
    }
    let ends = shared.stop.is_set() || shared.leaving.is_begun() || shared.is_crowded();
    if version < Version::HTTP_2 && (!read || ends) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if is_head {
        let length = response.body().len();
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from(length));
        *response.body_mut() = Bytes::new();
    }
    Ok(response.map(Full::new))
}

/// Whether a host is this very machine: what a browser keeps for `localhost` would hold for every other server there too.
fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What became of a request.
struct Passed {
    response: Response<Bytes>,
    /// Why it was not passed on, if it was not.
    refusal: Option<Refusal>,
    /// Whether it was read to its end.
    read: bool,
}

impl Passed {
    /// It was not, and is answered as the service says, if that says anything.
    fn refused(refusal: Refusal, own: Option<Response<Bytes>>, read: bool) -> Self {
        Self { response: own.unwrap_or_else(|| refused(refusal)), refusal: Some(refusal), read }
    }
}

/// Passes a request on, once it was read whole.
async fn pass<S: Service>(
    shared: &Shared<S>,
    mut request: EdgeRequest,
    incoming: Incoming,
    request_id: &str,
) -> Passed {
    let told =
        |request: &EdgeRequest, why, read| Passed::refused(why, shared.service.refused(request, why), read);
    if let Err(refusal) = check_repeated(&mut request.headers) {
        return told(&request, refusal, incoming.is_end_stream());
    }
    let mut read = true;
    if !incoming.is_end_stream() {
        if request.is_read() || request.method == Method::OPTIONS {
            // Content of these has no meaning (RFC 9110, section 9.3.1): left where it is.
            read = false;
        } else {
            let cap = shared.service.body_limit(&request.method, &request.path).min(shared.limits.max_body);
            let _turn = match turn(&incoming, cap, &shared.limits).await {
                Ok(turn) => turn,
                Err(refusal) => return told(&request, refusal, false),
            };
            match body::read(incoming, cap, &shared.limits).await {
                Ok(body) => request.body = body,
                Err(refusal) => return told(&request, refusal, false),
            }
        }
    }
    shared.counters.requests.inc();
    Passed { response: guard(shared, request, request_id).await, refusal: None, read }
}

/// A turn for a body that may be larger than usual: few are read at once, so that strangers cannot fill the memory with them.
async fn turn(
    incoming: &Incoming,
    cap: usize,
    limits: &Limits,
) -> Result<Option<SemaphorePermit<'static>>, Refusal> {
    static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);
    let usual = incoming.size_hint().upper().is_some_and(|bytes| bytes <= USUAL_BODY as u64);
    if cap <= USUAL_BODY || usual {
        return Ok(None);
    }
    match tokio::time::timeout(limits.body_idle, LARGE.acquire()).await {
        Ok(Ok(permit)) => Ok(Some(permit)),
        _ => Err(Refusal::BodyTimeout),
    }
}

/// Bodies larger than usual that are read at once.
const LARGE_AT_ONCE: usize = 16;

/// Calls the service; a panic is contained and told by an incident id.
async fn guard<S: Service>(shared: &Shared<S>, request: EdgeRequest, request_id: &str) -> Response<Bytes> {
    // Inside, so that a panic before the first await is caught too.
    let mut call = pin!(async { shared.service.call(request).await });
    let outcome = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Some),
        Err(_payload) => Poll::Ready(None),
    })
    .await;
    match outcome {
        Some(response) => response,
        None => {
            let incident = telemetry::incident_id();
            shared.counters.panics.inc();
            tracing::error!(incident = %incident, request.id = request_id, "a handler panicked");
            shared.service.broken(&incident)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn local_hosts_are_told() {
        for host in [
            "localhost",
            "localhost:8443",
            "app.localhost",
            "127.0.0.1:80",
            "[::1]:8443",
            "[::1]",
            "127.9.9.9",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in
            ["id.example.com", "localhost.example.com", "notlocalhost", "10.0.0.1", "[2001:db8::1]:443", ""]
        {
            assert!(!is_local(host), "{host}");
        }
    }
}
