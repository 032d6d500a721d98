//! `/guard`: who stands in front of an API asks whether a request may pass.

use doorward_core::model::Life;
use doorward_tests::extended::{P1, X1};
use doorward_tests::{Reply, TestApp, WEB};
use serde_json::json;

use crate::admin::{Admin, pointers};
use crate::reference::speak;

const API: &str = "https://rs1.example";
const ASKED: &str = "/guard?api=https%3A%2F%2Frs1.example";
const BY_PATH: &str = "/guard/at/https%3A%2F%2Frs1.example";
const METADATA: &str =
    "resource_metadata=\"https://id.example/guard/metadata?api=https%3A%2F%2Frs1.example\"";
const IDENTITY: [&str; 4] = ["doorward-user", "doorward-client", "doorward-installation", "doorward-scopes"];

type Headers<'a> = Vec<(&'a str, &'a str)>;

/// As nginx asks whether a request may pass.
async fn ask(app: &TestApp, method: &str, target: &str, token: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("x-original-method", method), ("x-original-uri", target)];
    if !token.is_empty() {
        headers.push(("authorization", &bearer));
    }
    app.get(ASKED, &headers).await
}

async fn guarded(routes: serde_json::Value) -> TestApp {
    let app = TestApp::new().await;
    app.guarded(routes, false).await;
    app
}

async fn token(app: &TestApp, scope: &str) -> String {
    app.tokens(WEB, &[("scope", scope)]).await.text("access_token")
}

fn identity(reply: &Reply) -> [Option<&str>; 4] {
    IDENTITY.map(|name| reply.header(name))
}

fn challenge(reply: &Reply) -> &str {
    reply.header("www-authenticate").unwrap_or_default()
}

#[tokio::test]
async fn every_proxy_can_ask_and_is_told_who_it_is() {
    let app = guarded(json!([{ "methods": ["DELETE"], "path": "/orders/*", "scopes": ["rs1:read"] }])).await;
    let reply = app.tokens(WEB, &[("scope", "openid rs1:read")]).await;
    let (bearer, alice) =
        (format!("Bearer {}", reply.text("access_token")), doorward_tests::user_id("alice"));
    let authorization = ("authorization", bearer.as_str());
    let target = "/orders/1?a=1&a=2";
    let asked: [(&str, String, Headers<'_>); 5] = [
        ("GET", ASKED.to_owned(), vec![("x-original-method", "DELETE"), ("x-original-uri", target)]),
        ("POST", ASKED.to_owned(), vec![("x-original-method", "DELETE"), ("x-original-uri", target)]),
        ("GET", ASKED.to_owned(), vec![("x-forwarded-method", "DELETE"), ("x-forwarded-uri", target)]),
        ("DELETE", format!("{BY_PATH}{target}"), vec![]),
        (
            "DELETE",
            format!("{BY_PATH}{target}"),
            vec![("x-forwarded-method", "DELETE"), ("x-forwarded-uri", target)],
        ),
    ];
    for (method, at, said) in asked {
        let mut headers =
            vec![authorization, ("doorward-user", "mallory"), ("doorward-installation", "ins_1")];
        headers.extend(said);
        let reply = app.send(method, &at, &headers, "").await;
        assert_eq!((reply.status, reply.body.as_str()), (200, ""), "{method} {at}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{method} {at}");
        assert_eq!(
            identity(&reply),
            [Some(alice.as_str()), Some(WEB), Some(""), Some("openid rs1:read")],
            "{method} {at}"
        );
    }
}

#[tokio::test]
async fn who_says_two_things_or_nothing_is_refused() {
    let app = guarded(json!([{ "path": "/open", "open": true }])).await;
    let rows: [(&str, Headers<'_>); 12] = [
        (ASKED, vec![]),
        (ASKED, vec![("x-original-uri", "/open")]),
        (ASKED, vec![("x-original-method", "GET")]),
        (ASKED, vec![("x-original-method", "GET"), ("x-forwarded-uri", "/open")]),
        (
            ASKED,
            vec![
                ("x-original-method", "GET"),
                ("x-original-uri", "/shut"),
                ("x-forwarded-method", "GET"),
                ("x-forwarded-uri", "/open"),
            ],
        ),
        (
            ASKED,
            vec![
                ("x-original-method", "GET"),
                ("x-original-uri", "/open"),
                ("x-forwarded-method", "PUT"),
                ("x-forwarded-uri", "/open"),
            ],
        ),
        (ASKED, vec![("x-original-method", "GET"), ("x-original-uri", "/open"), ("x-original-uri", "/open")]),
        (
            ASKED,
            vec![("x-original-method", "GET"), ("x-original-uri", "/open"), ("x-forwarded-uri", "/shut")],
        ),
        ("/guard/at/https%3A%2F%2Frs1.example/open", vec![("x-original-method", "DELETE")]),
        (
            "/guard/at/https%3A%2F%2Frs1.example/shut",
            vec![("x-forwarded-method", "GET"), ("x-forwarded-uri", "/open")],
        ),
        ("/guard/at/%ff/open", vec![]),
        ("/guard", vec![("x-original-method", "GET"), ("x-original-uri", "/open")]),
    ];
    for (at, headers) in rows {
        let reply = app.get(at, &headers).await;
        reply.assert_error(400, "invalid_request");
        assert_eq!(identity(&reply), [None; 4], "{at} {headers:?}");
    }
    assert_eq!(app.get(&format!("{BY_PATH}/open"), &[]).await.status, 200);
    // What is asked of an API is no preflight of ours.
    app.send("OPTIONS", &format!("{BY_PATH}/shut"), &[], "").await.assert_error(403, "access_denied");
    let unknown = "/guard/at/https%3A%2F%2Fother.example/open";
    app.get(unknown, &[]).await.assert_error(403, "access_denied");
}

#[tokio::test]
async fn what_is_missing_is_asked_for() {
    let app = guarded(json!([
        { "path": "/open", "open": true },
        { "path": "/orders/**", "scopes": ["rs1:read", "rs1:write"] },
        { "path": "/secret", "acr": "urn:doorward:acr:mfa", "max_age": 300 },
        { "path": "/me" },
    ]))
    .await;
    let token = token(&app, "openid rs1:read").await;

    let reply = ask(&app, "GET", "/open", "garbage").await;
    assert_eq!(
        (reply.status, identity(&reply)),
        (200, [Some(""); 4]),
        "nobody is named where nobody is asked"
    );

    // Of a sign-in nothing is said before there is a token.
    for target in ["/me", "/secret"] {
        let reply = ask(&app, "GET", target, "").await;
        assert_eq!(
            (reply.status, challenge(&reply)),
            (401, format!("Bearer {METADATA}").as_str()),
            "{target}"
        );
    }
    let reply = ask(&app, "GET", "/me", "garbage").await;
    let invalid = "Bearer error=\"invalid_token\", error_description=\"the access token is not valid\", ";
    assert_eq!((reply.status, challenge(&reply)), (401, format!("{invalid}{METADATA}").as_str()));
    let reply = ask(&app, "GET", "/orders/1", &token).await;
    let scope = "Bearer error=\"insufficient_scope\", scope=\"rs1:read rs1:write\", ";
    assert_eq!((reply.status, challenge(&reply)), (403, format!("{scope}{METADATA}").as_str()));
    let reply = ask(&app, "GET", "/secret", &token).await;
    assert_eq!(reply.status, 401);
    reply.assert_error(401, "insufficient_user_authentication");
    let asked = format!("acr_values=\"urn:doorward:acr:mfa\", max_age=\"300\", {METADATA}");
    assert!(challenge(&reply).ends_with(&asked), "{}", challenge(&reply));
    for (method, target) in [("GET", "/other"), ("GET", "/me/"), ("GET", "/open/../me"), ("get", "/me")] {
        let reply = ask(&app, method, target, &token).await;
        reply.assert_error(403, "access_denied");
        assert_eq!((challenge(&reply), identity(&reply)), ("", [None; 4]), "{target}");
    }
    app.advance_s(601);
    let reply = ask(&app, "GET", "/me", &token).await;
    assert!(challenge(&reply).contains("the access token has expired"), "{}", challenge(&reply));

    let told = app.get("/guard/metadata?api=https%3A%2F%2Frs1.example", &[]).await;
    assert_eq!(told.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        told.json(),
        json!({
            "resource": API, "resource_name": "API rs1", "authorization_servers": ["https://id.example"],
            "scopes_supported": ["rs1:read", "rs1:write"], "bearer_methods_supported": ["header"],
        })
    );
    assert_eq!(app.get("/guard/metadata?api=https%3A%2F%2Fother.example", &[]).await.status, 403);
    let admin = Admin::of_tenant(&app).await;
    let path = "/tenants/t1/apis/https%3A%2F%2Frs1.example";
    assert_eq!(admin.json("PATCH", path, json!({ "disabled": true })).await.status, 200);
    assert_eq!(app.get("/guard/metadata?api=https%3A%2F%2Frs1.example", &[]).await.status, 403);
}

#[tokio::test]
async fn an_api_that_insists_on_https_takes_no_token_in_the_clear() {
    let app = TestApp::new().await;
    let routes = json!([{ "path": "/open", "open": true }, { "path": "/**" }]);
    let rules = |https| json!({ "routes": routes.clone(), "https": https });
    let bearer = format!("Bearer {}", token(&app, "rs1:read").await);
    let rows: [(&[&str], u16); 6] = [
        (&["https"], 200),
        (&["HTTPS"], 200),
        (&["http"], 403),
        (&[], 403),
        (&["https", "https"], 403),
        (&["https, http"], 403),
    ];
    for is_asked in [true, false] {
        app.guarding(serde_json::from_value(rules(is_asked)).expect("rules")).await;
        for (schemes, status) in rows {
            let mut headers = vec![("x-original-method", "GET"), ("x-original-uri", "/me")];
            headers.extend(schemes.iter().map(|scheme| ("x-forwarded-proto", *scheme)));
            let nobody = app.get(ASKED, &headers).await;
            assert_eq!(nobody.status, if is_asked && status == 403 { 403 } else { 401 }, "{schemes:?}");
            headers.push(("authorization", &bearer));
            let reply = app.get(ASKED, &headers).await;
            assert_eq!(reply.status, if is_asked { status } else { 200 }, "{schemes:?}");
            assert_eq!(reply.header("doorward-client").is_some(), reply.status == 200);
            assert_eq!(challenge(&reply), "");
            headers[1].1 = "/open";
            assert_eq!(app.get(ASKED, &headers).await.status, 200, "{schemes:?}");
        }
    }
}

#[tokio::test]
async fn who_asks_for_metadata_learns_how_tokens_are_sent_there() {
    let rows = [
        ("mittwald", json!(["header"])),
        ("mia-platform", json!(["header"])),
        ("smartenit", json!(["header"])),
        // `Token` and `OAuth` are no ways of RFC 6750.
        ("magic", json!([])),
        ("ez-publish", json!([])),
    ];
    for (dialect, methods) in rows {
        let app = TestApp::new().await;
        let mount = speak(&app, dialect).await;
        let told = app.get(&format!("{mount}/guard/metadata?api=https%3A%2F%2Frs1.example"), &[]).await;
        assert_eq!(told.json()["bearer_methods_supported"], methods, "{dialect}");
    }
}

#[tokio::test]
async fn trouble_with_the_storage_is_no_denial_and_closes_nothing_that_is_open() {
    let app = guarded(json!([{ "path": "/open", "open": true }, { "path": "/me" }])).await;
    let token = token(&app, "openid rs1:read").await;
    assert_eq!(ask(&app, "GET", "/me", &token).await.status, 200);
    app.fail_reads(true).await;
    let reply = ask(&app, "GET", "/me", &token).await;
    assert_eq!((reply.status, challenge(&reply)), (503, ""));
    assert!(reply.header("retry-after").is_some());
    assert_eq!(ask(&app, "GET", "/open", &token).await.status, 200);
    app.fail_reads(false).await;
    assert_eq!(ask(&app, "GET", "/me", &token).await.status, 200);
}

#[tokio::test]
async fn without_rules_a_live_token_of_the_api_is_enough() {
    let app = TestApp::new().await;
    let ours = token(&app, "openid rs1:read").await;
    for target in ["/", "/a//b", "/a/../b"] {
        assert_eq!(ask(&app, "GET", target, &ours).await.status, 200, "{target}");
        assert_eq!(ask(&app, "GET", target, "").await.status, 401, "{target}");
    }
    // One for userinfo alone is for another audience.
    let reply = ask(&app, "GET", "/", &token(&app, "openid").await).await;
    assert!(challenge(&reply).contains("for another audience"), "{}", challenge(&reply));
}

#[tokio::test]
async fn what_is_no_access_token_of_this_issuer_opens_nothing() {
    let app = TestApp::new().await;
    let code = app.code(WEB, &[("scope", "openid offline_access rs1:read")]).await;
    let reply = ask(&app, "GET", "/", &code.code).await;
    assert_eq!(reply.status, 401, "a code");
    let tokens = code.redeem(&app).await;
    for member in ["refresh_token", "id_token"] {
        let reply = ask(&app, "GET", "/", &tokens.text(member)).await;
        assert_eq!(reply.status, 401, "{member}: {}", reply.body);
        assert!(challenge(&reply).contains("error=\"invalid_token\""), "{member}");
    }
    let access = tokens.text("access_token");
    assert_eq!(ask(&app, "GET", "/", &access).await.status, 200);
    let bearer = format!("Bearer {access}");
    let asked = [("x-original-method", "GET"), ("x-original-uri", "/"), ("authorization", bearer.as_str())];
    let elsewhere = app.get(&format!("/t/t2{ASKED}"), &asked).await;
    assert!((401..=403).contains(&elsewhere.status), "another tenant's issuer: {}", elsewhere.status);
    // In the query it is logged; in another header it is for another; in a body it was meant for the API.
    let target = format!("/?access_token={access}");
    assert_eq!(ask(&app, "GET", &target, "").await.status, 401);
    let headers =
        [("x-original-method", "GET"), ("x-original-uri", "/"), ("x-access-token", access.as_str())];
    assert_eq!(app.get(ASKED, &headers).await.status, 401);
    assert_eq!(app.post_form(ASKED, &[("access_token", &access)], &asked[..2]).await.status, 401);
}

#[tokio::test]
async fn an_installation_is_named_and_missed_at_once_when_it_is_switched_off() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let own = app.installation_token(&of, &[("scope", "rs1:read")]).await.text("access_token");
    let reply = ask(&app, "GET", "/", &own).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(identity(&reply), [Some(""), Some(X1), Some(of.id.as_str()), Some("rs1:read")]);
    app.live(&of.id, Life::disable).await;
    assert_eq!(ask(&app, "GET", "/", &own).await.status, 401);
}

#[tokio::test]
async fn another_dialect_takes_the_token_in_its_own_header() {
    let app = TestApp::new().await;
    speak(&app, "mittwald").await;
    let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    let basic = doorward_tests::basic(doorward_tests::M2M, &doorward_tests::secret_of(doorward_tests::M2M));
    let issued = app.post_form("/mi/v2/oauth2/token", &form, &[("authorization", &basic)]).await;
    let (token, at) = (issued.text("access_token"), format!("/mi{ASKED}"));
    let asked = [("x-original-method", "GET"), ("x-original-uri", "/")];
    let with = |name: &'static str, value: &str| {
        let mut headers: Vec<(&str, String)> = asked.map(|(name, value)| (name, value.to_owned())).into();
        headers.push((name, value.to_owned()));
        headers
    };
    let bearer = format!("Bearer {token}");
    for (name, value, status) in [
        ("x-access-token", token.as_str(), 200),
        ("authorization", &bearer, 200),
        ("x-access-token", "a b", 401),
    ] {
        let headers = with(name, value);
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = app.get(&at, &headers).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
    }
    let both = [asked[0], asked[1], ("x-access-token", token.as_str()), ("authorization", bearer.as_str())];
    assert_eq!(app.get(&at, &both).await.status, 400);
    // Of the other issuer it is none.
    assert_eq!(ask(&app, "GET", "/", &token).await.status, 401);
}

#[tokio::test]
async fn rules_are_configured_with_the_api() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = "/tenants/t1/apis/https:%2F%2Fnew.example";
    let api = |routes: serde_json::Value| json!({ "id": "https://new.example", "scopes": [{ "name": "new:read" }], "guard": { "routes": routes } });
    let rules = json!([
        { "methods": ["GET"], "path": "/things/*", "scopes": ["new:read"], "acr": "urn:doorward:acr:mfa", "max_age": 60 },
        { "path": "/health", "open": true },
    ]);
    let made = admin.json("PUT", path, api(rules.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(admin.get(path).await.json()["guard"]["routes"], rules);
    let wrong = [
        (json!([{ "path": "things" }]), "/guard/routes/0/path"),
        (json!([{ "path": "/a/../b" }]), "/guard/routes/0/path"),
        (json!([{ "path": "/a", "methods": ["get"] }]), "/guard/routes/0/methods/0"),
        (json!([{ "path": "/a", "scopes": ["rs1:read"] }]), "/guard/routes/0/scopes/0"),
        (json!([{ "path": "/a", "acr": "urn:other" }]), "/guard/routes/0/acr"),
        (json!([{ "path": "/a" }, { "path": "/b", "max_age": 0 }]), "/guard/routes/1/max_age"),
        (json!([{ "path": "/a", "open": true, "scopes": ["new:read"] }]), "/guard/routes/0/open"),
    ];
    for (routes, pointer) in wrong {
        let reply = admin.json("PUT", path, api(routes.clone())).await;
        assert_eq!((reply.status, pointers(&reply)), (400, vec![pointer.to_owned()]), "{routes}");
    }
    assert_eq!(admin.get(path).await.json()["guard"]["routes"], rules, "nothing was changed");
}
