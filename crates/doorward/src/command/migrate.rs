//! `migrate`.

use serde_json::json;

use doorward_core::Timestamp;
use doorward_core::desired::date;
use doorward_store::migration::{self, Migration};
use doorward_store::store::connect;
use doorward_store::{Database, OpenError};

use super::ask::settings;
use super::opening::{data_folder, database, is_there, key};
use crate::cli::{Common, Migrate, Output};
use crate::failure::{Exit, Failure};
use crate::logs;
use crate::output::{print, print_done};
use crate::report::table::Table;
use crate::settings::DatabaseSetting;

/// `migrate …`.
pub async fn run(command: Migrate) -> Result<(), Failure> {
    match command {
        Migrate::Status(common) => status(&common).await,
        Migrate::Plan(common) => plan(&common).await,
        Migrate::Up(common) => up(&common).await,
    }
}

async fn status(common: &Common) -> Result<(), Failure> {
    let database = present(common)?;
    let lines = migration::lines(database.applied().await?, |migration| database.text_of(migration));
    let applied = |at: Option<i64>| at.map(|at| date::write(Timestamp(at)));
    let text = match common.output {
        Output::Json => {
            let rows: Vec<_> = lines
                .iter()
                .map(|line| json!({ "version": line.version, "name": line.name, "applied_at": applied(line.applied_at), "unknown": !line.is_ours }))
                .collect();
            format!("{}\n", json!(rows))
        }
        Output::Text => {
            let mut table = Table::new(&["VERSION", "NAME", "APPLIED"]);
            for line in &lines {
                let when = applied(line.applied_at).unwrap_or_else(|| "pending".to_owned());
                let when = if line.is_ours { when } else { format!("{when}, by another build") };
                table.row(vec![format!("{:04}", line.version), line.name.clone(), when]);
            }
            table.to_string()
        }
    };
    print(&text)
}

async fn plan(common: &Common) -> Result<(), Failure> {
    let database = present(common)?;
    let pending = migration::pending(&database.applied().await?, |migration| database.text_of(migration))?;
    if matches!(common.output, Output::Json) {
        let row = |migration: &&Migration| json!({ "version": migration.version, "name": migration.name, "sql": database.text_of(migration) });
        let rows: Vec<_> = pending.iter().map(row).collect();
        return print(&format!("{}\n", json!(rows)));
    }
    if pending.is_empty() {
        return print("-- Nothing is pending.\n");
    }
    let text = |migration: &Migration| {
        format!("-- {:04}_{}\n{}\n", migration.version, migration.name, database.text_of(migration))
    };
    print(&pending.into_iter().map(text).collect::<String>())
}

async fn up(common: &Common) -> Result<(), Failure> {
    let settings = settings(&common.flags)?;
    logs::start("auto", "error")?;
    if matches!(settings.database, DatabaseSetting::Sqlite(_)) {
        data_folder(&settings.data)?;
    }
    let database = database(&settings);
    let at = |error: OpenError| error.at(database.path());
    let (driver, _lock) = connect(&database, &key(&settings))?;
    let now = match driver.time().await.map_err(|fault| at(fault.into()))? {
        Some((time, _)) => time.0,
        None => {
            let since =
                std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or_default()
        }
    };
    let count = migration::up(&driver, now).await.map_err(at)?;
    print_done(&match (common.output, count) {
        (Output::Json, count) => format!("{}\n", json!({ "applied": count })),
        (Output::Text, 0) => "Nothing was pending: the database is up to date.\n".to_owned(),
        (Output::Text, 1) => "1 migration was applied: the database is up to date.\n".to_owned(),
        (Output::Text, count) => format!("{count} migrations were applied: the database is up to date.\n"),
    })
}

/// The database, to be looked at beside whoever uses it.
fn present(common: &Common) -> Result<Database, Failure> {
    let settings = settings(&common.flags)?;
    logs::start("auto", "error")?;
    match &settings.database {
        DatabaseSetting::Sqlite(path) if !is_there(path)? => {
            Err(Failure::new(Exit::NotFound, format!("there is no database at {}", path.display())).hint(
                "name the server's data folder by --data, or make the database by `doorward migrate up`",
            ))
        }
        DatabaseSetting::Sqlite(_) | DatabaseSetting::Postgres(_) => Ok(database(&settings)),
    }
}
