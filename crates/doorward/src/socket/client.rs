//! Speaking to a running server.

use std::io;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::MOST;
use crate::failure::{Exit, Failure};
use crate::operator::{Answer, Order};

/// Sends an order to the server behind that socket; none when no server is there.
pub async fn send(socket: &Path, order: &Order) -> Option<Result<Answer, Failure>> {
    let stream = UnixStream::connect(socket).await.ok()?;
    Some(match exchange(stream, order).await {
        Ok(answer) => answer,
        Err(error) => Err(Failure::new(
            Exit::Unavailable,
            format!(
                "the running server was asked and did not answer: {error}; the order may have been carried out"
            ),
        )),
    })
}

/// Whether a server is behind that socket.
pub async fn is_there(socket: &Path) -> bool {
    UnixStream::connect(socket).await.is_ok()
}

async fn exchange(mut stream: UnixStream, order: &Order) -> io::Result<Result<Answer, Failure>> {
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.shutdown().await?;
    let mut text = Vec::new();
    stream.take(MOST).read_to_end(&mut text).await?;
    if text.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&text)?)
}
