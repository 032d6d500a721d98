//! Imports: people brought in from records, beside the same rows put into the same tables by nothing but statements, as many in a
//! transaction.

use std::time::Instant;

use doorward_store::Store;
use doorward_web::manage::{By, Manage};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tokio_postgres::types::FromSql;
use tokio_postgres::{Client, NoTls, Row};

use crate::database::Place;
use crate::progress;
use crate::stats::Spread;
use crate::world::{Counts, TENANT, World};

/// What one engine took.
#[derive(Clone, Debug)]
pub struct Imports {
    /// Which.
    pub engine: &'static str,
    /// How many people.
    pub people: usize,
    /// Seconds for all of them.
    pub ours_s: Spread,
    /// Seconds for their bare rows.
    pub floor_s: Spread,
}

impl Imports {
    /// What is reported.
    pub fn line(&self) -> String {
        let rate = |seconds: f64| self.people as f64 / seconds.max(f64::EPSILON);
        let ratio = self.ours_s.best / self.floor_s.best;
        format!(
            "import, {}: {} people at {:.0}/s (median {:.0}); their rows by bare statements, {BATCH} people in a transaction, at \
             {:.0}/s (median {:.0}): {ratio:.2} times, target 3: {}",
            self.engine,
            self.people,
            rate(self.ours_s.best),
            rate(self.ours_s.median),
            rate(self.floor_s.best),
            rate(self.floor_s.median),
            if ratio <= 3.0 { "reached" } else { "missed" }
        )
    }
}

/// Measure an engine: fresh databases each round, one after the other.
pub async fn measure(like: &Place, rounds: usize) -> Imports {
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        progress(&format!("import, {}: round {} of {rounds}", like.engine(), round + 1));
        let place = like.beside("import").await;
        World::make(&place, Counts::NONE).await;
        let store = place.open().await;
        ours.push(import(&store).await);
        drop(store);
        let bare = like.beside("import-floor").await;
        drop(bare.open().await);
        floor.push(match (&place, &bare) {
            (Place::Sqlite(from), Place::Sqlite(to)) => {
                sqlite(&from.join("doorward.db"), &to.join("doorward.db"))
            }
            _ => postgres(&place.url(), &bare.url()).await,
        });
        place.remove().await;
        bare.remove().await;
    }
    Imports { engine: like.engine(), people: PEOPLE, ours_s: Spread::of(&ours), floor_s: Spread::of(&floor) }
}

/// Seconds that all records take, batch after batch.
async fn import(store: &Store) -> f64 {
    let batches: Vec<String> = (0..PEOPLE / BATCH)
        .map(|batch| (batch * BATCH..(batch + 1) * BATCH).map(record).collect::<String>())
        .collect();
    let manage = Manage::new(store.clone(), By::operator());
    let began = Instant::now();
    for batch in batches {
        let told = manage.import(&TENANT.into(), batch, false).await.expect("a batch is carried out");
        assert!(told.iter().all(|told| told.problems.is_empty()), "{:?}", told.first());
    }
    began.elapsed().as_secs_f64()
}

/// A hash of another system, of those that the tests know: what it is of matters to nobody here.
fn foreign_hash() -> &'static str {
    let table = include_str!("../../crates/crypto/tests/known-hashes.tsv");
    let mut rows =
        table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    rows.find_map(|(_, hash)| hash.starts_with("$2").then_some(hash)).expect("the table has one of bcrypt")
}

fn record(number: usize) -> String {
    let record = serde_json::json!({
        "type": "user", "external_id": number.to_string(), "external_version": 1,
        "user_name": format!("imported{number}"), "email": format!("imported{number}@example.com"), "email_verified": true,
        "profile": { "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams", "locale": "en" },
        "password_hash": foreign_hash()
    });
    format!("{record}\n")
}

/// Seconds that the rows take with prepared statements, a transaction for as many people as a batch has.
fn sqlite(from: &std::path::Path, to: &std::path::Path) -> f64 {
    let from = Connection::open(from).expect("the imported database opens");
    let tables: Vec<(String, Vec<Vec<Value>>)> = TABLES
        .iter()
        .map(|(table, columns, select, _)| {
            let width = columns.split(", ").count();
            let mut select = from.prepare(select).expect("rows can be asked for");
            let rows = select
                .query_map([], |row| (0..width).map(|column| row.get(column)).collect())
                .expect("rows can be read");
            let marks: Vec<String> = (1..=width).map(|number| format!("?{number}")).collect();
            let insert = format!("INSERT INTO {table} ({columns}) VALUES ({})", marks.join(", "));
            (insert, rows.collect::<Result<_, _>>().expect("a row can be read"))
        })
        .collect();
    let to = Connection::open(to).expect("the bare database opens");
    to.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").expect("it is set up");
    let began = Instant::now();
    for batch in 0..PEOPLE / BATCH {
        to.execute_batch("BEGIN IMMEDIATE").expect("a transaction begins");
        for (insert, rows) in &tables {
            let mut insert = to.prepare_cached(insert).expect("a statement can be prepared");
            let of = rows_of_a_batch(rows.len());
            for row in &rows[batch * of..(batch + 1) * of] {
                insert.execute(params_from_iter(row)).expect("a row can be written");
            }
        }
        to.execute_batch("COMMIT").expect("a transaction ends");
    }
    began.elapsed().as_secs_f64()
}

/// The same on PostgreSQL: a statement for all rows of a table and batch, from arrays.
async fn postgres(from: &str, to: &str) -> f64 {
    let (from, to) = (connected(from).await, connected(to).await);
    let mut tables = Vec::new();
    for (table, columns, select, types) in TABLES {
        let arrays: Vec<String> =
            types.chars().enumerate().map(|(at, kind)| format!("${}::{}[]", at + 1, type_of(kind))).collect();
        let insert = format!("INSERT INTO {table} ({columns}) SELECT * FROM unnest({})", arrays.join(", "));
        let insert = to.prepare(&insert).await.expect("a statement can be prepared");
        tables.push((insert, from.query(*select, &[]).await.expect("rows can be read"), *types));
    }
    let began = Instant::now();
    for batch in 0..PEOPLE / BATCH {
        to.batch_execute("BEGIN").await.expect("a transaction begins");
        for (insert, rows, types) in &tables {
            let of = rows_of_a_batch(rows.len());
            let rows = &rows[batch * of..(batch + 1) * of];
            let params: Vec<Array> =
                types.chars().enumerate().map(|(at, kind)| Array::of(rows, at, kind)).collect();
            let params: Vec<_> = params.iter().map(Array::param).collect();
            to.execute(insert, &params).await.expect("rows can be written");
        }
        to.batch_execute("COMMIT").await.expect("a transaction ends");
    }
    began.elapsed().as_secs_f64()
}

/// Each batch wrote as many rows of a table, and none is left out.
fn rows_of_a_batch(rows: usize) -> usize {
    assert!(rows > 0 && rows.is_multiple_of(PEOPLE / BATCH), "{rows} rows");
    rows / (PEOPLE / BATCH)
}

/// A column of a batch.
enum Array {
    Blob(Vec<Option<Vec<u8>>>),
    Number(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
}

impl Array {
    fn of(rows: &[Row], at: usize, kind: char) -> Self {
        fn column<'a, T: FromSql<'a>>(rows: &'a [Row], at: usize) -> Vec<Option<T>> {
            rows.iter().map(|row| row.get(at)).collect()
        }
        match kind {
            'b' => Self::Blob(column(rows, at)),
            'n' => Self::Number(column(rows, at)),
            _ => Self::Text(column(rows, at)),
        }
    }

    fn param(&self) -> &(dyn tokio_postgres::types::ToSql + Sync) {
        match self {
            Self::Blob(values) => values,
            Self::Number(values) => values,
            Self::Text(values) => values,
        }
    }
}

const fn type_of(kind: char) -> &'static str {
    match kind {
        'b' => "bytea",
        'n' => "bigint",
        _ => "text",
    }
}

/// A connection to a database.
pub async fn connected(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    client
}

/// Table, columns, the rows of those brought in in their order, and the columns' types: bytes, number, text.
const TABLES: &[(&str, &str, &str, &str)] = &[
    (
        "users",
        "tenant, id, data, external_id, external_version, version, updated_at, created_at",
        "SELECT tenant, id, data, external_id, external_version, version, updated_at, created_at FROM users
         WHERE external_id IS NOT NULL ORDER BY LENGTH(external_id), external_id",
        "ttttnnnn",
    ),
    (
        "login_names",
        "tenant, user_id, name_key",
        "SELECT login_names.tenant, login_names.user_id, name_key FROM login_names
         JOIN users ON users.tenant = login_names.tenant AND users.id = login_names.user_id
         WHERE external_id IS NOT NULL ORDER BY LENGTH(external_id), external_id, name_key",
        "ttt",
    ),
    (
        "credentials",
        "tenant, user_id, kind, id, data, created_at",
        "SELECT credentials.tenant, user_id, kind, credentials.id, credentials.data, credentials.created_at FROM credentials
         JOIN users ON users.tenant = credentials.tenant AND users.id = credentials.user_id
         WHERE external_id IS NOT NULL ORDER BY LENGTH(external_id), external_id",
        "tttttn",
    ),
    (
        "events",
        "id, tenant, happened_at, kind, actor, user_id, request_id, address, data",
        "SELECT events.id, events.tenant, happened_at, kind, actor, user_id, request_id, address, events.data FROM events
         JOIN users ON users.tenant = events.tenant AND users.id = events.user_id
         WHERE external_id IS NOT NULL ORDER BY LENGTH(external_id), external_id",
        "btntttttt",
    ),
];
const PEOPLE: usize = 20_000;
const BATCH: usize = 1_000;
