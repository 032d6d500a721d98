//! What `config` is given.

use clap::{Args, Subcommand};

use super::{AllFlags, Output};

/// `config`.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  doorward config\n  doorward config check --config doorward.toml\n  DOORWARD_LISTEN=0.0.0.0:8080 doorward config --output json"
)]
pub struct Config {
    /// What to do with them; they are shown, unless given.
    #[command(subcommand)]
    pub action: Option<ConfigAction>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    pub output: Output,
    /// Settings.
    #[command(flatten)]
    pub flags: AllFlags,
}

/// What `config` can do.
#[derive(Subcommand, Debug)]
pub enum ConfigAction {
    /// Show every setting, its value and where that came from
    #[command(after_help = "Example:\n  doorward config show --output json")]
    Show {
        /// How to print them.
        #[arg(long, value_enum, default_value_t)]
        output: Output,
        #[command(flatten)]
        flags: AllFlags,
    },
    /// Only tell whether all is well
    #[command(
        after_help = "Example:\n  doorward config check --config doorward.toml && systemctl restart doorward"
    )]
    Check {
        #[command(flatten)]
        flags: AllFlags,
    },
    /// Print the manual page of settings
    #[command(after_help = "Example:\n  doorward config manual > settings.md")]
    Manual,
}
