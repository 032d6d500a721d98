//! Whose request it is and where it came from: HH-001 to HH-007.

use crate::edge_support::*;
use doorward_web::edge::{Edge, Proxies};

fn get(headers: &str) -> String {
    format!("GET / HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")
}

async fn behind_a_proxy() -> Server {
    let proxies = Proxies { networks: vec!["127.0.0.0/8".parse().unwrap()], ..Proxies::default() };
    serve(Edge { limits: limits(), proxies, ..Edge::default() }).await
}

#[tokio::test]
async fn hh_001_the_host_is_passed_on_in_one_form() {
    let server = start(limits()).await;
    assert!(server.send(get("Host: EVIL.example:8080\r\n")).await.contains(" host=evil.example:8080 "));
}

#[tokio::test]
async fn hh_002_forwarded_hosts_are_nobodys_word() {
    let server = start(limits()).await;
    let headers = "Host: a\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-For: 6.6.6.6\r\n\
                   Forwarded: host=evil.example;for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n";
    let answer = server.send(get(headers)).await;
    assert!(answer.contains(" host=a ip=127.0.0.1 https=false untrusted=true "), "{answer}");
    assert!(answer.contains("headers=connection,host\n"), "{answer}");
    assert_eq!(server.counters.untrusted_header.get(), 1);
    let trusted = behind_a_proxy().await;
    let answer = trusted.send(get(headers)).await;
    assert!(answer.contains(" host=a ip=6.6.6.6 https=false untrusted=false "), "{answer}");
    assert_eq!(trusted.counters.untrusted_header.get(), 0);
}

#[tokio::test]
async fn hh_003_the_scheme_is_a_trusted_proxys_word() {
    let server = start(limits()).await;
    let answer = server.send(get("Host: a\r\nX-Forwarded-Proto: https\r\n")).await;
    assert!(answer.contains(" https=false "), "{answer}");
    assert_eq!(header(&answer, "strict-transport-security"), None);
    let trusted = behind_a_proxy().await;
    for (value, https) in [("https", true), ("http", false), ("javascript", false), ("https, http", false)] {
        let answer = trusted.send(get(&format!("Host: a\r\nX-Forwarded-Proto: {value}\r\n"))).await;
        assert!(answer.contains(&format!(" https={https} ")), "{value}: {answer}");
        assert_eq!(header(&answer, "strict-transport-security").is_some(), https, "{value}");
    }
}

#[tokio::test]
async fn hh_004_one_host() {
    let server = start(limits()).await;
    for request in [
        get(""),
        get("Host: a\r\nHost: a\r\n"),
        get("Host: a\r\nHost: b\r\n"),
        get("Host: a, b\r\n"),
        get("Host: \r\n"),
        get("Host: user@a\r\n"),
        get("Host: a/b\r\n"),
        get("Host: a:port\r\n"),
        get("Host : a\r\n"),
        "GET http://a/ HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n".into(),
        "GET http://user@a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".into(),
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".into(),
        "GET / HTTP/1.0\r\n\r\n".into(),
    ] {
        assert_eq!(server.status(&request).await, 400, "{request}");
    }
    assert_eq!(server.calls(), 0);
    let absolute = "GET http://A/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert!(server.send(absolute).await.contains(" path=/x query=y host=a "));
    assert!(server.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n").await.starts_with("HTTP/1.0 200 "));
}

#[tokio::test]
async fn hh_006_overrides_are_dropped() {
    let server = start(limits()).await;
    let answer = server
        .send(get("Host: a\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\nX-Forwarded-Uri: /admin\r\n\
                   X-HTTP-Method-Override: DELETE\r\nX-Method-Override: DELETE\r\nX_Forwarded_For: 6.6.6.6\r\n\
                   Proxy: http://evil.example\r\n"))
        .await;
    assert!(answer.contains("method=GET path=/ "), "{answer}");
    assert!(answer.contains("headers=connection,host\n"), "{answer}");
}

#[tokio::test]
async fn hh_007_hop_by_hop_names_remove_nothing() {
    let server = behind_a_proxy().await;
    let answer = server
        .send(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nAuthorization: x\r\n\
               Connection: close, X-Forwarded-For, Authorization\r\n\r\n",
        )
        .await;
    assert!(answer.contains(" ip=6.6.6.6 "), "{answer}");
    assert!(answer.contains("headers=authorization,connection,host\n"), "{answer}");
}

#[tokio::test]
async fn fields_that_may_stand_once() {
    let server = start(limits()).await;
    for field in ["Authorization: Bearer x", "Content-Type: text/plain", "Origin: https://a.example"] {
        assert_eq!(server.status(get(&format!("Host: a\r\n{field}\r\n{field}\r\n"))).await, 400, "{field}");
    }
    assert_eq!(
        server.status(get("Host: a\r\nAccept: a\r\nAccept: b\r\nCookie: a=1\r\nCookie: b=2\r\n")).await,
        200
    );
}
