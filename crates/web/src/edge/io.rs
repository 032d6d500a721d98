//! The stream between the socket (or TLS) and hyper: lets the gate see what is read, and the pulse what is written.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::pulse::Pulse;
use super::{FrameBudget, Gate, Refusal};

/// A stream that is watched.
#[derive(Debug)]
pub(super) struct Guarded<T> {
    stream: T,
    watcher: Watcher,
    pulse: Arc<Pulse>,
    /// Why nothing more is read.
    refused: Option<Refusal>,
}

/// Who reads along.
#[derive(Debug)]
pub(super) enum Watcher {
    Http1(Gate),
    Http2(FrameBudget),
}

impl<T> Guarded<T> {
    pub(super) fn new(stream: T, watcher: Watcher, pulse: Arc<Pulse>) -> Self {
        Guarded { stream, watcher, pulse, refused: None }
    }

    /// The stream again, and why it was cut off if the refusal still has to be told.
    pub(super) fn into_parts(self) -> (T, Option<Refusal>) {
        (self.stream, self.refused)
    }

    /// Whether a head has begun and not ended.
    pub(super) fn in_head(&self) -> bool {
        matches!(&self.watcher, Watcher::Http1(gate) if gate.in_head())
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Guarded<T> {
    fn poll_refused(&mut self) -> Poll<io::Result<()>> {
        // A pipelined request that is malformed waits until the one before it is answered: hyper asks again then.
        if self.pulse.is_active() { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    /// Tells a flooding peer to go away (RFC 9113, section 6.8), as far as one write allows.
    fn go_away(&mut self, cx: &mut Context<'_>, newest_stream: u32) {
        const ENHANCE_YOUR_CALM: [u8; 4] = [0, 0, 0, 0xb];
        let mut frame = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        frame[9..13].copy_from_slice(&newest_stream.to_be_bytes());
        frame[13..].copy_from_slice(&ENHANCE_YOUR_CALM);
        if let Poll::Ready(Ok(_)) = Pin::new(&mut self.stream).poll_write(cx, &frame) {
            // Best effort: the connection ends either way.
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Read for Guarded<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.refused.is_some() {
            return this.poll_refused();
        }
        let mut space = [MaybeUninit::<u8>::uninit(); 8192];
        let size = space.len().min(into.remaining());
        let mut buffer = ReadBuf::uninit(&mut space[..size]);
        match Pin::new(&mut this.stream).poll_read(cx, &mut buffer) {
            Poll::Ready(Ok(())) => {}
            other => return other,
        }
        match &mut this.watcher {
            Watcher::Http1(gate) => {
                let in_body = gate.in_body();
                if let Err(refusal) = gate.feed(buffer.filled()) {
                    this.pulse.head(false);
                    if in_body {
                        // The request's reader hears of it and answers.
                        return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                    }
                    this.refused = Some(refusal);
                    return this.poll_refused();
                }
                this.pulse.head(gate.in_head());
            }
            Watcher::Http2(budget) => {
                if !budget.feed(buffer.filled(), Instant::now) {
                    let newest_stream = budget.newest_stream();
                    this.go_away(cx, newest_stream);
                    return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
                }
            }
        }
        into.put_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Write for Guarded<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if written.is_pending() {
            this.pulse.stalled(true);
        }
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, pieces);
        if written.is_pending() {
            this.pulse.stalled(true);
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes once all it had to say was written: the client has kept up.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        this.pulse.stalled(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.refused.is_some() {
            // The refusal is still to be written.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
