//! What is asked for at the authorization endpoint.

use doorward_tests::extended::X1;
use doorward_tests::{ALICE, Page, VERIFIER, basic, encode, secret_of};
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;

use super::{CALLBACK, authorize, mittwald};

#[tokio::test]
async fn mw_02_public_clients_use_pkce_and_confidential_ones_need_not() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    // A public one has no secret to show, and must.
    at.app
        .change_client(X1, |client| {
            client.auth_method = "none".to_owned();
            client.also_auth_methods.clear();
        })
        .await;
    for lacking in [&bare[..], &bare[..1]] {
        let reply = at.get(&browser, &authorize(lacking)).await;
        assert_eq!((reply.param("error").as_deref(), reply.param("code")), (Some("invalid_request"), None));
    }
    let code = at.get(&browser, &authorize(&[])).await.param("code").expect("a code");
    let public = [("client_id", X1), ("code_verifier", VERIFIER)];
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let redeem = async |more: &[(&str, &str)]| {
        let form = encode(&[&form[..], more].concat());
        at.send("POST", "/v2/oauth2/token", &headers, &form).await
    };
    assert_eq!(redeem(&public[..1]).await.error(), "invalid_grant");
    let issued = redeem(&public).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    // A confidential one need not, unless it is registered to.
    at.app.change_client(X1, |client| client.auth_method = "client_secret_basic".to_owned()).await;
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
    // None is sent: of one it is that one, of two it is neither.
    let none = authorize(&[("redirect_uri", "")]);
    let sent = at.get(&browser, &none).await;
    assert!(sent.status == 302 && sent.location().starts_with(&format!("{CALLBACK}?code=")), "{sent:?}");
    let another = RedirectUri::parse("https://x1.example/another").expect("an address");
    at.app.change_client(X1, |client| client.redirect_uris.push(another)).await;
    let refused = at.get(&browser, &none).await;
    assert_eq!((refused.status, refused.header("location")), (400, None), "{}", refused.body);
    assert_eq!(refused.json()["error"], "invalid_request", "{}", refused.body);
}

#[tokio::test]
async fn mw_05_a_scope_that_the_client_may_not_ask_is_told() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    // The API has it, and the person may do it; the client may not ask for it.
    at.app
        .change_client(X1, |client| client.scopes = Scopes::parse("openid rs1:read").expect("scopes"))
        .await;
    for scope in ["nope:read", "rs1:write", "rs1:read rs1:write"] {
        let reply = at.get(&browser, &authorize(&[("scope", scope)])).await;
        assert_eq!(reply.param("error").as_deref(), Some("invalid_scope"), "{scope}: {}", reply.body);
        assert_eq!(reply.param("code"), None, "{scope}");
    }
    assert_eq!((at.app.rows("grants").await, at.app.rows("tickets").await), (0, 0));
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
    for (consent, headers) in [
        ("true", &[][..]),
        ("true", &[("sec-fetch-site", "cross-site")]),
        ("true", &[("sec-fetch-site", "none")]),
        // Unset: whoever sends it, the person is asked.
        ("", &[]),
        ("", &ours),
    ] {
        let asked = sent(consent, headers).await;
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
