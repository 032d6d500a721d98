//! Numbers events on PostgreSQL, where ids are not in the order of commits (the driver's `sequence.rs` says how). On SQLite
//! the writer numbers them as it writes, and there is nothing to do.

use crate::Fault;
use crate::driver::Driver;

/// One round: numbers all events committed so far, in batches. Returns how many.
pub async fn run_once(driver: &Driver) -> Result<u64, Fault> {
    let mut total = 0;
    loop {
        let numbered = driver.number_events(BATCH).await?;
        total += numbered;
        if numbered < BATCH.unsigned_abs() {
            return Ok(total);
        }
    }
}

const BATCH: i64 = 1000;
