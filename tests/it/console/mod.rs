//! The console: who comes in, what they see, and what they do.

pub mod acts;
mod acts_below;
mod deliveries;
mod explain;
mod extensions;
mod pages;
mod signing_in;
pub mod written;

use doorward_core::Effect;
use doorward_core::Timestamp;
use doorward_core::id::{RoleKey, TenantId};
use doorward_core::model::{Assignment, Role, SecondFactor};
use doorward_core::permission::Permission;
use doorward_tests::{ALICE, Browser, Reply, T1, T2, TestApp, user_id};

/// A world with administrators: ALICE of the whole server, amy of T2 by a role. Nobody needs a second factor.
pub async fn world() -> TestApp {
    let app = TestApp::new().await;
    administered(&app).await;
    app
}

/// The same administrators, in a world that is there.
pub async fn administered(app: &TestApp) {
    let mut effects = Vec::new();
    for id in [T1, T2] {
        let mut tenant = app.store.tenant(&id.into()).await.expect("read").expect("there");
        tenant.settings.second_factor = SecondFactor::Optional;
        effects.push(Effect::PutTenant(tenant));
    }
    let mut alice =
        app.store.user(&T1.into(), &user_id(ALICE).into()).await.expect("read").expect("there").user;
    alice.administrator_since = Some(app.clock.now());
    effects.push(Effect::PutUser(alice));
    app.store.commit(effects).await.expect("stored");
    app.store.refresh().await.expect("read again");
    let _all = give(app, T2, "amy", 2, &["admin:*"]).await;
}

/// Give a person a role of their own that has these permissions.
pub async fn give(app: &TestApp, tenant: &str, user: &str, key: i64, permissions: &[&str]) -> Effect {
    let role = Role {
        tenant: tenant.into(),
        key: RoleKey(key),
        id: format!("role-{key}").into(),
        name: format!("Role {key}"),
        description: String::new(),
        permissions: permissions.iter().map(|word| Permission::parse(word).expect("a permission")).collect(),
        requires_second_factor: false,
        version: 0,
        created_at: Timestamp(0),
    };
    let assignment = Assignment {
        tenant: tenant.into(),
        user: user_id(user).into(),
        context: None,
        role: RoleKey(key),
        role_id: role.id.clone(),
        created_at: Timestamp(0),
    };
    app.store.commit(vec![Effect::PutRole(role), Effect::Assign(assignment)]).await.expect("stored");
    Effect::Unassign {
        tenant: TenantId::from(tenant),
        user: user_id(user).into(),
        context: None,
        role: RoleKey(key),
    }
}

/// GET, and follow redirects on this host to where they end.
pub async fn open(browser: &Browser<'_>, path: &str) -> Reply {
    let mut reply = browser.get(path).await;
    for _ in 0..8 {
        if reply.status != 303 {
            return reply;
        }
        let location = reply.location();
        let target = location.strip_prefix("https://id.example").expect("on this host").to_owned();
        reply = browser.get(&target).await;
    }
    panic!("no end of redirects: {}", reply.location());
}

/// Sign in at T1 and open the console.
pub async fn enter<'a>(app: &'a TestApp, user: &str) -> Browser<'a> {
    let browser = app.browser();
    browser.sign_in(user).await;
    let reply = open(&browser, "/console").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    browser
}

/// Sign in at T2 and open its console.
pub async fn enter_t2(app: &TestApp) -> Browser<'_> {
    let browser = app.browser();
    let page = doorward_tests::Page::of(browser.get("/t/t2/sign-in").await);
    let reply = browser.submit(&page, &doorward_tests::credentials("amy")).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let reply = open(&browser, "/t/t2/console").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    browser
}
