//! A POST to an address of others (webhooks). Its answer is a status; of what comes with it the beginning is read, and no redirect is
//! followed.

use std::future::pending;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use http::{HeaderName, Request};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::connect::{self, Wire};
use super::policy::Target;
use super::{FetchError, Fetcher, parse};

/// What was answered.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The status.
    pub status: u16,
    /// The fields of its head: [`READ_BYTES`] at most.
    pub headers: HeaderMap,
    /// What was read of the body in time: [`READ_BYTES`] at most.
    pub body: Bytes,
}

impl Posted {
    /// `Retry-After`, as it was sent.
    pub fn retry_after(&self) -> Option<&str> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()
    }
}

impl Fetcher {
    /// Posts to `url`: JSON, where `headers` say nothing else. A status is an answer, whatever follows it: a body that is large or late is cut where it is.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<Posted, FetchError> {
        let deadline = Instant::now() + self.0.policy.total;
        let url = parse(url)?;
        let connected = async {
            let place = self.0.places.acquire().await.map_err(|_| FetchError::Unreachable)?;
            let target = Target::of(&url)?;
            let addresses = self.addresses(&target).await?;
            let wire = connect::connect(&target, &addresses, &self.0.roots).await?;
            Ok((place, target, wire))
        };
        let (_place, target, wire) =
            timeout_at(deadline, connected).await.unwrap_or(Err(FetchError::Timeout))?;
        exchange(wire, request(&url, &target, headers, body)?, deadline).await
    }
}

async fn exchange(
    wire: Wire,
    request: Request<Full<Bytes>>,
    deadline: Instant,
) -> Result<Posted, FetchError> {
    let builder = {
        let mut builder = hyper::client::conn::http1::Builder::new();
        builder.max_buf_size(READ_BYTES).max_headers(MOST_HEADERS);
        builder
    };
    let (mut sender, connection) = builder.handshake(wire).await.map_err(|_| FetchError::Broken)?;
    let work = async move {
        let answered = timeout_at(deadline, sender.send_request(request)).await;
        let response = answered.map_err(|_| FetchError::Timeout)?.map_err(|_| FetchError::Broken)?;
        let (head, mut body) = response.into_parts();
        let mut read = BytesMut::new();
        while read.len() < READ_BYTES {
            let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await else { break };
            let Ok(data) = frame.into_data() else { continue };
            read.extend_from_slice(&data[..data.len().min(READ_BYTES - read.len())]);
        }
        Ok(Posted { status: head.status.as_u16(), headers: head.headers, body: read.freeze() })
    };
    let driver = async {
        // Its errors reach us as errors of the exchange.
        let _ = connection.await;
        pending().await
    };
    tokio::select! {
        result = work => result,
        never = driver => never,
    }
}

fn request(
    url: &Url,
    target: &Target,
    headers: &[(HeaderName, HeaderValue)],
    body: Bytes,
) -> Result<Request<Full<Bytes>>, FetchError> {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = Request::post(path)
        .header(HOST, target.authority())
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(USER_AGENT, HeaderValue::from_static("doorward"))
        .header(CONNECTION, HeaderValue::from_static("close"));
    if let Some(known) = request.headers_mut() {
        for (name, value) in headers {
            known.insert(name, value.clone());
        }
    }
    request.body(Full::new(body)).map_err(|_| FetchError::BadUrl)
}

/// Bytes of an answer that are read, its header or its body.
pub const READ_BYTES: usize = 64 * 1024;
const MOST_HEADERS: usize = 100;
