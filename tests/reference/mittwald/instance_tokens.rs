//! What an instance gets by its secret.

use std::collections::BTreeSet;
use std::time::Duration;

use doorward_core::Timestamp;
use doorward_core::desired::date;
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::extended::{Installed, P1, P2, X1};
use doorward_tests::{ALICE, Reply, TestApp, claims, request};
use doorward_web::app::Options;
use doorward_web::traffic::Quotas;
use serde_json::json;

use super::super::Speaker;
use super::managing::by;
use super::{SCOPES, by_scope, exchange, instance_token, key, mittwald, mittwald_on, passes};
use crate::admin::Admin;

#[tokio::test]
async fn mw_10_an_instance_gets_a_token_that_is_not_refreshed() {
    let (at, of) = mittwald().await;
    let reply = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let members: Vec<String> = reply.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(members, ["expiry", "publicToken"]);
    let said = claims(&reply.text("publicToken"));
    assert_eq!(
        (said["sub"].as_str(), said["scope"].as_str()),
        (Some(of.id.as_str()), Some("rs1:read rs1:write"))
    );
    // Of no person: what is theirs it neither reads nor makes nor ends.
    let token = reply.text("publicToken");
    let key = format!("/v2/extension-instances/{}/actions/create-access-token-retrieval-key", of.id);
    for (method, path, status) in [
        ("GET", "/v2/users/self/sessions/current/status", 403),
        ("POST", &key, 401),
        ("PUT", "/v2/users/self/sessions", 400),
    ] {
        let refused = by(&at, &token, method, path, json!({})).await;
        assert_eq!(refused.status, status, "{method} {path}: {}", refused.body);
    }
    // Whoever bears it may give it up, and ends nothing else by that.
    let other = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    assert_eq!(by(&at, &token, "PUT", "/v2/logout", json!({})).await.status, 204);
    for (token, status) in [(token, 401), (other.text("publicToken"), 200)] {
        assert_eq!(at.at_the_guard("/", ("x-access-token", &token)).await.status, status);
    }
    let wrong = instance_token(&at, &of, json!({ "extensionInstanceSecret": "dwx_none" })).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let other = Installed { id: "ins_nobody".into(), ..of.clone() };
    assert_eq!(
        instance_token(&at, &other, json!({ "extensionInstanceSecret": of.secret })).await.status,
        400
    );
}

/// However long the answer takes.
#[tokio::test]
async fn what_is_told_of_the_end_of_a_token_is_what_it_says() {
    let (at, of) = mittwald().await;
    let key = key(&Admin::of_tenant(&at.app).await, &of, ALICE).await;
    at.app.clock.goes_on_by_ms(1000);
    let said = |reply: &Reply, member: &str| {
        let exp = claims(&reply.text(member))["exp"].as_i64().expect("seconds");
        json!(date::write(Timestamp(0).plus_s(exp)))
    };
    let pair = exchange(&at, &key, ALICE).await;
    assert_eq!(pair.json()["expiresAt"], said(&pair, "token"), "{}", pair.body);
    let refresh = json!({ "refreshToken": pair.text("refreshToken") });
    let next = at.json("PUT", "/v2/users/self/sessions", refresh).await;
    assert_eq!(next.json()["expiresAt"], said(&next, "token"), "{}", next.body);
    let own = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    assert_eq!(own.json()["expiry"], said(&own, "publicToken"), "{}", own.body);
    // Where its lifetime is told, it is that from when it was issued.
    let issued = at.app.post_as_installation(&of, &[("grant_type", "client_credentials")]).await;
    let claims = claims(&issued.text("access_token"));
    let lives_s = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat);
    assert_eq!(issued.json()["expires_in"].as_i64(), lives_s, "{}", issued.body);
}

/// What a route asks for is asked of the token: what was not consented to opens none.
#[tokio::test]
async fn mw_10_a_route_whose_scope_was_not_consented_to_is_closed() {
    let at = Speaker::of("mittwald").await;
    at.app.guarded(by_scope(), false).await;
    for (place, scopes, expected) in [
        ((P1, "project/p-1"), "openid profile offline_access rs1:read", 403),
        ((P2, "project/p-2"), SCOPES, 200),
    ] {
        let of = at.app.install(X1, place, scopes).await;
        let reply = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
        assert_eq!(passes(&at, &reply.text("publicToken")).await, (200, expected), "{scopes}");
    }
}

/// Who of its users an instance acts for is recorded, and widens nothing; all of them share its one secret.
#[tokio::test]
async fn mw_22_users_of_an_external_application_share_one_secret() {
    // All of them are to be answered at their first try, by a server that was not built to be fast, on a machine that does other work: they wait for a
    // place, of which there are few, because a connection is waited for three seconds at most.
    let quotas = Quotas { patience: Duration::from_secs(120), at_once: 32, ..Quotas::default() };
    let app = TestApp::with(Options { quotas, ..Options::default() }).await;
    app.extend().await;
    let (at, of) = mittwald_on(app).await;
    let plain = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    let plain = claims(&plain.text("publicToken"));
    let path = format!("{}/v2/extension-instances/{}/tokens", at.mount, of.id);
    let wrong = 500;
    let label = |user: usize| format!("user-{user} rs1:admin");
    let asks = |user: usize| {
        let secret = if user == wrong { "dwx_nothing" } else { &of.secret };
        let body = json!({ "extensionInstanceSecret": secret, "actorLabel": label(user) });
        request("POST", &path, &[("content-type", "application/json")], &body.to_string())
    };
    let nodes = nodes(&at.app).await;
    let replies = at_once(&nodes, (0..=1000).map(asks).collect()).await;
    for (user, reply) in replies.iter().enumerate() {
        if user == wrong {
            assert_eq!((reply.status, reply.json()["type"].as_str()), (400, Some("ValidationError")));
            continue;
        }
        assert_eq!(reply.status, 201, "{user}: {}", reply.body);
        let said = claims(&reply.text("publicToken"));
        for name in ["scope", "sub", "aud", "client_id"] {
            assert_eq!(said[name], plain[name], "{name}");
        }
        assert_eq!(said["actor_label"], label(user));
    }
    let events = at.app.events().await;
    let recorded = |event: &doorward_core::model::Event| {
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
        data["actor_label"].as_str().map(str::to_owned)
    };
    let recorded: BTreeSet<String> = events.iter().filter_map(recorded).collect();
    assert_eq!(recorded, (0..=1000).filter(|user| *user != wrong).map(label).collect());
    for label in [json!(1), json!("a\u{0}b"), json!("x".repeat(1000))] {
        let body = json!({ "extensionInstanceSecret": of.secret, "actorLabel": label });
        assert_eq!(instance_token(&at, &of, body).await.status, 400, "{label}");
    }
}
