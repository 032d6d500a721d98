//! Bare hyper: reads the request whole and answers with JSON of a given size, ready-made. What no HTTP server of ours can beat.

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

/// Answer until the process ends.
pub async fn serve(listener: TcpListener, size: Arc<AtomicUsize>) {
    let body = Bytes::from(vec![b'x'; LARGEST]);
    while let Ok((stream, _)) = listener.accept().await {
        let (size, body) = (Arc::clone(&size), body.clone());
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let service =
                service_fn(move |request| answer(request, body.slice(..size.load(Ordering::Relaxed))));
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, body: Bytes) -> Result<Response<Full<Bytes>>, Infallible> {
    let _read = request.into_body().collect().await;
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

const LARGEST: usize = 64 * 1024;
