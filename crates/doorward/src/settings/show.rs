//! What `doorward config` prints: every setting, its value, and where that came from.

use serde_json::{Map, json};

use super::table::TABLE;
use super::{DatabaseSetting, Resolved, Settings, Value};
use crate::report::table::Table;

/// As a table for people.
pub fn text(resolved: &Resolved, settings: &Settings) -> String {
    let mut table = Table::new(&["SETTING", "VALUE", "ORIGIN"]);
    for setting in TABLE {
        table.row(vec![
            setting.key.to_owned(),
            shown(resolved, settings, setting.key),
            resolved.origin(setting.key).to_string(),
        ]);
    }
    table.to_string()
}

/// As JSON.
pub fn json(resolved: &Resolved, settings: &Settings) -> serde_json::Value {
    let mut all = Map::new();
    for setting in TABLE {
        let value = match resolved.value(setting.key) {
            Value::Absent => effective(settings, setting.key).map_or(serde_json::Value::Null, Into::into),
            Value::Flag(flag) => json!(flag),
            Value::List(list) => json!(list),
            Value::Number(number) => json!(number),
            Value::Secret(_) => json!(shown(resolved, settings, setting.key)),
            Value::Text(text) => json!(text),
        };
        let entry = json!({ "value": value, "origin": resolved.origin(setting.key).to_string() });
        all.insert(setting.key.to_owned(), entry);
    }
    serde_json::Value::Object(all)
}

fn shown(resolved: &Resolved, settings: &Settings, key: &str) -> String {
    match resolved.value(key) {
        Value::Absent => effective(settings, key).unwrap_or_else(|| Value::Absent.to_string()),
        Value::Secret(_) if key == "database" => settings.database.to_string(),
        value => value.to_string(),
    }
}

/// What an absent setting comes to.
fn effective(settings: &Settings, key: &str) -> Option<String> {
    match key {
        "data" => Some(settings.data.display().to_string()),
        "database" => Some(settings.database.to_string()),
        "key_encryption_key" => match &settings.database {
            DatabaseSetting::Sqlite(_) => Some(format!("in {}", settings.key_file().display())),
            DatabaseSetting::Postgres(_) => None,
        },
        _ => None,
    }
}
