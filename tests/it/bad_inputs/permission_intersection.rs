//! Bad inputs: what an extension may do is no more than everybody involved may.

use doorward_core::model::EventKind;
use doorward_tests::{ALICE, user_id};
use serde_json::json;

use super::{Case, rows};
use crate::admin::Admin;
use crate::admin::extensions::T;
use crate::admin::in_contexts::{furnished, person};

rows![fresh pi_006];

/// Nobody grants an extension what they could not do themselves where it is installed.
async fn pi_006(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    furnished(&admin).await;
    let put = async |path: &str, body: serde_json::Value| {
        let reply = admin.json("PUT", &format!("{T}{path}"), body).await;
        assert!(reply.status < 300, "{path}: {}", reply.body);
    };
    let scopes =
        json!({ "scopes": [{ "name": "o:write", "permission": "orders:write" }, { "name": "o:see" }] });
    put(&format!("/apis/{}", doorward_wire::percent::encode("https://o.example")), scopes).await;
    let asks = json!([{ "name": "o:see" }, { "name": "o:write", "optional": true }]);
    put("/extensions/o", json!({ "state": "published", "manifest": { "name": "O", "scopes": asks } })).await;
    let alice = person(&case.app, ALICE).await;
    let list = format!("{T}/installations");
    let wish = |scopes: &str| json!({ "extension": "o", "context": "customer/c", "scopes": scopes });
    case.new_events().await;
    let refused = alice.ask("POST", &list, wish("o:see o:write")).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let events = case.new_events().await;
    let denied = events.iter().find(|event| event.kind == EventKind::AdminDenied).expect("it is recorded");
    assert!(denied.data.contains("orders:write"), "{}", denied.data);
    assert_eq!(denied.user, Some(user_id(ALICE).into()));
    let made = alice.ask("POST", &list, wish("o:see")).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("{list}/{}", made.text("id"));
    for body in [
        wish("o:see o:write"),
        json!({ "extension": "o", "context": "customer/c", "scopes": "o:write o:see" }),
    ] {
        assert_eq!(alice.ask("PUT", &path, body).await.status, 403);
    }
    assert_eq!(admin.get(&path).await.json()["scopes"], "o:see");
}
