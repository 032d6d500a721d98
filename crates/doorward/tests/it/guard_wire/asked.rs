//! What the issuer's server is asked, and what becomes of a request by its answer: nothing passes but on a plain yes that says whose it is.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use super::message::{OK, recording};
use super::{ALICE, Connection, Guarded, head, neighbour, rest, write};

/// The guard of an issuer whose server answers that; what is answered to a request in its turn, and whether that reached the API.
fn answered(answer: String) -> (String, bool) {
    let server = neighbour(move |mut connection: Connection| {
        head(&mut connection);
        write(&mut connection, &answer);
    });
    let (api, came) = recording(OK);
    let guarded = Guarded::of(&server, &[], api);
    let answer = rest(&mut guarded.sent("GET /a HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n"));
    (answer, came.try_recv().is_ok())
}

#[test]
fn nothing_passes_but_on_a_plain_yes() {
    let said = |status: &str, fields: &str| format!("HTTP/1.1 {status}\r\n{fields}Content-Length: 0\r\n\r\n");
    let (answer, has_passed) = answered(said("200 OK", ALICE));
    assert!(answer.starts_with("HTTP/1.1 200 ") && has_passed, "{answer}");
    let challenge = "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
    for (status, fields, told, line) in [
        ("401 Unauthorized", challenge, 401, "www-authenticate: Bearer error=\"invalid_token\"\r\n"),
        ("403 Forbidden", challenge, 403, "www-authenticate: Bearer error=\"invalid_token\"\r\n"),
        ("400 Bad Request", "", 400, ""),
        ("429 Too Many Requests", "Retry-After: 7\r\n", 429, "retry-after: 7\r\n"),
        // What is neither yes nor no is trouble.
        ("201 Created", "", 503, ""),
        ("206 Partial Content", "", 503, ""),
        ("302 Found", "Location: /sign-in\r\n", 503, ""),
        ("404 Not Found", "", 503, ""),
        ("500 Internal Server Error", "", 503, ""),
        ("503 Service Unavailable", "Retry-After: 7\r\n", 503, "retry-after: 7\r\n"),
    ] {
        let (answer, has_passed) = answered(said(status, &format!("{ALICE}{fields}")));
        assert!(answer.starts_with(&format!("HTTP/1.1 {told} ")) && !has_passed, "{status}: {answer}");
        assert!(answer.contains(line) && !answer.contains("usr_alice"), "{status}: {answer}");
    }
    let (answer, has_passed) = answered(String::new());
    assert!(answer.starts_with("HTTP/1.1 503 ") && !has_passed, "{answer}");
}

#[test]
fn a_yes_says_whose_it_is() {
    for left_out in ALICE.split_inclusive("\r\n") {
        let fields = ALICE.replace(left_out, "");
        let (answer, has_passed) = answered(format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 0\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 503 ") && !has_passed, "{left_out}: {answer}");
    }
}

#[test]
fn what_the_api_would_get_is_what_the_issuer_is_asked_about() {
    let (told, asked) = channel();
    let told = Mutex::new(told);
    let server = neighbour(move |mut connection: Connection| {
        told.lock().unwrap().send(head(&mut connection)).unwrap();
    });
    let flags = ["--server", server.as_str()];
    let guarded = Guarded::of("http://id.example/t/demo", &flags, |_| {});
    let own =
        "X-Original-URI: /health\r\nX-Original-Method: GET\r\nX-Forwarded-Uri: /health\r\nCookie: a=b\r\n";
    let tokens = "Authorization: Bearer one\r\nAuthorization: Bearer two\r\n";
    rest(&mut guarded.sent(&format!(
        "DELETE /orders/1?a=%2F HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n{own}{tokens}\r\n"
    )));
    let asked = asked.recv().unwrap();
    let mut lines: Vec<&str> = asked.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "get /t/demo/guard?api=https%3a%2f%2fapi.example http/1.1");
    lines.sort_unstable();
    // Of two tokens neither is left out, so that none is taken.
    let expected = [
        "authorization: bearer one",
        "authorization: bearer two",
        "host: id.example",
        "x-original-method: delete",
        "x-original-uri: /orders/1?a=%2f",
    ];
    assert_eq!(lines, expected);
}
