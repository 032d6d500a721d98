//! Opening the store with the settings of the process.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use doorward_store::driver::sqlite::SqliteConfig;
use doorward_store::seal::KeySource;
use doorward_store::seal::key_text::KeyText;
use doorward_store::{Database, StoreConfig};

use crate::failure::{Exit, Failure};
use crate::settings::{DatabaseSetting, Settings};

/// Makes the data folder, for its owner only, where it does not exist.
pub fn data_folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        Failure::new(Exit::Config, format!("cannot make the data folder {}: {error}", path.display()))
            .hint("choose another one by --data, or let its parent belong to the user that runs the server")
    })
}

/// Whether a file is there. That this user may not look is another matter, and is told.
pub fn is_there(path: &Path) -> Result<bool, Failure> {
    path.try_exists().map_err(|error| {
        Failure::new(Exit::Unavailable, format!("cannot look for {}: {error}", path.display())).hint(
            "run this as the user that runs the server, such as by sudo -u doorward; or name its data folder by --data",
        )
    })
}

/// The file of a SQLite database, which must be there.
pub fn must_be_there(path: &Path) -> Result<(), Failure> {
    if is_there(path)? {
        return Ok(());
    }
    Err(Failure::new(Exit::NotFound, format!("there is no database at {}", path.display())).hint(
        "name the server's data folder by --data, or its settings by --config; the first `doorward serve` makes one",
    ))
}

/// How the store is opened.
pub fn store_config(settings: &Settings, migrate: bool) -> StoreConfig {
    StoreConfig {
        database: database(settings),
        key: key(settings),
        migrate,
        clock: None,
        accept_clock: false,
        cached_clients: settings.cached_clients,
    }
}

/// Where the key-encryption key is.
pub fn key(settings: &Settings) -> KeySource {
    let current = match &settings.key_encryption_key {
        Some(key) => KeyText::Value(key.clone()),
        None => KeyText::File(settings.key_file()),
    };
    KeySource { current, previous: settings.previous_key_encryption_key.clone().map(KeyText::Value) }
}

/// Which database.
pub fn database(settings: &Settings) -> Database {
    match &settings.database {
        DatabaseSetting::Sqlite(path) => Database::Sqlite(SqliteConfig::new(path)),
        DatabaseSetting::Postgres(url) => Database::Postgres(url.clone()),
    }
}
