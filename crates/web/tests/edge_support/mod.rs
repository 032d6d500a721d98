//! A server with the edge in front and an echoing service behind, and a client that speaks raw bytes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use doorward_web::edge::{Counters, Edge, EdgeRequest, Limits, Refusal, Service, Tls};
use http::{Method, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Answers with what it was asked.
pub struct Echo {
    pub calls: AtomicUsize,
    /// Requests for `/wait` take a permit before they answer.
    pub gate: Semaphore,
}

impl Service for Echo {
    async fn call(&self, request: EdgeRequest) -> Response<Bytes> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match request.path.as_str() {
            "/panic" => panic!("a secret that must not be told"),
            "/wait" => self.gate.acquire().await.unwrap().forget(),
            "/large" => return Response::new(Bytes::from(vec![b'x'; 64 << 20])),
            "/own" => {
                return Response::builder()
                    .header("referrer-policy", "no-referrer")
                    .header("server", "boastful/1.0")
                    .header("location", "https://app.example/cb?state=a%0D%0Ab")
                    .body(Bytes::from_static(b"own"))
                    .unwrap();
            }
            _ => {}
        }
        let mut names: Vec<_> = request.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        Response::new(Bytes::from(format!(
            "method={} path={} query={} host={} ip={} https={} untrusted={} body={} headers={}\n",
            request.method,
            request.path,
            request.query.as_deref().unwrap_or("-"),
            request.host,
            request.client_ip,
            request.https,
            request.untrusted_forwarding,
            String::from_utf8_lossy(&request.body),
            names.join(",")
        )))
    }

    fn body_limit(&self, _method: &Method, path: &str) -> usize {
        if matches!(path, "/small" | "/told") { 16 } else { 64 * 1024 }
    }

    fn refused(&self, request: &EdgeRequest, refusal: Refusal) -> Option<Response<Bytes>> {
        let told = format!("told {} {}", refusal.name(), !request.request_id.is_empty());
        let told = Response::builder().status(refusal.status()).body(Bytes::from(told)).unwrap();
        Some(told).filter(|_| request.path == "/told")
    }
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub echo: Arc<Echo>,
    pub counters: Counters,
    pub stop: watch::Sender<bool>,
    pub task: JoinHandle<()>,
}

/// Deadlines long enough not to be met by chance: tests of one deadline set that one.
pub fn limits() -> Limits {
    Limits::default()
}

pub async fn serve(edge: Edge) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let echo = Arc::new(Echo { calls: AtomicUsize::new(0), gate: Semaphore::new(0) });
    let (stop, stopped) = watch::channel(false);
    let counters = edge.counters.clone();
    let task = edge.serve(listener, echo.clone(), stopped);
    Server { address, echo, counters, stop, task }
}

pub async fn start(limits: Limits) -> Server {
    serve(Edge { limits, ..Edge::default() }).await
}

impl Server {
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes. The last request must ask for that.
    pub async fn send(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // A refusal may come before all is sent.
        let _ = stream.write_all(bytes.as_ref()).await;
        read_to_end(&mut stream).await
    }

    /// Sends bytes; the status of the answer.
    pub async fn status(&self, bytes: impl AsRef<[u8]>) -> u16 {
        status(&self.send(bytes).await)
    }

    pub fn calls(&self) -> usize {
        self.echo.calls.load(Ordering::SeqCst)
    }
}

/// Reads until the end, for at most ten seconds.
pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await;
    assert!(read.is_ok(), "the server did not close; so far: {}", String::from_utf8_lossy(&all));
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads one answer with a Content-Length.
pub async fn read_answer(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    loop {
        let mut byte = [0];
        assert_eq!(
            stream.read(&mut byte).await.unwrap(),
            1,
            "closed after {}",
            String::from_utf8_lossy(&all)
        );
        all.push(byte[0]);
        if all.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(all).unwrap();
    let length: usize = header(&head, "content-length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    head + &String::from_utf8(body).unwrap()
}

pub fn status(answer: &str) -> u16 {
    assert!(answer.starts_with("HTTP/1.1 "), "no answer: {answer:?}");
    answer[9..12].parse().unwrap()
}

pub fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer
        .split("\r\n\r\n")
        .next()?
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Waits until something holds; fails after ten seconds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never happened: {what}");
}

/// A certificate for `localhost` in files of its own.
pub struct Certificate {
    pub chain: PathBuf,
    pub key: PathBuf,
    pub der: rustls::pki_types::CertificateDer<'static>,
}

impl Certificate {
    pub fn make(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("edge-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        let certificate = Certificate {
            chain: folder.join("chain.pem"),
            key: folder.join("key.pem"),
            der: rustls::pki_types::CertificateDer::from(Vec::new()),
        };
        certificate.renew()
    }

    /// Writes a new certificate into the same files.
    pub fn renew(self) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&self.chain, made.cert.pem()).unwrap();
        std::fs::write(&self.key, made.signing_key.serialize_pem()).unwrap();
        Certificate { der: made.cert.der().clone(), ..self }
    }

    pub fn tls(&self) -> Arc<Tls> {
        Arc::new(Tls::from_files(&self.chain, &self.key).unwrap())
    }

    /// Connects, trusting this certificate alone.
    pub async fn connect(
        &self,
        server: &Server,
        protocol: &[u8],
    ) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        tokio_rustls::TlsConnector::from(Arc::new(config))
            .connect("localhost".try_into().unwrap(), server.connect().await)
            .await
    }
}
