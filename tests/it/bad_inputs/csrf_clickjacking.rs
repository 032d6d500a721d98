//! Bad inputs: forms that another site sends, and pages that another site frames or opens.

use doorward_tests::{ALICE, BOB, Browser, MALLORY, Page, Reply, T1, WEB, credentials, encode, request};
use doorward_web::edge::Service;

use super::steps::{SESSION, form, is_signed_in, signed_in};
use super::{Case, page, rows, status};

rows![
    shared cs_001, shared cs_004, shared cs_005, shared cs_006, shared cs_007, shared cs_009, shared cs_010,
    shared cs_013,
];

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A form of ours, ready to be sent, and the browser that it was shown in.
struct Shown<'a> {
    browser: Browser<'a>,
    page: Page,
    fields: Vec<(&'static str, &'static str)>,
}

impl Shown<'_> {
    fn body(&self) -> String {
        let mut all: Vec<(&str, &str)> =
            self.page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend(&self.fields);
        encode(&all)
    }
}

/// Every form of ours that changes something, freshly shown.
async fn forms<'a>(case: &'a Case, link: &str) -> Vec<Shown<'a>> {
    let sign_in = case.app.browser();
    let sign_in_page = Page::of(sign_in.get("/sign-in").await);
    let on_the_way = case.app.browser();
    let on_the_way_page = Page::of(on_the_way.authorize(WEB, &[]).await);
    let consent = signed_in(case, ALICE).await;
    let consent_page = form(consent.authorize(WEB, &[("prompt", "consent")]).await, "/consent");
    let select = signed_in(case, ALICE).await;
    let select_page = form(select.authorize(WEB, &[("prompt", "select_account")]).await, "/select-account");
    let out = signed_in(case, ALICE).await;
    let out_page = form(out.get("/logout").await, "/sign-out");
    let top = signed_in(case, ALICE).await;
    let top_page = form(top.get("/account").await, "/sign-out");
    let password = signed_in(case, ALICE).await;
    let password_page = form(password.get("/account").await, "/account/password");
    let sessions = signed_in(case, ALICE).await;
    let sessions_page = form(sessions.get("/account").await, "/account/sessions");
    let applications = signed_in(case, ALICE).await;
    applications.code("plain", &[]).await;
    let applications_page = form(applications.get("/account").await, "/account/applications");
    let set_up = case.app.browser();
    let set_up_page = form(set_up.get(&format!("/setup?link={link}")).await, "/setup");
    let secret = "another long password";
    vec![
        Shown { browser: sign_in, page: sign_in_page, fields: credentials(MALLORY).to_vec() },
        Shown { browser: on_the_way, page: on_the_way_page, fields: credentials(MALLORY).to_vec() },
        Shown { browser: consent, page: consent_page, fields: vec![("action", "allow")] },
        Shown { browser: select, page: select_page, fields: vec![("action", "other")] },
        Shown { browser: out, page: out_page, fields: vec![("action", "sign-out")] },
        Shown { browser: top, page: top_page, fields: vec![("action", "sign-out")] },
        Shown {
            browser: password,
            page: password_page,
            fields: vec![
                ("password", doorward_tests::PASSWORD),
                ("new_password", secret),
                ("new_password_again", secret),
            ],
        },
        Shown { browser: sessions, page: sessions_page, fields: vec![("action", "end")] },
        Shown { browser: applications, page: applications_page, fields: vec![("action", "revoke")] },
        Shown {
            browser: set_up,
            page: set_up_page,
            fields: vec![("username", "root"), ("password", secret), ("password_again", secret)],
        },
    ]
}

/// A set-up link of T1.
async fn link(case: &Case) -> String {
    let directory = case.app.store.directory();
    let mounted = directory.lookup("id.example", "/").expect("T1 is mounted");
    let (effects, link) = {
        let mut rng = doorward_crypto::random::SystemRandom;
        let mut ctx =
            doorward_core::Ctx { now: case.app.store.now(), rng: &mut rng, request_id: T1, address: "" };
        let decision = doorward_core::login::set_up::make_link(&mounted.facts(), &mut ctx);
        (decision.effects, decision.answer.expect("a link can be made"))
    };
    super::steps::put(&case.app, effects).await;
    link.expose().to_owned()
}

/// Send that form with these headers: refused, and nothing happened.
async fn refused(case: &Case, shown: &Shown<'_>, headers: &[(&str, &str)]) {
    let mut all = vec![FORM];
    all.extend_from_slice(headers);
    let body = shown.body();
    let before = shown.browser.cookies().get(SESSION).cloned();
    let send = shown.browser.send("POST", &shown.page.action, &all, &body);
    let reply = case.expect(page(403).event("form.foreign"), send).await;
    assert_eq!(shown.browser.cookies().get(SESSION).cloned(), before, "{}: {headers:?}", shown.page.action);
    assert!(!reply.body.contains("action=\"/"), "a refusal of a foreign form offers none: {}", reply.body);
    if before.is_some() {
        assert!(is_signed_in(&shown.browser).await, "{}: {headers:?}", shown.page.action);
    }
}

/// Sign-in CSRF: a stranger's form cannot sign anybody in as the stranger.
async fn cs_001(case: &Case) {
    let attacker = case.app.browser();
    for target in ["/sign-in".to_owned(), doorward_tests::authorize_target(WEB, &[])] {
        let theirs = Page::of(attacker.get(&target).await);
        let mut stolen: Vec<(&str, &str)> =
            theirs.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        stolen.extend(credentials(MALLORY));
        let bare = credentials(MALLORY).to_vec();
        for fields in [&stolen, &bare] {
            let body = encode(fields);
            // From another site, by every browser that says so.
            for headers in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
                let victim = case.app.browser();
                let headers = [FORM, headers];
                let expected = page(403).event("form.foreign");
                case.expect(expected, victim.send("POST", "/sign-in", &headers, &body)).await;
                assert!(!is_signed_in(&victim).await);
            }
            // By one that says nothing, or with a cookie of its own: the form's token does not fit this browser.
            let fresh = case.app.browser();
            fresh.get("/sign-in").await;
            for victim in [case.app.browser(), fresh, signed_in(case, ALICE).await] {
                let before = victim.cookies().get(SESSION).cloned();
                let reply = case.expect(page(403), victim.send("POST", "/sign-in", &[FORM], &body)).await;
                assert_eq!(victim.cookies().get(SESSION).cloned(), before, "{}", reply.body);
                assert!(!reply.body.contains("mallory"), "{}", reply.body);
            }
        }
    }
}

/// `null`, no origin but a foreign fetch, two of them: no form is taken.
async fn cs_004(case: &Case) {
    for shown in &forms(case, &link(case).await).await {
        refused(case, shown, &[("origin", "null")]).await;
        for site in ["cross-site", "same-site", "none", "", "same-origin, cross-site"] {
            refused(case, shown, &[("sec-fetch-site", site)]).await;
        }
        refused(case, shown, &[("origin", "null"), ("sec-fetch-site", "same-origin")]).await;
        refused(case, shown, &[("origin", "https://id.example"), ("origin", "https://evil.example")]).await;
        refused(case, shown, &[("origin", "https://evil.example"), ("origin", "https://id.example")]).await;
    }
    // Positive guards: from our own page, and from a browser that sends neither header.
    for headers in [&[("origin", "https://id.example")][..], &[("sec-fetch-site", "same-origin")], &[]] {
        let browser = case.app.browser();
        let page = Page::of(browser.get("/sign-in").await);
        let shown = Shown { browser, page, fields: credentials(ALICE).to_vec() };
        let all = [&[FORM], headers].concat();
        let reply = shown.browser.send("POST", "/sign-in", &all, &shown.body()).await;
        assert!(reply.status == 303 && is_signed_in(&shown.browser).await, "{headers:?} {}", reply.body);
    }
}

/// An origin is scheme, host and port, all of them.
async fn cs_005(case: &Case) {
    let origins = [
        "https://id.example.evil.example",
        "http://id.example",
        "https://id.example:444",
        "https://id.example:443",
        "https://id.example/",
        "https://ID.example",
        "https://evilid.example",
        "https://sub.id.example",
        "https://id.example.",
        "https://id.example@evil.example",
        "https://id.example evil",
        "https://evil.example",
        "HTTPS://id.example",
        "//id.example",
        "id.example",
        "",
        "https://app.example",
        "file://",
        "chrome-extension://abcdefghijklmnop",
    ];
    for shown in &forms(case, &link(case).await).await {
        for origin in origins {
            refused(case, shown, &[("origin", origin)]).await;
        }
    }
}

/// A form's token fits one form in one browser in one session.
async fn cs_006(case: &Case) {
    let link = link(case).await;
    let (mine, other) = (forms(case, &link).await, forms(case, &link).await);
    for (shown, twin) in mine.iter().zip(&other) {
        let good = shown.page.field("form").expect("every form has its token").to_owned();
        let of_others: Vec<String> = mine
            .iter()
            .filter(|form| form.page.action != shown.page.action)
            .filter_map(|form| form.page.field("form").map(str::to_owned))
            .collect();
        let mut bad = vec![
            String::new(),
            "AAAA".to_owned(),
            "=".to_owned(),
            good[..good.len() - 4].to_owned(),
            format!("{good}A"),
            good.to_uppercase(),
            twin.page.field("form").expect("every form has its token").to_owned(),
            "A".repeat(43),
        ];
        bad.extend(of_others);
        for token in &bad {
            let hidden = shown
                .page
                .hidden
                .iter()
                .map(|(name, value)| {
                    (name.clone(), if name == "form" { token.clone() } else { value.clone() })
                })
                .collect();
            let page_of = Page { hidden, ..shown.page.clone() };
            let before = shown.browser.cookies().get(SESSION).cloned();
            case.expect(page(403), shown.browser.submit(&page_of, &shown.fields)).await;
            assert_eq!(shown.browser.cookies().get(SESSION).cloned(), before);
            if before.is_some() {
                assert!(is_signed_in(&shown.browser).await, "{}", shown.page.action);
            }
        }
    }
    // Signing in changes every token: those of before fit no more.
    for first in [None, Some(ALICE)] {
        let browser = case.app.browser();
        if let Some(user) = first {
            browser.sign_in(user).await;
        }
        let consent = |reply: Reply| form(reply, if first.is_some() { "/consent" } else { "/sign-in" });
        let old = consent(browser.authorize(WEB, &[("prompt", "consent")]).await);
        let again = Page::of(browser.authorize(WEB, &[("prompt", "login")]).await);
        browser.submit(&again, &credentials(BOB)).await;
        let fields = if first.is_some() { vec![("action", "allow")] } else { credentials(MALLORY).to_vec() };
        let before = browser.cookies().get(SESSION).cloned();
        case.expect(page(403), browser.submit(&old, &fields)).await;
        assert_eq!(browser.cookies().get(SESSION).cloned(), before);
    }
}

/// A method is what the request line says.
async fn cs_007(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let names = ["x-http-method-override", "x-http-method", "x-method-override"];
    for name in names {
        for method in ["POST", "DELETE", "PUT"] {
            for path in
                ["/sign-out", "/consent", "/account/sessions", "/account/password", "/token", "/revoke"]
            {
                let reply = case.expect(status(405), browser.send("GET", path, &[(name, method)], "")).await;
                assert!(reply.header("allow").is_some_and(|allow| !allow.contains("GET")));
            }
        }
    }
    for target in ["/logout?_method=POST&action=sign-out", "/account?_method=DELETE", "/sign-in?_method=POST"]
    {
        browser.get(target).await;
        assert!(is_signed_in(&browser).await, "{target}");
    }
    // A form that says it is something else is what it was sent as.
    let page = form(browser.get("/logout").await, "/sign-out");
    let reply = browser.submit(&page, &[("_method", "GET"), ("action", "stay")]).await;
    assert!(reply.status == 200 && is_signed_in(&browser).await);
    for method in ["PUT", "PATCH", "DELETE"] {
        for path in ["/sign-out", "/account/sessions", "/token", "/revoke", "/sign-in", "/account"] {
            case.expect(status(405), browser.send(method, path, &[FORM], "")).await;
        }
    }
}

/// No page keeps a handle to who opened it, may be framed, or speaks to another window.
async fn cs_009(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let pages = [
        browser.get("/account").await,
        browser.get("/logout").await,
        browser.authorize(WEB, &[("prompt", "consent")]).await,
        browser.authorize(WEB, &[("prompt", "login"), ("display", "popup")]).await,
        browser.authorize(WEB, &[("prompt", "select_account")]).await,
        browser.authorize(WEB, &[("redirect_uri", "https://evil.example/")]).await,
        browser.authorize("first", &[("response_mode", "form_post")]).await,
        case.app.browser().get("/sign-in").await,
    ];
    for reply in &pages {
        assert_eq!(reply.header("cross-origin-opener-policy"), Some("same-origin"), "{}", reply.body);
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
        let policy = reply.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!reply.body.contains("<iframe") && !reply.body.contains("target=\"_blank\""));
    }
    let script = pages[0].body.split("src=\"").nth(1).and_then(|rest| rest.split('"').next());
    let script = case.app.get(script.expect("there is a script"), &[]).await;
    assert_eq!(script.status, 200);
    for word in ["postMessage", "opener", "eval(", "innerHTML", "document.write", "localStorage"] {
        assert!(!script.body.contains(word), "{word}");
    }
}

/// A request that was begun in one browser cannot be gone on with in another, whichever page it had come to.
async fn cs_013(case: &Case) {
    let attacker = signed_in(case, MALLORY).await;
    let extra = [("state", "attackers")];
    let pages = [
        (Page::of(case.app.browser().authorize(WEB, &extra).await), credentials(ALICE).to_vec()),
        (
            form(attacker.authorize(WEB, &[extra[0], ("prompt", "consent")]).await, "/consent"),
            vec![("action", "allow")],
        ),
        (
            form(attacker.authorize(WEB, &[extra[0], ("prompt", "select_account")]).await, "/select-account"),
            vec![("account", "usr_mallory")],
        ),
    ];
    let signed_out = case.app.browser();
    signed_out.get("/sign-in").await;
    for victim in [signed_out, case.app.browser(), signed_in(case, ALICE).await] {
        for (page_of, fields) in &pages {
            let before = victim.cookies().get(SESSION).cloned();
            let reply = case.expect(page(403), victim.submit(page_of, fields)).await;
            assert_eq!(victim.cookies().get(SESSION).cloned(), before, "{}", reply.body);
            // The fresh form is bound to this browser, and asks: nobody is signed in, nothing allowed.
            assert!(!reply.body.contains("mallory"), "{}", reply.body);
        }
        // What is no request at all leads nowhere.
        for junk in ["", "x", "AAAA", &"A".repeat(6000)] {
            let reply = victim
                .send(
                    "POST",
                    "/consent",
                    &[FORM, ("origin", "https://id.example")],
                    &encode(&[("request", junk), ("action", "allow"), ("form", "AAAA")]),
                )
                .await;
            assert!(matches!(reply.status, 400 | 403), "{}", reply.body);
        }
    }
    // A request of one issuer is none of another.
    let page_of = &pages[0].0;
    let mut body: Vec<(&str, &str)> =
        page_of.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    body.extend([("username", "amy"), ("password", doorward_tests::PASSWORD)]);
    let asked = request("POST", "/t/t2/sign-in", &[FORM], &encode(&body));
    let reply: Reply = case.app.server().call(asked).await.into();
    assert_eq!(reply.status, 403, "{}", reply.body);
}

/// The admin API is for no script of another origin.
async fn cs_010(case: &Case) {
    let admin = crate::admin::Admin::of_tenant(&case.app).await;
    for origin in ["https://evil.example", "null", "https://id.example.evil.example"] {
        let path = format!("/tenants/{}/users", doorward_tests::T1);
        let asks = [("origin", origin), ("access-control-request-method", "GET")];
        for method in ["GET", "OPTIONS"] {
            let reply = admin.send(method, &path, &asks, "").await;
            assert!(
                reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")),
                "{method}"
            );
        }
    }
}
