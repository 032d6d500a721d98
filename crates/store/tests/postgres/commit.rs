//! What one commit promises, with named statements and without.

use doorward_store::driver::Driver;
use doorward_store::write::{Expect, Write};
use doorward_store::{CommitError, Fault};

use crate::support::*;

#[tokio::test]
async fn a_commit_stands_as_a_whole_or_not_at_all() {
    let Some(database) = Database::new().await else { return };
    for options in ["statement_cache=1", "statement_cache=0"] {
        let driver = open(&database.url(options));
        driver.commit(commit(vec![put(options), put("one")])).await.unwrap();

        // The second write meets no row.
        let error = driver.commit(commit(vec![put("lost"), take("somebody", "me")])).await.unwrap_err();
        assert_eq!(error, CommitError::Conflict, "{options}");
        // The second write violates a unique key.
        let error = driver.commit(commit(vec![put("lost"), put("one")])).await.unwrap_err();
        assert_eq!(error, CommitError::Conflict, "{options}");
        assert_eq!(count(&driver, &LEASES).await, 2 + i64::from(options.ends_with('0')), "{options}");

        driver.commit(commit(vec![take("nobody", "me")])).await.unwrap();
        assert_eq!(holder(&driver).await, "me");
        database.sql("DELETE FROM leases WHERE name = 'one'").await;
    }
}

/// Else an import into an empty database would be planned for as if that were still empty, until PostgreSQL looks by itself.
#[tokio::test]
async fn after_a_large_commit_the_tables_are_looked_at() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    let events =
        |from: u128, count: u128| (from..from + count).map(|id| event_of(id.to_be_bytes())).collect();
    driver.commit(commit(events(0, 100))).await.unwrap();
    assert_eq!(count(&driver, &KNOWN_EVENTS).await, -1, "never looked at");
    driver.commit(commit(events(1_000, 600))).await.unwrap();
    assert_eq!(count(&driver, &KNOWN_EVENTS).await, 700);
}

#[tokio::test]
async fn row_counts_are_told_and_optional_writes_are_no_conflict() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    driver.commit(commit(vec![put("one"), put("two")])).await.unwrap();
    let none = Write::new(&TAKE, Expect::AtMostOne, vec!["somebody".into(), "me".into()]);
    assert_eq!(driver.commit(commit(vec![none, put("three")])).await, Ok(1));
}

#[tokio::test]
async fn null_text_bytes_and_numbers_come_back_as_they_were() {
    let Some(database) = Database::new().await else { return };
    database.sql("CREATE TABLE things (i BIGINT, t TEXT, b BYTEA)").await;
    for options in ["statement_cache=1", "statement_cache=0"] {
        use doorward_store::statement::{Reach, Statement};
        use doorward_store::value::Value;
        static WRITE: Statement = Statement {
            name: "WRITE",
            sql: "INSERT INTO things (i, t, b) VALUES ($1, $2, $3)",
            sqlite: "",
            reach: Reach::Server("a test's own"),
        };
        static READ: Statement = Statement {
            name: "READ",
            sql: "SELECT i, t, b FROM things WHERE i IS NOT DISTINCT FROM $1",
            sqlite: "",
            reach: Reach::Server("a test's own"),
        };
        let driver = open(&database.url(options));
        for row in [
            vec![Value::Int(i64::MIN), Value::Text("ä\u{1F511}".into()), Value::Blob(vec![0, 255])],
            vec![Value::Null, Value::Null, Value::Null],
            vec![Value::Int(1), Value::Text(String::new()), Value::Blob(vec![])],
        ] {
            driver.commit(commit(vec![Write::new(&WRITE, Expect::One, row.clone())])).await.unwrap();
            let mut found = driver.read(&READ, &row[..1]).await.unwrap().remove(0);
            let found: Vec<Value> = (0..3).map(|_| found.value().unwrap()).collect();
            assert_eq!(found, row, "{options}");
        }
        database.sql("DELETE FROM things").await;
    }
}

#[tokio::test]
async fn many_writers_of_two_nodes_have_one_winner() {
    let Some(database) = Database::new().await else { return };
    let nodes = [database.driver(), open(&database.url("pool=8&statement_cache=0"))];
    nodes[0].commit(commit(vec![put("one")])).await.unwrap();
    let racers: Vec<_> = (0..64_u8)
        .map(|racer| {
            let node = nodes[usize::from(racer) % 2].clone();
            tokio::spawn(async move {
                node.commit(recorded(racer, vec![take("nobody", &format!("racer {racer}"))])).await
            })
        })
        .collect();
    let mut winners = Vec::new();
    for (number, racer) in racers.into_iter().enumerate() {
        match racer.await.unwrap() {
            Ok(_) => winners.push(number),
            Err(CommitError::Conflict) => {}
            Err(CommitError::Fault(fault)) => panic!("{fault}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(holder(&nodes[1]).await, format!("racer {}", winners[0]));
    assert_eq!(count(&nodes[0], &EVENTS).await, 1);
}

#[tokio::test]
async fn a_deadlock_is_tried_again() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    driver.commit(commit(vec![put("one"), put("a"), put("b")])).await.unwrap();
    let touch = |name: &str| {
        use doorward_store::statement::{Reach, Statement};
        static TOUCH: Statement = Statement {
            name: "TOUCH",
            sql: "UPDATE leases SET expires_at = expires_at + 1 WHERE name = $1",
            sqlite: "",
            reach: Reach::Server("a test's own"),
        };
        Write::new(&TOUCH, Expect::One, vec![name.into()])
    };
    database.sql(&format!("ALTER DATABASE {} SET deadlock_timeout = '20ms'", database_name(&database))).await;
    let driver = (driver, database.driver()).1;
    let mut tasks = Vec::new();
    for round in 0..16 {
        let (driver, writes) = (driver.clone(), if round % 2 == 0 { ["a", "b"] } else { ["b", "a"] });
        let writes: Vec<_> = writes.iter().map(|name| touch(name)).collect();
        tasks.push(tokio::spawn(async move { driver.commit(commit(writes)).await }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn several_reads_go_over_one_connection() {
    let Some(database) = Database::new().await else { return };
    let driver = open(&database.url("pool=1"));
    driver.commit(commit(vec![put("one")])).await.unwrap();
    let answers = driver.read_all(&[(&HOLDER, &[]), (&LEASES, &[]), (&EVENTS, &[])]).await.unwrap();
    assert_eq!(answers.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
}

#[tokio::test]
async fn a_cancelled_request_leaves_nothing_open_behind() {
    let Some(database) = Database::new().await else { return };
    let driver = open(&database.url("pool=1"));
    driver.commit(commit(vec![put("one")])).await.unwrap();
    for _ in 0..20 {
        let mut future = Box::pin(driver.commit(commit(vec![take("nobody", "me")])));
        // Polled once: the transaction is on its way. Then its caller goes away.
        let polled =
            std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_ready()));
        assert!(!polled.await);
        drop(future);
    }
    driver.commit(commit(vec![put("two")])).await.unwrap();
    assert_eq!(holder(&driver).await, "nobody");
}

#[tokio::test]
async fn a_fault_names_the_statement_and_no_value() {
    let Some(database) = Database::new().await else { return };
    database.sql("DROP TABLE leases").await;
    let Fault { during, detail } = database.driver().read(&HOLDER, &[]).await.unwrap_err();
    assert_eq!(during, "HOLDER");
    assert!(detail.contains("42P01"), "{detail}");
}

async fn holder(driver: &Driver) -> String {
    driver.read(&HOLDER, &[]).await.unwrap().remove(0).text().unwrap()
}

fn database_name(database: &Database) -> String {
    let url = database.url("");
    url.rsplit('/').next().unwrap().trim_end_matches('?').to_owned()
}
