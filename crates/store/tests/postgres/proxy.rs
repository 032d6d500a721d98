//! A TCP proxy between the store and the database that loses things on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the proxy does when a COMMIT comes by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It never reaches the database; the connection is cut.
    Request,
    /// It reaches the database, its answer is lost; the connection is cut.
    Answer,
}

pub struct Proxy {
    pub address: String,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    to: String,
    /// COMMITs still to be lost, and how.
    losing: AtomicU32,
    answer: AtomicBool,
    /// Whether the database is out of reach.
    down: AtomicBool,
}

impl Proxy {
    pub async fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().to_string();
        let state = Arc::new(State {
            to: address.to_owned(),
            losing: AtomicU32::new(0),
            answer: AtomicBool::new(false),
            down: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, Arc::clone(&shared)));
            }
        });
        Self { address: own, state, accepting }
    }

    /// The next `count` COMMITs are lost.
    pub fn lose(&self, loss: Loss, count: u32) {
        self.state.answer.store(loss == Loss::Answer, Ordering::SeqCst);
        self.state.losing.store(count, Ordering::SeqCst);
    }

    /// COMMITs still to be lost.
    pub fn left(&self) -> u32 {
        self.state.losing.load(Ordering::SeqCst)
    }

    /// Cuts connections at their next byte and refuses new ones, or lets them through again.
    pub fn set_down(&self, down: bool) {
        self.state.down.store(down, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(client: TcpStream, state: Arc<State>) {
    if state.down.load(Ordering::SeqCst) {
        return;
    }
    let Ok(server) = TcpStream::connect(&state.to).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let deaf = Arc::new(AtomicBool::new(false));
    let silent = Arc::clone(&deaf);
    let back = tokio::spawn(async move {
        let mut buffer = [0; 16384];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            if silent.load(Ordering::SeqCst) {
                // The answer of the COMMIT: it was carried out. Whoever waits for it hears nothing more.
                return;
            }
            if to_client.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = [0; 16384];
    while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
        if state.down.load(Ordering::SeqCst) {
            break;
        }
        // The whole command: "READ COMMITTED" comes by as well.
        let is_commit = buffer[..length].windows(7).any(|bytes| bytes == b"COMMIT\0");
        let lost = is_commit
            && state
                .losing
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok();
        if lost && !state.answer.load(Ordering::SeqCst) {
            break;
        }
        if lost {
            deaf.store(true, Ordering::SeqCst);
        }
        if to_server.write_all(&buffer[..length]).await.is_err() {
            break;
        }
        if lost {
            let _ = back.await;
            return;
        }
    }
    back.abort();
}
