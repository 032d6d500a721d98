//! A client's body on its way to the API, and how long each of the two may let it stand still.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::watch;
use tokio::time::sleep;

/// A body that tells who is waited for. By default there is none.
#[derive(Default)]
pub struct Outgoing {
    body: Option<Incoming>,
    stage: watch::Sender<Stage>,
}

/// Where a body is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// The API has not yet taken what there is.
    #[default]
    Api,
    /// What the client sent is no body, or only half of one.
    Broken,
    /// The client has not yet sent what comes next.
    Client,
    /// All of it has been sent.
    Whole,
}

/// How long is waited.
#[derive(Clone, Copy)]
pub struct Patience {
    /// For the answer to begin, once the body has been sent.
    pub answer: Duration,
    /// For the body to go on.
    pub body: Duration,
}

impl Outgoing {
    /// The body of a request, and what is told of it.
    pub fn of(body: Incoming) -> (Self, watch::Receiver<Stage>) {
        let stage = if body.is_end_stream() { Stage::Whole } else { Stage::Api };
        let (stage, told) = watch::channel(stage);
        (Self { body: Some(body), stage }, told)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(&mut *body).poll_frame(context);
        let stage = match &polled {
            Poll::Pending => Stage::Client,
            Poll::Ready(Some(Err(_))) => Stage::Broken,
            Poll::Ready(Some(Ok(_))) if !body.is_end_stream() => Stage::Api,
            Poll::Ready(_) => Stage::Whole,
        };
        // Each frame is news. That there is still none is not.
        self.stage.send_if_modified(|told| std::mem::replace(told, stage) != stage || stage == Stage::Api);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// What comes of sending a request whose body is followed there, or where that was when patience ended.
pub async fn awaited<T>(
    sending: impl Future<Output = T>,
    stage: &mut watch::Receiver<Stage>,
    patience: Patience,
) -> Result<T, Stage> {
    let mut sending = pin!(sending);
    loop {
        let now = *stage.borrow_and_update();
        let limit = match now {
            Stage::Api | Stage::Client => patience.body,
            Stage::Broken | Stage::Whole => patience.answer,
        };
        tokio::select! {
            done = &mut sending => return Ok(done),
            Ok(()) = stage.changed() => {}
            () = sleep(limit) => return Err(now),
        }
    }
}
