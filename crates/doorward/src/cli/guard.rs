//! What `guard` is given.

use std::net::SocketAddr;

use clap::Args;

/// `guard`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  doorward guard --upstream http://127.0.0.1:3000 --api https://api.example --issuer https://id.example --server http://127.0.0.1:8080"
)]
pub struct Guard {
    /// The API behind the guard.
    #[arg(long, value_name = "URL")]
    pub upstream: String,
    /// Its audience, as it is registered.
    #[arg(long, value_name = "AUDIENCE")]
    pub api: String,
    /// The issuer whose tokens pass.
    #[arg(long, value_name = "URL")]
    pub issuer: String,
    /// Where the issuer's server is asked: the issuer's own address, unless given.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Where the guard listens.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// Seconds until the API has begun to answer, once the request has been sent.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub timeout: u64,
    /// Seconds that the body of a request may stand still.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub body_timeout: u64,
    /// WebSockets at once; whoever wants one more is told to come back (503).
    #[arg(long, value_name = "NUMBER", default_value_t = 512)]
    pub websockets: u16,
}
