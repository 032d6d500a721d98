//! HTTP/2 over TLS: the same rules, and floods end (HT-012).

use std::time::Duration;

use doorward_web::edge::{Edge, Leaving, Limits};
use http::{Request, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::edge_support::*;

type Body = Full<bytes::Bytes>;

async fn tls(name: &str, limits: Limits) -> (Certificate, Server) {
    let certificate = Certificate::make(name);
    let server = serve(Edge { limits, tls: Some(certificate.tls()), ..Edge::default() }).await;
    (certificate, server)
}

async fn client(certificate: &Certificate, server: &Server) -> SendRequest<Body> {
    let stream = certificate.connect(server, b"h2").await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn get(path: &str) -> http::request::Builder {
    Request::get(format!("https://localhost{path}"))
}

async fn send(
    sender: &mut SendRequest<Body>,
    request: Request<Body>,
) -> (StatusCode, http::HeaderMap, String) {
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn requests_are_answered_alike() {
    let (certificate, server) = tls("h2", limits()).await;
    let mut sender = client(&certificate, &server).await;
    let (status, headers, body) = send(&mut sender, get("//x?y").body(Body::default()).unwrap()).await;
    assert_eq!(status, 200);
    assert!(body.contains("path=//x query=y host=localhost "), "{body}");
    assert!(body.contains(" https=true "), "{body}");
    assert!(
        !headers.contains_key("strict-transport-security"),
        "it would hold for every server of this machine"
    );
    let named = Request::get("https://id.example/x").body(Body::default()).unwrap();
    let (_, named, _) = send(&mut sender, named).await;
    assert_eq!(named["strict-transport-security"], "max-age=63072000; includeSubDomains");
    assert!(headers.contains_key("x-request-id"));
    let post = Request::post("https://localhost/x").body(Body::from("abc")).unwrap();
    assert!(send(&mut sender, post).await.2.contains("body=abc "));
    let head = Request::head("https://localhost/x").body(Body::default()).unwrap();
    let (status, headers, body) = send(&mut sender, head).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    assert!(headers.contains_key("content-length"));
}

#[tokio::test]
async fn after_the_notice_connections_end_and_new_ones_are_answered() {
    let certificate = Certificate::make("h2-leaving");
    let leaving = Leaving::default();
    let server =
        serve(Edge { tls: Some(certificate.tls()), leaving: leaving.clone(), ..Edge::default() }).await;
    let (mut busy, mut idle) = (client(&certificate, &server).await, client(&certificate, &server).await);
    assert_eq!(send(&mut idle, get("/").body(Body::default()).unwrap()).await.0, 200);
    let waiting = busy.send_request(get("/wait").body(Body::default()).unwrap());
    let waiting = tokio::spawn(waiting);
    until("it is begun", || server.calls() == 2).await;
    leaving.begin();
    until("an idle connection is closed (GOAWAY)", || idle.is_closed()).await;
    for _ in 0..2 {
        let mut new = client(&certificate, &server).await;
        assert_eq!(send(&mut new, get("/").body(Body::default()).unwrap()).await.0, 200);
        until("it was for one request", || new.is_closed()).await;
    }
    server.echo.gate.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
    assert!(!server.task.is_finished());
}

#[tokio::test]
async fn refusals_are_alike() {
    let (certificate, server) = tls("h2-refusals", limits()).await;
    let mut sender = client(&certificate, &server).await;
    let mut many = get("/");
    for n in 0..101 {
        many = many.header(format!("x-{n}"), "y");
    }
    let large = Body::from(vec![b'x'; 17]);
    for (request, expected) in [
        (many.body(Body::default()).unwrap(), 431),
        (get("/").header("host", "other").body(Body::default()).unwrap(), 400),
        (get("/").header("origin", "a").header("origin", "b").body(Body::default()).unwrap(), 400),
        (get(&format!("/{}", "x".repeat(13_000))).body(Body::default()).unwrap(), 414),
        (Request::post("https://localhost/small").body(large).unwrap(), 413),
        (Request::trace("https://localhost/").body(Body::default()).unwrap(), 405),
    ] {
        assert_eq!(send(&mut sender, request).await.0.as_u16(), expected);
    }
    assert_eq!(server.calls(), 0);
    // The connection outlives them; split cookies arrive as one.
    let cookies = get("/").header("cookie", "a=1").header("cookie", "b=2").body(Body::default()).unwrap();
    assert_eq!(send(&mut sender, cookies).await.0, 200);
}

#[tokio::test]
async fn a_panic_ends_one_stream() {
    let (certificate, server) = tls("h2-panic", limits()).await;
    let mut sender = client(&certificate, &server).await;
    assert_eq!(send(&mut sender, get("/panic").body(Body::default()).unwrap()).await.0, 500);
    assert_eq!(send(&mut sender, get("/").body(Body::default()).unwrap()).await.0, 200);
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_drained() {
    let (certificate, server) =
        tls("h2-idle", Limits { keep_alive: Duration::from_millis(60), ..limits() }).await;
    let mut sender = client(&certificate, &server).await;
    assert_eq!(send(&mut sender, get("/").body(Body::default()).unwrap()).await.0, 200);
    until("it is closed", || server.counters.open.get() == 0).await;
    let mut sender = client(&certificate, &server).await;
    let waiting = sender.send_request(get("/wait").body(Body::default()).unwrap());
    let waiting = tokio::spawn(waiting);
    until("it is begun", || server.calls() == 2).await;
    server.stop.send(true).unwrap();
    server.echo.gate.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
    server.task.await.unwrap();
}

#[tokio::test]
async fn ht_003_a_stream_without_a_window() {
    let (certificate, server) =
        tls("h2-window", Limits { keep_alive: Duration::from_millis(60), ..limits() }).await;
    let stream = certificate.connect(&server, b"h2").await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(0)
        .handshake::<_, Body>(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let response = sender.send_request(get("/large").body(Body::default()).unwrap()).await;
    until("it is given up", || server.counters.open.get() == 0).await;
    drop(response);
}

/// Sends frames until the server hangs up; whether it said GOAWAY.
async fn flood(name: &str, frames: impl Fn(u32) -> Vec<u8>) -> bool {
    let (certificate, server) = tls(name, limits()).await;
    let stream = certificate.connect(&server, b"h2").await.unwrap();
    let (mut reading, mut writing) = tokio::io::split(stream);
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    hello.extend(frame(4, 0, 0, &[]));
    writing.write_all(&hello).await.unwrap();
    let sending = async {
        for n in 0..100_000 {
            if writing.write_all(&frames(n)).await.is_err() || writing.flush().await.is_err() {
                break;
            }
        }
    };
    let receiving = async {
        let mut all = Vec::new();
        let _ = reading.read_to_end(&mut all).await;
        all
    };
    let both = async { tokio::join!(sending, receiving) };
    let ((), all) =
        tokio::time::timeout(Duration::from_secs(20), both).await.expect("the flood is not cut off");
    assert_eq!(server.counters.open.get(), 0);
    let mut sender = client(&certificate, &server).await;
    assert_eq!(send(&mut sender, get("/").body(Body::default()).unwrap()).await.0, 200, "others are served");
    goes_away(&all)
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn goes_away(mut bytes: &[u8]) -> bool {
    while bytes.len() >= 9 {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        if bytes[3] == 7 {
            return true;
        }
        bytes = bytes.get(9 + length..).unwrap_or_default();
    }
    false
}

#[tokio::test]
async fn ht_012_a_settings_flood() {
    assert!(flood("h2-settings", |_| frame(4, 0, 0, &[]).repeat(50)).await);
}

#[tokio::test]
async fn ht_012_a_ping_flood() {
    assert!(flood("h2-ping", |_| frame(6, 0, 0, &[0; 8]).repeat(50)).await);
}

#[tokio::test]
async fn ht_012_a_continuation_flood() {
    // A head that never ends: HEADERS without END_HEADERS, then CONTINUATION for ever (literal field "a: b").
    let field = [0, 1, b'a', 1, b'b'];
    assert!(
        flood("h2-continuation", move |n| {
            if n == 0 { frame(1, 0, 1, &[0x82, 0x84, 0x87]) } else { frame(9, 0, 1, &field) }
        })
        .await
    );
}

#[tokio::test]
async fn ht_012_empty_data_frames() {
    assert!(
        flood("h2-data", |n| {
            // POST / with authority "a", no END_STREAM; then DATA without a byte for ever.
            if n == 0 {
                frame(1, 4, 1, &[0x83, 0x84, 0x87, 0x41, 1, b'a'])
            } else {
                frame(0, 0, 1, &[]).repeat(20)
            }
        })
        .await
    );
}

#[tokio::test]
async fn ht_012_a_rapid_reset() {
    assert!(
        flood("h2-reset", |n| {
            let stream = 2 * n + 1;
            let mut pair = frame(1, 5, stream, &[0x82, 0x84, 0x87, 0x41, 1, b'a']);
            pair.extend(frame(3, 0, stream, &[0, 0, 0, 8]));
            pair
        })
        .await
    );
}

#[tokio::test]
async fn ht_012_an_hpack_bomb() {
    // One large field into the table, then references to it: a few bytes that unpack to megabytes.
    let bomb = || {
        let mut block = vec![0x82, 0x84, 0x87, 0x41, 1, b'a', 0x40, 1, b'x', 0x7f, 0xe1, 0x1d];
        block.extend([b'y'; 127 + 0x61 + (0x1d << 7)].iter());
        block.extend(std::iter::repeat_n(0xbe, 2_000));
        block
    };
    let (certificate, server) = tls("h2-hpack", limits()).await;
    let mut stream = certificate.connect(&server, b"h2").await.unwrap();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    bytes.extend(frame(1, 5, 1, &bomb()));
    let _ = stream.write_all(&bytes).await;
    let mut answer = [0; 64];
    let _ = stream.read(&mut answer).await;
    drop(stream);
    until("it is gone", || server.counters.open.get() == 0).await;
    assert_eq!(server.calls(), 0);
}
