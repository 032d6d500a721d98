//! Bad inputs: authorization codes (RFC 6749, section 4.1; RFC 9700, sections 2.1 and 4.5).

use doorward_core::Effect;
use doorward_core::id::{TenantId, UserId};
use doorward_tests::{
    ALICE, BOB, Code, EVIL, MALLORY, Page, RS1, SPA, SPA2, T1, VERIFIER, WEB, basic, secret_of, user_id,
};

use super::race::{Racer, race, winners};
use super::steps::{apply_to, is_active, put, signed_in};
use super::{Case, json, page, redirect, rows, status};

rows![
    shared cd_002, shared cd_003, shared cd_004, shared cd_005, shared cd_007, shared cd_009, shared cd_011, shared cd_012,
    shared cd_014, shared cd_015, shared cd_017, shared cd_019, shared cd_020, shared cd_021, shared cd_023, shared cd_026,
];

fn form(code: &Code) -> Vec<(String, String)> {
    code.form()
}

/// The code, with another text.
fn changed(code: &Code, text: String) -> Code {
    Code { code: text, ..code.clone() }
}

fn racer(code: &Code, is_public: bool) -> Racer {
    let form = code.form();
    let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Racer::of("/token", &code.client, is_public, &pairs)
}

/// Of fifty redemptions one is answered with tokens, and these live: the others hold the verifier, so that they are repeats of
/// the same client. Without PKCE at most one is answered, and its repeats end its grant.
async fn cd_002(case: &Case) {
    for (client, is_public) in [(SPA, true), (WEB, false)] {
        let code = case.app.code(client, &[]).await;
        let won = winners(race(case, 50, &racer(&code, is_public)).await, 400, "invalid_grant");
        assert_eq!(won.len(), 1, "{client}");
        assert!(is_active(case, RS1, &won[0].text("access_token")).await, "the one winner's token lives");
        assert_eq!(case.app.refresh(client, &won[0].text("refresh_token")).await.status, 200);
    }
    let code = case.app.code("plain", &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    let won = winners(race(case, 50, &racer(&code, false)).await, 400, "invalid_grant");
    assert!(won.len() <= 1);
    for reply in won {
        assert!(
            !is_active(case, RS1, &reply.text("access_token")).await,
            "a repeat without PKCE ends the grant"
        );
        case.app.refresh("plain", &reply.text("refresh_token")).await.assert_error(400, "invalid_grant");
    }
}

async fn cd_003(case: &Case) {
    let code = case.app.code(WEB, &[]).await;
    for thief in [EVIL, "plain", "first", SPA2] {
        let expected = json(400, "invalid_grant").event("code.wrong_client");
        case.expect(expected, case.app.token_as(thief, &form(&code))).await;
    }
    assert_eq!(code.redeem(&case.app).await.status, 200, "a thief does not spend it");
}

async fn cd_004(case: &Case) {
    let code = case.app.code(SPA, &[]).await;
    let expected = json(400, "invalid_grant").event("code.wrong_client");
    case.expect(expected, case.app.token_as(SPA2, &form(&code))).await;
    let mut theirs = form(&code);
    theirs[2].1 = "https://spa2.example/cb".to_owned();
    let expected = json(400, "invalid_grant").event("code.wrong_client");
    case.expect(expected, case.app.token_as(SPA2, &theirs)).await;
    assert_eq!(code.redeem(&case.app).await.status, 200);
}

async fn cd_005(case: &Case) {
    let code = case.app.code(WEB, &[]).await;
    for named in [EVIL, SPA, "nobody"] {
        let mut named_twice = form(&code);
        named_twice.push(("client_id".to_owned(), named.to_owned()));
        let expected = json(400, "invalid_request").event("client.mismatch");
        case.expect(expected, case.app.token_as(WEB, &named_twice)).await;
    }
    let mut same = form(&code);
    same.push(("client_id".to_owned(), WEB.to_owned()));
    assert_eq!(case.app.token_as(WEB, &same).await.status, 200, "the same name twice is no contradiction");
}

async fn cd_007(case: &Case) {
    let code = case.app.code(WEB, &[]).await;
    let text = &code.code;
    let flipped: String = text
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    let last = if text.ends_with('A') { "B" } else { "A" };
    for bad in [
        text[..text.len() - 1].to_owned(),
        text[1..].to_owned(),
        format!("{text}A"),
        format!("{text}="),
        format!("{text}\n"),
        format!(" {text}"),
        text.to_uppercase(),
        text.to_lowercase(),
        flipped,
        format!("{}{last}", &text[..text.len() - 1]),
        text.replacen("dwc_", "dwa_", 1),
        text.replacen("dwc_", "", 1),
        "dwc_".to_owned(),
        "x".repeat(8000),
        "\u{1F511}".to_owned(),
    ] {
        let expected = json(400, "invalid_grant").event("code.unknown");
        case.expect(expected, changed(&code, bad).redeem(&case.app)).await;
    }
    let mut none = form(&code);
    none.remove(1);
    case.expect(json(400, "invalid_request"), case.app.token_as(WEB, &none)).await;
    assert_eq!(code.redeem(&case.app).await.status, 200);
}

/// A code is one random value: it says nothing, so that there is nothing in it to edit.
async fn cd_009(case: &Case) {
    let code = case.app.code(WEB, &[]).await;
    let text = &code.code;
    assert!(!text.contains('.') && !text.contains(WEB) && text.len() >= 47, "{text}");
    for bad in [
        format!("{text}.{EVIL}"),
        format!("session.{EVIL}.{text}"),
        format!("{EVIL}.{text}"),
        format!("{text}&client_id={EVIL}"),
        format!("{text}\u{1f}{EVIL}"),
    ] {
        for client in [WEB, EVIL] {
            let code = Code { client: client.to_owned(), ..changed(&code, bad.clone()) };
            case.expect(json(400, "invalid_grant").event("code.unknown"), code.redeem(&case.app)).await;
        }
    }
}

async fn cd_011(case: &Case) {
    let code = signed_in(case, BOB).await.code(WEB, &[]).await;
    let set =
        |disabled: bool| apply_to(&case.app, "users", BOB, move |user| user["disabled"] = disabled.into());
    case.app.advance_s(1);
    set(true).await.expect("a person can be disabled");
    case.expect(json(400, "invalid_grant").event("token.user_disabled"), code.redeem(&case.app)).await;
    case.app.advance_s(1);
    set(false).await.expect("a person can be enabled");
    case.expect(json(400, "invalid_grant").event("token.before_valid_from"), code.redeem(&case.app)).await;
}

async fn cd_012(case: &Case) {
    let code = signed_in(case, BOB).await.code(SPA, &[]).await;
    let set = |locked: bool| apply_to(&case.app, "users", BOB, move |user| user["locked"] = locked.into());
    set(true).await.expect("a person can be locked");
    case.expect(json(400, "invalid_grant").event("token.user_locked"), code.redeem(&case.app)).await;
    set(false).await.expect("a person can be unlocked");
}

async fn cd_014(case: &Case) {
    let code = signed_in(case, MALLORY).await.code(WEB, &[]).await;
    let tenant = TenantId::from(T1);
    let applications = case
        .app
        .store
        .applications_of(&tenant, &UserId(user_id(MALLORY)))
        .await
        .expect("consents can be read");
    let consent = applications.iter().find(|row| row.consent.client.as_str() == WEB).expect("there is one");
    let end = Effect::EndConsent { tenant, id: consent.consent.id, now: case.app.store.now() };
    put(&case.app, vec![end]).await;
    case.expect(json(400, "invalid_grant").event("consent.ended"), code.redeem(&case.app)).await;
}

async fn cd_015(case: &Case) {
    let code = case.app.code(EVIL, &[]).await;
    let public = case.app.code(SPA2, &[]).await;
    let set = |client: &'static str, disabled: bool| {
        apply_to(&case.app, "clients", client, move |client| client["disabled"] = disabled.into())
    };
    for (client, code) in [(EVIL, &code), (SPA2, &public)] {
        set(client, true).await.expect("a client can be disabled");
        case.expect(json(401, "invalid_client").event("client.disabled"), code.redeem(&case.app)).await;
        set(client, false).await.expect("a client can be enabled");
    }
}

/// A request that one browser began is worth nothing in another: there is no address that goes on with it, only forms, and these
/// are sealed to the browser, to the session and to the person whom the page was shown to.
async fn cd_017(case: &Case) {
    let victim = signed_in(case, ALICE).await;
    let attacker = signed_in(case, MALLORY).await;
    let of_victim = Page::of(victim.authorize(EVIL, &[("prompt", "consent")]).await);
    let of_attacker = Page::of(attacker.authorize(EVIL, &[("prompt", "consent")]).await);
    let sealed = |page: &Page| page.field("request").expect("a sealed request").to_owned();
    // The attacker sends the victim's page from their own browser, and from none; and has the victim send theirs.
    case.expect(page(403), attacker.submit(&of_victim, &[("action", "allow")])).await;
    case.expect(page(403), case.app.browser().submit(&of_victim, &[("action", "allow")])).await;
    case.expect(page(403), victim.submit(&of_attacker, &[("action", "allow")])).await;
    // Mixed: the form's token of one page, the request of the other.
    for (browser, own, other) in [(&attacker, &of_attacker, &of_victim), (&victim, &of_victim, &of_attacker)]
    {
        let mut mixed = own.clone();
        for (name, value) in &mut mixed.hidden {
            if name == "request" {
                *value = sealed(other);
            }
        }
        case.expect(page(403), browser.submit(&mixed, &[("action", "allow")])).await;
    }
    // There is no address to poll.
    for path in ["/authorize/resume", "/authorize/callback", "/consent", "/continue"] {
        let target = format!("{path}?req={}&request={}", sealed(&of_victim), sealed(&of_victim));
        case.expect(status(404).or(status(405)), attacker.get(&target)).await;
    }
}

async fn cd_019(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for response_type in [
        "token",
        "id_token",
        "code token",
        "code id_token",
        "id_token token",
        "code id_token token",
        "none",
        "CODE",
        "code ",
        "code,token",
        "codex",
    ] {
        let expected = redirect("unsupported_response_type").event("authz.response_type_unknown");
        let reply = case.expect(expected, browser.authorize(WEB, &[("response_type", response_type)])).await;
        assert!(!reply.location().contains('#'), "{}", reply.location());
    }
    let expected = redirect("invalid_request").event("authz.response_type_missing");
    case.expect(expected, browser.authorize(WEB, &[("response_type", "")])).await;
}

/// What a page sends back is sealed: a forged request is refused, and what is added beside it changes nothing.
async fn cd_020(case: &Case) {
    let browser = signed_in(case, MALLORY).await;
    let page_shown = Page::of(browser.authorize(WEB, &[("prompt", "consent")]).await);
    let sealed = page_shown.field("request").expect("a sealed request").to_owned();
    for forged in [
        String::new(),
        "response_type=token".to_owned(),
        format!("{}{}", &sealed[..sealed.len() - 1], if sealed.ends_with('A') { 'Q' } else { 'A' }),
        format!("{sealed}A"),
        sealed[4..].to_owned(),
        "e30".to_owned(),
        doorward_tests::base64(b"{\"purpose\":{\"authorize\":[[\"response_type\",\"token\"]]}}"),
    ] {
        let mut page_forged = page_shown.clone();
        page_forged.hidden.retain(|(name, _)| name != "request");
        page_forged.hidden.push(("request".to_owned(), forged));
        case.expect(page(400).or(page(403)), browser.submit(&page_forged, &[("action", "allow")])).await;
    }
    let extra = [
        ("action", "allow"),
        ("response_type", "token"),
        ("redirect_uri", "https://evil.example/cb"),
        ("scope", "rs1:write"),
    ];
    let reply = browser.submit(&page_shown, &extra).await;
    assert!(reply.location().starts_with("https://app.example/cb?code="), "{}", reply.location());
    let code = Code {
        code: reply.param("code").expect("a code"),
        client: WEB.to_owned(),
        redirect_uri: "https://app.example/cb".to_owned(),
        verifier: Some(VERIFIER.to_owned()),
    };
    let tokens = code.redeem(&case.app).await;
    assert!(!tokens.text("scope").contains("rs1:write"), "{}", tokens.body);
}

async fn cd_021(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for mode in [
        "fragment",
        "fragment.jwt",
        "query.jwt",
        "jwt",
        "web_message",
        "QUERY",
        "query ",
        "none",
        "form_post.jwt",
    ] {
        let expected = redirect("invalid_request").event("authz.response_mode");
        case.expect(expected, browser.authorize(WEB, &[("response_mode", mode)])).await;
    }
    for mode in ["query", "fragment"] {
        let extra = [("response_mode", mode), ("response_type", "token")];
        let expected = redirect("unsupported_response_type").or(redirect("invalid_request"));
        let reply = case.expect(expected, browser.authorize(WEB, &extra)).await;
        assert!(!reply.location().contains("access_token"), "{}", reply.location());
    }
}

/// Whatever the state says: the page has one form, its action is the registered URI, and the state is text in one attribute.
async fn cd_023(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for state in [
        "\"></form><script>alert(1)</script>",
        "'><form action=https://evil.example>",
        "&quot;&gt;</form>",
        "\" formaction=\"https://evil.example",
        "</input><base href=https://evil.example>",
        "\u{0}\r\n\t<\u{202e}>",
        "javascript:alert(1)",
    ] {
        for outcome in [("prompt", "consent"), ("prompt", "none")] {
            let extra = [("state", state), ("response_mode", "form_post"), outcome];
            let mut reply = browser.authorize(WEB, &extra).await;
            if outcome.1 == "consent" {
                let page = Page::of(reply);
                reply = browser.submit(&page, &[("action", "deny")]).await;
            }
            assert_eq!(reply.status, 200, "{}", reply.body);
            assert_eq!(reply.body.matches("<form").count(), 1, "{}", reply.body);
            assert!(!reply.body.contains("<script>") && !reply.body.contains("<base"), "{}", reply.body);
            let page = Page::of(reply);
            assert_eq!(page.action, "https://app.example/cb");
            let names: Vec<&str> = page.hidden.iter().map(|(name, _)| name.as_str()).collect();
            let error = ["error", "error_description", "state", "iss"];
            assert!(names == error || names == ["code", "state", "iss"], "{names:?}");
            assert!(
                page.reply.header("content-security-policy").is_some_and(|policy| !policy.contains("unsafe"))
            );
        }
    }
    // A redirect URI of that kind is refused long before.
    for uri in ["https://app.example/cb\"></form><script>", "https://app.example/cb\" formaction=\"x"] {
        let extra = [("redirect_uri", uri), ("response_mode", "form_post")];
        let reply =
            case.expect(page(400).event("authz.redirect_unregistered"), browser.authorize(WEB, &extra)).await;
        assert!(!reply.body.contains("<script>"));
    }
}

async fn cd_026(case: &Case) {
    let browser = case.app.browser();
    let target = doorward_tests::authorize_target(SPA, &[("prompt", "none")]);
    let own = target.matches('&').count() + 1;
    let with = |many: usize| (0..many).fold(target.clone(), |target, n| format!("{target}&x{n}=y"));
    let ignored = redirect("login_required").to("https://spa.example/cb");
    case.expect(ignored.clone(), browser.get(&with(10))).await;
    case.expect(ignored, browser.get(&with(100 - own))).await;
    for many in [101 - own, 200, 5_000] {
        case.expect(page(400).event("request.parameter_malformed"), browser.get(&with(many))).await;
    }
    // Unknown ones are not carried to the client.
    let reply = browser.get(&with(10)).await;
    assert!(!reply.location().contains("x1="), "{}", reply.location());
    let authorization = basic(WEB, &secret_of(WEB));
    let fields: Vec<(String, String)> = (0..200).map(|n| (format!("x{n}"), "y".to_owned())).collect();
    let pairs: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    case.expect(
        json(400, "invalid_request"),
        case.app.post_form("/token", &pairs, &[("authorization", &authorization)]),
    )
    .await;
}
