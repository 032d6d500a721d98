//! The real server, as a process of its own.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::wire::Wire;
use crate::world::{KEY, World};

/// A server that runs. Killed when dropped.
pub struct Running {
    child: Child,
    wire: Wire,
    started: Instant,
}

/// `doorward serve` (or what `DOORWARD_TEST_BINARY` names) on that world, listening on `port`, with the key that is meant.
pub fn serve(world: &World, port: u16, key: &str) -> Command {
    serve_in(&world.data(), world, port, key)
}

fn serve_in(data: &Path, world: &World, port: u16, key: &str) -> Command {
    let binary =
        std::env::var_os("DOORWARD_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_doorward").into());
    let mut command = Command::new(binary);
    command.env_clear().current_dir(&world.folder).stdin(Stdio::null());
    command.arg("serve").arg("--bootstrap").arg(world.state()).arg("--data").arg(data);
    command.args(["--public-url", &world.issuer(), "--listen", &format!("127.0.0.1:{port}")]);
    command.args([
        "--ops-listen",
        "none",
        "--shutdown-grace-s",
        "0",
        "--log-format",
        "json",
        "--log-level",
        "info",
        // Who is told of things listens on loopback.
        "--outbound-allow",
        "127.0.0.0/8",
    ]);
    if let Some(url) = world.postgres() {
        command.env("DOORWARD_DATABASE", url);
        if !key.is_empty() {
            command.env("DOORWARD_KEY_ENCRYPTION_KEY", key);
        }
    }
    command
}

impl Running {
    /// Starts the first node.
    pub fn start(world: &World) -> Self {
        Self::start_node(world, 0)
    }

    /// Starts a node. Each has a data folder of its own, as on a machine of its own.
    pub fn start_node(world: &World, node: usize) -> Self {
        let mut log = OpenOptions::new();
        let log = log.create(true).append(true).open(world.log()).expect("the log can be opened");
        let twin = log.try_clone().expect("the log can be shared");
        let data = if node == 0 { world.data() } else { world.folder.join(format!("data-{node}")) };
        let mut command = serve_in(&data, world, world.ports[node], KEY);
        let child = command.stdout(log).stderr(twin).spawn().expect("the server starts");
        Self { child, wire: Wire::to(&world.ports, node), started: Instant::now() }
    }

    /// Waits until it answers; how long that took since the start.
    pub async fn ready(&mut self) -> Duration {
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                panic!("the server ended while starting: {status}");
            }
            if self.wire.get("/.well-known/openid-configuration").await.is_ok_and(|reply| reply.status == 200)
            {
                return self.started.elapsed();
            }
            assert!(self.started.elapsed() < PATIENCE, "the server is not ready after {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// SIGTERM; its end is waited for by [`Running::ended`].
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("a child can be signalled");
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> ExitStatus {
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                return status;
            }
            assert!(asked.elapsed() < PATIENCE, "the server runs on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone in the usual case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command that ends by itself, and must.
pub async fn output(mut command: Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
    let pid = Pid::from_child(&child);
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output());
    match tokio::time::timeout(PATIENCE, ended).await {
        Ok(ended) => ended.expect("a thread ends").expect("a child can be waited for"),
        Err(_) => {
            let _ = kill_process(pid, Signal::KILL);
            panic!("the command runs on: {command:?}");
        }
    }
}

/// A debug build on a busy machine makes its first keys in seconds.
const PATIENCE: Duration = Duration::from_secs(60);
