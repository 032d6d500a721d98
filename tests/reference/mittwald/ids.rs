//! Ids are told as UUIDs, of the same 128 bits as ours, and are taken as either.

use doorward_tests::extended::{X1, X2};
use doorward_tests::{Browser, Page, basic, claims, encode, secret_of};
use serde_json::{Value, json};

use super::contributor::told;
use super::managing::{WANDA, by, managed, pair, wanda};
use super::{SCOPES, instance, instance_token, key_of, uuid};
use crate::admin::Admin;

const NOBODY: &str = "a73d94dd-bf8a-4a74-967b-f7a0dd1de71f";

#[tokio::test]
async fn an_instance_is_managed_by_its_uuid() {
    let (at, of) = managed().await;
    let user = wanda(&at).await;
    let token = pair(&at, WANDA).await.text("access_token");
    let status = by(&at, &token, "GET", "/v2/users/self/sessions/current/status", Value::Null).await;
    assert_eq!((status.status, status.text("userId")), (200, uuid(&user)), "{}", status.body);
    let id = uuid(of.id.as_str());
    let secret = json!({ "extensionInstanceSecret": of.secret });
    for written in [id.clone(), id.to_uppercase(), of.id.to_string()] {
        let act = async |method: &str, below: &str| {
            let body = json!({ "consentedScopes": SCOPES.split(' ').collect::<Vec<_>>() });
            by(&at, &token, method, &format!("/v2/extension-instances/{written}{below}"), body).await.status
        };
        assert_eq!(act("PATCH", "/scopes").await, 204, "{written}");
        assert_eq!(act("POST", "/actions/disable").await, 204, "{written}");
        assert_eq!(act("POST", "/actions/enable").await, 204, "{written}");
        let path = format!("/v2/extension-instances/{written}/tokens");
        let issued = at.json("POST", &path, secret.clone()).await;
        assert_eq!(issued.status, 201, "{written}: {}", issued.body);
        assert_eq!(
            claims(&issued.text("publicToken"))["sub"],
            of.id.as_str(),
            "a token's own words are ours"
        );
    }
    // One that means nothing is nobody's.
    for (method, below) in [("PATCH", "/scopes"), ("POST", "/actions/disable"), ("DELETE", "")] {
        let path = format!("/v2/extension-instances/{NOBODY}{below}");
        let reply = by(&at, &token, method, &path, json!({ "consentedScopes": ["openid"] })).await;
        assert_eq!(reply.status, 404, "{method} {below}: {}", reply.body);
    }
    let path = format!("/v2/extension-instances/{NOBODY}/tokens");
    assert_eq!(at.json("POST", &path, secret.clone()).await.status, 400);
    let path = format!("/v2/extension-instances/{id}");
    assert_eq!(by(&at, &token, "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(instance_token(&at, &of, secret).await.status, 400);
}

#[tokio::test]
async fn a_key_is_for_the_person_of_its_uuid() {
    let (at, of) = managed().await;
    let user = wanda(&at).await;
    let token = pair(&at, WANDA).await.text("access_token");
    let path =
        format!("/v2/extension-instances/{}/actions/create-access-token-retrieval-key", uuid(of.id.as_str()));
    let exchange = async |written: &str, key: &str| {
        let body = json!({ "userId": written, "accessTokenRetrievalKey": key });
        at.json("POST", "/v2/authenticate-token-retrieval-key", body).await
    };
    let told = uuid(&user);
    for written in [told.clone(), told.to_uppercase(), user.clone()] {
        let made = by(&at, &token, "POST", &path, Value::Null).await;
        assert_eq!((made.status, made.text("userId")), (200, told.clone()), "{}", made.body);
        let key = made.text("accessTokenRetrievalKey");
        assert_eq!(exchange(NOBODY, &key).await.status, 400);
        let tokens = exchange(&written, &key).await;
        assert_eq!(tokens.status, 200, "{written}: {}", tokens.body);
        assert_eq!(claims(&tokens.text("token"))["sub"], user, "a token's own words are ours");
    }
    // At the token endpoint too, by the extension itself; at the standard one a UUID is nobody's.
    let admin = Admin::of_tenant(&at.app).await;
    let basic = basic(X1, &secret_of(X1));
    let redeem = async |key: &str, user: &str, path: &str| {
        let form =
            [("grant_type", "urn:doorward:grant:retrieval-key"), ("retrieval_key", key), ("user_id", user)];
        let headers = [("authorization", &*basic), ("content-type", "application/x-www-form-urlencoded")];
        at.app.send("POST", path, &headers, &encode(&form)).await.status
    };
    let here = format!("{}/v2/oauth2/token", at.mount);
    for written in [&told, &user] {
        assert_eq!(redeem(&key_of(&admin, &of, &user).await, written, &here).await, 200, "{written}");
    }
    let path = format!("/tenants/t1/installations/{}/launch", of.id);
    let made = admin.json("POST", &path, json!({ "user": user })).await.text("retrieval_key");
    assert_eq!(redeem(&made, &told, "/token").await, 400);
    assert_eq!(redeem(&made, &user, "/token").await, 200);
}

/// Where an extension is opened says how it is told who opens it.
#[tokio::test]
async fn an_address_names_the_person_and_the_instance_as_its_issuer_does() {
    let (at, of) = managed().await;
    let user = wanda(&at).await;
    at.app
        .change_extension(X1, |found| {
            found.manifest.launch_url = Some(
                "https://x1.example/:extensionInstanceId?u=:userId&k=:accessTokenRetrievalKey".to_owned(),
            );
        })
        .await;
    let opened = async |browser: &Browser<'_>, mount: &str| {
        let account = Page::of(browser.get(&format!("{mount}/account")).await);
        let form = account.hidden.iter().find(|(name, _)| name == "form").expect("a form has a token");
        let path = format!("{mount}/account/installations/{}/open", of.id);
        let sent = browser.post(&path, &[("form", &form.1)]).await;
        sent.location().split_once("&k=").expect("a key").0.to_owned()
    };
    let ours = at.app.browser();
    ours.sign_in(WANDA).await;
    assert_eq!(opened(&ours, "").await, format!("https://x1.example/{}?u={user}", of.id));
    let here = at.signed_in(WANDA).await;
    let expected = format!("https://x1.example/{}?u={}", uuid(of.id.as_str()), uuid(&user));
    assert_eq!(opened(&here, &at.mount).await, expected);
}

#[tokio::test]
async fn a_session_token_names_both_and_is_taken_back() {
    let (at, of) = managed().await;
    let user = wanda(&at).await;
    let token = pair(&at, WANDA).await.text("access_token");
    let path = format!("/v2/extension-instances/{}/sessions/{NOBODY}", uuid(of.id.as_str()));
    let made = by(&at, &token, "POST", &path, Value::Null).await.text("sessionToken");
    let said = claims(&made);
    assert_eq!(said["sub"], uuid(&user));
    assert_eq!(said["extensionInstanceId"], uuid(of.id.as_str()));
    assert_eq!(said["sessionId"], format!("platform:{NOBODY}"), "its maker's own");
    let body = json!({ "sessionToken": made, "extensionSecret": secret_of(X1) });
    let issued = at.json("POST", "/v2/authenticate-session-token", body).await;
    assert_eq!(issued.status, 201, "{}", issued.body);
    let said = claims(&issued.text("publicToken"));
    assert_eq!((said["sub"].as_str(), said["installation"].as_str()), (Some(&*user), Some(of.id.as_str())));
}

#[tokio::test]
async fn a_contributor_is_told_uuids_and_so_is_its_extension() {
    let (at, of, sink) = told().await;
    let user = wanda(&at).await;
    let token = pair(&at, WANDA).await.text("access_token");
    let url = sink.url("/hook/:extensionInstanceId");
    at.app.change_extension(X1, |found| found.manifest.webhook_url = Some(url)).await;
    let id = uuid(of.id.as_str());
    let mine = format!("/v2/contributors/maker/extensions/{X1}");
    let run = format!("{mine}/extension-instances/{id}/actions/dry-run/extension-instance-updated");
    assert_eq!(by(&at, &token, "POST", &run, Value::Null).await.status, 200);
    let heard = sink.take().remove(0);
    assert_eq!(heard.target, format!("/hook/{id}?dry-run=true&executing-user-id={}", uuid(&user)));
    assert_eq!(heard.json()["id"], id);
    let rotated = by(&at, &token, "PUT", &format!("{mine}/extension-instances/{id}/secret"), json!({})).await;
    assert_eq!((rotated.status, rotated.json()["webhookResult"]["failure"].as_bool()), (200, Some(false)));
    let heard = sink.take().remove(0);
    assert_eq!((heard.target.as_str(), &heard.json()["id"]), (&*format!("/hook/{id}"), &json!(id)));
    // What the extension was told: of which instance, and by which event.
    let list = format!("/v2/contributors/maker/webhook-executions?extensionInstanceId={id}");
    let listed = by(&at, &token, "GET", &list, Value::Null).await.json();
    let (execution, told) = (listed[0]["id"].as_str().expect("an id"), &listed[0]["extensionInstanceId"]);
    assert!(execution.len() == 36 && told == &id, "{listed}");
    // A secret of the extension ends by the name that it was told by.
    let made = by(&at, &token, "POST", &format!("{mine}/secret"), json!({})).await.text("secretId");
    let path = format!("{mine}/secret/{made}");
    assert_eq!(made.len(), 36, "{made}");
    assert_eq!(by(&at, &token, "DELETE", &path, Value::Null).await.status, 204);
    // What is installed is told so too.
    let body = json!({ "extensionId": X2, "context": "project", "contextId": "p-1", "consentedScopes": SCOPES.split(' ').collect::<Vec<_>>() });
    let made = by(&at, &token, "POST", "/v2/extension-instances", body).await.text("id");
    assert_eq!(at.app.standing(&instance(&made)).await.extension_id.as_str(), X2);
}
