//! Whose turn it is to be told: order, leases, pauses, and what becomes of what waits.

use doorward_core::id::{EventId, ExtensionKey, InstallationId};
use doorward_core::installation;
use doorward_core::model::{Actor, Event, EventKind, Installation, Life, WebhookKind};
use doorward_core::{Ctx, Effect};
use doorward_crypto::random::SystemRandom;
use doorward_store::Store;
use doorward_store::webhooks::{Attempt, Claimed, LEASE_MS, Next, Outcome};

use crate::extensions::{extension, installed};
use crate::support::{START, World, demo, worlds};

pub fn effects<T>(world: &World, make: impl FnOnce(&mut Ctx<'_>) -> T) -> T {
    let mut rng = SystemRandom;
    make(&mut Ctx { now: world.store.now(), rng: &mut rng, request_id: "r", address: "" })
}

async fn standing(world: &World) -> Installation {
    world.store.installation(&demo(), &"ins_1".into()).await.unwrap().unwrap()
}

pub async fn install(world: &World) {
    world.commit(vec![Effect::PutExtension(Box::new(extension(1, "shop")))]).await;
    let install = effects(world, |ctx| installation::install(installed("ins_1", 0), &Actor::Operator, ctx));
    world.commit(install).await;
}

/// One more event.
pub async fn change(world: &World) {
    let row = standing(world).await;
    let update =
        effects(world, |ctx| installation::update(row, serde_json::json!([]), &Actor::Operator, ctx));
    world.commit(update).await;
}

pub async fn remove(world: &World) {
    let row = standing(world).await;
    let remove = effects(world, |ctx| installation::remove(&row, &Actor::Operator, ctx).unwrap());
    world.commit(remove).await;
}

/// What a node claims that is due now.
pub async fn claim(store: &Store, lease: &str) -> Option<Claimed> {
    let due = store.webhooks_due(&[], 10).await.unwrap();
    let wanted: Vec<InstallationId> = due.into_iter().map(|due| due.installation).collect();
    let mut claimed = store.claim_webhooks(&wanted, lease).await.unwrap();
    assert!(claimed.len() <= 1);
    claimed.pop()
}

pub async fn turn(store: &Store, claimed: &Claimed, next: Next) {
    store.turn_webhook(claimed, &next, None, &[]).await.unwrap();
}

pub fn number(claimed: &Claimed) -> i64 {
    claimed.head.as_ref().unwrap().number
}

pub fn go_on(world: &World, ms: i64) {
    world.store.clock().advance_ms(ms);
}

#[tokio::test]
async fn events_go_out_one_after_the_other_and_nothing_is_left_of_an_empty_line() {
    for world in worlds().await {
        let store = &world.store;
        install(&world).await;
        change(&world).await;
        let first = claim(store, "a").await.unwrap();
        assert_eq!((number(&first), first.head.as_ref().unwrap().kind), (1, WebhookKind::Added));
        assert_eq!(claim(store, "b").await, None, "{}: it is claimed", world.engine);
        assert!(store.claim_webhooks(&["ins_1".into()], "b").await.unwrap().is_empty());
        turn(store, &first, Next::On(Outcome::Delivered)).await;
        let second = claim(store, "c").await.unwrap();
        assert_eq!(number(&second), 2);
        turn(store, &second, Next::On(Outcome::Delivered)).await;
        assert_eq!(world.rows("webhook_queues").await, 0, "{}", world.engine);
        change(&world).await;
        let third = claim(store, "d").await.unwrap();
        assert_eq!((number(&third), third.attempts), (3, 0));
        // Something comes while the last one is on its way.
        change(&world).await;
        assert_eq!(claim(store, "e").await, None);
        turn(store, &third, Next::On(Outcome::Delivered)).await;
        assert_eq!(number(&claim(store, "f").await.unwrap()), 4, "{}", world.engine);
    }
}

#[tokio::test]
async fn who_dies_leaves_it_to_the_end_of_the_lease_and_who_comes_late_moves_no_line() {
    for world in worlds().await {
        let store = world.other_node().await.unwrap_or(world.store.clone());
        install(&world).await;
        change(&world).await;
        let dead = claim(&world.store, "dead").await.unwrap();
        go_on(&world, LEASE_MS - 1);
        assert_eq!(claim(&store, "b").await, None, "{}", world.engine);
        go_on(&world, 1);
        let next = claim(&store, "b").await.unwrap();
        assert_eq!((number(&dead), number(&next)), (1, 1), "{}: told again, not lost", world.engine);
        // Whoever was thought dead had been answered: that is known now, and the line is the other's.
        turn(&world.store, &dead, Next::On(Outcome::Delivered)).await;
        assert_eq!(claim(&store, "c").await, None);
        turn(&store, &next, Next::Later(store.now().plus_ms(5000))).await;
        go_on(&world, 5000);
        assert_eq!(number(&claim(&store, "d").await.unwrap()), 2, "{}", world.engine);
    }
}

#[tokio::test]
async fn two_that_claim_at_once_have_one_winner() {
    for world in worlds().await {
        let other = world.other_node().await.unwrap_or(world.store.clone());
        install(&world).await;
        for round in 0..20 {
            let wanted: [InstallationId; 1] = ["ins_1".into()];
            let (a, b) = (format!("a{round}"), format!("b{round}"));
            let (one, two) =
                tokio::join!(world.store.claim_webhooks(&wanted, &a), other.claim_webhooks(&wanted, &b));
            let won = [one.unwrap(), two.unwrap()].concat();
            assert_eq!(won.len(), 1, "{}", world.engine);
            turn(&world.store, &won[0], Next::Hold(world.store.now())).await;
        }
    }
}

#[tokio::test]
async fn what_fails_is_put_off_and_counts() {
    for world in worlds().await {
        let store = &world.store;
        install(&world).await;
        let first = claim(store, "a").await.unwrap();
        turn(store, &first, Next::Later(START.plus_ms(5000))).await;
        assert_eq!(claim(store, "b").await, None);
        // A new event does not bring what is put off forward.
        change(&world).await;
        assert_eq!(claim(store, "b").await, None, "{}", world.engine);
        go_on(&world, 5000);
        let again = claim(store, "b").await.unwrap();
        assert_eq!((number(&again), again.attempts, again.blocked_at), (1, 1, None));
        turn(store, &again, Next::Blocked(store.now())).await;
        let blocked = claim(store, "c").await.unwrap();
        assert_eq!((blocked.attempts, blocked.blocked_at), (2, Some(START.plus_ms(5000))));
        turn(store, &blocked, Next::Hold(store.now())).await;
        let held = claim(store, "d").await.unwrap();
        assert_eq!(held.attempts, 2, "what was not tried does not count");
        turn(store, &held, Next::On(Outcome::Delivered)).await;
        let next = claim(store, "e").await.unwrap();
        assert_eq!((number(&next), next.attempts, next.blocked_at), (2, 0, None), "{}", world.engine);
    }
}

#[tokio::test]
async fn a_removal_aborts_what_waits_and_is_due_at_once_but_waits_for_who_is_at_it() {
    for world in worlds().await {
        let store = &world.store;
        install(&world).await;
        change(&world).await;
        let first = claim(store, "a").await.unwrap();
        turn(store, &first, Next::Later(START.plus_s(3600))).await;
        remove(&world).await;
        let removed = claim(store, "b").await.unwrap();
        assert_eq!((number(&removed), removed.head.as_ref().unwrap().kind), (3, WebhookKind::Removed));
        assert_eq!(removed.attempts, 0, "{}: its pauses begin anew", world.engine);
        let told = store.webhooks(&demo(), &"ins_1".into(), None, 10).await.unwrap();
        let outcomes: Vec<_> = told.iter().map(|told| (told.event.number, told.outcome)).collect();
        let aborted = Some(Outcome::Aborted);
        assert_eq!(outcomes, [(3, None), (2, aborted), (1, aborted)], "{}", world.engine);

        // The same while an earlier one is on its way.
        let again = Installation { version: 0, life: Life::Enabled, ..installed("ins_2", 5) };
        let install = effects(&world, |ctx| installation::install(again, &Actor::Operator, ctx));
        world.commit(install).await;
        turn(store, &removed, Next::On(Outcome::Delivered)).await;
        let under_way = claim(store, "c").await.unwrap();
        let row = store.installation(&demo(), &"ins_2".into()).await.unwrap().unwrap();
        let gone = effects(&world, |ctx| installation::remove(&row, &Actor::Operator, ctx).unwrap());
        world.commit(gone).await;
        assert_eq!(claim(store, "d").await, None, "{}: two would be on their way", world.engine);
        turn(store, &under_way, Next::Later(START.plus_s(3600))).await;
        let last = claim(store, "d").await.unwrap();
        assert_eq!((number(&last), last.attempts), (2, 0), "{}", world.engine);
    }
}

#[tokio::test]
async fn a_line_is_paused_resumed_skipped_and_sent_again() {
    for world in worlds().await {
        let store = &world.store;
        let id: InstallationId = "ins_1".into();
        install(&world).await;
        let first = claim(store, "a").await.unwrap();
        turn(store, &first, Next::Stop("gone")).await;
        change(&world).await;
        go_on(&world, 10 * LEASE_MS);
        assert_eq!(claim(store, "b").await, None);
        let line = store.webhook_queue(&demo(), &id).await.unwrap().unwrap();
        assert_eq!((line.reason.as_deref(), line.paused_at, line.last), (Some("gone"), Some(START), 2));
        assert_eq!(store.webhooks_stuck(&demo(), 10, 10).await.unwrap(), [line]);
        let now = store.now();
        let (tenant, installation) = (demo(), id.clone());
        let resume = Effect::ResumeWebhooks { tenant, installation, now };
        world.commit(vec![resume.clone()]).await;
        world.conflicts(vec![resume]).await;
        let skip = |number| Effect::SkipWebhook { tenant: demo(), installation: id.clone(), number, now };
        world.commit(vec![skip(1)]).await;
        world.conflicts(vec![skip(1)]).await;
        let second = claim(store, "c").await.unwrap();
        assert_eq!(number(&second), 2);
        // One from before is sent again while this is on its way: it is not passed over.
        let resend = |number| Effect::ResendWebhook { tenant: demo(), installation: id.clone(), number, now };
        world.conflicts(vec![resend(2)]).await;
        world.commit(vec![resend(1)]).await;
        turn(store, &second, Next::On(Outcome::Delivered)).await;
        go_on(&world, LEASE_MS);
        let again = claim(store, "d").await.unwrap();
        assert_eq!(number(&again), 1, "{}", world.engine);
        turn(store, &again, Next::On(Outcome::Delivered)).await;
        while let Some(left) = claim(store, "e").await {
            assert_eq!(left.head, None);
            turn(store, &left, Next::On(Outcome::Delivered)).await;
        }
        assert_eq!(world.rows("webhook_queues").await, 0, "{}", world.engine);
        let pause = Effect::PauseWebhooks {
            tenant: demo(),
            installation: id.clone(),
            number: 2,
            reason: "admin".to_owned(),
            now,
        };
        world.commit(vec![pause]).await;
        change(&world).await;
        assert_eq!(claim(store, "f").await, None, "{}", world.engine);
        let waiting = store.webhooks_waiting().await.unwrap();
        assert_eq!((waiting.events, waiting.lines, waiting.paused), (1, 1, 1), "{}", world.engine);
        assert_eq!(waiting.oldest, Some(store.now()));
    }
}

#[tokio::test]
async fn a_secret_is_delivered_with_what_brought_it_and_attempts_are_kept_for_a_month() {
    for world in worlds().await {
        let store = &world.store;
        let id: InstallationId = "ins_1".into();
        install(&world).await;
        let secret = store.installation_secrets(&demo(), &id).await.unwrap().remove(0);
        assert!(store.undelivered_secret(&demo(), &id, &secret.id).await.unwrap().is_some());
        let first = claim(store, "a").await.unwrap();
        let attempt = Attempt {
            id: doorward_core::id::AttemptId::new(START, &mut SystemRandom).0,
            tenant: demo(),
            installation: id.clone(),
            number: 1,
            request_id: "req".to_owned(),
            at: START,
            duration_ms: 7,
            status: Some(204),
            error: None,
            answer: Some(b"ok".to_vec()),
        };
        store.turn_webhook(&first, &Next::On(Outcome::Delivered), Some(&attempt), &[]).await.unwrap();
        assert_eq!(store.undelivered_secret(&demo(), &id, &secret.id).await.unwrap(), None);
        assert_eq!(store.webhook_attempts(&demo(), &id, None, 10).await.unwrap(), [attempt]);
        let mut reaper = doorward_store::worker::reaper::Reaper::default();
        let day = 86_400_000;
        for (later, left) in [(29 * day, (1, 1)), (2 * day, (0, 0))] {
            go_on(&world, later);
            reaper.run_once(store.driver(), store.now()).await.unwrap();
            let rows = (world.rows("webhook_attempts").await, world.rows("webhook_events").await);
            assert_eq!(rows, left, "{}", world.engine);
        }
    }
}

#[tokio::test]
async fn busy_extensions_are_passed_over_and_what_was_removed_long_ago_is_given_up() {
    for world in worlds().await {
        let store = &world.store;
        install(&world).await;
        assert!(store.webhooks_due(&[ExtensionKey(1)], 10).await.unwrap().is_empty());
        assert_eq!(store.webhooks_due(&[ExtensionKey(2)], 10).await.unwrap().len(), 1);
        remove(&world).await;
        let last = claim(store, "a").await.unwrap();
        turn(store, &last, Next::Stop("gone")).await;
        assert!(store.webhooks_left(START).await.unwrap().is_empty());
        let left = store.webhooks_left(START.plus_ms(1)).await.unwrap();
        assert_eq!(left, [(demo(), "ins_1".into())]);
        let event = effects(&world, |ctx| Event::new(EventKind::WebhookGivenUp, &demo(), Actor::Server, ctx));
        store.give_up_webhooks(&demo(), &"ins_1".into(), &event).await.unwrap();
        let twice = Event { id: EventId([9; 16]), ..event };
        store.give_up_webhooks(&demo(), &"ins_1".into(), &twice).await.unwrap();
        let told = store.webhook(&demo(), &"ins_1".into(), 2).await.unwrap().unwrap();
        assert_eq!(
            (told.outcome, told.settled_at),
            (Some(Outcome::GivenUp), Some(START)),
            "{}",
            world.engine
        );
        let before = store.webhook(&demo(), &"ins_1".into(), 1).await.unwrap().unwrap();
        assert_eq!(before.outcome, Some(Outcome::Aborted), "{}: what was settled stays so", world.engine);
        assert_eq!(world.rows("webhook_queues").await, 0);
        store.driver().number_events(100).await.unwrap();
        let events = store.events(Some(&demo()), 0, 100).await.unwrap();
        let given_up = events.iter().filter(|found| found.event.kind == EventKind::WebhookGivenUp).count();
        assert_eq!(given_up, 1, "{}: told twice", world.engine);
    }
}

#[tokio::test]
async fn what_is_pulled_comes_in_the_order_of_commits_and_of_no_earlier_extension_of_the_id() {
    for world in worlds().await {
        let store = &world.store;
        install(&world).await;
        go_on(&world, 1);
        change(&world).await;
        go_on(&world, 1);
        remove(&world).await;
        store.driver().number_events(100).await.unwrap();
        let of = async |key: i64, after: i64, limit: usize| {
            let (news, on) =
                store.webhook_news(&demo(), (&"shop".into(), ExtensionKey(key)), after, limit).await.unwrap();
            (news.into_iter().map(|(_, event)| (event.number, event.kind)).collect::<Vec<_>>(), on)
        };
        let (two, on) = of(1, 0, 2).await;
        assert_eq!(two, [(1, WebhookKind::Added), (2, WebhookKind::Updated)], "{}", world.engine);
        let (rest, end) = of(1, on, 100).await;
        assert_eq!(rest, [(3, WebhookKind::Removed)]);
        assert_eq!(of(1, end, 100).await, (Vec::new(), end));
        assert!(of(2, 0, 100).await.0.is_empty(), "{}: another extension's", world.engine);
        let ever = store.installations_ever_of(&demo(), ExtensionKey(1), "", 10).await.unwrap();
        assert_eq!(ever[0].life, Life::Removed { at: START.plus_ms(2) });
    }
}

#[tokio::test]
async fn keys_and_secrets_are_opened_as_they_were_sealed_and_older_secrets_end() {
    for world in worlds().await {
        let store = &world.store;
        let key = store.fresh_webhook_key(&demo(), 1).await.unwrap();
        world.commit(vec![Effect::PutWebhookKey(key.clone())]).await;
        world
            .conflicts(vec![Effect::PutWebhookKey(store.fresh_webhook_key(&demo(), 1).await.unwrap())])
            .await;
        let found = store.webhook_key(&demo(), &key.serial).await.unwrap().unwrap();
        assert_eq!(found, key);
        assert_eq!(store.webhook_key(&"acme".into(), &key.serial).await.unwrap(), None);
        assert_eq!(store.open_webhook_key(&found).await.unwrap().public_base64(), key.public_key);
        assert_eq!(key.serial.len(), 36);
        let end = START.plus_s(60);
        let mut texts = Vec::new();
        for number in [1, 2] {
            let (record, made) = store.fresh_webhook_secret(&demo(), ExtensionKey(1), number).await.unwrap();
            texts.insert(0, made.text().expose().clone());
            world.commit(vec![Effect::PutWebhookSecret(record, end)]).await;
        }
        let open = async || {
            let found = store.webhook_secrets(&demo(), ExtensionKey(1)).await.unwrap();
            found.into_iter().map(|(_, made)| made.text().expose().clone()).collect::<Vec<_>>()
        };
        assert_eq!(open().await, texts, "{}", world.engine);
        go_on(&world, 60_000);
        assert_eq!(open().await, texts[..1], "{}", world.engine);
    }
}
