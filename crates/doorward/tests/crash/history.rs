//! What was asked, when, and what was answered. The clients write it, outside of the process that is killed.

use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// What was asked. Sessions have names of the test's own; codes and tokens are what the server gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// A code for a client, by that session's cookie.
    Authorize {
        /// The client.
        client: &'static str,
        /// The session.
        session: String,
        /// Whether the grant is to outlive it.
        offline: bool,
    },
    /// Whether a token is active.
    Introspect {
        /// The access token.
        token: String,
    },
    /// Tokens for a code.
    Redeem {
        /// The code.
        code: String,
    },
    /// Tokens for a refresh token.
    Refresh {
        /// The refresh token.
        parent: String,
    },
    /// The end of the grant of a token.
    Revoke {
        /// The access or refresh token.
        token: String,
    },
    /// A session.
    SignIn {
        /// The session.
        session: String,
    },
    /// The end of a session.
    SignOut {
        /// The session.
        session: String,
    },
}

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// To [`Op::Introspect`].
    Active(bool),
    /// To [`Op::Authorize`].
    Code(String),
    /// To [`Op::Revoke`], [`Op::SignIn`] and [`Op::SignOut`].
    Done,
    /// An answer that only a protocol error explains; how the answer began.
    Refused(String),
    /// To [`Op::Redeem`] and [`Op::Refresh`].
    Tokens {
        /// The access token.
        access: String,
        /// The refresh token.
        refresh: String,
    },
    /// None, or a 503: it may have been done or not, but it is over.
    Unknown,
    /// None in time: it may still be done later.
    UnknownLate,
}

/// One line of the history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// What was asked.
    pub op: Op,
    /// When it was about to be sent, since the history began.
    pub invoked: Duration,
    /// When the outcome was known.
    pub done: Duration,
    /// What was answered.
    pub outcome: Outcome,
}

/// The history of a run.
pub struct History {
    began: Instant,
    entries: Mutex<Vec<Entry>>,
    answered: watch::Sender<usize>,
}

impl History {
    /// An empty one.
    pub fn new() -> Self {
        Self { began: Instant::now(), entries: Mutex::default(), answered: watch::Sender::new(0) }
    }

    /// The time on the history's clock.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Adds a line whose outcome is known now.
    pub fn add(&self, op: Op, invoked: Duration, outcome: Outcome) {
        let is_answer = !matches!(outcome, Outcome::Unknown | Outcome::UnknownLate);
        let entry = Entry { op, invoked, done: self.now(), outcome };
        self.entries.lock().expect("no holder panics").push(entry);
        if is_answer {
            self.answered.send_modify(|count| *count += 1);
        }
    }

    /// Counts answers as they come.
    pub fn answered(&self) -> watch::Receiver<usize> {
        self.answered.subscribe()
    }

    /// All lines so far, in the order in which they were done.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().expect("no holder panics").clone()
    }
}

/// The lines as text, one each.
pub fn text(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let (from, to) = (entry.invoked.as_micros(), entry.done.as_micros());
        let _infallible = writeln!(text, "{from} {to} {:?} -> {:?}", entry.op, entry.outcome);
    }
    text
}
