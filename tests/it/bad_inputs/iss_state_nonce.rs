//! Bad inputs: what binds an answer to its request (RFC 9207; OpenID Connect Core, section 3.1.2.1).

use doorward_tests::{ALICE, Page, SPA, WEB, authorize_target, credentials};

use super::steps::signed_in;
use super::{Case, page, redirect, rows, status};

rows![
    shared is_001, shared is_004, shared is_005, shared is_006, shared is_009, shared is_011, shared is_012, shared is_013,
    shared is_014, shared is_019,
];

/// All values of a parameter of a redirect.
fn all(location: &str, name: &str) -> Vec<String> {
    let url = url::Url::parse(location).expect("a redirect has an absolute URL");
    url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect()
}

async fn is_001(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for mistake in [
        ("prompt", ""),
        ("prompt", "none"),
        ("max_age", "x"),
        ("response_type", "token"),
        ("scope", "nonsense"),
    ] {
        let reply = browser.authorize("first", &[mistake]).await;
        assert_eq!(all(&reply.location(), "iss"), ["https://id.example"], "{mistake:?}");
    }
    let posted = browser.authorize("first", &[("response_mode", "form_post")]).await;
    assert_eq!(Page::of(posted).field("iss"), Some("https://id.example"));
    let discovery = case.app.get("/.well-known/openid-configuration", &[]).await.json();
    assert_eq!(discovery["authorization_response_iss_parameter_supported"], true);
    assert_eq!(discovery["issuer"], "https://id.example");
    // Another tenant's issuer is another issuer.
    let target = authorize_target(WEB, &[("prompt", "none")]);
    let other = case.app.get(&format!("/t/t2{target}"), &[]).await;
    assert_eq!(all(&other.location(), "iss"), ["https://id.example/t/t2"]);
    // A request cannot bring an issuer of its own.
    let reply = browser
        .authorize("first", &[("iss", "https://evil.example"), ("error", "x"), ("code", "ATTACKER")])
        .await;
    assert_eq!(all(&reply.location(), "iss"), ["https://id.example"]);
    assert!(!reply.location().contains("evil") && !reply.location().contains("ATTACKER"));
    assert_eq!(all(&reply.location(), "code").len(), 1);
}

async fn is_004(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let longest = "s".repeat(2048);
    for state in [
        longest.as_str(),
        "\u{1}\u{2}\u{7f}",
        "\r\nSet-Cookie: a=b",
        "\"'<>&;=+%#?/\\",
        "%41%00%zz",
        " leading and trailing ",
        "\u{e9}\u{1f511}\u{202e}",
        "\u{0}",
        "{\"a\":[1]}",
    ] {
        for prompt in ["", "none"] {
            let reply = browser.authorize("first", &[("state", state), ("prompt", prompt)]).await;
            assert_eq!(all(&reply.location(), "state"), [state], "{}", reply.location());
            assert!(reply.headers.get("set-cookie").is_none());
            let posted = browser
                .authorize("first", &[("state", state), ("prompt", prompt), ("response_mode", "form_post")])
                .await;
            // HTML has no NUL and ends lines in its own way; all else is the same.
            if !state.contains(['\u{0}', '\r']) {
                assert_eq!(Page::of(posted).field("state"), Some(state));
            }
        }
    }
    for length in [2049, 8192] {
        let expected = redirect("invalid_request").state("").event("authz.state");
        case.expect(expected, browser.authorize(WEB, &[("state", &"s".repeat(length))])).await;
        let expected = redirect("invalid_request").event("authz.nonce");
        case.expect(expected, browser.authorize(WEB, &[("nonce", &"n".repeat(length))])).await;
    }
    // What is longer than any parameter may be is not read at all (decision 0011).
    case.expect(
        page(400).event("request.parameter_malformed"),
        browser.authorize(WEB, &[("state", &"s".repeat(10_240))]),
    )
    .await;
}

async fn is_005(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for state in [
        "&code=evil",
        "x&code=evil&iss=https://evil.example",
        "#code=evil",
        "x%26code%3Devil",
        "\u{0}&code=evil",
        ";code=evil",
        "+&code=evil",
    ] {
        let reply = browser.authorize("first", &[("state", state)]).await;
        let location = reply.location();
        assert_eq!(all(&location, "state"), [state], "{location}");
        assert_eq!(all(&location, "iss"), ["https://id.example"]);
        let codes = all(&location, "code");
        assert!(codes.len() == 1 && codes[0].starts_with("dwc_"), "{location}");
        assert!(!location.contains('#'), "{location}");
    }
}

async fn is_006(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let nothing = [("code_challenge", ""), ("code_challenge_method", ""), ("state", ""), ("nonce", "")];
    case.expect(
        redirect("invalid_request").state("").event("authz.no_binding"),
        browser.authorize("plain", &nothing),
    )
    .await;
    for (name, value) in [("state", "s"), ("nonce", "n")] {
        let mut one = nothing;
        one.iter_mut().for_each(|(known, kept)| {
            if *known == name {
                *kept = value
            }
        });
        assert_eq!(browser.authorize("plain", &one).await.status, 200, "{name} is enough");
    }
}

async fn is_009(case: &Case) {
    let browser = case.app.browser();
    let none = [("prompt", "none")];
    for _ in 0..2 {
        let expected = redirect("login_required").event("authz.login_required");
        let reply = case.expect(expected, browser.authorize(WEB, &none)).await;
        assert!(reply.body.is_empty(), "no page: {}", reply.body);
    }
    // A cookie that is none counts as none.
    for value in ["x", "AAAA.BBBB", &"y".repeat(4000)] {
        browser.set_cookie(super::steps::SESSION, value);
        case.expect(redirect("login_required").event("authz.login_required"), browser.authorize(WEB, &none))
            .await;
    }
    // Nor is it combined with anything.
    for prompt in ["none login", "none consent", "login none", "none none login"] {
        let expected = redirect("invalid_request").event("authz.prompt");
        case.expect(expected, browser.authorize(WEB, &[("prompt", prompt)])).await;
    }
    // A hint that names somebody else is no session of theirs.
    let alice = signed_in(case, ALICE).await;
    let hint = super::steps::tokens(case, &signed_in(case, "bob").await, WEB, &[]).await.text("id_token");
    let expected = redirect("login_required").event("authz.login_required");
    case.expect(expected, alice.authorize(WEB, &[("prompt", "none"), ("id_token_hint", &hint)])).await;
}

async fn is_011(case: &Case) {
    let browser = signed_in(case, "mallory").await;
    let none = [("prompt", "none")];
    case.expect(redirect("consent_required").event("authz.consent_required"), browser.authorize(WEB, &none))
        .await;
    browser.code(WEB, &[]).await;
    assert_eq!(all(&browser.authorize(WEB, &none).await.location(), "code").len(), 1);
    // More than was allowed is asked for again.
    let more = [("prompt", "none"), ("scope", "openid profile email rs1:read rs1:write")];
    case.expect(redirect("consent_required").event("authz.consent_required"), browser.authorize(WEB, &more))
        .await;
    // What one client was allowed no other is.
    let expected = redirect("consent_required").to("https://spa.example/cb").event("authz.consent_required");
    case.expect(expected, browser.authorize(SPA, &none)).await;
}

async fn is_012(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    browser.code(WEB, &[]).await;
    case.app.advance_s(100);
    for max_age in ["0", "1", "99"] {
        let expected = redirect("login_required").event("authz.login_required");
        case.expect(expected, browser.authorize(WEB, &[("max_age", max_age), ("prompt", "none")])).await;
    }
    assert_eq!(all(&browser.authorize(WEB, &[("max_age", "100")]).await.location(), "code").len(), 1);
    let asked = Page::of(browser.authorize(WEB, &[("max_age", "0")]).await);
    assert_eq!(asked.action, "/sign-in");
    let reply = browser.submit(&asked, &credentials(ALICE)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let code = doorward_tests::Code {
        code: reply.param("code").expect("a code"),
        client: WEB.to_owned(),
        redirect_uri: "https://app.example/cb".to_owned(),
        verifier: Some(doorward_tests::VERIFIER.to_owned()),
    };
    let id_token = code.redeem(&case.app).await.text("id_token");
    let claims = id_token.split('.').nth(1).and_then(doorward_crypto::base64url::decode).expect("claims");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("claims are JSON");
    assert_eq!(claims["auth_time"], case.app.clock.now().seconds());
}

async fn is_013(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for max_age in [
        "-1",
        "abc",
        "99999999999999999999",
        "4294967296",
        "1.5",
        "1e3",
        "+1",
        " 1",
        "0x10",
        "\u{661}",
        "1,2",
        "NaN",
        "1 2",
    ] {
        let expected = redirect("invalid_request").event("authz.max_age");
        case.expect(expected, browser.authorize(WEB, &[("max_age", max_age)])).await;
    }
    for max_age in ["4294967295", "0000000001000000"] {
        let reply = browser.authorize("first", &[("max_age", max_age)]).await;
        assert!(reply.status == 303 && reply.param("code").is_some(), "{max_age}: {}", reply.body);
    }
}

/// Who is asked to sign in again and does not, has not: neither by going back, nor by the form of another page.
async fn is_014(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    browser.code(WEB, &[]).await;
    case.app.advance_s(1);
    let login = [("prompt", "login")];
    let asked = Page::of(browser.authorize(WEB, &login).await);
    assert_eq!(asked.action, "/sign-in");
    // Back, and once more: asked again.
    let again = Page::of(case.expect(status(200), browser.authorize(WEB, &login)).await);
    assert_eq!(again.action, "/sign-in");
    // Its request under the form of a consent page, and of an account selection, of the same session.
    for (prompt, action) in [("consent", "allow"), ("select_account", "account")] {
        let mut mixed = Page::of(browser.authorize(WEB, &[("prompt", prompt)]).await);
        for (name, value) in &mut mixed.hidden {
            if name == "request" {
                *value = asked.field("request").expect("a sealed request").to_owned();
            }
        }
        let fields = [("action", action), ("account", &*doorward_tests::user_id(ALICE))];
        let send = browser.submit(&mixed, if action == "allow" { &fields[..1] } else { &fields[1..] });
        let reply = case.expect(status(200).or(page(400)).or(page(403)), send).await;
        assert!(!reply.body.contains("dwc_"));
    }
    // A wrong password is no sign-in, whoever was signed in.
    let wrong = [("username", ALICE), ("password", "wrong-password-canary"), ("action", "sign-in")];
    let reply = case.expect(status(200), browser.submit(&asked, &wrong)).await;
    assert_eq!(Page::of(reply).action, "/sign-in");
    // prompt=none beside a session that is too old is told, and shown no page.
    let expected = redirect("invalid_request").event("authz.prompt");
    case.expect(expected, browser.authorize(WEB, &[("prompt", "none login")])).await;
}

async fn is_019(case: &Case) {
    let browser = case.app.browser();
    let usual = browser.authorize(WEB, &[]).await;
    let title =
        |body: &str| body.split("<title>").nth(1).and_then(|rest| rest.split('<').next()).map(str::to_owned);
    for locales in [
        "../../etc/passwd",
        "..\\..\\windows",
        "/etc/passwd",
        "%2e%2e%2f",
        "xx",
        "\u{0}x",
        "<script>",
        "en\"onload",
        &"de ".repeat(1000),
        "tlh-Latn",
    ] {
        for name in ["ui_locales", "claims_locales"] {
            let target = authorize_target(WEB, &[(name, locales)]);
            let reply = browser.get(&target).await;
            if locales.contains('\u{0}') {
                assert_eq!(reply.status, 400, "a NUL is no text");
                continue;
            }
            assert_eq!(reply.status, 200, "{locales}: {}", reply.body);
            let language = reply.body.split("lang=\"").nth(1).and_then(|rest| rest.split('"').next());
            assert!(matches!(language, Some("en" | "de")), "{language:?}");
            if !locales.contains("de") {
                assert_eq!(title(&reply.body), title(&usual.body));
            }
            assert!(!reply.body.contains("root:") && !reply.body.contains("<script>"), "{}", reply.body);
        }
    }
}
