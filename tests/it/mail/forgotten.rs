//! A forgotten password, from the page over the mail to the sign-in.

use doorward_core::login::forgot;
use doorward_core::model::{Credential, MailKind, Tenant, User};
use doorward_core::{Ctx, Effect, Needs};
use doorward_crypto::random::SystemRandom;
use doorward_tests::{ALICE, BOB, MALLORY, PASSWORD, Page, Reply, T1, TestApp, WEB, user_id};
use doorward_web::mail::Letter;

const NEW: &str = "a wholly new passphrase";

/// Ask for a link, as anybody may.
async fn ask(app: &TestApp, name: &str) -> Reply {
    let browser = app.browser();
    let page = Page::of(browser.get("/forgot-password").await);
    browser.submit(&page, &[("username", name)]).await
}

/// The newest mail's link, as a path.
fn link(mails: &[Letter]) -> String {
    let link = mails.last().expect("there is a mail").link.clone().expect("with a link");
    link.strip_prefix("https://id.example").expect("to the issuer").to_owned()
}

/// Open a link and choose a password.
async fn choose(app: &TestApp, link: &str, password: &str) -> Reply {
    let browser = app.browser();
    let opened = browser.get(link).await;
    if opened.status != 200 {
        return opened;
    }
    let fields = [("password", password), ("password_again", password)];
    browser.submit(&Page::of(opened), &fields).await
}

async fn person(app: &TestApp, name: &str) -> User {
    app.store.user(&T1.into(), &user_id(name).into()).await.expect("readable").expect("there").user
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_through_the_mail() {
    let app = TestApp::new().await;
    let tokens = app.tokens(WEB, &[("scope", "openid offline_access rs1:read")]).await;
    let signed_in = app.browser();
    signed_in.sign_in(ALICE).await;
    app.advance_s(5);
    let asked = ask(&app, "Alice@Example.com").await;
    assert_eq!(asked.status, 200);
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].kind, mails[0].to.as_str()), ("password_reset", "alice@example.com"));
    assert!(
        mails[0].text.contains("Hello alice Adams") && mails[0].text.contains(&link(&mails)),
        "{}",
        mails[0].text
    );
    // Opening it, twice, spends nothing.
    for _ in 0..2 {
        assert_eq!(app.browser().get(&link(&mails)).await.status, 200);
    }
    let done = choose(&app, &link(&mails), NEW).await;
    assert_eq!((done.status, done.location().as_str()), (303, "https://id.example/sign-in?reset=done"));
    // Everything from before is dead, the old password does not fit, the new one does.
    app.refresh(WEB, &tokens.text("refresh_token")).await.assert_error(400, "invalid_grant");
    assert_eq!(signed_in.get("/account").await.location(), "https://id.example/sign-in");
    assert_eq!(app.browser().sign_in_with(ALICE, PASSWORD).await.status, 200);
    assert_eq!(app.browser().sign_in_with(ALICE, NEW).await.status, 303);
    let told = app.mails().await;
    assert_eq!(told.last().map(|mail| mail.kind), Some("password_changed"));
    assert!(told.last().expect("a mail").text.contains("192.0.2.1"));
}

#[tokio::test]
async fn a_link_works_once_for_an_hour_while_it_is_the_newest_and_the_account_is_as_it_was() {
    let app = TestApp::new().await;
    // Used twice.
    ask(&app, ALICE).await;
    let first = link(&app.mails().await);
    assert_eq!(choose(&app, &first, NEW).await.status, 303);
    assert_eq!(choose(&app, &first, "another passphrase").await.status, 400);
    // A newer one was made.
    app.advance_s(3601);
    ask(&app, ALICE).await;
    let older = link(&app.mails().await);
    app.advance_s(1);
    ask(&app, ALICE).await;
    let newer = link(&app.mails().await);
    assert_ne!(older, newer);
    assert_eq!(choose(&app, &older, NEW).await.status, 400);
    // Too old.
    app.advance_s(3600);
    assert_eq!(choose(&app, &newer, NEW).await.status, 400);
    // The password was changed meanwhile.
    ask(&app, ALICE).await;
    let before = link(&app.mails().await);
    app.advance_s(1);
    ask(&app, ALICE).await;
    let after = link(&app.mails().await);
    assert_eq!(choose(&app, &after, "yet another passphrase").await.status, 303);
    assert_eq!(choose(&app, &before, NEW).await.status, 400);
    // The password was, and nothing else: sessions may go on when it is.
    app.advance_s(3601);
    ask(&app, ALICE).await;
    let before = link(&app.mails().await);
    app.advance_s(1);
    let found = app.store.user(&T1.into(), &user_id(ALICE).into()).await.unwrap().expect("she is there");
    let password = Credential { created_at: app.clock.now(), ..found.password.expect("she has one") };
    app.store.commit(vec![Effect::PutCredential(password)]).await.expect("a password can be set");
    assert_eq!(choose(&app, &before, NEW).await.status, 400);
    // The address was changed meanwhile: who had the mailbox before has it no more.
    app.advance_s(3601);
    ask(&app, ALICE).await;
    let to_the_old = link(&app.mails().await);
    let alice = person(&app, ALICE).await;
    let email = Some("new@example.net".to_owned());
    let moved = User { email: email.clone(), email_key: email, ..alice };
    app.store.commit(vec![Effect::PutUser(moved)]).await.expect("an address can be changed");
    assert_eq!(choose(&app, &to_the_old, NEW).await.status, 400);
    // The account was disabled meanwhile.
    app.advance_s(3601);
    ask(&app, BOB).await;
    let of_bob = link(&app.mails().await);
    let bob = person(&app, BOB).await;
    let off = User { disabled_at: Some(app.clock.now()), ..bob };
    app.store.commit(vec![Effect::PutUser(off)]).await.expect("a person can be disabled");
    assert_eq!(choose(&app, &of_bob, NEW).await.status, 400);
    assert!(app.recorded("link.spent").await <= 60);
}

#[tokio::test]
async fn another_persons_link_or_a_made_up_one_opens_nothing() {
    let app = TestApp::new().await;
    ask(&app, MALLORY).await;
    let own = link(&app.mails().await);
    let last = if own.ends_with('A') { 'E' } else { 'A' };
    let tampered = format!("{}{last}", &own[..own.len() - 1]);
    for link in
        [tampered.as_str(), "/reset-password", "/reset-password?link=dwp_x", "/reset-password?link=dws_x"]
    {
        assert_eq!(app.browser().get(link).await.status, 400, "{link}");
    }
    // At another tenant it is unknown.
    let elsewhere = format!("/t/t2{own}");
    assert_eq!(app.browser().get(&elsewhere).await.status, 400);
}

#[tokio::test]
async fn whoever_asks_learns_nothing_and_is_slowed() {
    let app = TestApp::new().await;
    let known = ask(&app, ALICE).await;
    let unknown = ask(&app, "nobody@example.com").await;
    let odd = ask(&app, "alice@x.example\r\nBcc: evil@x.example").await;
    assert_eq!(known.status, 200);
    assert_eq!((unknown.status, odd.status), (200, 200));
    assert_eq!(known.body, unknown.body);
    assert_eq!(known.body, odd.body);
    assert_eq!(app.mails().await.len(), 1);
    for _ in 0..50 {
        assert_eq!(ask(&app, ALICE).await.body, known.body);
    }
    assert_eq!(app.mails().await.len(), 5, "five in an hour");
    app.advance_s(3600);
    ask(&app, ALICE).await;
    assert_eq!(app.mails().await.len(), 6);
}

/// An account is one, whichever name it is called by; and a name that nobody has fills no outbox.
#[tokio::test]
async fn an_account_is_mailed_five_times_an_hour_by_whichever_name() {
    let app = TestApp::new().await;
    for number in 0..8 {
        ask(&app, if number % 2 == 0 { ALICE } else { "alice@example.com" }).await;
    }
    assert_eq!(app.mails().await.len(), 5);
    for _ in 0..8 {
        assert_eq!(ask(&app, "nobody").await.status, 200);
    }
    assert_eq!(app.rows("outbox").await, 5);
}

/// Who could do nothing with a link gets none, and neither does who was asked for when it is too late.
/// However many addresses strangers have: a tenant takes so many requests of a kind in an hour, and then the page is the same again.
#[tokio::test]
async fn a_tenant_takes_so_many_requests_from_strangers_in_an_hour() {
    let app = TestApp::new().await;
    let facts = app.facts(Needs::default()).await;
    let mut rng = SystemRandom;
    let ctx = Ctx { now: app.clock.now(), rng: &mut rng, request_id: "test", address: "" };
    let one = |kind| forgot::count_of_tenant(kind, &facts, &ctx);
    let counted: Vec<Effect> = (1..forgot::PER_TENANT).map(|_| one(MailKind::Forgotten)).collect();
    for some in counted.chunks(1000) {
        app.store.commit(some.to_vec()).await.expect("counted");
    }
    let sent = ask(&app, ALICE).await;
    assert_eq!(app.mails().await.len(), 1);
    let one_more = ask(&app, BOB).await;
    assert_eq!((one_more.status, one_more.body), (sent.status, sent.body));
    assert_eq!(app.mails().await.len(), 1);
    // Another kind is counted for itself.
    app.store.commit(vec![one(MailKind::SignUpAsked)]).await.expect("not at its limit");
    app.advance_s(3600);
    ask(&app, BOB).await;
    assert_eq!(app.mails().await.len(), 2);
}

#[tokio::test]
async fn no_link_goes_to_who_is_locked_or_long_after_it_was_asked_for() {
    let app = TestApp::new().await;
    let bob = User { locked_at: Some(app.clock.now()), ..person(&app, BOB).await };
    app.store.commit(vec![Effect::PutUser(bob)]).await.expect("a person can be locked");
    ask(&app, BOB).await;
    assert!(app.mails().await.is_empty());
    ask(&app, ALICE).await;
    app.advance_s(3600);
    assert!(app.mails().await.is_empty());
    ask(&app, ALICE).await;
    let tenant = app.store.tenant(&T1.into()).await.expect("readable").expect("there");
    let off = Tenant { disabled_at: Some(app.clock.now()), ..tenant };
    app.store.commit(vec![Effect::PutTenant(off)]).await.expect("a tenant can be disabled");
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_weak_or_mistyped_password_is_asked_for_again_and_the_link_still_works() {
    let app = TestApp::new().await;
    ask(&app, ALICE).await;
    let link = link(&app.mails().await);
    let browser = app.browser();
    let page = Page::of(browser.get(&link).await);
    let again = browser.submit(&page, &[("password", NEW), ("password_again", "something else")]).await;
    assert_eq!(again.status, 400);
    let short = browser.submit(&Page::of(again), &[("password", "short"), ("password_again", "short")]).await;
    assert_eq!(short.status, 400);
    let done = browser.submit(&Page::of(short), &[("password", NEW), ("password_again", NEW)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
}

#[tokio::test]
async fn a_form_from_elsewhere_sends_and_changes_nothing() {
    let app = TestApp::new().await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")];
    let foreign = app.send("POST", "/forgot-password", &headers, "username=alice&form=x").await;
    assert_eq!(foreign.status, 403);
    let bare = app.post_form("/forgot-password", &[("username", ALICE)], &[]).await;
    assert_eq!(bare.status, 403);
    assert!(app.mails().await.is_empty());
}
