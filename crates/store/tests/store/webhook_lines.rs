//! A line that somebody is at, or that is paused: who lost its lease moves nothing of it, and what is done to it meanwhile waits.

use doorward_core::Effect;
use doorward_core::id::InstallationId;
use doorward_core::installation;
use doorward_core::model::Actor;
use doorward_store::webhooks::{LEASE_MS, Line, Next, Outcome};

use crate::extensions::installed;
use crate::support::{START, World, demo, worlds};
use crate::webhooks::{change, claim, effects, go_on, install, number, remove, turn};

const HOUR_MS: i64 = 3_600_000;

fn ins(number: u8) -> InstallationId {
    InstallationId(format!("ins_{number}"))
}

fn skip(world: &World, number: i64) -> Effect {
    Effect::SkipWebhook { tenant: demo(), installation: ins(1), number, now: world.store.now() }
}

fn resend(world: &World, number: i64) -> Effect {
    Effect::ResendWebhook { tenant: demo(), installation: ins(1), number, now: world.store.now() }
}

fn pause(world: &World, reason: &str) -> Effect {
    let (reason, now) = (reason.to_owned(), world.store.now());
    Effect::PauseWebhooks { tenant: demo(), installation: ins(1), number: 3, reason, now }
}

fn resume(world: &World) -> Effect {
    Effect::ResumeWebhooks { tenant: demo(), installation: ins(1), now: world.store.now() }
}

fn abort(world: &World, before: i64) -> Effect {
    Effect::AbortWebhooks { tenant: demo(), installation: ins(1), before, now: world.store.now() }
}

fn hold(world: &World, number: i64, lease: &str) -> Effect {
    let (lease, now) = (lease.to_owned(), world.store.now());
    Effect::HoldWebhooks { tenant: demo(), installation: ins(1), number, lease, now }
}

fn settle(world: &World, number: i64, lease: &str) -> Effect {
    let (lease, now) = (lease.to_owned(), world.store.now());
    Effect::SettleWebhook { tenant: demo(), installation: ins(1), number, lease, is_delivered: true, now }
}

async fn line(world: &World) -> Line {
    world.store.webhook_line(&demo(), &ins(1)).await.unwrap()
}

/// Three that wait.
async fn three(world: &World) {
    install(world).await;
    change(world).await;
    change(world).await;
}

/// Another installation of the same extension.
async fn install_another(world: &World) {
    let install = effects(world, |ctx| installation::install(installed("ins_2", 5), &Actor::Operator, ctx));
    world.commit(install).await;
}

/// After as long as it takes, nobody is given the line, and it is paused as it was.
async fn stays_paused(world: &World, case: usize) {
    go_on(world, 10 * LEASE_MS);
    assert_eq!(claim(&world.store, "nobody").await, None, "{}: {case}", world.engine);
    let line = world.store.webhook_queue(&demo(), &ins(1)).await.unwrap().expect("it stands");
    let paused = (line.paused_at, line.reason.as_deref());
    assert_eq!(paused, (Some(START), Some("first")), "{}: {case}", world.engine);
}

#[tokio::test]
async fn who_lost_the_lease_moves_no_line() {
    let now = START.plus_ms(LEASE_MS);
    let nexts = [
        Next::On(Outcome::Delivered),
        Next::Later(now),
        Next::Blocked(now),
        Next::Hold(now),
        Next::Stop("gone"),
    ];
    for next in nexts {
        for world in worlds().await {
            let late = world.other_node().await.unwrap_or(world.store.clone());
            install(&world).await;
            let lost = claim(&late, "lost").await.unwrap();
            go_on(&world, LEASE_MS);
            let held = claim(&world.store, "held").await.unwrap();
            turn(&late, &lost, next.clone()).await;
            change(&world).await;
            assert_eq!(claim(&late, "c").await, None, "{}: {next:?}: it is claimed", world.engine);
            turn(&world.store, &held, Next::On(Outcome::Delivered)).await;
            let second = claim(&world.store, "d").await.unwrap();
            let found = (number(&second), second.attempts, second.blocked_at);
            assert_eq!(found, (2, 0, None), "{}: {next:?}", world.engine);
        }
    }
}

#[tokio::test]
async fn a_line_is_held_for_its_only_event_and_goes_on_when_that_is_settled() {
    for world in worlds().await {
        let (store, engine) = (&world.store, world.engine);
        install(&world).await;
        assert_eq!(line(&world).await, Line::Waiting, "{engine}");
        world.conflicts(vec![hold(&world, 2, "a")]).await;
        world.commit(vec![hold(&world, 1, "a")]).await;
        assert_eq!(line(&world).await, Line::Taken, "{engine}");
        world.conflicts(vec![hold(&world, 1, "b")]).await;
        change(&world).await;
        go_on(&world, LEASE_MS - 1);
        assert_eq!(claim(store, "c").await, None, "{engine}: it is held");
        world.conflicts(vec![settle(&world, 1, "b")]).await;
        world.commit(vec![settle(&world, 1, "a")]).await;
        world.conflicts(vec![settle(&world, 1, "a")]).await;
        let next = claim(store, "c").await.expect("it goes on at once");
        assert_eq!(number(&next), 2, "{engine}");
        turn(store, &next, Next::On(Outcome::Delivered)).await;
        assert_eq!(
            (line(&world).await, store.webhook_queue(&demo(), &ins(1)).await.unwrap()),
            (Line::Free, None)
        );
        // Of one that nothing follows, nothing is left.
        change(&world).await;
        world.commit(vec![hold(&world, 3, "d")]).await;
        world.commit(vec![settle(&world, 3, "d")]).await;
        assert_eq!(store.webhook_queue(&demo(), &ins(1)).await.unwrap(), None, "{engine}");
    }
}

#[tokio::test]
async fn who_held_a_line_for_too_long_settles_nothing() {
    type Act = fn(&World) -> Effect;
    let acts: [Act; 3] = [|world| skip(world, 2), |world| resend(world, 1), |world| abort(world, 3)];
    for world in worlds().await {
        let late = world.other_node().await.unwrap_or(world.store.clone());
        install(&world).await;
        world.commit(vec![hold(&world, 1, "a")]).await;
        go_on(&world, LEASE_MS);
        assert_eq!(line(&world).await, Line::Waiting, "{}", world.engine);
        let claimed = claim(&late, "b").await.expect("the lease is over");
        world.conflicts(vec![settle(&world, 1, "a")]).await;
        turn(&late, &claimed, Next::On(Outcome::Delivered)).await;
        world.conflicts(vec![settle(&world, 1, "a")]).await;
    }
    // Nor does who held it while it was settled in another way, or something was put back before it.
    for (case, act) in acts.into_iter().enumerate() {
        for world in worlds().await {
            install(&world).await;
            let first = claim(&world.store, "a").await.unwrap();
            turn(&world.store, &first, Next::On(Outcome::Delivered)).await;
            change(&world).await;
            world.commit(vec![hold(&world, 2, "b")]).await;
            world.commit(vec![act(&world)]).await;
            world.conflicts(vec![settle(&world, 2, "b")]).await;
            go_on(&world, LEASE_MS - 1);
            assert_eq!(claim(&world.store, "c").await, None, "{}: {case}", world.engine);
        }
    }
}

#[tokio::test]
async fn a_paused_line_is_held_and_stays_paused() {
    for world in worlds().await {
        install(&world).await;
        let first = claim(&world.store, "a").await.unwrap();
        turn(&world.store, &first, Next::Stop("first")).await;
        world.commit(vec![hold(&world, 1, "b")]).await;
        stays_paused(&world, 0).await;
        world.commit(vec![settle(&world, 1, "b")]).await;
        stays_paused(&world, 1).await;
    }
}

#[tokio::test]
async fn what_is_done_to_a_line_waits_for_who_is_at_it() {
    type Act = fn(&World) -> Vec<Effect>;
    let acts: [Act; 4] = [
        |world| vec![skip(world, 3)],
        |world| vec![resend(world, 1)],
        // Who is at it has it no longer, and yet it waits for them.
        |world| vec![resend(world, 1), skip(world, 3)],
        |world| vec![pause(world, "first"), resume(world)],
    ];
    for (case, act) in acts.into_iter().enumerate() {
        for world in worlds().await {
            three(&world).await;
            world.commit(vec![skip(&world, 1)]).await;
            assert_eq!(number(&claim(&world.store, "a").await.unwrap()), 2);
            world.commit(act(&world)).await;
            assert_eq!(world.store.webhooks_due(&[], 10).await.unwrap(), []);
            go_on(&world, LEASE_MS - 1);
            assert_eq!(claim(&world.store, "b").await, None, "{}: {case}: two at once", world.engine);
            go_on(&world, 1);
            assert!(claim(&world.store, "b").await.is_some(), "{}: {case}", world.engine);
        }
    }
}

#[tokio::test]
async fn a_line_that_is_paused_stays_so_whatever_is_done_to_it() {
    type Act = fn(&World) -> Effect;
    // What is told next, once it goes on.
    let acts: [(Act, i64); 4] = [
        (|world| skip(world, 2), 3),
        (|world| resend(world, 1), 1),
        (|world| abort(world, 3), 3),
        (|world| pause(world, "again"), 2),
    ];
    for (case, (act, next)) in acts.into_iter().enumerate() {
        for world in worlds().await {
            let store = &world.store;
            three(&world).await;
            let first = claim(store, "a").await.unwrap();
            turn(store, &first, Next::On(Outcome::Delivered)).await;
            world.commit(vec![pause(&world, "first")]).await;
            stays_paused(&world, case).await;
            world.commit(vec![act(&world)]).await;
            stays_paused(&world, case).await;
            change(&world).await;
            stays_paused(&world, case).await;
            world.commit(vec![resume(&world)]).await;
            let goes_on = claim(store, "b").await.expect("it is due at once");
            assert_eq!(number(&goes_on), next, "{}: {case}", world.engine);
        }
    }
}

#[tokio::test]
async fn a_line_that_is_paused_while_somebody_is_at_it_stops_after_this_one() {
    let later = START.plus_ms(1);
    let nexts = [
        Next::On(Outcome::Delivered),
        Next::Later(later),
        Next::Blocked(later),
        Next::Hold(later),
        Next::Stop("gone"),
    ];
    for has_more in [false, true] {
        for (case, next) in nexts.iter().enumerate() {
            for world in worlds().await {
                install(&world).await;
                if has_more {
                    change(&world).await;
                }
                let claimed = claim(&world.store, "a").await.unwrap();
                world.commit(vec![pause(&world, "first")]).await;
                go_on(&world, 1);
                turn(&world.store, &claimed, next.clone()).await;
                stays_paused(&world, case).await;
                world.commit(vec![resume(&world)]).await;
                assert!(claim(&world.store, "b").await.is_some(), "{}: {next:?}: at once", world.engine);
            }
        }
    }
}

#[tokio::test]
async fn who_stops_a_line_stops_it_at_once() {
    for world in worlds().await {
        install(&world).await;
        let first = claim(&world.store, "a").await.unwrap();
        turn(&world.store, &first, Next::Stop("first")).await;
        stays_paused(&world, 0).await;
    }
}

#[tokio::test]
async fn what_is_let_go_on_is_turned_to_at_once_and_its_pauses_begin_anew() {
    type Act = fn(&World) -> Vec<Effect>;
    let acts: [(Act, i64); 3] = [
        (|world| vec![skip(world, 2)], 3),
        (|world| vec![resend(world, 1)], 1),
        (|world| vec![pause(world, "first"), resume(world)], 2),
    ];
    for (case, (act, next)) in acts.into_iter().enumerate() {
        for world in worlds().await {
            let store = &world.store;
            three(&world).await;
            let first = claim(store, "a").await.unwrap();
            turn(store, &first, Next::On(Outcome::Delivered)).await;
            let second = claim(store, "b").await.unwrap();
            turn(store, &second, Next::Later(store.now().plus_ms(HOUR_MS))).await;
            install_another(&world).await;
            let other = claim(store, "c").await.unwrap();
            turn(store, &other, Next::Later(store.now().plus_ms(HOUR_MS))).await;
            world.commit(act(&world)).await;
            let due = store.webhooks_due(&[], 10).await.unwrap();
            assert_eq!(due.len(), 1, "{}: {case}: the other one is put off", world.engine);
            let goes_on = claim(store, "d").await.unwrap();
            let found = (goes_on.installation.clone(), number(&goes_on), goes_on.attempts);
            assert_eq!(found, (ins(1), next, 0), "{}: {case}", world.engine);
        }
    }
}

#[tokio::test]
async fn what_is_sent_again_passes_nothing_over_that_waits_before_it() {
    for world in worlds().await {
        three(&world).await;
        world.commit(vec![skip(&world, 2)]).await;
        world.commit(vec![resend(&world, 2)]).await;
        for expected in 1..=3 {
            let claimed = claim(&world.store, &format!("lease {expected}")).await.unwrap();
            assert_eq!(number(&claimed), expected, "{}", world.engine);
            turn(&world.store, &claimed, Next::On(Outcome::Delivered)).await;
        }
    }
}

#[tokio::test]
async fn who_claims_several_gets_those_that_nobody_has() {
    for world in worlds().await {
        install(&world).await;
        let held = claim(&world.store, "a").await.unwrap();
        install_another(&world).await;
        let claimed = world.store.claim_webhooks(&[ins(1), ins(2)], "b").await.unwrap();
        let of: Vec<_> = claimed.iter().map(|claimed| claimed.installation.clone()).collect();
        assert_eq!((held.installation, of), (ins(1), vec![ins(2)]), "{}", world.engine);
    }
}

#[tokio::test]
async fn what_is_aborted_is_what_waited_until_then() {
    for world in worlds().await {
        three(&world).await;
        let first = claim(&world.store, "a").await.unwrap();
        turn(&world.store, &first, Next::On(Outcome::Delivered)).await;
        world.commit(vec![abort(&world, 3)]).await;
        let told = world.store.webhooks(&demo(), &ins(1), None, 10).await.unwrap();
        let outcomes: Vec<_> = told.iter().map(|told| told.outcome).collect();
        assert_eq!(
            outcomes,
            [None, Some(Outcome::Aborted), Some(Outcome::Delivered)],
            "{}: what was told stays told",
            world.engine
        );
    }
}

#[tokio::test]
async fn only_what_nobody_is_told_of_any_more_is_given_up() {
    for world in worlds().await {
        install(&world).await;
        remove(&world).await;
        let left = world.store.webhooks_left(START.plus_ms(1)).await.unwrap();
        assert_eq!(left, [], "{}: it is still tried", world.engine);
    }
}

#[tokio::test]
async fn an_answer_that_comes_after_a_removal_passes_nothing_over() {
    for world in worlds().await {
        install(&world).await;
        change(&world).await;
        let first = claim(&world.store, "a").await.unwrap();
        remove(&world).await;
        turn(&world.store, &first, Next::On(Outcome::Delivered)).await;
        let last = claim(&world.store, "b").await.expect("it is due at once");
        assert_eq!(number(&last), 3, "{}", world.engine);
    }
}
