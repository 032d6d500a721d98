//! Bad inputs: PKCE (RFC 7636; RFC 9700, sections 2.1.1 and 4.8).

use doorward_tests::{ALICE, Browser, Code, EVIL, Reply, SPA, VERIFIER, WEB, challenge};

use super::{Case, json, redirect, rows};

rows![
    shared pk_001, shared pk_002, shared pk_003, shared pk_004, shared pk_005, shared pk_006, shared pk_007, shared pk_008,
    shared pk_009, shared pk_010, shared pk_012, shared pk_015, shared pk_016, shared pk_019,
];

async fn signed_in(case: &Case) -> Browser<'_> {
    let browser = case.app.browser();
    browser.sign_in(ALICE).await;
    browser
}

/// Every request of SPA with these parameters is refused, to its redirect URI.
async fn refused(case: &Case, reason: &'static str, requests: &[[(&str, &str); 2]]) {
    let browser = signed_in(case).await;
    for extra in requests {
        let expected = redirect("invalid_request").to("https://spa.example/cb").event(reason);
        case.expect(expected, browser.authorize(SPA, extra)).await;
    }
}

fn both<'a>(challenge: &'a str, method: &'a str) -> [(&'a str, &'a str); 2] {
    [("code_challenge", challenge), ("code_challenge_method", method)]
}

/// Redeem with another verifier; none when empty.
async fn redeem(case: &Case, code: &Code, verifier: &str) -> Reply {
    let verifier = Some(verifier.to_owned()).filter(|verifier| !verifier.is_empty());
    Code { verifier, ..code.clone() }.redeem(&case.app).await
}

async fn pk_001(case: &Case) {
    refused(case, "authz.pkce_missing", &[both("", "")]).await;
}

async fn pk_002(case: &Case) {
    refused(case, "authz.pkce_malformed", &[both(VERIFIER, "plain"), both(&challenge(VERIFIER), "plain")])
        .await;
}

async fn pk_003(case: &Case) {
    refused(case, "authz.pkce_malformed", &[both(VERIFIER, ""), both(&challenge(VERIFIER), "")]).await;
}

async fn pk_004(case: &Case) {
    let challenge = challenge(VERIFIER);
    let methods = ["S512", "s256", "S256 ", " S256", "S256\n", "S256,plain", "S\u{ff12}56"];
    refused(case, "authz.pkce_malformed", &methods.map(|method| both(&challenge, method))).await;
}

async fn pk_005(case: &Case) {
    let lengths = [1, 42, 44, 64, 128, 129, 4096];
    for challenge in lengths.map(|length| "a".repeat(length)) {
        refused(case, "authz.pkce_malformed", &[both(&challenge, "S256")]).await;
    }
}

async fn pk_006(case: &Case) {
    let good = challenge(VERIFIER);
    for odd in ["=", "+", "/", "%", "\u{e9}", ".", "~"] {
        let replaced = format!("{}{odd}", &good[..42]);
        let appended = format!("{good}{odd}");
        refused(case, "authz.pkce_malformed", &[both(&replaced, "S256"), both(&appended, "S256")]).await;
    }
}

async fn pk_007(case: &Case) {
    let browser = signed_in(case).await;
    let request = doorward_tests::authorize_target(SPA, &both("", "S256"));
    let expected = redirect("invalid_request").to("https://spa.example/cb").event("authz.pkce_missing");
    case.expect(expected, browser.get(&format!("{request}&code_challenge="))).await;
}

async fn pk_008(case: &Case) {
    refused(case, "authz.pkce_missing", &[both("", "S256"), both("", "plain")]).await;
}

/// The `plain` client of the fixtures may leave PKCE out, as its registration says: its code is one without, and stays so.
async fn pk_009(case: &Case) {
    let browser = signed_in(case).await;
    let without = [("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "")];
    let code = browser.code("plain", &without).await;
    let expected = json(400, "invalid_grant").event("pkce.downgrade");
    case.expect(expected, redeem(case, &code, VERIFIER)).await;
    assert_eq!(redeem(case, &code, "").await.status, 200);
    // Where the registration does not say so, it is not so.
    case.expect(redirect("invalid_request").event("authz.pkce_missing"), browser.authorize(WEB, &without))
        .await;
}

async fn pk_010(case: &Case) {
    for client in [SPA, WEB] {
        let code = case.app.code(client, &[]).await;
        let expected = json(400, "invalid_grant").event("pkce.missing_verifier");
        case.expect(expected.clone(), redeem(case, &code, "")).await;
        let mut form = code.form();
        form.last_mut().expect("the verifier is last").1.clear();
        case.expect(expected, case.app.token_as(client, &form)).await;
        assert_eq!(
            code.redeem(&case.app).await.status,
            200,
            "the code is not spent by a request without its verifier"
        );
    }
}

async fn pk_012(case: &Case) {
    let wrong = || json(400, "invalid_grant").event("pkce.wrong_verifier");
    for client in [SPA, WEB] {
        // Four wrong ones are forgiven.
        let code = case.app.code(client, &[]).await;
        let swapped = VERIFIER.replacen('d', "e", 1);
        let short = &VERIFIER[..42];
        let bad = ["a".repeat(129), format!("{VERIFIER}="), swapped.clone(), short.to_owned()];
        for verifier in &bad {
            case.expect(wrong(), redeem(case, &code, verifier)).await;
        }
        assert_eq!(code.redeem(&case.app).await.status, 200);
        // The fifth burns the code.
        let code = case.app.code(client, &[]).await;
        for _ in 0..5 {
            case.expect(wrong(), redeem(case, &code, &swapped)).await;
        }
        case.expect(json(400, "invalid_grant").event("code.burnt"), code.redeem(&case.app)).await;
    }
}

async fn pk_015(case: &Case) {
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = case.app.code("plain", &without).await;
    for verifier in [VERIFIER, "short"] {
        let expected = json(400, "invalid_grant").event("pkce.downgrade");
        case.expect(expected, redeem(case, &code, verifier)).await;
    }
}

async fn pk_016(case: &Case) {
    let other = "another-verifier-another-verifier-another-verifier";
    let theirs = challenge(other);
    for client in [SPA, WEB, EVIL] {
        let browser = signed_in(case).await;
        let a = browser.code(client, &[]).await;
        let b = browser.code(client, &both(&theirs, "S256")).await;
        for (code, verifier) in [(&b, VERIFIER), (&a, other)] {
            let expected = json(400, "invalid_grant").event("pkce.wrong_verifier");
            case.expect(expected, redeem(case, code, verifier)).await;
        }
        assert_eq!(redeem(case, &b, other).await.status, 200);
    }
}

/// Equal work by construction: what is compared are digests, by the one function that does not stop at a difference; and what
/// a verifier leaves behind is the same wherever it differs.
async fn pk_019(case: &Case) {
    let source = include_str!("../../../crates/core/src/grant/authorization_code.rs");
    let compares = source.split("fn verifier_fits").nth(1).and_then(|rest| rest.split("\nfn ").next());
    assert!(compares.expect("the function is there").contains("digest::constant_time_eq(hash"));
    let nearly = VERIFIER[..42].to_owned() + "l";
    let random = "Q2VydGFpbmx5X25vdF90aGVfdmVyaWZpZXJfb2ZfaXQ";
    let mut left = Vec::new();
    for verifier in [nearly.as_str(), random] {
        let code = case.app.code(SPA, &[]).await;
        case.new_events().await;
        let reply = redeem(case, &code, verifier).await;
        let events = case.new_events().await;
        // Events of one millisecond have no order among them.
        let mut kinds: Vec<_> =
            events.iter().map(|event| (event.kind.as_str(), event.reason.clone())).collect();
        kinds.sort();
        left.push((reply.status, reply.body, kinds));
    }
    assert_eq!(left[0], left[1]);
}
