//! Numbering of events. Ids are not in the order of commits here, so a cursor over them would skip rows; instead one
//! transaction after the other gives `seq` to what has been committed. It locks the counter's row *first* and looks for
//! events after that, with a snapshot that sees all the transaction before it did: so numbers have no gaps, and whoever sees
//! a number will never see a smaller one appear. `UNIQUE (seq)` stands behind that.

use tokio_postgres::types::Type;

use super::connection::within;
use super::{Postgres, READ};
use crate::Fault;

impl Postgres {
    /// Numbers up to `limit` events; returns how many.
    pub async fn number_events(&self, limit: i64) -> Result<u64, Fault> {
        let connection = self.connection("number events").await?;
        let numbered = within(READ, async {
            let client = connection.client();
            if client.query_typed(ANY, &[]).await?.is_empty() {
                return Ok(0);
            }
            connection
                .command("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 2000")
                .await?;
            let base: i64 = client.query_typed_one(LOCK, &[]).await?.try_get(0)?;
            let numbered = client.execute_typed(NUMBER, &[(&base, Type::INT8), (&limit, Type::INT8)]).await?;
            let next = base + i64::try_from(numbered).unwrap_or(i64::MAX);
            client.execute_typed(ADVANCE, &[(&next, Type::INT8)]).await?;
            connection.command("COMMIT").await?;
            Ok(numbered)
        });
        // On any error the connection is dropped, and its transaction with it.
        let numbered = numbered.await.map_err(|failed| self.fault("number events", failed))?;
        connection.release();
        Ok(numbered)
    }
}

const ANY: &str = "SELECT 1 FROM events WHERE seq IS NULL LIMIT 1";
const LOCK: &str = "SELECT value FROM counters WHERE name = 'event' FOR UPDATE";
const NUMBER: &str = "
    WITH batch AS (SELECT id, $1 + row_number() OVER (ORDER BY id) AS number
                   FROM (SELECT id FROM events WHERE seq IS NULL ORDER BY id LIMIT $2) AS unnumbered)
    UPDATE events SET seq = batch.number FROM batch WHERE events.id = batch.id AND events.seq IS NULL";
const ADVANCE: &str = "UPDATE counters SET value = $1 WHERE name = 'event'";
