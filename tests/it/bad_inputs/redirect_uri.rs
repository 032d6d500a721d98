//! Bad inputs: redirect URIs (RFC 6749, section 3.1.2; RFC 8252, section 7.3; RFC 9700, section 4.1).

use doorward_tests::{ALICE, Browser, NATIVE, PASSWORD, Page, Reply, WEB, credentials, encode};

use super::steps::{apply_to, signed_in};
use super::{Case, json, page, rows};

rows![
    shared ru_004, shared ru_006, shared ru_008, shared ru_010, shared ru_013, shared ru_014, shared ru_015, shared ru_017,
    shared ru_018, shared ru_021, shared ru_022, shared ru_023, shared ru_024, shared ru_029, shared ru_031, shared ru_032,
    shared ru_033, shared ru_034, shared ru_036, shared ru_038, shared ru_039, shared ru_040, shared ru_041, shared ru_043,
    shared ru_047, shared ru_048, shared ru_049, shared ru_050, shared ru_052,
];

/// Each of these is refused on our own page: whoever is signed in, whatever prompt, mode and other mistakes come with it.
async fn unregistered_at(case: &Case, client: &str, uris: &[&str]) {
    let browser = signed_in(case, ALICE).await;
    let nobody = case.app.browser();
    for uri in uris {
        let with = |name: &'static str, value: &'static str| [("redirect_uri", *uri), (name, value)];
        let requests = [
            with("state", "st4te"),
            with("prompt", "none"),
            with("response_mode", "form_post"),
            with("response_type", "token"),
            with("scope", "nonsense"),
        ];
        for extra in requests {
            refused_at(case, &browser, client, &extra).await;
        }
        refused_at(case, &nobody, client, &with("prompt", "none")).await;
        refused_at(case, &nobody, client, &with("state", "st4te")).await;
    }
}

async fn refused_at(case: &Case, browser: &Browser<'_>, client: &str, extra: &[(&str, &str)]) {
    let expected = page(400).event("authz.redirect_unregistered");
    let reply = case.expect(expected, browser.authorize(client, extra)).await;
    assert!(!reply.body.contains("href=\"http"), "the page leads nowhere: {}", reply.body);
    assert!(
        reply.headers.get("set-cookie").is_none_or(|cookie| !cookie.to_str().unwrap_or("").contains("a=b"))
    );
}

async fn unregistered(case: &Case, uris: &[&str]) {
    unregistered_at(case, WEB, uris).await;
}

async fn ru_004(case: &Case) {
    unregistered(
        case,
        &[
            "https://app.example/cb/%2e%2e/evil",
            "https://app.example/cb/%252e%252e/evil",
            "https://app.example/cb/../evil",
            "https://app.example/cb/..%2fevil",
            "https://app.example/./cb",
            "https://app.example/x/../cb",
            "https://app.example/c%62",
            "https://app.example/cb%2f",
            "https://app.example/cb%00",
            "https://app.example//cb",
            "https://app.example/cb;x",
        ],
    )
    .await;
}

async fn ru_006(case: &Case) {
    unregistered(
        case,
        &[
            "https://app.example/cb/",
            "https://app.example/cb//",
            "https://app.example/cb?",
            "https://app.example/cb#",
            "https://app.example/cb#x",
            "https://app.example/cb ",
            " https://app.example/cb",
            "https://app.example/cb.",
            "https://app.example/c",
            "https://app.example/",
            "https://app.example",
            "https://app.example/cb3",
        ],
    )
    .await;
}

async fn ru_008(case: &Case) {
    unregistered(
        case,
        &[
            "HTTPS://APP.EXAMPLE/cb",
            "https://APP.example/cb",
            "Https://app.example/cb",
            "https://app.example/CB",
            "https://\u{ff41}pp.example/cb",
            "https://app\u{3002}example/cb",
            "https://\u{430}pp.example/cb",
            "https://xn--pp-9ka.example/cb",
        ],
    )
    .await;
}

async fn ru_010(case: &Case) {
    unregistered(
        case,
        &[
            "https://app.example./cb",
            "https://app.example:443/cb",
            "https://app.example:/cb",
            "https://app.example:0443/cb",
            "https://app.example:8443/cb",
            "https://www.app.example/cb",
            "https://app.example.evil.example/cb",
            "https://evil.example/app.example/cb",
            "https://evil.example/?https://app.example/cb",
        ],
    )
    .await;
}

async fn ru_013(case: &Case) {
    unregistered(
        case,
        &[
            "https://app.example@evil.example/cb",
            "https://app.example:443@evil.example/cb",
            "https://app.example%40evil.example/cb",
            "https://evil.example@app.example/cb",
            "https://@app.example/cb",
            "https://:@app.example/cb",
        ],
    )
    .await;
}

async fn ru_014(case: &Case) {
    unregistered(
        case,
        &[
            "https://a@b@app.example/cb",
            "https://app.example@x@evil.example/cb",
            "https://a:b@c:d@app.example/cb",
        ],
    )
    .await;
}

async fn ru_015(case: &Case) {
    unregistered(
        case,
        &[
            "https://evil.example\\@app.example/cb",
            "https://app.example\\@evil.example/cb",
            "https:\\\\app.example\\cb",
            "https://app.example\\cb",
            "https:/\\app.example/cb",
            "https:app.example/cb",
            "https:///app.example/cb",
        ],
    )
    .await;
}

async fn ru_017(case: &Case) {
    unregistered(case, &["//evil.example/cb", "//app.example/cb", "///evil.example", "://app.example/cb"])
        .await;
}

async fn ru_018(case: &Case) {
    unregistered(
        case,
        &[
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil.example",
            "/cb",
            "cb",
            "?x",
            ".",
            "javascript:alert(1)//https://app.example/cb",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "blob:https://app.example/cb",
            "about:blank",
            "file:///etc/passwd",
        ],
    )
    .await;
}

async fn ru_021(case: &Case) {
    unregistered(
        case,
        &[
            "https://app.example/cb?next=https://evil.example",
            "https://app.example/cb?x",
            "https://app.example/cb?&",
            "https://app.example/cb2?x=1",
        ],
    )
    .await;
}

async fn ru_022(case: &Case) {
    unregistered(
        case,
        &[
            "https://app.example/cb?x=1&code=ATTACKER",
            "https://app.example/cb?code=ATTACKER&x=1",
            "https://app.example/cb?x=2",
            "https://app.example/cb?x=1&",
            "https://app.example/cb?x=1&x=1",
            "https://app.example/cb?%78=1",
            "https://app.example/cb?x=1#",
        ],
    )
    .await;
}

async fn ru_023(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let code = browser.code(WEB, &[("redirect_uri", "https://app.example/cb?x=1")]).await;
    assert_eq!(code.redeem(&case.app).await.status, 200);
    // The consent is there now: the next request is answered at once.
    let reply = browser.authorize(WEB, &[("redirect_uri", "https://app.example/cb?x=1")]).await;
    assert_eq!(reply.status, 303);
    let location = reply.location();
    assert!(location.starts_with("https://app.example/cb?x=1&"), "{location}");
    for name in ["x", "code", "state", "iss"] {
        let url = url::Url::parse(&location).expect("a URL");
        assert_eq!(url.query_pairs().filter(|(known, _)| known == name).count(), 1, "{name} in {location}");
    }
}

async fn ru_024(case: &Case) {
    unregistered(
        case,
        &[
            "https://app.example/cb\r\nSet-Cookie:a=b",
            "https://app.example/cb%0d%0aSet-Cookie:a=b",
            "https://app.example/cb\n",
            "https://app.example/cb\t",
            "https://app.exa\tmple/cb",
            "https://app.example/\u{85}cb",
            "https://app.example/cb\u{2028}",
            "\u{feff}https://app.example/cb",
        ],
    )
    .await;
    // Bytes that are no text are refused before anything is compared.
    let browser = case.app.browser();
    let request = doorward_tests::authorize_target(WEB, &[("redirect_uri", "")]);
    for bytes in ["%00", "%ff", "%c0%af", "%"] {
        let target = format!("{request}&redirect_uri=https://app.example/cb{bytes}");
        case.expect(page(400).event("request.parameter_malformed"), browser.get(&target)).await;
    }
}

async fn ru_029(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let missing = || page(400).event("authz.redirect_missing");
    case.expect(missing(), browser.authorize(WEB, &[("redirect_uri", "")])).await;
    let empty = doorward_tests::authorize_target(WEB, &[("redirect_uri", "")]) + "&redirect_uri=";
    case.expect(missing(), browser.get(&empty)).await;
    // OpenID Connect always names it, even where there is only one.
    case.expect(missing(), browser.authorize("evil", &[("redirect_uri", "")])).await;
    let twice = doorward_tests::authorize_target(WEB, &[]) + "&redirect_uri=https://app.example/cb";
    case.expect(page(400).event("request.parameter_repeated"), browser.get(&twice)).await;
}

async fn ru_031(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for client in ["nobody", "WEB", "web ", "web\u{200b}", "we\u{62}\u{301}", "usr_alice"] {
        for uri in ["https://app.example/cb", "https://evil.example/cb", "javascript:alert(1)"] {
            let expected = page(400).event("authz.unknown_client");
            case.expect(expected, browser.authorize(client, &[("redirect_uri", uri)])).await;
        }
    }
    let expected = page(400).event("authz.unknown_client");
    case.expect(expected, browser.authorize(WEB, &[("client_id", "")])).await;
}

async fn ru_032(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    apply_to(&case.app, "clients", "evil", |client| client["disabled"] = true.into())
        .await
        .expect("it can be");
    for prompt in ["", "none", "login"] {
        let expected = page(400).event("authz.client_disabled");
        case.expect(expected, browser.authorize("evil", &[("prompt", prompt)])).await;
    }
    apply_to(&case.app, "clients", "evil", |client| client["disabled"] = false.into())
        .await
        .expect("it can be");
}

async fn ru_033(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let nobody = case.app.browser();
    for browser in [&browser, &nobody] {
        for mistake in [
            ("prompt", "none"),
            ("prompt", "none login"),
            ("response_type", "bogus"),
            ("request", "x"),
            ("request_uri", "https://evil.example/r"),
            ("max_age", "x"),
            ("code_challenge", "x"),
            ("id_token_hint", "x"),
        ] {
            refused_at(case, browser, WEB, &[("redirect_uri", "https://evil.example/cb"), mistake]).await;
        }
    }
    // By POST the same: at once with the cookies, else one hop later.
    let form = [("client_id", WEB), ("redirect_uri", "https://evil.example/cb"), ("prompt", "none")];
    let reply = browser.post("/authorize", &form);
    case.expect(page(400).event("authz.redirect_unregistered"), reply).await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://app.example")];
    let hop = case.app.send("POST", "/authorize", &headers, &encode(&form)).await;
    assert!(hop.location().starts_with("https://id.example/authorize?"), "{}", hop.location());
    let target = hop.location().replace("https://id.example", "");
    case.expect(page(400).event("authz.redirect_unregistered"), browser.get(&target)).await;
}

async fn ru_034(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for uri in [
        "http://127.0.0.1:51004/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:80/cb",
        "http://127.0.0.1:65535/cb",
    ] {
        let code = browser.code(NATIVE, &[("redirect_uri", uri)]).await;
        assert_eq!(code.redeem(&case.app).await.status, 200, "{uri}");
    }
    let page = Page::of(browser.authorize(NATIVE, &[("redirect_uri", "com.example.app:/cb")]).await);
    let reply = browser.submit(&page, &[("action", "allow")]).await;
    assert!(reply.location().starts_with("com.example.app:/cb?code="), "{}", reply.location());
    // A port is part of what the code is bound to.
    let code = browser.code(NATIVE, &[("redirect_uri", "http://127.0.0.1:51004/cb")]).await;
    let mut form = code.form();
    form[2].1 = "http://127.0.0.1:51005/cb".to_owned();
    let expected = json(400, "invalid_grant").event("code.redirect_mismatch");
    case.expect(expected, case.app.token_as(NATIVE, &form)).await;
}

async fn ru_036(case: &Case) {
    unregistered_at(
        case,
        NATIVE,
        &[
            "http://127.0.0.1:51004/cb?bar=foo",
            "http://127.0.0.1:51004/cb#x",
            "http://127.0.0.1:51004/cb/",
            "http://127.0.0.1:51004/CB",
            "http://127.0.0.1:51004",
            "http://127.0.0.1:51004/cb/../cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:051004/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:-1/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80x/cb",
            "http://127.0.0.1:51004@evil.example/cb",
            "http://127.0.0.1:51004\\@evil.example/cb",
            "com.example.app:/cb?bar=foo",
            "com.example.app:/cb/",
            "com.example.app://cb",
            "com.example.app:/",
            "COM.example.app:/cb",
        ],
    )
    .await;
}

async fn ru_038(case: &Case) {
    unregistered_at(
        case,
        NATIVE,
        &["http://[::1]:51004/cb", "http://[::1]/cb", "http://localhost:51004/cb", "http://localhost/cb"],
    )
    .await;
}

async fn ru_039(case: &Case) {
    unregistered_at(
        case,
        NATIVE,
        &[
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1.:51004/cb",
            "http://127.1/cb",
            "http://2130706433/cb",
            "http://0x7f.1/cb",
            "http://0177.0.0.1/cb",
            "http://127.0.0.2/cb",
            "http://127.0.0.01/cb",
            "http://0.0.0.0/cb",
            "http://[::ffff:127.0.0.1]:51004/cb",
            "http://127.0.0.1%2f@evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://user@127.0.0.1:51004/cb",
            "http://\u{ff11}27.0.0.1/cb",
            "http:127.0.0.1/cb",
            "http:///127.0.0.1/cb",
        ],
    )
    .await;
}

async fn ru_040(case: &Case) {
    unregistered(
        case,
        &[
            "http://127.0.0.1/cb",
            "http://localhost/cb",
            "http://[::1]/cb",
            "http://app.example/cb",
            "https://app.example:51004/cb",
            "com.example.app:/cb",
        ],
    )
    .await;
}

async fn ru_041(case: &Case) {
    unregistered_at(
        case,
        NATIVE,
        &[
            "https://127.0.0.1:51004/cb",
            "https://127.0.0.1/cb",
            "HTTP://127.0.0.1:51004/cb",
            "ftp://127.0.0.1/cb",
            "ws://127.0.0.1/cb",
        ],
    )
    .await;
}

async fn ru_043(case: &Case) {
    let code = case.app.code(WEB, &[]).await;
    for uri in [
        "https://app.example/cb2",
        "https://app.example/cb?x=1",
        "https://app.example/cb/",
        "https://evil.example/cb",
        "HTTPS://app.example/cb",
        "",
    ] {
        let mut form = code.form();
        form[2].1 = uri.to_owned();
        let expected = json(400, "invalid_grant").event("code.redirect_mismatch");
        case.expect(expected, case.app.token_as(WEB, &form)).await;
    }
    assert_eq!(code.redeem(&case.app).await.status, 200, "a mistaken redirect URI does not spend the code");
}

/// No document with one of these is applied, as redirect URI or as address after sign-out; nothing of it is stored.
async fn unregistrable(case: &Case, uris: &[&str]) {
    for uri in uris {
        for field in ["redirect_uris", "post_logout_redirect_uris"] {
            not_applied(case, |client| client[field] = serde_json::json!(["https://app.example/cb", uri]))
                .await;
        }
    }
}

async fn not_applied(case: &Case, change: impl FnOnce(&mut serde_json::Value)) {
    let before = case.app.store.counts().await.expect("rows can be counted");
    let problem = apply_to(&case.app, "clients", WEB, change).await.expect_err("it is refused");
    assert!(!problem.contains("panicked"), "{problem}");
    assert_eq!(case.app.store.counts().await.expect("rows can be counted"), before);
}

async fn ru_047(case: &Case) {
    unregistrable(
        case,
        &[
            "http://app.example/cb",
            "http://127.0.0.2/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://192.168.0.1/cb",
            "http://localhost.evil.example/cb",
            "ftp://app.example/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "myapp:/cb",
            "com.example.app:/cb",
        ],
    )
    .await;
}

async fn ru_048(case: &Case) {
    unregistrable(
        case,
        &[
            "https://app.example/cb#x",
            "https://app.example/cb#",
            "/cb",
            "",
            "//app.example/cb",
            "app.example/cb",
            "https:///cb",
            "https://",
            "https://*.example/cb",
            "https://a@app.example/cb",
            "https://app.example/cb\n",
            "https://app.example/c b",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example/../cb",
            "https://app.example\\cb",
            "https://\u{430}pp.example/cb",
            "https://app.example./cb",
        ],
    )
    .await;
}

async fn ru_049(case: &Case) {
    let long = format!("https://app.example/{}", "a".repeat(10_000));
    unregistrable(case, &[&long]).await;
    for field in ["redirect_uris", "post_logout_redirect_uris"] {
        let many: Vec<String> = (0..1001).map(|n| format!("https://app.example/cb{n}")).collect();
        not_applied(case, |client| client[field] = serde_json::json!(many)).await;
    }
    not_applied(case, |client| {
        client["redirect_uris"] = serde_json::json!(["https://app.example/cb", "https://app.example/cb"]);
    })
    .await;
}

/// Sign-in leads to the client with a GET, so that no browser sends the password along.
async fn ru_050(case: &Case) {
    let browser = case.app.browser();
    let page = Page::of(browser.authorize("first", &[]).await);
    let reply: Reply = browser.submit(&page, &credentials(ALICE)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert!(reply.location().starts_with("https://app.example/cb?code="), "{}", reply.location());
    for text in [reply.location(), reply.body] {
        assert!(
            !text.contains(PASSWORD)
                && !text.contains(&PASSWORD.replace(' ', "%20"))
                && !text.contains(ALICE)
        );
    }
    // The same holds for the button of the consent page.
    let page = Page::of(browser.authorize(WEB, &[("prompt", "consent")]).await);
    assert_eq!(browser.submit(&page, &[("action", "allow")]).await.status, 303);
}

async fn ru_052(case: &Case) {
    for name in
        ["code", "state", "iss", "error", "session_state", "id_token", "access_token", "response", "%63ode"]
    {
        unregistrable(
            case,
            &[
                &format!("https://app.example/cb?{name}=x"),
                &format!("https://app.example/cb?x=1&{name}"),
                &format!("https://app.example/cb?{name}=&x=1"),
                &format!("https://app.example/cb#{name}=x"),
            ],
        )
        .await;
    }
}
