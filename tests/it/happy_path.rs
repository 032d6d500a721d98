//! The thinnest complete path: a person signs in, a client gets tokens, and everything they open.

use doorward_tests::{ALICE, M2M, RS1, SPA, TestApp, WEB, user_id};

#[tokio::test]
async fn a_person_signs_in_and_a_client_gets_tokens() {
    let app = TestApp::new().await;
    for client in [WEB, SPA] {
        let tokens = app.tokens(client, &[("scope", "openid profile email offline_access rs1:read")]).await;
        assert_eq!(tokens.json()["token_type"], "Bearer");
        assert_eq!(tokens.json()["expires_in"], 600);
        let userinfo = app.userinfo(&tokens.text("access_token")).await;
        assert_eq!(userinfo.text("sub"), user_id(ALICE));
        assert_eq!(userinfo.text("email"), "alice@example.com");
        let introspected = app.introspect(RS1, &tokens.text("access_token")).await;
        assert_eq!(introspected.json()["active"], true, "{}", introspected.body);
        let refreshed = app.refresh(client, &tokens.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        let revoked = app.revoke(client, &refreshed.text("refresh_token")).await;
        assert_eq!(revoked.status, 200, "{}", revoked.body);
        for token in [tokens.text("access_token"), refreshed.text("access_token")] {
            assert_eq!(app.introspect(RS1, &token).await.json()["active"], false);
            assert_eq!(app.userinfo(&token).await.status, 401);
        }
        app.refresh(client, &refreshed.text("refresh_token")).await.assert_error(400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_machine_gets_a_token_of_its_own() {
    let app = TestApp::new().await;
    let form = [
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("scope".to_owned(), "rs1:read".to_owned()),
    ];
    let reply = app.token_as(M2M, &form).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(reply.json().get("refresh_token").is_none() && reply.json().get("id_token").is_none());
    let token = reply.text("access_token");
    assert_eq!(app.introspect(RS1, &token).await.json()["active"], true);
    assert_eq!(app.revoke(M2M, &token).await.status, 200);
    assert_eq!(app.introspect(RS1, &token).await.json()["active"], false);
}
