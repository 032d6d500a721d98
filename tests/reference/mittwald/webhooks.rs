//! Lifecycle webhooks as extensions for mittwald are told them.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use doorward_core::model::{EventKind, Life, WebhookFormat};
use doorward_crypto::base64url;
use doorward_tests::sink::{Answer, Heard};
use serde_json::{Value, json};

use crate::admin::Admin;
use crate::webhooks::World;

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
    let decode = |text: &str| {
        let text = text.replace('+', "-").replace('/', "_");
        base64url::decode(text.trim_end_matches('=')).expect("base64")
    };
    let signature = decode(heard.header("x-marketplace-signature"));
    let public = UnparsedPublicKey::new(&ED25519, decode(&key.public_key));
    assert!(public.verify(&heard.body, &signature).is_ok());
    let mut changed = heard.body.clone();
    changed[10] ^= 1;
    assert!(public.verify(&changed, &signature).is_err());
    for (name, _) in &heard.headers {
        assert!(!name.starts_with("webhook-") && !name.starts_with("doorward-"), "{name}");
    }
}

#[tokio::test]
async fn mw_14_what_is_no_success_is_told_again_under_another_id_in_order_until_the_instance_is_gone() {
    let (world, _) = told().await;
    world.sink.answer([Answer::status(300), Answer::status(500), Answer::Close]);
    world.app.change("ins_1").await;
    world.app.change("ins_1").await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let heard = world.turn().await;
        assert_eq!(heard.len(), 1, "the second waits for the first");
        ids.push(heard[0].json()["request"]["id"].as_str().expect("an id").to_owned());
        world.app.advance_s(20);
    }
    assert_eq!(world.turns().await.len(), 1, "then the second is told");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "no id comes twice");
    world.sink.answer([Answer::status(500)]);
    world.app.change("ins_1").await;
    assert_eq!(world.turn().await.len(), 1);
    world.app.uninstall("ins_1").await;
    world.app.advance_s(20);
    let heard = world.turns().await;
    let kinds: Vec<Value> = heard.iter().map(|heard| heard.json()["kind"].clone()).collect();
    assert_eq!(kinds, [json!("InstanceRemovedFromContext")], "what waited is not told any more");
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
