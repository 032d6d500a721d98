//! Roles and contexts: what a person may do bounds what clients get in their name, and a role that is taken is missed at once.

use doorward_core::admin;
use doorward_core::id::{ContextKey, RoleKey};
use doorward_core::model::{Assignment, Context, Membership, PermissionClaims, Role};
use doorward_core::permission::Permission;
use doorward_core::{Effect, Timestamp};
use doorward_tests::{ALICE, RS1, T1, TestApp, WEB, claims, user_id};
use serde_json::json;

const READER: RoleKey = RoleKey(1);
const WRITER: RoleKey = RoleKey(2);

fn role(key: RoleKey, id: &str, permissions: &[&str]) -> Effect {
    Effect::PutRole(Role {
        tenant: T1.into(),
        key,
        id: id.into(),
        name: id.to_owned(),
        description: String::new(),
        permissions: permissions.iter().map(|word| Permission::parse(word).expect("a permission")).collect(),
        requires_second_factor: false,
        version: 0,
        created_at: Timestamp(0),
    })
}

pub fn context(key: i64, id: &str, ancestors: &[i64]) -> Context {
    Context {
        tenant: T1.into(),
        key: ContextKey(key),
        id: id.into(),
        name: id.to_owned(),
        parent: None,
        ancestors: ancestors.iter().map(|key| ContextKey(*key)).collect(),
        disabled_at: None,
        removed_at: None,
        external_id: None,
        external_version: None,
        version: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

fn member(key: i64, id: &str) -> Effect {
    Effect::PutMembership(Membership {
        tenant: T1.into(),
        user: user_id(ALICE).into(),
        context: ContextKey(key),
        context_id: id.into(),
        external_version: None,
        version: 0,
        created_at: Timestamp(0),
    })
}

fn assign(context: Option<i64>, role: RoleKey) -> Effect {
    Effect::Assign(Assignment {
        tenant: T1.into(),
        user: user_id(ALICE).into(),
        context: context.map(ContextKey),
        role,
        role_id: "as stored".into(),
        created_at: Timestamp(0),
    })
}

fn unassign(context: Option<i64>, role: RoleKey) -> Effect {
    Effect::Unassign {
        tenant: T1.into(),
        user: user_id(ALICE).into(),
        context: context.map(ContextKey),
        role,
    }
}

async fn commit(app: &TestApp, effects: Vec<Effect>) {
    app.store.commit(effects).await.expect("the effects can be stored");
}

/// RS1's `rs1:write` needs `orders:write`, and its tokens and introspection say permissions. Alice reads everywhere, and writes in a
/// project of a customer.
async fn world() -> TestApp {
    let app = TestApp::new().await;
    let mut api = app.store.apis(&T1.into()).await.expect("APIs can be read").remove(0);
    assert_eq!(api.id.as_str(), "https://rs1.example");
    api.permissions = PermissionClaims { token: true, introspection: true, domains: Default::default() };
    for scope in &mut api.scopes {
        if scope.name == "rs1:write" {
            scope.permission = Permission::parse("orders:write").ok();
        }
    }
    let effects = vec![
        Effect::PutApi(api),
        role(READER, "reader", &["orders:read", "admin:users.read"]),
        role(WRITER, "writer", &["orders:write"]),
        Effect::PutContext(context(10, "customer/c-1", &[])),
        Effect::PutContext(context(11, "project/p-1", &[10])),
        member(11, "project/p-1"),
        assign(None, READER),
        assign(Some(11), WRITER),
    ];
    commit(&app, effects).await;
    app
}

#[tokio::test]
async fn tokens_and_introspection_say_what_the_person_may_do() {
    let app = world().await;
    let tokens = app.tokens(WEB, &[("scope", "openid rs1:read rs1:write offline_access")]).await;
    let said = claims(&tokens.text("access_token"));
    assert_eq!(said["scope"], "openid rs1:read rs1:write offline_access", "{said}");
    assert_eq!(said["permissions"], json!(["orders:read"]), "nothing of administration");
    assert_eq!(said["context_permissions"], json!({ "project/p-1": ["orders:write"] }));
    let told = app.introspect(RS1, &tokens.text("access_token")).await;
    assert_eq!(told.json()["permissions"], said["permissions"]);
    assert_eq!(told.json()["context_permissions"], said["context_permissions"]);
}

/// The scopes that the guard tells RS1 of.
async fn at_the_guard(app: &TestApp, token: &str) -> String {
    let bearer = format!("Bearer {token}");
    let asked = [("authorization", &*bearer), ("x-original-method", "GET"), ("x-original-uri", "/")];
    let reply = app.get("/guard?api=https%3A%2F%2Frs1.example", &asked).await;
    reply.header("doorward-scopes").expect("it may pass").to_owned()
}

#[tokio::test]
async fn a_role_that_is_taken_is_missed_at_once_at_introspection_refresh_and_the_guard() {
    let app = world().await;
    let tokens = app.tokens(WEB, &[("scope", "openid rs1:read rs1:write offline_access")]).await;
    let access = tokens.text("access_token");
    assert_eq!(at_the_guard(&app, &access).await, "openid rs1:read rs1:write offline_access");
    commit(&app, vec![unassign(Some(11), WRITER), unassign(None, READER)]).await;
    assert_eq!(at_the_guard(&app, &access).await, "openid rs1:read offline_access");
    let told = app.introspect(RS1, &tokens.text("access_token")).await;
    assert_eq!(told.json()["scope"], "openid rs1:read offline_access", "{}", told.body);
    assert_eq!(told.json()["permissions"], json!([]));
    assert_eq!(told.json().get("context_permissions"), None);
    let refreshed = app.refresh(WEB, &tokens.text("refresh_token")).await;
    assert_eq!(refreshed.text("scope"), "openid rs1:read offline_access");
    assert_eq!(claims(&refreshed.text("access_token"))["permissions"], json!([]));
    // Given again, the grant has it again: what was granted is remembered, what may be done is asked.
    commit(&app, vec![assign(None, WRITER)]).await;
    let again = app.refresh(WEB, &refreshed.text("refresh_token")).await;
    assert_eq!(again.text("scope"), "openid rs1:read rs1:write offline_access");
    assert_eq!(claims(&again.text("access_token"))["permissions"], json!(["orders:write"]));
}

/// Each of these kills what Alice may do in the project, and only that.
#[tokio::test]
async fn a_role_in_a_context_needs_all_that_it_hangs_on() {
    type Kill = fn(&mut Vec<Effect>);
    let dead: [(&str, Kill); 6] = [
        ("context disabled", |effects| {
            let off =
                Context { disabled_at: Some(Timestamp(1)), version: 1, ..context(11, "project/p-1", &[10]) };
            effects.push(Effect::PutContext(off));
        }),
        ("context above disabled", |effects| {
            let off =
                Context { disabled_at: Some(Timestamp(1)), version: 1, ..context(10, "customer/c-1", &[]) };
            effects.push(Effect::PutContext(off));
        }),
        ("context removed", |effects| {
            effects.push(Effect::RemoveContext {
                tenant: T1.into(),
                key: ContextKey(11),
                version: 1,
                now: Timestamp(1),
            });
        }),
        ("context above removed, and made anew under its id", |effects| {
            effects.push(Effect::RemoveContext {
                tenant: T1.into(),
                key: ContextKey(10),
                version: 1,
                now: Timestamp(1),
            });
            effects.push(Effect::PutContext(context(20, "customer/c-1", &[])));
        }),
        ("membership removed", |effects| {
            effects.push(Effect::RemoveMembership(T1.into(), user_id(ALICE).into(), ContextKey(11), 1));
        }),
        ("role removed, and made anew under its id", |effects| {
            effects.push(Effect::RemoveRole(T1.into(), WRITER, 1));
            effects.push(role(RoleKey(3), "writer", &["orders:write"]));
        }),
    ];
    for (what, kill) in dead {
        let app = world().await;
        let tokens = app.tokens(WEB, &[("scope", "openid rs1:read rs1:write")]).await;
        let mut effects = Vec::new();
        kill(&mut effects);
        commit(&app, effects).await;
        let told = app.introspect(RS1, &tokens.text("access_token")).await;
        assert_eq!(told.json()["scope"], "openid rs1:read", "{what}: {}", told.body);
        assert_eq!(told.json()["permissions"], json!(["orders:read"]), "{what}");
        assert_eq!(told.json().get("context_permissions"), None, "{what}");
    }
}

#[tokio::test]
async fn who_may_not_do_it_is_not_asked_to_allow_it_and_who_may_do_nothing_of_it_is_refused() {
    let app = world().await;
    commit(&app, vec![unassign(Some(11), WRITER)]).await;
    let tokens = app.tokens(WEB, &[("scope", "openid rs1:read rs1:write")]).await;
    assert_eq!(tokens.text("scope"), "openid rs1:read");
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let denied = browser.authorize(WEB, &[("scope", "rs1:write")]).await;
    assert!(denied.location().contains("error=access_denied"), "{}", denied.location());
}

#[tokio::test]
async fn a_clients_map_of_roles_narrows_what_its_tokens_say() {
    let app = world().await;
    for (role, permission, scope, everywhere) in [
        ("reader", "orders:read", "openid rs1:read", json!(["orders:read"])),
        ("writer", "orders:write", "openid rs1:read rs1:write", json!([])),
        // What one role is listed with counts of what another gives.
        ("reader", "orders:*", "openid rs1:read rs1:write", json!(["orders:read"])),
    ] {
        let map = [(role.into(), [Permission::parse(permission).expect("a permission")].into())];
        app.change_client(WEB, |client| client.role_permissions = Some(map.into())).await;
        let tokens = app.tokens(WEB, &[("scope", "openid rs1:read rs1:write")]).await;
        assert_eq!(tokens.text("scope"), scope, "{permission}");
        let said = claims(&tokens.text("access_token"));
        assert_eq!(said["permissions"], everywhere);
        let there = scope.contains("write").then(|| json!({ "project/p-1": ["orders:write"] }));
        assert_eq!(said.get("context_permissions"), there.as_ref(), "{permission}");
    }
}

#[tokio::test]
async fn administration_is_granted_to_who_holds_it_in_the_whole_tenant() {
    let app = world().await;
    let web = app.store.client(&T1.into(), &WEB.into()).await.expect("a client can be read");
    let mut web = web.expect("it is there").client;
    web.apis.insert(admin::API.into());
    let scopes = "openid admin:users.read admin:users.write admin:server";
    web.scopes = doorward_wire::scope::Scopes::parse(scopes).expect("scopes");
    commit(&app, vec![Effect::PutClient(web)]).await;
    let tokens = app.tokens(WEB, &[("scope", scopes)]).await;
    assert_eq!(tokens.text("scope"), "openid admin:users.read");
    assert!(claims(&tokens.text("access_token"))["aud"].to_string().contains(admin::API));
    // A role in one context administers nothing.
    commit(&app, vec![unassign(None, READER), assign(Some(11), READER)]).await;
    let tokens = app.tokens(WEB, &[("scope", scopes)]).await;
    assert_eq!(tokens.text("scope"), "openid");
    // An administrator may everything.
    let alice = app.store.user(&T1.into(), &user_id(ALICE).into()).await.expect("a person can be read");
    let mut alice = alice.expect("she is there").user;
    alice.administrator_since = Some(Timestamp(1));
    commit(&app, vec![Effect::PutUser(alice)]).await;
    let tokens = app.tokens(WEB, &[("scope", scopes)]).await;
    assert_eq!(tokens.text("scope"), scopes);
}
