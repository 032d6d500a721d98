//! A folder of its own, the command run in it, and a server that is gone when the test is.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A folder that the command is run in.
pub struct Folder(PathBuf);

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A running server.
pub struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: String,
    /// What it had printed when it was ready.
    pub printed: String,
}

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("doorward-it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the command; nothing of this process's environment is left but the path.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], "")
    }

    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Ran {
        let mut child = self
            .command(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        let ran = child.wait_with_output().unwrap();
        Ran {
            code: ran.status.code().unwrap_or(-1),
            out: String::from_utf8(ran.stdout).unwrap(),
            err: String::from_utf8(ran.stderr).unwrap(),
        }
    }

    /// Runs the command and expects it to do well.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    /// Its output as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.extend(["--output", "json"]);
        serde_json::from_str(&self.ok(&all)).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    /// `serve` on a free port, once it is ready.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        self.serve_in(arguments, &[])
    }

    /// The same with variables in its environment.
    pub fn serve_in(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];
        if !arguments.contains(&"--ops-listen") {
            all.extend(["--ops-listen", "none"]);
        }
        if !arguments.contains(&"--shutdown-grace-s") {
            all.extend(["--shutdown-grace-s", "0"]);
        }
        all.extend(arguments);
        let mut child = self
            .command(&all)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut printed = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the server ended: {printed}");
            printed.push_str(&line);
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == "ready" {
                break entry["listen"].as_str().unwrap().to_owned();
            }
        };
        // Its further lines are taken off its hands.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let out = BufReader::new(child.stdout.take().unwrap());
        Server { child, out, address, printed }
    }

    /// `dev` on free ports, once it has printed everything.
    pub fn dev(&self, arguments: &[&str]) -> Server {
        let mut all = vec![
            "dev",
            "--listen",
            "127.0.0.1:0",
            "--rp-listen",
            "127.0.0.1:0",
            "--ops-listen",
            "127.0.0.1:0",
        ];
        all.extend(arguments);
        let mut child = self
            .command(&all)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.contains("Ctrl-C stops the server.") {
            assert_ne!(out.read_line(&mut printed).unwrap(), 0, "the server ended: {printed}");
        }
        Server { child, out, address: String::new(), printed }
    }

    /// The command while it runs: what it reads is written to it.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// The command, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.args(arguments).current_dir(&self.0).env_clear().env("PATH", path);
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Server {
    /// Asks it to end by SIGTERM; its exit code and what it printed on standard output.
    pub fn stop(self) -> (i32, String) {
        self.terminate();
        self.ended()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Sends SIGHUP.
    pub fn hang_up(&self) {
        kill_process(Pid::from_child(&self.child), Signal::HUP).unwrap();
    }

    /// Waits for its end.
    pub fn ended(mut self) -> (i32, String) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code().unwrap_or(-1), rest)
    }

    /// The value behind a name in what `dev` prints.
    pub fn printed_value(&self, name: &str) -> &str {
        let line = self.printed.lines().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} is not in {}", self.printed)).split_whitespace().next().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// An address on which nobody listens.
pub fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Asks again until it is so; a background job sees it within a second or two.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "never: {what}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// The permissions of a file.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
