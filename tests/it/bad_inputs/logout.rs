//! Bad inputs: sign-out (OpenID Connect RP-Initiated Logout 1.0).

use doorward_crypto::base64url;
use doorward_tests::{ALICE, BOB, Browser, RS1, Reply, WEB, encode};

use super::steps::{OFFLINE, SESSION, form, is_active, is_signed_in, signed_in, tokens};
use super::{Case, page, rows, status};

rows![shared lo_002, shared lo_003, shared lo_005, shared lo_008, shared lo_009];

const BYE: &str = "https://app.example/bye";

async fn logout(browser: &Browser<'_>, params: &[(&str, &str)]) -> Reply {
    browser.get(&format!("/logout?{}", encode(params))).await
}

/// An ID token of this browser's session.
async fn hint(case: &Case, browser: &Browser<'_>) -> String {
    tokens(case, browser, WEB, &[]).await.text("id_token")
}

/// An address that is not registered, however the client is named: our own page, and the session stays.
async fn lo_002(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let hint = hint(case, &browser).await;
    let bad = ("post_logout_redirect_uri", "https://evil.example/");
    let requests: [&[(&str, &str)]; 5] = [
        &[bad, ("client_id", WEB)],
        &[bad, ("client_id", "nobody")],
        &[bad, ("id_token_hint", &hint)],
        &[bad, ("id_token_hint", &hint), ("client_id", WEB), ("state", "x")],
        // Registered for sign-in is not registered for sign-out.
        &[("post_logout_redirect_uri", "https://app.example/cb"), ("id_token_hint", &hint)],
    ];
    for params in requests {
        case.expect(page(400).event("logout.redirect"), logout(&browser, params)).await;
    }
    // Without a client nobody registered it.
    for uri in [bad, ("post_logout_redirect_uri", BYE)] {
        case.expect(page(400).event("logout.client"), logout(&browser, &[uri])).await;
    }
    assert!(is_signed_in(&browser).await);
    bad_hints(case, &browser, &hint).await;
    // Positive guard.
    let reply = logout(&browser, &[("post_logout_redirect_uri", BYE), ("id_token_hint", &hint)]).await;
    assert_eq!((reply.status, reply.location().as_str()), (303, BYE));
    assert!(!is_signed_in(&browser).await);
}

/// What is no ID token of ours for that client is no hint, and signs nobody out.
async fn bad_hints(case: &Case, browser: &Browser<'_>, hint: &str) {
    let all = tokens(case, browser, WEB, &OFFLINE).await;
    let parts: Vec<&str> = hint.split('.').collect();
    let none = base64url::encode(br#"{"alg":"none","typ":"JWT"}"#);
    let claims = base64url::decode(parts[1]).expect("a payload is base64url");
    let claims = String::from_utf8(claims).expect("claims are text");
    let as_bob = base64url::encode(claims.replace("usr_alice", "usr_bob").as_bytes());
    let bad = [
        "x".to_owned(),
        all.text("access_token"),
        all.text("refresh_token"),
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{as_bob}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], "A".repeat(parts[2].len())),
        format!("{hint}."),
    ];
    for hint in &bad {
        let params =
            [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("client_id", WEB)];
        case.expect(page(400).event("logout.hint"), logout(browser, &params)).await;
    }
    let other = [("id_token_hint", hint), ("client_id", "plain"), ("post_logout_redirect_uri", BYE)];
    case.expect(page(400).event("logout.hint"), logout(browser, &other)).await;
    let reply = browser.get(&format!("/t/t2/logout?{}", encode(&[("id_token_hint", hint)]))).await;
    assert_eq!(reply.status, 400, "another issuer's token: {}", reply.body);
    assert!(is_signed_in(browser).await);
}

/// Byte for byte.
async fn lo_003(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let hint = hint(case, &browser).await;
    let variants = [
        "https://app.example/bye/",
        "https://app.example/bye/../evil",
        "https://app.example/x/../bye",
        "https://app.example/%62ye",
        "https://app.example/bye?",
        "https://app.example/bye?x=1",
        "https://app.example/bye#",
        "https://app.example/bye#x",
        "https://app.example//bye",
        "https://app.example/BYE",
        "https://APP.example/bye",
        "HTTPS://app.example/bye",
        "https://app.example:443/bye",
        "https://app.example:8443/bye",
        "https://app.example@evil.example/bye",
        "https://evil.example\\@app.example/bye",
        "https://user:pw@app.example/bye",
        "https://app.example.evil.example/bye",
        "https://app.example\t/bye",
        "http://app.example/bye",
        "//app.example/bye",
        "app.example/bye",
        "/bye",
        " https://app.example/bye",
        "https://app.example/bye ",
        "https://app.example/bye%00",
        "https://app.example/bye\u{200b}",
        "javascript:alert(1)",
        "data:text/html,x",
    ];
    for uri in variants {
        let params = [("post_logout_redirect_uri", uri), ("id_token_hint", hint.as_str())];
        case.expect(page(400).event("logout.redirect"), logout(&browser, &params)).await;
    }
    let twice = format!(
        "/logout?{}&post_logout_redirect_uri=https://evil.example/",
        encode(&[("post_logout_redirect_uri", BYE), ("id_token_hint", &hint)])
    );
    case.expect(page(400), browser.get(&twice)).await;
    assert!(is_signed_in(&browser).await);
}

/// A request that no hint of this session stands behind is a question, wherever it comes from.
async fn lo_005(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let bob = signed_in(case, BOB).await;
    let elsewhere = signed_in(case, ALICE).await;
    let of_bob = hint(case, &bob).await;
    let of_another_session = hint(case, &elsewhere).await;
    let image =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "image"), ("referer", "https://evil.example/")];
    for params in [
        "".to_owned(),
        encode(&[("client_id", WEB), ("post_logout_redirect_uri", BYE)]),
        encode(&[("id_token_hint", &of_bob), ("post_logout_redirect_uri", BYE)]),
        encode(&[("id_token_hint", &of_another_session)]),
        encode(&[("logout_hint", "alice")]),
    ] {
        let reply =
            case.expect(status(200), browser.send("GET", &format!("/logout?{params}"), &image, "")).await;
        assert!(reply.body.contains("action=\"/sign-out\""), "{}", reply.body);
        assert!(is_signed_in(&browser).await);
    }
    // A POST across sites becomes the same question, and the button's own POST must come from our page.
    let cross = [("origin", "https://evil.example"), ("content-type", "application/x-www-form-urlencoded")];
    let hop = case.app.send("POST", "/logout", &cross, "client_id=web").await;
    assert_eq!(hop.status, 303);
    let at_once = browser.send("POST", "/logout", &cross, "client_id=web").await;
    assert!(is_signed_in(&browser).await && form(at_once, "/sign-out").field("request").is_some());
    let question = browser.get(hop.location().trim_start_matches("https://id.example")).await;
    let question = form(question, "/sign-out");
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let mut fields: Vec<(&str, &str)> =
            question.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("action", "sign-out"));
        let headers = [(name, value), ("content-type", "application/x-www-form-urlencoded")];
        let body = encode(&fields);
        let expected = page(403).event("form.foreign");
        case.expect(expected, browser.send("POST", "/sign-out", &headers, &body)).await;
    }
    for fields in [vec![("action", "sign-out")], vec![("action", "sign-out"), ("form", "AAAA")]] {
        case.expect(page(403), browser.post("/sign-out", &fields)).await;
    }
    assert!(is_signed_in(&browser).await);
    let reply = browser.submit(&question, &[("action", "stay")]).await;
    assert!(reply.status == 200 && is_signed_in(&browser).await, "{}", reply.body);
    let reply = browser.submit(&question, &[("action", "sign-out")]).await;
    assert!(reply.status == 200 && !is_signed_in(&browser).await, "{}", reply.body);
}

/// `state` goes back percent-encoded, or not at all.
async fn lo_008(case: &Case) {
    let long = "x".repeat(10 * 1024);
    for state in [
        "\"><script>alert(1)</script>",
        "' onclick='",
        "a\r\nset-cookie: x=1",
        "a&state=b#c",
        "\u{e9}\u{1F600}",
        "a b+c",
    ] {
        let browser = signed_in(case, ALICE).await;
        let hint = hint(case, &browser).await;
        let params = [("post_logout_redirect_uri", BYE), ("id_token_hint", hint.as_str()), ("state", state)];
        let reply = logout(&browser, &params).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        let location = reply.location();
        assert!(location.starts_with("https://app.example/bye?state="), "{location}");
        assert!(
            location.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\`{}|^".contains(&b)),
            "{location}"
        );
        assert_eq!(reply.param("state").as_deref(), Some(state));
        assert_eq!(reply.headers.get_all("set-cookie").iter().count(), 1, "{:?}", reply.headers);
        // Nowhere to go: it is not shown either.
        let other = signed_in(case, ALICE).await;
        let reply = logout(&other, &[("state", state)]).await;
        assert!(
            reply.status == 200 && !reply.body.contains("<script>alert") && !reply.body.contains("onclick='")
        );
    }
    let browser = signed_in(case, ALICE).await;
    let hint = hint(case, &browser).await;
    let params = [("post_logout_redirect_uri", BYE), ("id_token_hint", hint.as_str()), ("state", &long)];
    let reply = case.expect(page(400), logout(&browser, &params)).await;
    assert!(!reply.body.contains(&long[..64]) && is_signed_in(&browser).await);
}

/// The session is gone on the server: the old cookie, the back button and what hung on it lead to the sign-in page.
async fn lo_009(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let account = browser.get("/account").await;
    assert_eq!(account.header("cache-control"), Some("no-store"), "the back button asks again");
    let bound = tokens(case, &browser, WEB, &[]).await;
    let offline = tokens(case, &browser, WEB, &OFFLINE).await;
    let cookie = browser.cookies().remove(SESSION).expect("there is a session");
    let reply = browser.submit(&form(account.clone(), "/sign-out"), &[("action", "sign-out")]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(browser.cookies().get(SESSION).map(String::as_str).unwrap_or_default(), "");
    browser.set_cookie(SESSION, &cookie);
    assert!(!is_signed_in(&browser).await);
    let reply = browser.authorize(WEB, &[("prompt", "none")]).await;
    assert_eq!(reply.param("error").as_deref(), Some("login_required"));
    // The old page's forms do nothing.
    let password = form(account.clone(), "/account/password");
    let fields =
        [("password", "x"), ("new_password", "a new password"), ("new_password_again", "a new password")];
    let reply = case.expect(status(303), browser.submit(&password, &fields)).await;
    assert_eq!(reply.location(), "https://id.example/sign-in");
    // What ends with the session has ended, what outlives it has not.
    assert!(!is_active(case, RS1, &bound.text("access_token")).await);
    case.app.refresh(WEB, &bound.text("refresh_token")).await.assert_error(400, "invalid_grant");
    assert_eq!(case.app.refresh(WEB, &offline.text("refresh_token")).await.status, 200);
}
