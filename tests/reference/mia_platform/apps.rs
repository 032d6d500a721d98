//! What administrators do by the dialect's own addresses: single sign-on is enabled for an extension (MIA-15), sessions are ended (MIA-13).

use doorward_core::model::{ExtensionState, Legacy};
use doorward_tests::extended::{X1, X2};
use doorward_tests::{ALICE, BOB, Page, Reply, T1, basic, encode, secret_of, user_id};
use serde_json::{Value, json};

use super::{AUTHZ, COMPANY, SCOPES, code, console, is_error, is_page, redeem, tokens};
use crate::admin::{client_with, every_scope};
use crate::console::{self, written::write};
use crate::reference::Speaker;

/// A token of the dialect's own that lets a client do that.
pub async fn administrator(at: &Speaker, id: &str, scopes: &str) -> String {
    client_with(&at.app, id, scopes).await;
    at.app.change_client(id, |client| client.issuers = ["mia-platform".into()].into()).await;
    let sent = encode(&[("grant_type", "client_credentials"), ("scope", scopes)]);
    let own = basic(id, &secret_of(id));
    let headers = [("authorization", &*own), ("content-type", "application/x-www-form-urlencoded")];
    let reply = at.send("POST", "/api/m2m/oauth/token", &headers, &sent).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    format!("Bearer {}", reply.text("access_token"))
}

pub async fn ask(at: &Speaker, bearer: &str, method: &str, path: &str, body: Value) -> Reply {
    let headers = [("authorization", bearer), ("content-type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    at.send(method, path, &headers, &body).await
}

const APPS: &str = "/api/extensibility/tenants/acme/extensions/x1/apps";
const APP: &str = "/api/extensibility/tenants/acme/extensions/x1/apps/x1";

#[tokio::test]
async fn mia_15_single_sign_on_is_enabled_changed_and_disabled() {
    let (at, _) = console().await;
    at.app
        .change_extension(X1, |found| {
            (found.manifest.callback_url, found.manifest.audiences) = (None, Vec::new());
            found.manifest.launch_url = None;
        })
        .await;
    at.app
        .change_client(X1, |client| {
            client.redirect_uris.clear();
            client.legacy.clear();
            client.grant_types.remove("authorization_code");
        })
        .await;
    let chief = administrator(&at, "chief", &every_scope()).await;
    let browser = at.signed_in(ALICE).await;
    is_page(&at.get(&browser, AUTHZ).await, 403);
    let listed = ask(&at, &chief, "GET", APPS, Value::Null).await;
    assert_eq!((listed.status, listed.json()), (200, json!([])), "{}", listed.body);
    for wrong in [
        "http://x1.example/cb",
        "http://127.0.0.1/cb",
        "/cb",
        "https://x1.example/cb#there",
        "https://x1.example/cb?error=a",
        "https://x1.example/cb?a=b&state=c",
        "com.example.app:/cb",
        "",
    ] {
        is_error(&ask(&at, &chief, "POST", APPS, json!({ "callbackUrl": wrong })).await, 400);
    }
    is_error(&ask(&at, &chief, "POST", APPS, json!({})).await, 400);
    is_page(&at.get(&browser, AUTHZ).await, 403);

    // It has been of the standard issuer alone, where it stays.
    at.app.change_client(X1, |client| client.issuers.clear()).await;
    let callback = "https://x1.example/cb?from=console";
    let made = ask(&at, &chief, "POST", APPS, json!({ "callbackUrl": callback })).await;
    assert_eq!((made.status, made.json()), (200, json!({ "id": X1 })), "{}", made.body);
    let listed = ask(&at, &chief, "GET", APPS, Value::Null).await;
    let app = json!({ "id": X1, "name": "Extension x1", "redirectUrl": callback, "audience": ["https://x1.example"] });
    assert_eq!(listed.json(), json!([app]));
    let found =
        at.app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("it is there");
    let issuers: Vec<&str> = found.client.issuers.iter().map(|id| id.as_str()).collect();
    assert_eq!(issuers, ["iss-t1", "mia-platform"]);
    // Its client is marked, and whoever reads the audit trail sees it.
    let warned =
        at.app.events().await.into_iter().filter(|event| event.kind.as_str() == "client.legacy_allowed");
    assert_eq!(warned.count(), 1);
    let back = at.get(&browser, AUTHZ).await;
    assert!(back.location().starts_with(&format!("{callback}&code=")), "{}", back.location());
    let body = json!({ "code": back.param("code").expect("a code"), "state": "st-1" });
    assert_eq!(redeem(&at, body).await.status, 200);

    let moved = ask(&at, &chief, "PATCH", APP, json!({ "callbackUrl": "https://y1.example/cb" })).await;
    assert_eq!((moved.status, moved.body.as_str()), (204, ""), "{}", moved.body);
    let found =
        at.app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("it is there");
    let uris: Vec<&str> = found.client.redirect_uris.iter().map(|uri| uri.as_str()).collect();
    assert_eq!(uris, ["https://y1.example/cb"], "the former is registered no longer");
    let extension = at.app.store.extension(&T1.into(), &X1.into()).await.expect("read").expect("there");
    assert_eq!(extension.manifest.audiences, ["https://y1.example"]);
    assert!(at.get(&browser, AUTHZ).await.location().starts_with("https://y1.example/cb?code="));

    // What has a query is no prefix, by this door neither.
    at.app.change_client(X1, |client| client.legacy.extend([Legacy::PrefixRedirects])).await;
    is_error(&ask(&at, &chief, "PATCH", APP, json!({ "callbackUrl": callback })).await, 400);
    at.app
        .change_client(X1, |client| client.legacy.retain(|switch| *switch != Legacy::PrefixRedirects))
        .await;

    assert_eq!(ask(&at, &chief, "DELETE", APP, Value::Null).await.status, 204);
    is_page(&at.get(&browser, AUTHZ).await, 403);
    let found =
        at.app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("it is there");
    assert!(
        found.client.redirect_uris.is_empty() && !found.client.legacy.contains(&Legacy::UnauthenticatedCode)
    );
    let left: Vec<&str> = found.client.grant_types.iter().map(String::as_str).collect();
    assert!(!left.contains(&"authorization_code") && !left.contains(&"refresh_token"), "{left:?}");
    is_error(&ask(&at, &chief, "DELETE", APP, Value::Null).await, 404);
    is_error(&ask(&at, &chief, "PATCH", APP, json!({ "callbackUrl": callback })).await, 404);

    // One that did nothing else does nothing.
    at.app.change_client(X1, |client| client.grant_types.clear()).await;
    assert_eq!(ask(&at, &chief, "POST", APPS, json!({ "callbackUrl": callback })).await.status, 200);
    assert_eq!(ask(&at, &chief, "DELETE", APP, Value::Null).await.status, 204);
    is_page(&at.get(&browser, AUTHZ).await, 403);
    let left =
        at.app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("it is there");
    assert!(
        left.client.grant_types.is_empty(),
        "what it could not get before: {:?}",
        left.client.grant_types
    );
    assert_eq!(ask(&at, &chief, "POST", APPS, json!({ "callbackUrl": callback })).await.status, 200);
    assert!(at.get(&browser, AUTHZ).await.location().starts_with(&format!("{callback}&code=")));
}

/// What the page of an extension shows is where people are sent, and whoever changes it there changes that.
#[tokio::test]
async fn mia_15_the_page_of_an_extension_shows_and_changes_how_people_sign_in() {
    let (at, _) = console().await;
    console::administered(&at.app).await;
    let browser = console::enter(&at.app, ALICE).await;
    let shows = async |all: &[&str]| {
        let page = console::open(&browser, "/console/tenants/t1/extensions/x1").await;
        all.iter().for_each(|text| assert!(page.body.contains(text), "no {text}: {}", page.body));
    };
    let client = "href=\"/console/tenants/t1/clients/x1\"";
    let implicit = "Implicit: whoever installs it consents for all";
    shows(&["https://x1.example/callback", client, implicit, "https://x1.example</bdi>"]).await;
    let callback = "https://x1.example/moved?from=console";
    // First the client may go there too: what a manifest names is registered.
    let both = json!(["https://x1.example/callback", callback]);
    let done = write(&browser, "act=client-edit&id=x1", |found| found["redirect_uris"] = both.clone()).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let changed = write(&browser, "act=extension-edit&id=x1", |found| {
        found["manifest"]["callback_url"] = json!(callback);
        found["manifest"]["consent"] = json!("asked");
    });
    let changed = changed.await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    shows(&[callback, client, "Each member is asked once"]).await;
    // Now they are asked, and come back to there.
    let person = at.signed_in(ALICE).await;
    let page = Page::of(at.get(&person, AUTHZ).await);
    let back = person.submit(&page, &[("action", "allow")]).await;
    assert!(back.location().starts_with(&format!("{callback}&code=")), "{}", back.location());
    let body = json!({ "code": back.param("code").expect("a code"), "state": "st-1" });
    assert_eq!(redeem(&at, body).await.status, 200);
}

/// Rights are those of the admin API: what its client may do without showing itself is not for whoever administers extensions alone.
#[tokio::test]
async fn mia_15_only_who_administers_extensions_and_clients_enables_it() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let person = format!("Bearer {}", tokens(&at, &browser).await.text("accessToken"));
    at.app.change_client(X1, |client| client.legacy.clear()).await;
    let body = json!({ "callbackUrl": "https://x1.example/other" });
    for (id, scopes, status) in [
        ("reader", "admin:extensions.read admin:clients.write", 403),
        ("half", "admin:extensions.read admin:extensions.write", 403),
        ("other", "admin:users.read", 403),
    ] {
        let bearer = administrator(&at, id, scopes).await;
        is_error(&ask(&at, &bearer, "PATCH", APP, body.clone()).await, status);
        is_error(&ask(&at, &bearer, "POST", APPS, body.clone()).await, status);
    }
    // Who may change the extension and not its client is told so by the plan, which leaves an event as the API does.
    let denied = at.app.events().await.into_iter().filter(|event| event.kind.as_str() == "admin.denied");
    let denied: Vec<String> = denied.map(|event| event.data).collect();
    assert_eq!(denied.iter().filter(|data| data.contains("admin:clients.write")).count(), 2, "{denied:?}");
    for bearer in [person.as_str(), "Bearer nothing", "Basic eDE6eA=="] {
        is_error(&ask(&at, bearer, "POST", APPS, body.clone()).await, 401);
    }
    assert!(at.get(&browser, AUTHZ).await.location().starts_with("https://x1.example/callback?"));
}

#[tokio::test]
async fn who_can_be_served_later_is_told_when() {
    let (at, _) = console().await;
    let chief = administrator(&at, "chief", &every_scope()).await;
    at.app.fail_writes(true).await;
    let reply = ask(&at, &chief, "PATCH", APP, json!({ "callbackUrl": "https://x1.example/other" })).await;
    at.app.fail_writes(false).await;
    is_error(&reply, 503);
    assert!(reply.header("retry-after").is_some());
}

#[tokio::test]
async fn mia_15_what_is_elsewhere_is_not_there() {
    let (at, _) = console().await;
    let chief = administrator(&at, "chief", &every_scope()).await;
    let body = json!({ "callbackUrl": "https://x1.example/cb" });
    for path in [
        "/api/extensibility/tenants/other/extensions/x1/apps",
        "/api/extensibility/tenants/nobody/extensions/x1/apps",
        "/api/extensibility/tenants/acme/extensions/x2/apps",
        "/api/extensibility/tenants/acme/extensions/nothing/apps",
    ] {
        is_error(&ask(&at, &chief, "POST", path, body.clone()).await, 404);
        is_error(&ask(&at, &chief, "GET", path, Value::Null).await, 404);
    }
    is_error(&ask(&at, &chief, "PATCH", &APP.replace("apps/x1", "apps/x2"), body.clone()).await, 404);
    // A base URL is one maker's alone: whose it is, keeps it, and nothing of the rest is done.
    at.app
        .change_extension(X2, |found| {
            (found.contributor, found.contributor_key) = (None, None);
            found.state = ExtensionState::Published;
        })
        .await;
    at.app.install(X2, (COMPANY, "company/acme"), SCOPES).await;
    let path = "/api/extensibility/tenants/acme/extensions/x2/apps";
    let taken = ask(&at, &chief, "POST", path, json!({ "callbackUrl": "https://x1.example/other" })).await;
    assert!(taken.status == 400 || taken.status == 409, "{}", taken.body);
    let found =
        at.app.store.client(&T1.into(), &X2.into()).await.expect("it can be read").expect("it is there");
    assert!(found.client.redirect_uris.iter().all(|uri| !uri.matches("https://x1.example/other")));
}

#[tokio::test]
async fn mia_13_an_administrator_ends_the_sessions_of_a_person() {
    let (at, _) = console().await;
    let chief = administrator(&at, "chief", &every_scope()).await;
    let (first, _second) = (at.signed_in(ALICE).await, at.signed_in(ALICE).await);
    let issued = tokens(&at, &first).await;
    let path = format!("/sessions/{}", user_id(ALICE));
    let weak = administrator(&at, "weak", "admin:sessions.read").await;
    is_error(&ask(&at, &weak, "DELETE", &path, Value::Null).await, 403);
    is_error(&at.send("DELETE", &path, &[], "").await, 401);
    // A path with a segment more is no person's.
    for more in ["/", "/more"] {
        is_error(&ask(&at, &chief, "DELETE", &format!("{path}{more}"), Value::Null).await, 404);
    }
    let reply = ask(&at, &chief, "DELETE", &path, Value::Null).await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "count": 2 })), "{}", reply.body);
    let refresh = json!({ "refreshToken": issued.text("refreshToken") });
    is_error(&at.json("POST", "/api/refreshtoken", refresh).await, 400);
    assert_eq!(at.get(&first, AUTHZ).await.status, 200, "the sign-in page");
    assert_eq!(ask(&at, &chief, "DELETE", &path, Value::Null).await.json(), json!({ "count": 0 }));
    is_error(&ask(&at, &chief, "DELETE", "/sessions/nobody", Value::Null).await, 404);
}

#[tokio::test]
async fn mia_13_what_has_expired_is_forgotten_whoever_asks_may_ask() {
    let (at, _) = console().await;
    let chief = administrator(&at, "chief", &every_scope()).await;
    let weak = administrator(&at, "weak", "admin:sessions.read").await;
    let browser = at.signed_in(BOB).await;
    for path in ["/expired-sessions".to_owned(), format!("/expired-sessions/{}", user_id(BOB))] {
        let reply = ask(&at, &chief, "DELETE", &path, Value::Null).await;
        assert_eq!((reply.status, reply.body.as_str()), (204, ""));
        is_error(&ask(&at, &weak, "DELETE", &path, Value::Null).await, 403);
        is_error(&at.send("DELETE", &path, &[], "").await, 401);
    }
    // Who is signed in stays so.
    assert_eq!(at.get(&browser, "/account").await.status, 200);
    let ours = at.signed_in(ALICE).await;
    code(&at, &ours).await;
}
