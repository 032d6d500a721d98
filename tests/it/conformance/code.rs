//! Codes used twice, and refresh.

use doorward_tests::TestApp;

use super::party::{CLIENT2, Party, Tokens, is_description};

pub async fn oidcc_codereuse(app: &TestApp) {
    let party = Party::new(app);
    let tokens = party.flow(&[]).await;
    reuse(app, &tokens).await;
}

/// Half a minute later, and what the code was exchanged for ends with it (RFC 6749, section 4.1.2).
pub async fn oidcc_codereuse_30seconds(app: &TestApp) {
    let party = Party::new(app);
    let tokens = party.flow(&[("scope", "openid offline_access")]).await;
    let access_token = tokens.reply.text("access_token");
    assert_eq!(app.userinfo(&access_token).await.status, 200);
    app.advance_s(30);
    reuse(app, &tokens).await;
    assert_eq!(app.userinfo(&access_token).await.status, 401);
    app.refresh(party.client, &tokens.reply.text("refresh_token")).await.assert_error(400, "invalid_grant");
    reuse(app, &tokens).await;
    // Another grant of the same person and client is not touched.
    let other = party.flow(&[]).await;
    assert_eq!(app.userinfo(&other.reply.text("access_token")).await.status, 200);
}

pub async fn oidcc_refresh_token(app: &TestApp) {
    let discovery = app.get("/.well-known/openid-configuration", &[]).await.json();
    let grants = discovery["grant_types_supported"].as_array().expect("a list");
    assert!(grants.iter().any(|grant| grant == "refresh_token"));
    for scope in ["openid", "openid offline_access"] {
        let (one, two) = (Party::new(app), Party::of(app, CLIENT2));
        refreshed(app, &one, scope).await;
        let token = refreshed(app, &two, scope).await;
        // The second client's token is bound to the second client, and survives the first one's attempt.
        let refused = app.refresh(one.client, &token).await;
        refused.assert_error(400, "invalid_grant");
        assert_eq!(app.refresh(two.client, &token).await.status, 200);
    }
}

/// Sign in, refresh, and compare as the suite does: another access token, the same person and authentication. The new refresh token.
async fn refreshed(app: &TestApp, party: &Party<'_>, scope: &str) -> String {
    let extra = [("scope", scope), ("prompt", if scope.contains("offline") { "consent" } else { "" })];
    let first = party.flow(&extra).await;
    let token = first.reply.text("refresh_token");
    assert!(!token.is_empty() && token.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
    app.advance_s(60);
    let reply = app.refresh(party.client, &token).await;
    let second = party.accepted(&reply, None).await;
    assert_ne!(reply.text("access_token"), first.reply.text("access_token"));
    for claim in ["iss", "sub", "aud", "auth_time", "acr"] {
        assert_eq!(second[claim], first.id[claim], "{claim}");
    }
    assert!(second["iat"].as_i64() > first.id["iat"].as_i64());
    assert_eq!(app.userinfo(&reply.text("access_token")).await.status, 200);
    reply.text("refresh_token")
}

async fn reuse(app: &TestApp, tokens: &Tokens) {
    let reply = tokens.code.redeem(app).await;
    reply.assert_error(400, "invalid_grant");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(is_description(&reply.text("error_description")), "{}", reply.body);
    let mut members: Vec<String> = reply.json().as_object().expect("an object").keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["error", "error_description"]);
}
