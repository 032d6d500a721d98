//! Failed client authentications are limited per client, method and address (RFC 9700, section 4.11); only failures count, and no
//! stranger makes the disk write without bound (design, section 5).

use doorward_core::model::EventKind;
use doorward_tests::{M2M, PASSWORD, Page, SPA, TestApp, WEB, basic, encode, secret_of, visitor};

const LIMIT: usize = 100;
/// Events of strangers in a minute, per tenant and kind.
const RECORDED: usize = 60;

#[tokio::test]
async fn a_wrong_secret_is_tried_a_hundred_times_in_ten_minutes() {
    let app = TestApp::new().await;
    let form = [("grant_type", "client_credentials")];
    let wrong = basic(M2M, "wrong");
    for _ in 0..LIMIT {
        let reply = app.post_form("/token", &form, &[("authorization", &wrong)]).await;
        reply.assert_error(401, "invalid_client");
    }
    let right = basic(M2M, &secret_of(M2M));
    for authorization in [&wrong, &right] {
        let reply = app.post_form("/token", &form, &[("authorization", authorization)]).await;
        reply.assert_error(429, "temporarily_unavailable");
        assert!(reply.header("retry-after").is_some());
    }
    // Another client, and the same one by another method, are not touched.
    assert_eq!(app.refresh(SPA, "dwr_x").await.status, 400);
    let web = basic(WEB, &secret_of(WEB));
    let form_of_web = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let reply = app.post_form("/token", &form_of_web, &[("authorization", &web)]).await;
    assert_eq!(reply.status, 400);
    app.advance_s(600);
    assert_eq!(app.post_form("/token", &form, &[("authorization", &right)]).await.status, 200);
}

#[tokio::test]
async fn who_proves_nothing_leaves_no_more_events_than_that() {
    let app = TestApp::new().await;
    let form = [("grant_type", "client_credentials"), ("client_id", WEB)];
    let mut refused = 0;
    for _ in 0..3 * LIMIT {
        let reply = app.post_form("/token", &form, &[]).await;
        refused += usize::from(reply.status == 401);
        assert!(reply.status == 401 || reply.status == 429, "{}", reply.body);
    }
    assert_eq!(refused, LIMIT);
    // Of these some are written one by one, and all are counted.
    let events = app.events().await;
    assert_eq!(events.iter().filter(|event| event.kind == EventKind::ClientRefused).count(), RECORDED);
    // Whoever proves to be the client is served all the same.
    let right = basic(WEB, &secret_of(WEB));
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    app.post_form("/token", &form, &[("authorization", &right)]).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn what_is_no_failed_authentication_does_not_count() {
    let app = TestApp::new().await;
    let right = basic(M2M, &secret_of(M2M));
    let forms: [&[(&str, &str)]; 4] = [
        &[("grant_type", "password")],
        &[("scope", "rs1:read")],
        &[("grant_type", "client_credentials"), ("scope", "admin")],
        &[("grant_type", "refresh_token"), ("refresh_token", "x")],
    ];
    for _ in 0..LIMIT / 3 {
        for form in forms {
            assert_eq!(app.post_form("/token", form, &[("authorization", &right)]).await.status, 400);
        }
        assert_eq!(app.post_form("/revoke", &[("x", "y")], &[("authorization", &right)]).await.status, 400);
    }
    let form = [("grant_type", "client_credentials")];
    assert_eq!(app.post_form("/token", &form, &[("authorization", &right)]).await.status, 200);
}

/// Guesses at one account count together, by whichever of its names they come; another account is not touched.
#[tokio::test]
async fn all_names_of_an_account_share_its_attempts() {
    let app = TestApp::new().await;
    let guess = async |name: &str, password: &str| {
        let browser = app.browser();
        let page = Page::of(browser.get("/sign-in").await);
        browser
            .submit(&page, &[("username", name), ("password", password), ("action", "sign-in")])
            .await
            .status
    };
    for at in 0..10 {
        let name = ["alice", "Alice@Example.com", "ALICE"][at % 3];
        assert_eq!(guess(name, "wrong-password").await, 200, "{at}");
    }
    for name in ["alice", "alice@example.com"] {
        assert_eq!(guess(name, PASSWORD).await, 429, "{name}");
    }
    assert_eq!(guess("bob", PASSWORD).await, 303);
    app.advance_s(900);
    assert_eq!(guess("alice@example.com", PASSWORD).await, 303);
}

/// A browser that the person signed in from before has attempts of its own, and is let through from an address whose failures are
/// limited: strangers cannot lock them out of it, nor can whoever shares their address.
#[tokio::test]
async fn strangers_do_not_use_up_the_attempts_of_a_known_device() {
    let app = TestApp::new().await;
    let known = app.browser();
    known.sign_in("alice").await;
    let stranger = app.browser();
    let page = Page::of(stranger.get("/sign-in").await);
    let wrong = [("username", "alice"), ("password", "wrong-password"), ("action", "sign-in")];
    for _ in 0..10 {
        assert_eq!(stranger.submit(&page, &wrong).await.status, 200);
    }
    assert_eq!(stranger.submit(&page, &wrong).await.status, 429);
    for name in 0..120 {
        let nobody = [("username", &*format!("nobody-{name}")), wrong[1], wrong[2]];
        let status = stranger.submit(&page, &nobody).await.status;
        assert!(status == 200 || status == 429);
    }
    // The address is at its limit here, for strangers, and at no other tenant.
    let bob = [("username", "bob"), ("password", PASSWORD), ("action", "sign-in")];
    assert_eq!(stranger.submit(&page, &bob).await.status, 429);
    let elsewhere = Page::of(stranger.get("/t/t2/sign-in").await);
    let other = [("username", "amy"), bob[1], bob[2]];
    assert_eq!(stranger.submit(&elsewhere, &other).await.status, 303);
    known.set_cookie("__Host-s-t1", "");
    let page = Page::of(known.get("/sign-in").await);
    // By another name of hers it is the same device.
    let right = [("username", "alice@example.com"), ("password", PASSWORD), ("action", "sign-in")];
    assert_eq!(known.submit(&page, &right).await.status, 303);
}

/// Guesses from one address do not keep the person out of a new browser elsewhere; guesses from many addresses are limited in all.
#[tokio::test]
async fn one_address_does_not_use_up_an_accounts_attempts_and_many_do() {
    let app = TestApp::new().await;
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let form = |password: &'static str| {
        let mut form: Vec<(&str, &str)> =
            page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.extend([("username", "alice"), ("password", password), ("action", "sign-in")]);
        encode(&form)
    };
    let cookie = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    let cookie = cookie.join("; ");
    let guess = async |number: u32, password: &'static str| {
        let headers = [
            ("origin", "https://id.example"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", cookie.as_str()),
        ];
        app.send_from(visitor(number), "POST", "/sign-in", &headers, &form(password)).await.status
    };
    for at in 0..12 {
        assert_eq!(guess(1, "wrong-password").await, if at < 10 { 200 } else { 429 }, "{at}");
    }
    assert_eq!(guess(2, PASSWORD).await, 303, "from elsewhere she signs in");
    for address in 3..12 {
        for _ in 0..10 {
            assert_eq!(guess(address, "wrong-password").await, 200, "{address}");
        }
    }
    assert_eq!(guess(200, PASSWORD).await, 429, "a hundred guesses in all, from ten addresses");
    app.advance_s(900);
    assert_eq!(guess(200, PASSWORD).await, 303);
}

/// Guesses at the current password on the account page are as few as those on the sign-in page, and whoever guesses there keeps nobody
/// from signing in.
#[tokio::test]
async fn the_current_password_cannot_be_guessed_on_the_account_page() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in("alice").await;
    let change = async |current: &str| {
        let account = browser.get("/account").await;
        let token = Page::of(account).field("form").expect("the form's token").to_owned();
        let form = [
            ("form", token.as_str()),
            ("password", current),
            ("new_password", "another good one"),
            ("new_password_again", "another good one"),
        ];
        browser.post("/account/password", &form).await
    };
    for _ in 0..10 {
        assert_eq!(change("wrong-password").await.status, 400);
    }
    let waiting = change(PASSWORD).await;
    assert_eq!((waiting.status, waiting.header("retry-after")), (429, Some("901")));
    app.browser().sign_in("alice").await;
    app.advance_s(901);
    assert_eq!(change(PASSWORD).await.status, 303);
}
