//! TLS: the connection's scheme, and certificates that change under a running server.

use doorward_web::edge::{Edge, Tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::edge_support::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

async fn get(certificate: &Certificate, server: &Server) -> std::io::Result<String> {
    let mut stream = certificate.connect(server, b"http/1.1").await?;
    stream.write_all(GET).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_request_over_tls_is_https() {
    let certificate = Certificate::make("https");
    let server = serve(Edge { limits: limits(), tls: Some(certificate.tls()), ..Edge::default() }).await;
    let answer = get(&certificate, &server).await.unwrap();
    assert!(answer.contains(" https=true "), "{answer}");
    assert_eq!(header(&answer, "strict-transport-security"), None, "not for localhost");
}

#[tokio::test]
async fn plain_bytes_on_a_tls_port_are_no_request() {
    let certificate = Certificate::make("plain");
    let server = serve(Edge { limits: limits(), tls: Some(certificate.tls()), ..Edge::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    until("the failure is counted", || server.counters.tls_failures.get() == 1).await;
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up() {
    let old = Certificate::make("renewed");
    let tls = old.tls();
    let server = serve(Edge { limits: limits(), tls: Some(tls.clone()), ..Edge::default() }).await;
    assert!(!tls.reload().unwrap(), "nothing changed");
    let mut open = old.connect(&server, b"http/1.1").await.unwrap();
    let old_der = old.der.clone();
    let new = old.renew();
    assert!(tls.reload().unwrap());
    assert!(!tls.reload().unwrap());
    assert!(get(&new, &server).await.unwrap().starts_with("HTTP/1.1 200"));
    let distrusting = Certificate { der: old_der, chain: new.chain.clone(), key: new.key.clone() };
    assert!(get(&distrusting, &server).await.is_err(), "the old certificate is gone");
    // Who was connected stays connected.
    open.write_all(GET).await.unwrap();
    let mut answer = String::new();
    open.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_half_renewed_certificate_is_not_taken_up() {
    let old = Certificate::make("half");
    let tls = old.tls();
    let server = serve(Edge { limits: limits(), tls: Some(tls.clone()), ..Edge::default() }).await;
    let other = Certificate::make("half-other");
    std::fs::copy(&other.chain, &old.chain).unwrap();
    let error = tls.reload().unwrap_err().to_string();
    assert!(error.contains("cannot be used with its key"), "{error}");
    assert!(get(&old, &server).await.unwrap().starts_with("HTTP/1.1 200"));
    std::fs::copy(&other.key, &old.key).unwrap();
    assert!(tls.reload().unwrap());
    assert!(get(&other, &server).await.unwrap().starts_with("HTTP/1.1 200"));
    std::fs::write(&old.chain, "nothing").unwrap();
    assert!(tls.reload().unwrap_err().to_string().contains("no certificate chain"));
    assert!(get(&other, &server).await.unwrap().starts_with("HTTP/1.1 200"));
}

#[test]
fn missing_files_are_named() {
    let error = Tls::from_files("/nowhere/chain.pem", "/nowhere/key.pem").unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/chain.pem: "), "{error}");
}
