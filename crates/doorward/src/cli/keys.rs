//! What `keys` is given.

use clap::Subcommand;

use super::{Common, OfTenant, OfTenants};

/// `keys`.
#[derive(Subcommand, Debug)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  doorward keys list\n  doorward keys rotate --algorithm ES256\n  doorward keys rewrap --new"
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
    /// Wrap what seals the signing keys by the current key-encryption key. This finishes a change of that key
    #[command(after_help = "Examples:\n  doorward keys rewrap --new\n  doorward keys rewrap --output json")]
    Rewrap {
        /// Put a new key-encryption key into the key file first.
        #[arg(long)]
        new: bool,
        #[command(flatten)]
        common: Common,
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
