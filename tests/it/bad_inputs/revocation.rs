//! Bad inputs: revocation (RFC 7009).

use doorward_tests::{EVIL, M2M, RS1, RS2, Reply, SPA, SPA2, WEB, basic, secret_of};

use super::steps::{OFFLINE, is_active};
use super::{Case, json, rows, status};

rows![
    shared rv_001, shared rv_002, shared rv_003, fresh rv_004, shared rv_005, shared rv_006, fresh rv_007,
    shared rv_009,
];

async fn machine_token(case: &Case, scope: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reply = case.app.token_as(M2M, &form).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.text("access_token")
}

async fn revoke(case: &Case, client: &str, form: &[(&str, &str)]) -> Reply {
    let form: Vec<(String, String)> =
        form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    case.app.form_as("/revoke", client, &form).await
}

/// Somebody else's token: a proven client is told, a public one learns nothing; nothing ends.
async fn rv_001(case: &Case) {
    for owner in [WEB, SPA] {
        let tokens = case.app.tokens(owner, &OFFLINE).await;
        for token in [tokens.text("access_token"), tokens.text("refresh_token")] {
            foreign(case, &token).await;
        }
        assert!(is_active(case, RS1, &tokens.text("access_token")).await);
        assert_eq!(case.app.userinfo(&tokens.text("access_token")).await.status, 200);
        assert_eq!(case.app.refresh(owner, &tokens.text("refresh_token")).await.status, 200);
    }
    for (scope, server) in [("rs1:read", RS1), ("rs2:read", RS2)] {
        let token = machine_token(case, scope).await;
        foreign(case, &token).await;
        // Nor may a resource server end what it may look at.
        case.expect(json(400, "invalid_request").event("revoke.foreign"), case.app.revoke(server, &token))
            .await;
        assert!(is_active(case, server, &token).await);
    }
}

async fn foreign(case: &Case, token: &str) {
    case.expect(json(400, "invalid_request").event("revoke.foreign"), case.app.revoke(EVIL, token)).await;
    case.expect(status(200).event("revoke.foreign"), case.app.revoke(SPA2, token)).await;
}

/// What was never issued, has expired, or belongs elsewhere is gone already (section 2.2).
async fn rv_002(case: &Case) {
    let tokens = case.app.tokens(WEB, &OFFLINE).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let forged = format!("{}AAAA", &access[..access.len() - 4]);
    let cut = &refresh[..refresh.len() - 1];
    let flipped = format!("{cut}{}", if refresh.ends_with('0') { '1' } else { '0' });
    let long = "x".repeat(8000);
    let unknown = [
        "x",
        "dwr_",
        "dwr_0",
        ".",
        "..",
        "a.b.c",
        "\u{1F600}",
        "null",
        forged.as_str(),
        cut,
        flipped.as_str(),
        "00000000-0000-0000-0000-000000000000",
        long.as_str(),
    ];
    for client in [WEB, SPA] {
        for token in unknown {
            let reply = case.expect(status(200), case.app.revoke(client, token)).await;
            assert_eq!(reply.body, "{}");
        }
    }
    case.expect(json(400, "invalid_request"), revoke(case, WEB, &[("token", "")])).await;
    case.expect(json(400, "invalid_request"), revoke(case, WEB, &[])).await;
    assert!(is_active(case, RS1, &access).await);
    // Twice is as good as once.
    case.expect(status(200), case.app.revoke(WEB, &refresh)).await;
    case.expect(status(200), case.app.revoke(WEB, &refresh)).await;
    case.expect(status(200), case.app.revoke(WEB, &access)).await;
    // Another tenant's issuer does not know it; and a token that has expired is none.
    let tokens = case.app.tokens(WEB, &OFFLINE).await;
    let access = tokens.text("access_token");
    let headers = [("authorization", basic(WEB, &secret_of(WEB)))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    case.expect(status(200), case.app.post_form("/t/t2/revoke", &[("token", &access)], &headers)).await;
    assert!(is_active(case, RS1, &access).await);
    case.app.advance_s(601);
    let old = machine_token(case, "rs1:read").await;
    case.app.advance_s(601);
    case.expect(status(200), case.app.revoke(M2M, &old)).await;
}

/// A confidential client that does not prove itself ends nothing.
async fn rv_003(case: &Case) {
    let tokens = case.app.tokens(WEB, &OFFLINE).await;
    let token = tokens.text("refresh_token");
    let token = ("token", token.as_str());
    let wrong = secret_of(EVIL);
    let forms: [&[(&str, &str)]; 5] = [
        &[token],
        &[token, ("client_id", WEB)],
        &[token, ("client_id", WEB), ("client_secret", &wrong)],
        &[token, ("client_id", "nobody"), ("client_secret", &wrong)],
        &[token, ("client_id", SPA), ("client_secret", &wrong)],
    ];
    for form in forms {
        let reply = case.expect(json(401, "invalid_client"), case.app.post_form("/revoke", form, &[])).await;
        assert_eq!(reply.header("www-authenticate"), None);
    }
    for (client, secret) in [(WEB, wrong.as_str()), (WEB, ""), ("nobody", wrong.as_str()), ("", "")] {
        let header = basic(client, secret);
        let headers = [("authorization", header.as_str())];
        let reply =
            case.expect(json(401, "invalid_client"), case.app.post_form("/revoke", &[token], &headers)).await;
        assert!(reply.header("www-authenticate").is_some_and(|value| value.starts_with("Basic ")));
    }
    let bearer = format!("Bearer {}", tokens.text("access_token"));
    let headers = [("authorization", bearer.as_str())];
    case.expect(json(401, "invalid_client"), case.app.post_form("/revoke", &[token], &headers)).await;
    assert_eq!(case.app.refresh(WEB, token.1).await.status, 200);
}

/// Storage that cannot write: 503, and never 200 (CVE-2020-15223).
async fn rv_004(case: &Case) {
    let tokens = case.app.tokens(WEB, &OFFLINE).await;
    let machine = machine_token(case, "rs1:read").await;
    case.flush().await;
    case.app.fail_writes(true).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    for (client, token) in [(WEB, &access), (WEB, &refresh), (M2M, &machine)] {
        let reply = case.app.revoke(client, token).await;
        reply.assert_error(503, "temporarily_unavailable");
        assert!(reply.header("retry-after").is_some_and(|value| value.parse::<u32>().is_ok()));
    }
    case.app.fail_writes(false).await;
    assert!(is_active(case, RS1, &access).await);
    assert_eq!(case.app.revoke(WEB, &refresh).await.status, 200);
    assert_eq!(case.app.revoke(M2M, &machine).await.status, 200);
    assert!(!is_active(case, RS1, &access).await && !is_active(case, RS1, &machine).await);
}

/// A refresh token takes its family with it, whichever generation is given back; and so does an access token.
async fn rv_005(case: &Case) {
    for client in [WEB, SPA] {
        for given_back in 0..4 {
            let first = case.app.tokens(client, &OFFLINE).await;
            let second = case.app.refresh(client, &first.text("refresh_token")).await;
            let all =
                [&first, &second].map(|reply| (reply.text("access_token"), reply.text("refresh_token")));
            let token = match given_back {
                0 => &all[0].0,
                1 => &all[0].1,
                2 => &all[1].0,
                _ => &all[1].1,
            };
            case.expect(status(200), case.app.revoke(client, token)).await;
            for (access, refresh) in &all {
                assert!(!is_active(case, RS1, access).await);
                assert_eq!(case.app.userinfo(access).await.status, 401);
                case.app.refresh(client, refresh).await.assert_error(400, "invalid_grant");
            }
        }
    }
    // Another grant of the same person at the same client lives on.
    let one = case.app.tokens(WEB, &OFFLINE).await;
    let two = case.app.tokens(WEB, &OFFLINE).await;
    case.app.revoke(WEB, &one.text("refresh_token")).await;
    assert_eq!(case.app.refresh(WEB, &two.text("refresh_token")).await.status, 200);
}

/// A JWT without a grant leaves a row with its `jti` for as long as it could live.
async fn rv_006(case: &Case) {
    let token = machine_token(case, "rs1:read").await;
    assert!(is_active(case, RS1, &token).await);
    case.expect(status(200).change("tickets", 1), case.app.revoke(M2M, &token)).await;
    assert!(!is_active(case, RS1, &token).await);
    case.expect(status(200), case.app.revoke(M2M, &token)).await;
    let other = machine_token(case, "rs1:read").await;
    assert!(is_active(case, RS1, &other).await, "a token of the same client and second is another one");
    case.app.advance_s(599);
    assert!(!is_active(case, RS1, &token).await);
    case.app.advance_s(1);
    assert!(!is_active(case, RS1, &token).await);
    // An opaque one ends where it stands.
    let opaque = machine_token(case, "rs2:read").await;
    case.expect(status(200), case.app.revoke(M2M, &opaque)).await;
    assert!(!is_active(case, RS2, &opaque).await);
}

/// What was answered 200 is on the disk: a server that starts on what is there now knows it.
async fn rv_007(case: &Case) {
    let tokens = case.app.tokens(WEB, &OFFLINE).await;
    let machine = machine_token(case, "rs1:read").await;
    let kept = case.app.tokens(WEB, &OFFLINE).await;
    assert_eq!(case.app.revoke(WEB, &tokens.text("refresh_token")).await.status, 200);
    assert_eq!(case.app.revoke(M2M, &machine).await.status, 200);
    let killed = Case::new(case.app.killed().await).await;
    for token in [&tokens.text("access_token"), &machine] {
        assert!(!is_active(&killed, RS1, token).await);
    }
    killed.app.refresh(WEB, &tokens.text("refresh_token")).await.assert_error(400, "invalid_grant");
    assert!(is_active(&killed, RS1, &kept.text("access_token")).await);
}

/// A hint helps to search; a wrong one hinders nothing.
async fn rv_009(case: &Case) {
    for hint in
        ["banana", "refresh_token", "access_token", "id_token", "", "\u{e9}", "access_token refresh_token"]
    {
        for name in ["access_token", "refresh_token"] {
            let tokens = case.app.tokens(WEB, &OFFLINE).await;
            let token = tokens.text(name);
            let form = [("token", token.as_str()), ("token_type_hint", hint)];
            case.expect(status(200), revoke(case, WEB, &form)).await;
            assert!(!is_active(case, RS1, &tokens.text("access_token")).await, "{hint} {name}");
        }
    }
    let twice = [("token", "x"), ("token_type_hint", "a"), ("token_type_hint", "b")];
    case.expect(json(400, "invalid_request"), revoke(case, WEB, &twice)).await;
    case.expect(json(400, "invalid_request"), revoke(case, WEB, &[("token", "x"), ("token", "y")])).await;
}
