//! The accept loop: how many connections there may be, and how they all end.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{AccessLog, Counters, Limits, Proxies, Service, Tls, connection};

/// A listener's settings. [`Edge::serve`] starts it.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Deadlines and caps.
    pub limits: Limits,
    /// Proxies whose forwarding headers count.
    pub proxies: Proxies,
    /// TLS, with HTTP/2 where the client agrees; without it, HTTP/1 in the clear.
    pub tls: Option<Arc<Tls>>,
    /// What is counted.
    pub counters: Counters,
    /// Whether clients are asked to go elsewhere, while they are still let in.
    pub leaving: Leaving,
    /// Where requests are logged, if they are.
    pub access: Option<AccessLog>,
}

/// A notice that a listener will close soon. From then on each answer closes its connection (`Connection: close`, GOAWAY), and
/// whoever comes is still answered: a load balancer that has not looked yet loses no request. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct Leaving(Arc<Stop>);

impl Leaving {
    /// Gives the notice.
    pub fn begin(&self) {
        self.0.set();
    }

    pub(super) fn is_begun(&self) -> bool {
        self.0.is_set()
    }

    /// As [`Stop::notified`].
    pub(super) fn notified(&self) -> impl Future<Output = ()> {
        self.0.notified()
    }
}

/// What all connections of a listener share.
#[derive(Debug)]
pub(super) struct Shared<S> {
    pub(super) service: Arc<S>,
    pub(super) limits: Limits,
    pub(super) proxies: Proxies,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) counters: Counters,
    pub(super) leaving: Leaving,
    pub(super) access: Option<AccessLog>,
    pub(super) stop: Stop,
    /// Whether fewer than an eighth of the places are free.
    crowded: AtomicBool,
}

impl<S> Shared<S> {
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }
}

/// A signal that is given once.
#[derive(Debug, Default)]
pub(super) struct Stop {
    set: AtomicBool,
    notify: Notify,
}

impl Stop {
    fn set(&self) {
        self.set.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    pub(super) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    /// Ready after the signal, if polled before it: look at [`Stop::is_set`] after the first poll.
    pub(super) fn notified(&self) -> impl Future<Output = ()> {
        self.notify.notified()
    }
}

impl Edge {
    /// Accepts connections until `shutdown` turns true (or its sender is gone), then lets what runs finish within
    /// [`Limits::drain`]. The task ends when the last connection has.
    pub fn serve<S: Service>(
        self,
        listener: TcpListener,
        service: Arc<S>,
        shutdown: watch::Receiver<bool>,
    ) -> JoinHandle<()> {
        let shared = Arc::new(Shared {
            service,
            limits: self.limits,
            proxies: self.proxies,
            tls: self.tls,
            counters: self.counters,
            leaving: self.leaving,
            access: self.access,
            stop: Stop::default(),
            crowded: AtomicBool::new(false),
        });
        tokio::spawn(run(listener, shared, shutdown))
    }
}

async fn run<S: Service>(listener: TcpListener, shared: Arc<Shared<S>>, mut shutdown: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(shared.limits.max_connections));
    tokio::select! {
        _ = shutdown.wait_for(|stop| *stop) => {}
        () = accept(&listener, &shared, &places) => {}
    }
    // Who connected before the signal is still answered.
    drain_backlog(&listener, &shared, &places).await;
    drop(listener);
    shared.stop.set();
    let all = u32::try_from(shared.limits.max_connections).unwrap_or(u32::MAX);
    // Connections cut themselves off at the bound; the margin is for the last of them to notice.
    let bound = shared.limits.drain + shared.limits.linger + Duration::from_secs(1);
    if timeout(bound, places.acquire_many(all)).await.is_err() {
        tracing::warn!("connections were still open when draining ended");
    }
}

async fn accept<S: Service>(listener: &TcpListener, shared: &Arc<Shared<S>>, places: &Arc<Semaphore>) {
    loop {
        let free = places.available_permits();
        shared.crowded.store(free < shared.limits.max_connections / 8, Ordering::Relaxed);
        if free == 0 {
            shared.counters.paused.inc();
        }
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => start(stream, peer, shared, place),
            Err(error) => {
                if !is_of_one_connection(&error) {
                    // Out of descriptors or memory: others must close first.
                    shared.counters.paused.inc();
                    tracing::warn!(error = %error, "accepting is paused");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

async fn drain_backlog<S: Service>(listener: &TcpListener, shared: &Arc<Shared<S>>, places: &Arc<Semaphore>) {
    while let Ok(place) = places.clone().try_acquire_owned() {
        let next = poll_fn(|cx| match listener.poll_accept(cx) {
            Poll::Ready(Ok(accepted)) => Poll::Ready(Some(accepted)),
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(None),
        });
        let Some((stream, peer)) = next.await else { return };
        start(stream, peer, shared, place);
    }
}

fn start<S: Service>(
    stream: tokio::net::TcpStream,
    peer: std::net::SocketAddr,
    shared: &Arc<Shared<S>>,
    place: OwnedSemaphorePermit,
) {
    let shared = shared.clone();
    shared.counters.accepted.inc();
    let open = Open::new(shared.counters.clone(), place);
    tokio::spawn(async move {
        connection::serve(stream, peer, shared).await;
        drop(open);
    });
}

/// An open connection: its place under the cap, and in the gauge.
struct Open(Counters, #[expect(dead_code, reason = "held, given back when dropped")] OwnedSemaphorePermit);

impl Open {
    fn new(counters: Counters, place: OwnedSemaphorePermit) -> Self {
        counters.open.inc();
        Open(counters, place)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.dec();
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
