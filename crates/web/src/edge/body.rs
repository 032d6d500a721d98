//! Reads a request body whole, under a cap and two deadlines. Timers are made only when a body keeps us waiting.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Limits, Refusal};

/// The whole body.
pub(super) async fn read(mut body: Incoming, cap: usize, limits: &Limits) -> Result<Bytes, Refusal> {
    let hint = body.size_hint();
    if hint.lower() > cap as u64 {
        return Err(Refusal::BodyTooLarge);
    }
    let mut timer = Timer { sleep: None, end: None };
    let mut whole = Bytes::new();
    let mut gathered = BytesMut::new();
    while let Some(piece) = next(&mut body, &mut timer, limits).await? {
        if whole.len() + gathered.len() + piece.len() > cap {
            return Err(Refusal::BodyTooLarge);
        }
        // The usual body is one piece and is not copied.
        if whole.is_empty() && gathered.is_empty() {
            whole = piece;
        } else {
            if gathered.is_empty() {
                gathered.reserve(hint.exact().map_or(2 * whole.len(), |size| size as usize));
                gathered.extend_from_slice(&whole);
                whole = Bytes::new();
            }
            gathered.extend_from_slice(&piece);
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(if gathered.is_empty() { whole } else { gathered.freeze() })
}

struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// When the whole body must be here.
    end: Option<Instant>,
}

async fn next(body: &mut Incoming, timer: &mut Timer, limits: &Limits) -> Result<Option<Bytes>, Refusal> {
    let mut armed = false;
    poll_fn(|cx| {
        loop {
            match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(Refusal::BodyBroken)),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => return Poll::Ready(Ok(Some(data))),
                    Err(_trailers) => continue,
                },
                Poll::Pending => return timer.poll_late(cx, &mut armed, limits),
            }
        }
    })
    .await
}

impl Timer {
    fn poll_late<T>(
        &mut self,
        cx: &mut Context<'_>,
        armed: &mut bool,
        limits: &Limits,
    ) -> Poll<Result<T, Refusal>> {
        if !*armed {
            *armed = true;
            let now = Instant::now();
            let end = *self.end.get_or_insert(now + limits.body_total);
            let deadline = end.min(now + limits.body_idle);
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(deadline),
                None => self.sleep = Some(Box::pin(sleep_until(deadline))),
            }
        }
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().poll(cx).map(|()| Err(Refusal::BodyTimeout)),
            None => Poll::Pending,
        }
    }
}
