//! Steps that rows of several areas take: signing in, tokens of a browser, forms of a page, changes as an operator makes them.

use doorward_core::desired::{self, Current, CurrentClient, CurrentTenant, CurrentUser, State};
use doorward_core::id::TenantId;
use doorward_core::{Ctx, Effect};
use doorward_crypto::password;
use doorward_crypto::random::SystemRandom;
use doorward_tests::{Browser, Page, Reply, T1, TestApp};

use super::Case;

/// The session cookie of T1.
pub const SESSION: &str = "__Host-s-t1";
/// The scopes of a grant that outlives its session.
pub const OFFLINE: [(&str, &str); 1] = [("scope", "openid profile offline_access rs1:read")];

/// A browser in which that person is signed in.
pub async fn signed_in<'a>(case: &'a Case, user: &str) -> Browser<'a> {
    let browser = case.app.browser();
    browser.sign_in(user).await;
    browser
}

/// The token response of a code that this browser brings.
pub async fn tokens(case: &Case, browser: &Browser<'_>, client: &str, extra: &[(&str, &str)]) -> Reply {
    let reply = browser.code(client, extra).await.redeem(&case.app).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

/// Whether somebody is signed in.
pub async fn is_signed_in(browser: &Browser<'_>) -> bool {
    let reply = browser.get("/account").await;
    match reply.status {
        200 => true,
        303 if reply.location() == "https://id.example/sign-in" => false,
        _ => panic!("{} {}", reply.status, reply.body),
    }
}

/// Whether a resource server is told that the token is active.
pub async fn is_active(case: &Case, server: &str, token: &str) -> bool {
    let reply = case.app.introspect(server, token).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["active"].as_bool().expect("active is a truth value")
}

/// The form of a page that goes to that path.
#[track_caller]
pub fn form(reply: Reply, action: &str) -> Page {
    let marker = format!("action=\"{action}\"");
    let body = &reply.body;
    let at = body.find(&marker).unwrap_or_else(|| panic!("no form to {action}: {} {body}", reply.status));
    let start = body[..at].rfind("<form").expect("an action stands in a form");
    let body = body[start..].to_owned();
    Page::of(Reply { body, ..reply })
}

/// What is configured of T1.
async fn current(app: &TestApp) -> Current {
    let id = TenantId::from(T1);
    let store = &app.store;
    let mut clients = Vec::new();
    for client in store.clients(&id).await.expect("clients can be read") {
        let secrets = store.secrets(&id, &client.id).await.expect("secrets can be read");
        clients.push(CurrentClient { client, secrets });
    }
    let users = store.users(&id, None, 500).await.expect("users can be read");
    let tenant = store.tenant(&id).await.expect("a tenant can be read").expect("it is there");
    Current {
        tenants: vec![CurrentTenant {
            issuers: store.issuers_of(&id).await.expect("issuers can be read"),
            apis: store.apis(&id).await.expect("APIs can be read"),
            clients,
            users: users
                .into_iter()
                .map(|found| CurrentUser {
                    user: found.user,
                    password: found.password,
                    roles: Vec::new(),
                    roles_in_contexts: Vec::new(),
                })
                .collect(),
            ..CurrentTenant::alone(tenant)
        }],
        ..Current::default()
    }
}

/// Apply a document that names T1 and of it what `part` says; the problems when it is refused.
pub async fn apply(app: &TestApp, part: serde_json::Value) -> Result<(), String> {
    let current = current(app).await;
    let mut tenant = part;
    tenant["id"] = T1.into();
    let document = serde_json::json!({ "tenants": [tenant] });
    let mut state: State = serde_json::from_value(document).map_err(|error| error.to_string())?;
    let effects = {
        let mut rng = SystemRandom;
        let mut ctx = Ctx { now: app.store.now(), rng: &mut rng, request_id: "operator", address: "" };
        let mut hash = |plain: &str, _: Option<&str>| password::hash(plain, b"0123456789abcdef");
        desired::settle(&mut state, &current, 8, &mut hash, &mut ctx).map_err(|error| error.to_string())?;
        let plan = desired::plan(&current, &state, false, ctx.now).map_err(|error| error.to_string())?;
        plan.decide(&doorward_core::model::Actor::Operator, &mut ctx).effects
    };
    app.store.commit(effects).await.map_err(|error| format!("{error:?}"))
}

/// Apply what an export says of one client or person, changed.
pub async fn apply_to(
    app: &TestApp,
    list: &str,
    id: &str,
    change: impl FnOnce(&mut serde_json::Value),
) -> Result<(), String> {
    let state = State::of(&current(app).await, app.store.now());
    let exported = serde_json::to_value(state).expect("a state is JSON");
    let rows = exported["tenants"][0][list].as_array().expect("it is a list");
    let found = rows.iter().find(|row| row["id"] == id || row["user_name"] == id);
    let mut row = found.unwrap_or_else(|| panic!("no {id} in {list}")).clone();
    if list == "users" {
        // Found by name: the fixtures' ids are shorter than an operator's may be.
        row.as_object_mut().expect("a row is an object").remove("id");
    }
    change(&mut row);
    let mut part = serde_json::json!({});
    part[list] = serde_json::json!([row]);
    apply(app, part).await
}

/// Commit effects as they are, past every check of an operator's document.
pub async fn put(app: &TestApp, effects: Vec<Effect>) {
    app.store.commit(effects).await.expect("effects can be committed");
}

/// A client of T1, as it is now.
pub async fn client_of(app: &TestApp, id: &str) -> doorward_core::model::Client {
    let clients = app.store.clients(&TenantId::from(T1)).await.expect("clients can be read");
    clients.into_iter().find(|client| client.id.as_str() == id).expect("it is there")
}

/// A token request with a client assertion.
pub async fn token_by(case: &Case, assertion: &str) -> Reply {
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "rs1:read"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ];
    case.app.post_form("/token", &form, &[]).await
}
