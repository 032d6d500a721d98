//! What a new password costs: nothing for a link that is over, and not without end for one that works.

use doorward_core::Needs;
use doorward_core::login::set_up::make_link;
use doorward_tests::{ALICE, PASSWORD, Page, T1, TestApp};
use doorward_web::manage::{Act, By, Manage};

use super::joining::{invited, open_for, sign_up};
use super::{link_of, path};

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
