//! Many at once, from one node and from two: what can be had once is had once, and a conflict leaves nothing behind.

use doorward_core::effect::ConsumeTicket;
use doorward_core::id::{EventId, GrantId};
use doorward_core::model::{Actor, Bucket, Event, EventKind, Grant, Ticket};
use doorward_core::{Effect, Needs};
use doorward_store::{CommitError, Store};

use crate::support::{START, code, demo, grant, worlds};

/// Commits all at once, in turn from each of the nodes. How many succeeded; the others met a conflict.
pub async fn at_once(nodes: &[Store], commits: Vec<Vec<Effect>>) -> usize {
    let mut tasks = tokio::task::JoinSet::new();
    for (number, effects) in commits.into_iter().enumerate() {
        let store = nodes[number % nodes.len()].clone();
        tasks.spawn(async move { store.commit(effects).await });
    }
    let mut won = 0;
    for outcome in tasks.join_all().await {
        match outcome {
            Ok(()) => won += 1,
            Err(CommitError::Conflict) => {}
            Err(CommitError::Fault(fault)) => panic!("{fault}"),
        }
    }
    won
}

fn event(number: u8) -> Event {
    Event {
        id: EventId([number; 16]),
        tenant: demo(),
        at: START,
        kind: EventKind::CodeRedeemed,
        actor: Actor::Client("web".into()),
        user: Some("usr_alice".into()),
        client: Some("web".into()),
        grant: Some(GrantId(31)),
        installation: Some("ins_1".into()),
        reason: Some("why".to_owned()),
        request_id: "r".to_owned(),
        address: "192.0.2.1".to_owned(),
        data: "{}".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_who_redeem_one_code_one_succeeds_and_only_its_effects_stand() {
    for world in worlds().await {
        let mut nodes = vec![world.store.clone()];
        nodes.extend(world.other_node().await);
        let ticket = code(1);
        world.commit(vec![Effect::InsertTicket(ticket.clone())]).await;
        let before = world.rows("grants").await;
        let commits = (0..64_u8).map(|number| {
            let consume = Effect::ConsumeTicket(ConsumeTicket::of(&ticket, START));
            let grant = Effect::InsertGrant(grant(1000 + i64::from(number)));
            // The one who loses has written before it loses, and would have after.
            vec![grant, Effect::Record(event(number)), consume, Effect::InsertTicket(code(100 + number))]
        });
        assert_eq!(at_once(&nodes, commits.collect()).await, 1, "{}", world.engine);
        assert_eq!(world.rows("grants").await, before + 1);
        assert_eq!(world.rows("events").await, 1);
        assert_eq!(world.rows("tickets").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_who_rotate_one_generation_one_succeeds() {
    for world in worlds().await {
        let mut nodes = vec![world.store.clone()];
        nodes.extend(world.other_node().await);
        let stored = Grant { generation: 1, ..world.granted().await };
        let start = Effect::StartGrant {
            tenant: demo(),
            id: stored.id,
            now: START,
            generation: 1,
            mac_key: 1,
            idle_ms: 1000,
            expires_at: START.plus_s(60),
            unnamed: false,
        };
        world.commit(vec![start]).await;
        for round in 1..4 {
            let rotate = Effect::RotateGrant {
                tenant: demo(),
                id: stored.id,
                from: round,
                to: round + 1,
                mac_key: 1,
                now: START.plus_ms(round),
            };
            assert_eq!(at_once(&nodes, vec![vec![rotate]; 64]).await, 1, "{}", world.engine);
        }
        let needs = Needs { grant: Some(stored.id), ..Needs::default() };
        assert_eq!(world.load(needs).await.grant.unwrap().grant.generation, 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_guesses_at_once_count_as_a_hundred() {
    for world in worlds().await {
        let mut nodes = vec![world.store.clone()];
        nodes.extend(world.other_node().await);
        let count = Effect::CountAttempt { bucket: Bucket(5), now: START, window_ms: 1000, limit: 10 };
        assert_eq!(at_once(&nodes, vec![vec![count]; 100]).await, 10, "{}", world.engine);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_put_one_object_or_mark_one_succeeds() {
    for world in worlds().await {
        let mut nodes = vec![world.store.clone()];
        nodes.extend(world.other_node().await);
        let mark = Ticket { grant: None, ..code(3) };
        assert_eq!(at_once(&nodes, vec![vec![Effect::InsertTicket(mark)]; 16]).await, 1);
        let put = Effect::PutClient(crate::support::client("demo", "new"));
        assert_eq!(at_once(&nodes, vec![vec![put]; 16]).await, 1);
        let mut changed = crate::support::client("demo", "new");
        changed.version = 1;
        assert_eq!(at_once(&nodes, vec![vec![Effect::PutClient(changed)]; 16]).await, 1);
    }
}

#[tokio::test]
async fn events_come_back_in_the_order_of_their_commits() {
    for world in worlds().await {
        for number in [9, 3, 7] {
            world.commit(vec![Effect::Record(event(number))]).await;
            // On PostgreSQL the sequencer numbers them; here after each, so that the order is known.
            doorward_store::worker::sequencer::run_once(world.store.driver()).await.unwrap();
        }
        world.conflicts(vec![Effect::Record(event(3))]).await;
        let other = Event { tenant: "acme".into(), ..event(8) };
        world.commit(vec![Effect::Record(other.clone())]).await;
        doorward_store::worker::sequencer::run_once(world.store.driver()).await.unwrap();
        let all = world.store.events(None, 0, 10).await.unwrap();
        assert_eq!(all.iter().map(|row| row.event.id.0[0]).collect::<Vec<_>>(), [9, 3, 7, 8]);
        assert_eq!((all[0].event.clone(), all[3].event.clone()), (event(9), other));
        assert_eq!(all.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3, 4], "{}", world.engine);
        let own = world.store.events(Some(&demo()), all[0].seq, 10).await.unwrap();
        assert_eq!(own.iter().map(|row| row.event.id.0[0]).collect::<Vec<_>>(), [3, 7]);
        assert_eq!(world.store.events(Some(&demo()), 0, 1).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn many_events_at_once_are_each_written_once_and_in_their_order_or_none_is() {
    for world in worlds().await {
        let events: Vec<Event> = (1..=37).map(event).collect();
        world.store.record(&events).await.unwrap();
        doorward_store::worker::sequencer::run_once(world.store.driver()).await.unwrap();
        let found = world.store.events(None, 0, 100).await.unwrap();
        assert!(found.iter().map(|row| &row.event).eq(&events), "{}", world.engine);
        // The last one is there already.
        let again: Vec<Event> = (38..=60).map(event).chain([event(1)]).collect();
        assert_eq!(world.store.record(&again).await, Err(doorward_store::CommitError::Conflict));
        assert_eq!(world.rows("events").await, 37);
    }
}
