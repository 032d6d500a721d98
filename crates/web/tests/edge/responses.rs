//! What every answer carries, whoever gave it: HT-023, HT-025; and what a panic does.

use crate::edge_support::*;

#[tokio::test]
async fn ht_023_a_header_value_is_one_line() {
    let server = start(limits()).await;
    let answer = server.send("GET /own HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert_eq!(header(&answer, "location"), Some("https://app.example/cb?state=a%0D%0Ab"));
    // The type that carries header values cannot hold a line break.
    for value in ["a\r\nset-cookie: x=y", "a\nb", "a\rb", "a\0b"] {
        assert!(http::HeaderValue::from_str(value).is_err());
        assert!(http::HeaderValue::from_bytes(value.as_bytes()).is_err());
    }
}

#[tokio::test]
async fn ht_025_security_headers_on_every_answer() {
    let server = start(limits()).await;
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /panic HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\n\r\n",
    ] {
        let answer = server.send(request).await;
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{request}: {answer}");
        assert_eq!(header(&answer, "referrer-policy"), Some("strict-origin"));
        assert_eq!(header(&answer, "cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(
            header(&answer, "content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'")
        );
        assert_eq!(header(&answer, "cache-control"), Some("no-store"));
        assert!(header(&answer, "permissions-policy").is_some());
        assert_eq!(header(&answer, "x-request-id").map(str::len), Some(20));
        assert_eq!(header(&answer, "server"), None);
        assert_eq!(header(&answer, "strict-transport-security"), None);
    }
}

#[tokio::test]
async fn ht_025_an_answers_own_header_wins() {
    let server = start(limits()).await;
    let answer = server.send("GET /own HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert_eq!(header(&answer, "referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.matches("referrer-policy").count(), 1);
    assert_eq!(header(&answer, "server"), None);
}

#[tokio::test]
async fn a_panic_is_one_answer() {
    let server = start(limits()).await;
    let answer = server
        .send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(status(&answer), 500);
    assert!(answer.contains("Incident "), "{answer}");
    assert!(!answer.contains("secret"), "{answer}");
    assert!(answer.contains("HTTP/1.1 200"), "the connection lives: {answer}");
    assert_eq!(server.counters.panics.get(), 1);
}
