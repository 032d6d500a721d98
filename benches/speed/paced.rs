//! Load at a pace: requests fall due at times of their own, whether the server keeps up or not.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::load::{self, Source};

/// A load.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Requests that fall due in a second, over all connections.
    pub per_s: f64,
    /// How long until it counts: connections are made ready on both sides by their first requests.
    pub lead_in: Duration,
    /// How long it counts then: answers that come in this time.
    pub duration: Duration,
    /// How long a connection waits after another status than expected before it asks again; zero: it asks at its next time.
    pub backs_off: Duration,
    /// An answer that takes longer is of no use any more.
    pub patience: Duration,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Microseconds of each useful answer.
    pub useful_us: Vec<u32>,
    /// Answers that came too late.
    pub late: usize,
    /// 503.
    pub shed: usize,
    /// Anything else.
    pub other: usize,
    /// Connections that the server closed instead of answering: a client connects again.
    pub closed: usize,
    /// Requests that fell due.
    pub due: usize,
}

impl Seen {
    /// All but a hundredth of the useful answers came within so many milliseconds.
    pub fn p99_ms(&self) -> f64 {
        let mut sorted = self.useful_us.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() * 99 / 100).map_or(0.0, |&us| f64::from(us) / 1000.0)
    }

    fn add(&mut self, other: Self) {
        self.useful_us.extend(other.useful_us);
        self.late += other.late;
        self.shed += other.shed;
        self.other += other.other;
        self.closed += other.closed;
        self.due += other.due;
    }
}

/// Let one connection per source ask at that pace; a useful answer has this status.
pub async fn run(port: u16, sources: Vec<Box<dyn Source>>, status: u16, pace: Pace) -> Seen {
    let count = sources.len();
    let each = Duration::from_secs_f64(count as f64 / pace.per_s.max(1.0));
    // All at once: one after the other, each that the full queue of the listener lets wait would keep the rest from being used in time.
    let mut opening = JoinSet::new();
    for source in sources {
        opening.spawn(async move { (connect(port).await, source) });
    }
    let streams = opening.join_all().await;
    let began = Instant::now();
    let mut connections = JoinSet::new();
    for (number, (stream, source)) in streams.into_iter().enumerate() {
        let first = began + each.mul_f64(number as f64 / count as f64);
        connections.spawn(connection((port, stream), source, status, pace, (began, first, each)));
    }
    let mut seen = Seen::default();
    while let Some(connection) = connections.join_next().await {
        seen.add(connection.expect("a connection ends in good order"));
    }
    seen
}

const CLOSES: &[u8] = b"connection: close";

async fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket can be told not to wait");
    stream
}

/// A connection asks one thing at a time: what falls due while it waits for an answer is not asked, as a browser would not.
async fn connection(
    (port, mut stream): (u16, TcpStream),
    mut source: Box<dyn Source>,
    expected: u16,
    pace: Pace,
    (began, first, each): (Instant, Instant, Duration),
) -> Seen {
    let (mut request, mut answer) = (Vec::with_capacity(2048), vec![0; 16 * 1024]);
    let (mut seen, mut next) = (Seen::default(), first);
    let (from, until) = (began + pace.lead_in, began + pace.lead_in + pace.duration);
    while next < until {
        // Who is late does not wait, not even for the next turn of the clock.
        if Instant::now() < next {
            tokio::time::sleep_until(next.into()).await;
        }
        if !source.next(&mut request) {
            break;
        }
        let sent = Instant::now();
        let written = stream.write_all(&request).await;
        let read = load::answered(&mut stream, &mut answer).await;
        let came = Instant::now();
        let (took, counts) = (came - sent, (from..until).contains(&came));
        let status = match (written, read) {
            (Ok(()), Ok(Some(status))) => status,
            _ => {
                seen.closed += usize::from(counts);
                stream = connect(port).await;
                0
            }
        };
        source.seen(status);
        if status == 503 && answer[..1024].windows(CLOSES.len()).any(|part| part == CLOSES) {
            stream = connect(port).await;
        }
        match status {
            0 => {}
            _ if !counts => {}
            503 => seen.shed += 1,
            _ if status != expected => seen.other += 1,
            _ if took > pace.patience => seen.late += 1,
            _ => seen.useful_us.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)),
        }
        let earliest = Instant::now() + if status == expected { Duration::ZERO } else { pace.backs_off };
        loop {
            seen.due += usize::from((from..until).contains(&next));
            next += each;
            if next >= earliest {
                break;
            }
        }
    }
    seen
}
