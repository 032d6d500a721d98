//! What is between two hops stays there, what the guard says is said whatever a client names, and each message is read in one way.

use std::io::Read;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use super::{Connection, Guarded, head, rest, write};

/// An API that gives that answer to the one request of a connection; the heads that came, none where a connection ended.
pub fn recording(answer: &'static str) -> (impl Fn(Connection) + Send + Sync + 'static, Receiver<String>) {
    let (told, came) = channel();
    let told = Mutex::new(told);
    let api = move |mut connection: Connection| {
        let asked = head(&mut connection);
        told.lock().unwrap().send(asked).unwrap();
        write(&mut connection, answer);
    };
    (api, came)
}

/// The guard before such an API.
pub fn answering(answer: &'static str) -> (Guarded, Receiver<String>) {
    let (api, came) = recording(answer);
    (Guarded::new(api), came)
}

pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

#[test]
fn an_old_answer_is_passed_on_in_the_guards_own_version() {
    let (guarded, _came) = answering("HTTP/1.0 200 OK\r\nVia: 1.0 other\r\n\r\nold");
    let asked = "GET /a HTTP/1.1\r\nHost: api.example\r\n";
    let mut client = guarded.sent(&format!("{asked}\r\n{asked}Connection: close\r\n\r\n"));
    let answers = rest(&mut client);
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 2, "the connection is kept: {answers}");
    assert!(answers.contains("via: 1.0 other\r\nvia: 1.0 doorward\r\n"), "{answers}");
}

#[test]
fn what_connection_names_is_not_what_the_guard_says() {
    let (guarded, came) = answering(OK);
    let names = "Host, X-Forwarded-Host, X-Forwarded-For, X-Forwarded-Proto, Via, Doorward-User, Doorward-Scopes, X-Private";
    let fields = "X-Private: 1\r\nX-Real-IP: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\nX-More: 2\r\n";
    let answer = rest(&mut guarded.sent(&format!(
        "GET http://api.example/a HTTP/1.1\r\nHost: api.example\r\nConnection: close, {names}\r\n{fields}\r\n"
    )));
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nvia: 1.1 doorward\r\n"),
        "{answer}"
    );
    let asked = came.recv().unwrap();
    assert!(asked.starts_with("get /a http/1.1\r\n"), "{asked}");
    for line in [
        "x-forwarded-host: api.example",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: http",
        "doorward-user: usr_alice",
        "doorward-scopes: openid",
        "via: 1.1 doorward",
        "x-more: 2",
    ] {
        assert!(asked.contains(&format!("\r\n{line}\r\n")), "{line}: {asked}");
    }
    assert!(!asked.contains("x-private") && !asked.contains("10.0.0.1"), "{asked}");
    // Whom it came through before is told as well.
    rest(&mut guarded.sent("GET /a HTTP/1.0\r\nHost: api.example\r\nVia: 1.1 other\r\n\r\n"));
    let asked = came.recv().unwrap();
    assert!(asked.contains("\r\nvia: 1.1 other\r\nvia: 1.0 doorward\r\n"), "{asked}");
}

/// No target has a fragment (RFC 9112, section 3.2): what is asked about is what the API gets.
#[test]
fn a_fragment_goes_no_further() {
    let (guarded, came) = answering(OK);
    rest(
        &mut guarded
            .sent("GET /health#/../projects HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n"),
    );
    let asked = came.recv().unwrap();
    assert!(asked.starts_with("get /health http/1.1\r\n"), "{asked}");
}

#[test]
fn a_coding_that_is_not_known_is_no_body() {
    let (guarded, came) = answering(OK);
    for coding in ["gzip, chunked", "chunked, chunked", "gzip\r\nTransfer-Encoding: chunked"] {
        let answer = rest(&mut guarded.sent(&format!(
            "POST /a HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: {coding}\r\n\r\n0\r\n\r\n"
        )));
        assert!(
            answer.starts_with("HTTP/1.1 501 ") && answer.contains("\r\nconnection: close\r\n"),
            "{answer}"
        );
    }
    assert!(came.try_recv().is_err(), "one of these reached the API");
    let (guarded, _came) = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    let answer = head(&mut guarded.sent("GET /a HTTP/1.1\r\nHost: api.example\r\n\r\n"));
    assert!(answer.starts_with("http/1.1 502 "), "{answer}");
}

#[test]
fn what_was_lost_on_a_kept_connection_is_asked_again_where_that_does_no_harm() {
    let (told, came) = channel();
    let told = Mutex::new(told);
    // It answers one request of each connection, and goes away over the next.
    let guarded = Guarded::new(move |mut connection: Connection| {
        for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""] {
            let asked = head(&mut connection);
            if asked.contains("\r\ncontent-length: 1\r\n") {
                connection.read_exact(&mut [0]).ok();
            }
            told.lock().unwrap().send(asked.lines().next().unwrap_or_default().to_owned()).unwrap();
            write(&mut connection, answer);
        }
    });
    // Whether one is kept by then is a matter of moments: this goes on until one was.
    let one = "Content-Length: 1\r\n\r\nx";
    for (method, end, lost, times) in [
        ("GET", "\r\n", "200", 2),
        ("HEAD", "\r\n", "200", 2),
        ("POST", "\r\n", "502", 1),
        // Its body would be gone.
        ("GET", one, "502", 1),
    ] {
        let is_lost = (0..1000).any(|_| {
            let request = format!("{method} /a HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n{end}");
            let answer = rest(&mut guarded.sent(&request));
            let seen = came.try_iter().filter(|line| !line.is_empty()).count();
            let is_ok = answer.starts_with("HTTP/1.1 200 ");
            assert!(is_ok || lost != "200", "{method}: {answer}");
            assert!(seen == 1 || (seen == times && is_ok), "{method} came {seen} times");
            seen == times && answer.starts_with(&format!("HTTP/1.1 {lost} "))
        });
        assert!(is_lost, "{method}: no connection was ever lost");
    }
}

#[test]
fn clients_are_told_of_the_issuer_at_the_apis_own_host() {
    let (guarded, came) = answering(OK);
    let ask = |host: &str| {
        let path = "/.well-known/oauth-protected-resource";
        rest(&mut guarded.sent(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")))
    };
    let answer = ask("api.example");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n/guard/metadata?api=https%3a%2f%2fapi.example"), "{answer}");
    assert!(came.try_recv().is_err(), "the API was asked");
    assert!(ask("other.example").ends_with("ok"));
    came.recv().unwrap();
}
