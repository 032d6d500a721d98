//! What people and contributors manage with a token: instances, what comes of opening one, the token itself.

use doorward_core::Effect;
use doorward_core::admin::API;
use doorward_tests::extended::{Installed, P2, X1, X2};
use doorward_tests::{
    ALICE, BOB, Browser, PASSWORD, Page, Reply, VERIFIER, WEB, basic, claims, encode, secret_of, user_id,
};
use doorward_wire::scope::Scopes;
use serde_json::{Value, json};

use super::super::Speaker;
use super::alive::Issued;
use super::contributor::{kind, told};
use super::{SCOPES, authorize, exchange, instance, instance_token, mittwald};
use crate::admin::{Admin, every_scope};

pub const MANAGES: &str = "openid admin:installations.write admin:extensions.write";

/// An instance in `project/p-1`, and who manages it.
pub async fn managed() -> (Speaker, Installed) {
    let (at, of) = mittwald().await;
    managed_at(&at).await;
    (at, of)
}

/// ALICE administers what is installed for her customer and makes the extensions; WEB is what she does it by.
pub async fn managed_at(at: &Speaker) {
    let found = at.app.store.client(&"t1".into(), &WEB.into()).await.expect("readable").expect("WEB");
    let mut web = found.client.clone();
    web.apis.insert(API.into());
    web.scopes = web.scopes.union(&Scopes::parse(MANAGES).expect("scopes"));
    at.app.commit(vec![Effect::PutClient(web)]).await;
    let admin = Admin::with(&at.app, "keeper", &every_scope()).await;
    let owner = json!({ "permissions": ["admin:installations.write", "admin:extensions.write"] });
    let reply = admin.json("PUT", "/tenants/t1/roles/owner", owner).await;
    assert!(reply.status < 300, "{}", reply.body);
    owns(&admin, &user_id(ALICE), &["owner"]).await;
}

async fn owns(admin: &Admin<'_>, user: &str, roles: &[&str]) {
    for place in ["customer/c-1", "contributor/maker"] {
        let path = format!("/tenants/t1/contexts/{place}/members/{user}");
        let reply = admin.json("PUT", &path, json!({ "roles": roles })).await;
        assert!(reply.status < 300, "{place}: {}", reply.body);
    }
}

/// Somebody who administers what ALICE does, and whose id is of the form that the server makes: that id.
pub async fn wanda(at: &Speaker) -> String {
    let admin = Admin::with(&at.app, "registrar", &every_scope()).await;
    let made =
        admin.json("POST", "/tenants/t1/users", json!({ "user_name": WANDA, "password": PASSWORD })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.text("id");
    owns(&admin, &id, &["owner", "writer"]).await;
    id
}

/// Her name.
pub const WANDA: &str = "wanda";

/// A token pair of somebody, for what they administer.
pub async fn pair(at: &Speaker, name: &str) -> Reply {
    pair_in(at, &at.signed_in(name).await, MANAGES).await
}

/// The same of whoever is signed in there, for these scopes.
pub async fn pair_in(at: &Speaker, browser: &Browser<'_>, scopes: &str) -> Reply {
    let callback = "https://app.example/cb";
    let asked = [("client_id", WEB), ("redirect_uri", callback), ("scope", scopes)];
    let mut asked = at.get(browser, &authorize(&asked)).await;
    if asked.status == 200 {
        asked = browser.submit(&Page::of(asked), &[("action", "allow")]).await;
    }
    let code = asked.param("code").expect("a code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", callback),
        ("code_verifier", VERIFIER),
    ];
    let headers = [
        ("authorization", &*basic(WEB, &secret_of(WEB))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let issued = at.send("POST", "/v2/oauth2/token", &headers, &encode(&form)).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    issued
}

/// A request with a token.
pub async fn by(at: &Speaker, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let headers = [("x-access-token", token), ("content-type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    at.send(method, path, &headers, &body).await
}

fn wanted(extension: &str, context: (&str, &str)) -> Value {
    json!({
        "extensionId": extension,
        "context": context.0,
        "contextId": context.1,
        "consentedScopes": ["openid", "profile", "offline_access", "rs1:read"],
    })
}

#[tokio::test]
async fn an_instance_is_installed_by_who_administers_the_place_and_nobody_else() {
    let (at, _) = managed().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let add = async |body: Value| by(&at, &token, "POST", "/v2/extension-instances", body).await;
    let made = add(wanted(X2, ("project", "p-1"))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let row = at.app.standing(&instance(&made.text("id"))).await;
    assert_eq!((row.extension_id.as_str(), row.context_id.as_str()), (X2, "project/p-1"));
    assert_eq!(row.scopes.to_string(), "openid profile offline_access rs1:read");
    assert_eq!(kind(&add(wanted(X2, ("project", "p-1"))).await), (412, "PreconditionFailed".into()));
    for other in [wanted(X2, ("project", "p-2")), wanted("nothing", ("project", "p-1"))] {
        assert_eq!(kind(&add(other.clone()).await), (404, "ObjectNotFound".into()), "{other}");
    }
    for (member, value) in [
        ("context", json!("tenant")),
        ("contextId", json!(1)),
        ("extensionId", Value::Null),
        ("consentedScopes", json!("rs1:read")),
        ("consentedScopes", json!(["rs1:read openid"])),
    ] {
        let mut body = wanted(X2, ("customer", "c-1"));
        body[member] = value;
        let told = add(body).await;
        assert_eq!(kind(&told), (400, "ValidationError".into()), "{}", told.body);
        assert_eq!(told.json()["validationErrors"][0]["path"], member);
    }
    let mut less = wanted(X2, ("customer", "c-1"));
    less["consentedScopes"] = json!(["openid"]);
    assert_eq!(kind(&add(less).await), (400, "ValidationError".into()), "it does not do without the others");
}

#[tokio::test]
async fn mw_12_an_instance_is_switched_and_removed_and_its_tokens_end_at_once() {
    let (at, of) = managed().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let path = format!("/v2/extension-instances/{}", of.id);
    let act = async |method: &str, below: &str| {
        by(&at, &token, method, &format!("{path}{below}"), Value::Null).await.status
    };
    let secret = json!({ "extensionInstanceSecret": of.secret });
    let issues = async || instance_token(&at, &of, secret.clone()).await.status;
    let admin = Admin::of_tenant(&at.app).await;
    let first = Issued::of(&at, &admin, &of).await;
    first.lives(&at, "before").await;
    assert_eq!((act("POST", "/actions/disable").await, issues().await), (204, 400));
    first.is_dead(&at, true, "disabled").await;
    assert_eq!((act("POST", "/actions/enable").await, issues().await), (204, 201));
    first.is_dead(&at, true, "enabled again").await;
    let second = Issued::of(&at, &admin, &of).await;
    second.lives(&at, "enabled again").await;
    for below in ["/secrets/x", "/webhooks", "/"] {
        assert_eq!(act("DELETE", below).await, 404, "{below}");
    }
    assert_eq!(issues().await, 201, "what is below an instance is not the instance");
    second.lives(&at, "nothing was removed").await;
    assert_eq!((act("DELETE", "").await, issues().await), (204, 400));
    second.is_dead(&at, true, "removed").await;
    assert_eq!(act("DELETE", "").await, 404);
    assert_eq!(act("POST", "/actions/enable").await, 404);
    // One of somebody else is not there.
    let other = at.app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let there = format!("/v2/extension-instances/{}", other.id);
    for (method, below) in [("DELETE", ""), ("POST", "/actions/disable"), ("PATCH", "/scopes")] {
        let body = json!({ "consentedScopes": [] });
        let reply = by(&at, &token, method, &format!("{there}{below}"), body).await;
        assert_eq!(kind(&reply), (404, "ObjectNotFound".into()), "{method} {below}");
    }
    let own = json!({ "extensionInstanceSecret": other.secret });
    assert_eq!(instance_token(&at, &other, own).await.status, 201);
}

#[tokio::test]
async fn mw_19_scopes_that_are_asked_for_later_count_once_they_are_consented_to() {
    let (at, of, sink) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let path = format!("/v2/extension-instances/{}/scopes", of.id);
    let consent =
        async |scopes: &[&str]| by(&at, &token, "PATCH", &path, json!({ "consentedScopes": scopes })).await;
    let heard = async || {
        crate::webhooks::turns(&at.app.app).await;
        let shape = |heard: Value| (heard["kind"].clone(), heard["consentedScopes"].clone());
        sink.take().iter().map(|heard| shape(heard.json())).collect::<Vec<_>>()
    };
    let told = |scopes: &[&str]| vec![(json!("InstanceUpdated"), json!(scopes))];
    let secret = json!({ "extensionInstanceSecret": of.secret });
    let has = async || {
        let reply = instance_token(&at, &of, secret.clone()).await;
        claims(&reply.text("publicToken"))["scope"].as_str().unwrap_or_default().to_owned()
    };
    let least = ["openid", "profile", "offline_access", "rs1:read"];
    assert_eq!(consent(&least).await.status, 204);
    assert_eq!((has().await, heard().await), ("rs1:read".to_owned(), told(&least)));
    at.app
        .change_extension(X1, |found| {
            found.manifest_version = 2;
            found.manifest.scopes.retain(|scope| scope.name != "rs1:write");
        })
        .await;
    let every = [&least[..], &["rs1:write"]].concat();
    let refused = consent(&every).await;
    assert_eq!(kind(&refused), (400, "ValidationError".into()), "it does not ask for it: {}", refused.body);
    at.app
        .change_extension(X1, |found| {
            found.manifest_version = 3;
            let mut more = found.manifest.scopes[0].clone();
            more.name = "rs1:write".to_owned();
            found.manifest.scopes.push(more);
        })
        .await;
    assert_eq!(has().await, "rs1:read", "what is asked for is not consented to");
    assert_eq!(heard().await, [], "nor told of");
    assert_eq!(consent(&every).await.status, 204);
    assert_eq!((has().await, heard().await), ("rs1:read rs1:write".to_owned(), told(&every)));
    assert_eq!(at.app.standing(of.id.as_str()).await.manifest_version, 3);
}

#[tokio::test]
async fn what_opens_an_instance_is_made_for_the_person_whose_token_asks() {
    let (at, of) = managed().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let path = format!("/v2/extension-instances/{}", of.id);
    let key_path = format!("{path}/actions/create-access-token-retrieval-key");
    let made = by(&at, &token, "POST", &key_path, Value::Null).await;
    assert_eq!((made.status, made.text("userId")), (200, user_id(ALICE)), "{}", made.body);
    let tokens = exchange(&at, &made.text("accessTokenRetrievalKey"), ALICE).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let said = claims(&tokens.text("token"));
    assert_eq!((said["sub"].as_str(), said.get("act")), (Some(&*user_id(ALICE)), None), "nobody else acts");
    let session = by(&at, &token, "POST", &format!("{path}/sessions/s-1"), Value::Null).await;
    assert_eq!(session.status, 200, "{}", session.body);
    let said = claims(&session.text("sessionToken"));
    assert_eq!(
        (said["sessionId"].as_str(), said["sub"].as_str()),
        (Some("platform:s-1"), Some(&*user_id(ALICE)))
    );
    // Without both placeholders there is no key to make.
    at.app
        .change_extension(X1, |found| {
            found.manifest.launch_url = Some("https://x1.example/open?user=:userId".to_owned());
        })
        .await;
    assert_eq!(by(&at, &token, "POST", &key_path, Value::Null).await.status, 400);
    // Not by a client for itself, nor by a token of the extension, nor where somebody administers nothing.
    let admin = Admin::of_tenant(&at.app).await;
    let headers = [
        ("authorization", &*basic("chief", &secret_of("chief"))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let form = "grant_type=client_credentials&scope=admin%3Ainstallations.write";
    let chief = at.send("POST", "/v2/oauth2/token", &headers, form).await.text("access_token");
    assert_eq!(
        kind(&by(&at, &chief, "POST", &key_path, Value::Null).await),
        (403, "PermissionDenied".into())
    );
    let weak = tokens.text("token");
    assert_eq!(kind(&by(&at, &weak, "POST", &key_path, Value::Null).await), (401, "Unauthorized".into()));
    let other = at.app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let there = format!("/v2/extension-instances/{}/sessions/s", other.id);
    assert_eq!(by(&at, &token, "POST", &there, Value::Null).await.status, 404);
    drop(admin);
}

#[tokio::test]
async fn mw_16_a_token_comes_in_either_header_and_never_in_two() {
    let (at, _) = managed().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let other = pair(&at, ALICE).await.text("access_token");
    let status = async |headers: &[(&str, &str)]| {
        at.send("GET", "/v2/users/self/sessions/current/status", headers, "").await
    };
    let (bearer, another) = (format!("Bearer {token}"), format!("Bearer {other}"));
    let own = status(&[("x-access-token", &token)]).await;
    assert_eq!((own.status, own.text("userId")), (200, user_id(ALICE)), "{}", own.body);
    assert_eq!(own.json()["tokenId"], claims(&token)["jti"]);
    assert_eq!(status(&[("authorization", &bearer)]).await.json(), own.json());
    for (headers, expected) in [
        (vec![("authorization", &*another), ("x-access-token", &*token)], 400),
        (vec![("x-access-token", &*token), ("x-access-token", &*other)], 400),
        (vec![("authorization", &*bearer), ("x-access-token", &*token)], 400),
        (vec![("x-access-token", "not a token")], 401),
        (vec![("x-access-token", "nothing")], 401),
        (vec![], 401),
    ] {
        let reply = status(&headers).await;
        assert_eq!(reply.status, expected, "{headers:?}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_token_that_is_given_up_is_dead_with_all_that_came_with_it() {
    let (at, _) = managed().await;
    let issued = pair(&at, ALICE).await;
    let (token, refresh) = (issued.text("access_token"), issued.text("refresh_token"));
    let kept = pair(&at, ALICE).await.text("access_token");
    let status = async |token: &str| {
        by(&at, token, "GET", "/v2/users/self/sessions/current/status", Value::Null).await.status
    };
    assert_eq!(by(&at, "nothing", "PUT", "/v2/logout", json!({})).await.status, 401);
    assert_eq!(by(&at, &token, "PUT", "/v2/logout", json!({})).await.status, 204);
    assert_eq!((status(&token).await, status(&kept).await), (401, 200));
    assert_eq!(by(&at, &token, "PUT", "/v2/logout", json!({})).await.status, 401);
    let headers = [
        ("authorization", &*basic(WEB, &secret_of(WEB))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let form = encode(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
    assert_eq!(at.send("POST", "/v2/oauth2/token", &headers, &form).await.status, 400);
}

/// Whoever administers nothing is told so, and nothing is changed.
#[tokio::test]
async fn who_holds_no_right_manages_nothing() {
    let (at, of) = managed().await;
    let token = pair(&at, BOB).await.text("access_token");
    let path = format!("/v2/extension-instances/{}", of.id);
    let refused = by(&at, &token, "DELETE", &path, Value::Null).await;
    assert!(matches!(refused.status, 401 | 403), "{}", refused.body);
    assert_eq!(at.app.standing(of.id.as_str()).await.version, 1);
}
