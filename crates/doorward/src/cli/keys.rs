//! What `keys` is given.

use clap::Subcommand;

use super::{OfTenant, OfTenants};

/// `keys`.
#[derive(Subcommand, Debug)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  doorward keys list\n  doorward keys rotate --algorithm ES256"
)]
pub enum Keys {
    /// Every signing key
    #[command(after_help = "Example:\n  doorward keys list --tenant main")]
    List(OfTenants),
    /// Let the next key sign from now on. Retired keys stay published while their tokens live
    #[command(
        after_help = "Examples:\n  doorward keys rotate\n  doorward keys rotate --tenant main --algorithm RS256"
    )]
    Rotate {
        /// Only of this algorithm; all, unless given.
        #[arg(long, value_name = "NAME")]
        algorithm: Option<String>,
        #[command(flatten)]
        of: OfTenants,
    },
    /// Withdraw a key at once, with every token that it signed. A key that signs now is replaced first
    #[command(after_help = "Example:\n  doorward keys remove 3tQmx0Yk7a5T9b1c")]
    Remove {
        /// Its kid.
        kid: String,
        #[command(flatten)]
        of: OfTenant,
    },
}
