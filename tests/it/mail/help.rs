//! What an administrator does for a person.

use doorward_core::admin::Rights;
use doorward_core::model::Actor;
use doorward_tests::{ALICE, BOB, PASSWORD, Page, T1, TestApp, WEB};
use doorward_web::manage::{Act, By, Invitation, Manage, Trouble};

use super::{go, link_of, path, person};

const NEW: &str = "a wholly new passphrase";

fn manage(app: &TestApp) -> Manage {
    Manage::new(app.store.clone(), By::operator()).sending_mail(true)
}

async fn link(app: &TestApp, name: &str, act: Act) -> String {
    let made = manage(app).help(Some(T1.to_owned()), name, act).await.expect("a link can be made");
    path(&made.expect("there is one").url)
}

#[tokio::test]
async fn a_link_signs_a_person_in_once_within_the_hour() {
    let app = TestApp::new().await;
    let browser = app.browser();
    let made = link(&app, ALICE, Act::SignInLink).await;
    for _ in 0..2 {
        assert_eq!(app.browser().get(&made).await.status, 200, "opening it spends nothing");
    }
    let done = go(&browser, &made).await;
    assert_eq!((done.status, done.location().as_str()), (303, "https://id.example/account"));
    assert!(browser.get("/account").await.body.contains("alice"));
    // Tokens say that no password was shown.
    let claims = app.id_claims(&browser.code(WEB, &[]).await.redeem(&app).await);
    assert_eq!(
        (&claims["acr"], &claims["amr"]),
        (&"urn:doorward:acr:link".into(), &serde_json::json!(["link"]))
    );
    assert_eq!(go(&app.browser(), &made).await.status, 400);
    let older = link(&app, ALICE, Act::SignInLink).await;
    let newer = link(&app, ALICE, Act::SignInLink).await;
    assert_eq!(go(&app.browser(), &older).await.status, 400);
    app.advance_s(3600);
    assert_eq!(go(&app.browser(), &newer).await.status, 400);
    let made = app.events().await.iter().filter(|event| event.kind.as_str() == "link.made").count();
    assert_eq!(made, 3);
}

#[tokio::test]
async fn a_link_is_no_second_factor() {
    let app = TestApp::new().await;
    let owner = app.browser();
    owner.sign_in(ALICE).await;
    let (_device, _codes) = owner.enrol(&app).await;
    let browser = app.browser();
    let made = link(&app, ALICE, Act::SignInLink).await;
    let asked = go(&browser, &made).await;
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("name=\"code\""), "{}", asked.body);
    assert_eq!(browser.get("/account").await.status, 303);
}

#[tokio::test]
async fn a_reset_link_by_an_administrator_works_as_the_mailed_one_does() {
    let app = TestApp::new().await;
    let made = link(&app, "alice@example.com", Act::ResetLink).await;
    let browser = app.browser();
    let page = Page::of(browser.get(&made).await);
    let done = browser.submit(&page, &[("password", NEW), ("password_again", NEW)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    app.advance_s(1);
    assert_eq!(app.browser().sign_in_with(ALICE, NEW).await.status, 303);
}

/// Anybody can ask for a mail: that takes nothing back that an administrator handed over. The other way round it does.
#[tokio::test]
async fn a_reset_link_by_an_administrator_goes_on_working_whoever_asks_for_a_mail() {
    let app = TestApp::new().await;
    let stranger = app.browser();
    let mailed = async || {
        app.advance_s(1);
        let page = Page::of(stranger.get("/forgot-password").await);
        stranger.submit(&page, &[("username", ALICE)]).await;
        link_of(app.mails().await.last().expect("a mail"))
    };
    let before = mailed().await;
    assert_eq!(app.browser().get(&before).await.status, 200);
    let older = link(&app, ALICE, Act::ResetLink).await;
    assert_eq!(app.browser().get(&before).await.status, 400);
    let made = link(&app, ALICE, Act::ResetLink).await;
    assert_eq!(app.browser().get(&older).await.status, 400, "followed by a newer one");
    let (first, second) = (mailed().await, mailed().await);
    assert_eq!(app.browser().get(&first).await.status, 400, "of what is mailed the newest only");
    assert_eq!(app.browser().get(&second).await.status, 200);
    app.advance_s(1);
    let browser = app.browser();
    let page = Page::of(browser.get(&made).await);
    assert_eq!(browser.submit(&page, &[("password", NEW), ("password_again", NEW)]).await.status, 303);
    // All of them end with the password that they could have replaced.
    for link in [&made, &second] {
        assert_eq!(app.browser().get(link).await.status, 400);
    }
    app.advance_s(3600);
    let made = link(&app, ALICE, Act::ResetLink).await;
    app.advance_s(3599);
    mailed().await;
    assert_eq!(app.browser().get(&made).await.status, 400, "an hour");
}

#[tokio::test]
async fn ending_sessions_ends_grants_too() {
    let app = TestApp::new().await;
    let tokens = app.tokens(WEB, &[("scope", "openid offline_access")]).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    manage(&app).help(Some(T1.to_owned()), ALICE, Act::EndSessions).await.expect("they can be ended");
    assert_eq!(browser.get("/account").await.status, 303);
    app.refresh(WEB, &tokens.text("refresh_token")).await.assert_error(400, "invalid_grant");
    app.advance_s(1);
    app.browser().sign_in(ALICE).await;
}

#[tokio::test]
async fn a_new_password_is_chosen_before_anything_is_opened() {
    let app = TestApp::new().await;
    manage(&app).help(Some(T1.to_owned()), ALICE, Act::RequirePassword).await.expect("it can be asked for");
    let browser = app.browser();
    let asked = browser.sign_in_with(ALICE, PASSWORD).await;
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("new_password"), "{}", asked.body);
    assert_eq!(browser.get("/account").await.status, 303, "nothing is open");
    let page = Page::of(asked);
    let same = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
    assert_eq!(browser.submit(&page, &same).await.status, 400, "the old one is none");
    let new = [("new_password", NEW), ("new_password_again", NEW)];
    let done = browser.submit(&page, &new).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(person(&app, ALICE).await.password_due_at, None);
    assert_eq!(browser.submit(&page, &new).await.status, 403, "the form is spent");
    app.advance_s(1);
    assert_eq!(app.browser().sign_in_with(ALICE, NEW).await.status, 303);
}

#[tokio::test]
async fn a_link_is_not_made_for_who_could_not_use_it_nor_opened_by_a_form_from_elsewhere() {
    let app = TestApp::new().await;
    let made = link(&app, ALICE, Act::SignInLink).await;
    let mut page = Page::of(app.browser().get(&made).await);
    page.hidden.retain(|(name, _)| name != "form");
    let browser = app.browser();
    let done = browser.submit(&page, &[("form", "made-up")]).await;
    assert_eq!(done.status, 403);
    assert_eq!(browser.get("/account").await.status, 303, "nobody is signed in by another's page");
    for off in [true, false] {
        let mut alice = person(&app, ALICE).await;
        alice.disabled_at = off.then(|| app.clock.now());
        alice.locked_at = (!off).then(|| app.clock.now());
        app.store.commit(vec![doorward_core::Effect::PutUser(alice)]).await.expect("written");
        for act in [Act::SignInLink, Act::ResetLink] {
            let refused = manage(&app).help(Some(T1.to_owned()), ALICE, act).await;
            assert!(matches!(refused, Err(Trouble::Refused(_))), "{refused:?}");
        }
    }
}

/// Who makes people does not decide who belongs where.
#[tokio::test]
async fn nobody_is_invited_to_a_context_by_who_may_not_change_it() {
    let app = TestApp::new().await;
    let rights = |scopes: &[&str]| Rights::of(&T1.into(), scopes.iter().map(|scope| (*scope).to_owned()));
    let wish =
        || Invitation { contexts: vec![("project/p".into(), Default::default())], ..Invitation::default() };
    let invite = async |scopes: &[&str]| {
        let by = By { rights: rights(scopes), ..By::operator() };
        Manage::new(app.store.clone(), by).invite(Some(T1.to_owned()), wish()).await
    };
    let denied = invite(&["admin:users.write"]).await;
    assert!(matches!(denied, Err(Trouble::Denied(_))), "{denied:?}");
    let unknown = invite(&["admin:users.write", "admin:contexts.write"]).await;
    assert!(matches!(unknown, Err(Trouble::Unknown { .. })), "{unknown:?}");
}

#[tokio::test]
async fn nobody_makes_a_link_for_somebody_who_may_do_more() {
    let app = TestApp::new().await;
    let mut alice = person(&app, ALICE).await;
    alice.administrator_since = Some(app.clock.now());
    app.store.commit(vec![doorward_core::Effect::PutUser(alice)]).await.expect("she can be one");
    let rights = Rights::of(&T1.into(), ["admin:users.write".to_owned()]);
    let by = By { actor: Actor::Operator, rights, ..By::operator() };
    let narrow = Manage::new(app.store.clone(), by);
    for act in [Act::SignInLink, Act::ResetLink, Act::EndSessions, Act::RequirePassword] {
        let denied = narrow.help(Some(T1.to_owned()), ALICE, act).await;
        assert!(matches!(denied, Err(Trouble::Denied(_))), "{denied:?}");
        assert!(narrow.help(Some(T1.to_owned()), BOB, act).await.is_ok());
        let other = narrow.help(Some("t2".to_owned()), "amy", act).await;
        assert!(matches!(other, Err(Trouble::Denied(_))), "{other:?}");
    }
}
