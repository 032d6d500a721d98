//! `healthcheck`: asks the operations listener of the server with these settings whether it is ready. For images that have
//! neither shell nor curl.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::cli::Healthcheck;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::settings::{Resolved, Settings, Sources};

/// `healthcheck`.
pub async fn run(command: Healthcheck) -> Result<(), Failure> {
    let sources = Sources::of_process(command.flags.0.config.as_deref(), command.flags.0.settings.clone())?;
    let settings = Settings::of(&Resolved::of(&sources)?)?;
    let Some(address) = settings.ops_listen.map(reachable) else {
        return Err(Failure::new(Exit::Config, "ops_listen is none: there is nothing to ask")
            .hint("set it to an address of this machine, such as 127.0.0.1:9100"));
    };
    let answer =
        timeout(WITHIN, ask(address)).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    let text = answer.map_err(|error| {
        Failure::new(Exit::Failed, format!("no server answers at {address} (ops_listen): {error}"))
    })?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    if head.split(' ').nth(1) == Some("200") {
        // The exit code is the answer: that it cannot be printed as well makes no server unwell.
        let _ = output::print(body);
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, format!("the server is not ready: {}", body.trim())))
}

async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(64 << 10).read_to_end(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Where a listener of all addresses is reached from here.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

const WITHIN: Duration = Duration::from_secs(4);
