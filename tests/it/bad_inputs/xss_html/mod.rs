//! Bad inputs: text of strangers in pages. Whether a browser runs anything of it is tested in one (`tests/clients/browser`); here every
//! page is read tag by tag.

mod tags;

use doorward_core::Effect;
use doorward_core::id::TenantId;
use doorward_core::model::{Role, Variant};
use doorward_core::permission::Permission;
use doorward_tests::extended::{ASKS, P1, X2};
use doorward_tests::{ALICE, Browser, Logs, NATIVE, PKJ, Page, Reply, T1, WEB, credentials, encode};
use serde_json::json;

use crate::bad_inputs::steps::{SESSION, apply, apply_to, client_of, form, put, signed_in};
use crate::bad_inputs::{Case, rows};
use tags::assert_harmless;

rows![fresh xs_001, fresh xs_004, shared xs_005, shared xs_009, shared xs_011, shared xs_013, fresh xs_014];

/// What is meant to break out: of text, of an attribute, of a title, of a message of the catalogue.
const PAYLOADS: [&str; 10] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onfocus='alert(1)' autofocus='",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "</title><svg/onload=alert(1)>",
    "<!--",
    "{ $client } {\"<b>\"} { DATETIME() }",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<bdi></bdi></p></form><form action=https://evil.example>",
    "javascript:alert(1)",
];

/// Names of everything that has one.
async fn rename(case: &Case, payload: &str) {
    let store = &case.app.store;
    let tenant = TenantId::from(T1);
    let mut effects = Vec::new();
    for id in [WEB, NATIVE, "first", "plain"] {
        let client = client_of(&case.app, id).await;
        effects.push(Effect::PutClient(doorward_core::model::Client { name: payload.to_owned(), ..client }));
    }
    let mut found = store.tenant(&tenant).await.expect("a tenant can be read").expect("it is there");
    found.name = payload.to_owned();
    effects.push(Effect::PutTenant(found));
    for mut api in store.apis(&tenant).await.expect("APIs can be read") {
        api.name = payload.to_owned();
        for scope in &mut api.scopes {
            scope.description = payload.to_owned();
        }
        effects.push(Effect::PutApi(api));
    }
    let users = store.users(&tenant, None, 100).await.expect("people can be read");
    let mut alice =
        users.into_iter().find(|found| found.user.user_name_key == ALICE).expect("she is there").user;
    for claim in ["name", "locale", "given_name"] {
        alice.profile.0.insert(claim.to_owned(), payload.into());
    }
    effects.push(Effect::PutUser(alice));
    put(&case.app, effects).await;
}

/// Every page, with that text wherever a stranger's text can stand.
async fn pages(case: &Case, payload: &str) -> Vec<Reply> {
    let agent = [("user-agent", payload), ("accept", "text/html"), ("accept-language", payload)];
    let stranger = case.app.browser();
    let browser = case.app.browser();
    let mut pages = vec![
        stranger.send("GET", "/sign-in", &agent, "").await,
        stranger.authorize(WEB, &[("login_hint", payload), ("ui_locales", payload)]).await,
        stranger.authorize(WEB, &[("redirect_uri", payload)]).await,
        stranger.authorize(payload, &[("redirect_uri", "https://app.example/cb")]).await,
        stranger
            .get(&format!("/authorize?{}&{}=1", encode(&[("client_id", WEB)]), encode(&[("x", payload)])))
            .await,
        stranger
            .get(&format!("/logout?{}", encode(&[("post_logout_redirect_uri", payload), ("state", payload)])))
            .await,
        stranger.get(&format!("/logout?{}", encode(&[("id_token_hint", payload)]))).await,
        stranger.get(&format!("/setup?{}", encode(&[("link", payload)]))).await,
        stranger.send("GET", &format!("/{}", encode(&[("x", payload)])), &agent, "").await,
        stranger.send("DELETE", "/account", &agent, "").await,
    ];
    let sign_in = Page::of(browser.send("GET", "/sign-in", &agent, "").await);
    let typed = [("username", payload), ("password", "x"), ("action", "sign-in")];
    pages.push(browser.submit(&sign_in, &typed).await);
    sign_in_with(&browser, payload).await;
    let consent = browser.authorize(WEB, &[("prompt", "consent"), ("state", payload)]).await;
    pages.push(consent.clone());
    browser.submit(&form(consent, "/consent"), &[("action", "allow")]).await;
    pages.extend([
        browser.get("/account").await,
        browser.get(&format!("/account?{}", encode(&[("done", payload)]))).await,
        browser.authorize(WEB, &[("prompt", "select_account"), ("state", payload)]).await,
        browser.authorize(WEB, &[("prompt", "login"), ("state", payload)]).await,
        browser.authorize("first", &[("response_mode", "form_post"), ("state", payload)]).await,
        browser
            .authorize(WEB, &[("response_mode", "form_post"), ("state", payload), ("scope", "nothing")])
            .await,
        browser
            .authorize(
                NATIVE,
                &[("redirect_uri", "com.example.app:/cb"), ("prompt", "none"), ("state", payload)],
            )
            .await,
        browser.get(&format!("/logout?{}", encode(&[("client_id", WEB), ("state", payload)]))).await,
        browser.post("/sign-in", &[("request", payload), ("form", payload), ("username", payload)]).await,
        browser.post("/consent", &[("request", payload), ("form", payload), ("action", payload)]).await,
        browser.post("/account/password", &[("form", payload), ("new_password", "x")]).await,
    ]);
    let password = form(browser.get("/account").await, "/account/password");
    pages.push(browser.submit(&password, &[("password", "x"), ("new_password", "x")]).await);
    pages.push(
        browser.submit(&form(browser.get("/account").await, "/sign-out"), &[("action", "sign-out")]).await,
    );
    pages
}

async fn xs_001(case: &Case) {
    for payload in PAYLOADS {
        rename(case, payload).await;
        for reply in pages(case, payload).await {
            if reply.header("content-type").is_some_and(|media| media.starts_with("text/html")) {
                assert_harmless(&reply, payload);
            } else {
                // What is no page is no page to a browser either.
                assert!(matches!(reply.status, 303 | 404 | 405), "{} {}", reply.status, reply.body);
                assert!(!reply.body.contains(payload), "{}", reply.body);
            }
        }
    }
}

/// No page has JSON or a script of its own; a name with `</script>` is one name in one attribute.
async fn xs_004(case: &Case) {
    rename(case, "</script><b>").await;
    let mut read = 0;
    for reply in pages(case, "x").await {
        if reply.header("content-type") != Some("text/html; charset=utf-8") {
            continue;
        }
        read += 1;
        assert_eq!(reply.body.matches("<script").count(), 1, "{}", reply.body);
        assert!(!reply.body.contains("application/json") && !reply.body.contains("<b>"), "{}", reply.body);
        assert!(!reply.body.contains("style=\"") && !reply.body.contains("<style"), "{}", reply.body);
    }
    assert!(read > 15, "{read} pages were read");
}

/// The policy of each page: nothing but our own files; forms to ourselves, but where a form may end at a client.
async fn xs_005(case: &Case) {
    let own = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
    let any = own.trim_end_matches("; form-action 'self'");
    let browser = signed_in(case, ALICE).await;
    let stranger = case.app.browser();
    let stale = Page::of(stranger.authorize(WEB, &[]).await);
    let other = case.app.browser();
    let pages = [
        (any, stranger.authorize(WEB, &[]).await),
        (any, browser.authorize(WEB, &[("prompt", "consent")]).await),
        (any, browser.authorize(WEB, &[("prompt", "select_account")]).await),
        (any, browser.authorize(WEB, &[("response_mode", "form_post"), ("scope", "nothing")]).await),
        (any, other.submit(&stale, &credentials(ALICE)).await),
        (own, browser.get("/account").await),
        (own, browser.authorize(WEB, &[("redirect_uri", "https://evil.example/")]).await),
        (own, browser.send("GET", "/nothing", &[("accept", "text/html")], "").await),
        (own, browser.get("/setup?link=x").await),
        (own, browser.post("/sign-in", &[]).await),
        (own, stranger.get("/logout").await),
    ];
    for (at, (expected, reply)) in pages.iter().enumerate() {
        let policies: Vec<_> = reply.headers.get_all("content-security-policy").iter().collect();
        assert_eq!(policies.len(), 1, "{at}");
        let policy = reply.header("content-security-policy").unwrap_or_default();
        let is_sign_in =
            reply.body.contains("action=\"/sign-in\"") || reply.body.contains("action=\"/sign-out\"");
        assert!(policy == *expected || (is_sign_in && policy == any), "{at}: {policy}\n{}", reply.body);
        for word in ["unsafe", "nonce", "data:", "blob:", "http:", "*"] {
            assert!(!policy.contains(word), "{at}: {policy}");
        }
    }
}

/// An address in the configuration is one that a browser may be sent to.
async fn xs_009(case: &Case) {
    let bad = [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/x",
        "about:blank",
        "view-source:https://app.example",
        "//evil.example",
        "/relative",
        "",
        "https://",
        "https://app.example/\"><script>",
        "https://app.example/cb#x",
        "https://user:pw@app.example/cb",
        "http://app.example/cb",
        "https://app.example\\@evil.example/",
    ];
    let before = case.rows().await;
    for uri in bad {
        for list in ["redirect_uris", "post_logout_redirect_uris"] {
            let refused = apply_to(&case.app, "clients", WEB, |client| client[list] = json!([uri])).await;
            assert!(refused.is_err(), "{list}: {uri}");
        }
        let refused = apply_to(&case.app, "clients", PKJ, |client| client["jwks_uri"] = uri.into()).await;
        assert!(refused.is_err(), "jwks_uri: {uri}");
        if !uri.starts_with("http") {
            for claim in ["website", "picture", "profile"] {
                let refused =
                    apply_to(&case.app, "users", ALICE, |user| user["profile"][claim] = uri.into()).await;
                assert!(refused.is_err(), "{claim}: {uri}");
            }
        }
        let refused = apply(&case.app, json!({ "issuers": [{ "url": uri }] })).await;
        assert!(refused.is_err(), "issuer: {uri}");
        for colour in ["red;}</style><script>", "url(https://evil.example/)", "#fff;background:url(x)", uri] {
            let refused = apply(&case.app, json!({ "settings": { "accent": colour } })).await;
            assert!(refused.is_err() || colour.is_empty(), "accent: {colour}");
        }
    }
    assert_eq!(case.rows().await, before);
    // Positive guard.
    let fine = apply_to(&case.app, "clients", WEB, |client| {
        client["redirect_uris"] = json!(["https://app.example/cb"])
    })
    .await;
    assert_eq!(fine, Ok(()));
}

/// A template is never made of what was typed.
async fn xs_011(case: &Case) {
    for typed in [
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{% raw %}",
        "{ $client }",
        "{{ frame.base }}",
        "%(client)s",
        "{0}",
        "@{7*7}",
    ] {
        let browser = case.app.browser();
        let hinted = browser.authorize(WEB, &[("login_hint", typed)]).await;
        let refused = browser
            .submit(
                &Page::of(hinted.clone()),
                &[("username", typed), ("password", "x"), ("action", "sign-in")],
            )
            .await;
        for reply in [hinted, refused] {
            assert_eq!(reply.status, 200);
            let value =
                reply.body.split("name=\"username\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
            let value = value.expect("the field is there");
            let shown = value.replace("&#60;", "<").replace("&#62;", ">").replace("&#37;", "%");
            assert_eq!(shown, typed);
        }
    }
}

/// What a stranger writes is one line of a log, without control bytes, and escaped where it is shown.
async fn xs_013(case: &Case) {
    let mark = Logs::mark();
    let escapes =
        "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\nfake: line\u{2028}\u{202e}<script>alert(1)</script>";
    let browser = case.app.browser();
    let typed = encode(&[("username", escapes), ("password", escapes), ("action", "sign-in")]);
    let page = Page::of(browser.get("/sign-in").await);
    let mut body =
        encode(&page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>());
    body = format!("{body}&{typed}");
    let headers = [
        ("origin", "https://id.example"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("user-agent", "<script>alert(1)</script>"),
    ];
    let reply = browser.send("POST", "/sign-in", &headers, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for (name, value) in [
        ("client_id", escapes),
        ("redirect_uri", escapes),
        ("scope", escapes),
        ("prompt", escapes),
        ("state", escapes),
    ] {
        let mut params = vec![(name, value)];
        if name != "client_id" {
            params.push(("client_id", WEB));
        }
        browser.get(&format!("/authorize?{}", encode(&params))).await;
        case.app.post_form("/token", &params, &[]).await;
    }
    case.app.post_form("/revoke", &[("token", escapes), ("client_id", escapes)], &[]).await;
    case.app.get(&format!("/{}", encode(&[("x", escapes)])), &[("accept", "text/html")]).await;
    let shown = signed_in_as(case, "<script>alert(1)</script>").await;
    assert!(!shown.body.contains("<script>alert"), "{}", shown.body);
    for event in case.new_events().await {
        let text = format!("{} {}", event.data, event.address);
        assert!(!text.chars().any(|c| c.is_control()) && !text.contains("owned"), "{event:?}");
    }
    let logged = Logs::since(mark);
    for line in logged.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "no JSON: {line}");
        assert!(!line.chars().any(|c| c.is_control() || c == '\u{2028}' || c == '\u{202e}'), "{line:?}");
    }
}

/// What an extension says of itself is plain text: its markup is shown, letter by letter, to whoever installs, opens or administers it.
async fn xs_014(case: &Case) {
    let app = &case.app;
    app.extend().await;
    let owner = ["read", "write"].map(|act| Permission::parse(&format!("admin:installations.{act}")));
    let found = app.store.roles(&T1.into()).await.expect("roles can be read").remove(0);
    let permissions =
        owner.into_iter().map(|word| word.expect("a permission")).chain(found.permissions.clone());
    put(app, vec![Effect::PutRole(Role { permissions: permissions.collect(), ..found })]).await;
    let alice = signed_in(case, ALICE).await;
    for markup in [
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<math><annotation-xml encoding=\"text/html\"><img src=x onerror=alert(1)></annotation-xml></math>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "[a](javascript:alert(1)) ![b](https://evil.example/pixel) <https://evil.example>",
        "<img src=https://evil.example/pixel>",
    ] {
        app.change_extension(X2, |found| {
            let manifest = &mut found.manifest;
            for text in [&mut manifest.name, &mut manifest.summary, &mut manifest.description] {
                *text = markup.to_owned();
            }
            manifest.scopes.iter_mut().for_each(|asked| asked.reason = markup.to_owned());
            manifest.icon = Some("https://x2.example/icon.svg".to_owned());
            let variant = |key: &str| Variant {
                key: key.to_owned(),
                name: markup.to_owned(),
                description: markup.to_owned(),
            };
            manifest.variants = vec![variant("a"), variant("b")];
        })
        .await;
        let of = app.install(X2, (P1, "project/p-1"), ASKS).await;
        let mut shown = vec![
            alice.get("/account/extensions").await,
            alice.get(&format!("/account/installations/{}", of.id)).await,
            alice.get(&format!("/account/installations/{}/remove", of.id)).await,
        ];
        app.live(&of.id, |life, now| life.remove(now)).await;
        shown.push(alice.get("/account/extensions/x2/install?context=project%2Fp-1").await);
        let written = markup.replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;");
        // The page that installs shows name, summary, description, reasons and variants, the others the name.
        for (reply, times) in shown.iter().zip([1, 1, 1, 10]) {
            assert_eq!(reply.status, 200, "{}", reply.body);
            assert_harmless(reply, markup);
            assert!(!reply.body.contains("icon.svg"), "{}", reply.body);
            assert!(reply.body.matches(&written).count() >= times, "{markup}: {}", reply.body);
        }
    }
}

/// The account page of somebody who signed in with that browser.
async fn signed_in_as(case: &Case, agent: &str) -> Reply {
    let browser = case.app.browser();
    sign_in_with(&browser, agent).await;
    assert!(browser.cookies().contains_key(SESSION));
    browser.get("/account").await
}

/// ALICE signs in with a browser that calls itself so.
async fn sign_in_with(browser: &Browser<'_>, agent: &str) {
    let page = Page::of(browser.get("/sign-in").await);
    let mut fields: Vec<(&str, &str)> =
        page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(credentials(ALICE));
    let headers = [
        ("origin", "https://id.example"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("user-agent", agent),
    ];
    browser.send("POST", "/sign-in", &headers, &encode(&fields)).await;
}
