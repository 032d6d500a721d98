//! What `export` is given.

use clap::Args;

use super::Common;

/// `export`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  doorward export > state.yaml\n\nThe file holds hashes of passwords and secrets: keep it as you keep the database."
)]
pub struct Export {
    /// Only this tenant.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub common: Common,
}
