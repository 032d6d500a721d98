//! What `import` is given.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `import`.
#[derive(Subcommand, Debug)]
#[command(
    disable_help_subcommand = true,
    after_help = "Example:\n  doorward import magic authserver.properties --url https://id.example.com/authentication > magic.yaml"
)]
pub enum ImportFrom {
    /// The settings of Magic Collaboration Studio's authentication server, as a file that apply reads. Nothing is changed
    Magic(ImportMagic),
}

/// `import magic`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  doorward import magic authserver.properties --url https://id.example.com/authentication --output magic.yaml\n  doorward import magic authserver.properties --url https://id.example.com/authentication --api https://twc.example.com | doorward apply -f - --dry-run\n\nStandard error tells what was taken as what, what was not and why, and what is to be decided by hand. The file holds the hash of the\nsecret: keep it as you keep the database."
)]
pub struct ImportMagic {
    /// Their authserver.properties; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The address of the issuer that their clients will use.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The tenant that it is of.
    #[arg(long, value_name = "TENANT", default_value = "main")]
    pub tenant: String,
    /// The id of the issuer.
    #[arg(long, value_name = "ID", default_value = "magic")]
    pub issuer: String,
    /// An API that ID tokens open; may be repeated.
    #[arg(long = "api", value_name = "URL")]
    pub apis: Vec<String>,
    /// Write the state to this file, which only its owner can read, instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
