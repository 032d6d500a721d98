//! Installing: where, what is consented to, and what is refused.

use doorward_core::admin::Rights;
use doorward_core::model::{Actor, ConsentPolicy, EventKind, ExtensionState, Variant};
use doorward_tests::extended::{ASKS, CUSTOMER, X1, X2};
use doorward_tests::{ALICE, BOB, MALLORY, Page, T1, concurrent, credentials, encode, user_id};
use doorward_web::manage::{By, Install, Manage, Trouble};
use doorward_wire::scope::Scopes;

use super::{given, installed, installing, of, signed_in, taken, world};

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
    let elsewhere = alice.get("/t/t2/account/extensions/x1/install").await;
    assert!(elsewhere.body.contains("name=\"password\""), "signed in at T1 only: {}", elsewhere.body);
    // Whoever is not signed in does so, and arrives.
    let nobody = app.browser();
    let asked = nobody.get(&installing(X1, "project/p-1")).await;
    assert!(asked.status == 200 && asked.body.contains("name=\"password\""), "{}", asked.body);
    let arrives = nobody.submit(&Page::of(asked), &credentials(ALICE)).await;
    assert_eq!(arrives.location(), format!("https://id.example{}", installing(X1, "project/p-1")));
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
