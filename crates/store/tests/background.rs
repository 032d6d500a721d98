//! Background work and what is compared at start, on SQLite; the reaper also on a real PostgreSQL where
//! `DOORWARD_TEST_POSTGRES` names one.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_core::model::{TicketKey, TicketKind};
use doorward_crypto::random::SeededRandom;
use doorward_crypto::secret::SecretString;
use doorward_store::clock::Clock;
use doorward_store::driver::sqlite::SqliteConfig;
use doorward_store::driver::{Driver, Postgres, Sqlite};
use doorward_store::seal::KeySource;
use doorward_store::seal::data_key::DataKeys;
use doorward_store::seal::key_text::KeyText;
use doorward_store::statement::{Reach, Statement};
use doorward_store::value::Value;
use doorward_store::worker::lease::Lease;
use doorward_store::worker::poller::{Change, Freshness};
use doorward_store::worker::reaper::{Reaped, Reaper};
use doorward_store::worker::{mark, sequencer};
use doorward_store::write::{Commit, Expect, Write};
use doorward_store::{epoch, meta, migration};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const DAY_MS: i64 = 86_400_000;

#[tokio::test]
async fn what_has_ended_is_removed_and_what_lives_stays() {
    let folder = Folder::new("reaper");
    for driver in folder.engines().await {
        for (hash, forget) in [(1, -1), (2, -1_000_000), (3, 120_000), (4, DAY_MS)] {
            let key = TicketKey::of_mark(TicketKind::RevokedJti, NOW.plus_ms(forget), &[&hash.to_string()]);
            run(&driver, TICKET, vec![key.to_bytes().into()]).await;
        }
        let old = NOW.plus_ms(-2 * DAY_MS);
        let soon = NOW.plus_ms(DAY_MS);
        // Id, last use, end, ended, end of the consent of that id.
        let rows = [
            (1, NOW, soon, None, None),
            (2, NOW, soon, Some(old), Some(old)),
            (3, NOW, old, None, Some(old)),
            (4, old.plus_ms(-DAY_MS), soon, None, Some(old)),
            (5, NOW, soon, Some(NOW), Some(old)),
        ];
        for (id, used, end, ended, consent_ended) in rows {
            let life = vec![id.into(), used.into(), DAY_MS.into(), end.into(), ended.into()];
            run(&driver, GRANT, life.clone()).await;
            run(&driver, SESSION, [life, vec![vec![1_u8].into()]].concat()).await;
            run(&driver, CONSENT, vec![id.into(), "u".into(), consent_ended.into()]).await;
        }
        run(&driver, USER, vec!["u".into()]).await;
        run(&driver, CLIENT, vec!["c".into()]).await;
        // Of a person who was removed: dead although nobody ended it.
        run(&driver, CONSENT, vec![9.into(), "gone".into(), Value::Null]).await;
        for (kid, state, until) in [
            ("a", "previous", -1),
            ("b", "previous", 1),
            ("c", "current", -1),
            ("d", "retired", -180 * DAY_MS),
            ("e", "retired", -180 * DAY_MS - 1),
        ] {
            let key = vec![kid.into(), state.into(), vec![1_u8].into(), NOW.plus_ms(until).into()];
            run(&driver, KEY, key).await;
        }

        let mut reaper = Reaper::default();
        let reaped = reaper.run_once(&driver, NOW).await.unwrap();
        let states = async || {
            let statement = statement(
                "SELECT kid || ' ' || state || ' ' || LENGTH(sealed) FROM signing_keys ORDER BY kid",
            );
            let rows = driver.read(statement, &[]).await.unwrap();
            rows.into_iter().map(|mut row| row.text().unwrap()).collect::<Vec<_>>()
        };
        // A retired key cannot sign any more, and is still known for hints; the private parts of the others stay.
        assert_eq!(
            states().await,
            ["a retired 0", "b previous 1", "c current 1", "d retired 1"],
            "{driver:?}"
        );
        // Every node is told to publish the tenant's keys anew.
        let keys = Change { tenant: TenantId::from("t"), kind: "tenants".into(), key: "t".into() };
        assert_eq!(
            reaped,
            Reaped {
                answers: 0,
                webhooks: 0,
                tickets: 1,
                grants: 3,
                sessions: 3,
                consents: 4,
                keys: vec![keys.clone()],
                changes: 0,
                secrets: 0,
                belonging: 0,
                tombstones: 0,
            },
            "{driver:?}"
        );
        assert_eq!(ids(&driver, "grants").await, [1, 5]);
        assert_eq!(ids(&driver, "sessions").await, [1, 5]);
        // The ended consent 5 waits for its grant, which was ended today.
        assert_eq!(ids(&driver, "consents").await, [1, 5]);

        // The sweeps begin anew at the end of the table; a day later the rest has ended too.
        let later = NOW.plus_ms(2 * DAY_MS);
        reaper.run_once(&driver, later).await.unwrap();
        let reaped = reaper.run_once(&driver, later).await.unwrap();
        assert_eq!((reaped.grants, reaped.sessions), (1, 1), "{driver:?}");
        assert_eq!(ids(&driver, "grants").await, [1]);
    }
}

#[tokio::test]
async fn many_tickets_go_in_small_batches() {
    let folder = Folder::new("batches");
    for driver in folder.engines().await {
        let key = TicketKey::of_mark(TicketKind::RevokedJti, Timestamp(0), &[]).to_bytes();
        let insert = statement(TICKET);
        let writes = (0..1_203_u32).map(|number| {
            let mut key = key;
            key[32..].copy_from_slice(&number.to_be_bytes());
            Write::new(insert, Expect::One, vec![key.into()])
        });
        driver.commit(Commit { event: None, ending: false, writes: writes.collect() }).await.unwrap();
        let reaped = Reaper::default().run_once(&driver, NOW).await.unwrap();
        assert_eq!(reaped.tickets, 1_203);
    }
}

#[tokio::test]
async fn the_key_is_made_at_the_first_start_and_missed_later() {
    let folder = Folder::new("seal");
    let driver = folder.sqlite().await;
    let (tenant, mut rng) = (TenantId::from("demo"), SeededRandom::new(1));
    let source = KeySource { current: KeyText::File(folder.path.join("key")), previous: None };
    let first = DataKeys::open(driver.clone(), source.clone(), true, &mut rng).await.unwrap();
    assert_eq!(first.made(), Some(folder.path.join("key")));
    let sealed = first.of(&tenant, NOW, &mut rng).await.unwrap().seal(b"place", b"value", &mut rng);

    assert_eq!(first.replace_key(&mut recorded, &mut rng).await.unwrap(), 1);
    assert!(!folder.path.join("key.old").exists());
    let second = DataKeys::open(driver.clone(), source.clone(), true, &mut rng).await.unwrap();
    assert_eq!(second.of(&tenant, NOW, &mut rng).await.unwrap().open(b"place", &sealed).unwrap(), b"value");

    std::fs::remove_file(folder.path.join("key")).unwrap();
    let refused = DataKeys::open(driver, source, true, &mut rng).await.unwrap_err();
    assert!(refused.to_string().contains("backup"), "{refused}");
}

#[tokio::test]
async fn clock_epoch_lease_and_numbers_of_a_file() {
    let folder = Folder::new("alone");
    let driver = folder.sqlite().await;
    epoch::check(&driver, 1).await.unwrap();
    epoch::check(&driver, 2).await.unwrap_err();

    let clock = mark::start(&driver).await.unwrap();
    mark::run_once(&driver, &clock).await.unwrap();
    let future = (clock.now().0 + 3_600_000).to_string();
    meta::set(&driver, meta::CLOCK_MARK, &future).await.unwrap();
    mark::start(&driver).await.unwrap_err();
    mark::accept(&driver).await.unwrap();
    mark::start(&driver).await.unwrap();

    // One server has nobody to share with: no lease is written, nothing is polled, the writer numbers events.
    assert!(Lease::new("job", "me").take(&driver, NOW).await.unwrap());
    assert!(Freshness::new(driver.is_shared()).is_fresh());
    assert_eq!(sequencer::run_once(&driver).await.unwrap(), 0);
}

#[tokio::test]
async fn the_writer_notes_the_time_that_the_clock_told() {
    let folder = Folder::new("mark");
    let clock = Clock::manual(Timestamp(5_000));
    let sqlite = Sqlite::open(&SqliteConfig::new(folder.path.join("doorward.db"))).unwrap();
    sqlite.follow(clock.told());
    let driver = Driver::Sqlite(sqlite);
    migration::up(&driver, 0).await.unwrap();
    clock.advance_ms(1_234);
    clock.now();
    meta::set(&driver, "x", "y").await.unwrap();
    assert_eq!(meta::get(&driver, meta::CLOCK_MARK).await.unwrap().as_deref(), Some("6234"));
}

/// A folder of the test's own, removed with this; and a database on PostgreSQL, where there is one.
struct Folder {
    path: PathBuf,
    postgres: Option<(String, String)>,
}

impl Folder {
    fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("doorward-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let postgres = std::env::var("DOORWARD_TEST_POSTGRES").ok();
        let postgres = postgres.map(|url| (url, format!("background_{}_{number}", std::process::id())));
        Self { path, postgres }
    }

    async fn sqlite(&self) -> Driver {
        let config = SqliteConfig { ballast_bytes: 0, ..SqliteConfig::new(self.path.join("doorward.db")) };
        let driver = Driver::Sqlite(Sqlite::open(&config).unwrap());
        migration::up(&driver, 0).await.unwrap();
        driver
    }

    async fn engines(&self) -> Vec<Driver> {
        let mut drivers = vec![self.sqlite().await];
        if let Some((server, name)) = &self.postgres {
            admin(server, &format!("CREATE DATABASE {name}")).await;
            let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
            drivers.push(Driver::Postgres(Postgres::new(&SecretString::from(url)).unwrap()));
            migration::up(&drivers[1], 0).await.unwrap();
        } else {
            println!("needs DOORWARD_TEST_POSTGRES for the second engine");
        }
        drivers
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.path).unwrap();
        let Some((server, name)) = self.postgres.take() else { return };
        // In a thread of its own: a runtime cannot be entered from within another.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(admin(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        })
        .join()
        .unwrap();
    }
}

async fn admin(url: &str, text: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = Arc::new(tokio::spawn(connection));
    client.batch_execute(text).await.unwrap();
    drop(client);
    connection.abort();
}

fn statement(sql: &str) -> &'static Statement {
    let sqlite = Box::leak(sql.replace('$', "?").into_boxed_str());
    let sql = Box::leak(sql.to_owned().into_boxed_str());
    Box::leak(Box::new(Statement { name: "TEST", sql, sqlite, reach: Reach::Server("a test's own") }))
}

async fn run(driver: &Driver, sql: &str, params: Vec<Value>) {
    let write = Write::new(statement(sql), Expect::One, params);
    driver.commit(Commit { event: None, ending: false, writes: vec![write] }).await.unwrap();
}

async fn ids(driver: &Driver, table: &str) -> Vec<i64> {
    let rows = driver.read(statement(&format!("SELECT id FROM {table} ORDER BY id")), &[]).await.unwrap();
    rows.into_iter().map(|mut row| row.int().unwrap()).collect()
}

const TICKET: &str =
    "INSERT INTO tickets (key, kind, tenant, failures, expires_at, data) VALUES ($1, 'k', 't', 0, 0, '{}')";
const GRANT: &str = "INSERT INTO grants (id, tenant, issuer_id, consent_id, session_id, user_id, client_id, scopes, resources, \
                     auth_time, acr, amr, offline, generation, mac_key, used_at, idle_ms, expires_at, ended_at, created_at) \
                     VALUES ($1, 't', 'i', $1, $1, 'u', 'c', '', '[]', 0, '', '[]', 0, 0, 0, $2, $3, $4, $5, 0)";
const SESSION: &str = "INSERT INTO sessions (id, tenant, user_id, secret_hash, auth_time, acr, factors, remembered, used_at, \
                       idle_ms, expires_at, ended_at, user_agent, address, created_at) \
                       VALUES ($1, 't', 'u', $6, 0, '', '[]', 0, $2, $3, $4, $5, '', '', 0)";
const CONSENT: &str = "INSERT INTO consents (id, tenant, user_id, client_id, scopes, implicit, version, created_at, ended_at) \
                       VALUES ($1, 't', $2, 'c', '', 0, 1, 0, $3)";
const USER: &str =
    "INSERT INTO users (tenant, id, data, version, created_at, updated_at) VALUES ('t', $1, '{}', 1, 0, 0)";
const CLIENT: &str =
    "INSERT INTO clients (tenant, id, data, version, created_at) VALUES ('t', $1, '{}', 1, 0)";
const KEY: &str = "INSERT INTO signing_keys (kid, tenant, algorithm, state, sealed, public_jwk, created_at, published_until) \
                   VALUES ($1, 't', 'ES256', $2, $3, '{}', 0, $4)";

/// The event of a data key that was wrapped anew.
fn recorded(tenant: &TenantId) -> doorward_core::model::Event {
    use doorward_core::model::{Actor, Event, EventKind};
    let mut rng = doorward_crypto::random::SystemRandom;
    let mut ctx = doorward_core::Ctx { now: NOW, rng: &mut rng, request_id: "test", address: "" };
    Event::new(EventKind::KeyWrapped, tenant, Actor::Operator, &mut ctx)
}
