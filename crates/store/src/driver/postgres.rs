//! PostgreSQL: a pool of connections, one transaction of READ COMMITTED per commit.
//!
//! Nothing here leans on the state of a session, so a transaction-pooling PgBouncer may stand between: no LISTEN, locks end
//! with their transaction, and with `statement_cache=0` in the URL no statement is named.

mod commit;
mod connection;
mod error;
mod param;
mod schema;
mod sequence;
mod statistics;
pub mod tls;
mod turn;
pub mod url;

pub(crate) use commit::ALL as STATEMENTS;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use doorward_core::Timestamp;
use doorward_crypto::secret::SecretString;

use crate::statement::Statement;
use crate::value::{Row, Value};
use crate::{Fault, OpenError, clock, epoch};
use connection::{Connection, within};
use error::{Failed, described};
use statistics::Statistics;
use turn::Turns;

/// A PostgreSQL database, or one behind a PgBouncer. Cheap to clone.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    /// Who may have a connection of it.
    turns: Arc<Turns>,
    /// Whether statements are named and kept per connection.
    named: bool,
    /// What the database's epoch must be on every new connection; 0 while that is not known yet.
    epoch: Arc<AtomicI64>,
    /// [`clock::boot_ms`] when the last COMMIT was answered.
    committed_at: Arc<AtomicI64>,
    /// Statements that were asked.
    asked: Arc<AtomicU64>,
    statistics: Arc<Statistics>,
}

impl Postgres {
    /// The database at `url` (see [`url`]). Nothing is connected yet.
    pub fn new(url: &SecretString) -> Result<Self, OpenError> {
        let settings = url::parse(url).map_err(OpenError::Settings)?;
        let connector = tls::Connector::new(&settings.tls).map_err(OpenError::Settings)?;
        let manager = Manager::from_config(
            settings.config,
            connector,
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let epoch = Arc::new(AtomicI64::new(UNKNOWN_EPOCH));
        let pool = Pool::builder(manager)
            .max_size(settings.pool)
            .timeouts(Timeouts { wait: None, create: Some(CONNECT), recycle: Some(RECYCLE) })
            .runtime(Runtime::Tokio1)
            .post_create(epoch_hook(epoch.clone()))
            .build()
            .map_err(|error| OpenError::Settings(format!("the connection pool cannot be made: {error}")))?;
        Ok(Self {
            pool,
            turns: Turns::of(settings.pool),
            named: settings.named,
            epoch,
            committed_at: Arc::default(),
            asked: Arc::default(),
            statistics: Arc::default(),
        })
    }

    /// From now on only databases of that epoch are connected to: an old primary that comes back is not taken for the one
    /// that was in use. Connections made before are closed.
    pub fn expect_epoch(&self, epoch: i64) {
        self.epoch.store(epoch, Ordering::Relaxed);
        self.pool.retain(|_, _| false);
    }

    /// The rows that `statement` finds.
    pub async fn read(&self, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Fault> {
        let mut answers = self.read_all(&[(statement, params)]).await?;
        answers.pop().ok_or_else(|| Fault::new(statement.name, "no answer"))
    }

    /// The rows that each of several statements finds, asked over one connection without waiting in between.
    pub async fn read_all(&self, queries: &[(&'static Statement, &[Value])]) -> Result<Vec<Vec<Row>>, Fault> {
        // PostgreSQL refuses a text with NUL in it, and no row can hold one: there is nothing to ask.
        if queries.iter().any(|(_, params)| params.iter().any(Value::holds_nul)) {
            let mut answers = Vec::with_capacity(queries.len());
            for (statement, params) in queries {
                let is_empty = params.iter().any(Value::holds_nul);
                let rows = if is_empty { Vec::new() } else { Box::pin(self.read(statement, params)).await? };
                answers.push(rows);
            }
            return Ok(answers);
        }
        self.asked.fetch_add(queries.len() as u64, Ordering::Relaxed);
        let during = queries.first().map_or("read", |(statement, _)| statement.name);
        let mut tries = 0;
        loop {
            let connection = self.connection(during).await?;
            match within(READ, connection.rows(queries)).await {
                Ok(answers) => {
                    connection.release();
                    let rows = answers.into_iter().zip(queries);
                    return rows
                        .map(|(rows, (statement, _))| {
                            rows.iter().map(|row| param::row(statement, row)).collect()
                        })
                        .collect();
                }
                // A read changes nothing, so it may be asked again on another connection.
                Err(Failed::Lost(_) | Failed::Again(_)) if tries < READ_TRIES => {
                    tries += 1;
                    self.forget_closed();
                }
                Err(failed) => {
                    if matches!(failed, Failed::Refused(_) | Failed::Conflict) {
                        connection.release();
                    }
                    return Err(self.fault(during, failed));
                }
            }
        }
    }

    /// The database's clock, with [`clock::boot_ms`] at the moment when the answer had arrived.
    pub async fn time(&self) -> Result<(Timestamp, i64), Fault> {
        static NOW: Statement = Statement {
            name: "DATABASE_NOW",
            sql: "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
            sqlite: "",
            reach: crate::statement::Reach::Server("the clock belongs to no tenant"),
        };
        let rows = self.read(&NOW, &[]).await?;
        let arrived = clock::boot_ms();
        let mut row = rows.into_iter().next().ok_or_else(|| Fault::new(NOW.name, "no row"))?;
        Ok((row.time()?, arrived))
    }

    /// [`clock::boot_ms`] when the last COMMIT was answered.
    pub fn committed_at(&self) -> i64 {
        self.committed_at.load(Ordering::Acquire)
    }

    /// Statements that were asked.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Who waits for a connection of the pool.
    pub fn waiting(&self) -> usize {
        self.turns.waiting()
    }

    async fn connection(&self, during: &'static str) -> Result<Connection, Fault> {
        let turn =
            self.turns.next().await.ok_or_else(|| Fault::new(during, "no connection came free in time"))?;
        let client = self.pool.get().await.map_err(|error| Fault::new(during, described(&error)))?;
        Ok(Connection::new(client, turn, self.named))
    }

    /// After a connection was lost, others of the pool are most likely gone too.
    fn forget_closed(&self) {
        self.pool.retain(|client, _| !client.is_closed());
    }

    fn fault(&self, during: &'static str, failed: Failed) -> Fault {
        if failed.is_stale_primary() {
            // It became a standby under us: the next connection finds the new primary.
            self.pool.retain(|_, _| false);
        }
        Fault::new(during, failed.to_string())
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("pool", &self.pool.status()).field("named", &self.named).finish()
    }
}

fn epoch_hook(expected: Arc<AtomicI64>) -> Hook {
    Hook::async_fn(move |client, _| {
        let expected = expected.load(Ordering::Relaxed);
        Box::pin(async move {
            if expected == UNKNOWN_EPOCH {
                return Ok(());
            }
            let rows = client
                .simple_query("SELECT value FROM meta WHERE key = 'epoch'")
                .await
                .map_err(HookError::Backend)?;
            let found = rows.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse::<i64>().ok(),
                _ => None,
            });
            let found = found.unwrap_or(UNKNOWN_EPOCH);
            epoch::compare(found, expected).map_err(|differs| HookError::message(differs.to_string()))
        })
    })
}

const UNKNOWN_EPOCH: i64 = 0;
/// Looking whether a connection of the pool is alive.
const RECYCLE: Duration = Duration::from_secs(1);
/// Connecting, over all hosts of the URL.
const CONNECT: Duration = Duration::from_millis(2500);
const READ: Duration = Duration::from_millis(2500);
const READ_TRIES: u32 = 2;
