//! What administrators do with what extensions are told.

use doorward_core::model::EventKind;
use doorward_tests::sink::Answer;
use serde_json::{Value, json};

use super::{World, numbers};
use crate::admin::Admin;

const AT: &str = "/tenants/t1/installations/ins_1/webhooks";

async fn post(admin: &Admin<'_>, what: &str, body: Value) -> u16 {
    let reply = admin.json("POST", &format!("{AT}/{what}"), body).await;
    assert!(reply.status < 500, "{}", reply.body);
    reply.status
}

/// That it is not done, for a reason that the caller is told; not that something contradicts it.
async fn refuses(admin: &Admin<'_>, what: &str, why: &str) {
    let reply = admin.json("POST", &format!("{AT}/{what}"), json!({})).await;
    let told = reply.json();
    let found = (reply.status, told["type"].as_str(), told["detail"].as_str());
    assert_eq!(found, (409, Some("urn:doorward:problem:refused"), Some(why)), "{what}");
}

#[tokio::test]
async fn what_was_told_and_how_it_went_is_listed() {
    let world = World::installed().await;
    let admin = Admin::of_server(&world.app).await;
    world.app.advance_s(1);
    world.app.change("ins_1").await;
    world.sink.answer([Answer::Status(418, String::new(), b"no coffee".to_vec())]);
    world.turn().await;
    let told = admin.get(AT).await.json();
    let of = |at: usize| (told["items"][at]["number"].clone(), told["items"][at]["outcome"].clone());
    assert_eq!(of(0), (json!(2), json!("waiting")));
    assert_eq!(of(1), (json!(1), json!("delivered")));
    let tried = admin.get(&format!("{AT}/attempts")).await.json();
    let latest = &tried["items"][0];
    assert_eq!((&latest["status"], &latest["answer"]), (&json!(418), &json!("no coffee")));
    assert!(!told.to_string().contains("dwx_") && !tried.to_string().contains("dwx_"));
    let queue = admin.get(&format!("{AT}/queue")).await.json();
    assert_eq!((&queue["is_waiting"], &queue["attempts"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn it_is_paused_resumed_passed_over_and_sent_again() {
    let world = World::installed().await;
    let admin = Admin::of_server(&world.app).await;
    refuses(&admin, "resume", "it is not paused").await;
    assert_eq!(post(&admin, "pause", json!({ "reason": "their week-end" })).await, 204);
    world.app.change("ins_1").await;
    world.app.change("ins_1").await;
    assert!(world.turns().await.is_empty());
    let queue = admin.get(&format!("{AT}/queue")).await.json();
    assert_eq!(queue["paused_reason"], "their week-end");
    assert_eq!(post(&admin, "2/skip", json!({})).await, 204);
    refuses(&admin, "2/skip", "it does not wait any longer").await;
    refuses(&admin, "3/resend", "it waits to be told").await;
    assert_eq!(post(&admin, "9/resend", json!({})).await, 404);
    assert_eq!(post(&admin, "resume", json!({})).await, 204);
    // A line that is not paused, and then none.
    world.sink.answer([Answer::status(500)]);
    assert_eq!(numbers(&world.turns().await, "ins_1"), [3]);
    refuses(&admin, "resume", "it is not paused").await;
    world.app.advance_s(5);
    assert_eq!(numbers(&world.turns().await, "ins_1"), [3]);
    refuses(&admin, "resume", "it is not paused").await;
    assert_eq!(post(&admin, "1/resend", json!({})).await, 204);
    let again = world.turns().await;
    assert_eq!(numbers(&again, "ins_1"), [1]);
    assert_eq!(again[0].json()["secret_already_delivered"], true);
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), Some("skipped"), Some("delivered")]);
    use EventKind::{WebhookResent, WebhookSkipped, WebhooksPaused, WebhooksResumed};
    for kind in [WebhooksPaused, WebhooksResumed, WebhookSkipped, WebhookResent] {
        let told = world.events(kind).await;
        assert_eq!(told.len(), 1, "{kind:?}");
        assert_eq!(told[0].installation, Some("ins_1".into()));
    }
}

#[tokio::test]
async fn of_what_is_gone_only_that_is_told_again() {
    let world = World::installed().await;
    let admin = Admin::of_server(&world.app).await;
    world.app.uninstall("ins_1").await;
    assert_eq!(numbers(&world.turns().await, "ins_1"), [2]);
    assert_eq!(post(&admin, "1/resend", json!({})).await, 409);
    assert_eq!(post(&admin, "2/resend", json!({})).await, 204);
    assert_eq!(numbers(&world.turns().await, "ins_1"), [2]);
}

#[tokio::test]
async fn a_dry_run_of_each_kind_shows_the_answer_and_changes_nothing() {
    let world = World::installed().await;
    let admin = Admin::of_server(&world.app).await;
    world.app.rotate("ins_1").await;
    let before = (world.app.rows("events").await, world.app.rows("webhook_attempts").await);
    let row = world.app.standing("ins_1").await;
    for kind in ["Added", "Updated", "SecretRotated", "Removed"] {
        world.sink.answer([Answer::Status(202, String::new(), kind.as_bytes().to_vec())]);
        let reply = admin.json("POST", &format!("{AT}/dry-run"), json!({ "kind": kind })).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let told = reply.json();
        assert_eq!((&told["status"], &told["answer"]), (&json!(202), &json!(kind)));
        assert_eq!(told["is_success"], true);
        let heard = world.sink.take().remove(0);
        assert_eq!(heard.target, "/hook/tenant/t1?of=shop&dry_run=true");
        let body = heard.json();
        assert_eq!((&body["kind"], &body["dry_run"]), (&json!(kind), &json!(true)));
        assert!(!body.to_string().contains("dwx_"));
        let (key, shared) = world.verified_by().await;
        assert!(heard.is_signed(&key, &shared, 1_767_225_600));
    }
    // Of large fields the beginning is told, as of a body.
    world.sink.answer([Answer::with(200, &format!("X-Large: {}", "y".repeat(8_000)))]);
    let large =
        admin.json("POST", &format!("{AT}/dry-run"), json!({ "kind": "Added" })).await.text("headers");
    assert!(large.len() == 4096 && large.contains("x-large: yyy"), "{large}");
    world.sink.take();
    world.sink.answer([Answer::Close]);
    let failed = admin.json("POST", &format!("{AT}/dry-run"), json!({ "kind": "Added" })).await.json();
    assert_eq!((&failed["is_success"], failed.get("status")), (&json!(false), None));
    assert_eq!(failed.get("headers"), None);
    assert!(failed["error"].is_string());
    assert_eq!(admin.json("POST", &format!("{AT}/dry-run"), json!({ "kind": "Other" })).await.status, 400);
    let after = (world.app.rows("events").await, world.app.rows("webhook_attempts").await);
    assert_eq!(before, after);
    assert_eq!(world.app.standing("ins_1").await, row);
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), None]);
    // Of one that is gone nobody is told anything but that, and that once.
    world.app.live(&"ins_1".into(), |life, now| life.remove(now)).await;
    world.turns().await;
    for kind in ["Added", "Removed"] {
        let refused = admin.json("POST", &format!("{AT}/dry-run"), json!({ "kind": kind })).await;
        assert_eq!((refused.status, world.sink.heard().len()), (409, 0), "{}", refused.body);
    }
}
