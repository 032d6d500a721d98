//! The operations listener: HH-008, HH-009.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use doorward_web::edge::Edge;
use doorward_web::ops::{Metrics, Ops, Readiness};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::edge_support::*;

struct Operations {
    address: std::net::SocketAddr,
    readiness: Arc<Readiness>,
    _stop: watch::Sender<bool>,
}

async fn operations(bearer: Option<&str>) -> Operations {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let readiness = Arc::new(Readiness::default());
    let ops = Arc::new(Ops::new(Arc::new(Metrics::new()), readiness.clone(), bearer));
    let (stop, stopped) = watch::channel(false);
    Edge { limits: Ops::limits(), ..Edge::default() }.serve(listener, ops, stopped);
    Operations { address, readiness, _stop: stop }
}

impl Operations {
    async fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        read_to_end(&mut stream).await
    }
}

#[tokio::test]
async fn hh_008_operations_have_their_own_listener() {
    let ops = operations(None).await;
    // A probe without a host is answered.
    assert_eq!(status(&ops.get("/healthz", "").await), 200);
    let metrics = ops.get("/metrics", "Host: a\r\n").await;
    assert_eq!(status(&metrics), 200);
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    for path in ["/", "/metrics/", "/HEALTHZ", "/token"] {
        assert_eq!(status(&ops.get(path, "Host: a\r\n").await), 404, "{path}");
    }
}

#[tokio::test]
async fn hh_009_metrics_ask_for_their_token() {
    let ops = operations(Some("metrics-token")).await;
    for (headers, expected) in [
        ("", 401),
        ("Authorization: Bearer wrong-token-0\r\n", 401),
        ("Authorization: Bearer metrics-toke\r\n", 401),
        ("Authorization: Bearer metrics-tokenmetrics-token\r\n", 401),
        ("Authorization: Bearer \r\n", 401),
        ("Authorization: Basic metrics-token\r\n", 401),
        ("Authorization: Bearer metrics-token\r\n", 200),
    ] {
        assert_eq!(status(&ops.get("/metrics", headers).await), expected, "{headers}");
    }
    assert_eq!(status(&ops.get("/healthz", "").await), 200);
}

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let ops = operations(None).await;
    assert_eq!(status(&ops.get("/readyz", "").await), 200);
    let database = Arc::new(AtomicBool::new(false));
    let seen = database.clone();
    ops.readiness.require("database", move || seen.load(Ordering::SeqCst));
    let answer = ops.get("/readyz", "").await;
    assert_eq!(status(&answer), 503);
    assert!(answer.ends_with("waiting for: database\n"), "{answer}");
    database.store(true, Ordering::SeqCst);
    assert_eq!(status(&ops.get("/readyz", "").await), 200);
    ops.readiness.stop();
    assert_eq!(status(&ops.get("/readyz", "").await), 503);
    assert_eq!(status(&ops.get("/healthz", "").await), 200);
}
