//! Where browsers come back to, and whom tokens are for, at every door where it is configured (MIA-03, MIA-08); and the client of the
//! command line, as the manual has it.

use doorward_core::desired::State;
use doorward_core::id::ContextKey;
use doorward_tests::extended::{MAKER, X1, X2};
use doorward_tests::{ALICE, Reply, T1, claims, encode};
use doorward_web::manage::{By, Manage, Trouble};
use serde_json::{Value, json};

use super::apps::{administrator, ask};
use super::{console, is_error, redeem};
use crate::admin::extensions::T;
use crate::admin::{Admin, every_scope, pointers};
use crate::reference::Speaker;

/// What is wrong with a document that has this of T1.
async fn told(at: &Speaker, of_tenant: Value) -> Vec<String> {
    let mut document = json!({ "tenants": [{ "id": T1 }] });
    document["tenants"][0]
        .as_object_mut()
        .expect("an object")
        .extend(of_tenant.as_object().cloned().expect("an object"));
    let state: State = serde_json::from_value(document).expect("a state");
    match Manage::new(at.app.store.clone(), By::operator()).apply(&state, false, false).await {
        Ok(_) => Vec::new(),
        Err(Trouble::Problems(problems)) => problems.0.into_iter().map(|problem| problem.at).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

fn client(issuer: &str, kind: &str, back: &str) -> Value {
    json!({
        "id": "cb", "issuers": [issuer], "application_type": kind, "redirect_uris": ["https://cb.example/", back],
        "grant_types": ["authorization_code"], "scopes": "openid",
    })
}

#[tokio::test]
async fn mia_03_a_state_file_takes_no_plain_http_but_for_the_command_line() {
    let (at, _) = console().await;
    let wrong = ["tenants[t1].clients[cb].redirect_uris[1]"];
    for (kind, back) in [
        ("web", "http://127.0.0.1/cb"),
        ("web", "http://[::1]:8080/cb"),
        ("web", "http://localhost/cb"),
        ("native", "http://localhost/cb"),
    ] {
        let of = json!({ "clients": [client("mia-platform", kind, back)] });
        assert_eq!(told(&at, of).await, wrong, "{kind} {back}");
        // The specifications let a client come back to its own machine.
        let of = json!({ "clients": [client("iss-t1", kind, back)] });
        assert!(told(&at, of).await.is_empty(), "{kind} {back}");
    }
    for (kind, back) in [
        ("web", "https://cb.example/cb?from=console"),
        ("native", "http://127.0.0.1/cb"),
        ("native", "http://[::1]/cb"),
        ("native", "com.example.app:/cb"),
    ] {
        let of = json!({ "clients": [client("mia-platform", kind, back)] });
        assert!(told(&at, of).await.is_empty(), "{kind} {back}");
    }
    // A client comes to this contract when it is its issuer's, too: it must be fit for it before.
    let issuer = |id: &str, url: &str, dialect: &str| json!({ "id": id, "url": url, "dialect": dialect });
    let other = |dialect: &str| json!([issuer("other", "https://id.example/other", dialect)]);
    let of =
        json!({ "issuers": other("standard"), "clients": [client("other", "web", "http://127.0.0.1/cb")] });
    assert!(told(&at, of).await.is_empty());
    assert_eq!(told(&at, json!({ "issuers": other("mia-platform") })).await, wrong);
    // Who tries it all out on one machine has no TLS there either.
    let local = json!([issuer("local", "http://localhost:8080/mi", "mia-platform")]);
    let of = json!({ "issuers": local, "clients": [client("local", "web", "http://127.0.0.1/cb")] });
    assert!(told(&at, of).await.is_empty());
}

/// The console edits by the same API.
#[tokio::test]
async fn mia_03_the_admin_api_takes_no_plain_http() {
    let (at, _) = console().await;
    let admin = Admin::of_server(&at.app).await;
    let reply = admin
        .json("PUT", &format!("{T}/clients/cb"), client("mia-platform", "web", "http://127.0.0.1/cb"))
        .await;
    assert_eq!(
        (reply.status, pointers(&reply)),
        (400, vec!["/redirect_uris/1".to_owned()]),
        "{}",
        reply.body
    );
    let path = format!("{T}/extensions/{X1}");
    let mut found = admin.get(&path).await.json();
    let manifest = found["manifest"].as_object_mut().expect("a manifest");
    manifest.insert("callback_url".to_owned(), json!("http://127.0.0.1/cb"));
    let reply = admin.json("PATCH", &path, json!({ "manifest": manifest })).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    assert!(pointers(&reply).contains(&"/manifest/callback_url".to_owned()), "{}", reply.body);
}

/// Whoever signs people in has a base URL of its own, which its tokens are for.
#[tokio::test]
async fn mia_08_an_extension_without_its_base_url_signs_nobody_in() {
    let (at, _) = console().await;
    let admin = Admin::of_server(&at.app).await;
    let path = format!("{T}/extensions/{X1}");
    let none = json!({ "manifest": { "audiences": [] } });
    let reply = admin.json("PATCH", &path, none.clone()).await;
    assert_eq!(
        (reply.status, pointers(&reply)),
        (400, vec!["/manifest/audiences".to_owned()]),
        "{}",
        reply.body
    );
    // Where it lists the standard issuer alone, it needs none.
    at.app.change_client(X1, |client| client.issuers = ["iss-t1".into()].into()).await;
    let reply = admin.json("PATCH", &path, none).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn mia_08_no_two_extensions_have_one_base_url_whoever_makes_them() {
    let (at, _) = console().await;
    at.app.install(X2, (super::COMPANY, "company/acme"), super::SCOPES).await;
    let chief = administrator(&at, "chief", &every_scope()).await;
    let apps = "/api/extensibility/tenants/acme/extensions/x2/apps";
    let body = json!({ "callbackUrl": "https://x1.example/other" });
    for (key, maker) in [(MAKER, "contributor/maker"), (super::OTHER, "company/other")] {
        at.app
            .change_extension(X2, |found| {
                (found.contributor, found.contributor_key) = (Some(maker.into()), Some(ContextKey(key)));
                // Where it is opened could lie at no other host, whoever has that.
                found.manifest.launch_url = None;
            })
            .await;
        for (method, path) in [("POST", apps.to_owned()), ("PATCH", format!("{apps}/x2"))] {
            let reply = ask(&at, &chief, method, &path, body.clone()).await;
            is_error(&reply, 400);
            assert_eq!(reply.text("message"), "is an audience of another extension", "{method} of {maker}");
        }
        let listed = ask(&at, &chief, "GET", apps, Value::Null).await.json();
        assert_eq!(listed[0]["audience"], json!(["https://x2.example"]), "{listed}");
        assert_eq!(listed[0]["redirectUrl"], "https://x2.example/callback", "{listed}");
    }
}

/// What the manual says of a tenant for the command line.
fn of_manual() -> Value {
    let page = include_str!("../../../docs/manual/moving-from-mia-platform.md");
    let (_, rest) = page.split_once("```yaml\n").expect("a block");
    let (block, _) = rest.split_once("```").expect("its end");
    let mut state: Value = serde_yaml_ng::from_str(block).expect("YAML");
    let mut tenant = state["tenants"][0].take();
    tenant.as_object_mut().expect("a tenant").remove("id");
    tenant
}

#[tokio::test]
async fn the_client_of_the_manual_signs_in_over_loopback_and_names_no_scope() {
    let (at, _) = console().await;
    let mut page = of_manual();
    page["issuers"] =
        json!([{ "id": "console", "url": "https://id.example/cloud", "dialect": "mia-platform" }]);
    assert_eq!(told(&at, page).await, Vec::<String>::new());
    let at = Speaker { mount: "/cloud".to_owned(), ..at };
    let listed = at.send("GET", "/api/apps/miactl/providers/", &[], "").await.json();
    assert_eq!(listed[0]["id"], "local", "{listed}");
    let browser = at.signed_in(ALICE).await;
    for port in [53535, 13535] {
        let back = format!("http://127.0.0.1:{port}/oauth/callback");
        let query = encode(&[("appId", "miactl"), ("providerId", "local"), ("redirect_uri", &back)]);
        let reply: Reply = at.get(&browser, &format!("/api/authorize?{query}")).await;
        assert!(reply.location().starts_with(&format!("{back}?code=")), "{}", reply.location());
        let (code, state) = (reply.param("code"), reply.param("state"));
        let issued = redeem(&at, json!({ "code": code, "state": state })).await;
        assert_eq!(issued.status, 200, "{}", issued.body);
        let said = claims(&issued.text("accessToken"));
        assert_eq!(said["aud"], json!(["https://id.example/cloud"]), "a list, also of one");
        assert!(said["user"]["name"].is_string() && said["user"]["email"].is_string(), "{said}");
        let refresh = json!({ "refreshToken": issued.text("refreshToken") });
        let next = at.json("POST", "/api/refreshtoken", refresh).await;
        assert_eq!(next.status, 200, "{}", next.body);
        assert!(claims(&next.text("accessToken"))["aud"].is_array());
    }
}
