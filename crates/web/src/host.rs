//! A running server: listeners, workers, probes, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use doorward_store::Fault;
use doorward_store::worker::Workers;

use crate::app::App;
use crate::edge::{AccessLog, Counters, Edge, Leaving, Limits, Proxies, Tls, descriptor_limit};
use crate::ops::{self, Ops, Readiness};
use crate::server::Server;
use crate::worker;

/// What a server listens on, and how.
#[derive(Debug, Default)]
pub struct HostConfig {
    /// The public listeners, bound.
    pub public: Vec<TcpListener>,
    /// The operations listener, bound; none: no probes and no metrics.
    pub ops: Option<TcpListener>,
    /// TLS at the public listeners; none: plain, behind a proxy or on loopback.
    pub tls: Option<Arc<Tls>>,
    /// Proxies whose forwarding headers count.
    pub proxies: Proxies,
    /// Deadlines and caps of each public listener.
    pub limits: Limits,
    /// Where requests to the public listeners are logged, if they are.
    pub access_log: Option<AccessLog>,
    /// The token that `/metrics` asks for.
    pub metrics_token: Option<String>,
}

/// A listener at that address.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of the server before, of which the kernel keeps a trace, do not keep this one from its address.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Connections that may wait to be accepted, where the kernel's own bound (`net.core.somaxconn`) allows it: of a crowd that comes at
/// once, whoever finds no room tries again only after a second, and then after two more.
const BACKLOG: u32 = 4096;

/// A running server. [`Host::stop`] ends it in good order.
pub struct Host {
    app: Arc<App>,
    address: Option<SocketAddr>,
    readiness: Arc<Readiness>,
    leaving: Leaving,
    edge: watch::Sender<bool>,
    rest: watch::Sender<bool>,
    listeners: Vec<JoinHandle<()>>,
    beside: Vec<JoinHandle<()>>,
    workers: Option<Workers>,
}

impl Host {
    /// Start listening and working.
    pub fn start(app: Arc<App>, config: HostConfig) -> Self {
        doorward_crypto::random::warm_up();
        let (edge, edge_stops) = watch::channel(false);
        let (rest, rest_stops) = watch::channel(false);
        let readiness = Arc::new(Readiness::default());
        let leaving = Leaving::default();
        let counters = Counters::default();
        ops::register(&app, &counters, &readiness, config.access_log.as_ref());
        let address = config.public.first().and_then(|listener| listener.local_addr().ok());
        let mut listeners = Vec::new();
        let mut beside = worker::start(&app, &rest_stops);
        if let Some(tls) = &config.tls {
            beside.push(tls.watch(TLS_LOOKED_AT_EVERY, rest_stops.clone()));
        }
        let limits = config.limits.within(descriptor_limit().unwrap_or(1024));
        let server = Arc::new(Server::new(Arc::clone(&app)));
        for listener in config.public {
            let public = Edge {
                limits: limits.clone(),
                proxies: config.proxies.clone(),
                tls: config.tls.clone(),
                counters: counters.clone(),
                leaving: leaving.clone(),
                access: config.access_log.clone(),
            };
            listeners.push(public.serve(listener, Arc::clone(&server), edge_stops.clone()));
        }
        if let Some(listener) = config.ops {
            beside.push(watch_store(&app, &readiness, rest_stops.clone()));
            let ops =
                Ops::new(Arc::clone(&app.metrics), Arc::clone(&readiness), config.metrics_token.as_deref());
            let own = Edge { limits: Ops::limits(), ..Edge::default() };
            beside.push(own.serve(listener, Arc::new(ops), rest_stops));
        }
        let workers = app.store.start_workers();
        Self { app, address, readiness, leaving, edge, rest, listeners, beside, workers }
    }

    /// Where the first public listener is.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The application.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Not ready from now on, and every answer asks its client to come back elsewhere. Everybody is still let in, for as long as
    /// load balancers need to notice.
    pub fn leave(&self) {
        self.readiness.stop();
        self.leaving.begin();
    }

    /// Lets running requests finish, and whoever waits at the door; then everything that waits is written. The operations listener
    /// ends last.
    pub async fn stop(self) {
        self.leave();
        let _nobody_listens = self.edge.send(true);
        for listener in self.listeners {
            let _ended = listener.await;
        }
        let _nobody_works = self.rest.send(true);
        for task in self.beside {
            let _ended = task.await;
        }
        if let Some(workers) = self.workers {
            workers.stop().await;
        }
    }
}

/// Readiness asks what this keeps: whether the store answered, and took a write, a second ago.
fn watch_store(
    app: &Arc<App>,
    readiness: &Arc<Readiness>,
    mut stops: watch::Receiver<bool>,
) -> JoinHandle<()> {
    let answers = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&answers);
    readiness.require("storage", move || seen.load(Ordering::Acquire));
    let app = Arc::clone(app);
    tokio::spawn(async move {
        loop {
            let answer = timeout(STORE_ANSWERS_WITHIN, app.store.ready()).await;
            let ready = answer.unwrap_or_else(|_| Err(Fault::new("probe", "no answer in time")));
            match (answers.swap(ready.is_ok(), Ordering::AcqRel), &ready) {
                (true, Err(fault)) => {
                    tracing::error!(fault.during = fault.during, fault.detail = %fault.detail, "storage does not work: not ready");
                }
                (false, Ok(())) => tracing::info!("storage works again"),
                (true, Ok(())) | (false, Err(_)) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                _ = stops.changed() => return,
            }
        }
    })
}

/// Slower is as good as not at all.
const STORE_ANSWERS_WITHIN: Duration = Duration::from_millis(1500);
const TLS_LOOKED_AT_EVERY: Duration = Duration::from_secs(5);
