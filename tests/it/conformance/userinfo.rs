//! Userinfo, and the claims that scopes and the `claims` parameter bring.

use doorward_tests::{ALICE, Reply, TestApp};
use doorward_wire::claims::standard_claims;
use serde_json::Value;

use super::party::Party;
use super::standard_claims::assert_valid;

pub async fn oidcc_userinfo_get(app: &TestApp) {
    let tokens = Party::new(app).flow(&[]).await;
    let reply = app.userinfo(&tokens.reply.text("access_token")).await;
    assert_answers(&reply, &tokens.id);
}

pub async fn oidcc_userinfo_post_header(app: &TestApp) {
    let tokens = Party::new(app).flow(&[]).await;
    let authorization = format!("Bearer {}", tokens.reply.text("access_token"));
    let reply = app.send("POST", "/userinfo", &[("authorization", &authorization)], "").await;
    assert_answers(&reply, &tokens.id);
}

pub async fn oidcc_userinfo_post_body(app: &TestApp) {
    let tokens = Party::new(app).flow(&[]).await;
    let token = tokens.reply.text("access_token");
    let reply = app.post_form("/userinfo", &[("access_token", &token)], &[]).await;
    assert_answers(&reply, &tokens.id);
}

pub async fn oidcc_scope_profile(app: &TestApp) {
    scope(app, "profile").await;
}

pub async fn oidcc_scope_email(app: &TestApp) {
    scope(app, "email").await;
}

pub async fn oidcc_scope_address(app: &TestApp) {
    scope(app, "address").await;
}

pub async fn oidcc_scope_phone(app: &TestApp) {
    scope(app, "phone").await;
}

pub async fn oidcc_scope_all(app: &TestApp) {
    let claims = scope(app, "profile email address phone").await;
    // The address claim of a person who has one is an object with what it is made of (section 5.1.1).
    for member in ["formatted", "street_address", "locality", "region", "postal_code", "country"] {
        assert!(claims["address"][member].is_string(), "{member}: {claims}");
    }
}

/// `openid` need not come first.
pub async fn oidcc_ensure_other_scope_order_succeeds(app: &TestApp) {
    let party = Party::new(app);
    let tokens = party.flow(&[("scope", "email openid")]).await;
    let userinfo = app.userinfo(&tokens.reply.text("access_token")).await;
    assert_eq!(userinfo.text("email"), format!("{ALICE}@example.com"));
    party.flow(&[("scope", "phone address email profile openid")]).await;
}

pub async fn oidcc_claims_essential(app: &TestApp) {
    let party = Party::new(app);
    let tokens = party.flow(&[("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)]).await;
    let userinfo = app.userinfo(&tokens.reply.text("access_token")).await;
    assert_answers(&userinfo, &tokens.id);
    assert!(userinfo.json()["name"].is_string());
    // Asked for in userinfo, it is not in the ID token.
    assert_eq!(tokens.id.get("name"), None);
    let tokens =
        party.flow(&[("claims", r#"{"id_token":{"name":{"essential":true},"auth_time":null}}"#)]).await;
    assert!(tokens.id["name"].is_string(), "{}", tokens.id);
    let userinfo = app.userinfo(&tokens.reply.text("access_token")).await;
    assert_eq!(userinfo.json().get("name"), None);
}

/// Every claim of the scopes, for a person who has them all, and no other; userinfo alone says them, not the ID token.
async fn scope(app: &TestApp, scopes: &str) -> Value {
    let discovery = app.get("/.well-known/openid-configuration", &[]).await.json();
    let is_offered = |list: &str, name: &str| {
        discovery[list].as_array().is_some_and(|names| names.iter().any(|known| known == name))
    };
    let tokens = Party::new(app).flow(&[("scope", &format!("openid {scopes}"))]).await;
    let granted = tokens.reply.text("scope");
    let userinfo = app.userinfo(&tokens.reply.text("access_token")).await;
    assert_answers(&userinfo, &tokens.id);
    let claims = userinfo.json();
    let mut expected = vec!["sub"];
    for scope in scopes.split(' ') {
        assert!(is_offered("scopes_supported", scope), "{scope}");
        assert!(granted.split(' ').any(|word| word == scope), "{granted}");
        expected.extend(standard_claims(scope));
    }
    for claim in &expected {
        assert!(is_offered("claims_supported", claim), "{claim}");
        assert!(claims.get(claim).is_some(), "{claim}: {claims}");
        assert!(*claim == "sub" || tokens.id.get(claim).is_none(), "{claim}: {}", tokens.id);
    }
    let mut found: Vec<&str> = claims.as_object().expect("an object").keys().map(String::as_str).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    claims
}

fn assert_answers(reply: &Reply, id: &Value) {
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let claims = reply.json();
    assert_eq!(claims["sub"], id["sub"]);
    assert_valid(&claims);
}
