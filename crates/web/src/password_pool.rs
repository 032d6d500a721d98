//! Passwords are verified, judged and hashed by a few threads of their own, each with one memory arena, behind a queue with a limit: a
//! flood of sign-ins slows sign-ins, and nothing else. They work when no other thread of this machine wants to (`SCHED_IDLE`, sched(7)).
//! That other work takes every core for long must not keep people out: one more thread, which stands back less, looks whether the
//! others get anywhere.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use doorward_core::login::verified;
use doorward_crypto::password::policy::{Policy, Unfit};
use doorward_crypto::password::{self, Worker};
use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::secret::SecretString;
use tokio::sync::oneshot;

use crate::refusal_time::RefusalTime;

/// The pool. Dropping it ends its threads.
pub struct PasswordPool {
    shared: Arc<Shared>,
    watch: Option<Thread>,
}

/// The queue is full: 503 with `Retry-After`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Busy;

/// What verifying found.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Verified {
    /// Whether the password fits.
    pub fits: bool,
    /// The same password under today's parameters, when the hash has older ones or is another system's.
    pub upgraded: Option<String>,
    /// The stored text is no hash that could be worked with.
    pub invalid: bool,
    /// How long the work took, without the time in the queue.
    pub worked: Duration,
}

impl Verified {
    /// The same, as it is decided on.
    pub fn against(self, hash: String) -> verified::Verified {
        verified::Verified { against: hash, fits: self.fits, upgraded: self.upgraded, invalid: self.invalid }
    }
}

enum Job {
    Hash(SecretString, oneshot::Sender<String>),
    Judge(SecretString, usize, Vec<String>, oneshot::Sender<Result<SecretString, Unfit>>),
    Verify(SecretString, String, oneshot::Sender<Verified>),
}

impl PasswordPool {
    /// A pool of `threads` (at most cores − 1 make sense) with room for `waiting` jobs.
    pub fn new(threads: usize, waiting: usize) -> Self {
        Self::with(threads.max(1), waiting, STARVED)
    }

    fn with(threads: usize, waiting: usize, starved: Duration) -> Self {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            came: Condvar::new(),
            room: waiting.max(1),
            waiting: Arc::default(),
            verified: AtomicU64::new(0),
            refusals: RefusalTime::default(),
            chosen: AtomicU64::new(0),
            done: AtomicU64::new(0),
        });
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            start(format!("password-{number}"), move || shared.work());
        }
        let watched = Arc::clone(&shared);
        let watch = start("password-watch".to_owned(), move || watched.watch(starved));
        Self { shared, watch }
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
        self.shared.waiting.load(Ordering::Relaxed) >= self.shared.room
    }

    /// While this is so no thread begins with another job, so that what waits goes on waiting: how a test has a full queue for certain.
    pub fn hold(&self, is_held: bool) {
        self.shared.queue().is_held = is_held;
        self.shared.came.notify_all();
        if let Some(watch) = &self.watch {
            watch.unpark();
        }
    }

    /// The figure of jobs that no thread has taken yet.
    pub fn waiting(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.shared.waiting)
    }

    /// How many passwords were held against a hash, or against one that fits nothing.
    pub fn verified(&self) -> u64 {
        self.shared.verified.load(Ordering::Relaxed)
    }

    /// How often a new password was judged or hashed.
    pub fn chosen(&self) -> u64 {
        self.shared.chosen.load(Ordering::Relaxed)
    }

    /// How long a refusal is to wait after work that took so long, so that it tells nothing of the kind of hash.
    pub fn owed(&self, worked: Duration) -> Duration {
        self.shared.refusals.owed(worked, Instant::now())
    }

    fn send(&self, job: Job) -> Result<(), Busy> {
        let mut queue = self.shared.queue();
        if queue.jobs.len() >= self.shared.room {
            return Err(Busy);
        }
        queue.jobs.push_back(job);
        self.shared.waiting.store(queue.jobs.len(), Ordering::Relaxed);
        drop(queue);
        self.shared.came.notify_one();
        if let Some(watch) = &self.watch {
            watch.unpark();
        }
        Ok(())
    }
}

impl Drop for PasswordPool {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        queue.is_closed = true;
        // Whoever waits is told.
        queue.jobs.clear();
        drop(queue);
        self.shared.came.notify_all();
        if let Some(watch) = &self.watch {
            watch.unpark();
        }
    }
}

fn start(name: String, work: impl FnOnce() + Send + 'static) -> Option<Thread> {
    let spawned = std::thread::Builder::new().name(name).spawn(work);
    let spawned = spawned.map_err(|error| tracing::error!(%error, "a password thread did not start"));
    spawned.ok().map(|handle| handle.thread().clone())
}

/// What the threads share.
struct Shared {
    queue: Mutex<Queue>,
    came: Condvar,
    room: usize,
    /// Jobs in the queue, for whoever looks without waiting for it.
    waiting: Arc<AtomicUsize>,
    verified: AtomicU64,
    refusals: RefusalTime,
    chosen: AtomicU64,
    /// Jobs that are finished.
    done: AtomicU64,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    is_held: bool,
    is_closed: bool,
}

impl Shared {
    /// A thread that stands back.
    fn work(&self) {
        if !stand_back() {
            be_nice();
        }
        let mut worker = Worker::default();
        loop {
            let idle = |queue: &mut Queue| (queue.jobs.is_empty() || queue.is_held) && !queue.is_closed;
            let waited = self.came.wait_timeout_while(self.queue(), ARENA_KEPT, idle);
            let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if queue.is_closed {
                return;
            }
            match self.next(&mut queue) {
                Some(job) => {
                    drop(queue);
                    self.finish(job, &mut worker);
                }
                None => {
                    drop(queue);
                    worker.release();
                }
            }
        }
    }

    /// The thread that looks whether the others get anywhere: while jobs wait and none was finished for a time, it does one. Woken by
    /// whoever brings a job.
    fn watch(&self, starved: Duration) {
        be_nice();
        let mut worker = Worker::default();
        while !self.queue().is_closed {
            std::thread::park();
            while self.waiting.load(Ordering::Relaxed) > 0 {
                let done = self.done.load(Ordering::Relaxed);
                std::thread::sleep(starved);
                if self.done.load(Ordering::Relaxed) != done {
                    continue;
                }
                let job = self.next(&mut self.queue());
                if let Some(job) = job {
                    self.finish(job, &mut worker);
                }
            }
            worker.release();
        }
    }

    fn next(&self, queue: &mut Queue) -> Option<Job> {
        if queue.is_held {
            return None;
        }
        let job = queue.jobs.pop_front();
        self.waiting.store(queue.jobs.len(), Ordering::Relaxed);
        job
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, job: Job, worker: &mut Worker) {
        match job {
            // Whoever asked has gone.
            Job::Verify(_, _, answer) if answer.is_closed() => {}
            Job::Hash(_, answer) if answer.is_closed() => {}
            Job::Judge(.., answer) if answer.is_closed() => {}
            Job::Verify(typed, stored, answer) => {
                self.verified.fetch_add(1, Ordering::Relaxed);
                let began = Instant::now();
                let mut verified = verify(worker, &typed, &stored);
                verified.worked = began.elapsed();
                if password::needs_rehash(&stored) {
                    self.refusals.note(verified.worked, Instant::now());
                }
                let _gone = answer.send(verified);
            }
            Job::Hash(password, answer) => {
                self.chosen.fetch_add(1, Ordering::Relaxed);
                let _gone = answer.send(hash(worker, &password));
            }
            Job::Judge(typed, min_length, names, answer) => {
                self.chosen.fetch_add(1, Ordering::Relaxed);
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let _gone = answer.send(Policy { min_length, names: &names }.judge(typed.expose()));
            }
        }
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// From now on this thread works when no other wants to; false where the system has no such thing, or refuses.
#[cfg(target_os = "linux")]
fn stand_back() -> bool {
    let priority: libc::c_int = 0;
    // By the system call, because musl's function of that name only says that there is none.
    #[expect(unsafe_code, reason = "no library that is in use anyway offers the call")]
    // SAFETY: the kernel reads one `int` behind the pointer, which outlives the call; 0 is this thread itself.
    let refused =
        unsafe { libc::syscall(libc::SYS_sched_setscheduler, 0, libc::SCHED_IDLE, &raw const priority) };
    refused == 0
}

#[cfg(not(target_os = "linux"))]
fn stand_back() -> bool {
    false
}

/// Of this thread alone, on Linux. Refused, it works at the priority of all.
fn be_nice() {
    let _as_before = rustix::process::setpriority_process(None, NICE);
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
        return Verified { fits, ..Verified::default() };
    }
    if fits {
        return Verified { fits, upgraded: Some(hash(worker, &normal)), ..Verified::default() };
    }
    // The work of the hash that a fitting password would get; and all the work there is where the stored text is none.
    let _never = worker.verify(normal.expose(), password::DUMMY);
    Verified { fits, invalid: found.is_err(), ..Verified::default() }
}

fn hash(worker: &mut Worker, password: &SecretString) -> String {
    let mut salt = [0; 16];
    SystemRandom.fill(&mut salt);
    worker.hash(password.expose(), &salt)
}

/// How far a thread stands back that must get somewhere: under load it gets a quarter of what others do.
const NICE: i32 = 6;
/// While jobs wait, one is finished in at least so long, whatever else the machine does.
const STARVED: Duration = Duration::from_millis(250);
/// After so long without work a thread gives its arena back.
const ARENA_KEPT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
