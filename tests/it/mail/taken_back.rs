//! A change of address that is taken back: what whoever changed it can sign in with, and how the owner goes on.

use doorward_core::Effect;
use doorward_core::id::TenantId;
use doorward_core::model::{EventKind, SecondFactor, User};
use doorward_tests::{ALICE, Authenticator, Browser, PASSWORD, Page, Reply, T1, TestApp, credentials};

use super::{go, link_of, person};

const NEW: &str = "a wholly new passphrase";

/// Where the page after taking a change back leads to a new password, as a path.
fn next(undone: &Reply) -> Option<String> {
    let mut links = undone.body.split("href=\"https://id.example").skip(1);
    links
        .find(|link| link.starts_with("/reset-password?link="))
        .and_then(|link| link.split('"').next())
        .map(str::to_owned)
}

/// Choose a new password from there.
pub async fn choose(browser: &Browser<'_>, undone: &Reply, password: &str) -> Reply {
    let page = Page::of(browser.get(&next(undone).expect("a link")).await);
    browser.submit(&page, &[("password", password), ("password_again", password)]).await
}

/// Somebody who is signed in changes Alice's address: the link by which the old one takes that back.
async fn changed(app: &TestApp, browser: &Browser<'_>, email: &str) -> String {
    // What tells of other things leaves first.
    app.mails().await;
    let mut page = Page::of(browser.get("/account/email").await);
    page.action = "/account/email".to_owned();
    let fields = [("email", email), ("password", PASSWORD), ("action", "change")];
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
    go(browser, &link_of(app.mails().await.last().expect("a mail"))).await;
    link_of(app.mails().await.last().expect("a mail"))
}

/// Whoever knows Alice's password makes the account's address their own: their browser, and the link by which she takes that back.
async fn stolen(app: &TestApp) -> (Browser<'_>, String) {
    let thief = app.browser();
    thief.sign_in(ALICE).await;
    let undo = changed(app, &thief, "thief@evil.example").await;
    (thief, undo)
}

async fn change_password(browser: &Browser<'_>, new: &str) {
    let mut page = Page::of(browser.get("/account").await);
    page.action = "/account/password".to_owned();
    let fields = [("password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
}

/// Whether a new browser is signed in by that password alone.
async fn signs_in(app: &TestApp, password: &str) -> bool {
    app.browser().sign_in_with(ALICE, password).await.status == 303
}

/// What taking it back removed, as its event says.
async fn removed(app: &TestApp) -> String {
    let events = app.events().await;
    let event = events.iter().rev().find(|event| event.kind == EventKind::AddressRestored);
    event.expect("an event").data.clone()
}

#[tokio::test]
async fn no_password_from_before_signs_in_and_the_owner_chooses_a_new_one() {
    for thiefs in [PASSWORD, "a passphrase of their own"] {
        let app = TestApp::new().await;
        let (thief, undo) = stolen(&app).await;
        if thiefs != PASSWORD {
            change_password(&thief, thiefs).await;
        }
        app.advance_s(10);
        let owner = app.browser();
        let undone = go(&owner, &undo).await;
        assert_eq!(removed(&app).await, r#"{"removed":["password"]}"#);
        app.advance_s(1);
        assert!(!signs_in(&app, PASSWORD).await && !signs_in(&app, thiefs).await);
        // Whoever asks for a mail meanwhile does not stop the owner.
        let page = Page::of(thief.get("/forgot-password").await);
        thief.submit(&page, &[("username", ALICE)]).await;
        let mailed = app.mails().await.last().expect("a mail").clone();
        assert_eq!((mailed.kind, mailed.to.as_str()), ("password_reset", "alice@example.com"));
        assert_eq!(choose(&owner, &undone, NEW).await.status, 303);
        app.advance_s(1);
        assert!(signs_in(&app, NEW).await && !signs_in(&app, thiefs).await);
        let told = app.mails().await;
        let told = told.iter().rev().find(|mail| mail.kind == "password_changed").expect("a mail");
        assert_eq!(told.to, "alice@example.com");
    }
}

#[tokio::test]
async fn links_that_the_thief_has_are_over_and_the_owners_works_once_within_the_hour() {
    let app = TestApp::new().await;
    let (thief, undo) = stolen(&app).await;
    // Asked for, and not used yet: a new password to the thief's address, and a further address.
    let page = Page::of(thief.get("/forgot-password").await);
    thief.submit(&page, &[("username", ALICE)]).await;
    let mut page = Page::of(thief.get("/account/email").await);
    page.action = "/account/email".to_owned();
    let fields = [("email", "more@evil.example"), ("password", PASSWORD), ("action", "change")];
    thief.submit(&page, &fields).await;
    let mails = app.mails().await;
    let of = |kind: &str| link_of(mails.iter().rev().find(|mail| mail.kind == kind).expect("a mail"));
    let (reset, more) = (of("password_reset"), of("address_confirm"));
    assert_eq!(thief.get(&reset).await.status, 200);
    assert_eq!(thief.get(&more).await.status, 200);
    let undone = go(&app.browser(), &undo).await;
    assert_eq!(thief.get(&reset).await.status, 400);
    assert_eq!(thief.get(&more).await.status, 400);
    assert_eq!(choose(&app.browser(), &undone, NEW).await.status, 303);
    let next = next(&undone).expect("a link");
    assert_eq!(app.browser().get(&next).await.status, 400, "once");
    app.advance_s(3600);
    let undo = {
        let owner = app.browser();
        owner.sign_in_with(ALICE, NEW).await;
        let mut page = Page::of(owner.get("/account/email").await);
        page.action = "/account/email".to_owned();
        app.mails().await;
        let fields = [("email", "own@example.net"), ("password", NEW), ("action", "change")];
        owner.submit(&page, &fields).await;
        go(&owner, &link_of(app.mails().await.last().expect("a mail"))).await;
        link_of(app.mails().await.last().expect("a mail"))
    };
    let undone = go(&app.browser(), &undo).await;
    app.advance_s(3600);
    let next = self::next(&undone).expect("a link");
    assert_eq!(app.browser().get(&next).await.status, 400, "an hour");
}

#[tokio::test]
async fn a_second_factor_that_was_set_up_with_the_change_goes_too() {
    // Shortly before, and after.
    for is_before in [true, false] {
        let app = TestApp::new().await;
        let thief = app.browser();
        thief.sign_in(ALICE).await;
        if is_before {
            thief.enrol(&app).await;
        }
        let undo = changed(&app, &thief, "thief@evil.example").await;
        if !is_before {
            app.advance_s(86_400);
            thief.sign_in(ALICE).await;
            thief.enrol(&app).await;
        }
        let owner = app.browser();
        let undone = go(&owner, &undo).await;
        assert_eq!(removed(&app).await, r#"{"removed":["password","totp","recovery"]}"#, "{is_before}");
        choose(&owner, &undone, NEW).await;
        app.advance_s(1);
        assert!(signs_in(&app, NEW).await, "{is_before}");
    }
}

#[tokio::test]
async fn the_owners_second_factor_stays_unless_it_was_replaced() {
    let app = TestApp::new().await;
    let home = app.browser();
    home.sign_in(ALICE).await;
    let (authenticator, _) = home.enrol(&app).await;
    app.advance_s(86_400);
    // Used since: that makes it no newer.
    let page = home.first_step(ALICE).await;
    let code = authenticator.code(&app, 0);
    assert_eq!(home.submit(&page, &[("code", &code), ("action", "verify")]).await.status, 303);
    let undo = changed(&app, &home, "new@example.net").await;
    let owner = app.browser();
    let undone = go(&owner, &undo).await;
    assert_eq!(removed(&app).await, r#"{"removed":["password"]}"#);
    choose(&owner, &undone, NEW).await;
    app.advance_s(30);
    let browser = app.browser();
    let asked = browser.sign_in_with(ALICE, NEW).await;
    assert!(asked.status == 200 && asked.body.contains("one-time-code"), "{}", asked.body);
    // Whoever has shown it puts another in its place, and then changes the address.
    let code = authenticator.code(&app, 0);
    let page = Page::of(asked);
    assert_eq!(browser.submit(&page, &[("code", &code), ("action", "verify")]).await.status, 303);
    let page = Page::of(browser.get("/account/second-factor").await);
    let shown = browser.submit(&page, &[("password", NEW), ("action", "begin")]).await;
    let code = Authenticator::of(&shown).code(&app, 0);
    browser.submit(&Page::of(shown), &[("code", &code), ("action", "enrol")]).await;
    app.mails().await;
    let mut page = Page::of(browser.get("/account/email").await);
    page.action = "/account/email".to_owned();
    let fields = [("email", "thief@evil.example"), ("password", NEW), ("action", "change")];
    browser.submit(&page, &fields).await;
    go(&browser, &link_of(app.mails().await.last().expect("a mail"))).await;
    let undo = link_of(app.mails().await.last().expect("a mail"));
    go(&app.browser(), &undo).await;
    assert_eq!(removed(&app).await, r#"{"removed":["password","totp","recovery"]}"#);
}

#[tokio::test]
async fn a_second_factor_that_they_must_have_is_not_taken_by_a_mailbox() {
    let app = TestApp::new().await;
    let thief = app.browser();
    thief.sign_in(ALICE).await;
    thief.enrol(&app).await;
    let undo = changed(&app, &thief, "thief@evil.example").await;
    let mut tenant = app.store.tenant(&TenantId::from(T1)).await.expect("read").expect("it is there");
    tenant.settings.second_factor = SecondFactor::Required;
    app.store.commit(vec![Effect::PutTenant(tenant)]).await.expect("it can be changed");
    app.store.refresh().await.expect("the directory is read");
    go(&app.browser(), &undo).await;
    assert_eq!(removed(&app).await, r#"{"removed":["password"]}"#);
}

#[tokio::test]
async fn an_account_that_is_locked_gets_its_address_back_and_no_link() {
    let app = TestApp::new().await;
    let (_thief, undo) = stolen(&app).await;
    let locked = User { locked_at: Some(app.clock.now()), ..person(&app, ALICE).await };
    app.store.commit(vec![Effect::PutUser(locked)]).await.expect("written");
    let undone = go(&app.browser(), &undo).await;
    assert_eq!((undone.status, next(&undone)), (200, None));
    assert!(undone.body.contains("href=\"/forgot-password\""), "{}", undone.body);
    let open = User { locked_at: None, ..person(&app, ALICE).await };
    app.store.commit(vec![Effect::PutUser(open)]).await.expect("written");
    app.advance_s(1);
    assert!(!signs_in(&app, PASSWORD).await, "nor does the password come back with it");
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    assert_eq!(browser.submit(&page, &credentials(ALICE)).await.status, 200);
}
