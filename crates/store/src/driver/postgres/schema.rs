//! Migrations and the catalogue.

use std::time::Duration;

use tokio_postgres::types::Type;

use super::connection::within;
use super::error::Failed;
use super::{Postgres, READ};
use crate::driver::{Column, Prepared};
use crate::migration::{Applied, Migration, checksum};
use crate::statement::Statement;
use crate::{Fault, OpenError};

impl Postgres {
    /// The migrations that the database has; none when it is empty.
    pub async fn applied(&self) -> Result<Vec<Applied>, Fault> {
        let connection = self.connection("migrations").await?;
        let rows = within(READ, async {
            let client = connection.client();
            let table = client.query_typed("SELECT to_regclass('migrations') IS NOT NULL", &[]).await?;
            if table.iter().any(|row| row.get::<_, bool>(0)) {
                Ok(client
                    .query_typed(
                        "SELECT version, name, checksum, applied_at FROM migrations ORDER BY version",
                        &[],
                    )
                    .await?)
            } else {
                Ok(Vec::new())
            }
        });
        let rows = rows.await.map_err(|failed| self.fault("migrations", failed))?;
        connection.release();
        rows.iter()
            .map(|row| {
                Ok(Applied {
                    version: row.try_get(0)?,
                    name: row.try_get(1)?,
                    checksum: row.try_get(2)?,
                    applied_at: row.try_get(3)?,
                })
            })
            .collect::<Result<_, tokio_postgres::Error>>()
            .map_err(|error| Fault::new("migrations", error.to_string()))
    }

    /// Applies one migration and notes it, in one transaction under a lock that every node respects. Applied meanwhile by
    /// another node is no error.
    pub async fn apply(&self, migration: &'static Migration, now_ms: i64) -> Result<(), OpenError> {
        let connection = self.connection("migrate").await?;
        let applied = within(MIGRATE, async {
            connection.command(BEGIN).await?;
            let client = connection.client();
            client.query_typed("SELECT pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await?;
            let table = client.query_typed("SELECT to_regclass('migrations') IS NOT NULL", &[]).await?;
            if table.iter().any(|row| row.get::<_, bool>(0)) {
                let known = "SELECT 1 FROM migrations WHERE version = $1";
                if !client.query_typed(known, &[(&migration.version, Type::INT8)]).await?.is_empty() {
                    return connection.command("ROLLBACK").await;
                }
            }
            client.batch_execute(migration.postgres).await?;
            client
                .execute_typed(
                    "INSERT INTO migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                    &[
                        (&migration.version, Type::INT8),
                        (&migration.name, Type::TEXT),
                        (&checksum(migration.postgres), Type::TEXT),
                        (&now_ms, Type::INT8),
                    ],
                )
                .await?;
            connection.command("COMMIT").await
        });
        applied.await.map_err(|failed| self.fault("migrate", failed))?;
        connection.release();
        Ok(())
    }

    /// Prepares a statement without running it.
    pub async fn prepare(&self, statement: &'static Statement) -> Result<Prepared, Fault> {
        let connection = self.connection(statement.name).await?;
        let prepared =
            within(READ, async { connection.client().prepare(statement.sql).await.map_err(Failed::from) })
                .await
                .map_err(|failed| self.fault(statement.name, failed))?;
        let columns = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
        let params = prepared.params().len();
        drop(prepared);
        connection.release();
        Ok(Prepared { params, columns })
    }

    /// Every column of every table, in order of table and name.
    pub async fn columns(&self) -> Result<Vec<Column>, Fault> {
        let connection = self.connection("columns").await?;
        let rows =
            within(READ, async { connection.client().query_typed(COLUMNS, &[]).await.map_err(Failed::from) })
                .await
                .map_err(|failed| self.fault("columns", failed))?;
        connection.release();
        let mut columns = rows
            .iter()
            .map(|row| {
                Ok(Column {
                    table: row.try_get(0)?,
                    name: row.try_get(1)?,
                    kind: row.try_get(2)?,
                    nullable: row.try_get(3)?,
                    key: row.try_get(4)?,
                })
            })
            .collect::<Result<Vec<_>, tokio_postgres::Error>>()
            .map_err(|error| Fault::new("columns", error.to_string()))?;
        columns.sort();
        Ok(columns)
    }
}

const COLUMNS: &str = "
    SELECT class.relname::text,
           attribute.attname::text,
           CASE format_type(attribute.atttypid, NULL) WHEN 'bigint' THEN 'INTEGER'
                                                      WHEN 'text'   THEN 'TEXT'
                                                      WHEN 'bytea'  THEN 'BLOB'
                                                      ELSE format_type(attribute.atttypid, NULL) END,
           NOT attribute.attnotnull,
           COALESCE(array_position(key.indkey::int2[], attribute.attnum), -1)::bigint + 1
    FROM pg_class AS class
    JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    LEFT JOIN pg_index AS key ON key.indrelid = class.oid AND key.indisprimary
    WHERE class.relkind = 'r' AND class.relnamespace = current_schema()::regnamespace";

/// A migration may wait long for the tables, but not for ever.
const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 30000";
const MIGRATE: Duration = Duration::from_secs(600);
/// The lock of migrations: a number that nothing else in the database is likely to use ("doorward").
const LOCK: i64 = 0x646f_6f72_7761_7264;
