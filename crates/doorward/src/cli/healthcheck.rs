//! What `healthcheck` is given.

use clap::Args;

use super::ProbeFlags;

/// `healthcheck`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward healthcheck\n  doorward healthcheck --ops-listen 127.0.0.1:9100\n\nFor images without a shell: HEALTHCHECK CMD [\"/doorward\", \"healthcheck\"]"
)]
pub struct Healthcheck {
    /// Settings.
    #[command(flatten)]
    pub flags: ProbeFlags,
}
