//! What was sent, answered and logged, for tests that look for secrets where none may be.

use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::reply::Reply;

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Path and query.
    pub target: String,
    /// The headers sent.
    pub headers: Vec<(String, String)>,
    /// The body sent.
    pub body: String,
    /// The answer.
    pub reply: Reply,
}

/// Lines that the server logged, of every test of this process: what a row sent is its own, and is looked for in what was
/// logged since it began.
pub struct Logs;

impl Exchange {
    /// All of the answer that its reader sees, but for cookies.
    pub fn answer(&self) -> String {
        let headers = self.reply.headers.iter().filter(|(name, _)| *name != "set-cookie");
        headers.map(|(name, value)| format!("{name}: {value:?}\n")).collect::<String>() + &self.reply.body
    }
}

impl Logs {
    /// Begin to collect. Where the lines are now.
    pub fn mark() -> usize {
        static INSTALLED: LazyLock<()> = LazyLock::new(|| {
            let filter =
                "off,doorward_core=trace,doorward_store=trace,doorward_web=trace,doorward_crypto=trace";
            let subscriber =
                tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(|| Lines).finish();
            let _another_was_first = tracing::subscriber::set_global_default(subscriber);
        });
        LazyLock::force(&INSTALLED);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The lines since then.
    pub fn since(mark: usize) -> String {
        let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&lines[mark..]).into_owned()
    }
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
