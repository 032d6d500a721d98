//! The response type: the flow itself, and requests that differ from the plainest one in what must not matter.

use doorward_tests::{Page, TestApp, VERIFIER, authorization, challenge, encode, secret_of};

use super::party::{CLIENT, ISSUER, Party, suite};

pub async fn oidcc_server(app: &TestApp) {
    let party = Party::new(app);
    let visit = party.visit(&[]).await;
    assert_eq!(visit.pages, ["/sign-in", "/consent"]);
    let tokens = party.exchange(&visit, &[]).await;
    let userinfo = app.userinfo(&tokens.reply.text("access_token")).await;
    assert_eq!(userinfo.status, 200);
    assert_eq!(userinfo.json()["sub"], tokens.id["sub"]);
    // The same person at another client is the same subject, in another token.
    let second = Party::of(app, super::party::CLIENT2).flow(&[("nonce", "other"), ("state", "st4te")]).await;
    assert_eq!(second.id["sub"], tokens.id["sub"]);
    assert_ne!(second.reply.text("access_token"), tokens.reply.text("access_token"));
}

pub async fn oidcc_response_type_missing(app: &TestApp) {
    let party = Party::new(app);
    let visit = party.visit(&[("response_type", "")]).await;
    assert!(visit.pages.is_empty(), "nobody signs in for a request that cannot succeed: {visit:?}");
    visit.assert_error("invalid_request");
    assert_eq!(visit.reply.param("error_description").as_deref(), Some("response_type is missing"));
}

pub async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(app: &TestApp) {
    let tokens = Party::new(app).flow(&[("nonce", "")]).await;
    assert_eq!(tokens.id.get("nonce"), None);
}

pub async fn oidcc_ensure_request_with_unknown_parameter_succeeds(app: &TestApp) {
    Party::new(app).flow(&[("extra", "foobar"), ("x_y", "%00 ü"), ("resource_owner", "bob")]).await;
}

/// A form from another site comes without our cookies: the request is the same after a hop.
pub async fn oidcc_ensure_post_request_succeeds(app: &TestApp) {
    let party = Party::new(app);
    let params = authorization(CLIENT, &suite(&[]));
    let pairs: Vec<(&str, &str)> =
        params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://app.example")];
    let hop = party.browser.send("POST", "/authorize", &headers, &encode(&pairs)).await;
    assert_eq!(hop.status, 303);
    let target = hop.location();
    let target = target.strip_prefix(ISSUER).expect("the hop stays with the issuer");
    let visit = party.follow(party.browser.get(target).await).await;
    assert_eq!(visit.pages, ["/sign-in", "/consent"]);
    party.exchange(&visit, &[]).await;
}

/// A request that is too long for an address is not lost on the way: it comes from our own page the second time.
#[tokio::test]
async fn a_long_request_by_post_is_sent_once_more_by_a_page() {
    for length in [100, 1000] {
        let app = TestApp::new().await;
        let party = Party::new(&app);
        let long = "€".repeat(length);
        let params = authorization(CLIENT, &suite(&[("extra", &long)]));
        let pairs: Vec<(&str, &str)> =
            params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://app.example")];
        let hop = party.browser.send("POST", "/authorize", &headers, &encode(&pairs)).await;
        let arrived = if length == 100 {
            party.browser.get(hop.location().trim_start_matches(ISSUER)).await
        } else {
            assert_eq!(hop.status, 200, "{}", hop.body);
            let page = Page::of(hop);
            assert_eq!((page.action.as_str(), page.field("extra")), ("/authorize", Some(long.as_str())));
            party.browser.submit(&page, &[]).await
        };
        let visit = party.follow(arrived).await;
        assert_eq!(visit.pages, ["/sign-in", "/consent"]);
        party.exchange(&visit, &[]).await;
    }
}

pub async fn oidcc_server_client_secret_post(app: &TestApp) {
    let party = Party::new(app);
    let code = party.code(&party.visit(&[]).await);
    let secret = secret_of(CLIENT);
    let form = code.form();
    let mut pairs: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pairs.extend([("client_id", CLIENT), ("client_secret", secret.as_str())]);
    let reply = app.post_form("/token", &pairs, &[]).await;
    party.accepted(&reply, Some("n0nce")).await;
}

pub async fn oidcc_ensure_request_with_valid_pkce_succeeds(app: &TestApp) {
    let party = Party::new(app);
    let challenge = challenge(VERIFIER);
    let visit = party.visit(&[("code_challenge", &challenge), ("code_challenge_method", "S256")]).await;
    let mut code = party.code(&visit);
    code.verifier = Some(VERIFIER.to_owned());
    let reply = code.redeem(app).await;
    party.accepted(&reply, Some("n0nce")).await;
}
