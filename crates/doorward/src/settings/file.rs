//! Settings from `doorward.toml`. A secret may stand there as `NAME_file = "PATH"`, too.

use std::fs;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::table::{Kind, Setting, TABLE};
use super::value::{Origin, Value, in_range, read as read_value};
use super::{Set, nearest};

/// The first file that stands in a usual place.
pub fn default_path() -> Option<PathBuf> {
    ["doorward.toml", "/etc/doorward/doorward.toml"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
}

/// Reads every key of the file. One that is not known is a mistake.
pub(super) fn read(path: &Path, text: &str, set: &mut Set<'_>, problems: &mut Vec<String>) {
    match DeTable::parse(text) {
        Ok(table) => read_table("", table.get_ref(), path, text, set, problems),
        Err(error) => {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            problems.push(format!("{}:{line}: {}", path.display(), error.message()));
        }
    }
}

fn read_table(
    prefix: &str,
    table: &DeTable<'_>,
    path: &Path,
    text: &str,
    set: &mut Set<'_>,
    problems: &mut Vec<String>,
) {
    for (name, found) in table {
        let key = format!("{prefix}{}", name.get_ref());
        let line = line_of(text, name.span().start);
        let place = format!("{}:{line}: {key}", path.display());
        let level = format!("{key}.");
        if let DeValue::Table(inner) = found.get_ref()
            && TABLE.iter().any(|setting| setting.key.starts_with(&level))
        {
            read_table(&level, inner, path, text, set, problems);
            continue;
        }
        let origin = Origin::File(path.to_owned(), line);
        if let Some(setting) = TABLE.iter().find(|setting| setting.key == key) {
            match value_of(setting, found) {
                Ok(value) => set(setting, value, origin, problems),
                Err(what) => problems.push(format!("{place}: {what}")),
            }
        } else if let Some(setting) =
            TABLE.iter().find(|setting| named_file(setting).as_deref() == Some(&key))
        {
            match from_file(setting, found, path) {
                Ok(value) => set(setting, value, origin, problems),
                Err(what) => problems.push(format!("{place}: {what}")),
            }
        } else {
            problems.push(unknown(&place, &key));
        }
    }
}

/// The key that names a file with the secret.
fn named_file(setting: &Setting) -> Option<String> {
    (setting.kind == Kind::Secret).then(|| format!("{}_file", setting.key))
}

fn unknown(place: &str, key: &str) -> String {
    let files: Vec<String> = TABLE.iter().filter_map(named_file).collect();
    let known = TABLE.iter().map(|setting| setting.key).chain(files.iter().map(String::as_str));
    match nearest::of(key, known) {
        Some(near) => format!("{place}: there is no such setting; did you mean {near}?"),
        None => format!("{place}: there is no such setting"),
    }
}

fn value_of(setting: &Setting, found: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    match (setting.kind, found.get_ref()) {
        (Kind::Flag, DeValue::Boolean(flag)) => Ok(Value::Flag(*flag)),
        (Kind::Flag, _) => Err("must be true or false, without quotes".to_owned()),
        (Kind::Number(least, most), DeValue::Integer(number)) => {
            let number = i64::from_str_radix(number.as_str(), number.radix())
                .map_err(|_| format!("must be between {least} and {most}"))?;
            in_range(number, least, most).map(Value::Number)
        }
        (Kind::Number(..), _) => Err("must be a whole number, without quotes".to_owned()),
        (Kind::List | Kind::Addresses, DeValue::Array(list)) => {
            let texts: Result<Vec<String>, String> = list.iter().map(text_of).collect();
            read_value(setting, &texts?.join(","))
        }
        (Kind::List, _) => Err("must be a list of texts: [\"…\", \"…\"]".to_owned()),
        _ => read_value(setting, &text_of(found)?),
    }
}

fn from_file(setting: &Setting, found: &Spanned<DeValue<'_>>, beside: &Path) -> Result<Value, String> {
    let name = text_of(found)?;
    // A relative path is relative to the settings.
    let path = beside.parent().map_or_else(|| PathBuf::from(&name), |folder| folder.join(&name));
    let text =
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    read_value(setting, &text)
}

fn text_of(found: &Spanned<DeValue<'_>>) -> Result<String, String> {
    match found.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        _ => Err("must be a text in quotes".to_owned()),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
