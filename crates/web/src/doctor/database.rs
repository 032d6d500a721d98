//! The database: whole, up to date, with room; and its clock.

use std::time::{SystemTime, UNIX_EPOCH};

use doorward_store::driver::Driver;
use doorward_store::driver::sqlite::{Health, Sqlite};
use doorward_store::{Fault, Store, migration};

use super::Finding;

pub(super) async fn look(store: &Store) -> Result<Vec<Finding>, Fault> {
    let mut findings = Vec::new();
    for line in migration::status(store.driver()).await? {
        let name = format!("{:04}_{}", line.version, line.name);
        if line.applied_at.is_none() {
            findings.push(Finding::error(
                "database.migrations",
                format!("the migration {name} is pending"),
                "doorward migrate up",
            ));
        } else if !line.is_ours {
            findings.push(Finding::error(
                "database.migrations",
                format!("the migration {name} was applied by another build"),
                "use that build, or a backup made by this one",
            ));
        }
    }
    if let Some(step) = store.clock().step() {
        findings.push(Finding::error(
            "clock.step",
            format!("the clock jumped by {} s, which the server does not follow", step.by_ms / 1000),
            "set this machine's clock right (chronyc tracking, timedatectl); if it is right now, restart the server",
        ));
    }
    if let Some((time, _)) = store.driver().time().await? {
        findings.extend(offset(time.0));
    }
    if let Driver::Sqlite(sqlite) = store.driver() {
        let sqlite = sqlite.clone();
        let look = move || {
            // A database that has just been opened holds nothing back yet.
            sqlite.hold_ballast();
            (sqlite.health(), sqlite)
        };
        let health = tokio::task::spawn_blocking(look).await;
        let (health, sqlite) = health.map_err(|_| Fault::new("doctor", "the check was cut short"))?;
        findings.extend(file(&health?, &sqlite));
    }
    Ok(findings)
}

/// Tokens are stamped by the database's clock, and checked by others by theirs.
fn offset(database_ms: i64) -> Option<Finding> {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let apart = database_ms - i64::try_from(wall.as_millis()).ok()?;
    (apart.abs() > OFFSET_MS).then(|| {
        Finding::warning(
            "clock.offset",
            format!("the clock of the database server is {} s from this machine's", apart / 1000),
            "let both follow the same time servers (NTP); until then tokens seem to be from the past or the future",
        )
    })
}

fn file(health: &Health, sqlite: &Sqlite) -> Vec<Finding> {
    let mut findings = Vec::new();
    let path = sqlite.path().display();
    if !health.damage.is_empty() {
        findings.push(Finding::error(
            "database.damaged",
            format!("{path} is damaged: {}", health.damage.join("; ")),
            "stop the server, keep the file, and bring the newest backup back: doorward restore FILE",
        ));
    }
    if health.disk_full {
        findings.push(Finding::error(
            "database.disk_full",
            "the disk is full: only sign-outs, revocations and the like are committed",
            format!("make room on the disk of {path}; the server notices by itself"),
        ));
    } else if !health.has_ballast {
        findings.push(Finding::warning(
            "database.ballast",
            "no space is held back for revocations on a full disk",
            format!("make room beside {path}: {} MiB", health.ballast_bytes >> 20),
        ));
    }
    if let Some(free) = health.free_bytes.filter(|free| *free < LITTLE_ROOM) {
        findings.push(Finding::warning(
            "database.room",
            format!("only {} MiB are free on the disk of {path}", free >> 20),
            "make room, or move the data folder to a larger disk (--data)",
        ));
    }
    if health.wal_bytes > 2 * health.wal_limit {
        findings.push(Finding::warning(
            "database.wal",
            format!(
                "the write-ahead log has {} MiB, and is to be begun anew at {}",
                health.wal_bytes >> 20,
                health.wal_limit >> 20
            ),
            format!("another program holds {path} open for reading: end it (fuser {path})"),
        ));
    }
    findings
}

const OFFSET_MS: i64 = 5_000;
const LITTLE_ROOM: u64 = 1 << 30;
