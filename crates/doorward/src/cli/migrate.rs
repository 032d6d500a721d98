//! What `migrate` is given.

use clap::Subcommand;

use super::Common;

/// `migrate`.
#[derive(Subcommand, Debug)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  doorward migrate status\n  doorward migrate up"
)]
pub enum Migrate {
    /// Every migration, and when it was applied
    #[command(after_help = "Example:\n  doorward migrate status --output json")]
    Status(Common),
    /// Print the SQL that `up` would run
    #[command(after_help = "Example:\n  doorward migrate plan | less")]
    Plan(Common),
    /// Apply what is pending. Versions can only go forward: back up first
    #[command(after_help = "Example:\n  doorward migrate up")]
    Up(Common),
}
