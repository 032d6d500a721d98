//! What `user` is given.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Named, OfTenant, OfTenants};

/// `user`.
#[derive(Subcommand, Debug)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  doorward user list\n  doorward user create ada --email ada@example.com --generate\n  doorward user disable ada"
)]
pub enum User {
    /// Everybody
    #[command(after_help = "Example:\n  doorward user list --tenant main --output json")]
    List(OfTenants),
    /// One person
    #[command(after_help = "Example:\n  doorward user show ada")]
    Show(Named),
    /// Make a person
    #[command(
        after_help = "Examples:\n  doorward user create ada --name 'Ada Lovelace' --email ada@example.com --generate\n  doorward user create ada --password-stdin < password.txt"
    )]
    Create(CreateUser),
    /// Bring people in from another system, with contexts and memberships: a JSON record a line, as often as wished
    #[command(
        after_help = "Examples:\n  doorward user import people.ndjson --dry-run\n  doorward user import people.ndjson\n  doorward user import - --output json < people.ndjson\n\nA record: {\"type\":\"user\",\"external_id\":\"42\",\"external_version\":1,\"user_name\":\"ada\",\"password_hash\":\"$2b$…\"}"
    )]
    Import(Import),
    /// Make a link by which an administrator is made, the first or another; it works once, for an hour
    #[command(after_help = "Example:\n  doorward user setup-link")]
    SetupLink(OfTenant),
    /// Make a link by which a person chooses a new password; it works once, for an hour
    #[command(after_help = "Example:\n  doorward user reset-link ada")]
    ResetLink(Named),
    /// Make a link that signs a person in; it works once, for an hour
    #[command(after_help = "Example:\n  doorward user sign-in-link ada")]
    SignInLink(Named),
    /// Sign a person out everywhere: sessions and applications' grants
    #[command(after_help = "Example:\n  doorward user end-sessions ada")]
    EndSessions(Named),
    /// Let a person choose a new password at their next sign-in
    #[command(after_help = "Example:\n  doorward user require-password ada")]
    RequirePassword(Named),
    /// Invite somebody to make an account; the link works once, for seven days
    #[command(
        after_help = "Examples:\n  doorward user invite --email ada@example.com --mail\n  doorward user invite --role clerk --context project/p-1=editor,viewer"
    )]
    Invite(Invite),
    /// The invitations that nobody has used yet
    #[command(after_help = "Example:\n  doorward user invitations --tenant main")]
    Invitations(OfTenants),
    /// Call an invitation back: its link works no longer
    #[command(after_help = "Example:\n  doorward user withdraw-invitation inv_0ZkQx3mVt9BrYw2LcA7hUd")]
    WithdrawInvitation {
        /// Which, as `user invitations` prints it.
        #[arg(value_name = "INVITATION")]
        id: String,
        #[command(flatten)]
        of: OfTenant,
    },
    /// Switch a person off: nothing of theirs works, and sessions and grants from before stay dead
    #[command(after_help = "Example:\n  doorward user disable ada")]
    Disable(Named),
    /// Switch a person on again
    #[command(after_help = "Example:\n  doorward user enable ada")]
    Enable(Named),
    /// Keep a person from signing in for now
    #[command(after_help = "Example:\n  doorward user lock ada")]
    Lock(Named),
    /// Let a person sign in again
    #[command(after_help = "Example:\n  doorward user unlock ada")]
    Unlock(Named),
    /// Set a person's password. Their sessions and grants from before are over
    #[command(
        after_help = "Examples:\n  doorward user set-password ada\n  doorward user set-password ada --generate"
    )]
    SetPassword {
        #[command(flatten)]
        of: Named,
        #[command(flatten)]
        password: Password,
    },
    /// Take a person's second factor and recovery codes away, for who lost them
    #[command(after_help = "Example:\n  doorward user reset-factor ada")]
    ResetFactor(Named),
    /// Remove a person for good
    #[command(after_help = "Example:\n  doorward user remove ada")]
    Remove(Named),
}

/// `user import`.
#[derive(Args, Debug, Clone)]
pub struct Import {
    /// The file; - reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only tell what would be done.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub of: OfTenant,
}

/// `user invite`.
#[derive(Args, Debug, Clone)]
pub struct Invite {
    #[command(flatten)]
    pub of: OfTenant,
    /// Their e-mail address: the account gets this one.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Send the link there, instead of showing it.
    #[arg(long, requires = "email")]
    pub mail: bool,
    /// Their name, as pages show it.
    #[arg(long = "name", value_name = "TEXT", id = "invited-name")]
    pub display_name: Option<String>,
    /// A role in the whole tenant. Can be given several times.
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// A context that they belong to, and roles there: `kind/id` or `kind/id=role,role`. Can be given several times.
    #[arg(long = "context", value_name = "CONTEXT")]
    pub contexts: Vec<String>,
}

/// `user create`.
#[derive(Args, Debug, Clone)]
pub struct CreateUser {
    #[command(flatten)]
    pub of: Named,
    /// Their name, as pages show it.
    #[arg(long = "name", value_name = "TEXT", id = "display-name")]
    pub display_name: Option<String>,
    /// Their e-mail address.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// The address was shown to be theirs.
    #[arg(long, requires = "email")]
    pub email_verified: bool,
    /// They administer the server.
    #[arg(long)]
    pub administrator: bool,
    /// Without a password: they cannot sign in yet.
    #[arg(long, conflicts_with_all = ["password_stdin", "generate"])]
    pub no_password: bool,
    #[command(flatten)]
    pub password: Password,
}

/// How a password is given. It is asked for on the terminal, unless told otherwise.
#[derive(Args, Debug, Clone)]
pub struct Password {
    /// Read the password from standard input.
    #[arg(long, conflicts_with = "generate")]
    pub password_stdin: bool,
    /// Make one, and show it once.
    #[arg(long)]
    pub generate: bool,
}
