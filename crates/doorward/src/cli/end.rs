//! What `end` is given.

use clap::{ArgGroup, Args};

use super::OfTenant;

/// `end`.
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("of-what").required(true).args(["user", "installation", "extension", "contributor", "key"]),
    after_help = "Examples:\n  doorward end --user alice --reason 'laptop stolen'\n  doorward end --extension invoices --dry-run\n  doorward end --key 8Xh1… --reason 'key leaked'"
)]
pub struct End {
    /// A person: signed out everywhere, and locked.
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// An installation: suspended, and none of its secrets works.
    #[arg(long, value_name = "INSTALLATION")]
    pub installation: Option<String>,
    /// An extension: suspended, and no secret of it or of its installations works.
    #[arg(long, value_name = "EXTENSION")]
    pub extension: Option<String>,
    /// Who makes extensions, a context: each of them.
    #[arg(long, value_name = "CONTEXT")]
    pub contributor: Option<String>,
    /// A signing key, by its kid: withdrawn, and replaced where it signs.
    #[arg(long, value_name = "KID")]
    pub key: Option<String>,
    /// Why, for the audit trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Only count.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub of: OfTenant,
}
