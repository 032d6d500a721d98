//! The whole server behind a listener of its own, and a client that speaks bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use doorward_tests::{Reply, TestApp};
use doorward_web::edge::{Edge, Limits, Proxies};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::Case;

/// A listener in front of a row's server.
pub struct Wire {
    address: SocketAddr,
    _stop: watch::Sender<bool>,
}

impl Wire {
    /// With the limits of production, and no proxy.
    pub async fn of(case: &Case) -> Self {
        Self::with(case, Limits::default()).await
    }

    /// With other limits.
    pub async fn with(case: &Case, limits: Limits) -> Self {
        Self::before(&case.app, Edge { limits, ..Edge::default() }).await
    }

    /// Behind a proxy on this machine whose word counts.
    pub async fn proxied(case: &Case) -> Self {
        let networks = vec!["127.0.0.1".parse().expect("an address is a network")];
        let proxies = Proxies { networks, ..Proxies::default() };
        Self::before(&case.app, Edge { proxies, ..Edge::default() }).await
    }

    /// Before any server.
    pub async fn before(app: &TestApp, edge: Edge) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (stop, stopped) = watch::channel(false);
        edge.serve(listener, Arc::new(app.server().clone()), stopped);
        Self { address, _stop: stop }
    }

    /// A connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the server listens")
    }

    /// Send bytes and read to the end: the last request must ask for that, or be refused.
    pub async fn send(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // A refusal may come before all is sent.
        let _sent = stream.write_all(bytes.as_ref()).await;
        read(&mut stream).await
    }

    /// A request with these lines after the first, and a body.
    pub async fn request(&self, line: &str, headers: &[&str], body: &str) -> String {
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        self.send(format!("{line} HTTP/1.1\r\nHost: id.example\r\nConnection: close\r\n{headers}\r\n{body}"))
            .await
    }
}

/// Read until the other side closes; ten seconds are too long.
pub async fn read(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await;
    assert!(ended.is_ok(), "the server did not close: {}", String::from_utf8_lossy(&all));
    String::from_utf8_lossy(&all).into_owned()
}

/// The first answer of what was read, as a reply.
#[track_caller]
pub fn reply(answer: &str) -> Reply {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)).and_then(|text| text.parse().ok());
    let mut headers = http::HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line:?}"));
        headers.append(
            http::HeaderName::from_bytes(name.as_bytes()).expect("a header's name"),
            http::HeaderValue::from_str(value).expect("a header's value"),
        );
    }
    Reply { status: status.unwrap_or_else(|| panic!("no status: {head}")), headers, body: body.to_owned() }
}

/// Assert that tests of the edge stand under these names: what is the edge's alone is shown there, on the bare listener.
#[track_caller]
pub fn shown_at_the_edge(file: &str, tests: &[&str]) {
    for test in tests {
        assert!(file.contains(&format!("fn {test}()")), "{test} is gone");
    }
}
