//! What `client` is given.

use clap::{Args, Subcommand};

use super::{Named, OfTenants};

/// `client`.
#[derive(Subcommand, Debug)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  doorward client list\n  doorward client create web --redirect-uri https://app.example.com/cb --scope openid\n  doorward client add-secret web"
)]
pub enum Client {
    /// Every client
    #[command(after_help = "Example:\n  doorward client list --tenant main")]
    List(OfTenants),
    /// One client
    #[command(after_help = "Example:\n  doorward client show web --output json")]
    Show(Named),
    /// Make a client. A confidential one gets a secret, which is shown once
    #[command(
        after_help = "Examples:\n  doorward client create web --redirect-uri https://app.example.com/cb \\\n      --scope 'openid profile offline_access' --grant authorization_code --grant refresh_token\n  doorward client create spa --public --redirect-uri https://app.example.com/\n  doorward client create job --grant client_credentials \\\n      --api https://api.example.com --scope orders:read"
    )]
    Create(Box<CreateClient>),
    /// Make a further secret, which is shown once
    #[command(
        after_help = "Examples:\n  doorward client add-secret web\n  doorward client add-secret web --retire-others 86400"
    )]
    AddSecret {
        #[command(flatten)]
        of: Named,
        /// Let the other secrets work for so many seconds more.
        #[arg(long, value_name = "SECONDS")]
        retire_others: Option<u32>,
    },
    /// Remove a secret, by its hash as `client show` prints it
    #[command(
        after_help = "Example:\n  doorward client remove-secret web sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    )]
    RemoveSecret {
        #[command(flatten)]
        of: Named,
        /// The hash.
        hash: String,
    },
    /// Switch a client off
    #[command(after_help = "Example:\n  doorward client disable web")]
    Disable(Named),
    /// Switch a client on again
    #[command(after_help = "Example:\n  doorward client enable web")]
    Enable(Named),
    /// Remove a client for good
    #[command(after_help = "Example:\n  doorward client remove web")]
    Remove(Named),
}

/// `client create`.
#[derive(Args, Debug, Clone)]
pub struct CreateClient {
    #[command(flatten)]
    pub of: Named,
    /// Its name, as pages show it.
    #[arg(long = "name", value_name = "TEXT", id = "display-name")]
    pub display_name: Option<String>,
    /// It cannot keep a secret: a browser application, or one on people's devices.
    #[arg(long)]
    pub public: bool,
    /// An application on people's devices: loopback redirects and schemes of its own.
    #[arg(long)]
    pub native: bool,
    /// Where codes may go; may be repeated.
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub redirect_uris: Vec<String>,
    /// Where the browser may go after sign-out; may be repeated.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told that a session ended (back-channel logout).
    #[arg(long = "backchannel-logout-uri", value_name = "URI")]
    pub backchannel_logout_uri: Option<String>,
    /// A grant type; may be repeated. authorization_code, unless given.
    #[arg(long = "grant", value_name = "TYPE")]
    pub grants: Vec<String>,
    /// Scopes that it may ask for, parted by spaces.
    #[arg(long, value_name = "SCOPES", default_value = "openid profile email")]
    pub scope: String,
    /// An API that it may get tokens for; may be repeated.
    #[arg(long = "api", value_name = "URI")]
    pub apis: Vec<String>,
    /// It is the platform's own: no consent page.
    #[arg(long)]
    pub first_party: bool,
}
