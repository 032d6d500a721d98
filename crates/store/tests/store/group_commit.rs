//! Group commit on SQLite: what waits is committed together, and a group stands apart from the one that conflicts in it.

use std::sync::atomic::Ordering;

use doorward_core::Effect;
use doorward_core::effect::ConsumeTicket;
use doorward_core::model::Ticket;
use doorward_store::driver::Driver;
use doorward_store::{CommitError, Store};

use crate::support::{Folder, START, code, sqlite, sqlite_config, tenant};

#[tokio::test]
async fn commits_that_wait_share_a_transaction_and_the_one_that_conflicts_leaves_the_others() {
    let world = sqlite(|_| {}).await;
    let Driver::Sqlite(driver) = world.store.driver().clone() else { panic!("a world on SQLite") };
    let before = driver.figures().batches.load(Ordering::Relaxed);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..200_u8 {
        let store = world.store.clone();
        tasks.spawn(async move {
            let mut effects = vec![Effect::InsertTicket(code(number))];
            if number % 10 == 3 {
                let missing = Ticket { kind: doorward_core::model::TicketKind::SetUp, ..code(number) };
                effects.push(Effect::ConsumeTicket(ConsumeTicket::of(&missing, START)));
            }
            (number, store.commit(effects).await)
        });
    }
    for (number, outcome) in tasks.join_all().await {
        let expected = if number % 10 == 3 { Err(CommitError::Conflict) } else { Ok(()) };
        assert_eq!(outcome, expected, "{number}");
    }
    assert_eq!(world.rows("tickets").await, 180);
    let batches = driver.figures().batches.load(Ordering::Relaxed) - before;
    assert!(batches < 200, "{batches} transactions for 200 commits");
}

#[tokio::test]
async fn what_was_answered_is_there_when_the_file_is_opened_again() {
    let folder = Folder::new();
    let store = Store::open(sqlite_config(&folder.0)).await.unwrap();
    store.commit(vec![Effect::PutTenant(tenant("demo")), Effect::InsertTicket(code(1))]).await.unwrap();
    store.clock().advance_ms(5_000);
    let now = store.now();
    store.commit(vec![Effect::InsertTicket(code(2))]).await.unwrap();
    drop(store);
    let log = std::fs::metadata(folder.0.join("doorward.db-wal"));
    assert!(log.is_ok_and(|log| log.len() == 0), "a store that was closed is one whole file");
    let mut config = sqlite_config(&folder.0);
    config.clock = None;
    // The mark that was written is far ahead of this machine's clock.
    let ahead = Store::open(config).await.unwrap_err();
    assert!(matches!(ahead, doorward_store::OpenError::ClockAhead(_)), "{ahead}");
    let store = Store::open(sqlite_config(&folder.0)).await.unwrap();
    let mark = doorward_store::meta::get(store.driver(), doorward_store::meta::CLOCK_MARK).await.unwrap();
    assert_eq!(mark, Some(now.0.to_string()));
    let counts = store.counts().await.unwrap();
    assert!(counts.contains(&("tickets", 2)));
    assert!(store.directory().tenant(&"demo".into()).is_some());
}

#[tokio::test]
async fn a_second_store_on_the_same_file_is_refused() {
    let folder = Folder::new();
    let store = Store::open(sqlite_config(&folder.0)).await.unwrap();
    let second = Store::open(sqlite_config(&folder.0)).await.unwrap_err();
    assert!(matches!(second, doorward_store::OpenError::Locked(_)), "{second}");
    drop(store);
    drop(Store::open(sqlite_config(&folder.0)).await.unwrap());
}

#[tokio::test]
async fn too_many_waiting_commits_are_a_fault_and_not_a_wait() {
    let world = sqlite(|config| config.queue = 1).await;
    let commits = (0..64).map(|number| world.store.commit(vec![Effect::InsertTicket(code(number))]));
    let outcomes = join_all(commits.collect()).await;
    let stored = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(stored < 64, "some had to be turned away");
    for outcome in outcomes {
        assert!(!matches!(outcome, Err(CommitError::Conflict)));
    }
    assert_eq!(world.rows("tickets").await, stored as i64);
}

/// Polls all in turn on this task, so that many are sent before the first is answered.
async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outcomes: Vec<_> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, outcome) in futures.iter_mut().zip(&mut outcomes) {
            if outcome.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *outcome = Some(output);
            }
        }
        if outcomes.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}
