//! Every route of the table, asked by everyone who may not: none answers with data, and nothing is changed.

use doorward_core::Effect;
use doorward_core::admin::{API, Access, Area, SERVER};
use doorward_core::id::{ClientId, TenantId};
use doorward_core::model::{Actor, Client, Credential, EventKind, User};
use doorward_tests::{ALICE, BOB, Reply, SPA, T1, T2, TestApp, WEB, basic, secret_of, user_id};
use doorward_web::admin::route::{Route, routes};
use doorward_wire::scope::Scopes;

use super::{ADMIN, Admin, client_with, every_scope, token_of, user};

/// An address of a route in a tenant.
fn target(route: &Route, tenant: &str) -> String {
    let mut path = route.path.replace("{tenant}", tenant);
    for (name, value) in
        [("{type}", "project"), ("{user}", "usr_alice-0001"), ("{secret}", "s1"), ("{kid}", "t1-RS256")]
    {
        path = path.replace(name, value);
    }
    let id = match route.path {
        path if path.contains("/users/") => user_id(ALICE),
        path if path.contains("/clients/") => WEB.to_owned(),
        path if path.contains("/issuers/") => "iss-t1".to_owned(),
        path if path.contains("/apis/") => "https%3A%2F%2Frs1.example".to_owned(),
        _ => "1".to_owned(),
    };
    format!("{ADMIN}{}", path.replace("{id}", &id))
}

async fn ask(app: &TestApp, route: &Route, target: &str, authorization: Option<&str>) -> Reply {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(authorization.map(|value| ("authorization", value)));
    // A body that could not be read: whoever is told of it was let in.
    app.send(route.method, target, &headers, "not JSON").await
}

/// Nothing of any tenant is in an answer.
fn holds_no_data(reply: &Reply) -> bool {
    let body = &reply.body;
    !["items", "alice", "created_at", "version", "Adams", "not JSON"].iter().any(|word| body.contains(word))
}

#[tokio::test]
async fn who_may_not_learns_nothing_from_any_route() {
    let app = TestApp::new().await;
    let tenant = TenantId::from(T1);
    let all = every_scope();
    for client in ["boss", "off", "gone", "narrowed", "elsewhere", "revoked", "foreign"] {
        client_with(&app, client, &format!("{all} {SERVER}")).await;
    }
    let every = token_of(&app, "boss", &format!("{all} {SERVER}")).await;
    let of_tenant = token_of(&app, "foreign", &all).await;
    let [off, gone, narrowed, elsewhere, revoked] = [
        token_of(&app, "off", &all).await,
        token_of(&app, "gone", &all).await,
        token_of(&app, "narrowed", &all).await,
        token_of(&app, "elsewhere", &all).await,
        token_of(&app, "revoked", &all).await,
    ];
    let of_rs1 = {
        let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
        let credentials = basic("m2m", &secret_of("m2m"));
        app.post_form("/token", &form, &[("authorization", &credentials)]).await.text("access_token")
    };
    let found = |id: &str| {
        let (store, tenant, id) = (app.store.clone(), tenant.clone(), ClientId::from(id));
        async move { store.client(&tenant, &id).await.unwrap().unwrap().client.clone() }
    };
    let mut client = found("off").await;
    client.disabled_at = Some(app.clock.now());
    let mut slim = found("narrowed").await;
    slim.scopes = Scopes::default();
    let mut of_others = found("elsewhere").await;
    of_others.apis = ["https://rs1.example".into()].into();
    let removed = found("gone").await;
    let effects = vec![
        Effect::PutClient(client),
        Effect::PutClient(slim),
        Effect::PutClient(of_others),
        Effect::RemoveClient(tenant.clone(), removed.id.clone(), removed.version),
    ];
    app.store.commit(effects).await.unwrap();
    let credentials = basic("revoked", &secret_of("revoked"));
    let form = [("token", revoked.as_str())];
    assert_eq!(app.post_form("/revoke", &form, &[("authorization", &credentials)]).await.status, 200);

    let rows: Vec<(&str, Option<String>, &str, u16)> = vec![
        ("no token", None, T1, 401),
        ("garbage", Some("Bearer garbage".to_owned()), T1, 401),
        ("Basic", Some(basic("boss", &secret_of("boss"))), T1, 401),
        ("a changed token", Some(format!("Bearer {}x", every)), T1, 401),
        ("another audience", Some(format!("Bearer {of_rs1}")), T1, 401),
        ("a disabled client", Some(format!("Bearer {off}")), T1, 401),
        ("a removed client", Some(format!("Bearer {gone}")), T1, 401),
        ("a revoked token", Some(format!("Bearer {revoked}")), T1, 401),
        ("a client that may no longer", Some(format!("Bearer {narrowed}")), T1, 403),
        ("a client of other APIs now", Some(format!("Bearer {elsewhere}")), T1, 403),
        ("another tenant", Some(format!("Bearer {of_tenant}")), T2, 404),
        ("a tenant that is not there", Some(format!("Bearer {of_tenant}")), "nowhere", 404),
    ];
    let before = app.events().await;
    for route in routes() {
        for (who, authorization, tenant, status) in &rows {
            if *status == 404 && !route.path.contains("{tenant}") {
                continue;
            }
            let reply = ask(&app, route, &target(route, tenant), authorization.as_deref()).await;
            let told = format!("{who}: {} {}: {}", route.method, route.path, reply.body);
            assert_eq!(reply.status, *status, "{told}");
            assert!(holds_no_data(&reply), "{told}");
            assert_eq!(reply.header("www-authenticate").is_some(), *status != 404, "{told}");
        }
        let foreign = ask(&app, route, &target(route, T2), Some(&format!("Bearer {of_tenant}"))).await;
        let missing = ask(&app, route, &target(route, "nowhere"), Some(&format!("Bearer {of_tenant}"))).await;
        let strip = |reply: &Reply| {
            let mut body = reply.json();
            body["request_id"] = "".into();
            body
        };
        if route.path.contains("{tenant}") {
            assert_eq!(strip(&foreign), strip(&missing), "{}: whether it is there is not told", route.path);
        }
    }
    let changed = |kind: &EventKind| {
        matches!(kind, EventKind::ObjectChanged | EventKind::ObjectCreated | EventKind::ObjectRemoved)
    };
    let events = app.events().await;
    assert!(!events[before.len()..].iter().any(|event| changed(&event.kind)));
    let denied = events.iter().filter(|event| event.kind == EventKind::AdminDenied).count();
    assert!((1..=60).contains(&denied), "{denied}: recorded, and not without bound");

    app.advance_s(3600);
    let expired = format!("Bearer {every}");
    for route in routes() {
        let reply = ask(&app, route, &target(route, T1), Some(&expired)).await;
        assert_eq!(reply.status, 401, "{} {}", route.method, route.path);
        assert!(reply.header("www-authenticate").unwrap().contains("invalid_token"));
    }
}

/// Of each area both scopes, asked of every route: `.read` opens no route that writes, its own area's among them, and neither opens
/// another area's. Each scope has a world of its own, because what it opens is done.
#[tokio::test]
async fn a_scope_opens_its_own_area_only() {
    for area in Area::ALL {
        for access in [Access::Read, Access::Write] {
            opens_only(*area, access).await;
        }
    }
}

async fn opens_only(area: Area, access: Access) {
    let app = TestApp::new().await;
    let scope = area.scope(access);
    let admin = Admin::with(&app, "only", scope).await;
    // Who may write may read.
    let opens =
        |route: &Route| route.area == area && (route.access == Access::Read || access == Access::Write);
    let mut all: Vec<&Route> = routes().collect();
    // What it removes comes last: the issuer of the token may be among it.
    all.sort_by_key(|route| (opens(route), route.method == "DELETE"));
    for route in all {
        let path = target(route, T1);
        let reply = admin.send(route.method, path.strip_prefix(ADMIN).unwrap(), &[], "not JSON").await;
        let is_open = opens(route);
        let told = format!("{scope}: {} {}: {}", route.method, route.path, reply.body);
        assert_eq!(reply.status != 403, is_open, "{told}");
        assert!(is_open || holds_no_data(&reply), "{told}");
    }
}

/// A token that a client got in ALICE's name.
async fn in_the_name_of_alice(app: &TestApp, scopes: &str) -> Reply {
    in_the_name_of(app, ALICE, WEB, scopes).await
}

pub async fn in_the_name_of(app: &TestApp, name: &str, client: &str, scopes: &str) -> Reply {
    let browser = app.browser();
    browser.sign_in(name).await;
    browser.code(client, &[("scope", scopes)]).await.redeem(app).await
}

/// Every person and client that may do everything, each switched off in one way: no route knows them any longer.
#[tokio::test]
async fn whoever_was_switched_off_opens_no_route() {
    let app = TestApp::new().await;
    let tenant = TenantId::from(T1);
    let scopes = format!("openid {} {SERVER}", every_scope());
    for client in [WEB, SPA] {
        let found = app.store.client(&tenant, &client.into()).await.unwrap().unwrap();
        let mut client = found.client.clone();
        client.apis.insert(API.into());
        client.scopes = Scopes::parse(&scopes).unwrap();
        app.store.commit(vec![Effect::PutClient(client)]).await.unwrap();
    }
    let pattern = user(&app, ALICE).await;
    let password = app.store.user(&tenant, &user_id(ALICE).into()).await.unwrap().unwrap().password.unwrap();
    let mut bearers = Vec::new();
    for (who, client) in [
        ("disabled", WEB),
        ("locked", WEB),
        ("deleted", WEB),
        ("demoted", WEB),
        ("revoked", WEB),
        ("ended", WEB),
        ("unconsented", WEB),
        ("signedout", WEB),
        ("switched", SPA),
    ] {
        let made = User {
            id: user_id(who).into(),
            user_name: who.to_owned(),
            user_name_key: who.to_owned(),
            email: None,
            email_key: None,
            administrator_since: Some(app.clock.now()),
            version: 0,
            ..pattern.clone()
        };
        let credential = Credential { user: made.id.clone(), ..password.clone() };
        app.store.commit(vec![Effect::PutUser(made), Effect::PutCredential(credential)]).await.unwrap();
        let tokens = in_the_name_of(&app, who, client, &scopes).await;
        assert_eq!(tokens.status, 200, "{who}: {}", tokens.body);
        bearers.push((who, format!("Bearer {}", tokens.text("access_token"))));
    }
    let list = format!("{ADMIN}/tenants/{T2}/users");
    for (who, bearer) in &bearers {
        let reply = app.get(&list, &[("authorization", bearer)]).await;
        assert_eq!(reply.status, 200, "{who} may, so far: {}", reply.body);
    }
    let person =
        async |name: &str| app.store.user(&tenant, &user_id(name).into()).await.unwrap().unwrap().user;
    let now = app.clock.now();
    let grant = async |name: &str| {
        let found = app.store.grants_of_user(&tenant, &user_id(name).into(), None, 10).await.unwrap();
        found[0].clone()
    };
    let (ended, unconsented) = (grant("ended").await, grant("unconsented").await);
    let signed_out = app.store.sessions_of(&tenant, &user_id("signedout").into()).await.unwrap()[0].id;
    let spa = app.store.client(&tenant, &SPA.into()).await.unwrap().unwrap().client.clone();
    let deleted = person("deleted").await;
    app.store
        .commit(vec![
            Effect::PutUser(User { disabled_at: Some(now), ..person("disabled").await }),
            Effect::PutUser(User { locked_at: Some(now), ..person("locked").await }),
            Effect::PutUser(User { administrator_since: None, ..person("demoted").await }),
            Effect::RemoveUser(tenant.clone(), deleted.id, deleted.version),
            Effect::EndGrant { tenant: tenant.clone(), id: ended.id, now, reason: "test".to_owned() },
            Effect::EndConsent { tenant: tenant.clone(), id: unconsented.consent, now },
            Effect::EndSession { tenant: tenant.clone(), id: signed_out, now },
            Effect::PutClient(Client { disabled_at: Some(now), ..spa }),
        ])
        .await
        .unwrap();
    let revoked = bearers.iter().find(|(who, _)| *who == "revoked").unwrap().1.replace("Bearer ", "");
    let credentials = basic(WEB, &secret_of(WEB));
    let form = [("token", revoked.as_str())];
    assert_eq!(app.post_form("/revoke", &form, &[("authorization", &credentials)]).await.status, 200);

    for route in routes() {
        for (who, bearer) in &bearers {
            // Who is no administrator any longer is known, and may nothing.
            let status = if *who == "demoted" { 403 } else { 401 };
            for tenant in [T1, T2] {
                let reply = ask(&app, route, &target(route, tenant), Some(bearer)).await;
                let told = format!("{who}: {} {}: {}", route.method, route.path, reply.body);
                assert_eq!(reply.status, status, "{told}");
                assert!(holds_no_data(&reply) && reply.header("www-authenticate").is_some(), "{told}");
            }
        }
    }
}

#[tokio::test]
async fn in_a_persons_name_it_reaches_as_far_as_that_person_and_as_long() {
    let app = TestApp::new().await;
    let tenant = TenantId::from(T1);
    let mut web = app.store.client(&tenant, &WEB.into()).await.unwrap().unwrap().client.clone();
    web.apis.insert(API.into());
    web.scopes = Scopes::parse(&format!("openid admin:users.read admin:users.write {SERVER}")).unwrap();
    let mut alice = user(&app, ALICE).await;
    alice.administrator_since = Some(app.clock.now());
    app.store.commit(vec![Effect::PutClient(web), Effect::PutUser(alice)]).await.unwrap();

    let tokens =
        in_the_name_of_alice(&app, &format!("openid admin:users.read admin:users.write {SERVER}")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let bearer = format!("Bearer {}", tokens.text("access_token"));
    let list = format!("{ADMIN}/tenants/{T1}/users");
    let ask = async || app.get(&list, &[("authorization", &bearer)]).await;
    assert_eq!(ask().await.status, 200);
    let other = app.get(&format!("{ADMIN}/tenants/{T2}/users"), &[("authorization", &bearer)]).await;
    assert_eq!(other.status, 200, "the whole server: {}", other.body);

    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let bob = format!("{list}/{}", user_id(BOB));
    let reply = app.send("PATCH", &bob, &headers, r#"{"locked":true}"#).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let events = app.events().await;
    let event = events.iter().rfind(|event| event.kind == EventKind::ObjectChanged).unwrap();
    assert_eq!(event.actor, Actor::User(user_id(ALICE).into()));

    let herself = format!("{list}/{}", user_id(ALICE));
    for (method, body) in [
        ("DELETE", ""),
        ("PATCH", r#"{"disabled":true}"#),
        ("PATCH", r#"{"locked":true}"#),
        ("PATCH", r#"{"administrator":false}"#),
        ("PUT", r#"{"user_name":"alice"}"#),
    ] {
        let reply = app.send(method, &herself, &headers, body).await;
        assert_eq!(reply.status, 409, "{method} {body}: {}", reply.body);
    }

    let mut alice = user(&app, ALICE).await;
    alice.administrator_since = None;
    app.store.commit(vec![Effect::PutUser(alice)]).await.unwrap();
    assert_eq!(ask().await.status, 403, "what she may no longer do, nobody does in her name");
    let mut alice = user(&app, ALICE).await;
    alice.disabled_at = Some(app.clock.now());
    app.store.commit(vec![Effect::PutUser(alice)]).await.unwrap();
    assert_eq!(ask().await.status, 401, "disabled");
}

#[tokio::test]
async fn a_grant_that_ended_opens_nothing() {
    let app = TestApp::new().await;
    let tenant = TenantId::from(T1);
    let mut web = app.store.client(&tenant, &WEB.into()).await.unwrap().unwrap().client.clone();
    web.apis.insert(API.into());
    web.scopes = Scopes::parse("openid admin:users.read").unwrap();
    let mut alice = user(&app, ALICE).await;
    alice.administrator_since = Some(app.clock.now());
    app.store.commit(vec![Effect::PutClient(web), Effect::PutUser(alice)]).await.unwrap();
    let token = in_the_name_of_alice(&app, "openid admin:users.read").await.text("access_token");
    let bearer = format!("Bearer {token}");
    let list = format!("{ADMIN}/tenants/{T1}/users");
    assert_eq!(app.get(&list, &[("authorization", &bearer)]).await.status, 200);
    let form = [("token", token.as_str())];
    let credentials = basic(WEB, &secret_of(WEB));
    assert_eq!(app.post_form("/revoke", &form, &[("authorization", &credentials)]).await.status, 200);
    assert_eq!(app.get(&list, &[("authorization", &bearer)]).await.status, 401);
    let in_query = app.get(&format!("{list}?access_token={token}"), &[]).await;
    assert_eq!(in_query.status, 401);
}
