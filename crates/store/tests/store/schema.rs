//! The schemas of the two engines: the same tables and columns, and only columns that never change are indexed.

use std::collections::BTreeSet;

use doorward_store::driver::Column;
use doorward_store::migration::MIGRATIONS;
use doorward_store::statement::{self, Statement};
use doorward_store::{OpenError, Store, migration};

use crate::support::{Folder, sqlite_config, worlds};

#[tokio::test]
async fn both_engines_have_the_same_columns() {
    let worlds = worlds().await;
    let mut schemas = Vec::new();
    for world in &worlds {
        schemas.push(world.store.driver().columns().await.unwrap());
    }
    assert!(schemas[0].len() > 150, "the catalogue was read");
    let Some(postgres) = schemas.get(1) else { return };
    // Events are the one table whose rows are numbered in different ways.
    let of = |schema: &[Column], name: &str| {
        let column = schema.iter().find(|column| column.table == "events" && column.name == name).unwrap();
        (column.nullable, column.key)
    };
    assert_eq!((of(&schemas[0], "seq"), of(&schemas[0], "id")), ((false, 1), (false, 0)));
    assert_eq!((of(postgres, "seq"), of(postgres, "id")), ((true, 0), (false, 1)));
    let others = |schema: &[Column]| -> Vec<Column> {
        let numbering =
            |column: &&Column| column.table == "events" && ["seq", "id"].contains(&column.name.as_str());
        let mut columns: Vec<_> = schema.iter().filter(|column| !numbering(column)).cloned().collect();
        columns.sort();
        columns
    };
    similar(&others(&schemas[0]), &others(postgres));
}

fn similar(sqlite: &[Column], postgres: &[Column]) {
    for column in sqlite {
        assert!(postgres.contains(column), "PostgreSQL has not {column:?}");
    }
    for column in postgres {
        assert!(sqlite.contains(column), "SQLite has not {column:?}");
    }
}

#[test]
fn no_statement_updates_an_indexed_column_but_for_the_conditions_on_state() {
    let whole = |text: fn(&migration::Migration) -> &'static str| {
        MIGRATIONS.iter().map(text).collect::<Vec<_>>().join("\n")
    };
    for text in [whole(|migration| migration.sqlite), whole(|migration| migration.postgres)] {
        let indexed = indexed(&text);
        assert!(indexed.len() > 20, "the indexes were read");
        for statement in statement::all() {
            for (table, column) in updated(statement) {
                let pair = (table.as_str(), column.as_str());
                assert!(
                    !indexed.contains(&(table.clone(), column.clone())) || CONDITIONS.contains(&pair),
                    "{} updates {table}.{column}",
                    statement.name
                );
            }
        }
    }
}

/// State of which a unique index says how often it may occur, the number of an event, the age of what is seldom touched again, and when it
/// is the turn of one of the few that wait.
const CONDITIONS: &[(&str, &str)] = &[
    ("signing_keys", "state"),
    ("consents", "ended_at"),
    ("issuers", "mount"),
    ("users", "external_id"),
    ("contexts", "external_id"),
    ("contexts", "removed_at"),
    ("installations", "removed_at"),
    ("login_names", "user_id"),
    ("events", "seq"),
    ("external_tombstones", "removed_at"),
    ("admin_answers", "expires_at"),
    ("users", "disabled_at"),
    ("logouts", "due_at"),
    ("webhook_queues", "due_at"),
];

fn indexed(migration: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut table = String::new();
    for line in migration.lines() {
        let words: Vec<&str> = line
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] => table = (*name).to_owned(),
            ["PRIMARY", "KEY", columns @ ..] => {
                found.extend(columns.iter().map(|column| (table.clone(), (*column).to_owned())));
            }
            ["CREATE", rest @ ..] if rest.contains(&"INDEX") => {
                let at = rest.iter().position(|word| *word == "ON").unwrap();
                let columns = rest[at + 2..].iter().filter(|word| **word == word.to_lowercase());
                found.extend(columns.map(|column| (rest[at + 1].to_owned(), (*column).to_owned())));
            }
            [column, rest @ ..] if rest.contains(&"PRIMARY") || rest.contains(&"UNIQUE") => {
                found.insert((table.clone(), (*column).to_owned()));
            }
            _ => {}
        }
    }
    found
}

/// The columns that a statement sets, by table.
fn updated(statement: &Statement) -> Vec<(String, String)> {
    let sql = statement.sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let (table, sets) = if let Some(rest) = sql.strip_prefix("UPDATE ") {
        (rest.split(' ').next().unwrap(), rest.split_once(" SET ").unwrap().1)
    } else if let Some((insert, sets)) = sql.split_once(" DO UPDATE SET ") {
        (insert.split_once("INSERT INTO ").unwrap().1.split(' ').next().unwrap(), sets)
    } else {
        return Vec::new();
    };
    let sets = sets.split(" WHERE ").next().unwrap();
    let columns = sets.split(',').filter_map(|set| set.split_once(" = ").map(|(column, _)| column.trim()));
    columns.map(|column| (table.to_owned(), column.to_owned())).collect()
}

#[tokio::test]
async fn pending_migrations_refuse_the_start_unless_they_are_asked_for() {
    let folder = Folder::new();
    let mut config = sqlite_config(&folder.0);
    config.migrate = false;
    assert_eq!(
        Store::open(config).await.unwrap_err(),
        OpenError::MigrationsPending { count: MIGRATIONS.len() }
    );
    drop(Store::open(sqlite_config(&folder.0)).await.unwrap());
    let mut config = sqlite_config(&folder.0);
    config.migrate = false;
    let store = Store::open(config).await.unwrap();
    let status = migration::status(store.driver()).await.unwrap();
    assert_eq!((status[0].name.as_str(), status[0].applied_at), ("first", Some(crate::support::START.0)));
}

#[tokio::test]
async fn a_newer_database_and_a_changed_migration_refuse_the_start() {
    let folder = Folder::new();
    drop(Store::open(sqlite_config(&folder.0)).await.unwrap());
    let file = rusqlite::Connection::open(folder.0.join("doorward.db")).unwrap();
    file.execute("INSERT INTO migrations VALUES (9999, 'later', 'x', 0)", []).unwrap();
    drop(file);
    let newer = Store::open(sqlite_config(&folder.0)).await.unwrap_err();
    assert_eq!(newer, OpenError::Newer { database: 9999, binary: MIGRATIONS.len() as i64 });
    let file = rusqlite::Connection::open(folder.0.join("doorward.db")).unwrap();
    file.execute("DELETE FROM migrations WHERE version = 9999", []).unwrap();
    file.execute("UPDATE migrations SET checksum = 'other'", []).unwrap();
    drop(file);
    let changed = Store::open(sqlite_config(&folder.0)).await.unwrap_err();
    assert_eq!(changed, OpenError::MigrationChanged { version: 1, name: "first".to_owned() });
}

#[tokio::test]
async fn a_file_that_is_no_database_or_another_programs_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("doorward.db"), vec![b'x'; 8192]).unwrap();
    let refused = Store::open(sqlite_config(&folder.0)).await.unwrap_err().to_string();
    assert!(refused.contains("not a database"), "{refused}");
    std::fs::remove_file(folder.0.join("doorward.db")).unwrap();
    let file = rusqlite::Connection::open(folder.0.join("doorward.db")).unwrap();
    file.execute("CREATE TABLE photos (id INTEGER PRIMARY KEY)", []).unwrap();
    drop(file);
    let refused = Store::open(sqlite_config(&folder.0)).await.unwrap_err().to_string();
    assert!(refused.contains("another program's database"), "{refused}");
}

#[tokio::test]
async fn only_its_owner_reads_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let _store = Store::open(sqlite_config(&folder.0)).await.unwrap();
    for name in ["doorward.db", "doorward.db-wal", "key"] {
        let mode = std::fs::metadata(folder.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
