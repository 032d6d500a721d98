//! Why something may not be done, and who could change it: whoever can, nobody who cannot, and by the rules that decide.

use doorward_core::Effect;
use doorward_core::id::{ContextKey, RoleKey};
use doorward_core::model::{Assignment, ConsentPolicy, ExtensionState, Role, User};
use doorward_core::permission::Permission;
use doorward_tests::extended::{CUSTOMER, MAKER, P1, P2, X1, context, member, unassign};
use doorward_tests::{ALICE, BOB, Reply, T1, T2, TestApp, WEB, user_id};
use serde_json::{Value, json};

use super::{Admin, every_scope};

const KEEPER: i64 = 50;

/// A role of these permissions.
fn role(key: i64, permissions: &[&str]) -> Effect {
    Effect::PutRole(Role {
        tenant: T1.into(),
        key: RoleKey(key),
        id: format!("role-{key}").into(),
        name: format!("Role {key}"),
        description: String::new(),
        permissions: permissions.iter().map(|word| Permission::parse(word).unwrap()).collect(),
        requires_second_factor: false,
        version: 0,
        created_at: doorward_core::Timestamp(0),
    })
}

/// A person has it there; none: in the whole tenant.
fn given(user: &str, key: i64, context: Option<i64>) -> Effect {
    Effect::Assign(Assignment {
        tenant: T1.into(),
        user: user_id(user).into(),
        context: context.map(ContextKey),
        role: RoleKey(key),
        role_id: format!("role-{key}").into(),
        created_at: doorward_core::Timestamp(0),
    })
}

async fn changed(app: &TestApp, (tenant, name): (&str, &str), change: impl FnOnce(&mut User)) {
    let mut user = app.store.user(&tenant.into(), &user_id(name).into()).await.unwrap().unwrap().user;
    change(&mut user);
    app.commit(vec![Effect::PutUser(user)]).await;
}

async fn explained(admin: &Admin<'_>, query: &str) -> Value {
    let reply = admin.get(&format!("/tenants/t1/clients/{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// What is told of the only clause of the only scope.
fn only(body: &Value) -> Value {
    body["scopes"][0]["removed_by"][0].clone()
}

/// Who could change it: names, and roles of who has none.
fn names(told: &Value) -> Vec<String> {
    let who = told["who"].as_array().unwrap_or_else(|| panic!("nobody: {told}"));
    let name = |person: &Value| person["user_name"].as_str().or(person["role"].as_str()).unwrap().to_owned();
    who.iter().map(name).collect()
}

/// ALICE holds the role in 105 other places, BOB in `project/p-1`.
async fn kept(app: &TestApp) {
    let mut effects = vec![role(KEEPER, &["admin:installations.write"]), member(BOB, P1, "project/p-1")];
    for key in 200..305 {
        let id = format!("shop/s-{key}");
        effects.extend([
            Effect::PutContext(context(key, &id, &[])),
            member(ALICE, key, &id),
            given(ALICE, KEEPER, Some(key)),
        ]);
    }
    effects.push(given(BOB, KEEPER, Some(P1)));
    app.commit(effects).await;
}

#[tokio::test]
async fn who_may_there_is_named_however_many_may_elsewhere_and_nobody_who_cannot_act() {
    let app = TestApp::extended().await;
    kept(&app).await;
    let of = app.install(X1, (P1, "project/p-1"), "openid").await;
    let admin = Admin::of_server(&app).await;
    let query = format!("x1/explain?installation={}&user=alice&scope=rs1:read", of.id);
    let told = only(&explained(&admin, &query).await);
    assert_eq!(
        (names(&told), told["who"][0]["context"].as_str()),
        (vec![BOB.to_owned()], Some("project/p-1"))
    );
    assert_eq!(told["more"], Value::Null);
    // What does not stand is brought back by the same people.
    app.live(&of.id, |life, now| life.disable(now)).await;
    assert_eq!(names(&explained(&admin, &query).await["reason"]), [BOB]);

    let now = app.clock.now();
    changed(&app, (T1, BOB), |bob| bob.disabled_at = Some(now)).await;
    assert_eq!(names(&only(&explained(&admin, &query).await)), [""; 0]);
    changed(&app, (T1, BOB), |bob| (bob.disabled_at, bob.locked_at) = (None, Some(now))).await;
    assert_eq!(names(&only(&explained(&admin, &query).await)), [""; 0]);
    changed(&app, (T1, BOB), |bob| bob.locked_at = None).await;
    assert_eq!(names(&only(&explained(&admin, &query).await)), [BOB]);
    // Who has left has no role there.
    let path = format!("/tenants/t1/contexts/project/p-1/members/{}", user_id(BOB));
    assert!(admin.send("DELETE", &path, &[], "").await.status < 300);
    assert_eq!(names(&only(&explained(&admin, &query).await)), [""; 0]);
}

#[tokio::test]
async fn ten_are_named_and_that_there_are_more_is_said() {
    let app = TestApp::extended().await;
    let mut effects = vec![role(KEEPER, &["admin:clients.write"])];
    let bob = app.store.user(&T1.into(), &user_id(BOB).into()).await.unwrap().unwrap();
    for number in 10..21 {
        let id = format!("usr_many-{number:04}");
        let mut user = User { id: id.as_str().into(), version: 0, external_id: None, ..bob.user.clone() };
        (user.user_name, user.user_name_key) = (format!("many{number}"), format!("many{number}"));
        (user.email, user.email_key) = (None, None);
        let mut password = bob.password.clone().unwrap();
        password.user = user.id.clone();
        effects.extend([Effect::PutUser(user), Effect::AddCredential(password)]);
        effects.push(Effect::Assign(Assignment {
            tenant: T1.into(),
            user: id.as_str().into(),
            context: None,
            role: RoleKey(KEEPER),
            role_id: "role-50".into(),
            created_at: doorward_core::Timestamp(0),
        }));
    }
    app.commit(effects).await;
    let admin = Admin::of_tenant(&app).await;
    let told = only(&explained(&admin, &format!("{WEB}/explain?scope=x:read")).await);
    assert_eq!((names(&told).len(), told["more"].as_bool()), (10, Some(true)), "{told}");
}

#[tokio::test]
async fn what_is_administered_in_the_whole_tenant_alone_is_nothing_in_a_context() {
    let app = TestApp::extended().await;
    let rights = ["admin:contexts.write", "admin:roles.write", "admin:installations.write"];
    app.commit(vec![unassign(P1), role(KEEPER, &rights), member(BOB, P1, "project/p-1")]).await;
    app.commit(vec![given(BOB, KEEPER, Some(P1))]).await;
    let of = app.install(X1, (P1, "project/p-1"), "openid rs1:write").await;
    let admin = Admin::of_server(&app).await;
    let query = format!("x1/explain?installation={}&user=alice&scope=rs1:write", of.id);
    let told = only(&explained(&admin, &query).await);
    assert_eq!((told["clause"].as_str(), names(&told)), (Some("person"), Vec::new()));
    app.commit(vec![given(BOB, KEEPER, None)]).await;
    assert_eq!(names(&only(&explained(&admin, &query).await)), [BOB]);
}

#[tokio::test]
async fn what_the_clients_map_of_roles_leaves_out_is_not_said_to_be_the_persons() {
    let app = TestApp::extended().await;
    app.commit(vec![role(KEEPER, &["orders:write"]), given(ALICE, KEEPER, None)]).await;
    app.commit(vec![role(KEEPER + 1, &["admin:clients.write"]), given(BOB, KEEPER + 1, None)]).await;
    app.change_client(WEB, |client| {
        client.first_party = true;
        client.role_permissions = Some([].into());
    })
    .await;
    let admin = Admin::with(&app, "chief", &every_scope()).await;
    let told = only(&explained(&admin, &format!("{WEB}/explain?user=alice&scope=rs1:write")).await);
    assert_eq!(
        (told["clause"].as_str(), told["permission"].as_str(), told.get("roles_that_give_it")),
        (Some("role_map"), Some("orders:write"), None)
    );
    assert_eq!(names(&told), [BOB], "who changes clients, and not who gives roles");
    // Who does not hold it at all lacks it whatever the map says.
    let told = only(&explained(&admin, &format!("{WEB}/explain?user=bob&scope=rs1:write")).await);
    assert_eq!(told["clause"].as_str(), Some("person"));
}

#[tokio::test]
async fn nobody_is_named_who_would_give_what_they_do_not_hold() {
    let app = TestApp::extended().await;
    let effects = vec![role(KEEPER, &["admin:installations.write"]), member(BOB, P1, "project/p-1")];
    app.commit(effects).await;
    app.commit(vec![given(BOB, KEEPER, Some(P1))]).await;
    let of = app.install(X1, (P1, "project/p-1"), "openid").await;
    let admin = Admin::of_server(&app).await;
    let query = format!("x1/explain?installation={}&user=alice&scope=rs1:write", of.id);
    let told = only(&explained(&admin, &query).await);
    assert_eq!((told["clause"].as_str(), names(&told)), (Some("installation"), Vec::new()));
    app.commit(vec![role(51, &["orders:write"]), given(BOB, 51, Some(P1))]).await;
    assert_eq!(names(&only(&explained(&admin, &query).await)), [BOB]);
}

#[tokio::test]
async fn an_extensions_client_is_changed_by_who_administers_or_makes_the_extension() {
    let app = TestApp::extended().await;
    let maker = vec![role(KEEPER, &["admin:extensions.write"]), member(BOB, MAKER, "contributor/maker")];
    app.commit(maker).await;
    app.commit(vec![given(BOB, KEEPER, Some(MAKER))]).await;
    let admin = Admin::of_server(&app).await;
    let query = "x1/explain?scope=email";
    assert_eq!(
        names(&only(&explained(&admin, query).await)),
        [""; 0],
        "what was looked at, its maker leaves"
    );
    app.change_extension(X1, |found| found.state = ExtensionState::Draft).await;
    assert_eq!(names(&only(&explained(&admin, query).await)), [BOB]);
    app.change_extension(X1, |found| found.state = ExtensionState::Published).await;
    app.commit(vec![given(BOB, KEEPER, None)]).await;
    assert_eq!(names(&only(&explained(&admin, query).await)), [BOB]);
    // A plain client is none of theirs.
    assert_eq!(names(&only(&explained(&admin, &format!("{WEB}/explain?scope=x:read")).await)), [""; 0]);
}

#[tokio::test]
async fn who_administers_the_server_comes_last_and_is_named_to_who_reaches_their_tenant() {
    let app = TestApp::extended().await;
    let now = app.clock.now();
    for of in [(T1, ALICE), (T2, "amy")] {
        changed(&app, of, |user| user.administrator_since = Some(now)).await;
    }
    app.commit(vec![role(KEEPER, &["admin:clients.write"]), given(BOB, KEEPER, None)]).await;
    let query = format!("{WEB}/explain?scope=x:read");
    let server = Admin::of_server(&app).await;
    let told = only(&explained(&server, &query).await);
    assert_eq!(names(&told), [BOB, ALICE, "amy"]);
    assert_eq!((told["who"][1]["tenant"].as_str(), told["who"][2]["tenant"].as_str()), (None, Some(T2)));
    let tenant = Admin::of_tenant(&app).await;
    let told = only(&explained(&tenant, &query).await);
    assert_eq!(names(&told), [BOB, ALICE, "administrator of the server"]);
    assert!(!told.to_string().contains(T2) && !told.to_string().contains("amy"), "{told}");
}

#[tokio::test]
async fn where_no_installation_is_named_it_is_the_one_that_signing_in_takes() {
    let app = TestApp::extended().await;
    let admin = Admin::of_server(&app).await;
    let ordinary = "/authorize?response_type=code&client_id=x1&state=s&scope=openid%20rs1%3Aread\
                    &redirect_uri=https%3A%2F%2Fx1.example%2Fcallback";
    let (alice, bob) = (app.browser(), app.browser());
    alice.sign_in(ALICE).await;
    bob.sign_in(BOB).await;
    let ask = async |user: &str| {
        explained(&admin, &format!("x1/explain?user={user}&scope=openid%20rs1:read")).await
    };

    let of = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    assert_eq!(alice.get(ordinary).await.status, 303);
    let body = ask(ALICE).await;
    assert_eq!(
        (body["alive"].as_bool(), body["scope"].as_str()),
        (Some(true), Some("openid rs1:read")),
        "{body}"
    );
    assert_eq!(body["installation"], of.id.as_str());

    // Nowhere where they belong: who installs there, below it or above it, and who says who belongs where.
    assert_eq!(bob.get(ordinary).await.status, 403);
    app.commit(vec![role(KEEPER, &["admin:installations.write"]), given(BOB, KEEPER, Some(P2))]).await;
    app.commit(vec![given(ALICE, KEEPER, Some(P1))]).await;
    app.commit(vec![role(51, &["admin:contexts.write"]), given(ALICE, 51, None)]).await;
    let body = ask(BOB).await;
    assert_eq!((body["alive"].as_bool(), body["scope"].as_str()), (Some(false), Some("")), "{body}");
    assert_eq!(body["reason"]["name"], "installation.nowhere");
    assert_eq!(names(&body["reason"]), [BOB, ALICE]);
    assert_eq!(body["reason"]["who"][1]["role"], "role-51");
    app.live(&of.id, |life, now| life.remove(now)).await;
    assert_eq!(names(&ask(BOB).await["reason"]), [BOB], "belonging elsewhere helps nobody");
    assert_eq!(names(&ask(ALICE).await["reason"]), [ALICE]);
    // A draft is for where it is made.
    app.change_extension(X1, |found| found.state = ExtensionState::Draft).await;
    assert_eq!(names(&ask(BOB).await["reason"]), [""; 0]);
    app.change_extension(X1, |found| found.state = ExtensionState::Published).await;

    // Of several places, one is to be named.
    let one = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let other = app.install(X1, (CUSTOMER, "customer/c-1"), "openid").await;
    assert_eq!(alice.get(ordinary).await.status, 200);
    let body = ask(ALICE).await;
    assert_eq!((body["alive"].as_bool(), &body["scopes"]), (Some(true), &json!([])), "{body}");
    let places: Vec<_> =
        body["installations"].as_array().unwrap().iter().map(|of| of["id"].clone()).collect();
    assert_eq!(places, [other.id.as_str(), one.id.as_str()]);

    // One that is switched off is no choice, and where people are asked, consent is theirs to give.
    app.live(&other.id, |life, now| life.disable(now)).await;
    app.change_extension(X1, |found| found.manifest.consent = ConsentPolicy::Asked).await;
    let body = ask(ALICE).await;
    assert_eq!((body["installation"].as_str(), body["scope"].as_str()), (Some(one.id.as_str()), Some("")));
    assert_eq!(
        (only(&body)["clause"].as_str(), names(&only(&body))),
        (Some("consent"), vec![ALICE.to_owned()])
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_told_where_it_is() {
    let app = TestApp::extended().await;
    let admin = Admin::with(&app, "chief", &every_scope()).await;
    let long = "a".repeat(300);
    for query in [format!("scope={long}"), "scope=a%22b".to_owned(), "client=x2".to_owned()] {
        let reply: Reply = admin.get(&format!("/tenants/t1/clients/x1/explain?{query}")).await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.body);
        assert!(reply.text("detail").contains(query.split('=').next().unwrap()), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_session_token_is_explained_as_it_could_be_exchanged() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), "openid rs1:read rs1:write").await;
    let admin = Admin::with(&app, "chief", &every_scope()).await;
    let path = format!("/tenants/t1/installations/{}/session-token", of.id);
    let made = admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await;
    let token = made.text("session_token");
    let ask = async || admin.json("POST", "/tenants/t1/explain", json!({ "token": token })).await.json();
    let body = ask().await;
    assert_eq!(
        (body["client"].as_str(), body["user"].as_str()),
        (Some(X1), Some(user_id(ALICE).as_str())),
        "{body}"
    );
    assert_eq!(
        (body["alive"].as_bool(), body["scope"].as_str()),
        (Some(true), Some("openid rs1:read rs1:write"))
    );
    app.commit(vec![unassign(P1)]).await;
    app.commit(vec![role(KEEPER, &["admin:users.write"]), given(BOB, KEEPER, None)]).await;
    let body = ask().await;
    assert_eq!(body["scope"], "openid rs1:read");
    let write = body["scopes"].as_array().unwrap().iter().find(|line| line["scope"] == "rs1:write").unwrap();
    assert_eq!(
        (write["removed_by"][0]["clause"].as_str(), names(&write["removed_by"][0])),
        (Some("person"), vec![BOB.to_owned()])
    );
    assert_eq!(app.rows("grants").await, 0, "asking stores nothing");
    app.advance_s(61);
    let body = ask().await;
    assert_eq!(
        (body["reason"]["name"].as_str(), names(&body["reason"])),
        (Some("exchange.expired"), vec![ALICE.to_owned()])
    );
}
