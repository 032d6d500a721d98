//! Bad inputs: introspection (RFC 7662).

use doorward_core::Effect;
use doorward_core::id::{TenantId, UserId};
use doorward_tests::{ALICE, BOB, EVIL, M2M, PKJ, RS1, RS2, Reply, SPA, T1, WEB, basic, secret_of, user_id};

use super::steps::{OFFLINE, apply_to, is_active, put, signed_in, tokens};
use super::{Case, json, rows, status};

rows![
    shared in_001, shared in_002, shared in_003, fresh in_006, shared in_007, shared in_008, shared in_010, fresh in_011,
];

/// That the answer says `{"active": false}`, and nothing else.
#[track_caller]
fn assert_inactive(reply: &Reply) {
    assert_eq!((reply.status, reply.body.as_str()), (200, "{\"active\":false}"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

async fn m2m_token(case: &Case, scope: &str) -> String {
    let form =
        [("grant_type".to_owned(), "client_credentials".to_owned()), ("scope".to_owned(), scope.to_owned())];
    case.app.token_as(M2M, &form).await.text("access_token")
}

async fn in_001(case: &Case) {
    let token = case.app.tokens(WEB, &[]).await.text("access_token");
    let form = [("token", token.as_str())];
    case.expect(
        json(401, "invalid_client").event("client.anonymous"),
        case.app.post_form("/introspect", &form, &[]),
    )
    .await;
    // The token is no credential.
    let bearer = format!("Bearer {token}");
    let expected = json(401, "invalid_client").event("client.basic_malformed");
    case.expect(expected, case.app.post_form("/introspect", &form, &[("authorization", &bearer)])).await;
    let expected = json(401, "invalid_client").event("client.secret_wrong");
    let wrong = basic(RS1, "wrong-secret-canary");
    case.expect(expected, case.app.post_form("/introspect", &form, &[("authorization", &wrong)])).await;
    for client in [RS1, WEB, PKJ] {
        let named = [("token", token.as_str()), ("client_id", client)];
        let expected = json(401, "invalid_client").event("client.method");
        case.expect(expected, case.app.post_form("/introspect", &named, &[])).await;
    }
    let right = basic(RS1, &secret_of(RS1));
    let expected = json(400, "invalid_request").event("request.parameter_missing");
    case.expect(expected, case.app.post_form("/introspect", &[], &[("authorization", &right)])).await;
}

async fn in_002(case: &Case) {
    let theirs = case.app.tokens(SPA, &[]).await;
    for token in
        [theirs.text("access_token"), theirs.text("refresh_token"), m2m_token(case, "rs1:read").await]
    {
        case.expect(json(401, "invalid_client").event("introspect.public"), case.app.introspect(SPA, &token))
            .await;
    }
}

async fn in_003(case: &Case) {
    let theirs = case.app.tokens(WEB, &OFFLINE).await;
    for token in [
        theirs.text("access_token"),
        theirs.text("refresh_token"),
        m2m_token(case, "rs1:read").await,
        m2m_token(case, "rs2:read").await,
    ] {
        assert_inactive(
            &case.expect(status(200).event("introspect.foreign"), case.app.introspect(EVIL, &token)).await,
        );
    }
    // An API knows its own tokens and no other's; nor a refresh token.
    let (rs1, rs2) = (m2m_token(case, "rs1:read").await, m2m_token(case, "rs2:read").await);
    for (caller, token) in [(RS2, &rs1), (RS1, &rs2), (RS1, &theirs.text("refresh_token"))] {
        assert_inactive(
            &case.expect(status(200).event("introspect.foreign"), case.app.introspect(caller, token)).await,
        );
    }
    assert!(is_active(case, RS1, &rs1).await && is_active(case, RS2, &rs2).await);
    // Whom a token was issued to may ask for it.
    assert!(is_active(case, WEB, &theirs.text("refresh_token")).await);
    // An ID token is no token here.
    assert_inactive(&case.app.introspect(RS1, &theirs.text("id_token")).await);
    assert_inactive(&case.app.introspect(WEB, &theirs.text("id_token")).await);
}

async fn in_006(case: &Case) {
    let app = &case.app;
    // An API with opaque tokens for WEB beside the one with JWTs, so that both are tried.
    let both = "openid offline_access rs1:read";
    apply_to(app, "clients", WEB, |client| {
        client["apis"] = serde_json::json!(["https://rs1.example", "https://rs2.example"]);
        client["scopes"] = format!("{both} rs2:read").into();
    })
    .await
    .expect("it can be applied");
    let jwt = [("scope", both)];
    let opaque = [("scope", "openid offline_access rs2:read")];
    let kinds = [(RS1, jwt), (RS2, opaque)];
    let online = [(RS1, [("scope", "openid rs1:read")]), (RS2, [("scope", "openid rs2:read")])];
    let dead = async |server: &str, tokens: &Reply| {
        assert_inactive(&app.introspect(server, &tokens.text("access_token")).await);
        assert_inactive(&app.introspect(WEB, &tokens.text("access_token")).await);
        assert_inactive(&app.introspect(WEB, &tokens.text("refresh_token")).await);
    };
    for (server, scope) in kinds {
        let browser = signed_in(case, BOB).await;
        // Rotated: the refresh token that was replaced is dead, what hangs on the grant lives.
        let first = tokens(case, &browser, WEB, &scope).await;
        assert!(is_active(case, server, &first.text("access_token")).await);
        assert!(is_active(case, WEB, &first.text("refresh_token")).await);
        let second = app.refresh(WEB, &first.text("refresh_token")).await;
        assert_inactive(&app.introspect(WEB, &first.text("refresh_token")).await);
        assert!(is_active(case, WEB, &second.text("refresh_token")).await);
        // Revoked.
        assert_eq!(app.revoke(WEB, &second.text("access_token")).await.status, 200);
        dead(server, &first).await;
        dead(server, &second).await;
        // Expired.
        let third = tokens(case, &browser, WEB, &scope).await;
        app.advance_s(600);
        assert_inactive(&app.introspect(server, &third.text("access_token")).await);
        assert!(is_active(case, WEB, &third.text("refresh_token")).await);
        app.advance_s(31 * 86_400);
        dead(server, &third).await;
    }
    for (server, scope) in kinds.into_iter().chain(online) {
        // Disabled, and still dead when enabled again: what was issued before is not valid any more.
        let browser = signed_in(case, BOB).await;
        let theirs = tokens(case, &browser, WEB, &scope).await;
        apply_to(app, "users", BOB, |user| user["disabled"] = true.into()).await.expect("it can be applied");
        dead(server, &theirs).await;
        app.advance_s(1);
        apply_to(app, "users", BOB, |user| user["disabled"] = false.into()).await.expect("it can be applied");
        dead(server, &theirs).await;
        // Locked.
        let browser = signed_in(case, BOB).await;
        let theirs = tokens(case, &browser, WEB, &scope).await;
        apply_to(app, "users", BOB, |user| user["locked"] = true.into()).await.expect("it can be applied");
        dead(server, &theirs).await;
        apply_to(app, "users", BOB, |user| user["locked"] = false.into()).await.expect("it can be applied");
        // The consent taken back.
        let consent = app
            .store
            .applications_of(&TenantId::from(T1), &UserId(user_id(BOB)))
            .await
            .expect("consents can be read")
            .into_iter()
            .find(|row| row.consent.client.as_str() == WEB && row.consent.ended_at.is_none())
            .expect("there is one");
        let id = consent.consent.id;
        put(app, vec![Effect::EndConsent { tenant: TenantId::from(T1), id, now: app.clock.now() }]).await;
        dead(server, &theirs).await;
        // The client switched off: its tokens are dead to its API too.
        let theirs = tokens(case, &browser, WEB, &scope).await;
        apply_to(app, "clients", WEB, |client| client["disabled"] = true.into())
            .await
            .expect("it can be applied");
        assert_inactive(&app.introspect(server, &theirs.text("access_token")).await);
        apply_to(app, "clients", WEB, |client| client["disabled"] = false.into())
            .await
            .expect("it can be applied");
        assert!(is_active(case, server, &theirs.text("access_token")).await);
    }
    // The session ended: what is online ends with it.
    for (server, scope) in online {
        let browser = signed_in(case, ALICE).await;
        let theirs = tokens(case, &browser, WEB, &scope).await;
        let account = browser.get("/account").await;
        browser.submit(&super::steps::form(account, "/sign-out"), &[("action", "sign-out")]).await;
        dead(server, &theirs).await;
    }
    // A client's own token: revoked, expired, its client switched off.
    for (server, scope) in [(RS1, "rs1:read"), (RS2, "rs2:read")] {
        let revoked = m2m_token(case, scope).await;
        assert!(is_active(case, server, &revoked).await);
        assert_eq!(app.revoke(M2M, &revoked).await.status, 200);
        assert_inactive(&app.introspect(server, &revoked).await);
        let off = m2m_token(case, scope).await;
        apply_to(app, "clients", M2M, |client| client["disabled"] = true.into())
            .await
            .expect("it can be applied");
        assert_inactive(&app.introspect(server, &off).await);
        apply_to(app, "clients", M2M, |client| client["disabled"] = false.into())
            .await
            .expect("it can be applied");
        app.advance_s(600);
        assert_inactive(&app.introspect(server, &off).await);
    }
}

async fn in_007(case: &Case) {
    let theirs = case.app.tokens(WEB, &OFFLINE).await;
    let right = basic(WEB, &secret_of(WEB));
    for token in [theirs.text("access_token"), theirs.text("refresh_token")] {
        for hint in ["refresh_token", "access_token", "id_token", "banana", "", "\u{1f34c}"] {
            let form = [("token", token.as_str()), ("token_type_hint", hint)];
            let reply = case.app.post_form("/introspect", &form, &[("authorization", &right)]).await;
            assert_eq!(reply.json()["active"], true, "{hint}: {}", reply.body);
        }
    }
}

async fn in_008(case: &Case) {
    let token = case.app.tokens(WEB, &[]).await.text("access_token");
    let right = basic(RS1, &secret_of(RS1));
    let target = format!("/introspect?token={token}");
    for method in ["GET", "HEAD", "PUT", "OPTIONS"] {
        let headers = [("authorization", right.as_str())];
        let send = case.app.send(method, &target, &headers, "");
        let reply = case.expect(status(405).event("request.method"), send).await;
        assert_eq!(reply.header("allow"), Some("POST"));
        assert!(!reply.body.contains("active"), "{}", reply.body);
    }
    // Nor does the query of a POST count.
    let expected = json(400, "invalid_request").event("request.secret_in_query");
    case.expect(expected, case.app.post_form(&target, &[], &[("authorization", &right)])).await;
}

async fn in_010(case: &Case) {
    let theirs = case.app.tokens(WEB, &OFFLINE).await;
    let tokens = [
        theirs.text("access_token"),
        theirs.text("refresh_token"),
        theirs.text("id_token"),
        m2m_token(case, "rs1:read").await,
        m2m_token(case, "rs2:read").await,
    ];
    // The other tenant has a client of the same name and with the same secret: its tokens are others'.
    for token in &tokens {
        let form = [("token".to_owned(), token.clone())];
        assert_inactive(&case.expect(status(200), case.app.form_as("/t/t2/introspect", WEB, &form)).await);
        // Nor may it end them.
        case.expect(status(200), case.app.form_as("/t/t2/revoke", WEB, &form)).await;
    }
    assert!(is_active(case, RS1, &tokens[0]).await && is_active(case, WEB, &tokens[1]).await);
    // The client itself is known by its tenant only.
    let form = [("token".to_owned(), tokens[0].clone())];
    case.expect(json(401, "invalid_client"), case.app.form_as("/t/t2/introspect", RS1, &form)).await;
    let refresh = [
        ("grant_type".to_owned(), "refresh_token".to_owned()),
        ("refresh_token".to_owned(), tokens[1].clone()),
    ];
    case.expect(json(400, "invalid_grant"), case.app.form_as("/t/t2/token", WEB, &refresh)).await;
}

/// Guesses of an authenticated API are not limited (decision 0011), and are refused before the database is asked where they can be;
/// guesses of a caller who cannot authenticate are.
async fn in_011(case: &Case) {
    let real = m2m_token(case, "rs2:read").await;
    let guess = |n: u32| {
        let digest = doorward_crypto::digest::sha256(&n.to_be_bytes());
        let random = doorward_crypto::base64url::encode(&digest);
        match n % 4 {
            0 => random,
            1 => format!("{}{}", &real[..real.len() - 43], random),
            2 => format!("dwr_{}", doorward_crypto::base62::encode_fixed(&digest[..29], 39)),
            _ => format!(
                "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6InQxLUVTMjU2In0.e30.{random}{random}"
            ),
        }
    };
    for n in 0..2_000 {
        assert_inactive(&case.app.introspect(RS2, &guess(n)).await);
    }
    let read = include_str!("../../../crates/core/src/model/ticket.rs");
    assert!(read.contains("hash: digest::sha256(secret.as_bytes())"), "a token is looked up by its digest");
    let wrong = basic(RS2, "wrong-secret-canary");
    let mut limited = 0;
    for n in 0..200 {
        let reply =
            case.app.post_form("/introspect", &[("token", &guess(n))], &[("authorization", &wrong)]).await;
        limited += u32::from(reply.status == 429);
    }
    assert_eq!(limited, 100);
}
