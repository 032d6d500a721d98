//! Bare hyper: reads the request whole, makes the signatures that belong to the answer, and answers with JSON of a given size,
//! ready-made. What no HTTP server of ours can beat. Signatures are made here, between a read and a write, because both cost more
//! when they do not follow each other in a tight loop.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::raw;

/// What an answer is made of.
#[derive(Default)]
pub struct Floor {
    size: AtomicUsize,
    signature: AtomicUsize,
    times: AtomicUsize,
}

impl Floor {
    /// From now on answers of so many bytes with so many signatures of an algorithm before: `SIZE ALGORITHM TIMES`.
    pub fn set(&self, words: &str) {
        let words: Vec<&str> = words.split(' ').collect();
        let [size, signature, times] = words[..] else { return };
        let index = raw::ALGORITHMS.iter().position(|known| *known == signature).unwrap_or(0);
        self.size.store(size.parse().unwrap_or(0), Ordering::Relaxed);
        self.signature.store(index, Ordering::Relaxed);
        self.times.store(times.parse().unwrap_or(0), Ordering::Relaxed);
    }
}

/// Answer until the process ends.
pub async fn serve(listener: TcpListener, floor: Arc<Floor>) {
    let keys = Arc::new(raw::Keys::new());
    let body = Bytes::from(vec![b'x'; LARGEST]);
    while let Ok((stream, _)) = listener.accept().await {
        let (floor, keys, body) = (Arc::clone(&floor), Arc::clone(&keys), body.clone());
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &body, &floor, &keys));
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    body: &Bytes,
    floor: &Floor,
    keys: &raw::Keys,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _read = request.into_body().collect().await;
    for _ in 0..floor.times.load(Ordering::Relaxed) {
        keys.sign(floor.signature.load(Ordering::Relaxed));
    }
    let body = body.slice(..floor.size.load(Ordering::Relaxed));
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

const LARGEST: usize = 64 * 1024;
