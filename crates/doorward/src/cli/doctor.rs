//! What `doctor` is given.

use clap::Args;

use super::{AllFlags, Output};

/// `doctor`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward doctor\n  doorward doctor --output json\n\nExit code 1 when there is an error or a warning; notes alone are fine."
)]
pub struct Doctor {
    /// How to print what is found.
    #[arg(long, value_enum, default_value_t)]
    pub output: Output,
    /// Settings.
    #[command(flatten)]
    pub flags: AllFlags,
}
