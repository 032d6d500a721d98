//! An installation that acts for itself, by a secret of its own.

use doorward_core::Effect;
use doorward_core::model::{EventKind, SecretState};
use doorward_tests::extended::{Installed, P1, P2, X1, X2, extension};
use doorward_tests::{ALICE, M2M, T1, TestApp, claims, concurrent};

use super::opened;

const SCOPES: &str = "openid profile rs1:read rs1:write";

#[tokio::test]
async fn an_installation_gets_narrow_short_tokens_of_its_own() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let reply = app.installation_token(&of, &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json().get("refresh_token"), None);
    assert_eq!(reply.json()["expires_in"], 600);
    let said = claims(&reply.text("access_token"));
    assert_eq!((said["sub"].as_str(), said["client_id"].as_str()), (Some(of.id.as_str()), Some(X1)));
    assert_eq!(
        (said["context"].as_str(), said["scope"].as_str()),
        (Some("project/p-1"), Some("rs1:read rs1:write"))
    );
    assert_eq!(said.get("actor_label"), None);
    let narrow =
        app.installation_token(&of, &[("scope", "rs1:read"), ("actor_label", "Carl of support")]).await;
    let said = claims(&narrow.text("access_token"));
    assert_eq!(
        (said["scope"].as_str(), said["actor_label"].as_str()),
        (Some("rs1:read"), Some("Carl of support"))
    );
    let told = app.introspect(X1, &narrow.text("access_token")).await.json();
    assert_eq!(
        (told["active"].as_bool(), told["actor_label"].as_str()),
        (Some(true), Some("Carl of support"))
    );
    let events = app.events().await;
    let issued: Vec<_> = events.iter().filter(|event| event.kind == EventKind::ClientToken).collect();
    assert_eq!(issued.len(), 2);
    assert!(issued.iter().all(|event| event.installation.as_ref() == Some(&of.id)));
    assert_eq!(issued.iter().filter(|event| event.data.contains("Carl of support")).count(), 1);
}

#[tokio::test]
async fn an_extension_gets_nothing_for_itself() {
    let app = TestApp::extended().await;
    for scope in ["rs1:read", "rs1:write", ""] {
        let form = [
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("scope".to_owned(), scope.to_owned()),
        ];
        app.token_as(X1, &form).await.assert_error(400, "unauthorized_client");
    }
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    assert_eq!(app.installation_token(&of, &[]).await.status, 200);
    let form = [("grant_type".to_owned(), "client_credentials".to_owned())];
    app.token_as(X1, &form).await.assert_error(400, "unauthorized_client");
    // Nor where it is opened by no key, but by a sign-in.
    app.change_client(X1, |client| {
        client.grant_types.retain(|name| name != "urn:doorward:grant:retrieval-key");
    })
    .await;
    app.token_as(X1, &form).await.assert_error(400, "unauthorized_client");
}

/// Its client is known already when it becomes an extension's.
#[tokio::test]
async fn what_becomes_an_extension_gets_nothing_for_itself_from_then_on() {
    let app = TestApp::extended().await;
    let form = [("grant_type".to_owned(), "client_credentials".to_owned())];
    assert_eq!(app.token_as(M2M, &form).await.status, 200);
    app.commit(vec![Effect::PutExtension(Box::new(extension(900, M2M)))]).await;
    app.token_as(M2M, &form).await.assert_error(400, "unauthorized_client");
}

#[tokio::test]
async fn it_gets_nothing_more_than_was_consented_to_and_nothing_of_people() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    for scope in ["rs1:write", "rs1:read rs1:write", "openid", "email", "rs2:read"] {
        app.installation_token(&of, &[("scope", scope)]).await.assert_error(400, "invalid_scope");
    }
    app.installation_token(&of, &[("actor_label", "a\u{7}b")]).await.assert_error(400, "invalid_request");
    let token = app.installation_token(&of, &[]).await.text("access_token");
    assert_eq!(claims(&token)["scope"], "rs1:read");
    assert_ne!(app.userinfo(&token).await.status, 200);
    let code = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("redirect_uri", "https://x1.example/callback"),
    ];
    app.post_as_installation(&of, &code).await.assert_error(400, "unauthorized_client");
}

#[tokio::test]
async fn whoever_shows_another_secret_is_nobody() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let other = app.install(X1, (P2, "project/p-2"), SCOPES).await;
    let of_another = app.install(X2, (P1, "project/p-1"), SCOPES).await;
    for secret in [&other.secret, &of_another.secret, "dwx_", "", &doorward_tests::secret_of(X1)] {
        let wrong = Installed { secret: secret.to_owned(), ..of.clone() };
        app.installation_token(&wrong, &[]).await.assert_error(401, "invalid_client");
    }
    let unknown = Installed { id: "ins_nobody".into(), ..of.clone() };
    app.installation_token(&unknown, &[]).await.assert_error(401, "invalid_client");
    assert_eq!(app.recorded("installation.secret_wrong").await, 4);
    let bare = [("grant_type", "client_credentials"), ("client_id", of.id.as_str())];
    app.post_form("/token", &bare, &[]).await.assert_error(401, "invalid_client");
    // What is another installation's of the same extension is not its own.
    let tokens = opened(&app, ALICE, &of).await.exchange(&app, X1).await;
    let refresh = tokens.text("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    app.post_as_installation(&other, &form).await.assert_error(400, "invalid_grant");
    assert_eq!(app.post_as_installation(&of, &form).await.status, 200);
    let form = [("token", refresh.as_str())];
    let authorization = doorward_tests::basic(other.id.as_str(), &other.secret);
    for path in ["/introspect", "/revoke"] {
        let reply = app.post_form(path, &form, &[("authorization", &authorization)]).await;
        reply.assert_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn a_new_secret_works_once_delivered_and_the_old_one_until_its_end() {
    let app = TestApp::extended().await;
    let old = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    assert_eq!(app.installation_token(&old, &[]).await.status, 200);
    app.rotate_secret(&old.id).await;
    let plain = {
        let secrets = app.store.installation_secrets(&T1.into(), &old.id).await.unwrap();
        app.store.undelivered_secret(&T1.into(), &old.id, &secrets[1].id).await.unwrap().unwrap()
    };
    let new = Installed { secret: plain, ..old.clone() };
    app.installation_token(&new, &[]).await.assert_error(401, "invalid_client");
    assert_eq!(app.deliver(&old.id).await, new.secret);
    assert_eq!(app.installation_token(&old, &[]).await.status, 200);
    assert_eq!(app.installation_token(&new, &[]).await.status, 200);
    let states = async || {
        let secrets = app.store.installation_secrets(&T1.into(), &old.id).await.unwrap();
        secrets.into_iter().map(|secret| secret.state).collect::<Vec<_>>()
    };
    assert_eq!(states().await, [SecretState::Retiring, SecretState::Current]);
    assert_eq!(app.installation_token(&old, &[]).await.status, 200);
    let old_uses = app.events().await;
    let old_uses = old_uses.iter().filter(|event| event.kind == EventKind::InstallationSecretOld).count();
    assert_eq!(old_uses, 1);
    app.advance_s(86_400);
    app.installation_token(&old, &[]).await.assert_error(401, "invalid_client");
    assert_eq!(app.installation_token(&new, &[]).await.status, 200);
    assert_eq!(app.recorded("installation.secret_expired").await, 1);
}

/// Who comes when there is no place for another second is told so, and comes again, as clients do: nobody is refused.
#[tokio::test]
async fn a_thousand_requests_at_once_with_one_new_secret_all_succeed() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let nodes = concurrent::nodes(&app).await;
    let (mut left, mut rounds) = (1000, 0);
    while left > 0 {
        let requests = (0..left).map(|_| of.request(&[("grant_type", "client_credentials")])).collect();
        for reply in concurrent::at_once(&nodes, requests).await {
            match reply.status {
                200 => left -= 1,
                503 => {
                    assert!(reply.body.contains("the server is busy"), "{}", reply.body);
                    assert!(reply.header("retry-after").is_some(), "{}", reply.body);
                }
                _ => panic!("refused: {} {}", reply.status, reply.body),
            }
        }
        rounds += 1;
        assert!(rounds < 100, "{left} wait for ever");
    }
    let taken = app.events().await;
    let taken = taken.iter().filter(|event| event.kind == EventKind::InstallationSecretTaken).count();
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn a_thousand_rotations_under_load_refuse_no_valid_call() {
    let app = TestApp::extended().await;
    let mut of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    for round in 0..1000 {
        app.rotate_secret(&of.id).await;
        let before = of.clone();
        let pending = app.installation_token(&before, &[]);
        let (used, secret) = tokio::join!(pending, app.deliver(&of.id));
        assert_eq!(used.status, 200, "round {round}: {}", used.body);
        of.secret = secret;
        // Sometimes the newest is not used before there is a newer one.
        if round % 3 != 0 {
            let (one, other) =
                tokio::join!(app.installation_token(&of, &[]), app.installation_token(&before, &[]));
            assert_eq!((one.status, other.status), (200, 200), "round {round}: {} {}", one.body, other.body);
        }
        if round % 50 == 0 {
            app.advance_s(60);
        }
    }
}

#[tokio::test]
async fn a_secret_that_is_retired_by_call_is_over_at_once() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let secrets = app.store.installation_secrets(&T1.into(), &of.id).await.unwrap();
    app.commit(vec![Effect::RetireInstallationSecret {
        tenant: T1.into(),
        installation: of.id.clone(),
        id: secrets[0].id.clone(),
        expires_at: app.store.now(),
    }])
    .await;
    app.installation_token(&of, &[]).await.assert_error(401, "invalid_client");
}
