//! Graceful shutdown: what runs finishes, what is new is refused, and there is a bound.

use std::time::Duration;

use doorward_web::edge::{Edge, Leaving, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::edge_support::*;

#[tokio::test]
async fn running_requests_finish() {
    let server = start(limits()).await;
    let mut busy = server.connect().await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert_eq!(status(&read_answer(&mut idle).await), 200);
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("both are begun", || server.calls() == 2).await;
    server.stop.send(true).unwrap();
    assert_eq!(read_to_end(&mut idle).await, "", "an idle connection closes at once");
    assert!(!server.task.is_finished());
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody new is let in");
    server.echo.gate.add_permits(1);
    let answer = read_to_end(&mut busy).await;
    assert_eq!(status(&answer), 200);
    assert_eq!(header(&answer, "connection"), Some("close"));
    server.task.await.unwrap();
}

#[tokio::test]
async fn after_the_notice_everybody_is_answered_and_asked_to_go() {
    let leaving = Leaving::default();
    let server = serve(Edge { leaving: leaving.clone(), ..Edge::default() }).await;
    let mut known = server.connect().await;
    known.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert_eq!(header(&read_answer(&mut known).await, "connection"), None);
    leaving.begin();
    let mut new = server.connect().await;
    for stream in [&mut known, &mut new] {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let answer = read_to_end(stream).await;
        assert_eq!((status(&answer), header(&answer, "connection")), (200, Some("close")));
    }
    assert!(!server.task.is_finished());
    server.stop.send(true).unwrap();
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_cut_off() {
    let server = start(Limits { drain: Duration::from_millis(50), ..limits() }).await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("it is begun", || server.calls() == 1).await;
    server.stop.send(true).unwrap();
    server.task.await.unwrap();
    assert_eq!(read_to_end(&mut busy).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_under_load() {
    let server = start(limits()).await;
    let address = server.address;
    let clients: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn(async move {
                let mut answered = 0;
                // Each request on a connection of its own: refused or answered, never begun and dropped.
                while let Ok(mut stream) = TcpStream::connect(address).await {
                    let sent =
                        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
                    let mut answer = String::new();
                    match (sent, stream.read_to_string(&mut answer).await) {
                        (Ok(()), Ok(_)) if answer.starts_with("HTTP/1.1 200") => answered += 1,
                        // Still in the backlog when the listener closed: the kernel resets it, nothing was begun.
                        (_, Err(_)) if answer.is_empty() => break,
                        other => panic!("{other:?} {answer:?}"),
                    }
                }
                answered
            })
        })
        .collect();
    until("there is load", || server.calls() > 500).await;
    let calls = {
        server.stop.send(true).unwrap();
        server.task.await.unwrap();
        server.echo.calls.load(std::sync::atomic::Ordering::SeqCst)
    };
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    assert_eq!(answered, calls, "every request that was begun was answered");
    assert_eq!(server.counters.open.get(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keep_alive_connections_end_with_an_answer() {
    let server = start(limits()).await;
    let address = server.address;
    let clients: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let mut answered = 0;
                loop {
                    if stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.is_err() {
                        return answered;
                    }
                    let mut first = [0];
                    // Closed between two requests: the client retries elsewhere (RFC 9112, section 9.3.1).
                    if !matches!(stream.read(&mut first).await, Ok(1)) {
                        return answered;
                    }
                    let answer = read_answer(&mut stream).await;
                    answered += 1;
                    if header(&answer, "connection") == Some("close") {
                        assert_eq!(stream.read(&mut first).await.unwrap_or(0), 0);
                        return answered;
                    }
                }
            })
        })
        .collect();
    until("there is load", || server.calls() > 500).await;
    server.stop.send(true).unwrap();
    server.task.await.unwrap();
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    assert_eq!(answered, server.echo.calls.load(std::sync::atomic::Ordering::SeqCst));
}
