//! Settings of the process: defaults < `doorward.toml` < environment < flags. One table ([`table::TABLE`]) says what there is;
//! names in the file, in the environment and on the command line, the manual page and the output of `config` follow from it.

pub mod document;
mod environment;
mod file;
pub mod nearest;
pub mod show;
pub mod table;
mod typed;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::{Exit, Failure};
use table::{Kind, Setting, TABLE};

pub use file::default_path;
pub use typed::{DatabaseSetting, Forwarded, Settings};
pub use value::{Origin, Value};

/// Every setting with its value and where that came from.
#[derive(Clone, Debug)]
pub struct Resolved {
    values: BTreeMap<&'static str, (Value, Origin)>,
    /// The file that was read.
    pub file: Option<PathBuf>,
}

/// What is given to the process: everything that settings may come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file, when there is one: where it is, and its text.
    pub file: Option<(PathBuf, String)>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Flags: key and value as written.
    pub flags: Vec<(&'static str, String)>,
}

/// What takes a value in, from wherever it is read.
type Set<'a> = dyn FnMut(&'static Setting, Value, Origin, &mut Vec<String>) + 'a;

impl Resolved {
    /// Brings the sources together. Every mistake is told at once.
    pub fn of(sources: &Sources) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let mut values: BTreeMap<&'static str, (Value, Origin)> = BTreeMap::new();
        for setting in TABLE {
            let default = setting.default.map_or(Value::Absent, |text| {
                value::read(setting, text).unwrap_or_else(|_| Value::Text(text.to_owned()))
            });
            values.insert(setting.key, (default, Origin::Default));
        }
        let mut set =
            |setting: &'static Setting, value: Value, origin: Origin, problems: &mut Vec<String>| {
                let twice = setting.kind == Kind::Secret
                    && values.get(setting.key).is_some_and(|(_, before)| *before != Origin::Default);
                if twice {
                    let before =
                        values.get(setting.key).map(|(_, before)| before.to_string()).unwrap_or_default();
                    problems.push(format!(
                        "{} is a secret and is given twice: by {before} and by {origin}",
                        setting.key
                    ));
                } else {
                    values.insert(setting.key, (value, origin));
                }
            };
        if let Some((path, text)) = &sources.file {
            file::read(path, text, &mut set, &mut problems);
        }
        environment::read(&sources.environment, &mut set, &mut problems);
        for (key, text) in &sources.flags {
            let Some(setting) = table::find(key) else { continue };
            match value::read(setting, text) {
                Ok(value) => set(setting, value, Origin::Flag(setting.flag()), &mut problems),
                Err(what) => problems.push(format!("--{}: {what}", setting.flag())),
            }
        }
        if problems.is_empty() {
            let file = sources.file.as_ref().map(|(path, _)| path.clone());
            return Ok(Self { values, file });
        }
        Err(Failure::new(Exit::Config, problems.join("\n"))
            .hint("`doorward config` shows every setting and where it came from"))
    }

    /// The value of a setting.
    pub fn value(&self, key: &str) -> &Value {
        self.values.get(key).map_or(&Value::Absent, |(value, _)| value)
    }

    /// Where it came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.values.get(key).map_or(&Origin::Default, |(_, origin)| origin)
    }
}

impl Sources {
    /// Of this process: the file that `config` names or that stands in a usual place, and the environment.
    pub fn of_process(config: Option<&Path>, flags: Vec<(&'static str, String)>) -> Result<Self, Failure> {
        let environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
            })
            .collect();
        let named =
            environment.iter().find(|(name, _)| name == CONFIG_VARIABLE).map(|(_, path)| PathBuf::from(path));
        let path = config.map(Path::to_path_buf).or(named).or_else(default_path);
        let file = match path {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    Failure::new(
                        Exit::Config,
                        format!("cannot read the settings in {}: {error}", path.display()),
                    )
                })?;
                Some((path, text))
            }
        };
        Ok(Self { file, environment, flags })
    }
}

/// The variable that names the file.
pub const CONFIG_VARIABLE: &str = "DOORWARD_CONFIG";

#[cfg(test)]
mod tests;
