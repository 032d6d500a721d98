//! Requests that are refused: an unregistered redirect URI, and request objects, which are not supported and said to be.

use doorward_crypto::base64url;
use doorward_tests::TestApp;

use super::party::{CLIENT, ISSUER, Party, REDIRECT_URI};

/// A page of our own, with a text that stays, and no way to the unregistered place.
pub async fn oidcc_ensure_registered_redirect_uri(app: &TestApp) {
    let party = Party::new(app);
    for bad in ["https://app.example/cb/x7Kq0", "https://other.example/cb", "https://app.example/cb?y=2"] {
        let visit = party.visit(&[("redirect_uri", bad)]).await;
        assert_eq!((visit.reply.status, visit.pages.len()), (400, 0), "{visit:?}");
        assert_eq!(visit.reply.header("location"), None);
        assert_eq!(visit.reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(visit.reply.body.contains("This address is not registered"), "{}", visit.reply.body);
        assert!(visit.reply.body.contains("redirect_uri is not registered for this application"));
        assert!(!visit.reply.body.contains(bad));
    }
    // One that is registered with a query of its own keeps it.
    let visit = party.visit(&[("redirect_uri", "https://app.example/cb?x=1")]).await;
    assert!(visit.reply.location().starts_with("https://app.example/cb?x=1&code="), "{visit:?}");
}

/// By value: `request_not_supported`, with the state of the plain parameters.
pub async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(app: &TestApp) {
    let discovery = app.get("/.well-known/openid-configuration", &[]).await.json();
    assert_eq!(discovery["request_parameter_supported"], false);
    assert_eq!(discovery.get("request_object_signing_alg_values_supported"), None);
    let party = Party::new(app);
    let visit = party.visit(&[("request", &object(REDIRECT_URI))]).await;
    assert!(visit.pages.is_empty());
    visit.assert_error("request_not_supported");
    // Signed in, nothing changes: it is not ignored.
    party.flow(&[]).await;
    party.visit(&[("request", &object(REDIRECT_URI))]).await.assert_error("request_not_supported");
}

/// By reference: `request_uri_not_supported`, and nothing is fetched.
pub async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(app: &TestApp) {
    let discovery = app.get("/.well-known/openid-configuration", &[]).await.json();
    // Absent, its default would be true (Discovery, section 3).
    assert_eq!(discovery["request_uri_parameter_supported"], false);
    let visit = Party::new(app).visit(&[("request_uri", "https://app.example/request.jwt#x")]).await;
    assert!(visit.pages.is_empty());
    visit.assert_error("request_uri_not_supported");
}

/// The redirect URI inside an object that is not read cannot make up for an unregistered one outside.
pub async fn oidcc_ensure_request_object_with_redirect_uri(app: &TestApp) {
    let party = Party::new(app);
    let bad = format!("{REDIRECT_URI}/random");
    let visit = party.visit(&[("redirect_uri", &bad), ("request", &object(REDIRECT_URI))]).await;
    assert_eq!(visit.reply.status, 400, "{visit:?}");
    assert_eq!(visit.reply.header("location"), None);
    // The other way round: the registered one outside is told that objects are not supported.
    let visit = party.visit(&[("request", &object(&bad))]).await;
    visit.assert_error("request_not_supported");
}

fn object(redirect_uri: &str) -> String {
    let header = base64url::encode(br#"{"alg":"none"}"#);
    let claims = serde_json::json!({
        "iss": CLIENT, "aud": ISSUER, "client_id": CLIENT, "response_type": "code", "scope": "openid",
        "redirect_uri": redirect_uri, "state": "inside", "nonce": "inside"
    });
    format!("{header}.{}.", base64url::encode(claims.to_string().as_bytes()))
}
