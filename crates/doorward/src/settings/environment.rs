//! Settings from the environment: `DOORWARD_` and the key in capitals, `__` between levels; `_FILE` for secrets.

use std::fs;

use super::table::{PREFIX, TABLE};
use super::value::{Origin, read as read_value};
use super::{CONFIG_VARIABLE, Set, nearest};

/// Reads every variable that begins with the prefix. One that is not known is a mistake.
pub(super) fn read(environment: &[(String, String)], set: &mut Set<'_>, problems: &mut Vec<String>) {
    for (name, text) in environment {
        let is_ours = name.starts_with(PREFIX) && name != CONFIG_VARIABLE && !name.starts_with(TESTS);
        if !is_ours {
            continue;
        }
        if let Some(setting) = TABLE.iter().find(|setting| setting.variable() == *name) {
            match read_value(setting, text) {
                Ok(value) => set(setting, value, Origin::Variable(name.clone()), problems),
                Err(what) => problems.push(format!("{name}: {what}")),
            }
        } else if let Some(setting) =
            TABLE.iter().find(|setting| setting.file_variable().as_deref() == Some(name))
        {
            let found = fs::read_to_string(text).map_err(|error| format!("cannot read {text}: {error}"));
            match found.and_then(|text| read_value(setting, &text)) {
                Ok(value) => set(setting, value, Origin::Variable(name.clone()), problems),
                Err(what) => problems.push(format!("{name}: {what}")),
            }
        } else {
            problems.push(unknown(name));
        }
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<String> = TABLE
        .iter()
        .flat_map(|setting| std::iter::once(setting.variable()).chain(setting.file_variable()))
        .collect();
    let near = nearest::of(name, known.iter().map(String::as_str).chain([CONFIG_VARIABLE]));
    match near {
        Some(near) => format!("{name}: there is no such setting; did you mean {near}?"),
        None => format!("{name}: there is no such setting"),
    }
}

/// Variables of the project's own tests.
const TESTS: &str = "DOORWARD_TEST_";
