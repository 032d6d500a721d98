//! Passwords are verified, judged and hashed by a few threads of their own, each with one memory arena, behind a queue with a limit: a
//! flood of sign-ins slows sign-ins, and nothing else. Where cores are scarce the system prefers every other thread to these.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_crypto::password::policy::{Policy, Unfit};
use doorward_crypto::password::{self, Worker};
use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::secret::SecretString;
use tokio::sync::oneshot;

/// The pool. Dropping it ends its threads.
pub struct PasswordPool {
    queue: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
    verified: Arc<AtomicU64>,
    room: usize,
}

/// The queue is full: 503 with `Retry-After`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Busy;

/// What verifying found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Whether the password fits.
    pub fits: bool,
    /// The same password under today's parameters, when the hash has older ones or is another system's.
    pub upgraded: Option<String>,
    /// The stored text is no hash that could be worked with.
    pub invalid: bool,
}

enum Job {
    Hash(SecretString, oneshot::Sender<String>),
    Judge(SecretString, usize, Vec<String>, oneshot::Sender<Result<SecretString, Unfit>>),
    Verify(SecretString, String, oneshot::Sender<Verified>),
}

impl PasswordPool {
    /// A pool of `threads` (at most cores − 1 make sense) with room for `waiting` jobs.
    pub fn new(threads: usize, waiting: usize) -> Self {
        let (queue, jobs) = sync_channel::<Job>(waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        let queued = Arc::new(AtomicUsize::new(0));
        let verified = Arc::new(AtomicU64::new(0));
        for number in 0..threads.max(1) {
            let (jobs, queued, verified) = (Arc::clone(&jobs), Arc::clone(&queued), Arc::clone(&verified));
            let spawned = std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work(&jobs, &queued, &verified));
            if let Err(error) = spawned {
                tracing::error!(%error, "a password thread did not start");
            }
        }
        Self { queue, waiting: queued, verified, room: waiting.max(1) }
    }

    /// Whether a password, as it was typed, fits a stored hash. What is no hash fits nothing, and what cannot be a password fits
    /// nothing: for the same work.
    pub async fn verify(&self, typed: SecretString, hash: String) -> Result<Verified, Busy> {
        let (answer, found) = oneshot::channel();
        self.send(Job::Verify(typed, hash, answer))?;
        found.await.map_err(|_| Busy)
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: SecretString) -> Result<String, Busy> {
        let (answer, found) = oneshot::channel();
        self.send(Job::Hash(password, answer))?;
        found.await.map_err(|_| Busy)
    }

    /// Whether a text may become a password of somebody of these names; it is normalised then.
    pub async fn judge(
        &self,
        typed: SecretString,
        min_length: usize,
        names: Vec<String>,
    ) -> Result<Result<SecretString, Unfit>, Busy> {
        let (answer, found) = oneshot::channel();
        self.send(Job::Judge(typed, min_length, names, answer))?;
        found.await.map_err(|_| Busy)
    }

    /// Whether a job would be refused now: known before anything is done for it.
    pub fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= self.room
    }

    /// The figure of jobs that no thread has taken yet.
    pub fn waiting(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.waiting)
    }

    /// How many passwords were held against a hash, or against one that fits nothing.
    pub fn verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }

    fn send(&self, job: Job) -> Result<(), Busy> {
        // Counted first: a thread may take it at once.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.queue.try_send(job).map_err(|_| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            Busy
        })
    }
}

fn work(jobs: &Mutex<std::sync::mpsc::Receiver<Job>>, waiting: &AtomicUsize, verified: &AtomicU64) {
    // Of this thread alone, on Linux. Refused, it works at the priority of all.
    let _as_before = rustix::process::setpriority_process(None, NICE);
    let mut worker = Worker::default();
    loop {
        let job = {
            let Ok(jobs) = jobs.lock() else { return };
            jobs.recv_timeout(ARENA_KEPT)
        };
        if job.is_ok() {
            waiting.fetch_sub(1, Ordering::Relaxed);
        }
        match job {
            // Whoever asked has gone.
            Ok(Job::Verify(_, _, answer)) if answer.is_closed() => {}
            Ok(Job::Hash(_, answer)) if answer.is_closed() => {}
            Ok(Job::Judge(.., answer)) if answer.is_closed() => {}
            Ok(Job::Verify(typed, stored, answer)) => {
                verified.fetch_add(1, Ordering::Relaxed);
                let _gone = answer.send(verify(&mut worker, &typed, &stored));
            }
            Ok(Job::Hash(password, answer)) => {
                let _gone = answer.send(hash(&mut worker, &password));
            }
            Ok(Job::Judge(typed, min_length, names, answer)) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let _gone = answer.send(Policy { min_length, names: &names }.judge(typed.expose()));
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => worker.release(),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn verify(worker: &mut Worker, typed: &SecretString, stored: &str) -> Verified {
    let normal = password::normalise(typed.expose()).map(SecretString::new);
    let can_fit = normal.is_ok();
    let normal = normal.unwrap_or_else(|_| SecretString::from(""));
    let found = worker.verify(normal.expose(), stored);
    let mut fits = can_fit && found == Ok(true);
    // Other systems hashed the bytes that their form was sent. Ours are never of those: then it is only work, for everybody the same.
    if !fits && can_fit && normal.expose() != typed.expose() {
        fits = worker.verify(typed.expose(), stored) == Ok(true);
    }
    if !password::needs_rehash(stored) {
        return Verified { fits, upgraded: None, invalid: false };
    }
    if fits {
        return Verified { fits, upgraded: Some(hash(worker, &normal)), invalid: false };
    }
    // The work of the hash that a fitting password would get; and all the work there is where the stored text is none.
    let _never = worker.verify(normal.expose(), password::DUMMY);
    Verified { fits, upgraded: None, invalid: found.is_err() }
}

fn hash(worker: &mut Worker, password: &SecretString) -> String {
    let mut salt = [0; 16];
    SystemRandom.fill(&mut salt);
    worker.hash(password.expose(), &salt)
}

/// How far these threads stand back: under load they get a quarter of what others do, and a core that nobody else uses whole.
const NICE: i32 = 6;
/// After so long without work a thread gives its arena back.
const ARENA_KEPT: Duration = Duration::from_secs(30);
