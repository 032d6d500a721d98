//! Floors: what the parts of a request cost on the bare libraries, measured by the CPU clock of their threads.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use rusqlite::Connection;
use rustix::time::ClockId;

use crate::child::cpu_ns;
use crate::database::Place;
use crate::raw;
use crate::stats::Samples;

/// One sample of each floor.
pub async fn measure(place: &Place, samples: &mut Samples) {
    signatures(samples);
    samples.floor("argon2id", argon2id());
    match place {
        Place::Sqlite(_) => {
            let folder = Place::sqlite("floor");
            let (rotate, redeem) = sqlite(&folder);
            samples.floor("commit: rotate", rotate);
            samples.floor("commit: redeem", redeem);
            folder.remove().await;
        }
        Place::Postgres { .. } => {
            let (rotate, redeem) = postgres(&place.url()).await;
            samples.floor("commit: rotate", rotate);
            samples.floor("commit: redeem", redeem);
        }
    }
}

/// CPU microseconds of one `work`, on this thread.
fn each(times: u32, mut work: impl FnMut()) -> f64 {
    let before = cpu_ns(ClockId::ThreadCPUTime);
    for _ in 0..times {
        work();
    }
    (cpu_ns(ClockId::ThreadCPUTime) - before) as f64 / 1000.0 / f64::from(times)
}

fn signatures(samples: &mut Samples) {
    thread_local! {
        static KEYS: raw::Keys = raw::Keys::new();
    }
    KEYS.with(|keys| {
        for (index, (name, times)) in
            [("sign ES256", 1_000), ("sign EdDSA", 1_000), ("sign RS256", 60)].into_iter().enumerate()
        {
            samples.floor(name, each(times, || keys.sign(index)));
        }
        samples.floor("verify ES256", each(400, || keys.verify()));
    });
}

fn argon2id() -> f64 {
    let params = Params::new(19_456, 2, 1, Some(32)).expect("OWASP's parameters");
    let mut arena = vec![Block::new(); params.block_count()];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; 32];
    let mut hash = || {
        argon
            .hash_password_into_with_memory(b"correct horse", b"0123456789abcdef", &mut output, &mut arena)
            .expect("argon2id hashes");
    };
    // The arena is paid for once.
    hash();
    each(4, hash)
}

/// CPU per member of a grouped commit of 64, durable: one conditional update of a grant by its integer key; and what a code takes
/// (its ticket and its grant updated, an event written).
fn sqlite(folder: &Place) -> (f64, f64) {
    let path = std::path::PathBuf::from(folder.url()).join("floor.db");
    let connection = Connection::open(path).expect("SQLite opens");
    let text = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;";
    connection.execute_batch(text).expect("SQLite is set up");
    connection.execute_batch(TABLES).expect("tables can be made");
    connection.execute_batch("BEGIN").expect("a transaction begins");
    for id in 0..ROWS {
        connection
            .prepare_cached("INSERT INTO grants (id, data) VALUES (?1, ?2)")
            .and_then(|mut insert| insert.execute((id, "x".repeat(300))))
            .expect("a grant can be written");
        connection
            .prepare_cached("INSERT INTO tickets (key, data) VALUES (?1, ?2)")
            .and_then(|mut insert| insert.execute((key(id), "x".repeat(150))))
            .expect("a ticket can be written");
    }
    connection.execute_batch("COMMIT").expect("a transaction ends");
    let update = |id: i64| {
        connection
            .prepare_cached(ROTATE)
            .and_then(|mut update| update.execute((id, 0, id)))
            .expect("a grant can be updated");
    };
    let mut next = 0_i64;
    let mut grouped = |member: &dyn Fn(i64)| {
        let us = each(BATCHES, || {
            connection
                .prepare_cached("BEGIN IMMEDIATE")
                .and_then(|mut begin| begin.execute([]))
                .expect("begin");
            for _ in 0..MEMBERS {
                next += 1;
                member(next * STRIDE % ROWS);
            }
            connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])).expect("commit");
        });
        us / f64::from(MEMBERS)
    };
    let rotate = grouped(&update);
    let redeem = grouped(&|id| {
        connection
            .prepare_cached("UPDATE tickets SET consumed_at = ?2 WHERE key = ?1 AND consumed_at IS NULL")
            .and_then(|mut update| update.execute((key(id), id)))
            .expect("a ticket can be updated");
        update(id);
        connection
            .prepare_cached("INSERT INTO events (id, data) VALUES (?1, ?2)")
            .and_then(|mut insert| insert.execute((key(id), "x".repeat(150))))
            .expect("an event can be written");
    });
    (rotate, redeem)
}

fn key(id: i64) -> Vec<u8> {
    let mut key = vec![7; 36];
    key[4..12].copy_from_slice(&(id.wrapping_mul(0x5851_f42d_4c95_7f2d)).to_be_bytes());
    key
}

/// CPU of this process per transaction on tokio-postgres, sixteen at once: the database's own work is another process's.
async fn postgres(url: &str) -> (f64, f64) {
    let mut clients = Vec::new();
    for _ in 0..16 {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        clients.push(client);
    }
    let text = "CREATE TABLE IF NOT EXISTS floor (id BIGINT PRIMARY KEY, generation BIGINT NOT NULL);
                INSERT INTO floor SELECT n, 0 FROM generate_series(0, 999) AS n ON CONFLICT DO NOTHING";
    clients[0].batch_execute(text).await.expect("a table can be made");
    let mut taken = Vec::new();
    for writes in [1, 3] {
        let before = cpu_ns(ClockId::ProcessCPUTime);
        let mut running = tokio::task::JoinSet::new();
        for (number, mut client) in std::mem::take(&mut clients).into_iter().enumerate() {
            running.spawn(async move {
                let update = "UPDATE floor SET generation = generation + 1 WHERE id = $1";
                let update = client.prepare(update).await.expect("a statement can be prepared");
                for turn in 0..TRANSACTIONS {
                    let id = i64::from(turn) * 16 % 900 + number as i64;
                    let transaction = client.transaction().await.expect("a transaction begins");
                    for _ in 0..writes {
                        transaction.execute(&update, &[&id]).await.expect("a row can be updated");
                    }
                    transaction.commit().await.expect("a transaction ends");
                }
                client
            });
        }
        while let Some(client) = running.join_next().await {
            clients.push(client.expect("it ends in good order"));
        }
        let us = (cpu_ns(ClockId::ProcessCPUTime) - before) as f64 / 1000.0;
        taken.push(us / 16.0 / f64::from(TRANSACTIONS));
    }
    (taken[0], taken[1])
}

const TABLES: &str = "
    CREATE TABLE grants (id INTEGER PRIMARY KEY, generation INTEGER NOT NULL DEFAULT 0, spent_at INTEGER, data TEXT) STRICT;
    CREATE TABLE tickets (key BLOB PRIMARY KEY, consumed_at INTEGER, data TEXT) STRICT, WITHOUT ROWID;
    CREATE TABLE events (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, data TEXT) STRICT;";
const ROTATE: &str =
    "UPDATE grants SET generation = generation + 1, spent_at = ?3 WHERE id = ?1 AND generation >= ?2";
const ROWS: i64 = 20_000;
const STRIDE: i64 = 7_919;
const MEMBERS: u32 = 64;
const BATCHES: u32 = 60;
const TRANSACTIONS: u32 = 40;
