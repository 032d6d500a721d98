//! The code, and what it is redeemed for.

use doorward_tests::extended::{X1, X2};
use doorward_tests::{ALICE, Browser, Reply, VERIFIER, basic, encode, secret_of};

use super::super::Speaker;
use super::{CALLBACK, authorize, mittwald};

async fn code(at: &Speaker, browser: &Browser<'_>) -> String {
    at.get(browser, &authorize(&[])).await.param("code").expect("a code")
}

/// What X1 is answered that redeems a code as it should, but for these fields; an empty one is left out.
pub async fn redeem(at: &Speaker, client: &str, code: &str, but: &[(&str, &str)]) -> Reply {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in but {
        form.retain(|(known, _)| known != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
    let headers = [
        ("authorization", &*basic(client, &secret_of(client))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    at.send("POST", "/v2/oauth2/token", &headers, &encode(&form)).await
}

fn is_refused(reply: &Reply, error: &str) {
    assert_eq!((reply.status, reply.error().as_str()), (400, error), "{}", reply.body);
    assert!(!reply.body.contains("token\":"), "{}", reply.body);
}

#[tokio::test]
async fn mw_01_a_code_with_pkce_is_redeemed_for_a_pair() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let state = "a b&c=d%/\u{e4}+\"";
    let sent = at.get(&browser, &authorize(&[("state", state)])).await;
    let location = sent.location();
    assert!(sent.status == 302 && location.starts_with(&format!("{CALLBACK}?code=")), "{location}");
    assert_eq!(sent.param("state").as_deref(), Some(state), "unchanged");
    let issued = redeem(&at, X1, &sent.param("code").expect("a code"), &[]).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    assert_eq!(issued.json()["token_type"], "bearer", "in small letters");
    assert_eq!(issued.json()["expires_in"], 600);
    assert!(!issued.text("access_token").is_empty() && !issued.text("refresh_token").is_empty());
    // Nothing but S256 is a method here, and a challenge of another kind leaves no code behind.
    for (name, value) in [("code_challenge_method", "plain"), ("code_challenge", "short")] {
        let refused = at.get(&browser, &authorize(&[(name, value)])).await;
        assert_eq!(refused.param("error").as_deref(), Some("invalid_request"), "{name}: {}", refused.body);
        assert_eq!(refused.param("code"), None);
    }
}

#[tokio::test]
async fn mw_03_a_code_is_for_who_asked_at_that_address_with_that_verifier() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let other = VERIFIER.replacen(|c: char| c.is_ascii_alphanumeric(), "~", 1);
    for (field, value, error) in [
        ("code_verifier", &*other, "invalid_grant"),
        ("code_verifier", "", "invalid_grant"),
        ("redirect_uri", "https://x1.example/callback/", "invalid_grant"),
        ("redirect_uri", "https://x1.example/other", "invalid_grant"),
        ("code", "", "invalid_request"),
        ("grant_type", "", "invalid_request"),
        // It was sent before, so it is missing.
        ("redirect_uri", "", "invalid_request"),
    ] {
        let code = code(&at, &browser).await;
        is_refused(&redeem(&at, X1, &code, &[(field, value)]).await, error);
    }
    let of_another = code(&at, &browser).await;
    is_refused(&redeem(&at, X2, &of_another, &[]).await, "invalid_grant");
    let late = code(&at, &browser).await;
    at.app.advance_s(61);
    is_refused(&redeem(&at, X1, &late, &[]).await, "invalid_grant");
    is_refused(&redeem(&at, X1, "nothing", &[]).await, "invalid_grant");
}

/// A code is redeemed once. At once it may be the answer that was lost: nothing comes of it a second time, and what came of the first lives.
/// Later it was stolen, and that ends.
#[tokio::test]
async fn mw_03_a_code_is_redeemed_once() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let code = code(&at, &browser).await;
    let issued = redeem(&at, X1, &code, &[]).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    let refresh = issued.text("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh), ("code", "")];
    is_refused(&redeem(&at, X1, &code, &[]).await, "invalid_grant");
    assert_eq!(redeem(&at, X1, &code, &fields).await.status, 200);
    at.app.advance_s(11);
    is_refused(&redeem(&at, X1, &code, &[]).await, "invalid_grant");
    is_refused(&redeem(&at, X1, &code, &fields).await, "invalid_grant");
}
