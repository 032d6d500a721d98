//! The command line, a file for each command. Flags for settings come from the table of settings; each command has an example in
//! its help.

mod apply;
mod backup;
mod client;
mod common;
mod config;
mod dev;
mod doctor;
mod end;
mod explain;
mod export;
mod flags;
mod guard;
mod healthcheck;
mod import_from;
mod keys;
mod migrate;
mod serve;
mod user;

use clap::{Parser, Subcommand};

pub use apply::Apply;
pub use backup::{Backup, Epoch, Restore};
pub use client::{Client, CreateClient};
pub use common::{Common, Named, OfTenant, OfTenants, Output};
pub use config::{Config, ConfigAction};
pub use dev::Dev;
pub use doctor::Doctor;
pub use end::End;
pub use explain::Explain;
pub use export::Export;
pub use flags::{AllFlags, ProbeFlags, StoreFlags};
pub use guard::Guard;
pub use healthcheck::Healthcheck;
pub use import_from::{ImportFrom, ImportMagic};
pub use keys::Keys;
pub use migrate::Migrate;
pub use serve::Serve;
pub use user::{CreateUser, Import, Invite, Password, User};

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
    Serve(Serve),
    /// Run a server to try things out, with people, an API, clients and a demo application
    Dev(Dev),
    /// Make the server's objects what a file says
    Apply(Apply),
    /// Print all tenants, issuers, APIs, roles, contexts, clients, people, memberships, extensions and installations as a file that apply reads
    Export(Export),
    /// Turn another system's settings into a file that apply reads
    #[command(subcommand)]
    Import(ImportFrom),
    /// Copy the SQLite database into a file, verified, also while the server runs
    Backup(Backup),
    /// Bring a backup back in the place of the SQLite database
    Restore(Restore),
    /// The number that tells the database in use from older copies of it
    #[command(subcommand)]
    Epoch(Epoch),
    /// Tell what is not as it should be, each with what to do about it
    Doctor(Doctor),
    /// Ask the running server whether it is ready
    Healthcheck(Healthcheck),
    /// Stand in front of an API, and let through what the issuer's guard lets through
    Guard(Guard),
    /// Bring the database's schema up to date
    #[command(subcommand)]
    Migrate(Migrate),
    /// Signing keys
    #[command(subcommand)]
    Keys(Keys),
    /// People
    #[command(subcommand)]
    User(User),
    /// OAuth clients
    #[command(subcommand)]
    Client(Client),
    /// Tell what a client, an installation or a token may do, which clause takes each scope away, and who could change that
    Explain(Explain),
    /// End everything of a person, an installation, an extension, who makes extensions, or a key; with a receipt
    End(End),
    /// Settings: every one with its value and where that came from
    Config(Config),
    /// Print a script that completes commands in a shell
    #[command(after_help = "Example:\n  doorward completions bash > /etc/bash_completion.d/doorward")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
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
