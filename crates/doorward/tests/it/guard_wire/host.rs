//! A request is for one host, or it does not get through (RFC 9112, section 3.2).

use super::message::{OK, answering};
use super::rest;

#[test]
fn a_request_is_for_one_host() {
    let (guarded, came) = answering(OK);
    let ask = |head: &str| rest(&mut guarded.sent(&format!("{head}Connection: close\r\n\r\n")));
    for (head, host) in [
        ("GET /a HTTP/1.1\r\nHost: api.example\r\n", "api.example"),
        ("GET http://api.example/a HTTP/1.1\r\nHost: API.example\r\n", "api.example"),
        ("GET /a HTTP/1.0\r\nHost: api.example:81\r\n", "api.example:81"),
    ] {
        let answer = ask(head);
        assert!(answer.contains(" 200 OK\r\n"), "{head}: {answer}");
        let asked = came.recv().unwrap();
        assert!(asked.contains(&format!("\r\nx-forwarded-host: {host}\r\n")), "{asked}");
        assert_eq!(asked.matches("\r\nhost: ").count(), 1, "{asked}");
    }
    for head in [
        "GET /a HTTP/1.1\r\n",
        "GET http://api.example/a HTTP/1.1\r\n",
        "GET /a HTTP/1.1\r\nHost: api.example\r\nHost: api.example\r\n",
        "GET /a HTTP/1.1\r\nHost: api.example\r\nHost: evil.example\r\n",
        "GET /a HTTP/1.0\r\nHost: api.example\r\nHost: evil.example\r\n",
        "GET /a HTTP/1.1\r\nHost:\r\n",
        "GET /a HTTP/1.1\r\nHost: api.example, evil.example\r\n",
        "GET http://evil.example/a HTTP/1.1\r\nHost: api.example\r\n",
    ] {
        let answer = ask(head);
        assert!(answer.contains(" 400 Bad Request\r\n"), "{head}: {answer}");
    }
    for head in ["OPTIONS * HTTP/1.1\r\n", "CONNECT /a HTTP/1.1\r\n", "CONNECT api.example:443 HTTP/1.1\r\n"]
    {
        let answer = ask(&format!("{head}Host: api.example\r\n"));
        assert!(answer.contains(" 400 Bad Request\r\n"), "{head}: {answer}");
    }
    let answer =
        rest(&mut guarded.sent("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nHost: api.example\r\n\r\n"));
    assert!(answer.contains("\r\nconnection: close\r\n"), "nothing is known of what follows: {answer}");
    // HTTP/2 is not spoken, where a target could name another host than the header.
    let answer = rest(&mut guarded.sent("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    assert!(!answer.contains(" 200 "), "{answer}");
    assert!(came.try_recv().is_err(), "one of these got through");
}
