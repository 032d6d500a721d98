//! What `apply` is given.

use std::path::PathBuf;

use clap::Args;

use super::Common;

/// `apply`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward apply -f state.yaml --dry-run\n  doorward apply -f state.yaml\n  doorward export | ssh other doorward apply -f -"
)]
pub struct Apply {
    /// The file (YAML or JSON); - reads standard input.
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    /// Only print what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Remove objects that the file's lists do not name.
    #[arg(long)]
    pub prune: bool,
    #[command(flatten)]
    pub common: Common,
}
