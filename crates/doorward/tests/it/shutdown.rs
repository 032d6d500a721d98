//! The notice that SIGTERM gives, and when a second signal is one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Folder, free_address, until};

/// The head of an answer; empty when nobody is there.
fn head(address: &str, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(address) else { return String::new() };
    // No `Connection: close` of our own: it is the server that must ask for it.
    let _ = write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:8080\r\n\r\n");
    let mut text = String::new();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let _ = stream.read_to_string(&mut text);
    text.split("\r\n\r\n").next().unwrap_or_default().to_ascii_lowercase()
}

#[test]
fn load_balancers_are_told_before_the_door_closes() {
    let folder = Folder::new();
    let ops = free_address();
    let server = folder.serve(&["--ops-listen", &ops, "--shutdown-grace-s", "2"]);
    until("ready", || head(&ops, "/readyz").contains(" 200 "));
    assert!(!head(&server.address, "/jwks").contains("connection: close"));
    let asked = Instant::now();
    server.terminate();
    until("not ready", || head(&ops, "/readyz").contains(" 503 "));
    let answer = head(&server.address, "/jwks");
    assert!(answer.contains(" 200 ") && answer.contains("connection: close"), "{answer}");
    assert!(head(&ops, "/metrics").contains(" 200 "), "operations stay until the end");
    assert_eq!(server.ended().0, 0);
    assert!(asked.elapsed() >= Duration::from_secs(2));
}

#[test]
fn two_signals_at_once_are_one_and_a_later_one_ends_it() {
    let folder = Folder::new();
    let ops = free_address();
    let server = folder.serve(&["--ops-listen", &ops, "--shutdown-grace-s", "600"]);
    until("ready", || head(&ops, "/readyz").contains(" 200 "));
    server.terminate();
    server.terminate();
    let first = Instant::now();
    until("more than a second has passed", || first.elapsed() > Duration::from_millis(1200));
    assert!(head(&server.address, "/jwks").contains(" 200 "), "it is still there");
    server.terminate();
    assert_eq!(server.ended().0, 1);
    assert!(first.elapsed() < Duration::from_secs(60));
}
