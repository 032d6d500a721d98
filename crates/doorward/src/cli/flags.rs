//! Flags for settings, made from the table of settings.

use clap::{Arg, ArgMatches, Command};

use std::path::PathBuf;

use crate::settings::table::{Setting, TABLE};

/// Flags for every setting, of commands that run or show everything.
#[derive(Clone, Debug, Default)]
pub struct AllFlags(pub Given);

/// Flags for the settings that matter to a command on the store: where the data is.
#[derive(Clone, Debug, Default)]
pub struct StoreFlags(pub Given);

/// Flags for the one setting of a command that only asks: where the answer is.
#[derive(Clone, Debug, Default)]
pub struct ProbeFlags(pub Given);

/// What was given.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The file.
    pub config: Option<PathBuf>,
    /// Settings, as written.
    pub settings: Vec<(&'static str, String)>,
}

fn augment(command: Command, wanted: fn(&Setting) -> bool) -> Command {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("The file with settings; doorward.toml, unless given")
        .help_heading(HEADING);
    let mut command = command.arg(config);
    for setting in TABLE.iter().filter(|setting| setting.has_flag() && wanted(setting)) {
        let first = setting.doc.split(". ").next().unwrap_or(setting.doc).trim_end_matches('.');
        let help = setting
            .default
            .map_or_else(|| first.to_owned(), |default| format!("{first} [default: {default}]"));
        let arg = Arg::new(setting.key)
            .long(setting.flag())
            .value_name(setting.kind.placeholder())
            .help(help)
            .help_heading(HEADING);
        command = command.arg(arg);
    }
    command
}

fn given(matches: &ArgMatches, wanted: fn(&Setting) -> bool) -> Given {
    let settings = TABLE
        .iter()
        .filter(|setting| setting.has_flag() && wanted(setting))
        .filter_map(|setting| Some((setting.key, matches.get_one::<String>(setting.key)?.clone())))
        .collect();
    Given { config: matches.get_one::<PathBuf>("config").cloned(), settings }
}

macro_rules! flags {
    ($Name:ident, $wanted:expr) => {
        impl clap::Args for $Name {
            fn augment_args(command: Command) -> Command {
                augment(command, $wanted)
            }

            fn augment_args_for_update(command: Command) -> Command {
                augment(command, $wanted)
            }
        }

        impl clap::FromArgMatches for $Name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Ok(Self(given(matches, $wanted)))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                self.0 = given(matches, $wanted);
                Ok(())
            }
        }
    };
}

flags!(AllFlags, |_| true);
flags!(StoreFlags, |setting| matches!(setting.key, "data" | "database"));
flags!(ProbeFlags, |setting| setting.key == "ops_listen");

const HEADING: &str = "Settings";
