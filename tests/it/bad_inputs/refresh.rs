//! Bad inputs: refresh tokens (RFC 6749, section 6; RFC 9700, section 4.14).

use doorward_core::Effect;
use doorward_core::id::{TenantId, UserId};
use doorward_core::model::Actor;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::verify::Unverified;
use doorward_tests::{ALICE, BOB, EVIL, MALLORY, PASSWORD, RS1, Reply, SPA, SPA2, T1, WEB, claims, user_id};
use serde_json::json as value;

use super::compat_dialects::magics;
use super::race::{Racer, race};
use super::steps::{OFFLINE, apply_to, form, is_active, put, signed_in, tokens};
use super::{Case, json, rows, status};
use crate::reference::magic;

rows![
    shared rf_003, shared rf_004, shared rf_005, shared rf_007, shared rf_008, shared rf_009, shared rf_010, fresh rf_011,
    shared rf_013, fresh rf_014, fresh rf_015, shared rf_016, fresh rf_017, shared rf_018, shared rf_019, fresh rf_020,
    fresh rf_021, shared rf_022, fresh rf_023,
];

/// A client that had more time at Magic's contract and has it no longer: from the next refresh on.
async fn rf_023(case: &Case) {
    let at = magics(case).await;
    let browser = at.signed_in(ALICE).await;
    let lives = |reply: &Reply| {
        let said = claims(&reply.text("id_token"));
        said["exp"].as_i64().zip(said["iat"].as_i64()).map(|(exp, iat)| exp - iat)
    };
    case.app.change_client(magic::APP, magic::permanent).await;
    let code = magic::code(&at, &browser).await;
    let first = magic::token(&at, magic::SECRET, &magic::for_code(&code)).await;
    assert_eq!(lives(&first), Some(60 * 86_400), "{}", first.body);
    case.app.change_client(magic::APP, |client| client.lifetimes.id_token_s = 900).await;
    let refresh = magic::for_refresh(&first.text("refresh_token"));
    let second = magic::token(&at, magic::SECRET, &refresh).await;
    assert_eq!(lives(&second), Some(900), "{}", second.body);
    case.app.advance_s(900);
    for token in [&first, &second].map(|reply| reply.text("id_token")) {
        let asked = magic::with_token(&at, "GET", magic::GUARD, "Token", &token);
        case.expect(status(401).event("bearer.expired"), asked).await;
    }
}

/// A live refresh token of that client, offline.
async fn token(case: &Case, client: &str) -> String {
    case.app.tokens(client, &OFFLINE).await.text("refresh_token")
}

/// What refreshing gives.
async fn next(case: &Case, client: &str, token: &str) -> Reply {
    let reply = case.app.refresh(client, token).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

/// A refresh with further parameters.
async fn ask(case: &Case, client: &str, token: &str, more: &[(&str, &str)]) -> Reply {
    let form = [&[("grant_type", "refresh_token"), ("refresh_token", token)][..], more].concat();
    let form: Vec<(String, String)> =
        form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    case.app.token_as(client, &form).await
}

/// That this token is refused for that reason.
async fn refuse(case: &Case, client: &str, token: &str, reason: &'static str) {
    case.expect(json(400, "invalid_grant").event(reason), case.app.refresh(client, token)).await;
}

async fn rf_003(case: &Case) {
    for client in [SPA, WEB] {
        let first = token(case, client).await;
        let lost = next(case, client, &first).await.text("refresh_token");
        for wait_s in [0, 1, 9] {
            case.app.advance_s(wait_s);
            let again = next(case, client, &first).await;
            assert_eq!(again.text("refresh_token"), lost, "the same successor");
        }
        let third = next(case, client, &lost).await.text("refresh_token");
        assert_ne!(third, lost);
        next(case, client, &third).await;
    }
    // Fifty at once are one rotation and its retries: one successor.
    for (client, is_public) in [(SPA, true), (WEB, false)] {
        let first = token(case, client).await;
        let racer = Racer::of(
            "/token",
            client,
            is_public,
            &[("grant_type", "refresh_token"), ("refresh_token", &first)],
        );
        let replies = race(case, 50, &racer).await;
        let mut successors: Vec<String> = replies.iter().map(|reply| reply.text("refresh_token")).collect();
        successors.sort();
        successors.dedup();
        assert_eq!(successors.len(), 1, "{client}");
        next(case, client, &successors[0]).await;
    }
    // A client that proves who it is may have lost the answer for long; one that does not may not.
    let first = token(case, WEB).await;
    let lost = next(case, WEB, &first).await.text("refresh_token");
    case.app.advance_s(86_400);
    assert_eq!(next(case, WEB, &first).await.text("refresh_token"), lost);
    let first = token(case, SPA).await;
    next(case, SPA, &first).await;
    case.app.advance_s(31);
    refuse(case, SPA, &first, "refresh.replayed").await;
}

async fn rf_004(case: &Case) {
    for client in [SPA, WEB] {
        let first = token(case, client).await;
        let second = next(case, client, &first).await.text("refresh_token");
        let third = next(case, client, &second).await;
        // A late duplicate is refused and recorded; the family lives.
        for wait_s in [0, 5, 5] {
            case.app.advance_s(wait_s);
            refuse(case, client, &first, "refresh.duplicate").await;
        }
        assert!(is_active(case, RS1, &third.text("access_token")).await);
        let fourth = next(case, client, &third.text("refresh_token")).await;
        // Later, or further back, it is a replay: everything ends.
        case.app.advance_s(11);
        refuse(case, client, &first, "refresh.replayed").await;
        for access in [third.text("access_token"), fourth.text("access_token")] {
            assert!(!is_active(case, RS1, &access).await);
            assert_eq!(case.app.userinfo(&access).await.status, 401);
        }
        for token in [&first, &second, &third.text("refresh_token"), &fourth.text("refresh_token")] {
            refuse(case, client, token, "grant.ended").await;
        }
    }
}

async fn rf_005(case: &Case) {
    let theirs = token(case, WEB).await;
    let public = token(case, SPA).await;
    for thief in [EVIL, "plain", SPA2] {
        for stolen in [&theirs, &public] {
            refuse(case, thief, stolen, "refresh.wrong_client").await;
        }
    }
    // Nor does a spent one in a stranger's hand end anything.
    let newest = next(case, WEB, &theirs).await.text("refresh_token");
    let after = next(case, WEB, &newest).await.text("refresh_token");
    case.app.advance_s(60);
    refuse(case, EVIL, &theirs, "refresh.wrong_client").await;
    next(case, WEB, &after).await;
    next(case, SPA, &public).await;
}

async fn rf_007(case: &Case) {
    let first = token(case, WEB).await;
    for scope in [
        "openid profile offline_access rs1:read rs1:write",
        "rs1:write",
        "email",
        "admin",
        "rs1:read nonsense",
        "RS1:READ",
    ] {
        let expected = json(400, "invalid_scope").event("scope.widened");
        case.expect(expected, ask(case, WEB, &first, &[("scope", scope)])).await;
    }
    for scope in ["rs1:read \"x", "a\\b", "\u{e9}", "\u{1}"] {
        let expected = json(400, "invalid_scope").event("scope.malformed");
        case.expect(expected, ask(case, WEB, &first, &[("scope", scope)])).await;
    }
    // Nothing was used up; less may be asked for, and that does not narrow the grant.
    let less = ask(case, WEB, &first, &[("scope", "rs1:read")]).await;
    assert_eq!(less.text("scope"), "rs1:read");
    let all = next(case, WEB, &less.text("refresh_token")).await;
    assert_eq!(all.text("scope"), "openid profile offline_access rs1:read");
}

async fn rf_008(case: &Case) {
    let first = token(case, WEB).await;
    for (resource, reason) in [
        ("https://rs2.example", "resource.not_allowed"),
        ("https://evil.example", "resource.not_allowed"),
        ("https://rs1.example/x", "resource.not_allowed"),
        ("https://rs1.example#x", "resource.malformed"),
        ("/rs1", "resource.malformed"),
        ("javascript:alert(1)", "resource.not_allowed"),
    ] {
        let expected = json(400, "invalid_target");
        let reply = case.expect(expected, ask(case, WEB, &first, &[("resource", resource)])).await;
        assert!(reply.body.contains("resource"), "{reason}: {}", reply.body);
    }
    // One that is right beside one that is not.
    let both = [("resource", "https://rs1.example"), ("resource", "https://rs2.example")];
    case.expect(json(400, "invalid_target").event("resource.not_allowed"), ask(case, WEB, &first, &both))
        .await;
    let right = ask(case, WEB, &first, &[("resource", "https://rs1.example")]).await;
    assert_eq!(right.status, 200, "{}", right.body);
}

async fn rf_009(case: &Case) {
    for client in [SPA, WEB] {
        let first = token(case, client).await;
        case.app.advance_s(30 * 86_400 - 1);
        let second = next(case, client, &first).await.text("refresh_token");
        case.app.advance_s(30 * 86_400);
        refuse(case, client, &second, "grant.expired").await;
        refuse(case, client, &first, "grant.expired").await;
    }
}

async fn rf_010(case: &Case) {
    for client in [SPA, WEB] {
        let mut newest = token(case, client).await;
        let mut days = 0;
        while days + 20 < 180 {
            case.app.advance_s(20 * 86_400);
            days += 20;
            newest = next(case, client, &newest).await.text("refresh_token");
        }
        case.app.advance_s(20 * 86_400 - 1);
        newest = next(case, client, &newest).await.text("refresh_token");
        case.app.advance_s(1);
        refuse(case, client, &newest, "grant.expired").await;
        // What was issued at the last moment does not outlive it by more than its own life.
        case.app.advance_s(220 * 86_400);
        refuse(case, client, &newest, "grant.expired").await;
    }
}

async fn rf_011(case: &Case) {
    let app = &case.app;
    for (field, reason) in [("disabled", "token.user_disabled"), ("locked", "token.user_locked")] {
        for scope in [OFFLINE[0], ("scope", "openid rs1:read")] {
            let browser = signed_in(case, BOB).await;
            let theirs = tokens(case, &browser, WEB, &[scope]).await.text("refresh_token");
            apply_to(app, "users", BOB, |user| user[field] = true.into()).await.expect("it can be applied");
            refuse(case, WEB, &theirs, reason).await;
            app.advance_s(1);
            apply_to(app, "users", BOB, |user| user[field] = false.into()).await.expect("it can be applied");
            if field == "disabled" {
                refuse(case, WEB, &theirs, "token.before_valid_from").await;
            }
        }
    }
    let theirs = tokens(case, &signed_in(case, MALLORY).await, WEB, &OFFLINE).await.text("refresh_token");
    let (tenant, id) = (TenantId::from(T1), UserId(user_id(MALLORY)));
    let found = app.store.user(&tenant, &id).await.expect("a person can be read").expect("there is one");
    put(app, vec![Effect::RemoveUser(tenant, id, found.user.version)]).await;
    case.expect(json(400, "invalid_grant"), app.refresh(WEB, &theirs)).await;
    assert_eq!(app.introspect(WEB, &theirs).await.body, "{\"active\":false}");
}

async fn rf_013(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let theirs = tokens(case, &browser, WEB, &OFFLINE).await;
    let other = tokens(case, &browser, SPA, &OFFLINE).await;
    let applications = case
        .app
        .store
        .applications_of(&TenantId::from(T1), &UserId(user_id(ALICE)))
        .await
        .expect("consents can be read");
    let consent = applications
        .iter()
        .find(|row| row.consent.client.as_str() == WEB && row.consent.ended_at.is_none())
        .expect("there is one");
    let mut page = form(browser.get("/account").await, "/account/applications");
    page.hidden.retain(|(name, _)| name != "application");
    let id = consent.consent.id.to_string();
    let reply = browser.submit(&page, &[("application", &id)]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    refuse(case, WEB, &theirs.text("refresh_token"), "consent.ended").await;
    assert!(!is_active(case, RS1, &theirs.text("access_token")).await);
    next(case, SPA, &other.text("refresh_token")).await;
    // Allowed anew, what was ended stays so.
    let anew = tokens(case, &browser, WEB, &OFFLINE).await.text("refresh_token");
    refuse(case, WEB, &theirs.text("refresh_token"), "consent.ended").await;
    next(case, WEB, &anew).await;
}

async fn rf_014(case: &Case) {
    for client in [WEB, SPA] {
        let browser = signed_in(case, ALICE).await;
        let theirs = tokens(case, &browser, client, &OFFLINE).await.text("refresh_token");
        let change = |scopes: &'static str| {
            apply_to(&case.app, "clients", client, move |client| client["scopes"] = scopes.into())
        };
        // Another scope: the grant narrows (decision 0009).
        change("openid offline_access rs1:read").await.expect("it can be applied");
        let narrowed = next(case, client, &theirs).await;
        assert_eq!(narrowed.text("scope"), "openid offline_access rs1:read");
        // Its ground: refused, and not to be had by asking for less.
        let theirs = narrowed.text("refresh_token");
        change("openid profile rs1:read").await.expect("it can be applied");
        refuse(case, client, &theirs, "refresh.scope_withdrawn").await;
        let expected = json(400, "invalid_grant").event("refresh.scope_withdrawn");
        case.expect(expected, ask(case, client, &theirs, &[("scope", "rs1:read")])).await;
    }
}

async fn rf_015(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let elsewhere = signed_in(case, ALICE).await;
    let mut theirs = Vec::new();
    for browser in [&browser, &elsewhere] {
        for scope in [OFFLINE[0], ("scope", "openid rs1:read")] {
            theirs.push(tokens(case, browser, WEB, &[scope]).await);
        }
    }
    case.app.advance_s(1);
    let page = form(browser.get("/account").await, "/account/password");
    let fields = [
        ("password", PASSWORD),
        ("new_password", "another long password"),
        ("new_password_again", "another long password"),
    ];
    let reply = browser.submit(&page, &fields).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    for tokens in &theirs {
        case.expect(json(400, "invalid_grant"), case.app.refresh(WEB, &tokens.text("refresh_token"))).await;
        assert!(!is_active(case, RS1, &tokens.text("access_token")).await);
    }
    assert_eq!(elsewhere.get("/account").await.status, 303, "the other session is over");
    assert_eq!(browser.get("/account").await.status, 200, "this one is not");
}

async fn rf_016(case: &Case) {
    let online = [("scope", "openid rs1:read")];
    for client in [WEB, SPA] {
        // Signed out.
        let browser = signed_in(case, ALICE).await;
        let theirs = tokens(case, &browser, client, &online).await.text("refresh_token");
        let offline = tokens(case, &browser, client, &OFFLINE).await.text("refresh_token");
        let account = browser.get("/account").await;
        browser.submit(&form(account, "/sign-out"), &[("action", "sign-out")]).await;
        refuse(case, client, &theirs, "session.ended").await;
        next(case, client, &offline).await;
        // Idle; and refreshing is use of it.
        let browser = signed_in(case, ALICE).await;
        let mut theirs = tokens(case, &browser, client, &online).await.text("refresh_token");
        for _ in 0..3 {
            case.app.advance_s(29 * 60);
            theirs = next(case, client, &theirs).await.text("refresh_token");
        }
        case.app.advance_s(30 * 60);
        refuse(case, client, &theirs, "session.expired").await;
    }
}

async fn rf_017(case: &Case) {
    for client in [WEB, SPA] {
        let first = token(case, client).await;
        let change = |field: &'static str, to: serde_json::Value| {
            apply_to(&case.app, "clients", client, move |client| client[field] = to)
        };
        change("disabled", true.into()).await.expect("it can be applied");
        case.expect(json(401, "invalid_client").event("client.disabled"), case.app.refresh(client, &first))
            .await;
        change("disabled", false.into()).await.expect("it can be applied");
        change("grant_types", value!(["authorization_code"])).await.expect("it can be applied");
        let expected = json(400, "unauthorized_client").event("token.grant_type_not_allowed");
        case.expect(expected, case.app.refresh(client, &first)).await;
        change("grant_types", value!(["authorization_code", "refresh_token"]))
            .await
            .expect("it can be applied");
        next(case, client, &first).await;
    }
}

async fn rf_018(case: &Case) {
    let theirs = case.app.tokens(WEB, &OFFLINE).await;
    let code = case.app.code(WEB, &[]).await;
    for other in [theirs.text("access_token"), theirs.text("id_token"), code.code.clone()] {
        refuse(case, WEB, &other, "refresh.unknown").await;
    }
    // The other way round: a refresh token is neither a code nor an access token.
    let refresh = theirs.text("refresh_token");
    let as_code = doorward_tests::Code { code: refresh.clone(), ..code };
    case.expect(json(400, "invalid_grant").event("code.unknown"), as_code.redeem(&case.app)).await;
    assert_eq!(case.app.userinfo(&refresh).await.status, 401);
    next(case, WEB, &refresh).await;
}

async fn rf_019(case: &Case) {
    let first = token(case, WEB).await;
    let other = token(case, SPA).await;
    let mut bad = vec![
        first[..first.len() - 1].to_owned(),
        first[1..].to_owned(),
        format!("{first}0"),
        format!("{first}="),
        format!("{first} "),
        format!("\t{first}"),
        first.to_lowercase(),
        first.to_uppercase(),
        first.replacen("dwr_", "", 1),
        first.replacen("dwr_", "DWR_", 1),
        first.replacen("dwr_", "dwr_dwr_", 1),
        "dwr_".to_owned(),
        format!("dwr_{}", "0".repeat(39)),
        format!("dwr_{}", "z".repeat(39)),
        // The MAC of one under the pair of another.
        format!("{}{}", &first[..24], &other[24..]),
        "x".repeat(8000),
    ];
    // Every single character counts.
    for at in 4..first.len() {
        let changed = if &first[at..=at] == "A" { "B" } else { "A" };
        bad.push(format!("{}{changed}{}", &first[..at], &first[at + 1..]));
    }
    for token in &bad {
        refuse(case, WEB, token, "refresh.unknown").await;
    }
    let missing = [("grant_type".to_owned(), "refresh_token".to_owned())];
    case.expect(
        json(400, "invalid_request").event("request.parameter_missing"),
        case.app.token_as(WEB, &missing),
    )
    .await;
    next(case, WEB, &first).await;
}

async fn rf_020(case: &Case) {
    let app = &case.app;
    let browser = signed_in(case, ALICE).await;
    let mut newest = tokens(case, &browser, WEB, &OFFLINE).await;
    let mut kids = Vec::new();
    let old = newest.clone();
    for _ in 0..2 {
        let jwks = JwkSet::parse(&app.get("/jwks", &[]).await.body).expect("a key set");
        newest = next(case, WEB, &newest.text("refresh_token")).await;
        for name in ["access_token", "id_token"] {
            let token = newest.text(name);
            let unverified = Unverified::parse(&token).expect("a token");
            let kid = unverified.header().kid().expect("a kid").to_owned();
            let key = jwks.keys().iter().find(|key| key.kid() == Some(&kid)).expect("it is published");
            unverified.verify(key.verifying_key()).expect("the key of that name signed it");
            kids.push(kid);
        }
        let tenant = TenantId::from(T1);
        for algorithm in Algorithm::SIGNING {
            doorward_web::keys::rotate(&app.store, &tenant, algorithm, 86_400, &Actor::Server)
                .await
                .expect("keys rotate");
        }
    }
    assert!(kids[0] != kids[2] && kids[1] != kids[3], "the keys did change: {kids:?}");
    // A retired key's tokens live on, and the refresh token of before does too.
    assert!(is_active(case, RS1, &old.text("access_token")).await);
    next(case, WEB, &newest.text("refresh_token")).await;
}

/// A commit that fails: 503, and the same token works afterwards; never none, never two.
async fn rf_021(case: &Case) {
    let app = &case.app;
    for client in [SPA, WEB] {
        let first = token(case, client).await;
        for _ in 0..3 {
            let before = case.rows().await;
            app.fail_writes(true).await;
            let reply = app.refresh(client, &first).await;
            reply.assert_error(503, "temporarily_unavailable");
            assert!(reply.header("retry-after").is_some());
            app.fail_writes(false).await;
            assert_eq!(case.rows().await, before);
        }
        let second = next(case, client, &first).await;
        // Its retry brings the same, and the successor is alone.
        assert_eq!(next(case, client, &first).await.text("refresh_token"), second.text("refresh_token"));
        let third = next(case, client, &second.text("refresh_token")).await;
        refuse(case, client, &first, "refresh.duplicate").await;
        // The same while the successor is what fails.
        app.fail_writes(true).await;
        assert_eq!(app.refresh(client, &third.text("refresh_token")).await.status, 503);
        app.fail_writes(false).await;
        next(case, client, &third.text("refresh_token")).await;
    }
    // A code whose redemption fails is not spent either.
    let code = app.code(WEB, &[]).await;
    app.fail_writes(true).await;
    assert_eq!(code.redeem(app).await.status, 503);
    app.fail_writes(false).await;
    assert_eq!(code.redeem(app).await.status, 200);
}

/// Requests that are given up at any moment: the retry works, and the family lives.
async fn rf_022(case: &Case) {
    for client in [SPA, WEB] {
        let mut newest = token(case, client).await;
        for polls in 0..40 {
            let form = [("grant_type", "refresh_token"), ("refresh_token", newest.as_str())];
            Racer::of("/token", client, client == SPA, &form).given_up(&case.app, polls).await;
            let retried = next(case, client, &newest).await;
            newest = retried.text("refresh_token");
            assert!(is_active(case, RS1, &retried.text("access_token")).await);
        }
    }
}
