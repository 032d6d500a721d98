//! The address of an account: confirmed, changed, and changed back.

use doorward_core::Effect;
use doorward_core::model::User;
use doorward_tests::{ALICE, BOB, Browser, PASSWORD, Page, Reply, TestApp, WEB};

use super::taken_back::choose;
use super::{go, link_of, person};

async fn ask(browser: &Browser<'_>, email: &str, password: &str) -> Reply {
    let mut page = Page::of(browser.get("/account/email").await);
    page.action = "/account/email".to_owned();
    browser.submit(&page, &[("email", email), ("password", password), ("action", "change")]).await
}

/// AC-009
#[tokio::test]
async fn an_address_is_changed_once_the_new_one_is_confirmed_and_the_old_one_can_take_it_back() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    assert_eq!(ask(&browser, "new@example.net", "wrong").await.status, 400);
    assert_eq!(ask(&browser, "no address", PASSWORD).await.status, 400);
    assert_eq!(ask(&browser, "Alice@example.com", PASSWORD).await.status, 400, "the one that she has");
    assert!(app.mails().await.is_empty());
    assert_eq!(ask(&browser, "new@example.net", PASSWORD).await.status, 303);
    let mails = app.mails().await;
    let last = mails.last().expect("a mail");
    assert_eq!((last.kind, last.to.as_str()), ("address_confirm", "new@example.net"));
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("alice@example.com"), "nothing changed yet");
    // Opening it spends nothing, and whoever is signed in there has nothing to do with it (AC-010).
    let elsewhere = app.browser();
    elsewhere.sign_in(BOB).await;
    let link = link_of(last);
    assert!(elsewhere.get(&link).await.body.contains("alice"));
    assert_eq!(go(&elsewhere, &link).await.status, 200);
    let alice = person(&app, ALICE).await;
    assert_eq!(alice.email.as_deref(), Some("new@example.net"));
    assert!(alice.email_verified_at.is_some());
    assert_eq!(person(&app, BOB).await.email.as_deref(), Some("bob@example.com"));
    assert_eq!(go(&elsewhere, &link).await.status, 400, "once");
    // The old address is told, and brings itself back; everybody is signed out.
    let told = app.mails().await.last().expect("a mail").clone();
    assert_eq!((told.kind, told.to.as_str()), ("address_replaced", "alice@example.com"));
    assert!(told.text.contains("new@example.net"), "{}", told.text);
    app.advance_s(6 * 86_400);
    let undo = link_of(&told);
    assert_eq!(go(&app.browser(), &undo).await.status, 200);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("alice@example.com"));
    assert_eq!(browser.get("/account").await.status, 303);
    assert_eq!(go(&app.browser(), &undo).await.status, 400);
}

#[tokio::test]
async fn the_owner_takes_it_back_although_the_thief_changed_it_twice_and_the_password_too() {
    let app = TestApp::new().await;
    let thief = app.browser();
    thief.sign_in(ALICE).await;
    ask(&thief, "one@evil.example", PASSWORD).await;
    let first = link_of(app.mails().await.last().expect("a mail"));
    go(&thief, &first).await;
    let owners = link_of(app.mails().await.last().expect("a mail"));
    app.advance_s(10);
    ask(&thief, "two@evil.example", PASSWORD).await;
    let second = link_of(app.mails().await.last().expect("a mail"));
    go(&thief, &second).await;
    let thiefs = link_of(app.mails().await.last().expect("a mail"));
    app.advance_s(10);
    let mut page = Page::of(thief.get("/account").await);
    page.action = "/account/password".to_owned();
    let new = "the thief's own passphrase";
    let fields = [("password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    assert_eq!(thief.submit(&page, &fields).await.status, 303);
    let scope = [("scope", "openid offline_access rs1:read")];
    let tokens = thief.code(WEB, &scope).await.redeem(&app).await;
    app.advance_s(10);
    let owner = app.browser();
    let undone = go(&owner, &owners).await;
    assert_eq!(undone.status, 200);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("alice@example.com"));
    // What the thief's applications hold is over, and what the thief could have taken back.
    app.refresh(WEB, &tokens.text("refresh_token")).await.assert_error(400, "invalid_grant");
    app.advance_s(1);
    assert_eq!(go(&thief, &thiefs).await.status, 400);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("alice@example.com"));
    assert_eq!(thief.get("/account").await.status, 303);
    // Nor does it come back when the owner changes the address.
    let own = "the owner's own passphrase";
    assert_eq!(choose(&owner, &undone, own).await.status, 303);
    app.advance_s(3600);
    owner.sign_in_with(ALICE, own).await;
    // What tells of the new browser leaves first.
    app.mails().await;
    ask(&owner, "own@example.net", own).await;
    go(&owner, &link_of(app.mails().await.last().expect("a mail"))).await;
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("own@example.net"));
    assert_eq!(go(&thief, &thiefs).await.status, 400);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("own@example.net"));
}

/// Each link takes its own change back: the thief's is about the thief's addresses.
#[tokio::test]
async fn the_owner_takes_it_back_although_the_thief_took_a_change_of_their_own_back_first() {
    let app = TestApp::new().await;
    let thief = app.browser();
    thief.sign_in(ALICE).await;
    let mut links = Vec::new();
    for address in ["one@evil.example", "two@evil.example"] {
        ask(&thief, address, PASSWORD).await;
        go(&thief, &link_of(app.mails().await.last().expect("a mail"))).await;
        links.push(link_of(app.mails().await.last().expect("a mail")));
        app.advance_s(10);
    }
    assert_eq!(go(&thief, &links[1]).await.status, 200);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("one@evil.example"));
    app.advance_s(10);
    assert_eq!(go(&app.browser(), &links[0]).await.status, 200);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("alice@example.com"));
}

/// AC-006, of what somebody signed in can have sent: to one address, and for one account.
#[tokio::test]
async fn five_changes_of_address_are_asked_for_in_an_hour() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    for number in 0..5 {
        assert_eq!(ask(&browser, &format!("{number}@example.net"), PASSWORD).await.status, 303, "{number}");
    }
    assert_eq!(ask(&browser, "6@example.net", PASSWORD).await.status, 429);
    let victim = "victim@example.net";
    for name in [BOB, "mallory"] {
        let browser = app.browser();
        browser.sign_in(name).await;
        for number in 0..3 {
            let expected = if name == BOB || number < 2 { 303 } else { 429 };
            assert_eq!(ask(&browser, victim, PASSWORD).await.status, expected, "{name} {number}");
        }
    }
    let sent = app.mails().await.iter().filter(|mail| mail.to == victim).count();
    assert_eq!(sent, 5);
}

#[tokio::test]
async fn what_was_not_verified_is_not_verified_by_coming_back() {
    let app = TestApp::new().await;
    let alice = User { email_verified_at: None, ..person(&app, ALICE).await };
    app.store.commit(vec![Effect::PutUser(alice)]).await.expect("written");
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    ask(&browser, "new@example.net", PASSWORD).await;
    go(&browser, &link_of(app.mails().await.last().expect("a mail"))).await;
    assert!(person(&app, ALICE).await.email_verified_at.is_some());
    assert_eq!(go(&browser, &link_of(app.mails().await.last().expect("a mail"))).await.status, 200);
    let alice = person(&app, ALICE).await;
    assert_eq!((alice.email.as_deref(), alice.email_verified_at), (Some("alice@example.com"), None));
}

#[tokio::test]
async fn an_address_of_somebody_else_is_told_to_them_and_to_nobody_here() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let free = ask(&browser, "free@example.net", PASSWORD).await;
    let taken = ask(&browser, "bob@example.com", PASSWORD).await;
    assert_eq!((free.status, free.location()), (taken.status, taken.location()));
    let mut mails = app.mails().await;
    mails.sort_by_key(|mail| mail.kind);
    let told = mails.last().expect("a mail");
    assert_eq!((told.kind, told.to.as_str(), &told.link), ("address_taken", "bob@example.com", &None));
    // Taken meanwhile, it is not given away.
    let link = link_of(&mails[0]);
    let bob = person(&app, BOB).await;
    let email = Some("free@example.net".to_owned());
    let bob = User { email: email.clone(), email_key: email, ..bob };
    app.store.commit(vec![Effect::PutUser(bob)]).await.expect("an address can be given");
    assert_eq!(go(&browser, &link).await.status, 409);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("alice@example.com"));
}

#[tokio::test]
async fn an_address_is_confirmed_by_its_link() {
    let app = TestApp::new().await;
    let alice = person(&app, ALICE).await;
    app.store
        .commit(vec![Effect::PutUser(User { email_verified_at: None, ..alice })])
        .await
        .expect("written");
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let mut page = Page::of(browser.get("/account/email").await);
    page.action = "/account/email".to_owned();
    let mut links = Vec::new();
    for _ in 0..5 {
        assert_eq!(browser.submit(&page, &[("action", "verify")]).await.status, 303);
        let mails = app.mails().await;
        assert_eq!(mails.last().map(|mail| mail.kind), Some("address_verify"));
        links.push(link_of(mails.last().expect("a mail")));
    }
    assert_eq!(browser.submit(&page, &[("action", "verify")]).await.status, 429, "five in an hour");
    assert_eq!(app.mails().await.len(), 5);
    assert_eq!(go(&app.browser(), &links[3]).await.status, 400, "followed by a newer one");
    assert_eq!(go(&app.browser(), &links[4]).await.status, 200);
    assert!(person(&app, ALICE).await.email_verified_at.is_some());
}

#[tokio::test]
async fn a_change_is_taken_back_on_an_account_that_is_locked_and_not_on_one_that_is_disabled() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    ask(&browser, "new@example.net", PASSWORD).await;
    go(&browser, &link_of(app.mails().await.last().expect("a mail"))).await;
    let undo = link_of(app.mails().await.last().expect("a mail"));
    let alice = person(&app, ALICE).await;
    let off = User { disabled_at: Some(app.clock.now()), ..alice.clone() };
    app.store.commit(vec![Effect::PutUser(off)]).await.expect("written");
    assert_eq!(go(&app.browser(), &undo).await.status, 400);
    let off = person(&app, ALICE).await;
    let locked = User { disabled_at: None, locked_at: Some(app.clock.now()), ..off };
    app.store.commit(vec![Effect::PutUser(locked)]).await.expect("written");
    assert_eq!(go(&app.browser(), &undo).await.status, 200);
    assert_eq!(person(&app, ALICE).await.email.as_deref(), Some("alice@example.com"));
}
