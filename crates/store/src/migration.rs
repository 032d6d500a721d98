//! Migrations: forward-only, checksummed, locked. One text per engine, because the right table differs.

use doorward_crypto::{base64url, digest};

use crate::driver::Driver;
use crate::{Fault, OpenError};

/// One step of the schema.
#[derive(Debug)]
pub struct Migration {
    /// Its number, from 1 without gaps.
    pub version: i64,
    /// Its name, as in the file's name.
    pub name: &'static str,
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

/// A migration that a database has: a row of the table `migrations`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// [`checksum`] of the text that was applied.
    pub checksum: String,
    /// When it was applied, milliseconds since the Unix epoch.
    pub applied_at: i64,
}

/// One line of `migrate status`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The migration's number.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// When it was applied, milliseconds since the Unix epoch; none while it is pending.
    pub applied_at: Option<i64>,
    /// Whether it is this binary's; else a newer one, or another build, applied it.
    pub is_ours: bool,
}

/// Every migration, oldest first.
pub static MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "first",
        sqlite: include_str!("../migrations/0001_first.sqlite.sql"),
        postgres: include_str!("../migrations/0001_first.postgres.sql"),
    },
    Migration {
        version: 2,
        name: "administration",
        sqlite: include_str!("../migrations/0002_administration.sqlite.sql"),
        postgres: include_str!("../migrations/0002_administration.postgres.sql"),
    },
    Migration {
        version: 3,
        name: "order",
        sqlite: include_str!("../migrations/0003_order.sqlite.sql"),
        postgres: include_str!("../migrations/0003_order.postgres.sql"),
    },
    Migration {
        version: 4,
        name: "extensions",
        sqlite: include_str!("../migrations/0004_extensions.sqlite.sql"),
        postgres: include_str!("../migrations/0004_extensions.postgres.sql"),
    },
];

/// SHA-256 of a migration's text, base64url.
pub fn checksum(text: &str) -> String {
    base64url::encode(&digest::sha256(text.as_bytes()))
}

/// Every migration, this binary's and the database's, and when it was applied.
pub async fn status(driver: &Driver) -> Result<Vec<Line>, Fault> {
    Ok(lines(driver.applied().await?, |migration| driver.text_of(migration)))
}

/// The same of those that a database has.
pub fn lines(applied: Vec<Applied>, text_of: impl Fn(&Migration) -> &'static str) -> Vec<Line> {
    let known = |version: i64| MIGRATIONS.iter().find(|migration| migration.version == version);
    let mut lines: Vec<Line> = applied
        .into_iter()
        .map(|row| Line {
            is_ours: known(row.version).is_some_and(|own| checksum(text_of(own)) == row.checksum),
            version: row.version,
            name: row.name,
            applied_at: Some(row.applied_at),
        })
        .collect();
    for migration in MIGRATIONS {
        if !lines.iter().any(|line| line.version == migration.version) {
            let name = migration.name.to_owned();
            lines.push(Line { version: migration.version, name, applied_at: None, is_ours: true });
        }
    }
    lines.sort_by_key(|line| line.version);
    lines
}

/// What `up` would apply. Refuses a database that is newer than this binary, or was migrated by another build.
pub async fn plan(driver: &Driver) -> Result<Vec<&'static Migration>, OpenError> {
    pending(&driver.applied().await?, |migration| driver.text_of(migration))
}

/// What is not among those that a database has. Refuses as [`plan`].
pub fn pending(
    applied: &[Applied],
    text_of: impl Fn(&Migration) -> &'static str,
) -> Result<Vec<&'static Migration>, OpenError> {
    let binary = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if let Some(newest) = applied.iter().map(|row| row.version).max().filter(|newest| *newest > binary) {
        return Err(OpenError::Newer { database: newest, binary });
    }
    let mut pending = Vec::new();
    for migration in MIGRATIONS {
        match applied.iter().find(|row| row.version == migration.version) {
            None => pending.push(migration),
            Some(row) if row.checksum == checksum(text_of(migration)) => {}
            Some(row) => {
                return Err(OpenError::MigrationChanged { version: row.version, name: row.name.clone() });
            }
        }
    }
    Ok(pending)
}

/// Applies what is pending, oldest first. Returns how many were.
pub async fn up(driver: &Driver, now_ms: i64) -> Result<usize, OpenError> {
    let pending = plan(driver).await?;
    for migration in &pending {
        driver.apply(migration, now_ms).await?;
    }
    Ok(pending.len())
}
