//! What `dev` is given.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// `dev`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward dev\n  doorward dev --fresh\n  doorward dev --listen 0.0.0.0:8443 --public-url https://devbox.example:8443 --tls"
)]
pub struct Dev {
    /// Where the server listens.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the demo application listens: the same address and port 8081, unless given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub rp_listen: Option<SocketAddr>,
    /// Where the server is reached: http://localhost and the port, unless given.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Where the demo application is reached: the server's host and the application's port, unless given.
    #[arg(long, value_name = "URL")]
    pub rp_url: Option<String>,
    /// The data folder: a new one, or one that dev made.
    #[arg(long, value_name = "FOLDER", default_value = "./doorward-data/dev")]
    pub data: PathBuf,
    /// Start over: remove what the folder holds.
    #[arg(long)]
    pub fresh: bool,
    /// Speak TLS, with a certificate made on the spot.
    #[arg(long)]
    pub tls: bool,
    /// Where /healthz, /readyz and /metrics are served; 127.0.0.1:9100 if it is free, unless given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub ops_listen: Option<SocketAddr>,
    /// What is logged.
    #[arg(long, value_name = "LEVEL", default_value = "warn,doorward_store::seal=error")]
    pub log_level: String,
}
