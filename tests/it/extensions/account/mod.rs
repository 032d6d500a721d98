//! The pages of extensions in the account area: a person sees and does what their roles in a context allow, and nothing else.

mod installed;
mod installing;

use doorward_core::Effect;
use doorward_core::id::{ContextKey, InstallationId, RoleKey};
use doorward_core::model::tenant::SecondFactor;
use doorward_core::model::{Assignment, Context, ExtensionState, Installation, Role};
use doorward_core::permission::Permission;
use doorward_tests::extended::{ASKS, CUSTOMER, MAKER, P1, P2, X1, X2, context, member};
use doorward_tests::{ALICE, BOB, Browser, MALLORY, Page, Reply, T1, TestApp, user_id};

/// ALICE and BOB may install in what they belong to; MALLORY belongs to the project, and has no role.
async fn world() -> TestApp {
    let app = TestApp::extended().await;
    let permissions = ["admin:installations.read", "admin:installations.write"];
    app.commit(vec![
        Effect::PutRole(role(2, "owner", &permissions)),
        Effect::PutRole(role(3, "viewer", &permissions[..1])),
        given(ALICE, 2, Some(CUSTOMER)),
        given(BOB, 2, Some(P2)),
        member(MALLORY, P1, "project/p-1"),
    ])
    .await;
    app.change_context("customer/c-1", |context| context.name = "North Ltd.".to_owned()).await;
    app.change_context("project/p-1", |context| context.name = "Harbour".to_owned()).await;
    app
}

fn role(key: i64, id: &str, permissions: &[&str]) -> Role {
    Role {
        tenant: T1.into(),
        key: RoleKey(key),
        id: id.into(),
        name: id.to_owned(),
        description: String::new(),
        permissions: permissions.iter().map(|word| Permission::parse(word).expect("a permission")).collect(),
        requires_second_factor: false,
        version: 0,
        created_at: doorward_core::Timestamp(0),
    }
}

fn given(user: &str, role: i64, context: Option<i64>) -> Effect {
    Effect::Assign(Assignment {
        tenant: T1.into(),
        user: user_id(user).into(),
        context: context.map(ContextKey),
        role: RoleKey(role),
        role_id: if role == 2 { "owner" } else { "viewer" }.into(),
        created_at: doorward_core::Timestamp(0),
    })
}

fn taken(user: &str, role: i64, context: i64) -> Effect {
    Effect::Unassign {
        tenant: T1.into(),
        user: user_id(user).into(),
        context: Some(ContextKey(context)),
        role: RoleKey(role),
    }
}

async fn signed_in<'a>(app: &'a TestApp, name: &str) -> Browser<'a> {
    let browser = app.browser();
    browser.sign_in(name).await;
    browser
}

/// All installations of T1, standing.
async fn installed(app: &TestApp) -> Vec<Installation> {
    app.store.installations_from(&T1.into(), "", 100).await.expect("they can be read")
}

fn installing(extension: &str, context: &str) -> String {
    format!("/account/extensions/{extension}/install?context={}", context.replace('/', "%2F"))
}

/// The list of what can be installed, of a page.
fn available(page: &Reply) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    page.body.split("id=\"available\"").nth(1).unwrap_or_default().to_owned()
}

fn of(id: &InstallationId, rest: &str) -> String {
    format!("/account/installations/{id}{rest}")
}

#[tokio::test]
async fn whoever_may_install_finds_what_is_not_installed_yet() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    let list = available(&alice.get("/account/extensions").await);
    for shown in ["Extension x1", "Extension x2", "contributor/maker", "North Ltd.", "Harbour", "/x1/install"]
    {
        assert!(list.contains(shown), "{shown}: {list}");
    }
    assert!(!list.contains("project/p-2"), "where she has no role: {list}");
    let bob = signed_in(&app, BOB).await;
    assert!(available(&bob.get("/account/extensions").await).contains("project/p-2"));
    // Who belongs there and may not install sees no such list, nor does who only looks.
    let mallory = signed_in(&app, MALLORY).await;
    assert_eq!(available(&mallory.get("/account/extensions").await), "");
    app.commit(vec![given(MALLORY, 3, Some(P1))]).await;
    assert_eq!(available(&mallory.get("/account/extensions").await), "");
    // The account page leads there, though nothing is installed yet.
    assert!(alice.get("/account").await.body.contains("/account/extensions"));
    assert!(!mallory.get("/account").await.body.contains("/account/extensions"));

    app.install(X1, (P1, "project/p-1"), ASKS).await;
    let list = available(&alice.get("/account/extensions").await);
    let of_x1 = list.split("Extension x2").next().expect("it comes first");
    assert!(of_x1.contains("North Ltd.") && !of_x1.contains("Harbour"), "{list}");
    app.install(X1, (CUSTOMER, "customer/c-1"), ASKS).await;
    let list = available(&alice.get("/account/extensions").await);
    assert!(!list.contains("Extension x1") && list.contains("Extension x2"), "{list}");
}

#[tokio::test]
async fn only_what_may_be_installed_there_is_found() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    let lists = async || {
        let list = available(&alice.get("/account/extensions").await);
        assert!(list.contains("Extension x2"), "{list}");
        list.contains("Extension x1")
    };
    assert!(lists().await);
    for state in [
        ExtensionState::Draft,
        ExtensionState::Verified,
        ExtensionState::Deprecated,
        ExtensionState::Withdrawn,
    ] {
        app.change_extension(X1, |found| found.state = state).await;
        assert!(!lists().await, "{state:?}");
    }
    app.change_extension(X1, |found| found.state = ExtensionState::Published).await;
    assert!(lists().await);
    app.change_extension(X1, |found| found.suspended_at = Some(found.created_at)).await;
    assert!(!lists().await, "suspended");
    app.change_extension(X1, |found| found.suspended_at = None).await;
    app.change_extension(X1, |found| found.manifest.context_kinds = vec!["contributor".to_owned()]).await;
    assert!(!lists().await, "for other kinds of contexts");
    assert_eq!(alice.get(&installing(X1, "project/p-1")).await.status, 404);
    app.change_extension(X1, |found| found.manifest.context_kinds = vec!["project".to_owned()]).await;
    assert!(lists().await);
    // What is still being made is found where it is made.
    app.commit(vec![member(ALICE, MAKER, "contributor/maker"), given(ALICE, 2, Some(MAKER))]).await;
    app.change_extension(X1, |found| {
        found.state = ExtensionState::Draft;
        found.manifest.context_kinds = Vec::new();
    })
    .await;
    let list = available(&alice.get("/account/extensions").await);
    assert!(list.contains("Not published yet"), "{list}");
    assert_eq!(alice.get(&installing(X1, "project/p-1")).await.status, 404, "and nowhere else");
    assert_eq!(alice.get(&installing(X1, "contributor/maker")).await.status, 200);
}

/// A place that is switched off, or lies in one, is none; and of very many, some are shown.
#[tokio::test]
async fn places_are_those_that_are_on() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    app.change_context("project/p-1", |context| context.disabled_at = Some(context.created_at)).await;
    let list = available(&alice.get("/account/extensions").await);
    assert!(list.contains("North Ltd.") && !list.contains("Harbour"), "{list}");
    app.change_context("project/p-1", |context| context.disabled_at = None).await;
    app.change_context("customer/c-1", |context| context.disabled_at = Some(context.created_at)).await;
    let page = alice.get("/account/extensions").await;
    assert_eq!(available(&page), "", "all that she has lies in it");
    app.change_context("customer/c-1", |context| context.disabled_at = None).await;
    for at in 0..120 {
        let below = Context {
            parent: Some("customer/c-1".into()),
            ..context(1000 + at, &format!("project/n-{at:03}"), &[CUSTOMER])
        };
        app.commit(vec![Effect::PutContext(below)]).await;
    }
    let page = alice.get("/account/extensions/x1/install").await.body;
    assert!(page.contains("project/n-001") && page.contains("Not all places are shown"), "{page}");
    assert!(!page.contains("project/n-119"), "{page}");
    assert_eq!(alice.get(&installing(X1, "project/n-119")).await.status, 200, "a link leads there");
}

/// Who administers anything shows here what they show everywhere else.
#[tokio::test]
async fn whoever_administers_shows_their_second_factor_first() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let (alice, mallory) = (signed_in(&app, ALICE).await, signed_in(&app, MALLORY).await);
    let form = Page::of(alice.get("/account").await).hidden[0].1.clone();
    let mut tenant = app.store.tenant(&T1.into()).await.expect("read").expect("it is there");
    tenant.settings.second_factor = SecondFactor::Administrators;
    app.commit(vec![Effect::PutTenant(tenant)]).await;
    for path in ["/account/extensions".to_owned(), installing(X2, "project/p-1"), of(&row.id, "")] {
        let reply = alice.get(&path).await;
        assert_eq!(reply.location(), "https://id.example/account/second-factor", "{path}");
    }
    let reply = alice.post(&of(&row.id, "/remove"), &[("form", &form)]).await;
    assert_eq!(reply.location(), "https://id.example/account/second-factor");
    assert_eq!(app.installation(&row.id).await.version, 1);
    assert_eq!(mallory.get(&of(&row.id, "")).await.status, 200, "who administers nothing needs none");
}

#[tokio::test]
async fn trouble_of_storage_is_told_as_such_and_changes_nothing() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let alice = signed_in(&app, ALICE).await;
    let page = Page::of(alice.get(&installing(X2, "project/p-1")).await);
    let removal = Page::of(alice.get(&of(&row.id, "/remove")).await);
    app.fail_writes(true).await;
    for page in [&page, &removal] {
        let reply = alice.submit(page, &[]).await;
        assert_eq!(reply.status, 503, "{}", reply.body);
        assert!(reply.header("retry-after").is_some());
    }
    let form = removal.hidden[0].1.as_str();
    for act in ["/disable", "/scopes"] {
        let reply = alice.post(&of(&row.id, act), &[("form", form), ("manifest", "1")]).await;
        assert_eq!(reply.status, 503, "{act}: {}", reply.body);
    }
    app.fail_writes(false).await;
    app.fail_reads(true).await;
    for path in ["/account/extensions".to_owned(), installing(X2, "project/p-1"), of(&row.id, "")] {
        assert_eq!(alice.get(&path).await.status, 503, "{path}");
    }
    app.fail_reads(false).await;
    assert_eq!(installed(&app).await.len(), 1);
    assert_eq!(app.installation(&row.id).await.version, 1);
}
