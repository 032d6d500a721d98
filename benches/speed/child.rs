//! The measured process: this program again. It says where it listens, then answers questions about itself on its standard input
//! until that is closed.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::Arc;

use doorward_web::app::{App, Options};
use doorward_web::fetch::{Fetcher, Policy};
use doorward_web::host::{self, Host, HostConfig};
use doorward_web::ops::Metrics;
use doorward_web::worker::flush_deferred;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::database::Place;
use crate::{floor_server, webhooks};

/// What a child is.
#[derive(Debug, Serialize, Deserialize)]
pub enum Job {
    /// Bare hyper.
    Floor,
    /// Doorward on that database.
    Server(Place),
    /// The same, which may go to loopback and tells extensions what waits.
    Teller(Place),
    /// A bare client of whoever listens at that port.
    Poster(u16),
}

/// A running child.
pub struct Child {
    process: std::process::Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    port: u16,
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system CPU time, nanoseconds.
    pub cpu_ns: u64,
    /// Resident memory, KiB.
    pub resident_kib: u64,
}

impl Child {
    /// Start it; it listens when this returns.
    pub fn spawn(job: &Job) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut process = Command::new(program)
            .arg(CHILD_ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let mut questions = process.stdin.take().expect("its input is piped");
        let answers = BufReader::new(process.stdout.take().expect("its output is piped"));
        let job = serde_json::to_string(job).expect("a job is JSON");
        writeln!(questions, "{job}").expect("the child reads its job");
        let mut child = Self { process, questions: Some(questions), answers, port: 0 };
        child.port = child.line().parse().expect("the child says its port");
        child
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ask, and wait for the answer.
    pub fn ask(&mut self, question: &str) -> String {
        let questions = self.questions.as_mut().expect("a child that was not stopped");
        writeln!(questions, "{question}").expect("the child lives");
        self.line()
    }

    /// What it has used so far, what it put off included.
    pub fn usage(&mut self) -> Usage {
        let answer = self.ask("usage");
        let mut numbers = answer.split(' ').map(|number| number.parse().expect("a number"));
        Usage { cpu_ns: numbers.next().unwrap_or(0), resident_kib: numbers.next().unwrap_or(0) }
    }

    /// End it in good order.
    pub fn stop(mut self) {
        self.questions = None;
        self.process.wait().expect("the child ends");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the child answers");
        assert!(!line.is_empty(), "the measured process ended: see its messages above");
        line.trim().to_owned()
    }
}

/// The child's side.
pub fn run() -> ExitCode {
    let mut job = String::new();
    std::io::stdin().read_line(&mut job).expect("the job is said");
    let job: Job = serde_json::from_str(&job).expect("the job is JSON");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let listener = host::listen(([127, 0, 0, 1], 0).into()).expect("loopback can be listened at");
        let port = listener.local_addr().expect("a listener has an address").port();
        match job {
            Job::Floor => {
                let floor = Arc::new(floor_server::Floor::default());
                tokio::spawn(floor_server::serve(listener, Arc::clone(&floor)));
                talk(port, move |question| {
                    if let Some(words) = question.strip_prefix("floor ") {
                        floor.set(words);
                    }
                })
                .await;
            }
            Job::Poster(to) => {
                let runtime = tokio::runtime::Handle::current();
                talk(port, move |question| {
                    if let Some(count) = question.strip_prefix("post ") {
                        runtime.block_on(webhooks::post(to, count.parse().expect("a number")));
                    }
                })
                .await;
            }
            Job::Server(ref place) | Job::Teller(ref place) => {
                let store = place.open().await;
                let is_teller = matches!(job, Job::Teller(_));
                let loopback = is_teller.then(|| "127.0.0.0/8".parse().expect("a range"));
                let allow = loopback.into_iter().collect();
                let fetcher = Fetcher::new(Policy { allow, ..Policy::default() });
                let app = Arc::new(App::new(store, fetcher, Arc::new(Metrics::new()), Options::default()));
                let config = HostConfig { public: vec![listener], ..HostConfig::default() };
                let host = Host::start(Arc::clone(&app), config);
                let runtime = tokio::runtime::Handle::current();
                talk(port, move |_| {
                    // What is written a moment later belongs to the requests that caused it.
                    runtime.block_on(flush_deferred(&app)).expect("deferred events can be written");
                })
                .await;
                host.stop().await;
            }
        }
    });
    ExitCode::SUCCESS
}

/// Say the port, then answer questions until there are no more.
async fn talk(port: u16, before: impl Fn(&str) + Send + 'static) {
    let talking = std::thread::spawn(move || {
        println!("{port}");
        for question in std::io::stdin().lock().lines() {
            let Ok(question) = question else { return };
            before(&question);
            let Usage { cpu_ns, resident_kib } = own_usage();
            println!("{cpu_ns} {resident_kib}");
        }
    });
    tokio::task::spawn_blocking(move || talking.join())
        .await
        .expect("the thread ends")
        .expect("in good order");
}

/// What this process has used.
pub fn own_usage() -> Usage {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let resident_kib = resident.trim().trim_end_matches(" kB").parse().unwrap_or(0);
    Usage { cpu_ns: cpu_ns(ClockId::ProcessCPUTime), resident_kib }
}

/// A CPU clock of this process or thread, in nanoseconds.
pub fn cpu_ns(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// What tells this program that it is a child.
pub const CHILD_ARGUMENT: &str = "--measured";
