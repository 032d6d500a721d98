//! What a new password costs: nothing for a link that is over, and not without end for one that works.

use doorward_core::Needs;
use doorward_core::desired::Kind;
use doorward_core::login::set_up::make_link;
use doorward_tests::{ALICE, BOB, Browser, PASSWORD, Page, Reply, T1, TestApp, credentials, user_id};
use doorward_web::app::Options;
use doorward_web::mail::Mailer;
use doorward_web::manage::{Act, By, Manage};
use serde_json::json;

use super::joining::{invited, open_for, sign_up};
use super::{link_of, path};
use crate::admin::{Admin, pointers};
use crate::overload::{FullQueue, refusals};

/// Doors at which somebody who is not signed in chooses a password: the link of each, that works.
async fn doors(app: &TestApp) -> Vec<(&'static str, String)> {
    open_for(app, &[]).await;
    sign_up(app, "otto@example.net").await;
    let signed_up = link_of(app.mails().await.last().expect("a mail"));
    let manage = Manage::new(app.store.clone(), By::operator());
    let reset = manage.help(Some(T1.to_owned()), ALICE, Act::ResetLink).await.expect("done").expect("a link");
    let set_up = app.decide(Needs::default(), make_link).await;
    let set_up = format!("/setup?link={}", set_up.expect("it is made").expose());
    vec![
        ("/join", invited(app, None, false).await),
        ("/sign-up/finish", signed_up),
        ("/reset-password", path(&reset.url)),
        ("/setup", set_up),
    ]
}

fn fields<'a>(name: &'a str, password: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("username", name), ("password", password), ("password_again", password)]
}

/// One form token of such a page never ends: what is sent with it by whoever has no link is neither judged nor hashed.
#[tokio::test]
async fn nothing_is_hashed_for_a_link_that_is_over() {
    let app = TestApp::new().await;
    for (door, link) in doors(&app).await {
        let browser = app.browser();
        let mut page = Page::of(browser.get(&link).await);
        assert_eq!(page.reply.status, 200, "{door}");
        page.hidden
            .iter_mut()
            .filter(|(name, _)| name == "link")
            .for_each(|(_, link)| *link = "A".repeat(43));
        let reply = browser.submit(&page, &fields("dora", PASSWORD)).await;
        assert!(matches!(reply.status, 400 | 404), "{door}: {}", reply.status);
        assert_eq!(app.app.passwords.chosen(), 0, "{door}");
    }
    assert_eq!(app.recorded("invitation.invalid").await, 2, "one event for each, as ever");
    assert_eq!(app.recorded("reset.invalid").await, 1);
}

/// While as many passwords wait as may, every door says so before it counts a try or spends anything: who comes back goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_to_the_password_threads_says_when_there_is_no_room() {
    let app = TestApp::mailing(Mailer::memory()).await;
    let (stranger, due, signed_in) = (app.browser(), app.browser(), app.browser());
    // Each is sent more often than one may try: thirty times for a new password, ten times for one's own.
    let mut forms = Vec::new();
    for (door, link) in doors(&app).await {
        forms.push((door, &stranger, Page::of(stranger.get(&link).await), ("", 400, 31)));
    }
    let manage = Manage::new(app.store.clone(), By::operator());
    manage.help(Some(T1.to_owned()), BOB, Act::RequirePassword).await.expect("it is asked for");
    let sign_in = Page::of(due.get("/sign-in").await);
    let chosen = Page::of(due.submit(&sign_in, &credentials(BOB)).await);
    forms.push(("/new-password", &due, chosen, ("", 400, 31)));
    forms.push(("/sign-in", &due, sign_in, ("sign-in", 200, 11)));
    signed_in.sign_in(ALICE).await;
    let account = Page::of(signed_in.get("/account").await);
    for (door, action, often) in [
        ("/account/password", "", 1),
        ("/account/email", "change", 11),
        ("/account/second-factor", "begin", 11),
    ] {
        let form = Page { action: door.to_owned(), ..account.clone() };
        forms.push((door, &signed_in, form, (action, 400, often)));
    }
    let passwords = &app.app.passwords;
    for (door, browser, form, (action, status, often)) in forms {
        let (bad, good) = ("password1", "a wholly new passphrase");
        // Where somebody is signed in it is the current password that is wrong.
        let new = if door == "/account/password" { good } else { bad };
        let fields = [
            ("action", action),
            ("username", "dora"),
            ("email", "dora@example.org"),
            ("password", bad),
            ("password_again", bad),
            ("new_password", new),
            ("new_password_again", new),
        ];
        let queue = FullQueue::of(passwords);
        for _ in 0..often {
            refusals(&app);
            let reply = browser.submit(&form, &fields).await;
            assert_eq!(reply.status, 503, "{door}: {}", reply.body);
            assert_eq!(refusals(&app), [("traffic.overloaded".to_owned(), 1)], "{door}");
            assert!(reply.header("retry-after").is_some(), "{door}");
        }
        queue.end().await;
        assert_eq!(browser.submit(&form, &fields).await.status, status, "{door}: no try was counted");
    }
}

#[tokio::test]
async fn nothing_is_hashed_for_a_name_that_is_taken() {
    let app = TestApp::new().await;
    let link = invited(&app, None, false).await;
    let browser = app.browser();
    for _ in 0..40 {
        let reply = browser.submit(&Page::of(browser.get(&link).await), &fields(ALICE, PASSWORD)).await;
        assert_eq!(reply.status, 409, "a name is looked for as often as they like");
    }
    assert_eq!(app.app.passwords.chosen(), 0);
}

#[tokio::test]
async fn a_link_that_works_is_no_licence_to_have_passwords_judged() {
    let app = TestApp::new().await;
    for (door, link) in doors(&app).await {
        let browser = app.browser();
        let page = Page::of(browser.get(&link).await);
        let before = app.app.passwords.chosen();
        let mut slowed = None;
        for _ in 0..31 {
            let reply = browser.submit(&page, &fields("dora", "password1")).await;
            if reply.status == 429 {
                slowed = Some(reply);
            } else {
                assert_eq!(reply.status, 400, "{door}");
            }
        }
        assert_eq!(app.app.passwords.chosen() - before, 30, "{door}");
        let slowed = slowed.expect("the last one has to wait");
        assert!(slowed.header("retry-after").is_some() && slowed.body.contains("too many tries"), "{door}");
        // Whoever waits goes on with the same link.
        app.advance_s(600);
        let reply = browser.submit(&page, &fields(&format!("dora{before}"), PASSWORD)).await;
        assert_eq!(reply.status, 303, "{door}: {}", reply.body);
    }
}

/// A change of the password by who is signed in.
async fn change(browser: &Browser<'_>, new: &str) -> Reply {
    let mut page = Page::of(browser.get("/account").await);
    page.action = "/account/password".to_owned();
    browser.submit(&page, &[("password", PASSWORD), ("new_password", new), ("new_password_again", new)]).await
}

/// What a person is called, as far as it is known, and the length that the settings ask for: whichever door it comes through.
#[tokio::test]
async fn one_policy_for_a_new_password_at_every_door() {
    let options = Options { password_min_length: 14, mailer: Mailer::memory(), ..Options::default() };
    let app = TestApp::with(options).await;
    let admin = Admin::of_tenant(&app).await;
    let manage = Manage::new(app.store.clone(), By::operator()).asking_for(14);
    let user = format!("/tenants/{T1}/users/{}", user_id(ALICE));
    let called = json!({ "profile": { "name": "Marlowe" } });
    assert_eq!(admin.json("PATCH", &user, called).await.status, 200);
    let signed_in = app.browser();
    signed_in.sign_in(ALICE).await;
    let reset = manage.help(Some(T1.to_owned()), ALICE, Act::ResetLink).await.expect("done").expect("a link");
    let by_link = app.browser();
    let choosing = Page::of(by_link.get(&path(&reset.url)).await);
    manage.help(Some(T1.to_owned()), ALICE, Act::RequirePassword).await.expect("it is asked for");
    let due = app.browser();
    let page = Page::of(due.get("/sign-in").await);
    let due_page = Page::of(due.submit(&page, &credentials(ALICE)).await);
    assert_eq!(due_page.action, "/new-password");
    for bad in ["zither-marlowe-quorum-91", "zither-alice-quorum-91", "zK9#qm2!vW4xj"] {
        assert_eq!(change(&signed_in, bad).await.status, 400, "{bad}");
        assert_eq!(by_link.submit(&choosing, &fields("", bad)).await.status, 400, "{bad}");
        let typed = [("new_password", bad), ("new_password_again", bad)];
        assert_eq!(due.submit(&due_page, &typed).await.status, 400, "{bad}");
        let patched = admin.json("PATCH", &user, json!({ "password": bad })).await;
        assert_eq!((patched.status, pointers(&patched)), (400, vec!["/password".to_owned()]), "{bad}");
        let set = json!({ "password": bad }).as_object().cloned().expect("an object");
        let by_command = manage.change(Some(T1.to_owned()), Kind::User, ALICE, set).await;
        assert!(by_command.is_err(), "{bad}");
    }
    let good = json!({ "password": "zither-quorum-bassoon-91" });
    assert_eq!(admin.json("PATCH", &user, good).await.status, 200);
}

/// Whoever was asked for a new password and chose one on their account page is not asked again.
#[tokio::test]
async fn a_password_that_was_due_is_there_once_it_was_changed() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let manage = Manage::new(app.store.clone(), By::operator());
    manage.help(Some(T1.to_owned()), ALICE, Act::RequirePassword).await.expect("it is asked for");
    let new = "a wholly new passphrase";
    assert_eq!(change(&browser, new).await.status, 303);
    let other = app.browser();
    let page = Page::of(other.get("/sign-in").await);
    let reply = other.submit(&page, &[("username", ALICE), ("password", new), ("action", "sign-in")]).await;
    assert_eq!((reply.status, reply.location().as_str()), (303, "https://id.example/account"));
}
