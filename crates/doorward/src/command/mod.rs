//! The commands, one file each.

mod apply;
mod ask;
mod backup;
mod client;
mod config;
mod doctor;
mod end;
mod explain;
mod guard;
mod healthcheck;
pub mod import;
mod import_from;
mod keys;
mod migrate;
mod opening;
mod progress;
mod secret_input;
mod serve;
mod user;

use clap::CommandFactory;

use crate::cli::{Cli, Command};
use crate::failure::{Exit, Failure};
use crate::output::print;

pub use opening::data_folder;
pub use serve::{check, write_private};

/// Runs a command to its end.
pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "doorward", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Command::Config(command) => config::run(&command),
        Command::Serve(command) => many_threads(serve::run(command)),
        Command::Dev(command) => many_threads(crate::dev::run(command)),
        Command::Apply(command) => one_thread(apply::apply(command)),
        Command::Export(command) => one_thread(apply::export(command)),
        Command::Import(command) => import_from::run(command),
        Command::Backup(command) => one_thread(backup::backup(command)),
        Command::Restore(command) => one_thread(backup::restore(command)),
        Command::Epoch(command) => one_thread(backup::epoch(command)),
        Command::End(command) => one_thread(end::run(command)),
        Command::Explain(command) => one_thread(explain::run(command)),
        Command::Doctor(command) => one_thread(doctor::run(command)),
        Command::Healthcheck(command) => one_thread(healthcheck::run(command)),
        Command::Guard(command) => many_threads(guard::run(command)),
        Command::Migrate(command) => one_thread(migrate::run(command)),
        Command::Keys(command) => one_thread(keys::run(command)),
        Command::User(command) => one_thread(user::run(command)),
        Command::Client(command) => one_thread(client::run(command)),
    }
}

fn many_threads(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime(tokio::runtime::Builder::new_multi_thread(), command)
}

fn one_thread(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime(tokio::runtime::Builder::new_current_thread(), command)
}

fn runtime(
    mut builder: tokio::runtime::Builder,
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    // Every TLS connection of the process uses the one provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = builder
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("the runtime does not start: {error}")))?;
    runtime.block_on(command)
}
