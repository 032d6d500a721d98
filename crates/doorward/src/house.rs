//! A server and what the process adds to it: the local socket, a demo application, signals, and the end of all of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use doorward_store::Store;
use doorward_web::app::{App, Options};
use doorward_web::edge::{AccessLog, Edge, Service, Tls};
use doorward_web::fetch::{Fetcher, Policy};
use doorward_web::host::{self, Host, HostConfig};
use doorward_web::ops::Metrics;
use doorward_web::password_pool::PasswordPool;

use crate::failure::{Exit, Failure};

/// What a server is made with.
#[derive(Debug, Default)]
pub struct Plan {
    /// Listeners, TLS, proxies, limits.
    pub host: HostConfig,
    /// Exceptions of outbound requests.
    pub outbound: Policy,
    /// How the application behaves.
    pub options: Options,
    /// Password threads, and sign-ins that may wait for one.
    pub passwords: Option<(usize, usize)>,
    /// How long clients are still let in after the signal of the end.
    pub notice: Duration,
}

/// A server that runs.
pub struct House {
    host: Host,
    tls: Option<Arc<Tls>>,
    access_log: Option<AccessLog>,
    notice: Duration,
    stop: watch::Sender<bool>,
    signals: Signals,
    beside: Vec<JoinHandle<()>>,
}

/// Opens a listener.
pub fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    host::listen(address).map_err(|error| {
        let failure = Failure::new(Exit::Unavailable, format!("cannot listen on {address}: {error}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                failure.hint("another program listens there: stop it, or choose another port by --listen")
            }
            std::io::ErrorKind::PermissionDenied => {
                failure.hint("ports below 1024 need CAP_NET_BIND_SERVICE")
            }
            _ => failure,
        }
    })
}

impl House {
    /// Starts a server on that store. From now on signals are received.
    pub fn start(store: Store, plan: Plan) -> Result<Self, Failure> {
        let signals = Signals::new()?;
        let mut app = App::new(store, Fetcher::new(plan.outbound), Arc::new(Metrics::new()), plan.options);
        if let Some((threads, waiting)) = plan.passwords {
            app.passwords = PasswordPool::new(threads, waiting);
        }
        let tls = plan.host.tls.clone();
        let access_log = plan.host.access_log.clone();
        let host = Host::start(Arc::new(app), plan.host);
        let notice = plan.notice;
        let stop = watch::channel(false).0;
        let beside = watchdog(stop.subscribe()).into_iter().collect();
        Ok(Self { host, tls, access_log, notice, stop, signals, beside })
    }

    /// Serves something else beside it, until it stops.
    pub fn serve_beside<S: Service>(&mut self, listener: TcpListener, service: Arc<S>) {
        let edge = Edge { tls: self.tls.clone(), ..Edge::default() };
        self.beside.push(edge.serve(listener, service, self.stop.subscribe()));
    }

    /// A signal of the end, for what runs beside.
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Adds a task to wait for at the end.
    pub fn keep(&mut self, task: JoinHandle<()>) {
        self.beside.push(task);
    }

    /// Runs until a signal asks it to end, then lets what runs finish.
    pub async fn until_stopped(self) -> Result<(), Failure> {
        let Self { host, tls, access_log, notice, stop, mut signals, beside } = self;
        loop {
            match signals.next().await {
                Wish::End(name) => {
                    let notice = notice.as_secs();
                    tracing::info!(signal = name, notice_s = notice, "stopping: running requests finish");
                    break;
                }
                Wish::Reload => {
                    reload(tls.as_deref());
                    if let Some(log) = &access_log {
                        log.reopen();
                    }
                }
            }
        }
        let first = Instant::now();
        let hurried = async move {
            // Wrappers pass a signal on that the process group has got already.
            while first.elapsed() < SAME_SIGNAL {
                signals.next_end().await;
            }
        };
        tokio::select! {
            () = end(host, notice, stop, beside) => Ok(()),
            () = hurried => Err(Failure::new(Exit::Failed, "a second signal cut the shutdown short")),
        }
    }
}

fn reload(tls: Option<&Tls>) {
    let Some(tls) = tls else { return };
    match tls.reload() {
        Ok(changed) => tracing::info!(changed, "the TLS certificate was looked at"),
        Err(error) => tracing::warn!(%error, "the new TLS certificate is not usable"),
    }
}

async fn end(host: Host, notice: Duration, stop: watch::Sender<bool>, beside: Vec<JoinHandle<()>>) {
    notify("STOPPING=1");
    host.leave();
    tokio::time::sleep(notice).await;
    // Nobody receives it only when everything beside has ended already.
    let _ = stop.send(true);
    for task in beside {
        if task.await.is_err() {
            tracing::warn!("a task beside the server did not end well");
        }
    }
    host.stop().await;
    tracing::info!("stopped");
}

/// Tells systemd, where it asked to be told (sd_notify).
pub fn notify(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    if let Ok(socket) = std::os::unix::net::UnixDatagram::unbound() {
        // Nothing hangs on it: systemd gives up waiting by itself.
        let _ = socket.send_to(state.as_bytes(), path);
    }
}

/// Tells systemd that the server lives, where it asked for that (WatchdogSec): twice as often as it wants to hear it.
fn watchdog(mut stopped: watch::Receiver<bool>) -> Option<JoinHandle<()>> {
    let micros: u64 = std::env::var("WATCHDOG_USEC").ok()?.parse().ok().filter(|micros| *micros > 0)?;
    let is_ours = std::env::var("WATCHDOG_PID").map_or(true, |pid| pid == std::process::id().to_string());
    let every = Duration::from_micros(micros / 2);
    is_ours.then(|| {
        tokio::spawn(async move {
            while tokio::time::timeout(every, stopped.wait_for(|stop| *stop)).await.is_err() {
                notify("WATCHDOG=1");
            }
        })
    })
}

enum Wish {
    End(&'static str),
    Reload,
}

/// The signals that a process is told by.
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on they are received.
    pub fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let of = |kind| {
            signal(kind)
                .map_err(|error| Failure::new(Exit::Failed, format!("signals cannot be received: {error}")))
        };
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
            hangup: of(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.terminate.recv() => Wish::End("SIGTERM"),
            _ = self.interrupt.recv() => Wish::End("SIGINT"),
            _ = self.hangup.recv() => Wish::Reload,
        }
    }

    /// The next that asks it to end.
    pub async fn next_end(&mut self) {
        while let Wish::Reload = self.next().await {}
    }
}

/// Signals of the end that come so close together are one.
const SAME_SIGNAL: Duration = Duration::from_secs(1);
