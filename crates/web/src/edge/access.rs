//! The access log: one line of JSON per request, written by a thread of its own, so that no answer waits for it. A line holds what
//! was asked of whom and how it ended, never a query, a header, a cookie or a body: that is where secrets are. Whatever a caller
//! sent stands in a JSON string, so that nobody can write a line of their own.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use http::{Method, Response};
use prometheus_client::metrics::counter::Counter;
use serde::Serialize;

use doorward_core::desired::date;
use doorward_core::{Reason, Timestamp};

use super::Refusal;

/// Where lines go. Cheap to clone; the last one that is dropped waits until all is written.
#[derive(Clone)]
pub struct AccessLog(Arc<Inner>);

struct Inner {
    lines: Option<SyncSender<Message>>,
    dropped: Counter,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Line(Vec<u8>),
    Reopen,
}

/// What the server knows of a request and the edge does not; an extension of its answer.
#[derive(Clone, Debug, Default)]
pub struct Routed {
    /// The tenant.
    pub tenant: String,
    /// The issuer.
    pub issuer: String,
    /// The endpoint's name, where there is one.
    pub endpoint: Option<&'static str>,
    /// The client, where one that exists was named.
    pub client: Option<String>,
}

/// Where a request went that belongs to no endpoint; an extension of its answer.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere(pub &'static str);

/// The quota that a request was one too many of; an extension of its answer.
#[derive(Clone, Copy, Debug)]
pub struct OverQuota(pub &'static str);

/// A request, as the edge saw it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) since: std::time::Instant,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    request_id: &'a str,
    address: IpAddr,
    method: &'a str,
    path: &'a str,
    status: u16,
    bytes: usize,
    duration_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<&'a str>,
}

impl AccessLog {
    /// To standard output.
    pub fn stdout() -> Self {
        Self::start(None, Box::new(io::stdout()))
    }

    /// To a file, which is made when it is not there, for its owner and group. It is opened anew by [`AccessLog::reopen`].
    pub fn file(path: PathBuf) -> io::Result<Self> {
        let file = open(&path)?;
        Ok(Self::start(Some(path), Box::new(file)))
    }

    /// To anything, for tests.
    #[doc(hidden)]
    pub fn to(out: Box<dyn Write + Send>) -> Self {
        Self::start(None, out)
    }

    fn start(path: Option<PathBuf>, out: Box<dyn Write + Send>) -> Self {
        let (lines, queue) = sync_channel(WAITING);
        let dropped = Counter::default();
        let lost = dropped.clone();
        let thread = std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || write(&queue, path, out, &lost));
        let thread = thread
            .map_err(|error| tracing::error!(%error, "the access log has no thread: nothing is written"))
            .ok();
        Self(Arc::new(Inner { lines: Some(lines), dropped, thread }))
    }

    /// Opens the file anew: after it was rotated.
    pub fn reopen(&self) {
        self.send(Message::Reopen);
    }

    /// Lines that were not written, because the disk did not keep up.
    pub fn dropped(&self) -> Counter {
        self.0.dropped.clone()
    }

    pub(super) fn answered(
        &self,
        asked: &Asked,
        (request_id, address): (&str, IpAddr),
        refusal: Option<Refusal>,
        response: &Response<bytes::Bytes>,
    ) {
        let routed = response.extensions().get::<Routed>();
        let extensions = response.extensions();
        let nowhere = || extensions.get::<Nowhere>().map(|nowhere| nowhere.0);
        let reason = extensions.get::<Reason>().map(|reason| reason.as_str()).or_else(nowhere);
        let line = Line {
            time: now(),
            request_id,
            address,
            method: asked.method.as_str(),
            path: shortened(&asked.path),
            status: response.status().as_u16(),
            bytes: response.body().len(),
            duration_us: u64::try_from(asked.since.elapsed().as_micros()).unwrap_or(u64::MAX),
            tenant: routed.map(|routed| routed.tenant.as_str()),
            issuer: routed.map(|routed| routed.issuer.as_str()),
            endpoint: routed.and_then(|routed| routed.endpoint),
            client_id: routed.and_then(|routed| routed.client.as_deref()),
            reason: reason.or(refusal.map(Refusal::name)),
            quota: extensions.get::<OverQuota>().map(|over| over.0),
        };
        if let Ok(mut bytes) = serde_json::to_vec(&line) {
            bytes.push(b'\n');
            self.send(Message::Line(bytes));
        }
    }

    fn send(&self, message: Message) {
        let Some(lines) = &self.0.lines else { return };
        // Waiting would let a full disk stop the server.
        if lines.try_send(message).is_err() {
            self.0.dropped.inc();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the access log panicked");
        }
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessLog")
    }
}

fn write(queue: &Receiver<Message>, path: Option<PathBuf>, out: Box<dyn Write + Send>, lost: &Counter) {
    let mut out = BufWriter::with_capacity(64 << 10, out);
    let mut is_well = true;
    while let Ok(first) = queue.recv() {
        // What waits goes out together; then nothing is held back.
        let mut done = Ok(());
        for message in std::iter::once(first).chain(queue.try_iter().take(WAITING)) {
            let one = match (message, &path) {
                (Message::Line(bytes), _) => {
                    let written = out.write_all(&bytes);
                    if written.is_err() {
                        lost.inc();
                    }
                    written
                }
                (Message::Reopen, None) => Ok(()),
                (Message::Reopen, Some(path)) => out
                    .flush()
                    .and_then(|()| open(path))
                    .map(|file| out = BufWriter::with_capacity(64 << 10, Box::new(file))),
            };
            done = done.and(one);
        }
        match (done.and_then(|()| out.flush()), is_well) {
            (Err(error), true) => {
                tracing::error!(%error, "the access log cannot be written");
                is_well = false;
            }
            (Ok(()), false) => {
                tracing::info!("the access log is written again");
                is_well = true;
            }
            (Ok(()), true) | (Err(_), false) => {}
        }
    }
}

fn open(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o640).open(path)
}

/// The time, to the millisecond.
fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let mut text = date::write(Timestamp(i64::try_from(since.as_millis()).unwrap_or_default()));
    text.truncate(text.len().saturating_sub(1));
    text.push_str(&format!(".{:03}Z", since.subsec_millis()));
    text
}

/// A path that leads somewhere is short.
fn shortened(path: &str) -> &str {
    let mut end = path.len().min(LONGEST_PATH);
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    &path[..end]
}

/// Lines that may wait for the disk.
const WAITING: usize = 8192;
const LONGEST_PATH: usize = 256;

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn asked(path: &str) -> Asked {
        Asked { method: Method::GET, path: path.to_owned(), since: std::time::Instant::now() }
    }

    #[test]
    fn nobody_writes_a_line_of_their_own() {
        let kept = Kept::default();
        let log = AccessLog::to(Box::new(kept.clone()));
        let answer = Response::new(bytes::Bytes::from_static(b"abc"));
        let at = ("request-1", "192.0.2.1".parse().unwrap());
        log.answered(&asked("/a\n{\"status\":200}\u{1b}[2J\""), at, Some(Refusal::Target), &answer);
        log.answered(&asked(&"/ä".repeat(1000)), at, None, &answer);
        drop(log);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert!(!text.contains('\u{1b}'), "no terminal is told anything");
        assert_eq!((&lines[0]["reason"], &lines[0]["bytes"]), (&"target".into(), &3.into()));
        assert!(lines[1]["path"].as_str().unwrap().len() <= LONGEST_PATH);
        assert!(lines[0]["time"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let log = AccessLog::to(Box::new(Full));
        let dropped = log.dropped();
        let answer = Response::new(bytes::Bytes::new());
        let path = format!("/{}", "x".repeat(1000));
        for _ in 0..500 {
            log.answered(&asked(&path), ("request-1", "192.0.2.1".parse().unwrap()), None, &answer);
        }
        drop(log);
        assert!(dropped.get() > 0, "half a megabyte went nowhere");
    }

    #[test]
    fn a_file_that_was_rotated_is_opened_anew() {
        let folder = std::env::temp_dir().join(format!("doorward-access-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (path, old) = (folder.join("access.log"), folder.join("access.log.1"));
        let log = AccessLog::file(path.clone()).unwrap();
        let at = ("request-1", "192.0.2.1".parse().unwrap());
        let answer = Response::new(bytes::Bytes::new());
        log.answered(&asked("/one"), at, None, &answer);
        std::fs::rename(&path, &old).unwrap();
        log.reopen();
        log.answered(&asked("/two"), at, None, &answer);
        drop(log);
        // Whether the first was written before the renaming does not matter.
        assert!(std::fs::read_to_string(&old).unwrap().contains("/one"));
        assert!(std::fs::read_to_string(&path).unwrap().contains("/two"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
