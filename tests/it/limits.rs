//! Failed client authentications are limited per client, method and address (RFC 9700, section 4.11); only failures count, and no
//! stranger makes the disk write without bound (design, section 5).

use doorward_core::model::EventKind;
use doorward_tests::{M2M, PASSWORD, Page, SPA, TestApp, WEB, basic, secret_of};

const LIMIT: usize = 100;

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
    let events = app.events().await;
    assert_eq!(events.iter().filter(|event| event.kind == EventKind::ClientRefused).count(), LIMIT);
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

/// A browser that the person signed in from before has attempts of its own: strangers cannot lock them out of it.
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
    known.set_cookie("__Host-s-t1", "");
    let page = Page::of(known.get("/sign-in").await);
    // By another name of hers it is the same device.
    let right = [("username", "alice@example.com"), ("password", PASSWORD), ("action", "sign-in")];
    assert_eq!(known.submit(&page, &right).await.status, 303);
}
