//! The guarded fetcher against servers that misbehave.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use doorward_web::fetch::{FetchError, Fetcher, Policy, Resolver, Roots};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every connection with the same bytes, then closes or holds on; counts connections.
async fn serve(answer: impl Into<Vec<u8>>, hold: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let (listener, answer) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), answer.into());
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(&answer).await;
                if hold {
                    std::future::pending::<()>().await;
                }
                let _ = stream.shutdown().await;
                let _ = stream.read(&mut request).await;
            });
        }
    });
    (address, count)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn allowing(allow: &[&str]) -> Policy {
    Policy { allow: allow.iter().map(|text| text.parse().unwrap()).collect(), ..Policy::default() }
}

fn loopback() -> Fetcher {
    Fetcher::new(allowing(&["127.0.0.0/8"]))
}

fn resolving_to(addresses: &'static [&'static str], asked: Arc<AtomicUsize>) -> Resolver {
    Arc::new(move |_host, port| {
        asked.fetch_add(1, Ordering::SeqCst);
        Ok(addresses.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect())
    })
}

#[tokio::test]
async fn a_document_is_fetched_where_an_exception_allows_it() {
    let (address, _) = serve(ok("{}"), false).await;
    let port = address.port();
    let url = format!("http://localhost:{port}/jwks?x=y");
    for allow in [format!("localhost:{port}"), "127.0.0.1".into(), "127.0.0.0/8".into()] {
        assert_eq!(Fetcher::new(allowing(&[&allow])).get_json(&url).await, Ok(Bytes::from("{}")), "{allow}");
    }
    for allow in [format!("localhost:{}", port ^ 1), format!("127.0.0.1:{port}"), "10.0.0.0/8".into()] {
        assert_eq!(
            Fetcher::new(allowing(&[&allow])).get_json(&url).await,
            Err(FetchError::Forbidden),
            "{allow}"
        );
    }
}

#[tokio::test]
async fn nothing_private_is_connected_to() {
    let (address, connections) = serve(ok("{}"), false).await;
    let port = address.port();
    let fetcher = Fetcher::new(Policy::default());
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            assert_eq!(fetcher.get_json(&url).await, Err(FetchError::Forbidden), "{url}");
        }
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn urls_are_http_without_decoration() {
    let fetcher = loopback();
    for url in [
        "",
        "localhost",
        "/jwks",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "data:application/json,{}",
        "unix:/run/docker.sock",
        "http://user@127.0.0.1/",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1/#fragment",
        "http://127.0.0.1:0/",
        "http:///",
    ] {
        assert_eq!(fetcher.get_json(url).await, Err(FetchError::BadUrl), "{url}");
        assert_eq!(fetcher.check(url), Err(FetchError::BadUrl), "{url}");
    }
    let strict = Fetcher::new(Policy::default());
    assert_eq!(strict.check("https://app.example/jwks"), Ok(()));
    assert_eq!(strict.check("http://app.example/jwks"), Err(FetchError::Forbidden));
    assert_eq!(strict.check("https://10.0.0.1/jwks"), Err(FetchError::Forbidden));
}

#[tokio::test]
async fn a_name_is_resolved_once_and_its_private_addresses_are_left_out() {
    let asked = Arc::new(AtomicUsize::new(0));
    let resolver = resolving_to(&["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1"], asked.clone());
    let fetcher = Fetcher::with(Policy::default(), resolver, Roots::Own(Vec::new()));
    assert_eq!(fetcher.get_json("https://rebinding.example/").await, Err(FetchError::Forbidden));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // Of several addresses only an allowed one is connected to.
    let (address, _) = serve(ok("{}"), false).await;
    let resolver = resolving_to(&["10.0.0.1", "127.0.0.1"], asked.clone());
    let fetcher = Fetcher::with(allowing(&["127.0.0.1"]), resolver, Roots::Own(Vec::new()));
    let url = format!("http://rebinding.example:{}/", address.port());
    assert_eq!(fetcher.get_json(&url).await, Ok(Bytes::from("{}")));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_name_without_an_address() {
    let resolver: Resolver = Arc::new(|_, _| Ok(Vec::new()));
    let fetcher = Fetcher::with(Policy::default(), resolver, Roots::Own(Vec::new()));
    assert_eq!(fetcher.get_json("https://nowhere.example/").await, Err(FetchError::Unresolved));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (inside, connections) = serve(ok("{}"), false).await;
    for status in [301, 302, 303, 307, 308] {
        let answer =
            format!("HTTP/1.1 {status} Found\r\nLocation: http://{inside}/\r\nContent-Length: 0\r\n\r\n");
        let (address, _) = serve(answer, false).await;
        assert_eq!(loopback().get_json(&format!("http://{address}/")).await, Err(FetchError::Status(status)));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn sizes_are_capped_announced_or_not() {
    let policy = Policy { max_body: 16, ..allowing(&["127.0.0.0/8"]) };
    let large = "x".repeat(17);
    for answer in [
        ok(&large),
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{large}\r\n0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n\r\n{large}"),
    ] {
        let (address, _) = serve(answer, false).await;
        let result = Fetcher::new(policy.clone()).get_json(&format!("http://{address}/")).await;
        assert_eq!(result, Err(FetchError::TooLarge));
    }
    let (address, _) = serve(ok(&large[1..]), false).await;
    assert_eq!(Fetcher::new(policy).get_json(&format!("http://{address}/")).await.unwrap().len(), 16);
}

#[tokio::test]
async fn one_deadline_for_everything() {
    let policy = Policy { total: Duration::from_millis(60), ..allowing(&["127.0.0.0/8"]) };
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let (address, _) = serve(answer, true).await;
        let result = Fetcher::new(policy.clone()).get_json(&format!("http://{address}/")).await;
        assert_eq!(result, Err(FetchError::Timeout), "{answer:?}");
    }
    let (waiting, release) = (Arc::new(std::sync::Barrier::new(2)), Arc::new(std::sync::Barrier::new(2)));
    let (waits, released) = (waiting.clone(), release.clone());
    let resolver: Resolver = Arc::new(move |_, _| {
        waits.wait();
        released.wait();
        Ok(Vec::new())
    });
    let fetcher = Fetcher::with(policy, resolver, Roots::Own(Vec::new()));
    let result = tokio::spawn(async move { fetcher.get_json("https://slow.example/").await });
    tokio::task::spawn_blocking(move || waiting.wait()).await.unwrap();
    assert_eq!(result.await.unwrap(), Err(FetchError::Timeout));
    tokio::task::spawn_blocking(move || release.wait()).await.unwrap();
}

#[tokio::test]
async fn malformed_answers() {
    for answer in ["", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let (address, _) = serve(answer, false).await;
        assert_eq!(
            loopback().get_json(&format!("http://{address}/")).await,
            Err(FetchError::Broken),
            "{answer:?}"
        );
    }
    for status in [204, 206, 404, 500] {
        let (address, _) = serve(format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n"), false).await;
        assert_eq!(loopback().get_json(&format!("http://{address}/")).await, Err(FetchError::Status(status)));
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(loopback().get_json(&format!("http://{closed}/")).await, Err(FetchError::Unreachable));
}

#[tokio::test]
async fn certificates_are_checked_against_the_host() {
    let made = rcgen::generate_simple_self_signed(["keys.example".to_owned()]).unwrap();
    let (der, key) = (made.cert.der().clone(), made.signing_key.serialize_der());
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![der.clone()], rustls::pki_types::PrivatePkcs8KeyDer::from(key).into())
            .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).to_ascii_lowercase();
                assert!(request.contains(&format!("\r\nhost: keys.example:{port}\r\n")), "{request}");
                let _ = stream.write_all(ok("{}").as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let fetcher = |roots| {
        let resolver = resolving_to(&["127.0.0.1"], asked.clone());
        Fetcher::with(allowing(&["127.0.0.1"]), resolver, Roots::Own(roots))
    };
    let url = |host: &str| format!("https://{host}:{port}/");
    assert_eq!(fetcher(vec![der.clone()]).get_json(&url("keys.example")).await, Ok(Bytes::from("{}")));
    assert_eq!(fetcher(vec![der]).get_json(&url("other.example")).await, Err(FetchError::Tls));
    assert_eq!(fetcher(Vec::new()).get_json(&url("keys.example")).await, Err(FetchError::Tls));
}
