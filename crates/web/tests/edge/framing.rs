//! Where a request begins and ends, and what it is for: HT-007, HT-008, HT-010, HT-014, HT-016, HT-017, HT-024.

use std::time::Duration;

use doorward_web::edge::Limits;

use crate::edge_support::*;

fn post(headers: &str, body: &str) -> String {
    format!("POST /x HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n{body}")
}

#[tokio::test]
async fn ht_007_odd_content_lengths() {
    let server = start(limits()).await;
    for headers in [
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 3\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: -3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: 3 3\r\n",
        "Content-Length: \r\n",
        "Content-Length : 3\r\n",
        "Content-Length: 99999999999999999999999\r\n",
    ] {
        assert_eq!(server.status(post(headers, "abc")).await, 400, "{headers}");
    }
    assert_eq!(server.calls(), 0);
    assert!(server.send(post("Content-Length: 3\r\n", "abc")).await.contains("body=abc "));
}

#[tokio::test]
async fn ht_008_odd_transfer_codings() {
    let server = start(limits()).await;
    for (headers, body) in [
        ("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: identity\r\n", "abc"),
        ("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding:\x0bchunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "10000000000000000\r\nabc"),
        ("Transfer-Encoding: chunked\r\n", "-1\r\nabc"),
        ("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "3;a=b\r\nabc\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "3\nabc\n0\n\n"),
        ("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"),
    ] {
        let status = server.status(post(headers, body)).await;
        assert!(status == 400 || status == 501, "{headers} {body}: {status}");
    }
    assert_eq!(server.calls(), 0);
    let chunked = post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    assert!(server.send(chunked).await.contains("body=abcde "));
}

#[tokio::test]
async fn ht_008_a_smuggled_request_is_not_answered() {
    let server = start(limits()).await;
    let answer = server
        .send(
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
             0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
        )
        .await;
    assert_eq!(status(&answer), 400);
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1);
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn ht_008_lines_end_in_cr_lf() {
    let server = start(limits()).await;
    for request in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n",
    ] {
        assert_eq!(server.status(request).await, 400, "{request:?}");
    }
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn ht_008_a_malformed_pipelined_request_waits_for_the_answer_before_it() {
    let server = start(limits()).await;
    let mut stream = server.connect().await;
    use tokio::io::AsyncWriteExt;
    stream.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("the first is being answered", || server.calls() == 1).await;
    stream.write_all(b"GET / HTTP/1.1\nHost: a\n\n").await.unwrap();
    server.echo.gate.add_permits(1);
    let answers = read_to_end(&mut stream).await;
    assert!(answers.contains("path=/wait"), "{answers}");
    assert!(answers.contains("HTTP/1.1 400"), "{answers}");
}

#[tokio::test]
async fn ht_010_large_heads() {
    let server = start(limits()).await;
    let fields: String = (0..98).map(|n| format!("X-{n}: y\r\n")).collect();
    let fits = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n");
    assert_eq!(server.status(&fits).await, 200);
    let fields: String = (0..99).map(|n| format!("X-{n}: y\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n");
    assert_eq!(server.status(&many).await, 431);
    let large = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "y".repeat(64_000));
    assert_eq!(server.status(&large).await, 431);
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "y".repeat(16_000));
    assert_eq!(server.status(&long).await, 414);
    let endless = format!("GET /{}", "y".repeat(64_000));
    assert_eq!(server.status(&endless).await, 414);
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn ht_014_a_huge_body_is_refused_unread() {
    let server = start(limits()).await;
    let huge = post("Expect: 100-continue\r\nContent-Length: 1000000000\r\n", "");
    let answer = server.send(&huge).await;
    assert_eq!(status(&answer), 413);
    assert!(!answer.contains("100 Continue"), "{answer}");
    assert_eq!(header(&answer, "connection"), Some("close"));
    let odd = post("Expect: something\r\nContent-Length: 3\r\n", "abc");
    assert_eq!(server.status(&odd).await, 417);
    assert_eq!(server.calls(), 0);
    let small = post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc");
    let answer = server.send(&small).await;
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn ht_014_bodies_above_the_cap_of_their_endpoint() {
    let server = start(limits()).await;
    let body = "x".repeat(17);
    let sized = format!("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n{body}");
    let chunked = format!(
        "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{body}\r\n0\r\n\r\n"
    );
    for request in [sized, chunked] {
        let answer = server.send(&request).await;
        assert_eq!(status(&answer), 413);
        assert_eq!(header(&answer, "connection"), Some("close"));
    }
    assert_eq!(server.calls(), 0);
    // The refusal arrives although the client goes on sending.
    let large = "y".repeat(100_000);
    let request = format!("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{large}");
    assert_eq!(server.status(&request).await, 413);
}

#[tokio::test]
async fn a_service_says_in_its_own_form_that_a_request_is_refused() {
    let server = start(Limits { body_idle: Duration::from_millis(50), ..limits() }).await;
    for (fields, expected, told) in [
        ("Content-Length: 17\r\n\r\nxxxxxxxxxxxxxxxxx", 413, "body_too_large"),
        ("Content-Length: 3\r\n\r\na", 408, "body_timeout"),
        ("Authorization: Basic a\r\nAuthorization: Basic b\r\nContent-Length: 3\r\n\r\nabc", 400, "repeated"),
    ] {
        let answer = server.send(format!("POST /told HTTP/1.1\r\nHost: a\r\n{fields}")).await;
        assert_eq!(status(&answer), expected, "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\ntold {told} true")), "{answer}");
        assert_eq!(header(&answer, "connection"), Some("close"));
    }
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn ht_016_paths_arrive_as_they_were_sent() {
    let server = start(limits()).await;
    for path in [
        "//token",
        "/./token",
        "/a/../token",
        "/token/",
        "/TOKEN",
        "/token;x=1",
        "/token%00",
        "/%74oken",
        "/%2e%2e/token",
    ] {
        let answer =
            server.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.contains(&format!(" path={path} query=- ")), "{path}: {answer}");
    }
    for path in ["token", "/a\\b", "/a#b", "/\u{e4}", "/a\tb", "*"] {
        let answer =
            server.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(status(&answer), 400, "{path}");
    }
}

#[tokio::test]
async fn ht_017_the_path_ends_at_the_first_question_mark() {
    let server = start(limits()).await;
    for (target, path, query) in [
        ("/public?x=/admin", "/public", "x=/admin"),
        ("/public??/admin?", "/public", "?/admin?"),
        ("/admin%23/public", "/admin%23/public", "-"),
        ("/admin%3Fpublic", "/admin%3Fpublic", "-"),
        ("/public?", "/public", ""),
    ] {
        let answer =
            server.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.contains(&format!(" path={path} query={query} ")), "{target}: {answer}");
    }
}

#[tokio::test]
async fn ht_024_methods() {
    let server = start(limits()).await;
    for (method, expected) in
        [("TRACE", 405), ("CONNECT", 405), ("PROPFIND", 501), ("get", 501), ("PRI", 501)]
    {
        let request = format!("{method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert_eq!(server.status(request).await, expected, "{method}");
    }
    assert_eq!(server.status("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\nConnection: close\r\n\r\n").await, 405);
    assert_eq!(server.status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await, 505);
    assert_eq!(server.calls(), 0);
    assert_eq!(
        server.status("QUERY / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await,
        200,
        "up to the path"
    );
    let head = server.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&head), 200);
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert_ne!(header(&head, "content-length"), Some("0"));
    // Whoever sends a body with a GET is answered without it, and the rest of the connection is not trusted.
    let get = server.send("GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").await;
    assert!(get.contains("body= "), "{get}");
    assert_eq!(header(&get, "connection"), Some("close"));
}
