//! What `explain` is given.

use clap::Args;

use super::OfTenant;

/// `explain`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward explain --installation ins_2VQm3oBq0Yw1rT8kJc7uXe --user alice --scope orders:write\n  doorward explain --client web --user alice\n  doorward explain --token < token.txt"
)]
pub struct Explain {
    /// Which client would ask; the installation's extension, unless given.
    #[arg(long, value_name = "CLIENT")]
    pub client: Option<String>,
    /// For which person, by id or user name; for itself, unless given.
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// Through which installation; the one that signing in would take, unless given.
    #[arg(long, value_name = "INSTALLATION")]
    pub installation: Option<String>,
    /// For which scopes; all that the client may have, unless given.
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// Read a token from standard input, and explain that.
    #[arg(long, conflicts_with_all = ["client", "user", "installation", "scope"])]
    pub token: bool,
    #[command(flatten)]
    pub of: OfTenant,
}
