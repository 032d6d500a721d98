//! Lifecycle webhooks as extensions for mittwald are told them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use doorward_core::model::{EventKind, Life, WebhookFormat};
use doorward_crypto::base64url;
use doorward_tests::sink::{Answer, Heard};
use doorward_web::fetch::Fetcher;
use doorward_web::webhook::TOTAL;
use serde_json::{Value, json};

use crate::admin::Admin;
use crate::bad_inputs::webhooks::by;
use crate::webhooks::{World, loopback, turns};

/// An extension that is told in mittwald's words, and what it was told when it was installed in a project.
async fn told() -> (World, Heard) {
    let world = World::new().await;
    world.app.context(7, "project/p-1", &[]).await;
    world.app.change_extension("shop", |found| found.manifest.webhook_format = WebhookFormat::Mittwald).await;
    world.app.install_as(&world.extension, "ins_1", (7, "project/p-1")).await;
    let heard = world.turn().await.remove(0);
    (world, heard)
}

/// What is told, without what is another each time, which is checked here.
fn shape(world: &World, heard: &Heard) -> Value {
    let mut body = heard.json();
    let request = body["request"].take();
    assert_eq!(request["target"], json!({ "method": "POST", "url": world.sink.url(&heard.target) }));
    assert_eq!(request["id"].as_str().map(str::len), Some(36));
    assert!(request["createdAt"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(request.as_object().map(serde_json::Map::len), Some(3));
    if let Some(secret) = body.get_mut("secret") {
        assert!(secret.take().as_str().is_some_and(|secret| secret.starts_with("dwx_")));
    }
    body
}

/// Whether a signature is one of these bytes.
fn verifies(public_key: &str, body: &[u8], signature: &str) -> bool {
    let decode = |text: &str| {
        let text = text.replace('+', "-").replace('/', "_");
        base64url::decode(text.trim_end_matches('=')).expect("base64")
    };
    UnparsedPublicKey::new(&ED25519, decode(public_key)).verify(body, &decode(signature)).is_ok()
}

#[tokio::test]
async fn mw_13_each_kind_has_the_shape_that_its_readers_know() {
    let (world, added) = told().await;
    let always = json!({
        "apiVersion": "v1", "id": "ins_1", "context": { "id": "p-1", "kind": "project" },
        "meta": { "extensionId": "shop", "contributorId": "t1" }, "request": null,
    });
    let with = |kind: &str, more: Value| {
        let mut body = always.clone();
        body["kind"] = json!(kind);
        for (name, value) in more.as_object().expect("members") {
            body[name] = value.clone();
        }
        body
    };
    let scopes = json!(["openid", "rs1:read"]);
    let state = |enabled: bool| json!({ "consentedScopes": scopes, "state": { "enabled": enabled } });
    let mut first = state(true);
    first["secret"] = Value::Null;
    assert_eq!(shape(&world, &added), with("ExtensionAddedToContext", first));
    world.app.live(&"ins_1".into(), |life, now| life.disable(now)).await;
    assert_eq!(shape(&world, &world.turn().await[0]), with("InstanceUpdated", state(false)));
    world.app.live(&"ins_1".into(), |life, _| life.enable()).await;
    assert_eq!(shape(&world, &world.turn().await[0]), with("InstanceUpdated", state(true)));
    world.app.rotate("ins_1").await;
    assert_eq!(shape(&world, &world.turn().await[0]), with("SecretRotated", json!({ "secret": null })));
    world.app.uninstall("ins_1").await;
    assert_eq!(shape(&world, &world.turn().await[0]), with("InstanceRemovedFromContext", state(false)));
    assert!(matches!(world.app.standing("ins_1").await.life, Life::Removed { .. }));
}

#[tokio::test]
async fn mw_13_the_bytes_of_the_body_are_signed_and_nothing_else_is_said() {
    let (world, heard) = told().await;
    let key = world.app.store.webhook_keys(&"t1".into(), 1).await.expect("readable").remove(0);
    assert_eq!(heard.header("x-marketplace-signature-serial"), key.serial);
    assert_eq!(key.serial.len(), 36, "{}", key.serial);
    assert_eq!(heard.header("x-marketplace-signature-algorithm"), "Ed25519");
    let signature = heard.header("x-marketplace-signature");
    assert!(verifies(&key.public_key, &heard.body, signature));
    let mut changed = heard.body.clone();
    changed[10] ^= 1;
    assert!(!verifies(&key.public_key, &changed, signature));
    for (name, _) in &heard.headers {
        assert!(!name.starts_with("webhook-") && !name.starts_with("doorward-"), "{name}");
    }
}

/// An answer that is none of success, or comes after six seconds, is no answer. A test does not wait for these: it goes out by another way that
/// is less patient, and the answer comes when that has given up.
#[tokio::test]
async fn mw_14_what_is_no_success_is_told_again_under_another_id_and_signed_anew() {
    let (world, _) = told().await;
    assert_eq!(TOTAL, Duration::from_secs(6));
    let mut hasty = by(&world.app, Fetcher::new(loopback()));
    hasty.webhook_fetcher = Fetcher::new(loopback()).apart(Duration::from_millis(300), 8);
    let hasty = Arc::new(hasty);
    world.app.change("ins_1").await;
    let mut heard = Vec::new();
    for (status, is_late) in [(199, false), (300, false), (500, false), (204, true), (204, false)] {
        world.sink.answer([Answer::status(status)]);
        world.sink.hold(is_late);
        turns(&hasty).await;
        world.sink.hold(false);
        let told = world.sink.take();
        assert_eq!(told.len(), 1, "after {} attempts", heard.len());
        heard.extend(told);
        world.app.advance_s(100);
    }
    assert!(world.turns().await.is_empty(), "204 is a success");
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"); 2]);
    let key = world.app.store.webhook_keys(&"t1".into(), 1).await.expect("readable").remove(0);
    let mut ids = BTreeSet::new();
    for (at, one) in heard.iter().enumerate() {
        let body = one.json();
        assert_eq!((&body["kind"], &body["id"]), (&json!("InstanceUpdated"), &json!("ins_1")));
        assert!(ids.insert(body["request"]["id"].to_string()), "no id comes twice");
        for (by, other) in heard.iter().enumerate() {
            let signature = other.header("x-marketplace-signature");
            assert_eq!(verifies(&key.public_key, &one.body, signature), at == by, "{at} by {by}");
        }
    }
}

#[tokio::test]
async fn mw_14_each_instance_is_told_in_its_order_and_waits_for_no_other() {
    let (world, _) = told().await;
    world.app.context(8, "project/p-2", &[]).await;
    world.app.install_as(&world.extension, "ins_2", (8, "project/p-2")).await;
    assert_eq!(world.turns().await.len(), 1);
    let first = "/hook/project/p-1?of=shop".to_owned();
    world.sink.answer_at([(first.clone(), Answer::status(500))].into());
    for id in ["ins_1", "ins_2"] {
        world.app.live(&id.into(), |life, now| life.disable(now)).await;
        world.app.live(&id.into(), |life, _| life.enable()).await;
    }
    let of = |heard: &[Heard], id: &str| -> Vec<Value> {
        let bodies = heard.iter().map(Heard::json).filter(|body| body["id"] == id);
        bodies.map(|body| body["state"]["enabled"].clone()).collect()
    };
    let heard = world.turns().await;
    assert_eq!(of(&heard, "ins_2"), [json!(false), json!(true)], "in its order");
    assert_eq!(of(&heard, "ins_1"), [json!(false)], "the second waits for the first");
    world.app.advance_s(20);
    assert_eq!(of(&world.turns().await, "ins_1"), [json!(false)]);
    world.sink.answer_at(HashMap::new());
    world.app.advance_s(20);
    assert_eq!(of(&world.turns().await, "ins_1"), [json!(false), json!(true)]);
}

#[tokio::test]
async fn mw_14_what_waits_is_not_told_once_the_instance_is_gone() {
    let (world, _) = told().await;
    world.sink.answer([Answer::status(500)]);
    world.app.change("ins_1").await;
    world.app.change("ins_1").await;
    assert_eq!(world.turn().await.len(), 1);
    world.app.uninstall("ins_1").await;
    world.app.advance_s(20);
    let heard = world.turns().await;
    let kinds: Vec<Value> = heard.iter().map(|heard| heard.json()["kind"].clone()).collect();
    assert_eq!(kinds, [json!("InstanceRemovedFromContext")]);
    let aborted = Some("aborted");
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), aborted, aborted, Some("delivered")]);
}

#[tokio::test]
async fn mw_15_a_dry_run_says_that_it_is_one_and_who_asks_and_changes_nothing() {
    let (world, _) = told().await;
    let admin = Admin::of_tenant(&world.app).await;
    let before = (world.app.rows("installations").await, world.app.rows("webhook_attempts").await);
    world.sink.answer([Answer::Status(418, String::new(), b"no tea".to_vec())]);
    let path = "/tenants/t1/installations/ins_1/webhooks/dry-run";
    let told = admin.json("POST", path, json!({ "kind": "SecretRotated" })).await;
    assert_eq!((told.status, told.json()["status"].as_u64()), (200, Some(418)), "{}", told.body);
    assert_eq!(told.json()["answer"], "no tea");
    let heard = world.sink.take().remove(0);
    assert_eq!(heard.target, "/hook/project/p-1?of=shop&dry-run=true&executing-user-id=chief");
    assert_eq!(heard.json()["secret"], "dry-run-no-secret");
    let after = (world.app.rows("installations").await, world.app.rows("webhook_attempts").await);
    assert_eq!(before, after);
    assert_eq!(world.app.standing("ins_1").await.version, 1);
    assert!(world.events(EventKind::InstallationSecretRotated).await.is_empty());
}
