//! What an extension's maker asks for: events after a cursor, what is installed, secrets, and the keys that sign.

use doorward_core::Effect;
use doorward_core::model::{Actor, EventKind, Extension};
use doorward_crypto::webhook::verify;
use doorward_tests::sink::Sink;
use doorward_tests::{EVIL, Reply, SPA, T1, TestApp, WEB, basic, secret_of};
use doorward_web::keys::new_webhook_key;
use serde_json::{Value, json};

use super::{World, loopback, turns};

/// A server, and an extension that nobody can tell anything, whose client is WEB.
async fn pulling() -> (TestApp, Extension) {
    let app = TestApp::new().await;
    let extension = app.extension(200, WEB, None).await;
    (app, extension)
}

async fn ask(app: &TestApp, target: &str) -> Reply {
    app.get(target, &[("authorization", &basic(WEB, &secret_of(WEB)))]).await
}

async fn events(app: &TestApp, query: &str) -> Value {
    app.store.driver().number_events(1000).await.expect("events can be numbered");
    let reply = ask(app, &format!("/extensions/{WEB}/events{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

fn kinds(page: &Value) -> Vec<(String, i64)> {
    let of = |event: &Value| {
        let kind = event["kind"].as_str().expect("a kind").to_owned();
        (kind, event["number"].as_i64().expect("a number"))
    };
    page["events"].as_array().expect("events").iter().map(of).collect()
}

#[tokio::test]
async fn events_are_pulled_after_a_cursor_even_once_all_is_removed() {
    let (app, extension) = pulling().await;
    app.install_as(&extension, "ins_1", (0, "tenant/t1")).await;
    app.advance_s(1);
    app.change("ins_1").await;
    app.advance_s(1);
    app.rotate("ins_1").await;
    turns(&app.app).await;
    app.advance_s(1);
    app.uninstall("ins_1").await;
    let first = events(&app, "?limit=2").await;
    assert_eq!(kinds(&first), [("Added".to_owned(), 1), ("Updated".to_owned(), 2)]);
    assert_eq!(first["events"][0]["state"], "enabled");
    assert_eq!(first["events"][0].get("secret"), None);
    assert!(first["events"][0]["secret_id"].as_str().unwrap().starts_with("sec_"));
    let rest = events(&app, &format!("?after={}", first["next"])).await;
    assert_eq!(kinds(&rest), [("SecretRotated".to_owned(), 3), ("Removed".to_owned(), 4)]);
    assert_eq!(rest["events"][1]["state"], "removed");
    let end = events(&app, &format!("?after={}", rest["next"])).await;
    assert_eq!((kinds(&end), &end["next"]), (Vec::new(), &rest["next"]));
    let standing = ask(&app, &format!("/extensions/{WEB}/installations")).await.json();
    assert_eq!(standing, json!({ "installations": [], "next": null }));
    let ever = ask(&app, &format!("/extensions/{WEB}/installations?removed=true")).await.json();
    assert_eq!(ever["installations"][0]["state"], "removed");
}

#[tokio::test]
async fn a_pending_secret_is_shown_once_and_works_from_then_on() {
    let (app, extension) = pulling().await;
    app.install_as(&extension, "ins_1", (0, "tenant/t1")).await;
    turns(&app.app).await;
    let listed = ask(&app, &format!("/extensions/{WEB}/installations")).await.json();
    let secret = &listed["installations"][0]["secrets"][0];
    assert_eq!(secret["can_be_revealed"], true);
    let path =
        |id: &Value| format!("/extensions/{WEB}/installations/ins_1/secrets/{}/reveal", id.as_str().unwrap());
    let header = [("authorization", &*basic(WEB, &secret_of(WEB)))];
    let suspended = |is_so: bool| Extension {
        suspended_at: is_so.then(|| app.clock.now()),
        version: if is_so { 1 } else { 2 },
        ..extension.clone()
    };
    app.commit(vec![Effect::PutExtension(Box::new(suspended(true)))]).await;
    let stopped = app.send("POST", &path(&secret["id"]), &header, "").await;
    assert_eq!(stopped.status, 400, "{}", stopped.body);
    assert!(stopped.json().get("secret").is_none());
    app.commit(vec![Effect::PutExtension(Box::new(suspended(false)))]).await;
    let shown = app.send("POST", &path(&secret["id"]), &header, "").await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.json()["secret"].as_str().unwrap().starts_with("dwx_"));
    let again = app.send("POST", &path(&secret["id"]), &header, "").await;
    assert_eq!((again.status, again.json()["error"].clone()), (404, json!("invalid_request")));
    let rows = app.store.installation_secrets(&T1.into(), &"ins_1".into()).await.unwrap();
    assert!(rows[0].is_in_force(app.clock.now()));
    let told =
        app.events().await.into_iter().filter(|event| event.kind == EventKind::InstallationSecretChanged);
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn nobody_but_the_extension_itself_asks() {
    let (app, _) = pulling().await;
    let other = app.extension(201, "other", None).await;
    app.install_as(&other, "ins_2", (0, "tenant/t1")).await;
    turns(&app.app).await;
    let evil = basic(EVIL, &secret_of(EVIL));
    let wrong = basic(WEB, "wrong");
    let paths =
        ["events", "installations", "webhook-secrets"].map(|what| format!("/extensions/{WEB}/{what}"));
    for path in &paths {
        for (headers, status, reason) in [
            (vec![], 401, "client.anonymous"),
            (vec![("authorization", &*evil)], 403, "extension.foreign"),
            (vec![("authorization", &*wrong)], 401, "client.secret_wrong"),
        ] {
            let reply = app.get(path, &headers).await;
            assert_eq!(reply.status, status, "{path} {reason}: {}", reply.body);
        }
        let public = app.get(&format!("{path}?client_id={SPA}"), &[]).await;
        assert_eq!(public.status, 401, "{}", public.body);
        for secret in ["client_secret=x", "client_secret=x&client_secret=y", "refresh_token=x"] {
            let leaked = app.get(&format!("{path}?client_id={WEB}&{secret}"), &[]).await;
            assert_eq!(leaked.status, 400, "{}", leaked.body);
            assert!(leaked.body.contains("in the query"), "{}", leaked.body);
        }
    }
    // Another extension's installation, by the right client of the wrong extension.
    let secret = app.store.installation_secrets(&T1.into(), &"ins_2".into()).await.unwrap().remove(0);
    let path = format!("/extensions/{WEB}/installations/ins_2/secrets/{}/reveal", secret.id);
    let header = [("authorization", &*basic(WEB, &secret_of(WEB)))];
    assert_eq!(app.send("POST", &path, &header, "").await.status, 404);
    // Without a body there is a query all the same.
    assert_eq!(app.send("POST", &format!("{path}?client_secret=x"), &header, "").await.status, 400);
    let unknown = ask(&app, "/extensions/nothing/events").await;
    assert_eq!(unknown.status, 403);
}

#[tokio::test]
async fn secrets_that_sign_are_read_and_replaced_with_an_overlap() {
    let app = TestApp::fetching(loopback()).await;
    let sink = Sink::new().await;
    let extension = app.extension(200, WEB, Some(&sink.url("/"))).await;
    let path = format!("/extensions/{WEB}/webhook-secrets");
    assert_eq!(ask(&app, &path).await.json(), json!({ "secrets": [] }));
    app.install_as(&extension, "ins_1", (0, "tenant/t1")).await;
    turns(&app.app).await;
    let first = ask(&app, &path).await.json()["secrets"][0].clone();
    assert!(first["secret"].as_str().unwrap().starts_with("whsec_"));
    let header = [
        ("authorization", &*basic(WEB, &secret_of(WEB))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let made = app.send("POST", &path, &header, "overlap_s=60").await;
    assert_eq!(made.status, 201, "{}", made.body);
    let both = ask(&app, &path).await.json()["secrets"].clone();
    assert_eq!((&both[0]["secret"], &both[1]["secret"]), (&made.json()["secret"], &first["secret"]));
    assert_eq!(both[1]["expires_at"], "2026-01-01T00:01:00Z");
    app.change("ins_1").await;
    turns(&app.app).await;
    let signatures = sink.take().pop().unwrap().header("webhook-signature").to_owned();
    assert_eq!(signatures.matches("v1,").count(), 2, "{signatures}");
    app.advance_s(60);
    assert_eq!(ask(&app, &path).await.json()["secrets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_key_of_a_serial_is_told_for_ever_raw_and_as_spki() {
    let world = World::new().await;
    world.app.install_as(&world.extension, "ins_1", (0, "tenant/t1")).await;
    let heard = world.turn().await.remove(0);
    let serial = heard.header("doorward-signature-serial").to_owned();
    let store = &world.app.store;
    let effects = new_webhook_key(store, &T1.into(), &Actor::Operator).await.unwrap();
    store.commit(effects).await.unwrap();
    world.app.advance_s(5 * 365 * 86_400);
    let by_serial = world.app.get(&format!("/webhook-keys/{serial}"), &[]).await.json();
    assert_eq!(by_serial["algorithm"], "Ed25519");
    assert!(verify(by_serial["key"].as_str().unwrap(), &heard.body, heard.header("doorward-signature")));
    let latest = world.app.get("/webhook-keys/latest?format=raw", &[]).await.json();
    assert_ne!(latest["serial"], by_serial["serial"]);
    let pem = world.app.get(&format!("/webhook-keys/{serial}?format=spki"), &[]).await.json();
    assert_eq!(
        pem["key"].as_str(),
        doorward_crypto::webhook::spki_pem(by_serial["key"].as_str().unwrap()).as_deref()
    );
    for (target, status) in [
        ("/webhook-keys/nothing".to_owned(), 404),
        ("/webhook-keys/latest?format=jwk".to_owned(), 400),
        (format!("/t/t2/webhook-keys/{serial}"), 404),
        (format!("/webhook-keys/x/{serial}"), 404),
    ] {
        assert_eq!(world.app.get(&target, &[]).await.status, status, "{target}");
    }
}
