//! What an answer means: when it is tried again, when no more.

use doorward_core::Effect;
use doorward_core::model::EventKind;
use doorward_tests::sink::Answer;
use doorward_tests::{T1, TestApp};

use super::{World, numbers};

#[tokio::test]
async fn any_success_is_the_answer_and_nothing_else_is() {
    let world = World::installed().await;
    let mut number = 1;
    for status in [200, 201, 204, 299] {
        world.app.change("ins_1").await;
        number += 1;
        world.sink.answer([Answer::status(status)]);
        assert_eq!(numbers(&world.turns().await, "ins_1"), [number], "{status}");
    }
    let elsewhere = format!("Location: {}", world.sink.url("/elsewhere"));
    let failures = [
        Answer::status(300),
        Answer::with(302, &elsewhere),
        Answer::with(307, &elsewhere),
        Answer::status(400),
        Answer::status(404),
        Answer::status(500),
        Answer::Close,
        Answer::Raw(b"HTTP/9 nonsense\r\n\r\n".to_vec()),
    ];
    world.app.change("ins_1").await;
    let count = failures.len();
    world.sink.answer(failures);
    for at in 0..count {
        let heard = world.turns().await;
        assert_eq!(numbers(&heard, "ins_1"), [6], "attempt {at}: not followed, not taken for success");
        world.app.advance_s(3600);
    }
    assert_eq!(numbers(&world.turns().await, "ins_1"), [6]);
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"); 6]);
}

#[tokio::test]
async fn pauses_grow_to_an_hour_and_what_the_answer_asks_for_is_honoured() {
    let world = World::installed().await;
    world.app.change("ins_1").await;
    let mut longest = 5;
    for attempt in 0..14 {
        world.sink.answer([Answer::status(500)]);
        assert_eq!(world.turn().await.len(), 1, "attempt {attempt}");
        world.app.advance_s(longest * 3 / 4 - 1);
        assert!(world.turn().await.is_empty(), "attempt {attempt} came too early");
        world.app.advance_s(longest / 4 + 2);
        longest = (longest * 2).min(3600);
    }
    world.sink.answer([Answer::with(503, "Retry-After: 7200")]);
    assert_eq!(world.turn().await.len(), 1);
    world.app.advance_s(3599);
    assert!(world.turn().await.is_empty());
    world.app.advance_s(1);
    assert_eq!(world.turn().await.len(), 1, "not beyond the cap");
    // Delivered: the next one begins anew.
    world.app.change("ins_1").await;
    world.sink.answer([Answer::with(429, "Retry-After: 60")]);
    assert_eq!(world.turn().await.len(), 1);
    world.app.advance_s(59);
    assert!(world.turn().await.is_empty());
    world.app.advance_s(1);
    assert_eq!(world.turn().await.len(), 1);
}

#[tokio::test]
async fn gone_stops_the_line_until_somebody_resumes_it() {
    let world = World::installed().await;
    world.app.change("ins_1").await;
    world.sink.answer([Answer::status(410)]);
    assert_eq!(world.turn().await.len(), 1);
    world.app.change("ins_1").await;
    world.app.advance_s(30 * 86_400);
    assert!(world.turns().await.is_empty());
    assert_eq!(world.events(EventKind::WebhooksPaused).await.len(), 1);
    let findings = doorward_web::doctor::store(&world.app.store).await.unwrap();
    let found = findings.iter().find(|finding| finding.check == "webhooks.paused").expect("it is told");
    assert!(found.what.contains("ins_1 (gone)"), "{}", found.what);
    let now = world.app.clock.now();
    let resume = Effect::ResumeWebhooks { tenant: T1.into(), installation: "ins_1".into(), now };
    world.app.store.commit(vec![resume]).await.unwrap();
    assert_eq!(numbers(&world.turns().await, "ins_1"), [2, 3]);
}

#[tokio::test]
async fn an_address_that_leads_inside_is_told_of_once() {
    let app = TestApp::new().await;
    let extension = app.extension(100, "inside", Some("https://10.0.0.1/hook")).await;
    app.install_as(&extension, "ins_1", (0, "tenant/t1")).await;
    for _ in 0..4 {
        super::turns(&app.app).await;
        app.advance_s(3600);
    }
    let blocked = app.events().await.into_iter().filter(|event| event.kind == EventKind::SsrfBlocked).count();
    assert_eq!(blocked, 1);
    let attempts = app.store.webhook_attempts(&T1.into(), &"ins_1".into(), None, 10).await.unwrap();
    assert_eq!(attempts.len(), 4);
    let error = attempts[0].error.as_deref().unwrap();
    assert!(error.contains("outbound policy") && !error.contains("10.0.0.1"), "{error}");
}

#[tokio::test]
async fn that_an_installation_is_gone_is_tried_for_days_and_then_given_up() {
    let world = World::installed().await;
    world.app.uninstall("ins_1").await;
    for _ in 0..(3 * 24) {
        world.sink.answer([Answer::status(500)]);
        world.turn().await;
        world.app.advance_s(3600);
    }
    world.sink.answer([Answer::status(500)]);
    assert_eq!(world.turn().await.len(), 1);
    world.app.advance_s(30 * 86_400);
    assert!(world.turns().await.is_empty());
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), Some("given_up")]);
    let given_up = world.events(EventKind::WebhookGivenUp).await;
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0].installation, Some("ins_1".into()));
    assert_eq!(world.app.rows("webhook_queues").await, 0);
}

#[tokio::test]
async fn who_is_gone_when_it_is_told_that_an_installation_is_has_nothing_left_to_hear() {
    let world = World::installed().await;
    world.app.uninstall("ins_1").await;
    world.sink.answer([Answer::status(410)]);
    assert_eq!(numbers(&world.turns().await, "ins_1"), [2]);
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), Some("given_up")]);
    let told = (
        world.events(EventKind::WebhooksPaused).await.len(),
        world.events(EventKind::WebhookGivenUp).await.len(),
    );
    assert_eq!((told, world.app.rows("webhook_queues").await), ((0, 1), 0), "no line is left that is paused");
}

#[tokio::test]
async fn what_is_no_removal_is_never_given_up() {
    let world = World::installed().await;
    world.app.change("ins_1").await;
    for _ in 0..2 {
        world.sink.answer([Answer::status(500)]);
        assert_eq!(numbers(&world.turns().await, "ins_1"), [2]);
        world.app.advance_s(10 * 86_400);
    }
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), None]);
    assert_eq!(numbers(&world.turns().await, "ins_1"), [2]);
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"); 2]);
}
