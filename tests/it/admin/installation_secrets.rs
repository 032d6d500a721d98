//! Secrets of installations: listed without their values, rotated without a dead moment, shown once, confirmed, ended.

use doorward_core::id::InstallationId;
use doorward_core::needs::InstallationHandle;
use doorward_crypto::digest::sha256;
use doorward_tests::TestApp;
use serde_json::{Value, json};

use super::Admin;
use super::extensions::{installed, prepared};

/// Whether a secret authenticates the installation now.
async fn works(app: &TestApp, path: &str, secret: &str) -> bool {
    let id = InstallationId(path.rsplit('/').next().unwrap().to_owned());
    let handle = InstallationHandle { id, user: None, secret_hash: Some(sha256(secret.as_bytes())) };
    let facts = app.store.installation_facts(&"t1".into(), &handle).await.unwrap().unwrap();
    facts.secret.is_some_and(|secret| secret.is_in_force(app.clock.now()))
}

async fn states(admin: &Admin<'_>, path: &str) -> Vec<String> {
    let reply = admin.get(&format!("{path}/secrets")).await.json();
    let items = reply["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["state"].as_str().unwrap().to_owned()).collect()
}

async fn post(admin: &Admin<'_>, path: &str, body: Value) -> doorward_tests::Reply {
    admin.json("POST", path, body).await
}

#[tokio::test]
async fn a_secret_is_shown_confirmed_and_ended() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let path = installed(&admin, "project/p").await;
    let list = admin.get(&format!("{path}/secrets")).await.json();
    let first = &list["items"][0];
    assert_eq!((&first["state"], &first["number"]), (&json!("pending"), &json!(1)));
    assert!(first.get("delivered_at").is_none() && !list.to_string().contains("dwx_"));
    let first = format!("{path}/secrets/{}", first["id"].as_str().unwrap());
    assert_eq!(post(&admin, &format!("{first}/confirm"), json!({})).await.status, 409, "nobody has it");
    let shown = admin.send("POST", &format!("{first}/reveal"), &[], "").await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let old = shown.text("secret");
    assert!(old.starts_with("dwx_") && works(&app, &path, &old).await);
    let again = admin.send("POST", &format!("{first}/reveal"), &[], "").await;
    assert_eq!(again.status, 409, "once");
    assert!(again.body.contains("has the secret already"), "{}", again.body);
    assert_eq!(post(&admin, &format!("{first}/confirm"), json!({})).await.text("state"), "current");

    // Rotating takes nothing away.
    let told = post(&admin, &format!("{path}/secrets"), json!({})).await;
    assert_eq!(told.status, 201);
    assert!(told.json().get("secret").is_none(), "its extension is told");
    let made = post(&admin, &format!("{path}/secrets"), json!({ "reveal": true })).await;
    let new = made.text("secret");
    assert_eq!(states(&admin, &path).await, ["current", "pending", "pending"]);
    assert!(works(&app, &path, &old).await && works(&app, &path, &new).await);
    let second = format!("{path}/secrets/{}", made.text("id"));
    let took = post(&admin, &format!("{second}/confirm"), json!({ "retire_others_s": 60 })).await;
    assert_eq!(took.text("state"), "current");
    assert_eq!(states(&admin, &path).await, ["retiring", "retiring", "current"]);
    assert!(works(&app, &path, &old).await, "for a minute");
    app.advance_s(61);
    assert!(!works(&app, &path, &old).await && works(&app, &path, &new).await);
    assert_eq!(states(&admin, &path).await, ["current"]);

    assert_eq!(post(&admin, &format!("{second}/retire"), json!({})).await.status, 400);
    let retired = post(&admin, &format!("{second}/retire"), json!({ "expires_in": 30 })).await;
    assert_eq!(retired.text("state"), "retiring");
    let later = post(&admin, &format!("{second}/retire"), json!({ "expires_in": 90 })).await;
    assert_eq!(later.status, 409, "what ends is not prolonged");
    assert!(works(&app, &path, &new).await);
    assert_eq!(admin.send("DELETE", &second, &[], "").await.status, 204);
    assert!(!works(&app, &path, &new).await);
    assert_eq!(admin.send("DELETE", &second, &[], "").await.status, 404);
    assert!(!app.events().await.iter().any(|event| event.data.contains("dwx_")), "no secret is in the trail");
}

#[tokio::test]
async fn many_rotations_at_once_all_succeed() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let path = installed(&admin, "project/p").await;
    let secrets = format!("{path}/secrets");
    let rotations = (0..8).map(|_| post(&admin, &secrets, json!({ "reveal": true })));
    let mut made = Vec::new();
    for reply in futures_of(rotations).await {
        assert_eq!(reply.status, 201, "{}", reply.body);
        made.push(reply.text("secret"));
    }
    for secret in &made {
        assert!(works(&app, &path, secret).await);
    }
    assert_eq!(states(&admin, &path).await.len(), 9);
    let list = admin.get(&format!("{path}/secrets?limit=200")).await.json();
    let numbers: Vec<i64> =
        list["items"].as_array().unwrap().iter().map(|item| item["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
}

/// All of them, on one task, at once.
async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|cx| {
        let mut is_done = true;
        for (one, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            match one.as_mut().poll(cx) {
                std::task::Poll::Ready(ready) => *output = Some(ready),
                std::task::Poll::Pending => is_done = false,
            }
        }
        if is_done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}
