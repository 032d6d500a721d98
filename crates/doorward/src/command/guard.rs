//! `guard`: a small reverse proxy in front of one API, for those who have none.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::cli;
use crate::failure::{Exit, Failure};
use crate::guard::{Address, Guard, Patience, serve};
use crate::house::{Signals, bind};
use crate::output::print;

/// `guard`.
pub async fn run(command: cli::Guard) -> Result<(), Failure> {
    let address = |flag: &str, url: &str| {
        Address::parse(url).map_err(|why| Failure::new(Exit::Config, format!("{flag} {url}: {why}")))
    };
    let issuer = command.issuer.trim_end_matches('/');
    let upstream = address("--upstream", &command.upstream)?;
    // The issuer's own address is its URL without the path.
    let end = issuer.match_indices('/').nth(2).map_or(issuer.len(), |(at, _)| at);
    let server = address("--server", command.server.as_deref().unwrap_or(&issuer[..end]))?;
    let seconds = |given: u64| Duration::from_secs(given.max(1));
    let patience = Patience { answer: seconds(command.timeout), body: seconds(command.body_timeout) };
    let guard = Guard::new(upstream, server, issuer, &command.api, (patience, command.websockets.into()))
        .map_err(|why| Failure::new(Exit::Config, format!("--issuer {issuer}: {why}")))?;
    let mut signals = Signals::new()?;
    let listener = bind(command.listen)?;
    let at = listener.local_addr().unwrap_or(command.listen);
    print(&format!("{} is guarded at http://{at}\n", command.api))?;

    let (guard, places) = (Arc::new(guard), Arc::new(Semaphore::new(PLACES)));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.ok();
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of descriptors, mostly: those who are here leave some.
                Err(_) => { tokio::time::sleep(BREATH).await; continue }
            },
            () = signals.next_end() => break,
        };
        let guard = Arc::clone(&guard);
        tokio::spawn(async move {
            serve(stream, peer.ip(), guard).await;
            drop(place);
        });
    }
    drop(listener);
    // What runs may finish.
    let _ = timeout(LEAVING, places.acquire_many(PLACES as u32)).await;
    Ok(())
}

/// Connections at once; more wait to be taken. One that became a WebSocket's counts among those, and no more here.
const PLACES: usize = 1024;
const BREATH: Duration = Duration::from_millis(100);
const LEAVING: Duration = Duration::from_secs(10);
