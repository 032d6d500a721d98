//! Several nodes on one database: numbering, polling, leases, the clock's mark.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_core::id::TenantId;
use doorward_core::model::{Tenant, TenantSettings};
use doorward_core::{Effect, Timestamp};
use doorward_crypto::base64url;
use doorward_crypto::random::{Random, SeededRandom};
use doorward_store::seal::KeySource;
use doorward_store::seal::key_text::KeyText;
use doorward_store::statement::{Reach, Statement};
use doorward_store::worker::lease::Lease;
use doorward_store::worker::poller::{Change, Freshness, News, Poller, noted};
use doorward_store::worker::{mark, sequencer};
use doorward_store::{Store, StoreConfig, meta};

use crate::support::*;

#[tokio::test]
async fn events_are_numbered_without_gaps_while_many_write_and_two_number() {
    let Some(database) = Database::new().await else { return };
    static NUMBERS: Statement = Statement {
        name: "NUMBERS",
        sql: "SELECT seq FROM events WHERE seq > $1 ORDER BY seq",
        sqlite: "",
        reach: Reach::Server("a test's own"),
    };
    let writer = open(&database.url("pool=16"));
    let writers: Vec<_> = (0..8_u8)
        .map(|node| {
            let writer = writer.clone();
            tokio::spawn(async move {
                for number in 0..50_u8 {
                    let mut id = [node; 16];
                    id[0] = number.wrapping_mul(37);
                    id[15] = number;
                    writer.commit(commit(vec![event_of(id)])).await.unwrap();
                }
            })
        })
        .collect();
    let sequencers: Vec<_> = (0..2)
        .map(|_| {
            let driver = database.driver();
            tokio::spawn(async move {
                let mut total = 0;
                while total < 400 {
                    let seen = sequencer::run_once(&driver).await.unwrap();
                    total += seen;
                    if seen == 0
                        && count(&driver, &EVENTS).await == 400
                        && count(&driver, &UNNUMBERED).await == 0
                    {
                        break;
                    }
                }
                total
            })
        })
        .collect();
    // A reader with a cursor never meets a gap, whenever it looks: what it has passed does not appear later.
    let reader = database.driver();
    let mut cursor = 0;
    while cursor < 400 {
        for mut row in reader.read(&NUMBERS, &[cursor.into()]).await.unwrap() {
            let seq = row.int().unwrap();
            assert_eq!(seq, cursor + 1);
            cursor = seq;
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let mut numbered = 0;
    for sequencer in sequencers {
        numbered += sequencer.await.unwrap();
    }
    assert_eq!(numbered, 400);
}

#[tokio::test]
async fn a_poller_sees_what_another_node_committed_and_only_once() {
    let Some(database) = Database::new().await else { return };
    let (here, there) = (database.driver(), database.driver());
    let now = Timestamp(1_800_000_000_000);
    let freshness = Arc::new(Freshness::new(true));
    let mut poller = Poller::new(Arc::clone(&freshness));
    let mut rng = SeededRandom::new(1);
    let change =
        |key: &str| Change { tenant: TenantId::from("demo"), kind: "client".into(), key: key.into() };

    let poll = poller.run_once(&here, now).await.unwrap();
    assert!(poll.news.is_empty());
    poller.done(poll);

    there.commit(commit(vec![noted(&change("a"), now, &mut rng)])).await.unwrap();
    // Not heeded (an error on the way): it is told again.
    let poll = poller.run_once(&here, now.plus_ms(300)).await.unwrap();
    assert_eq!(poll.news, News::Changes(vec![change("a")]));
    let poll = poller.run_once(&here, now.plus_ms(600)).await.unwrap();
    assert_eq!(poll.news, News::Changes(vec![change("a")]));
    poller.done(poll);
    assert!(freshness.is_fresh());

    // A commit that was slow: its id is older than what was seen already.
    there.commit(commit(vec![noted(&change("b"), now.plus_ms(-50_000), &mut rng)])).await.unwrap();
    let poll = poller.run_once(&here, now.plus_ms(900)).await.unwrap();
    assert_eq!(poll.news, News::Changes(vec![change("b")]));
    poller.done(poll);
    let poll = poller.run_once(&here, now.plus_ms(1200)).await.unwrap();
    assert!(poll.news.is_empty());
}

/// Draws 0, 1, 0, 2, 0, 3 and so on.
struct Alike(u32);

impl Random for Alike {
    fn fill(&mut self, out: &mut [u8]) {
        self.0 += 1;
        let drawn = if self.0.is_multiple_of(2) { self.0 / 2 } else { 0 };
        out.copy_from_slice(&drawn.to_be_bytes()[..out.len()]);
    }
}

/// Whatever else is noted in the same millisecond, be it in the same commit.
#[tokio::test]
async fn changes_that_are_drawn_alike_are_all_noted() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    let (now, mut rng) = (Timestamp(1_800_000_000_000), Alike(0));
    let change =
        |key: &str| Change { tenant: TenantId::from("demo"), kind: "client".into(), key: key.into() };
    let mut poller = Poller::new(Arc::new(Freshness::new(true)));
    let poll = poller.run_once(&driver, now).await.unwrap();
    poller.done(poll);
    let both = ["a", "b"].map(|key| noted(&change(key), now, &mut rng));
    driver.commit(commit(both.into())).await.unwrap();
    driver.commit(commit(vec![noted(&change("c"), now, &mut rng)])).await.unwrap();
    let poll = poller.run_once(&driver, now.plus_ms(300)).await.unwrap();
    assert_eq!(poll.news, News::Changes(["a", "b", "c"].map(change).into()));
}

#[tokio::test]
async fn a_lease_is_held_by_one_and_passes_on_when_it_ends() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    let now = Timestamp(1_000_000);
    let (mut first, mut second) = (Lease::new("job", "first"), Lease::new("job", "second"));
    assert!(first.take(&driver, now).await.unwrap());
    assert!(!second.take(&driver, now).await.unwrap());
    assert!(first.take(&driver, now.plus_ms(6_000)).await.unwrap(), "renewed");
    assert!(!second.take(&driver, now.plus_ms(12_000)).await.unwrap());
    assert!(second.take(&driver, now.plus_ms(20_000)).await.unwrap());
    assert!(!first.take(&driver, now.plus_ms(20_000)).await.unwrap());
}

#[tokio::test]
async fn the_clock_follows_the_database_and_its_mark_only_moves_forward() {
    let Some(database) = Database::new().await else { return };
    let driver = database.driver();
    let clock = mark::start(&driver).await.unwrap();
    let (sample, _) = driver.time().await.unwrap().unwrap();
    assert!((sample.0 - clock.now().0).abs() < 2_000);

    mark::run_once(&driver, &clock).await.unwrap();
    let written: i64 = meta::get(&driver, meta::CLOCK_MARK).await.unwrap().unwrap().parse().unwrap();
    assert!(written >= sample.0);
    let later = (written + 20_000).to_string();
    meta::set(&driver, meta::CLOCK_MARK, &later).await.unwrap();
    mark::run_once(&driver, &clock).await.unwrap();
    assert_eq!(meta::get(&driver, meta::CLOCK_MARK).await.unwrap().unwrap(), later);

    meta::set(&driver, meta::CLOCK_MARK, &(written + 3_600_000).to_string()).await.unwrap();
    let refused = mark::start(&driver).await.unwrap_err();
    assert!(refused.to_string().contains("--accept-clock"), "{refused}");
    mark::accept(&driver).await.unwrap();
    mark::start(&driver).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_changes_the_other_knows_within_a_second_and_events_get_their_numbers() {
    let Some(database) = Database::new().await else { return };
    let key = || KeySource { current: KeyText::Value(base64url::encode(&[1; 32]).into()), previous: None };
    let open = || Store::open(StoreConfig::postgres(database.url("pool=4").into(), key()));
    let (here, there) = (open().await.unwrap(), open().await.unwrap());
    let workers = [here.start_workers().unwrap(), there.start_workers().unwrap()];
    assert!(there.start_workers().is_none());

    let tenant = Tenant {
        id: TenantId::from("demo"),
        name: "Demo".into(),
        disabled_at: None,
        settings: TenantSettings::default(),
        version: 0,
        created_at: here.now(),
    };
    here.commit(vec![Effect::PutTenant(tenant.clone())]).await.unwrap();
    assert!(here.directory().tenant(&tenant.id).is_some(), "the node that commits knows at once");
    let began = Instant::now();
    while there.directory().tenant(&tenant.id).is_none() {
        tokio::task::yield_now().await;
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    here.driver().commit(commit(vec![event(1)])).await.unwrap();
    while count(here.driver(), &UNNUMBERED).await > 0 {
        tokio::task::yield_now().await;
    }
    let difference = here.now().since_ms(there.now());
    assert!(difference.abs() < 1_000, "both follow the database's clock: {difference} ms");
    for worker in workers {
        worker.stop().await;
    }
}

static UNNUMBERED: Statement = Statement {
    name: "UNNUMBERED",
    sql: "SELECT COUNT(*) AS n FROM events WHERE seq IS NULL",
    sqlite: "",
    reach: Reach::Server("a test's own"),
};
