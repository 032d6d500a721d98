//! After a restore nothing is open that was spent or revoked after the backup (design, section 5: epoch).

use doorward_core::Effect;
use doorward_core::id::TenantId;
use doorward_core::model::Credential;
use doorward_tests::{ALICE, M2M, Page, RS1, SPA, T1, TestApp, WEB, user_id};
use doorward_web::manage::{Act, By, Manage};

/// The token that a client has for itself.
async fn own_token(app: &TestApp) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    let reply = app.token_as(M2M, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.text("access_token")
}

async fn is_active(app: &TestApp, token: &str) -> bool {
    app.introspect(RS1, token).await.json()["active"] == true
}

async fn disable_alice(app: &TestApp) {
    let tenant = TenantId::from(T1);
    let found = app
        .store
        .user(&tenant, &user_id(ALICE).as_str().into())
        .await
        .expect("a person can be read")
        .expect("she is there");
    let mut user = found.user;
    user.disabled_at = Some(app.store.now());
    app.store.commit(vec![Effect::PutUser(user)]).await.expect("a person can be changed");
}

/// Whether somebody can sign in and get tokens that work.
async fn works(app: &TestApp) {
    let tokens = app.tokens(WEB, &[("scope", "openid rs1:read offline_access")]).await;
    assert!(is_active(app, &tokens.text("access_token")).await);
    assert_eq!(app.refresh(WEB, &tokens.text("refresh_token")).await.status, 200);
    assert!(is_active(app, &own_token(app).await).await);
}

#[tokio::test]
async fn what_was_spent_or_revoked_after_the_backup_stays_so() {
    let app = TestApp::new().await;
    let scope = [("scope", "openid rs1:read offline_access")];
    let tokens = app.tokens(WEB, &scope).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let other = app.tokens(SPA, &scope).await.text("refresh_token");
    let own = own_token(&app).await;
    let code = app.code(WEB, &scope).await;
    let recovery = Credential {
        tenant: TenantId::from(T1),
        user: user_id(ALICE).as_str().into(),
        kind: "recovery".to_owned(),
        data: "{}".to_owned(),
        created_at: app.store.now(),
    };
    app.store.commit(vec![Effect::PutCredential(recovery)]).await.expect("recovery codes can be stored");
    let manage = Manage::new(app.store.clone(), By::operator());
    let link = manage.help(Some(T1.to_owned()), ALICE, Act::ResetLink).await.unwrap().expect("a link").url;
    let link = link.strip_prefix("https://id.example").expect("of the issuer").to_owned();
    assert_eq!(app.get(&link, &[]).await.status, 200);
    let browser = app.browser();
    let page = Page::of(browser.get("/forgot-password").await);
    browser.submit(&page, &[("username", ALICE)]).await;
    assert_eq!(app.rows("outbox").await, 1);
    let Some(backup) = app.back_up().await else { return };

    assert_eq!(code.redeem(&app).await.status, 200);
    assert_eq!(app.revoke(WEB, &refresh).await.status, 200);
    assert_eq!(app.revoke(M2M, &own).await.status, 200);
    disable_alice(&app).await;
    let since = own_token(&app).await;

    let restored = app.restored(&backup, false).await;
    code.redeem(&restored).await.assert_error(400, "invalid_grant");
    restored.refresh(WEB, &refresh).await.assert_error(400, "invalid_grant");
    restored.refresh(SPA, &other).await.assert_error(400, "invalid_grant");
    for token in [&access, &own, &since] {
        assert!(!is_active(&restored, token).await, "{token}");
    }
    assert_eq!(
        restored.rows("credentials").await,
        app.rows("credentials").await - 1,
        "recovery codes are over"
    );
    assert_eq!(restored.rows("outbox").await, 0, "what waited was sent since");
    assert_eq!(restored.get(&link, &[]).await.status, 400, "it may have been used since");
    let tenant = TenantId::from(T1);
    // What was allowed may have been taken back since, so it is asked for anew; and nothing that hung on it is told as alive.
    let alice = user_id(ALICE).as_str().into();
    assert!(restored.store.consents_of_user(&tenant, &alice, None, 9).await.unwrap().is_empty());
    assert!(restored.store.grants_of_user(&tenant, &alice, None, 9).await.unwrap().is_empty());
    let sessions = restored.store.sessions_of(&tenant, &user_id(ALICE).as_str().into()).await.unwrap();
    assert!(sessions.is_empty(), "{sessions:?}");
    // Configuration is as it was then: she is not disabled any more.
    works(&restored).await;
    let raised: Vec<_> = restored.events().await;
    assert!(raised.iter().any(|event| event.kind.as_str() == "epoch.raised"));
}

#[tokio::test]
async fn who_asks_for_it_gets_grants_back_as_they_were() {
    let app = TestApp::new().await;
    let scope = [("scope", "openid rs1:read offline_access")];
    let refresh = app.tokens(WEB, &scope).await.text("refresh_token");
    let own = own_token(&app).await;
    let Some(backup) = app.back_up().await else { return };
    assert_eq!(app.revoke(WEB, &refresh).await.status, 200);
    app.refresh(WEB, &refresh).await.assert_error(400, "invalid_grant");

    let restored = app.restored(&backup, true).await;
    assert_eq!(restored.refresh(WEB, &refresh).await.status, 200);
    assert!(is_active(&restored, &own).await);
}

#[tokio::test]
async fn a_database_that_other_means_brought_back_is_taken_once_its_epoch_is_raised() {
    let app = TestApp::new().await;
    let scope = [("scope", "openid rs1:read offline_access")];
    let tokens = app.tokens(WEB, &scope).await;
    let own = own_token(&app).await;
    let code = app.code(WEB, &scope).await;
    let raised = app.raised().await;
    code.redeem(&raised).await.assert_error(400, "invalid_grant");
    raised.refresh(WEB, &tokens.text("refresh_token")).await.assert_error(400, "invalid_grant");
    for token in [&tokens.text("access_token"), &own] {
        assert!(!is_active(&raised, token).await, "{token}");
    }
    works(&raised).await;
}
