//! One connection from its first byte to its last.

use std::future::{Future, poll_fn};
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use hyper::server::conn::{http1 as h1, http2 as h2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::exchange::{Origin, answer};
use super::io::{Guarded, Watcher};
use super::listener::{Leaving, Shared, Stop};
use super::pulse::{Late, Pulse};
use super::{FrameBudget, Gate, HeadLimits, Limits, Refusal, Service, answer::refusal_bytes};
use crate::telemetry;

/// Serves one connection until it ends, by itself, a deadline or a shutdown.
pub(super) async fn serve<S: Service>(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared<S>>) {
    // Answers are written whole: waiting for more would only delay them. Failing here, the connection is gone.
    let _ = stream.set_nodelay(true);
    let peer = peer.ip().to_canonical();
    let Some(tls) = &shared.tls else {
        return http1(stream, peer, false, shared).await;
    };
    match timeout(shared.limits.header, tls.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => {
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                http2(stream, peer, shared).await;
            } else {
                http1(stream, peer, true, shared).await;
            }
        }
        Ok(Err(_)) | Err(_) => {
            shared.counters.tls_failures.inc();
        }
    }
}

async fn http1<S: Service, T>(stream: T, peer: IpAddr, https: bool, shared: Arc<Shared<S>>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &shared.limits;
    let pulse = Arc::new(Pulse::new());
    let gate = Gate::new(HeadLimits {
        bytes: limits.max_head,
        fields: limits.max_headers,
        target: limits.max_target,
        host: limits.require_host,
    });
    let io = Guarded::new(stream, Watcher::Http1(gate), pulse.clone());
    let origin = Arc::new(Origin { shared: shared.clone(), peer, https, pulse: pulse.clone() });
    let mut connection = h1::Builder::new()
        .header_read_timeout(None)
        // A client may close its side after its request; and one that hangs up does not end what it began.
        .half_close(true)
        .max_buf_size(limits.max_head.max(8192) * 2)
        .serve_connection(io, service_fn(move |request| answer(origin.clone(), request)));
    // hyper would close a connection that has not been used yet under the client's first request: such a one is
    // told with its first answer instead (`exchange`).
    let finish = |c: Pin<&mut h1::Connection<_, _>>| {
        if pulse.is_used() {
            c.graceful_shutdown();
        }
    };
    // A client that is to go elsewhere is told with its next answer: an idle connection closed now could meet its request.
    let stops = Stops { stop: &shared.stop, leaving: None };
    let end = drive(Pin::new(&mut connection), finish, limits, &pulse, stops, || shared.is_crowded()).await;
    let io = connection.into_parts().io;
    let in_head = io.in_head();
    let (stream, refused) = io.into_parts();
    let refusal = match end {
        End::Closed | End::Broken => refused,
        End::Late(Late::Header) if in_head => Some(Refusal::HeadTimeout),
        End::Late(_) | End::Cut => None,
    };
    end.count(&shared);
    if let Some(refusal) = refusal {
        shared.counters.refused(refusal);
        close(stream, &refusal_bytes(refusal, &telemetry::request_id(), https), limits).await;
    } else if pulse.is_unread() || end == End::Broken {
        close(stream, &[], limits).await;
    }
}

async fn http2<S: Service, T>(stream: T, peer: IpAddr, shared: Arc<Shared<S>>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &shared.limits;
    let pulse = Arc::new(Pulse::new());
    let io = Guarded::new(stream, Watcher::Http2(FrameBudget::new()), pulse.clone());
    let origin = Arc::new(Origin { shared: shared.clone(), peer, https: true, pulse: pulse.clone() });
    let connection = h2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_streams)
        .max_header_list_size(u32::try_from(limits.max_head).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        .max_send_buf_size(128 * 1024)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(256 * 1024)
        .serve_connection(io, service_fn(move |request| answer(origin.clone(), request)));
    let end = drive(
        pin!(connection),
        |c| c.graceful_shutdown(),
        limits,
        &pulse,
        Stops { stop: &shared.stop, leaving: Some(&shared.leaving) },
        || shared.is_crowded(),
    )
    .await;
    end.count(&shared);
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// By hyper, which may have said why.
    Broken,
    Closed,
    Cut,
    Late(Late),
}

impl End {
    fn count<S>(self, shared: &Shared<S>) {
        match self {
            End::Broken | End::Closed => {}
            End::Cut => shared.counters.late("drain"),
            End::Late(late) => shared.counters.late(late.name()),
        }
    }
}

/// What ends a connection from outside.
#[derive(Clone, Copy)]
struct Stops<'a> {
    stop: &'a Stop,
    /// Where a client is told apart from its answers (GOAWAY).
    leaving: Option<&'a Leaving>,
}

/// Polls a hyper connection beside its one timer and the listener's stop signal.
async fn drive<C: Future<Output = hyper::Result<()>>>(
    mut connection: Pin<&mut C>,
    finish: impl Fn(Pin<&mut C>),
    limits: &Limits,
    pulse: &Pulse,
    Stops { stop, leaving }: Stops<'_>,
    is_crowded: impl Fn() -> bool,
) -> End {
    let mut timer = pin!(sleep(limits.tick()));
    let mut stopped = pin!(stop.notified());
    let mut left = pin!(async {
        if let Some(leaving) = leaving {
            leaving.notified().await;
        }
    });
    // A task keeps its waker: what is registered once need not be polled again before it is due.
    let (mut timing, mut listening, mut attending) = (false, false, false);
    let (mut cut_off, mut aged) = (None::<Instant>, false);
    let mut told = leaving.is_none();
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                return Poll::Ready(if result.is_ok() { End::Closed } else { End::Broken });
            }
            if cut_off.is_none() && (!listening || stop.is_set()) {
                let _ = stopped.as_mut().poll(cx);
                listening = true;
                if stop.is_set() {
                    let now = Instant::now();
                    cut_off = Some(now + limits.drain);
                    finish(connection.as_mut());
                    timer.as_mut().reset(now + limits.linger.min(limits.drain));
                    timing = false;
                    continue;
                }
            }
            // Not before its first request: hyper would close a connection whose handshake is not over without a word.
            if !told {
                if !attending {
                    let _ = left.as_mut().poll(cx);
                    attending = true;
                }
                if leaving.is_some_and(Leaving::is_begun) && pulse.is_used() {
                    told = true;
                    finish(connection.as_mut());
                    continue;
                }
            }
            if timing && !timer.is_elapsed() {
                return Poll::Pending;
            }
            timing = timer.as_mut().poll(cx).is_pending();
            if timing {
                return Poll::Pending;
            }
            let now = Instant::now();
            if cut_off.is_some_and(|end| now >= end) {
                return Poll::Ready(End::Cut);
            }
            if cut_off.is_some() && !pulse.is_used() {
                return Poll::Ready(End::Closed);
            }
            match pulse.check(limits, is_crowded()) {
                Err(late) => return Poll::Ready(End::Late(late)),
                Ok(wait) => {
                    let next = now + wait;
                    timer.as_mut().reset(cut_off.map_or(next, |end| next.min(end)));
                }
            }
            if !aged && pulse.age() >= limits.max_age {
                aged = true;
                finish(connection.as_mut());
            }
        }
    })
    .await
}

/// Says a last word and reads on for a moment: closing with unread bytes resets the connection, and the client
/// would lose the answer.
async fn close<T: AsyncRead + AsyncWrite + Unpin>(mut stream: T, last: &[u8], limits: &Limits) {
    const MOST: usize = 256 * 1024;
    let farewell = async {
        stream.write_all(last).await?;
        stream.shutdown().await?;
        let (mut sink, mut taken) = ([0; 2048], 0);
        while taken < MOST {
            match stream.read(&mut sink).await? {
                0 => break,
                n => taken += n,
            }
        }
        std::io::Result::Ok(())
    };
    // Too slow or already gone: either way there is nothing left to do.
    let _ = timeout(limits.linger, farewell).await;
}
