//! The account page.

use doorward_tests::{ALICE, PASSWORD, Page, TestApp, credentials};

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

/// For how many seconds the browser keeps the session's cookie.
fn kept(reply: &doorward_tests::Reply) -> Option<i64> {
    let cookies = reply.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let session =
        cookies.into_iter().find(|cookie| cookie.starts_with("__Host-s-")).expect("a session's cookie");
    session.split("; ").find_map(|part| part.strip_prefix("Max-Age=")?.parse().ok())
}
