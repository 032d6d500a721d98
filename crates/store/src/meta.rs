//! The table `meta`: what the server knows of itself.

use crate::driver::Driver;
use crate::statement::statements;
use crate::value::Value;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault};

statements! {
    /// The value of a key.
    pub META = server("the server's own") "SELECT value FROM meta WHERE key = $1";
    /// Sets a key.
    pub META_SET = server("the server's own")
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    /// Sets a key that is not set. Conflict: it is.
    pub META_ADD = server("the server's own") "INSERT INTO meta (key, value) VALUES ($1, $2)";
}

/// The newest time that the clock has given out, in milliseconds.
pub const CLOCK_MARK: &str = "clock_mark";
/// The epoch; also outside, beside the key.
pub const EPOCH: &str = "epoch";
/// A text sealed by the key-encryption key, by which a wrong key is found out.
pub const KEY_CHECK: &str = "key_check";

/// The value of `key`.
pub async fn get(driver: &Driver, key: &str) -> Result<Option<String>, Fault> {
    let rows = driver.read(&META, &[key.into()]).await?;
    rows.into_iter().next().map(|mut row| row.text()).transpose()
}

/// Sets `key`, whatever it was.
pub async fn set(driver: &Driver, key: &str, value: &str) -> Result<(), CommitError> {
    write(driver, Write::new(&META_SET, Expect::One, vec![Value::from(key), Value::from(value)])).await
}

/// Sets `key` where it is not set. Conflict: it is.
pub async fn add(driver: &Driver, key: &str, value: &str) -> Result<(), CommitError> {
    write(driver, Write::new(&META_ADD, Expect::One, vec![Value::from(key), Value::from(value)])).await
}

async fn write(driver: &Driver, write: Write) -> Result<(), CommitError> {
    driver.commit(Commit { event: None, ending: false, writes: vec![write] }).await.map(drop)
}
