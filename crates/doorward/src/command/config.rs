//! `config`.

use crate::cli::{AllFlags, Config, ConfigAction, Output};
use crate::failure::{Exit, Failure};
use crate::output::print;
use crate::settings::{Resolved, Settings, Sources, document, show};

/// `config …`.
pub fn run(command: &Config) -> Result<(), Failure> {
    match &command.action {
        None => shown(&command.flags, command.output),
        Some(ConfigAction::Show { output, flags }) => shown(flags, *output),
        Some(ConfigAction::Check { flags }) => check(flags),
        Some(ConfigAction::Manual) => print(&document::page()),
    }
}

fn shown(flags: &AllFlags, output: Output) -> Result<(), Failure> {
    let (resolved, settings) = read(flags)?;
    let text = match output {
        Output::Text => show::text(&resolved, &settings),
        Output::Json => {
            let json = serde_json::to_string_pretty(&show::json(&resolved, &settings));
            json.map_err(|error| Failure::new(Exit::Failed, error.to_string()))? + "\n"
        }
    };
    print(&text)
}

fn check(flags: &AllFlags) -> Result<(), Failure> {
    let (resolved, settings) = read(flags)?;
    super::serve::check(&settings)?;
    let from = resolved.file.map_or_else(|| "no file".to_owned(), |path| path.display().to_string());
    print(&format!("The settings are fine ({from}).\n"))
}

fn read(flags: &AllFlags) -> Result<(Resolved, Settings), Failure> {
    let sources = Sources::of_process(flags.0.config.as_deref(), flags.0.settings.clone())?;
    let resolved = Resolved::of(&sources)?;
    let settings = Settings::of(&resolved)?;
    Ok((resolved, settings))
}
