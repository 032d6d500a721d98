//! The command line. Flags for settings come from the table of settings; each command has an example in its help.

mod flags;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use flags::{AllFlags, StoreFlags};

use crate::failure::Exit;

/// Doorward: an identity server.
#[derive(Parser, Debug)]
#[command(
    name = "doorward",
    version,
    about = "An identity server: it signs people in and issues OAuth 2.0 and OpenID Connect tokens",
    after_help = exit_codes(),
    after_long_help = exit_codes(),
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run the server
    #[command(
        after_help = "Examples:\n  doorward serve\n  doorward serve --public-url https://id.example.com --listen 0.0.0.0:443 \\\n      --tls-certificate chain.pem --tls-key key.pem\n  doorward serve --bootstrap state.yaml"
    )]
    Serve(Serve),
    /// Run a server to try things out, with people, an API, clients and a demo application
    #[command(
        after_help = "Examples:\n  doorward dev\n  doorward dev --fresh\n  doorward dev --listen 0.0.0.0:8443 --public-url https://devbox.example:8443 --tls"
    )]
    Dev(Dev),
    /// Make the server's objects what a file says
    #[command(
        after_help = "Examples:\n  doorward apply -f state.yaml --dry-run\n  doorward apply -f state.yaml\n  doorward export | ssh other doorward apply -f -"
    )]
    Apply(Apply),
    /// Print all tenants, issuers, APIs, clients and people as a file that apply reads
    #[command(
        after_help = "Example:\n  doorward export > state.yaml\n\nThe file holds hashes of passwords and secrets: keep it as you keep the database."
    )]
    Export(Export),
    /// Bring the database's schema up to date
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  doorward migrate status\n  doorward migrate up"
    )]
    Migrate(Migrate),
    /// Signing keys
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  doorward keys list\n  doorward keys rotate --algorithm ES256"
    )]
    Keys(Keys),
    /// People
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  doorward user list\n  doorward user create ada --email ada@example.com --generate\n  doorward user disable ada"
    )]
    User(User),
    /// OAuth clients
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  doorward client list\n  doorward client create web --redirect-uri https://app.example.com/cb --scope openid\n  doorward client add-secret web"
    )]
    Client(Client),
    /// Settings: every one with its value and where that came from
    #[command(
        args_conflicts_with_subcommands = true,
        disable_help_subcommand = true,
        after_help = "Examples:\n  doorward config\n  doorward config check --config doorward.toml\n  DOORWARD_LISTEN=0.0.0.0:8080 doorward config --output json"
    )]
    Config(Config),
    /// Print a script that completes commands in a shell
    #[command(after_help = "Example:\n  doorward completions bash > /etc/bash_completion.d/doorward")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// On an empty database, make what this file says instead of a set-up link.
    #[arg(long, value_name = "FILE")]
    pub bootstrap: Option<PathBuf>,
    /// Take the clock as it is now, although the database was last used at a later time.
    #[arg(long)]
    pub accept_clock: bool,
    /// Settings.
    #[command(flatten)]
    pub flags: AllFlags,
}

/// `dev`.
#[derive(Args, Debug)]
pub struct Dev {
    /// Where the server listens.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the demo application listens: the same address and port 8081, unless given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub rp_listen: Option<SocketAddr>,
    /// Where the server is reached: http://localhost and the port, unless given.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Where the demo application is reached: the server's host and the application's port, unless given.
    #[arg(long, value_name = "URL")]
    pub rp_url: Option<String>,
    /// The data folder.
    #[arg(long, value_name = "FOLDER", default_value = "./doorward-data/dev")]
    pub data: PathBuf,
    /// Start over: remove what the folder holds.
    #[arg(long)]
    pub fresh: bool,
    /// Speak TLS, with a certificate made on the spot.
    #[arg(long)]
    pub tls: bool,
    /// Where /healthz, /readyz and /metrics are served; 127.0.0.1:9100 if it is free, unless given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub ops_listen: Option<SocketAddr>,
    /// What is logged.
    #[arg(long, value_name = "LEVEL", default_value = "warn,doorward_store::seal=error")]
    pub log_level: String,
}

/// `apply`.
#[derive(Args, Debug)]
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

/// `export`.
#[derive(Args, Debug)]
pub struct Export {
    /// Only this tenant.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

/// `migrate`.
#[derive(Subcommand, Debug)]
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

/// `keys`.
#[derive(Subcommand, Debug)]
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

/// `user`.
#[derive(Subcommand, Debug)]
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
    /// Make a link by which the first administrator is made; it works once, for an hour
    #[command(after_help = "Example:\n  doorward user setup-link")]
    SetupLink(OfTenant),
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
    /// Remove a person for good
    #[command(after_help = "Example:\n  doorward user remove ada")]
    Remove(Named),
}

/// `client`.
#[derive(Subcommand, Debug)]
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

/// `config`.
#[derive(Args, Debug)]
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

/// What every command has that speaks to a server or opens the store.
#[derive(Args, Debug, Clone)]
pub struct Common {
    /// How to print what is read.
    #[arg(long, value_enum, default_value_t)]
    pub output: Output,
    #[command(flatten)]
    pub flags: StoreFlags,
}

/// A command on one tenant, or on all.
#[derive(Args, Debug, Clone)]
pub struct OfTenants {
    /// Only of this tenant; of all, unless given.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

/// A command on one tenant.
#[derive(Args, Debug, Clone)]
pub struct OfTenant {
    /// The tenant; needed when there are several.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

/// A command on one object.
#[derive(Args, Debug, Clone)]
pub struct Named {
    /// Its id; for a person the user name, the e-mail address or the id.
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub of: OfTenant,
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

/// How a command prints what it reads.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Output {
    /// For programs.
    Json,
    /// For people.
    #[default]
    Text,
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n   0  all is well\n");
    for (_, code, what) in Exit::ALL {
        text.push_str(&format!("  {code:>2}  {what}\n"));
    }
    text.push_str("\nMore about a command: doorward COMMAND --help");
    text
}

#[cfg(test)]
mod tests;
