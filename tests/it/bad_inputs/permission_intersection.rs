//! Bad inputs: what an extension may do is no more than everybody involved may.

use doorward_core::model::EventKind;
use doorward_tests::extended::{ASKS, CUSTOMER, Installed, P1, P2, X1, X2, unassign};
use doorward_tests::{ALICE, BOB, RS1, Reply, claims, user_id};
use serde_json::json as value;

use super::steps::{is_active, put, signed_in};
use super::{Case, bearer, json, rows};
use crate::admin::Admin;
use crate::admin::extensions::T;
use crate::admin::in_contexts::{furnished, person};
use crate::extensions::sign_in::redeemed;
use crate::extensions::{opened, session_token};

rows![
    fresh pi_002, fresh pi_003, fresh pi_006, fresh pi_007, fresh pi_008, fresh pi_009, fresh pi_010,
];

/// What an API is told that a token may do.
async fn told(case: &Case, token: &str) -> String {
    case.app.introspect(RS1, token).await.text("scope")
}

/// A session token of a person's in an installation, exchanged for this.
async fn exchanged(case: &Case, of: &Installed, user: &str, more: &[(&str, &str)]) -> Reply {
    let token = session_token::token(&signed_in(case, user).await, of).await.text("session_token");
    case.app.post_as_installation(of, &session_token::form(&token, more)).await
}

/// The person may, the extension was not given it: by no way that leads to a token, and no API of ours lets it in.
async fn pi_002(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), "profile rs1:read").await;
    let tokens = opened(&case.app, ALICE, &of).await.exchange(&case.app, X1).await;
    let access = tokens.text("access_token");
    assert_eq!(
        (tokens.text("scope"), told(case, &access).await),
        ("profile rs1:read".into(), "profile rs1:read".into())
    );
    case.expect(bearer(403, "insufficient_scope"), case.app.userinfo(&access)).await;
    let alice = signed_in(case, ALICE).await;
    let target = "/extensions/x1/authorize?state=s&scope=openid%20rs1%3Aread%20rs1%3Awrite";
    let arrived = redeemed(&case.app, &alice.get(target).await, X1).await;
    assert_eq!(told(case, &arrived.text("access_token")).await, "rs1:read");
    for asked in ["rs1:write", "rs1:read rs1:write"] {
        let refused = exchanged(case, &of, ALICE, &[("scope", asked)]).await;
        refused.assert_error(400, "invalid_scope");
        let scope = [("scope", asked)];
        case.expect(json(400, "invalid_scope"), case.app.installation_token(&of, &scope)).await;
    }
}

/// The extension was given it, the person may not, there: what they may do elsewhere is elsewhere.
async fn pi_003(case: &Case) {
    case.app.extend().await;
    let his = case.app.install(X1, (P2, "project/p-2"), ASKS).await;
    let above = case.app.install(X1, (CUSTOMER, "customer/c-1"), ASKS).await;
    let without = ASKS.replace(" rs1:write", "");
    for (user, of) in [(BOB, &his), (ALICE, &above)] {
        let tokens = opened(&case.app, user, of).await.exchange(&case.app, X1).await;
        assert_eq!(
            (tokens.text("scope"), told(case, &tokens.text("access_token")).await),
            (without.clone(), without.clone())
        );
        let form = [
            ("grant_type".to_owned(), "refresh_token".to_owned()),
            ("refresh_token".to_owned(), tokens.text("refresh_token")),
            ("scope".to_owned(), "rs1:write".to_owned()),
        ];
        case.expect(json(400, "invalid_scope"), case.app.token_as(X1, &form)).await;
        exchanged(case, of, user, &[("scope", "rs1:write")]).await.assert_error(400, "invalid_scope");
    }
    // What she may do below, and no longer once it is taken.
    let below = case.app.install(X1, (0, "tenant/t1"), ASKS).await;
    let hers = case.app.install(X2, (P1, "project/p-1"), ASKS).await;
    let tokens = opened(&case.app, ALICE, &hers).await.exchange(&case.app, X2).await;
    assert_eq!(told(case, &tokens.text("access_token")).await, ASKS);
    put(&case.app, vec![unassign(P1)]).await;
    assert_eq!(told(case, &tokens.text("access_token")).await, without);
    let tokens = opened(&case.app, ALICE, &below).await.exchange(&case.app, X1).await;
    assert_eq!(tokens.text("scope"), without);
}

/// Nobody grants an extension what they could not do themselves where it is installed.
async fn pi_006(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    furnished(&admin).await;
    let put = async |path: &str, body: serde_json::Value| {
        let reply = admin.json("PUT", &format!("{T}{path}"), body).await;
        assert!(reply.status < 300, "{path}: {}", reply.body);
    };
    let scopes =
        value!({ "scopes": [{ "name": "o:write", "permission": "orders:write" }, { "name": "o:see" }] });
    put(&format!("/apis/{}", doorward_wire::percent::encode("https://o.example")), scopes).await;
    let asks = value!([{ "name": "o:see" }, { "name": "o:write", "optional": true }]);
    put("/extensions/o", value!({ "state": "published", "manifest": { "name": "O", "scopes": asks } })).await;
    let alice = person(&case.app, ALICE).await;
    let list = format!("{T}/installations");
    let wish = |scopes: &str| value!({ "extension": "o", "context": "customer/c", "scopes": scopes });
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
        value!({ "extension": "o", "context": "customer/c", "scopes": "o:write o:see" }),
    ] {
        assert_eq!(alice.ask("PUT", &path, body).await.status, 403);
    }
    assert_eq!(admin.get(&path).await.json()["scopes"], "o:see");
}

/// An exchange gives what the session token says, or less; and nothing but a session token is exchanged.
async fn pi_007(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let alice = signed_in(case, ALICE).await;
    let token = session_token::token(&alice, &of).await.text("session_token");
    let ask = async |more: &[(&str, &str)]| {
        case.app.post_as_installation(&of, &session_token::form(&token, more)).await
    };
    for audience in
        ["https://rs2.example", "urn:doorward:admin", X2, "https://evil.example", "https://rs1.example/other"]
    {
        for name in ["audience", "resource"] {
            case.expect(json(400, "invalid_target"), ask(&[(name, audience)])).await;
            let both = [(name, "https://rs1.example"), (name, audience)];
            case.expect(json(400, "invalid_target"), ask(&both)).await;
        }
    }
    for scope in
        ["rs1:write", "rs1:read rs1:write", "rs1:read admin:users.read", "rs2:read", "openid profile", "*"]
    {
        case.expect(json(400, "invalid_scope"), ask(&[("scope", scope)])).await;
    }
    let kind = [("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")];
    case.expect(json(400, "invalid_request"), ask(&kind)).await;
    let narrow = ask(&[("scope", "rs1:read"), ("audience", "https://rs1.example")]).await;
    assert_eq!((narrow.status, narrow.text("scope")), (200, "rs1:read".to_owned()), "{}", narrow.body);
    assert_eq!(claims(&narrow.text("access_token"))["aud"], "https://rs1.example");
    let access = narrow.text("access_token");
    case.expect(json(400, "invalid_request"), session_token::exchange(&case.app, &of, &access)).await;
}

/// A chain of actors has one link: who opened for the person. It is kept as it is, and nobody hangs another on.
async fn pi_008(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    let admin = Admin::of_tenant(&case.app).await;
    let path = format!("{T}/installations/{}/session-token", of.id);
    let made = admin.json("POST", &path, value!({ "user": user_id(ALICE) })).await;
    let mut subject = made.text("session_token");
    assert_eq!(claims(&subject)["act"], value!({ "sub": "chief" }));
    for (name, said) in
        [("actor_token", subject.as_str()), ("actor_token_type", "urn:ietf:params:oauth:token-type:jwt")]
    {
        let refused = json(400, "invalid_request").event("exchange.actor_token");
        let form = session_token::form(&subject, &[(name, said)]);
        case.expect(refused, case.app.post_as_installation(&of, &form)).await;
    }
    for depth in 0..10 {
        let reply = session_token::exchange(&case.app, &of, &subject).await;
        if depth > 0 {
            reply.assert_error(400, "invalid_request");
            continue;
        }
        assert_eq!(reply.status, 200, "{}", reply.body);
        subject = reply.text("access_token");
        assert_eq!(claims(&subject)["act"], value!({ "sub": "chief" }));
        assert_eq!(case.app.introspect(RS1, &subject).await.json()["act"], value!({ "sub": "chief" }));
    }
}

/// What X1 hands to X2 stays X1's: every API is told whose it is, X2 is told nothing, renews nothing and exchanges nothing, and that it
/// tried is recorded with its name.
async fn pi_009(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    let accomplice = case.app.install(X2, (P1, "project/p-1"), ASKS).await;
    let tokens = opened(&case.app, ALICE, &of).await.exchange(&case.app, X1).await;
    let access = tokens.text("access_token");
    assert_eq!(case.app.introspect(RS1, &access).await.json()["client_id"], X1);
    let said = claims(&access);
    let of_api_and_issuer = value!(["https://rs1.example", "https://id.example"]);
    assert_eq!((&said["client_id"], &said["aud"]), (&value!(X1), &of_api_and_issuer));
    case.new_events().await;
    assert_eq!(case.app.introspect(X2, &access).await.json(), value!({ "active": false }));
    let events = case.new_events().await;
    let foreign = events.iter().find(|event| event.reason.as_deref() == Some("introspect.foreign"));
    assert_eq!(foreign.and_then(|event| event.client.as_ref()).map(|client| client.as_str()), Some(X2));
    let refresh = tokens.text("refresh_token");
    let form = [
        ("grant_type".to_owned(), "refresh_token".to_owned()),
        ("refresh_token".to_owned(), refresh.clone()),
    ];
    case.expect(json(400, "invalid_grant").recorded("refresh.wrong_client"), case.app.token_as(X2, &form))
        .await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let by_secret = case.app.post_as_installation(&accomplice, &form);
    case.expect(json(400, "invalid_grant").recorded("refresh.wrong_client"), by_secret).await;
    let session = session_token::token(&signed_in(case, ALICE).await, &of).await.text("session_token");
    let refused = json(400, "invalid_request").recorded("atrek.wrong_extension");
    case.expect(refused, session_token::exchange(&case.app, &accomplice, &session)).await;
    case.app.revoke(X2, &access).await;
    assert!(is_active(case, RS1, &access).await);
    assert_eq!(case.app.refresh(X1, &refresh).await.status, 200);
}

/// A scope is a word that is compared whole; of permissions `domain:*` is all of that domain, and nothing else is a pattern.
async fn pi_010(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), "rs1:read rs1:write").await;
    for scope in [
        "*",
        "rs1:*",
        "rs1:",
        "rs1",
        "rs1:rea",
        "rs1:read*",
        "rs1:readwrite",
        "rs1:reader",
        "RS1:read",
        "rs1:read/x",
    ] {
        let asked = [("scope", scope)];
        case.expect(json(400, "invalid_scope"), case.app.installation_token(&of, &asked)).await;
    }
    let admin = Admin::of_server(&case.app).await;
    for permission in [
        "*",
        "*:*",
        "*:write",
        "orders",
        "orders:",
        "ord*:write",
        "orders:wr*",
        "orders:write:*",
        "Orders:write",
    ] {
        let wish = value!({ "permissions": [permission] });
        let reply = admin.json("PUT", &format!("{T}/roles/pattern"), wish).await;
        assert_eq!(reply.status, 400, "{permission}: {}", reply.body);
    }
    assert_eq!(admin.get(&format!("{T}/roles/pattern")).await.status, 404);
    let holding = async |permission: &str| {
        let role =
            admin.json("PUT", &format!("{T}/roles/writer"), value!({ "permissions": [permission] })).await;
        assert_eq!(role.status, 200, "{}", role.body);
        let tokens = opened(&case.app, ALICE, &of).await.exchange(&case.app, X1).await;
        told(case, &tokens.text("access_token")).await
    };
    for near in [
        "orders:writer",
        "orders:writ",
        "order:write",
        "orders2:write",
        "orders:write.all",
        "order:*",
        "orders2:*",
    ] {
        assert_eq!(holding(near).await, "rs1:read", "{near}");
    }
    for enough in ["orders:write", "orders:*"] {
        assert_eq!(holding(enough).await, "rs1:read rs1:write", "{enough}");
    }
}
