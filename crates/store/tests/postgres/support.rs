//! A database per test, and statements for a table of the test's own beside those of the server.

use std::sync::atomic::{AtomicU32, Ordering};

use doorward_core::Timestamp;
use doorward_core::id::EventId;
use doorward_crypto::secret::SecretString;
use doorward_store::driver::{Driver, Postgres};
use doorward_store::migration;
use doorward_store::statement::{Reach, Statement};
use doorward_store::value::Value;
use doorward_store::write::{Commit, Expect, Write};

/// A migrated database that is dropped with this.
pub struct Database {
    base: String,
    name: String,
}

impl Database {
    /// None, and a line that says so, without `DOORWARD_TEST_POSTGRES`.
    pub async fn new() -> Option<Self> {
        let database = Self::empty().await?;
        migration::up(&database.driver(), 0).await.unwrap();
        Some(database)
    }

    /// One that is not migrated.
    pub async fn empty() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(base) = std::env::var("DOORWARD_TEST_POSTGRES") else {
            println!("needs DOORWARD_TEST_POSTGRES");
            return None;
        };
        let name = format!("store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        admin(&base, &format!("CREATE DATABASE {name}")).await;
        Some(Self { base, name })
    }

    /// The server's address and port.
    pub fn address(&self) -> String {
        let host = self.base.split("://").nth(1).unwrap().split('/').next().unwrap();
        host.rsplit('@').next().unwrap().to_owned()
    }

    /// Its URL, with options.
    pub fn url(&self, options: &str) -> String {
        let (server, _) = self.base.rsplit_once('/').unwrap();
        format!("{server}/{}?{options}", self.name)
    }

    /// Its URL by way of another address; not encrypted, so that a proxy can read along.
    pub fn url_by(&self, address: &str, options: &str) -> String {
        self.url(&format!("sslmode=disable&{options}")).replace(&self.address(), address)
    }

    pub fn driver(&self) -> Driver {
        open(&self.url("pool=8"))
    }

    /// Runs SQL as an administrator would.
    pub async fn sql(&self, text: &str) {
        admin(&self.url(""), text).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (base, name) = (self.base.clone(), self.name.clone());
        // In a thread of its own: a runtime cannot be entered from within another.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(admin(&base, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        })
        .join()
        .unwrap();
    }
}

pub fn open(url: &str) -> Driver {
    Driver::Postgres(Postgres::new(&SecretString::from(url)).unwrap())
}

async fn admin(url: &str, text: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(text).await.unwrap();
    drop(client);
    let _ = connection.await;
}

/// The number of rows that a count statement found.
pub async fn count(driver: &Driver, statement: &'static Statement) -> i64 {
    driver.read(statement, &[]).await.unwrap().remove(0).int().unwrap()
}

pub fn commit(writes: Vec<Write>) -> Commit {
    Commit { event: None, ending: false, writes }
}

/// A commit that records an event.
pub fn recorded(event: u8, mut writes: Vec<Write>) -> Commit {
    writes.push(self::event(event));
    Commit { event: Some(event_id(event)), ending: false, writes }
}

pub fn event_id(event: u8) -> EventId {
    EventId([event; 16])
}

pub fn event(event: u8) -> Write {
    event_of([event; 16])
}

pub fn event_of(id: [u8; 16]) -> Write {
    Write::new(&EVENT, Expect::One, vec![Value::from(id), Timestamp(1).into()])
}

/// Moves the one row of a lease on: a compare-and-set that can be won once.
pub fn take(from: &str, to: &str) -> Write {
    Write::new(&TAKE, Expect::One, vec![from.into(), to.into()])
}

pub fn put(name: &str) -> Write {
    Write::new(&PUT, Expect::One, vec![name.into()])
}

macro_rules! statement {
    ($name:ident, $sql:literal) => {
        pub static $name: Statement = Statement {
            name: stringify!($name),
            sql: $sql,
            sqlite: "",
            reach: Reach::Server("a test's own"),
        };
    };
}
statement!(
    EVENT,
    "INSERT INTO events (id, tenant, happened_at, kind, actor, request_id, address, data) \
     VALUES ($1, 't', $2, 'k', '{}', 'r', 'a', '{}')"
);
statement!(PUT, "INSERT INTO leases (name, holder, expires_at) VALUES ($1, 'nobody', 0)");
statement!(TAKE, "UPDATE leases SET holder = $2 WHERE name = 'one' AND holder = $1");
statement!(HOLDER, "SELECT holder FROM leases WHERE name = 'one'");
statement!(EVENTS, "SELECT COUNT(*) AS n FROM events");
statement!(LEASES, "SELECT COUNT(*) AS n FROM leases");
statement!(KNOWN_EVENTS, "SELECT reltuples::BIGINT AS n FROM pg_class WHERE relname = 'events'");
statement!(SLEEP, "SELECT 1 FROM pg_sleep(5)");
statement!(NAP, "SELECT 1 FROM pg_sleep(0.25)");
