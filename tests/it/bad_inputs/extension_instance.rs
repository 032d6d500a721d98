//! Bad inputs: extensions and their installations.

use doorward_tests::{ALICE, BOB};
use serde_json::json;

use super::{Case, rows};
use crate::admin::extensions::{T, manifest, prepared};
use crate::admin::in_contexts::{furnished, person};
use crate::admin::{Admin, pointers};

rows![fresh ex_013, fresh ex_017];

/// Whoever makes an extension that was published proposes another address: what is in force stays.
async fn ex_013(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    furnished(&admin).await;
    let own =
        json!({ "id": "own", "contributor": "customer/c", "state": "published", "manifest": manifest() });
    assert_eq!(admin.json("POST", &format!("{T}/extensions"), own).await.status, 201);
    let path = format!("{T}/extensions/own");
    let evil = json!({ "manifest": {
        "launch_url": "https://evil.example/:userId", "audiences": ["https://evil.example"],
    }});
    let (alice, bob) = (person(&case.app, ALICE).await, person(&case.app, BOB).await);
    assert_eq!(bob.ask("PATCH", &path, evil.clone()).await.status, 404, "another's");
    let saved = alice.ask("PATCH", &path, evil).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let now = admin.get(&path).await.json();
    assert_eq!(now["manifest"]["launch_url"], manifest()["launch_url"], "the old address is kept");
    assert!(now["manifest"].get("audiences").is_none(), "{now}");
    assert_eq!(now["proposed"]["launch_url"], "https://evil.example/:userId", "and waits to be looked at");
    assert_eq!(alice.ask("POST", &format!("{path}/manifest/accept"), json!(null)).await.status, 403);
}

/// A callback without TLS is not saved.
async fn ex_017(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    prepared(&admin).await;
    let before = admin.get(&format!("{T}/extensions/e")).await.body;
    for (member, address) in [
        ("callback_url", "http://e.example/cb"),
        ("callback_url", "ftp://e.example/cb"),
        ("launch_url", "http://e.example/open"),
        ("webhook_url", "http://e.example/hooks"),
        ("icon", "http://e.example/icon.png"),
    ] {
        let wish = json!({ "manifest": { member: address } });
        let saved = admin.json("PATCH", &format!("{T}/extensions/e"), wish).await;
        assert_eq!(saved.status, 400, "{address}");
        assert!(pointers(&saved).contains(&format!("/manifest/{member}")), "{address}: {}", saved.body);
    }
    assert_eq!(admin.get(&format!("{T}/extensions/e")).await.body, before);
}
