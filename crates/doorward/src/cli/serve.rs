//! What `serve` is given.

use std::path::PathBuf;

use clap::Args;

use super::AllFlags;

/// `serve`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward serve\n  doorward serve --public-url https://id.example.com --listen 0.0.0.0:443 \\\n      --tls-certificate chain.pem --tls-key key.pem\n  doorward serve --bootstrap state.yaml"
)]
pub struct Serve {
    /// On an empty database, make what this file says instead of a set-up link.
    #[arg(long, value_name = "FILE")]
    pub bootstrap: Option<PathBuf>,
    /// Take the clock as it is now, although the database was last used at a later time.
    #[arg(long)]
    pub accept_clock: bool,
    /// Settings.
    #[command(flatten)]
    pub flags: AllFlags,
}
