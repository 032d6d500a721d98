//! Strictly in order per installation, whatever fails, whoever dies, and on however many nodes.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_tests::chance::Chance;
use doorward_tests::sink::Answer;
use doorward_web::webhook::worker::{Delivering, deliver_due};

use super::{World, loopback, numbers, turns};

/// What was acknowledged of each installation, in the order in which it was heard.
fn in_order(heard: &[(String, i64, String)]) {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let mut ids: BTreeMap<(&str, i64), &str> = BTreeMap::new();
    for (installation, number, id) in heard {
        let before = last.insert(installation, *number).unwrap_or(0);
        assert!(*number == before || *number == before + 1, "{installation}: {number} after {before}");
        let known = ids.entry((installation, *number)).or_insert(id);
        assert_eq!(known, id, "{installation}: {number} was told as something new");
    }
}

fn told(heard: &[doorward_tests::sink::Heard]) -> Vec<(String, i64, String)> {
    let of = |heard: &doorward_tests::sink::Heard| {
        let body = heard.json();
        let id = heard.header("webhook-id").to_owned();
        (
            body["installation"].as_str().expect("an id").to_owned(),
            body["number"].as_i64().expect("a number"),
            id,
        )
    };
    heard.iter().map(of).collect()
}

#[tokio::test]
async fn events_of_an_installation_are_told_in_their_order_whatever_fails() {
    let world = World::new().await;
    let mut chance = Chance::of_environment("webhooks in order");
    for at in 0..8 {
        let context = format!("project/p{at}");
        world.app.context(10 + at, &context, &[]).await;
        world.app.install_as(&world.extension, &format!("ins_{at}"), (10 + at, &context)).await;
    }
    let mut heard = Vec::new();
    for _ in 0..60 {
        for _ in 0..2 {
            world.app.change(&format!("ins_{}", chance.below(8))).await;
        }
        let answers = (0..chance.below(6)).map(|_| match chance.below(5) {
            0 => Answer::status(500),
            1 => Answer::Close,
            2 => Answer::with(503, "Retry-After: 1"),
            3 => Answer::Raw(b"no HTTP at all".to_vec()),
            _ => Answer::status(200),
        });
        world.sink.answer(answers.collect::<Vec<_>>());
        heard.extend(told(&world.turn().await));
        world.app.advance_s(i64::try_from(chance.below(30)).unwrap());
    }
    for _ in 0..50 {
        world.app.advance_s(3600);
        heard.extend(told(&world.turns().await));
    }
    in_order(&heard);
    for at in 0..8 {
        let id = format!("ins_{at}");
        let last = heard.iter().rev().find(|(installation, ..)| *installation == id).unwrap().1;
        assert_eq!(last, world.app.standing(&id).await.version, "{id}: something was lost");
        assert!(world.outcomes(&id).await.iter().all(|outcome| *outcome == Some("delivered")));
    }
    assert_eq!(world.app.rows("webhook_queues").await, 0);
}

#[tokio::test]
async fn who_dies_in_the_middle_loses_nothing_and_passes_nothing_over() {
    let world = World::installed().await;
    for _ in 0..5 {
        world.app.change("ins_1").await;
    }
    let mut heard = Vec::new();
    for _ in 2..=6 {
        world.sink.answer([Answer::Hang]);
        let mut dying = Delivering::default();
        assert_eq!(dying.turn(&world.app.app).await.unwrap(), 1);
        while world.sink.heard().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(dying);
        heard.extend(told(&world.sink.take()));
        assert_eq!(deliver_due(&world.app.app).await.unwrap(), 0, "its lease has not ended");
        world.app.advance_s(20);
        heard.extend(told(&world.turn().await));
    }
    let numbers: Vec<i64> = heard.iter().map(|(_, number, _)| *number).collect();
    assert_eq!(numbers, [2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
    for pair in heard.chunks(2) {
        assert_eq!(pair[0].2, pair[1].2, "it was told again as something new");
    }
}

#[tokio::test]
async fn two_nodes_tell_each_thing_once_and_in_order() {
    let world = World::new().await;
    let Some((other, _)) = world.app.second_node_fetching(loopback()).await else { return };
    for at in 0..20 {
        let context = format!("project/p{at}");
        world.app.context(10 + at, &context, &[]).await;
        world.app.install_as(&world.extension, &format!("ins_{at}"), (10 + at, &context)).await;
        for _ in 0..4 {
            world.app.change(&format!("ins_{at}")).await;
        }
    }
    let nodes = [Arc::clone(&world.app.app), other];
    let running = nodes.map(|node| {
        tokio::spawn(async move {
            for _ in 0..40 {
                turns(&node).await;
                tokio::task::yield_now().await;
            }
        })
    });
    for node in running {
        node.await.unwrap();
    }
    let heard = world.sink.take();
    in_order(&told(&heard));
    assert_eq!(heard.len(), 100, "each was told once");
    for at in 0..20 {
        assert_eq!(numbers(&heard, &format!("ins_{at}")), [1, 2, 3, 4, 5]);
    }
}

#[tokio::test]
async fn an_extension_that_does_not_answer_costs_the_others_nothing() {
    let world = World::new().await;
    let dead = doorward_tests::sink::Sink::new().await;
    let silent = world.app.extension(1, "silent", Some(&dead.url("/"))).await;
    for at in 0..40 {
        let context = format!("project/p{at}");
        world.app.context(10 + at, &context, &[]).await;
        world.app.install_as(&silent, &format!("ins_dead{at:02}"), (10 + at, &context)).await;
        dead.answer([Answer::Hang]);
    }
    world.app.advance_s(1);
    for at in 0..40 {
        let context = (10 + at, &*format!("project/p{at}"));
        world.app.install_as(&world.extension, &format!("ins_live{at:02}"), context).await;
    }
    let mut delivering = Delivering::default();
    while world.sink.heard().len() < 40 {
        delivering.turn(&world.app.app).await.unwrap();
        let _one = tokio::time::timeout(std::time::Duration::from_millis(50), delivering.one()).await;
        assert!(dead.heard().len() <= 16, "it has more places than are its own");
    }
}
