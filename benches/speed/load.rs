//! The load: connections that each send a request, wait for its answer, and send the next.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::child::Child;

/// Where one connection's requests come from.
pub trait Source: Send {
    /// The next request; none when there are no more.
    fn next(&mut self, request: &mut Vec<u8>) -> bool;

    /// Its answer was this status.
    fn seen(&mut self, status: u16) {
        let _ = status;
    }
}

/// What a round measured.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// CPU of the server per request, in microseconds.
    pub cpu_us: f64,
    /// Requests per second.
    pub per_s: f64,
    /// Half of the answers came within so many milliseconds.
    pub p50_ms: f64,
    /// All but a hundredth did.
    pub p99_ms: f64,
    /// Resident memory of the server afterwards, in MiB.
    pub resident_mib: f64,
    /// Answers with another status than expected.
    pub failed: usize,
}

/// Let one connection per source ask for `duration`.
pub async fn run(
    server: &mut Child,
    sources: Vec<Box<dyn Source>>,
    duration: Duration,
    status: u16,
) -> Round {
    let mut streams = Vec::with_capacity(sources.len());
    for source in sources {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket can be told not to wait");
        streams.push((stream, source));
    }
    let before = server.usage();
    let (began, until) = (Instant::now(), Instant::now() + duration);
    let mut connections = JoinSet::new();
    for (stream, source) in streams {
        connections.spawn(connection(stream, source, until, status));
    }
    let (mut latencies, mut failed) = (Vec::new(), 0);
    while let Some(connection) = connections.join_next().await {
        let (own, wrong) = connection.expect("a connection ends in good order");
        latencies.extend(own);
        failed += wrong;
    }
    let elapsed = began.elapsed().as_secs_f64();
    let after = server.usage();
    latencies.sort_unstable();
    let requests = latencies.len().max(1);
    let at = |part: usize| latencies.get(requests * part / 100).map_or(0.0, |&us| f64::from(us) / 1000.0);
    Round {
        cpu_us: (after.cpu_ns - before.cpu_ns) as f64 / 1000.0 / requests as f64,
        per_s: requests as f64 / elapsed,
        p50_ms: at(50),
        p99_ms: at(99),
        resident_mib: after.resident_kib as f64 / 1024.0,
        failed,
    }
}

async fn connection(
    mut stream: TcpStream,
    mut source: Box<dyn Source>,
    until: Instant,
    expected: u16,
) -> (Vec<u32>, usize) {
    let (mut request, mut answer) = (Vec::with_capacity(2048), vec![0; 64 * 1024]);
    let (mut latencies, mut failed) = (Vec::with_capacity(4096), 0);
    while Instant::now() < until && source.next(&mut request) {
        let began = Instant::now();
        stream.write_all(&request).await.expect("the server reads");
        let status = read(&mut stream, &mut answer).await;
        latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        failed += usize::from(status != expected);
        source.seen(status);
    }
    (latencies, failed)
}

/// One answer: its status. There is nothing after it, because nothing more was asked.
pub async fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> u16 {
    let status = answered(stream, buffer).await.expect("the server answers");
    status.expect("the server closes no connection in the middle of an answer")
}

/// One answer: its status; none where the server closed the connection instead.
pub async fn answered(stream: &mut TcpStream, buffer: &mut [u8]) -> std::io::Result<Option<u16>> {
    let mut filled = 0;
    loop {
        let count = stream.read(&mut buffer[filled..]).await?;
        if count == 0 {
            return Ok(None);
        }
        filled += count;
        if let Some((status, whole)) = head(&buffer[..filled])
            && filled >= whole
        {
            return Ok(Some(status));
        }
    }
}

/// The status of an answer and the length of all of it, once its head is there.
pub fn head(bytes: &[u8]) -> Option<(u16, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Some((status, end + length.map_or(0, |(_, length)| length.parse().unwrap_or(0))))
}
