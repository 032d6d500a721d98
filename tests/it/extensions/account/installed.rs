//! The page of an installation: who sees what of it, and who does what to it.

use doorward_core::model::{ExtensionState, Life};
use doorward_tests::extended::{ASKS, CUSTOMER, P1, X1, X2, assign, unassign};
use doorward_tests::{ALICE, BOB, MALLORY, Page};

use super::{given, of, signed_in, taken, world};

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
    let elsewhere = alice.get(&format!("/t/t2{}", of(&row.id, ""))).await;
    assert!(elsewhere.body.contains("name=\"password\""), "signed in at T1 only: {}", elsewhere.body);
    assert!(app.browser().get(&of(&row.id, "")).await.body.contains("name=\"password\""));
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
