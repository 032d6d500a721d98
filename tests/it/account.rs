//! The account page.

use doorward_core::Effect;
use doorward_tests::{ALICE, PASSWORD, Page, T1, TestApp, credentials, encode, user_id};

#[tokio::test]
async fn who_stays_signed_in_does_so_after_a_change_of_password_too() {
    for (remember, kept_s) in [(Some("on"), Some(30 * 86_400)), (None, None)] {
        let app = TestApp::new().await;
        let browser = app.browser();
        let mut fields = credentials(ALICE).to_vec();
        fields.extend(remember.map(|on| ("remember", on)));
        let page = Page::of(browser.get("/sign-in").await);
        assert_eq!(kept(&browser.submit(&page, &fields).await), kept_s);
        let mut page = Page::of(browser.get("/account").await);
        page.action = "/account/password".to_owned();
        let new = "another horse, another staple";
        let fields = [("password", PASSWORD), ("new_password", new), ("new_password_again", new)];
        let changed = browser.submit(&page, &fields).await;
        assert_eq!(changed.status, 303, "{}", changed.body);
        assert_eq!(kept(&changed), kept_s);
    }
}

/// A reload or a bookmark leads a person to the address of a form; a program is told in JSON.
#[tokio::test]
async fn the_address_of_a_form_shows_a_person_a_page() {
    let app = TestApp::new().await;
    for path in ["/consent", "/second-factor", "/account/password"] {
        let page = app.browser().get(path).await;
        assert_eq!((page.status, page.header("allow")), (405, Some("POST")), "{path}");
        assert!(page.body.contains("<h1>This page cannot be used that way"), "{path}: {}", page.body);
    }
    let told = app.browser().get("/token").await;
    assert_eq!((told.status, told.json()["error"].as_str()), (405, Some("invalid_request")));
    // HEAD is answered as GET is, but not where a GET has consequences.
    for (path, methods) in [("/userinfo", "GET, HEAD, POST, OPTIONS"), ("/authorize", "GET, POST")] {
        let told = app.send("DELETE", path, &[], "").await;
        assert_eq!((told.status, told.header("allow")), (405, Some(methods)), "{path}");
    }
}

/// For how many seconds the browser keeps the session's cookie.
fn kept(reply: &doorward_tests::Reply) -> Option<i64> {
    let cookies = reply.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let session =
        cookies.into_iter().find(|cookie| cookie.starts_with("__Host-s-")).expect("a session's cookie");
    session.split("; ").find_map(|part| part.strip_prefix("Max-Age=")?.parse().ok())
}

/// Every page speaks the language of whoever is signed in, whatever the browser asks for; `ui_locales` comes before both.
#[tokio::test]
async fn pages_are_in_the_language_of_the_person_signed_in() {
    let app = TestApp::new().await;
    let mut alice =
        app.store.user(&T1.into(), &user_id(ALICE).into()).await.expect("read").expect("she is there").user;
    alice.profile.0.insert("locale".to_owned(), "de".into());
    app.store.commit(vec![Effect::PutUser(alice)]).await.expect("she can be changed");
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let english = [("accept-language", "en")];
    for path in [
        "/account",
        "/logout",
        "/logout?id_token_hint=x",
        "/authorize?client_id=web&redirect_uri=https%3A%2F%2Fevil.example%2F",
    ] {
        let page = browser.send("GET", path, &english, "").await.body;
        assert!(page.contains("<html lang=\"de\""), "{path}: {page}");
        let asked = format!("{path}{}ui_locales=en", if path.contains('?') { "&" } else { "?" });
        let page = browser.send("GET", &asked, &english, "").await.body;
        assert!(path == "/account" || page.contains("<html lang=\"en\""), "{asked}: {page}");
    }
    let question = Page::of(browser.get("/logout").await);
    let form: Vec<(&str, &str)> =
        question.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let stay = [&form[..], &[("action", "stay")]].concat();
    let out = [&form[..], &[("action", "sign-out")]].concat();
    let headers = [
        ("origin", "https://id.example"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept-language", "en"),
    ];
    for form in [stay, out] {
        let page = browser.send("POST", "/sign-out", &headers, &encode(&form)).await;
        assert!(page.status == 200 && page.body.contains("<html lang=\"de\""), "{}", page.body);
    }
}
