//! One attempt: what is told, signed by whom, and what comes with it.

use doorward_core::Effect;
use doorward_core::model::{Actor, EventKind, Extension};
use doorward_crypto::webhook;
use doorward_tests::sink::Answer;
use doorward_tests::{T1, T2};
use doorward_web::keys::new_webhook_key;
use serde_json::json;

use super::World;

const NOW_S: i64 = 1_767_225_600;

#[tokio::test]
async fn an_extension_is_told_of_its_installation_with_all_that_it_needs() {
    let world = World::new().await;
    world.app.context(7, "project/p-1", &[]).await;
    world.app.install_as(&world.extension, "ins_1", (7, "project/p-1")).await;
    let heard = world.turn().await;
    let [added] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(added.target, "/hook/project/p-1?of=shop");
    assert_eq!(added.header("content-type"), "application/json");
    let mut body = added.json();
    let (request, secret) = (body["request"].take(), body["secret"].take());
    assert!(secret.as_str().unwrap().starts_with("dwx_"));
    assert_eq!(request["target"], json!({ "method": "POST", "url": world.sink.url(&added.target) }));
    assert_eq!(request["id"].as_str().unwrap().len(), 36);
    assert_eq!(
        body,
        json!({
            "kind": "Added", "installation": "ins_1", "number": 1, "context": { "id": "p-1", "kind": "project" },
            "extension": "shop", "contributor": "tenant/t1", "tenant": "t1", "state": "enabled",
            "scopes": ["openid", "rs1:read"], "variant": null, "settings": {}, "manifest_version": 1,
            "happened_at": "2026-01-01T00:00:00Z", "request": null, "secret": null,
        })
    );
    let secrets = world.app.store.installation_secrets(&T1.into(), &"ins_1".into()).await.unwrap();
    assert!(secrets[0].is_in_force(world.app.clock.now()), "what was answered with success is known");
    let attempts = world.app.store.webhook_attempts(&T1.into(), &"ins_1".into(), None, 10).await.unwrap();
    assert_eq!((attempts[0].status, attempts[0].number), (Some(204), 1));
    assert_eq!(request["id"], attempts[0].request_id.as_str());

    world.app.change("ins_1").await;
    let updated = world.turn().await.remove(0).json();
    assert_eq!((&updated["kind"], &updated["number"]), (&json!("Updated"), &json!(2)));
    assert_eq!((updated.get("secret"), updated.get("secret_already_delivered")), (None, None));
}

#[tokio::test]
async fn each_attempt_is_made_and_signed_anew_over_what_is_sent_and_keeps_its_id() {
    let world = World::new().await;
    world.app.install_as(&world.extension, "ins_1", (0, "tenant/t1")).await;
    world.sink.answer([Answer::status(500)]);
    let first = world.turn().await.remove(0);
    world.app.advance_s(5);
    let second = world.turn().await.remove(0);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_ne!(first.json()["request"]["id"], second.json()["request"]["id"]);
    assert_eq!(first.json()["secret"], second.json()["secret"], "it was not delivered");
    let (key, shared) = world.verified_by().await;
    for (heard, at) in [(&first, NOW_S), (&second, NOW_S + 5)] {
        assert_eq!(heard.header("webhook-timestamp"), at.to_string());
        assert!(heard.is_signed(&key, &shared, at));
        assert!(webhook::verify(&key, &heard.body, heard.header("doorward-signature")));
        assert_eq!(heard.header("doorward-signature-algorithm"), "Ed25519");
    }
    let serial = world.app.store.webhook_keys(&T1.into(), 1).await.unwrap()[0].serial.clone();
    assert_eq!(first.header("doorward-signature-serial"), serial);
    assert!(!webhook::verify(&key, &first.body, second.header("doorward-signature")));
    let other = world.app.store.webhook_keys(&T2.into(), 1).await.unwrap()[0].public_key.clone();
    assert!(!webhook::verify(&other, &first.body, first.header("doorward-signature")));
}

#[tokio::test]
async fn while_keys_and_secrets_are_replaced_both_verify() {
    let world = World::installed().await;
    let before = world.verified_by().await;
    let store = &world.app.store;
    let effects = new_webhook_key(store, &T1.into(), &Actor::Operator).await.unwrap();
    store.commit(effects).await.unwrap();
    let (secret, _) = store.fresh_webhook_secret(&T1.into(), world.extension.key, 2).await.unwrap();
    let end = world.app.clock.now().plus_s(86_400);
    store.commit(vec![Effect::PutWebhookSecret(secret, end)]).await.unwrap();
    let after = world.verified_by().await;
    assert_ne!(before.0, after.0);
    world.app.change("ins_1").await;
    let heard = world.turn().await.remove(0);
    assert!(heard.is_signed(&before.0, &before.1, NOW_S) && heard.is_signed(&after.0, &after.1, NOW_S));
    assert!(webhook::verify(&after.0, &heard.body, heard.header("doorward-signature")));
    world.app.advance_s(86_400);
    world.app.change("ins_1").await;
    let heard = world.turn().await.remove(0);
    assert!(heard.is_signed(&after.0, &after.1, NOW_S + 86_400));
    assert!(!heard.is_signed(&before.0, &after.1, NOW_S + 86_400));
    assert!(!heard.is_signed(&after.0, &before.1, NOW_S + 86_400));
}

#[tokio::test]
async fn a_secret_that_was_delivered_is_not_sent_again() {
    let world = World::installed().await;
    let plain = world.app.rotate("ins_1").await;
    let rotated = world.turn().await.remove(0);
    assert_eq!(rotated.json()["kind"], "SecretRotated");
    assert_eq!(rotated.json()["secret"], plain.as_str());
    let resend = Effect::ResendWebhook {
        tenant: T1.into(),
        installation: "ins_1".into(),
        number: 2,
        now: world.app.clock.now(),
    };
    world.app.store.commit(vec![resend]).await.unwrap();
    let again = world.turn().await.remove(0);
    assert_eq!(again.header("webhook-id"), rotated.header("webhook-id"));
    assert_eq!(again.json()["secret_already_delivered"], true);
    assert_eq!(again.json().get("secret"), None);
    assert!(!String::from_utf8_lossy(&again.body).contains(&plain));
}

#[tokio::test]
async fn nothing_is_sent_where_there_is_no_address_and_the_secret_waits_to_be_shown() {
    let world = World::new().await;
    let pulls = world.app.extension(101, "pulls", None).await;
    world.app.install_as(&pulls, "ins_2", (0, "tenant/t1")).await;
    assert!(world.turns().await.is_empty());
    assert_eq!(world.outcomes("ins_2").await, [Some("pull")]);
    let store = &world.app.store;
    let secret = store.installation_secrets(&T1.into(), &"ins_2".into()).await.unwrap().remove(0);
    assert!(!secret.is_in_force(world.app.clock.now()));
    assert!(store.undelivered_secret(&T1.into(), &"ins_2".into(), &secret.id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_extension_that_was_stopped_is_told_when_it_goes_on() {
    let world = World::installed().await;
    let stopped = Extension { suspended_at: Some(world.app.clock.now()), ..world.extension.clone() };
    let put = |row: Extension| Effect::PutExtension(Box::new(row));
    world.app.store.commit(vec![put(stopped.clone())]).await.unwrap();
    world.app.change("ins_1").await;
    assert!(world.turn().await.is_empty());
    world.app.advance_s(60);
    assert!(world.turn().await.is_empty());
    let goes_on = Extension { suspended_at: None, version: 2, ..stopped };
    world.app.store.commit(vec![put(goes_on)]).await.unwrap();
    world.app.advance_s(60);
    assert_eq!(world.turn().await.len(), 1);
}

#[tokio::test]
async fn what_answers_with_the_secret_does_not_have_it_kept() {
    let world = World::installed().await;
    world.app.advance_s(1);
    let plain = world.app.rotate("ins_1").await;
    let echo = format!("{}{plain} and {plain}", "x".repeat(4080));
    world.sink.answer([Answer::Status(500, String::new(), echo.into_bytes())]);
    world.turn().await;
    let attempts = world.app.store.webhook_attempts(&T1.into(), &"ins_1".into(), None, 1).await.unwrap();
    let kept = attempts[0].answer.clone().unwrap();
    assert_eq!(kept.len(), 4096);
    assert!(kept.ends_with(b"x[secret] and [se"), "{}", String::from_utf8_lossy(&kept[4070..]));
    assert_eq!(world.events(EventKind::WebhookSecretChanged).await.len(), 1, "made at the first delivery");
}
