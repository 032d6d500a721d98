//! Listening for orders.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::MOST;
use crate::failure::{Exit, Failure};
use crate::operator::{Answer, Operator, Order};

/// Listens at `path` until `stopped`. Only the owner of the process can connect.
pub async fn start(
    path: &Path,
    operator: Operator,
    stopped: watch::Receiver<bool>,
) -> Result<JoinHandle<()>, Failure> {
    if UnixStream::connect(path).await.is_ok() {
        return Err(Failure::new(
            Exit::Again,
            format!("another server uses this data folder: it answers at {}", path.display()),
        ));
    }
    let listener = listen(path).map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot listen at {}: {error}", path.display()))
    })?;
    Ok(tokio::spawn(serve(listener, path.to_owned(), operator, stopped)))
}

/// Made under another name, closed to others, and only then put in its place.
fn listen(path: &Path) -> io::Result<UnixListener> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh)?;
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&fresh, path)?;
    Ok(listener)
}

async fn serve(
    listener: UnixListener,
    path: PathBuf,
    operator: Operator,
    mut stopped: watch::Receiver<bool>,
) {
    let mut running = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => None,
            accepted = listener.accept() => Some(accepted),
        };
        let stream = match accepted {
            None => break,
            Some(Ok((stream, _))) => stream,
            Some(Err(error)) => {
                tracing::warn!(%error, "the local socket does not accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        while running.try_join_next().is_some() {}
        let operator = operator.clone();
        running.spawn(async move {
            if let Err(error) = answer(stream, &operator).await {
                tracing::debug!(%error, "an order on the local socket was not answered");
            }
        });
    }
    // Gone already, when the folder was removed under the server.
    let _ = std::fs::remove_file(&path);
    while running.join_next().await.is_some() {}
}

async fn answer(mut stream: UnixStream, operator: &Operator) -> io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    let mut reader = BufReader::new(reader.take(MOST));
    timeout(READ_WITHIN, reader.read_line(&mut line)).await.map_err(|_| io::ErrorKind::TimedOut)??;
    let answer: Result<Answer, Failure> = match serde_json::from_str::<Order>(&line) {
        Ok(order) => operator.run(order).await,
        // The text may hold a secret: it is not repeated.
        Err(_) => Err(Failure::new(
            Exit::Usage,
            "the running server does not know this order: it is of another version",
        )),
    };
    writer.write_all(&serde_json::to_vec(&answer)?).await?;
    writer.shutdown().await
}

const READ_WITHIN: Duration = Duration::from_secs(10);
