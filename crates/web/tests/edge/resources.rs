//! Slow and greedy clients: HT-001, HT-002, HT-003, HT-005.

use std::time::Duration;

use doorward_web::edge::{Edge, Limits};
use tokio::io::AsyncWriteExt;

use crate::edge_support::*;

const SHORT: Duration = Duration::from_millis(60);

fn late(server: &Server, deadline: &'static str) -> u64 {
    server.counters.deadlines.get_or_create(&doorward_web::edge::DeadlineLabel { deadline }).get()
}

#[tokio::test]
async fn ht_001_a_dribbled_head() {
    let server = start(Limits { header: SHORT, ..limits() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX-").await.unwrap();
    let (mut reading, mut writing) = stream.split();
    // One byte after the other does not prolong the deadline.
    let dribble = async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if writing.write_all(b"a").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    use tokio::io::AsyncReadExt;
    let mut answer = String::new();
    let closed = async { reading.read_to_string(&mut answer).await };
    tokio::select! {
        () = dribble => unreachable!(),
        _ = tokio::time::timeout(Duration::from_secs(10), closed) => {}
    }
    assert_eq!(status(&answer), 408);
    assert_eq!(late(&server, "header"), 1);
    assert_eq!(server.status("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await, 200);
}

#[tokio::test]
async fn ht_001_no_byte_at_all() {
    let server = start(Limits { first_byte: SHORT, ..limits() }).await;
    assert_eq!(server.send("").await, "");
    assert_eq!(late(&server, "first_byte"), 1);
}

#[tokio::test]
async fn ht_001_an_idle_connection() {
    let server = start(Limits { keep_alive: SHORT, ..limits() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert_eq!(status(&read_answer(&mut stream).await), 200);
    assert_eq!(read_to_end(&mut stream).await, "");
    assert_eq!(late(&server, "keep_alive"), 1);
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = start(limits()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        assert_eq!(status(&read_answer(&mut stream).await), 200);
    }
    assert_eq!(server.counters.accepted.get(), 1);
}

#[tokio::test]
async fn ht_001_a_long_answer_is_no_idle_connection() {
    let server = start(Limits { keep_alive: SHORT, write: SHORT, ..limits() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(3 * SHORT).await;
    server.echo.gate.add_permits(1);
    assert_eq!(status(&read_answer(&mut stream).await), 200);
}

#[tokio::test]
async fn ht_001_an_old_connection_ends_with_its_request() {
    let server = start(Limits { max_age: Duration::ZERO, keep_alive: SHORT, ..limits() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(2 * SHORT).await;
    server.echo.gate.add_permits(1);
    let answer = read_to_end(&mut stream).await;
    assert_eq!(status(&answer), 200);
    assert_eq!(header(&answer, "connection"), Some("close"));
}

#[tokio::test]
async fn ht_002_a_dribbled_body() {
    for limits in [Limits { body_idle: SHORT, ..limits() }, Limits { body_total: SHORT, ..limits() }] {
        let server = start(limits).await;
        let answer =
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this much").await;
        assert_eq!(status(&answer), 408);
        assert_eq!(header(&answer, "connection"), Some("close"));
        assert_eq!(server.calls(), 0);
    }
}

#[tokio::test]
async fn ht_002_a_slow_body_that_moves() {
    let server = start(Limits { body_idle: Duration::from_secs(5), ..limits() }).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\n")
        .await
        .unwrap();
    for byte in b"abcdef" {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(read_to_end(&mut stream).await.contains("body=abcdef "));
}

#[tokio::test]
async fn ht_003_a_client_that_does_not_read() {
    let server = start(Limits { write: SHORT, ..limits() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("the connection is given up", || late(&server, "write") == 1).await;
    until("its place is free", || server.counters.open.get() == 0).await;
    assert_eq!(server.status("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await, 200);
}

#[tokio::test]
async fn ht_001_a_tls_handshake_that_does_not_begin() {
    let certificate = Certificate::make("silent");
    let limits = Limits { header: SHORT, ..limits() };
    let server = serve(Edge { limits, tls: Some(certificate.tls()), ..Edge::default() }).await;
    assert_eq!(server.send("").await, "");
    assert_eq!(server.counters.tls_failures.get(), 1);
}

#[tokio::test]
async fn a_client_may_close_its_side_after_its_request() {
    let server = start(limits()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    until("it is being answered", || server.calls() == 1).await;
    server.echo.gate.add_permits(1);
    assert_eq!(status(&read_to_end(&mut stream).await), 200);
}

#[tokio::test]
async fn ht_005_nobody_idles_where_places_are_scarce() {
    let limits = Limits { max_connections: 8, header: SHORT, linger: Duration::ZERO, ..limits() };
    let server = start(limits).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let answer = read_answer(&mut idle).await;
    assert_eq!(header(&answer, "connection"), None);
    let mut others = Vec::new();
    for _ in 0..7 {
        others.push(server.connect().await);
    }
    assert_eq!(read_to_end(&mut idle).await, "", "the idle one makes room");
    until("the places are taken", || server.counters.open.get() == 7).await;
    // The last place stays taken for one answer only.
    let more = server.connect().await;
    let crowded = server.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    drop(more);
    let answer = crowded.await;
    assert_eq!(header(&answer, "connection"), Some("close"));
}

#[tokio::test]
async fn ht_005_connections_beyond_the_cap_wait() {
    let server = start(Limits { max_connections: 2, ..limits() }).await;
    let (first, second) = (server.connect().await, server.connect().await);
    until("both are accepted", || server.counters.open.get() == 2).await;
    let mut third = server.connect().await;
    third.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    until("accepting pauses", || server.counters.paused.get() == 1).await;
    assert_eq!((server.calls(), server.counters.open.get()), (0, 2));
    drop(first);
    assert_eq!(status(&read_to_end(&mut third).await), 200);
    drop(second);
}
