//! Somebody who is told of things by POST: a server on loopback that keeps what it hears, and answers as the test says.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_crypto::webhook::{SharedSecret, Verifier};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A server that keeps what it hears. It ends with this value.
pub struct Sink {
    address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    is_held: watch::Sender<bool>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Inner {
    heard: Vec<Heard>,
    answers: VecDeque<Answer>,
    answers_at: HashMap<String, Answer>,
}

/// A request that was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Path and query.
    pub target: String,
    /// Headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What it is answered.
    pub answer: Answer,
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status, with further lines of the header, and a body.
    Status(u16, String, Vec<u8>),
    /// These bytes, whatever they are.
    Raw(Vec<u8>),
    /// Nothing: the connection is closed.
    Close,
    /// Nothing, for as long as the other side likes.
    Hang,
}

impl Answer {
    /// A status alone.
    pub fn status(status: u16) -> Self {
        Self::Status(status, String::new(), Vec::new())
    }

    /// Whether it says that all is well.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Status(200..=299, ..))
    }

    /// A status with a line of the header.
    pub fn with(status: u16, line: &str) -> Self {
        Self::Status(status, format!("{line}\r\n"), Vec::new())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sink {
    /// A sink that answers 204 where it was not told otherwise.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let inner = Arc::new(Mutex::new(Inner::default()));
        let shared = Arc::clone(&inner);
        let (is_held, held) = watch::channel(false);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), held.clone()));
            }
        });
        Self { address, inner, is_held, task }
    }

    /// An address below it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What the next requests are answered with, one each.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.inner).answers.extend(answers);
    }

    /// What requests to these targets are answered with from now on, as often as they come; all others as before.
    pub fn answer_at(&self, answers: HashMap<String, Answer>) {
        lock(&self.inner).answers_at = answers;
    }

    /// Whether answers wait from now on: what is heard is heard, and nobody is told so.
    pub fn hold(&self, is_held: bool) {
        self.is_held.send_replace(is_held);
    }

    /// What was heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.inner).heard.clone()
    }

    /// What was heard since it was last taken.
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut lock(&self.inner).heard)
    }
}

impl Heard {
    /// The one value of a header.
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next().unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        assert!(found.next().is_none(), "{name} stands twice");
        value
    }

    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Whether its Standard Webhooks signatures are good, by both schemes, for who verifies at `now_s`.
    pub fn is_signed(&self, public_key: &str, shared: &SharedSecret, now_s: i64) -> bool {
        [Verifier::Public(public_key), Verifier::Shared(shared)].iter().all(|verifier| {
            verifier.verifies(
                self.header("webhook-id"),
                self.header("webhook-timestamp"),
                self.header("webhook-signature"),
                &self.body,
                now_s,
            )
        })
    }
}

fn lock(inner: &Mutex<Inner>) -> std::sync::MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut stream: TcpStream, inner: Arc<Mutex<Inner>>, mut held: watch::Receiver<bool>) {
    let Some((target, headers, body)) = read(&mut stream).await else { return };
    let answer = {
        let mut inner = lock(&inner);
        let answer = inner.answers_at.get(&target).cloned();
        let answer = answer.or_else(|| inner.answers.pop_front()).unwrap_or(Answer::status(204));
        inner.heard.push(Heard { target, headers, body, answer: answer.clone() });
        answer
    };
    let _ = held.wait_for(|is_held| !is_held).await;
    let bytes = match answer {
        Answer::Status(status, lines, body) => {
            let length =
                if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
            [format!("HTTP/1.1 {status} Whatever\r\n{length}{lines}\r\n").into_bytes(), body].concat()
        }
        Answer::Raw(bytes) => bytes,
        Answer::Close => return,
        Answer::Hang => {
            let _ = stream.read(&mut [0; 64]).await;
            return;
        }
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

/// Target, headers and body of a request.
async fn read(stream: &mut TcpStream) -> Option<(String, Vec<(String, String)>, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let target = lines.next()?.strip_prefix("POST ")?.strip_suffix(" HTTP/1.1")?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse::<usize>().ok()?;
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some((target, headers, body))
}
