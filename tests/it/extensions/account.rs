//! The pages of extensions in the account area: a person sees and does what their roles in a context allow, and nothing else.

use doorward_core::Effect;
use doorward_core::admin::Rights;
use doorward_core::id::{ContextKey, RoleKey};
use doorward_core::model::tenant::SecondFactor;
use doorward_core::model::{
    Actor, Assignment, ConsentPolicy, Context, EventKind, ExtensionState, Installation, Life, Role, Variant,
};
use doorward_core::permission::Permission;
use doorward_tests::extended::{ASKS, CUSTOMER, MAKER, P1, P2, X1, X2, assign, context, member, unassign};
use doorward_tests::{ALICE, BOB, Browser, MALLORY, Page, Reply, T1, TestApp, concurrent, encode, user_id};
use doorward_web::manage::{By, Install, Manage, Trouble};
use doorward_wire::scope::Scopes;

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

fn of(id: &doorward_core::id::InstallationId, rest: &str) -> String {
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

#[tokio::test]
async fn installing_asks_where_and_consents_to_what_is_ticked() {
    let app = world().await;
    app.change_extension(X1, |found| {
        found.manifest.summary = "Writes bills.".to_owned();
        found.manifest.consent = ConsentPolicy::Asked;
        found.manifest.scopes[3].reasons = [("de".to_owned(), "um Aufträge zu lesen".to_owned())].into();
        found.manifest.variants = [("small", "Small"), ("large", "Large")]
            .map(|(key, name)| Variant { key: key.into(), name: name.into(), description: String::new() })
            .into();
    })
    .await;
    let alice = signed_in(&app, ALICE).await;
    let page = alice.get("/account/extensions/x1/install").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("value=\"project/p-1\"") && page.body.contains("value=\"customer/c-1\""));
    assert!(!page.body.contains("name=\"manifest\""), "where comes first: {}", page.body);
    let page = alice.get(&installing(X1, "project/p-1")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in [
        "Install <bdi>Extension x1</bdi>",
        "Writes bills.",
        "Harbour",
        "to do rs1:read",
        "Large",
        "once it has asked",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(page.body.contains("name=\"scope.rs1:write\" value=\"on\" checked"), "{}", page.body);
    assert!(!page.body.contains("name=\"scope.rs1:read\""), "what is insisted on is no choice");
    let german = alice.get(&format!("{}&ui_locales=de", installing(X1, "project/p-1"))).await;
    assert!(german.body.contains("um Aufträge zu lesen"), "{}", german.body);

    // The optional one is refused, the second variant chosen.
    let page = Page::of(page);
    let done = alice.submit(&page, &[("variant", "large"), ("action", "install")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let [row] = &installed(&app).await[..] else { panic!("one is installed") };
    assert_eq!(done.location(), format!("https://id.example{}", of(&row.id, "?done=installed")));
    assert_eq!(row.scopes.to_string(), "openid profile offline_access rs1:read");
    assert_eq!((row.context_id.as_str(), row.variant.as_deref()), ("project/p-1", Some("large")));
    assert_eq!(row.installed_by, Some(user_id(ALICE).into()));
    let event = app.events().await.into_iter().find(|event| event.kind == EventKind::Installed);
    let event = event.expect("it is in the audit trail");
    assert_eq!(event.actor, Actor::User(user_id(ALICE).into()));
    assert_eq!(app.store.webhooks(&T1.into(), &row.id, None, 10).await.expect("read").len(), 1);
    let page = alice.get(&of(&row.id, "?done=installed")).await;
    assert!(page.body.contains("It is installed.") && page.body.contains("Large"), "{}", page.body);
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

#[tokio::test]
async fn the_optional_ones_that_are_ticked_are_consented_to_and_nothing_else() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    let page = Page::of(alice.get(&installing(X1, "project/p-1")).await);
    let fields = [("scope.rs1:write", "on"), ("scope.admin:server", "on"), ("scope.email", "on")];
    assert_eq!(alice.submit(&page, &fields).await.status, 303);
    assert_eq!(installed(&app).await[0].scopes.to_string(), ASKS);
}

#[tokio::test]
async fn nobody_installs_where_they_have_no_role_nor_elsewhere() {
    let app = world().await;
    let (alice, bob, mallory) =
        (signed_in(&app, ALICE).await, signed_in(&app, BOB).await, signed_in(&app, MALLORY).await);
    let page = Page::of(alice.get(&installing(X1, "project/p-1")).await);
    let token =
        |page: &Page, name: &str| page.hidden.iter().find(|(known, _)| known == name).unwrap().1.clone();
    for (browser, context) in [
        (&mallory, "project/p-1"),
        (&bob, "project/p-1"),
        (&alice, "project/p-2"),
        (&alice, "tenant/t1"),
        (&alice, "tenant/t2"),
        (&alice, "project/none"),
        (&alice, ""),
    ] {
        let own = Page::of(browser.get("/account").await);
        let form = token(&own, "form");
        let fields = [("form", form.as_str()), ("context", context), ("manifest", "1")];
        let reply = browser.post("/account/extensions/x1/install", &fields).await;
        assert_eq!(reply.status, 404, "{context}: {}", reply.body);
        if !context.is_empty() {
            assert_eq!(browser.get(&installing(X1, context)).await.status, 404, "{context}");
        }
    }
    for path in
        ["/account/extensions/none/install", "/account/extensions/web/install", "/account/extensions/x1"]
    {
        assert_eq!(alice.get(path).await.status, 404, "{path}");
    }
    assert_eq!(mallory.get("/account/extensions/x1/install").await.status, 404);
    assert_eq!(alice.get("/t/t2/account/extensions/x1/install").await.status, 303, "signed in at T1 only");
    assert_eq!(app.browser().get(&installing(X1, "project/p-1")).await.status, 303);
    // Another site's page presses no button.
    let foreign = [("origin", "https://evil.example"), ("content-type", "application/x-www-form-urlencoded")];
    let body = encode(&[("form", &token(&page, "form")), ("context", "project/p-1"), ("manifest", "1")]);
    let reply = alice.send("POST", "/account/extensions/x1/install", &foreign, &body).await;
    assert_eq!(reply.status, 403);
    assert!(installed(&app).await.is_empty());
    // Of the whole tenant: who has the role there.
    app.commit(vec![given(BOB, 2, None)]).await;
    assert_eq!(bob.get(&installing(X1, "tenant/t1")).await.status, 200);
    assert_eq!(bob.get(&installing(X1, "project/p-1")).await.status, 200);
    assert_eq!(bob.get(&installing(X1, "tenant/t2")).await.status, 404);
}

#[tokio::test]
async fn nobody_consents_to_what_they_may_not_do_there() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    // She writes orders in the project only.
    let page = alice.get(&installing(X1, "customer/c-1")).await;
    assert!(page.body.contains("you cannot allow it"), "{}", page.body);
    assert!(page.body.contains("name=\"scope.rs1:write\" value=\"on\" disabled"), "{}", page.body);
    let page = Page::of(page);
    let refused = alice.submit(&page, &[("scope.rs1:write", "on")]).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body.contains("You may not do all of this there"), "{}", refused.body);
    assert!(installed(&app).await.is_empty());
    let denied = app.events().await.into_iter().find(|event| event.kind == EventKind::AdminDenied);
    assert!(denied.expect("it is recorded").data.contains("orders:write"));
    assert_eq!(alice.submit(&page, &[]).await.status, 303);
    // What it insists on nobody can leave out.
    app.change_extension(X2, |found| found.manifest.scopes[4].optional = false).await;
    let page = alice.get(&installing(X2, "customer/c-1")).await;
    assert!(
        page.body.contains("Somebody who may can install it") && !page.body.contains("value=\"install\"")
    );
    let refused = alice.submit(&Page::of(page), &[]).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!(installed(&app).await.len(), 1);
}

#[tokio::test]
async fn what_changed_since_the_page_was_shown_installs_nothing() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    let page = Page::of(alice.get(&installing(X1, "project/p-1")).await);
    // The form has gone stale: the same page, fresh.
    let mut stale = page.clone();
    stale.hidden.iter_mut().find(|(name, _)| name == "form").unwrap().1 = "x".to_owned();
    let again = alice.submit(&stale, &[]).await;
    assert_eq!(again.status, 403, "{}", again.body);
    assert!(again.body.contains("open for too long") && again.body.contains("value=\"install\""));
    // It asks for something else.
    app.change_extension(X1, |found| {
        found.manifest_version += 1;
        found.manifest.scopes[4].optional = false;
    })
    .await;
    let again = alice.submit(&page, &[]).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert!(again.body.contains("asks for something else"), "{}", again.body);
    let page = Page::of(again);
    // It is not offered any more.
    for (state, suspended) in [
        (ExtensionState::Deprecated, false),
        (ExtensionState::Withdrawn, false),
        (ExtensionState::Published, true),
    ] {
        app.change_extension(X1, |found| {
            found.state = state;
            found.suspended_at = suspended.then_some(found.created_at);
        })
        .await;
        let over = alice.submit(&page, &[]).await;
        assert_eq!(over.status, 409, "{}", over.body);
        assert!(over.body.contains("<h1>Not offered any more"), "{}", over.body);
        assert_eq!(alice.get(&installing(X1, "project/p-1")).await.status, 409);
    }
    app.change_extension(X1, |found| found.suspended_at = None).await;
    // The role is gone.
    app.commit(vec![taken(ALICE, 2, CUSTOMER)]).await;
    assert_eq!(alice.submit(&page, &[]).await.status, 404);
    assert!(installed(&app).await.is_empty());
    app.commit(vec![given(ALICE, 2, Some(CUSTOMER))]).await;
    assert_eq!(alice.submit(&page, &[]).await.status, 303);
}

/// Between the look at the manifest and the commit there is a moment.
#[tokio::test]
async fn what_was_shown_is_what_is_consented_to() {
    let app = world().await;
    let manage = Manage::new(app.store.clone(), By::operator());
    let wanted = |manifest_version| Install {
        extension: X1.into(),
        context: "project/p-1".into(),
        scopes: Scopes::parse(ASKS).expect("scopes"),
        variant: None,
        manifest_version,
    };
    app.change_extension(X1, |found| found.manifest_version = 2).await;
    for shown in [1, 3] {
        let stale = manage.install(&T1.into(), &wanted(shown)).await;
        assert!(matches!(stale, Err(Trouble::Stale)), "{stale:?}");
    }
    // Whoever has no rights there finds nothing to install.
    let nobody = By { rights: Rights::of(&T1.into(), []), ..By::operator() };
    let none = Manage::new(app.store.clone(), nobody).install(&T1.into(), &wanted(2)).await;
    assert!(matches!(none, Err(Trouble::Unknown { .. })), "{none:?}");
    let id = manage.install(&T1.into(), &wanted(2)).await.expect("it is installed");
    let again = manage.install(&T1.into(), &wanted(2)).await;
    assert!(matches!(again, Err(Trouble::Exists { .. })), "{again:?}");
    let row = app.installation(&id).await;
    let stale = manage.consent(&row, &Scopes::parse("openid").expect("scopes"), 1).await;
    assert!(matches!(stale, Err(Trouble::Stale)), "{stale:?}");
    // One that was removed meanwhile is not the one that stands in its place.
    manage.uninstall(&row).await.expect("it is removed");
    let anew = manage.install(&T1.into(), &wanted(2)).await.expect("it is installed");
    for done in [manage.switch(&row, false).await, manage.uninstall(&row).await] {
        assert!(matches!(done, Err(Trouble::Unknown { .. })), "{done:?}");
    }
    assert_eq!(app.installation(&anew).await.version, 1);
}

#[tokio::test]
async fn in_two_tabs_it_is_installed_once() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    let page = Page::of(alice.get(&installing(X1, "project/p-1")).await);
    let first = alice.submit(&page, &[("scope.rs1:write", "on")]).await;
    let second = alice.submit(&page, &[]).await;
    let [row] = &installed(&app).await[..] else { panic!("one is installed") };
    assert_eq!(first.location(), format!("https://id.example{}", of(&row.id, "?done=installed")));
    assert_eq!(
        (second.status, second.location()),
        (303, format!("https://id.example{}", of(&row.id, "?done=already")))
    );
    assert!(alice.get(&of(&row.id, "?done=already")).await.body.contains("installed there already"));
    assert_eq!((row.version, row.scopes.to_string().as_str()), (1, ASKS), "nothing was changed");
    assert_eq!(alice.get(&installing(X1, "project/p-1")).await.status, 303);
}

#[tokio::test]
async fn of_many_at_once_one_installs_and_the_others_find_it() {
    let app = world().await;
    let alice = signed_in(&app, ALICE).await;
    let page = Page::of(alice.get(&installing(X1, "project/p-1")).await);
    let form: Vec<(&str, &str)> =
        page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let cookies: Vec<String> =
        alice.cookies().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let headers = [
        ("origin", "https://id.example"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookies.as_str()),
    ];
    let nodes = concurrent::nodes(&app).await;
    let requests =
        (0..8).map(|_| doorward_tests::request("POST", &page.action, &headers, &encode(&form))).collect();
    let replies = concurrent::at_once(&nodes, requests).await;
    let [row] = &installed(&app).await[..] else { panic!("one is installed") };
    for reply in &replies {
        let is_there = reply.status == 303 && reply.location().contains(row.id.as_str());
        assert!(is_there, "{} {}", reply.status, reply.body);
    }
    let won = replies.iter().filter(|reply| reply.location().ends_with("done=installed")).count();
    assert_eq!((won, row.version), (1, 1));
}

#[tokio::test]
async fn members_see_state_and_scopes_and_administrators_secrets_and_news_too() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    app.rotate_secret(&row.id).await;
    let (alice, mallory) = (signed_in(&app, ALICE).await, signed_in(&app, MALLORY).await);
    let page = alice.get(&of(&row.id, "")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in [
        "Extension x1",
        "Harbour",
        "contributor/maker",
        "<span class=\"badge\">On</span>",
        "New, not in use yet",
        "The extension has it",
        "does not have it yet",
        "2 messages wait",
        "New secret",
        "/disable",
        "/remove",
        "/scopes",
        "/open",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains(&row.secret) && !page.body.contains("dwx_"), "never the secret");
    let seen = mallory.get(&of(&row.id, "")).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    for shown in ["Extension x1", "Harbour", "<span class=\"badge\">On</span>", "What it may do", "/open"] {
        assert!(seen.body.contains(shown), "{shown}: {}", seen.body);
    }
    for hidden in ["Its secrets", "What it was told", "/disable", "/remove", "/scopes\"", "Version consented"]
    {
        assert!(!seen.body.contains(hidden), "{hidden}: {}", seen.body);
    }
    // Who may look and not change sees no button.
    app.commit(vec![given(MALLORY, 3, Some(P1))]).await;
    let seen = mallory.get(&of(&row.id, "")).await.body;
    assert!(
        seen.contains("Its secrets") && !seen.contains("/disable") && !seen.contains("/remove"),
        "{seen}"
    );
    // Who does not belong there finds nothing, nor does another tenant.
    let bob = signed_in(&app, BOB).await;
    for path in [of(&row.id, ""), of(&row.id, "/remove"), of(&row.id, "/scopes"), of(&"ins_none".into(), "")]
    {
        assert_eq!(bob.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(alice.get(&format!("/t/t2{}", of(&row.id, ""))).await.status, 303, "signed in at T1 only");
    assert_eq!(app.browser().get(&of(&row.id, "")).await.status, 303);
}

#[tokio::test]
async fn the_page_says_why_it_does_not_work() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let (alice, mallory) = (signed_in(&app, ALICE).await, signed_in(&app, MALLORY).await);
    let form = Page::of(alice.get("/account").await).hidden[0].1.clone();
    assert_eq!(alice.post(&of(&row.id, "/disable"), &[("form", &form)]).await.status, 303);
    // On PostgreSQL events have their numbers later.
    app.events().await;
    let page = alice.get(&of(&row.id, "")).await.body;
    assert!(page.contains("Switched off") && page.contains("by <bdi>alice Adams</bdi>"), "{page}");
    let page = mallory.get(&of(&row.id, "")).await.body;
    assert!(
        page.contains("Switched off") && !page.contains("alice"),
        "who did it is not for everybody: {page}"
    );
    assert!(!page.contains("/open"), "{page}");
    app.live(&row.id, |life, now| life.suspend(now)).await;
    assert!(mallory.get(&of(&row.id, "")).await.body.contains("Suspended by the platform"));
    app.live(&row.id, |life, _| life.resume()).await;
    app.live(&row.id, |life, _| life.enable()).await;
    app.change_extension(X1, |found| {
        found.state = ExtensionState::Deprecated;
        found.deprecated_on = Some("2027-03-01".to_owned());
    })
    .await;
    let page = mallory.get(&of(&row.id, "")).await.body;
    assert!(page.contains("after <bdi>2027-03-01") || page.contains("2027-03-01"), "{page}");
    assert!(page.contains("/open"), "it goes on: {page}");
    app.change_extension(X1, |found| found.state = ExtensionState::Withdrawn).await;
    let page = mallory.get(&of(&row.id, "")).await.body;
    assert!(page.contains("Withdrawn") && !page.contains("/open"), "{page}");
}

#[tokio::test]
async fn who_administers_it_switches_it_off_and_on_and_removes_it() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let token = app.installation_token(&row, &[]).await.text("access_token");
    let alice = signed_in(&app, ALICE).await;
    let page = Page::of(alice.get(&of(&row.id, "/remove")).await);
    let form = page.hidden[0].1.clone();
    let act = async |what: &str| alice.post(&of(&row.id, what), &[("form", &form)]).await;
    let life = async || app.installation(&row.id).await.life;
    // A link does nothing.
    for path in ["/enable", "/disable"] {
        assert_eq!(alice.get(&of(&row.id, path)).await.status, 404, "{path}");
    }
    let done = act("/disable").await;
    assert_eq!(done.location(), format!("https://id.example{}", of(&row.id, "?done=disabled")));
    assert!(matches!(life().await, Life::Disabled { .. }));
    assert_eq!(app.introspect(X1, &token).await.json()["active"], false);
    assert_eq!(act("/disable").await.status, 303, "twice is once");
    assert_eq!(app.installation(&row.id).await.version, 2);
    assert_eq!(act("/enable").await.status, 303);
    assert_eq!(life().await, Life::Enabled);
    // What the platform switched off, only the platform switches on.
    app.live(&row.id, |life, now| life.suspend(now)).await;
    assert!(!alice.get(&of(&row.id, "")).await.body.contains("/enable"));
    let refused = act("/enable").await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("only the platform can give it back"), "{}", refused.body);
    assert!(matches!(life().await, Life::Suspended { .. }));
    app.live(&row.id, |life, _| life.resume()).await;

    assert!(page.reply.body.contains("Remove <bdi>Extension x1</bdi> from <bdi>Harbour</bdi>?"));
    let done = act("/remove").await;
    assert_eq!(done.location(), "https://id.example/account/extensions?done=removed");
    assert!(matches!(life().await, Life::Removed { .. }));
    app.installation_token(&row, &[]).await.assert_error(401, "invalid_client");
    assert!(alice.get("/account/extensions?done=removed").await.body.contains("was removed there"));
    // In another tab it is still shown.
    for path in ["/enable", "/disable", "/remove", "/scopes"] {
        let gone = act(path).await;
        assert_eq!(gone.status, 404, "{path}");
        assert!(gone.body.contains("<h1>Not installed any more"), "{path}: {}", gone.body);
    }
    assert!(alice.get(&of(&row.id, "")).await.body.contains("<h1>Not installed any more"));
    // What was installed anew in its place is another.
    let anew = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    assert_eq!(act("/remove").await.status, 404);
    assert_eq!(app.installation(&anew.id).await.life, Life::Enabled);
}

#[tokio::test]
async fn nobody_else_does_anything_to_it() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let whole = app.install(X2, (0, "tenant/t1"), "openid rs1:read").await;
    app.commit(vec![given(MALLORY, 3, Some(P1))]).await;
    let (alice, bob, mallory) =
        (signed_in(&app, ALICE).await, signed_in(&app, BOB).await, signed_in(&app, MALLORY).await);
    let acts = ["/enable", "/disable", "/remove", "/scopes"];
    for (who, browser, id) in
        [("bob", &bob, &row.id), ("member", &mallory, &row.id), ("alice", &alice, &whole.id)]
    {
        let form = Page::of(browser.get("/account").await).hidden[0].1.clone();
        for act in acts {
            let reply = browser.post(&of(id, act), &[("form", &form), ("manifest", "1")]).await;
            assert_eq!(reply.status, 404, "{who} {act}: {}", reply.body);
        }
        for page in ["/remove", "/scopes"] {
            assert_eq!(browser.get(&of(id, page)).await.status, 404, "{who} {page}");
        }
    }
    // A stale form does nothing either, and says so.
    for act in acts {
        let reply = alice.post(&of(&row.id, act), &[("form", "x"), ("manifest", "1")]).await;
        assert_eq!(reply.status, 403, "{act}: {}", reply.body);
        assert!(reply.body.contains("open for too long"), "{act}: {}", reply.body);
    }
    // Nor does one whose sender lost the role meanwhile.
    let form = Page::of(alice.get("/account").await).hidden[0].1.clone();
    app.commit(vec![taken(ALICE, 2, CUSTOMER)]).await;
    for act in acts {
        let reply = alice.post(&of(&row.id, act), &[("form", &form), ("manifest", "1")]).await;
        assert_eq!(reply.status, 404, "{act}: {}", reply.body);
    }
    for id in [&row.id, &whole.id] {
        let found = app.installation(id).await;
        assert_eq!((found.version, found.life), (1, Life::Enabled));
    }
}

#[tokio::test]
async fn an_update_that_asks_for_more_waits_for_consent() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), "openid profile offline_access rs1:read").await;
    let (alice, mallory) = (signed_in(&app, ALICE).await, signed_in(&app, MALLORY).await);
    // What was left out before is no update.
    assert!(!alice.get(&of(&row.id, "")).await.body.contains("An update is waiting"));
    app.change_extension(X1, |found| {
        found.manifest_version = 2;
        found.manifest.scopes[4].optional = false;
        found.manifest.scopes.remove(1);
    })
    .await;
    let page = alice.get(&of(&row.id, "")).await.body;
    assert!(page.contains("An update is waiting") && page.contains("write your things at rs1"), "{page}");
    assert!(!mallory.get(&of(&row.id, "")).await.body.contains("An update is waiting"));
    let page = Page::of(alice.get(&of(&row.id, "/scopes")).await);
    assert!(page.reply.body.contains("New</span>"), "{}", page.reply.body);
    // It changes once more before she presses the button.
    app.change_extension(X1, |found| found.manifest_version = 3).await;
    let again = alice.submit(&page, &[]).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert_eq!(app.installation(&row.id).await.version, 1);
    // Nor is it accepted by who may not do it themselves.
    let page = Page::of(again);
    app.commit(vec![unassign(P1)]).await;
    let refused = alice.submit(&page, &[]).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!(app.installation(&row.id).await.version, 1);
    app.commit(vec![assign(P1)]).await;
    let done = alice.submit(&page, &[]).await;
    assert_eq!(done.location(), format!("https://id.example{}", of(&row.id, "?done=changed")));
    let found = app.installation(&row.id).await;
    assert_eq!(
        (found.scopes.to_string().as_str(), found.manifest_version),
        ("openid offline_access rs1:read rs1:write", 3)
    );
    assert!(!alice.get(&of(&row.id, "")).await.body.contains("An update is waiting"));
}

#[tokio::test]
async fn an_optional_scope_is_taken_back_and_given_again() {
    let app = world().await;
    let row = app.install(X1, (P1, "project/p-1"), ASKS).await;
    let alice = signed_in(&app, ALICE).await;
    let page = alice.get(&of(&row.id, "/scopes")).await;
    assert!(page.body.contains("name=\"scope.rs1:write\" value=\"on\" checked"), "{}", page.body);
    let page = Page::of(page);
    assert_eq!(alice.submit(&page, &[]).await.status, 303);
    assert!(!app.installation(&row.id).await.scopes.contains("rs1:write"));
    assert_eq!(alice.submit(&page, &[("scope.rs1:write", "on")]).await.status, 303);
    assert!(app.installation(&row.id).await.scopes.contains("rs1:write"));
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
