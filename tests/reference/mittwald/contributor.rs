//! What a contributor does with an extension.

use std::collections::BTreeSet;

use doorward_core::Effect;
use doorward_core::model::{ExtensionState, WebhookFormat};
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::extended::{Installed, P1, X1};
use doorward_tests::sink::{Answer, Sink};
use doorward_tests::{ALICE, BOB, Reply, T1, TestApp, request};
use serde_json::{Value, json};

use super::super::{Speaker, issuer};
use super::codes::redeem;
use super::managing::{by, managed_at, pair};
use super::{CALLBACK, SCOPES, authorize, instance_token};
use crate::admin::{client_with, every_scope, token_of};
use crate::webhooks::loopback;

const MINE: &str = "/v2/contributors/maker/extensions/x1";

/// X1 is told at a sink, and installed in P1, whose first news it has.
pub async fn told() -> (Speaker, Installed, Sink) {
    let app = TestApp::fetching(loopback()).await;
    app.extend().await;
    let at = Speaker::on(app, "mittwald").await;
    let sink = Sink::new().await;
    let url = sink.url("/hook/:contextId");
    at.app
        .change_extension(X1, |found| {
            found.manifest.webhook_url = Some(url);
            found.manifest.webhook_format = WebhookFormat::Mittwald;
        })
        .await;
    let of = at.app.install(X1, (P1, "project/p-1"), SCOPES).await;
    managed_at(&at).await;
    crate::webhooks::turns(&at.app.app).await;
    sink.take();
    (at, of, sink)
}

pub fn kind(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["type"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn mw_18_secrets_of_an_extension_overlap_for_a_day() {
    let (at, of, _) = told().await;
    let exchanges = async |secret: &str| {
        let token = pair(&at, ALICE).await.text("access_token");
        let path = format!("/v2/extension-instances/{}/sessions/s", of.id);
        let session = by(&at, &token, "POST", &path, Value::Null).await.text("sessionToken");
        let body = json!({ "sessionToken": session, "extensionSecret": secret });
        at.json("POST", "/v2/authenticate-session-token", body).await.status
    };
    let token = pair(&at, ALICE).await.text("access_token");
    let made = by(&at, &token, "POST", &format!("{MINE}/secret"), json!({})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let (old, new) = (doorward_tests::secret_of(X1), made.text("secret"));
    assert_eq!((exchanges(&old).await, exchanges(&new).await), (201, 201), "both work for a day");
    at.app.advance_s(86_399);
    assert_eq!(exchanges(&old).await, 201);
    at.app.advance_s(1);
    assert_eq!((exchanges(&old).await, exchanges(&new).await), (400, 201));
    let token = pair(&at, ALICE).await.text("access_token");
    let id = made.text("secretId");
    for (path, expected) in [
        (format!("{MINE}/secret/{id}/more"), 404),
        (format!("{MINE}/secret/{id}"), 204),
        (format!("{MINE}/secret/{id}"), 404),
    ] {
        assert_eq!(by(&at, &token, "DELETE", &path, Value::Null).await.status, expected, "{path}");
    }
    assert_eq!(exchanges(&new).await, 400, "at once");
}

#[tokio::test]
async fn mw_11_a_new_secret_of_an_instance_counts_once_its_extension_was_told() {
    let (at, of, sink) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let path = format!("{MINE}/extension-instances/{}/secret", of.id);
    let rotate = async |body: Value| by(&at, &token, "PUT", &path, body).await;
    let works = async |secret: &str| {
        instance_token(&at, &of, json!({ "extensionInstanceSecret": secret })).await.status == 201
    };
    // The extension says no: the one before stays.
    sink.answer([Answer::status(500)]);
    let failed = rotate(Value::Null).await;
    let result = json!({ "failure": true, "statusCode": 500 });
    assert_eq!((failed.status, &failed.json()["webhookResult"]), (200, &result), "{}", failed.body);
    assert_eq!((works(&of.secret).await, works(&failed.text("secret")).await), (true, false));
    // It is told while the request waits, and nothing of it is told again.
    let heard = sink.take();
    assert_eq!((heard.len(), heard[0].json()["kind"].as_str()), (1, Some("SecretRotated")));
    assert_eq!(heard[0].json()["secret"], failed.json()["secret"]);
    at.app.advance_s(60);
    crate::webhooks::turns(&at.app.app).await;
    assert!(sink.take().is_empty(), "it is not retried");
    // Nobody answers.
    sink.answer([Answer::Close]);
    let silent = rotate(json!({ "allowWebhookFailure": false })).await;
    assert_eq!(silent.json()["webhookResult"], json!({ "failure": true }));
    assert!(works(&of.secret).await);
    // It takes it: the one before is dead.
    let taken = rotate(json!({})).await;
    assert_eq!(taken.json()["webhookResult"], json!({ "failure": false, "statusCode": 204 }));
    assert_eq!((works(&of.secret).await, works(&taken.text("secret")).await), (false, true));
    // Whoever brings it there themselves may say so.
    sink.answer([Answer::status(500)]);
    let allowed = rotate(json!({ "allowWebhookFailure": true })).await;
    assert_eq!(allowed.json()["webhookResult"], result);
    assert_eq!((works(&taken.text("secret")).await, works(&allowed.text("secret")).await), (false, true));
    let wrong = rotate(json!({ "allowWebhookFailure": "yes" })).await;
    assert_eq!(kind(&wrong), (400, "ValidationError".into()));
    assert!(works(&allowed.text("secret")).await);
}

#[tokio::test]
async fn mw_15_a_contributor_sees_what_the_extension_would_answer() {
    let (at, of, sink) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let path = format!("{MINE}/extension-instances/{}/actions/dry-run", of.id);
    let before = at.app.standing(of.id.as_str()).await.version;
    for (named, told) in [
        ("extension-added-to-context", "ExtensionAddedToContext"),
        ("extension-instance-updated", "InstanceUpdated"),
        ("extension-instance-secret-rotated", "SecretRotated"),
        ("extension-instance-removed-from-context", "InstanceRemovedFromContext"),
    ] {
        sink.answer([Answer::Status(202, "X-Told: once\r\nX-Told: twice\r\n".into(), b"ok".to_vec())]);
        let ran = by(&at, &token, "POST", &format!("{path}/{named}"), Value::Null).await;
        let expected = json!({
            "successful": true, "routeCalled": sink.url(&sink.heard()[0].target), "responseCode": 202, "responseBody": "ok",
        });
        let mut told_of = ran.json();
        let headers = told_of.as_object_mut().and_then(|members| members.remove("responseHeaders"));
        assert_eq!((ran.status, told_of), (200, expected), "{}", ran.body);
        let headers = headers.as_ref().and_then(Value::as_str).expect("the header fields").to_owned();
        assert!(headers.contains("x-told: once\nx-told: twice"), "{headers}");
        let heard = sink.take().remove(0);
        assert_eq!(heard.json()["kind"], told);
        let marks = format!("/hook/p-1?dry-run=true&executing-user-id={}", doorward_tests::user_id(ALICE));
        assert_eq!(heard.target, marks);
    }
    sink.answer([Answer::Close]);
    let silent = by(&at, &token, "POST", &format!("{path}/extension-instance-updated"), Value::Null).await;
    assert_eq!(silent.json()["successful"], false);
    assert!(silent.json()["errorMessage"].is_string(), "{}", silent.body);
    assert_eq!(by(&at, &token, "POST", &format!("{path}/other"), Value::Null).await.status, 400);
    assert_eq!(at.app.standing(of.id.as_str()).await.version, before);
    assert_eq!(instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await.status, 201);
}

/// Whichever way a request goes: where storage is out of reach its sender is told when to come back.
#[tokio::test]
async fn what_cannot_be_done_now_is_told_in_their_words() {
    let (at, _, _) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let path = format!("{MINE}/secret");
    let make = || by(&at, &token, "POST", &path, json!({}));
    at.app.fail_writes(true).await;
    let refused = make().await;
    assert_eq!(kind(&refused), (503, "ServiceUnavailable".into()));
    assert!(refused.header("retry-after").is_some());
    at.app.fail_writes(false).await;
    assert_eq!(make().await.status, 200);
}

#[tokio::test]
async fn mw_21_a_contributor_sets_up_the_client_of_the_extension() {
    let (at, _, _) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let clients = "/v2/contributors/maker/oauth-clients";
    at.app.change_extension(X1, |found| found.state = ExtensionState::Draft).await;
    let redirects = json!(["https://x1.example/callback", "https://x1.example/other"]);
    let scopes = json!(["openid", "profile", "offline_access", "rs1:read"]);
    let wanted = json!({ "id": X1, "allowedRedirectUris": redirects, "allowedScopes": scopes });
    let made = by(&at, &token, "POST", clients, wanted).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let mut expected = json!({
        "id": X1, "contributorId": "maker", "humanReadableName": "Extension x1",
        "allowedRedirectUris": redirects, "allowedScopes": scopes,
    });
    expected["allowedGrantTypes"] = json!(["authorization_code", "refresh_token"]);
    assert_eq!(made.json(), expected);
    let path = format!("{clients}/{X1}");
    let fewer = json!(["https://x1.example/callback"]);
    let changed = by(&at, &token, "PATCH", &path, json!({ "allowedRedirectUris": fewer })).await;
    expected["allowedRedirectUris"] = fewer;
    assert_eq!((changed.status, changed.json()), (200, expected), "{}", changed.body);
    // What else it may do at the token endpoint is the platform's.
    for more in [json!(["password"]), json!(["client_credentials"]), json!("refresh_token"), json!(null)] {
        let refused = by(&at, &token, "PATCH", &path, json!({ "allowedGrantTypes": more })).await;
        assert_eq!(kind(&refused), (400, "ValidationError".into()), "{more}");
    }
    at.app.change_extension(X1, |found| found.state = ExtensionState::Published).await;
    let evil = json!(["https://x1.example/callback", "https://evil.example/cb"]);
    for swap in [
        json!({ "allowedRedirectUris": evil }),
        json!({ "humanReadableName": "mittwald" }),
        json!({ "allowedGrantTypes": ["authorization_code"] }),
    ] {
        assert_eq!(
            by(&at, &token, "PATCH", &path, swap.clone()).await.status,
            403,
            "{swap}: it was looked at"
        );
    }
    at.app.change_extension(X1, |found| found.state = ExtensionState::Draft).await;
    // Not what administers, and not a client that is no extension's.
    let more = by(&at, &token, "PATCH", &path, json!({ "allowedScopes": ["admin:users.write"] })).await;
    assert!(matches!(more.status, 400 | 403), "{}", more.body);
    for other in ["web", "nothing"] {
        let path = format!("{clients}/{other}");
        let reply = by(&at, &token, "PATCH", &path, json!({ "humanReadableName": "mine" })).await;
        assert_eq!(kind(&reply), (404, "ObjectNotFound".into()), "{other}");
    }
    assert_eq!(kind(&by(&at, &token, "POST", clients, json!({})).await), (400, "ValidationError".into()));
}

/// What is told may be supposed; nothing of it is so.
#[tokio::test]
async fn mw_15_a_dry_run_supposes_what_its_query_says() {
    let (at, of, sink) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let path = format!("{MINE}/extension-instances/{}/actions/dry-run/extension-added-to-context", of.id);
    let before = at.app.standing(of.id.as_str()).await.version;
    let ask = async |query: &str| by(&at, &token, "POST", &format!("{path}?{query}"), Value::Null).await;
    let query = "contextId=p-9&scopes=rs1:read&scopes=rs1:write&instanceDisabled=true&createdAt=2024-01-01T00:00:00.000Z&secret=abc";
    let ran = ask(query).await;
    assert_eq!(ran.status, 200, "{}", ran.body);
    let heard = sink.take().remove(0);
    assert!(heard.target.starts_with("/hook/p-9?dry-run=true&"), "{}", heard.target);
    let body = heard.json();
    assert_eq!(body["context"], json!({ "id": "p-9", "kind": "project" }));
    assert_eq!(body["consentedScopes"], json!(["rs1:read", "rs1:write"]));
    assert_eq!((&body["state"], &body["secret"]), (&json!({ "enabled": false }), &json!("abc")));
    assert_eq!(body["request"]["createdAt"], "2024-01-01T00:00:00Z");
    for wrong in [
        "contextId=a%2Fb",
        "instanceDisabled=banana",
        "createdAt=banana",
        "createdAt=2024-01-01T00:00:00.x0Z",
        "scopes=a%22b",
    ] {
        assert_eq!(kind(&ask(wrong).await), (400, "ValidationError".into()), "{wrong}");
    }
    assert!(sink.take().is_empty(), "nobody was told of what is wrong");
    assert_eq!(at.app.standing(of.id.as_str()).await.version, before);
    let opened = instance_token(&at, &of, json!({ "extensionInstanceSecret": "abc" })).await;
    assert_ne!(opened.status, 201, "the supposed secret opens nothing");
}

/// The documented body, and then what it is for: "execute OAuth 2.0".
#[tokio::test]
async fn mw_21_people_sign_in_by_a_client_that_was_set_up_here() {
    let (at, _, _) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    at.app.change_extension(X1, |found| found.state = ExtensionState::Draft).await;
    let known =
        at.app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("it is there");
    let own: BTreeSet<String> = known.client.grant_types.difference(&codes()).cloned().collect();
    at.app
        .change_client(X1, |client| {
            client.grant_types = own.clone();
            client.redirect_uris.clear();
            client.issuers.clear();
        })
        .await;
    // An issuer whose dialect this version does not know was used by nobody.
    at.app.commit(vec![Effect::PutIssuer(issuer(T1, "unheard-of", "/un"))]).await;
    assert_eq!(at.app.get("/un/sign-in", &[]).await.status, 404);
    let wanted = json!({
        "id": X1, "contributorId": "maker", "humanReadableName": "X One", "allowedScopes": ["rs1:read"],
        "allowedGrantTypes": ["authorization_code", "refresh_token"], "allowedRedirectUris": [CALLBACK],
    });
    let made = by(&at, &token, "POST", "/v2/contributors/maker/oauth-clients", wanted.clone()).await;
    assert_eq!((made.status, made.json()), (201, wanted), "{}", made.body);
    let browser = at.signed_in(ALICE).await;
    let sent = at.get(&browser, &authorize(&[])).await;
    let code = sent.param("code").expect("a code, with nothing more to allow");
    assert_eq!(redeem(&at, X1, &code, &[]).await.status, 200);
    // It goes on at the issuers that it was used at without listing any, and with what it did besides.
    let known =
        at.app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("it is there");
    let issuers = known.client.issuers;
    assert_eq!(issuers, [format!("iss-{T1}").as_str().into(), "mittwald".into()].into());
    assert_eq!(known.client.grant_types, own.union(&codes()).cloned().collect());
    let path = format!("/v2/contributors/maker/oauth-clients/{X1}");
    let fewer = json!({ "allowedGrantTypes": ["authorization_code"], "allowedRedirectUris": [CALLBACK] });
    let changed = by(&at, &token, "PATCH", &path, fewer).await;
    assert_eq!((changed.status, &changed.json()["allowedGrantTypes"]), (200, &json!(["authorization_code"])));
    let known =
        at.app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("it is there");
    assert!(own.is_subset(&known.client.grant_types));
    // Added once more it is what is said then, as when it is changed: it is there with its extension.
    let again = json!({ "id": X1, "humanReadableName": "X Two", "allowedRedirectUris": [CALLBACK] });
    let again = by(&at, &token, "POST", "/v2/contributors/maker/oauth-clients", again).await;
    assert_eq!((again.status, &again.json()["humanReadableName"]), (201, &json!("X Two")), "{}", again.body);
    assert_eq!(again.json()["allowedGrantTypes"], json!(["authorization_code", "refresh_token"]));
}

/// What an administrator changes meanwhile is there afterwards, whichever came first.
#[tokio::test]
async fn mw_21_what_is_changed_at_once_is_not_lost() {
    let (at, _, _) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    at.app.change_extension(X1, |found| found.state = ExtensionState::Draft).await;
    client_with(&at.app, "registrar", &every_scope()).await;
    let chief = format!("Bearer {}", token_of(&at.app, "registrar", &every_scope()).await);
    let nodes = nodes(&at.app).await;
    let json = ("content-type", "application/json");
    for round in 0..ROUNDS {
        at.app
            .change_client(X1, |client| {
                client.grant_types = codes();
                client.issuers = [format!("iss-{T1}").as_str().into()].into();
            })
            .await;
        let grants = json!({ "grant_types": ["authorization_code", "client_credentials"] }).to_string();
        let by_admin =
            request("PATCH", "/admin/v1/tenants/t1/clients/x1", &[("authorization", &*chief), json], &grants);
        let fewer = json!({ "allowedGrantTypes": ["authorization_code"] }).to_string();
        let path = format!("{}/v2/contributors/maker/oauth-clients/x1", at.mount);
        let by_maker = request("PATCH", &path, &[("x-access-token", token.as_str()), json], &fewer);
        for reply in at_once(&nodes, vec![by_maker, by_admin]).await {
            assert_eq!(reply.status, 200, "{}", reply.body);
        }
        let known = at.app.store.client(&T1.into(), &X1.into()).await.expect("readable").expect("there");
        let expected = ["authorization_code", "client_credentials"].map(str::to_owned).into();
        assert_eq!(known.client.grant_types, expected, "round {round}");
    }
}

/// How often two requests go together.
const ROUNDS: usize = 20;

fn codes() -> BTreeSet<String> {
    ["authorization_code", "refresh_token"].map(str::to_owned).into()
}

/// Another contributor's extension is not there, by whichever name.
#[tokio::test]
async fn who_does_not_make_the_extension_does_nothing_to_it() {
    let (at, of, sink) = told().await;
    let alice = pair(&at, ALICE).await.text("access_token");
    let bob = pair(&at, BOB).await.text("access_token");
    let instance = format!("extension-instances/{}", of.id);
    let other = at.app.install("x2", (P1, "project/p-1"), SCOPES).await;
    for (method, below) in [
        ("POST", "secret".to_owned()),
        ("DELETE", "secret/s1".to_owned()),
        ("PUT", format!("{instance}/secret")),
        ("POST", format!("{instance}/actions/dry-run/extension-instance-updated")),
    ] {
        for (token, path) in [
            (&bob, format!("{MINE}/{below}")),
            (&alice, format!("/v2/contributors/other/extensions/x1/{below}")),
            (&alice, format!("/v2/contributors/maker/extensions/web/{below}")),
        ] {
            let reply = by(&at, token, method, &path, json!({})).await;
            assert!(matches!(reply.status, 401 | 403 | 404), "{method} {path}: {}", reply.body);
        }
    }
    // An instance of another extension is none of this one.
    let path = format!("{MINE}/extension-instances/{}/secret", other.id);
    assert_eq!(by(&at, &alice, "PUT", &path, json!({})).await.status, 404);
    assert!(sink.take().is_empty());
    assert_eq!(instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await.status, 201);
}
