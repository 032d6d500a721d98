//! What is asked for at the authorization endpoint.

use doorward_tests::extended::X1;
use doorward_tests::{ALICE, Page, basic, encode, secret_of};
use doorward_wire::redirect_uri::RedirectUri;

use super::{CALLBACK, authorize, mittwald};

#[tokio::test]
async fn mw_02_public_clients_use_pkce_and_confidential_ones_need_not() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    at.app.change_client(X1, |client| client.require_pkce = true).await;
    let reply = at.get(&browser, &authorize(&bare)).await;
    assert_eq!(reply.param("error").as_deref(), Some("invalid_request"), "it must");
    at.app.change_client(X1, |client| client.require_pkce = false).await;
    let code = at.get(&browser, &authorize(&bare)).await.param("code").expect("a code");
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let headers = [
        ("authorization", &*basic(X1, &secret_of(X1))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    assert_eq!(at.send("POST", "/v2/oauth2/token", &headers, &encode(&form)).await.status, 200);
}

#[tokio::test]
async fn mw_04_a_port_that_differs_is_another_address_on_this_machine_too() {
    let (at, _) = mittwald().await;
    let local = RedirectUri::parse("http://localhost:7777/cb").expect("an address");
    at.app.change_client(X1, |client| client.redirect_uris = vec![local]).await;
    let browser = at.signed_in(ALICE).await;
    for (uri, status) in [
        ("http://localhost:7777/cb", 302),
        ("http://localhost:7778/cb", 400),
        ("http://localhost/cb", 400),
        ("http://127.0.0.1:7777/cb", 400),
    ] {
        let reply = at.get(&browser, &authorize(&[("redirect_uri", uri)])).await;
        assert_eq!((reply.status, reply.header("location").is_some()), (status, status == 302), "{uri}");
    }
}

#[tokio::test]
async fn mw_04_a_redirect_uri_that_is_not_the_registered_one_is_told_to_nobody() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    for other in [
        "https://x1.example:444/callback",
        "https://x1.example/callback/",
        "https://x1.example/Callback",
        "https://x1.example.evil/callback",
    ] {
        let reply = at.get(&browser, &authorize(&[("redirect_uri", other)])).await;
        assert_eq!((reply.status, reply.header("location")), (400, None), "{other}");
        assert_eq!(reply.json()["error"], "invalid_request", "{}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn mw_05_a_scope_that_the_client_may_not_ask_is_told() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let reply = at.get(&browser, &authorize(&[("scope", "nope:read")])).await;
    assert_eq!(reply.param("error").as_deref(), Some("invalid_scope"), "{}", reply.body);
}

#[tokio::test]
async fn mw_06_consent_is_given_by_the_request_only_where_a_page_of_ours_sent_it() {
    let (at, _) = mittwald().await;
    at.app
        .change_extension(X1, |found| found.manifest.consent = doorward_core::model::ConsentPolicy::Asked)
        .await;
    let browser = at.signed_in(ALICE).await;
    let sent = async |consent: &str, headers: &[(&str, &str)]| {
        let target = format!("{}{}", at.mount, authorize(&[("grant_consent", consent)]));
        browser.send("GET", &target, headers, "").await
    };
    let ours = [("sec-fetch-site", "same-origin")];
    assert_eq!(sent("false", &[]).await.param("error").as_deref(), Some("access_denied"));
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "none")]] {
        let asked = sent("true", headers).await;
        assert_eq!((asked.status, Page::of(asked).action), (200, format!("{}/consent", at.mount)));
    }
    assert_eq!(at.app.rows("consents").await, 0);
    assert!(sent("true", &ours).await.param("code").is_some());
    assert_eq!(at.app.rows("consents").await, 1);
    // Nobody is there: they sign in, and are asked.
    let stranger = at.app.browser();
    let target = format!("{}{}", at.mount, authorize(&[("grant_consent", "true")]));
    let page = Page::of(stranger.send("GET", &target, &ours, "").await);
    assert_eq!(page.action, format!("{}/sign-in", at.mount));
}
