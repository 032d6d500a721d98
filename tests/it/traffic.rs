//! Who may ask how often (429), and how much is worked on at once (503): quotas of an address, a tenant and a client with the header
//! fields that tell of them, and places that one class of requests does not take from another.

use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Waker};

use doorward_core::Effect;
use doorward_core::id::{ClientId, TenantId};
use doorward_tests::{Browser, M2M, PASSWORD, Page, Reply, SPA, T1, TestApp, WEB, basic, encode, secret_of};
use doorward_web::app::Options;
use doorward_web::traffic::{Class, Quotas};

use crate::overload::FullQueue;

/// A world where an address may ask little, from addresses that nobody trusts.
pub async fn world(protocol: u32, pages: u32) -> TestApp {
    let quotas = Quotas { protocol, pages, at_once: 8, ..Quotas::default() };
    TestApp::with(Options { quotas, ..Options::default() }).await
}

pub fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// A token request that ends with `invalid_grant`.
pub async fn ask_from(app: &TestApp, from: &str, client: &str) -> Reply {
    let authorization = basic(client, &secret_of(client));
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("authorization", authorization.as_str())];
    let body = encode(&[("grant_type", "refresh_token"), ("refresh_token", "x")]);
    app.send_from(address(from), "POST", "/token", &headers, &body).await
}

#[tokio::test]
async fn an_address_is_told_how_it_stands_and_when_to_come_back() {
    let app = world(3, 100).await;
    for left in ["2", "1", "0"] {
        let reply = ask_from(&app, "198.51.100.1", WEB).await;
        reply.assert_error(400, "invalid_grant");
        assert_eq!(reply.header("ratelimit-policy"), Some("\"address\";q=3;w=60"));
        let limit = reply.header("ratelimit").expect("how it stands");
        assert!(limit.starts_with(&format!("\"address\";r={left};t=")), "{limit}");
        assert!(reply.header("access-control-expose-headers").is_some_and(|names| {
            ["RateLimit", "RateLimit-Policy", "Retry-After"]
                .iter()
                .all(|name| names.split(", ").any(|known| known == *name))
        }));
    }
    let reply = ask_from(&app, "198.51.100.1", WEB).await;
    reply.assert_error(429, "temporarily_unavailable");
    assert_eq!(reply.header("retry-after"), Some("20"));
    assert_eq!(reply.header("ratelimit"), Some("\"address\";r=0;t=20"));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));

    // Nobody else waits: another address, another class of requests; and keys and metadata have no limit.
    ask_from(&app, "198.51.100.2", WEB).await.assert_error(400, "invalid_grant");
    for path in ["/jwks", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        for _ in 0..20 {
            let reply = app.send_from(address("198.51.100.1"), "GET", path, &[], "").await;
            assert_eq!((reply.status, reply.header("ratelimit")), (200, None), "{path}");
        }
    }
    let preflight = app.send_from(address("198.51.100.1"), "OPTIONS", "/token", &[], "").await;
    assert_eq!(preflight.status, 204);
    let page = app.send_from(address("198.51.100.1"), "GET", "/sign-in", &[], "").await;
    assert_eq!(page.status, 200);

    app.advance_s(20);
    ask_from(&app, "198.51.100.1", WEB).await.assert_error(400, "invalid_grant");
    ask_from(&app, "198.51.100.1", WEB).await.assert_error(429, "temporarily_unavailable");
}

#[tokio::test]
async fn one_holder_of_many_addresses_is_one_and_the_own_machine_is_trusted() {
    let app = world(1, 100).await;
    ask_from(&app, "2001:db8:1:2::1", WEB).await.assert_error(400, "invalid_grant");
    ask_from(&app, "2001:db8:1:2:ffff::9", WEB).await.assert_error(429, "temporarily_unavailable");
    ask_from(&app, "2001:db8:1:3::1", WEB).await.assert_error(400, "invalid_grant");
    for trusted in ["127.0.0.1", "::1"] {
        for _ in 0..5 {
            let reply = ask_from(&app, trusted, WEB).await;
            reply.assert_error(400, "invalid_grant");
            assert_eq!(reply.header("ratelimit"), None, "{trusted}");
        }
    }
}

#[tokio::test]
async fn a_person_is_told_on_a_page_in_their_language() {
    let app = world(100, 1).await;
    let get = async |path: &str, language: &str| {
        let headers = [("accept", "text/html"), ("accept-language", language)];
        app.send_from(address("198.51.100.1"), "GET", path, &headers, "").await
    };
    assert_eq!(get("/sign-in", "en").await.status, 200);
    for (language, words) in [("en", "Too many requests"), ("de", "Zu viele Anfragen")] {
        for path in ["/sign-in", "/account", "/no-such-page"] {
            let reply = get(path, language).await;
            assert_eq!(reply.status, 429, "{path}");
            assert_eq!(reply.header("retry-after"), Some("60"));
            assert!(reply.body.contains(words), "{path} {language}: {}", reply.body);
        }
    }
}

/// A proxy asks from one address for everybody: that uses up nobody's tokens there, and waits for none.
#[tokio::test]
async fn the_guard_is_counted_by_itself() {
    let quotas = Quotas { protocol: 1, guard: 3, ..Quotas::default() };
    let app = TestApp::with(Options { quotas, ..Options::default() }).await;
    let ask = async |path: &str| {
        let said = [("x-original-method", "GET"), ("x-original-uri", "/"), ("authorization", "Bearer no")];
        app.send_from(address("198.51.100.1"), "GET", path, &said, "").await
    };
    ask_from(&app, "198.51.100.1", WEB).await.assert_error(400, "invalid_grant");
    ask_from(&app, "198.51.100.1", WEB).await.assert_error(429, "temporarily_unavailable");
    let asked = "/guard?api=https%3A%2F%2Frs1.example";
    for _ in 0..3 {
        assert_eq!(ask(asked).await.status, 401);
    }
    for path in [asked, "/guard/at/https%3A%2F%2Frs1.example/"] {
        let reply = ask(path).await;
        let told = (reply.status, reply.header("ratelimit-policy"), reply.header("retry-after"));
        assert_eq!(told, (429, Some("\"address\";q=3;w=60"), Some("20")), "{path}");
    }
    // Its places are its own, too.
    let _held = app.app.traffic.enter(Class::Protocol).await.expect("a place");
    let taken = |class| app.app.traffic.admission(class).map(|places| places.load().0);
    assert_eq!((taken(Class::Protocol), taken(Class::Guard)), (Some(1), Some(0)));
    assert!(Quotas::default().guard >= 10 * Quotas::default().protocol);
}

#[tokio::test]
async fn the_admin_api_says_it_as_a_problem() {
    let quotas = Quotas { admin: 1, ..Quotas::default() };
    let app = TestApp::with(Options { quotas, ..Options::default() }).await;
    let get = async || app.send_from(address("198.51.100.1"), "GET", "/admin/v1/tenants", &[], "").await;
    assert_eq!(get().await.status, 401);
    let reply = get().await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("60")));
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.json()["type"], "urn:doorward:problem:too-many-requests");
    assert_eq!(reply.header("ratelimit"), Some("\"address\";r=0;t=60"));
}

/// By default two hundred people behind one address sign in within a minute; a sign-in takes ten requests.
#[tokio::test]
async fn two_hundred_people_behind_one_address_are_no_flood() {
    let app = TestApp::new().await;
    let quotas = Quotas::default();
    assert!(quotas.pages >= 200 * 10 && quotas.protocol >= 200 * 10);
    for _ in 0..2000 {
        let reply = app.send_from(address("198.51.100.1"), "GET", "/account", &[], "").await;
        assert_eq!(reply.status, 303);
    }
    ask_from(&app, "198.51.100.1", WEB).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_tenant_has_a_quota_of_its_own() {
    let app = world(2, 100).await;
    let entry = app.store.directory();
    let mut tenant = (*entry.tenant(&TenantId::from(T1)).expect("the tenant").tenant).clone();
    tenant.settings.rate_limit = 4;
    app.store.commit(vec![Effect::PutTenant(tenant)]).await.expect("a tenant can be changed");
    let mut statuses = Vec::new();
    for from in ["198.51.100.1", "198.51.100.1", "198.51.100.1", "198.51.100.2", "198.51.100.2"] {
        statuses.push(ask_from(&app, from, WEB).await.status);
    }
    // What an address may not ask is not its tenant's to pay.
    assert_eq!(statuses, [400, 400, 429, 400, 400]);
    let reply = ask_from(&app, "198.51.100.3", WEB).await;
    reply.assert_error(429, "temporarily_unavailable");
    assert_eq!(reply.header("ratelimit-policy"), Some("\"address\";q=2;w=60, \"tenant\";q=4;w=60"));
    assert_eq!(reply.header("ratelimit"), Some("\"address\";r=1;t=30, \"tenant\";r=0;t=15"));
    assert_eq!(reply.header("retry-after"), Some("15"));
    let other = app.send_from(address("198.51.100.3"), "GET", "/t/t2/sign-in", &[], "").await;
    assert_eq!(other.status, 200, "another tenant's people are not touched");
    // Nor are this one's: strangers at the pages keep no client from its tokens, and the other way round.
    let pages = async |from: &str| app.send_from(address(from), "GET", "/sign-in", &[], "").await.status;
    let mut statuses = Vec::new();
    for number in 4..10 {
        statuses.push(pages(&format!("198.51.100.{number}")).await);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
    app.advance_s(20);
    assert_eq!(ask_from(&app, "198.51.100.20", WEB).await.status, 400);
}

async fn limit_client(app: &TestApp, client: &str, rate_limit: i64) {
    let (tenant, id) = (TenantId::from(T1), ClientId::from(client));
    let found = app.store.client(&tenant, &id).await.expect("a client can be read").expect("it is there");
    let client = doorward_core::model::Client { rate_limit, ..found.client.clone() };
    app.store.commit(vec![Effect::PutClient(client)]).await.expect("a client can be changed");
}

#[tokio::test]
async fn a_clients_quota_is_used_up_by_nobody_else() {
    let app = world(1000, 100).await;
    limit_client(&app, M2M, 2).await;
    // Whoever only says its name, or guesses at its secret, costs it nothing.
    let (form, wrong) = ([("grant_type", "client_credentials")], basic(M2M, "wrong"));
    for _ in 0..5 {
        app.post_form("/token", &form, &[("authorization", &wrong)])
            .await
            .assert_error(401, "invalid_client");
    }
    let right = basic(M2M, &secret_of(M2M));
    let reply = app.post_form("/token", &form, &[("authorization", &right)]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("ratelimit-policy"), Some("\"address\";q=1000;w=60, \"client\";q=2;w=60"));
    assert!(reply.header("ratelimit").is_some_and(|limit| limit.ends_with("\"client\";r=1;t=30")));
    // At all endpoints where it authenticates together.
    let token = reply.text("access_token");
    let reply = app.post_form("/revoke", &[("token", &token)], &[("authorization", &right)]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for path in ["/token", "/revoke", "/introspect"] {
        let reply = app.post_form(path, &form, &[("authorization", &right)]).await;
        reply.assert_error(429, "temporarily_unavailable");
        assert_eq!(reply.header("retry-after"), Some("30"));
        assert!(reply.header("ratelimit").is_some_and(|limit| limit.ends_with("\"client\";r=0;t=30")));
    }
    app.advance_s(30);
    assert_eq!(app.post_form("/token", &form, &[("authorization", &right)]).await.status, 200);
}

#[tokio::test]
async fn a_clients_quota_holds_at_the_admin_api() {
    let app = world(0, 0).await;
    let admin = crate::admin::Admin::with(&app, "narrow", "admin:users.read").await;
    limit_client(&app, "narrow", 2).await;
    let users = format!("/tenants/{T1}/users");
    let mut replies = Vec::new();
    for _ in 0..3 {
        replies.push(admin.get(&users).await);
    }
    assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), [200, 200, 429]);
    assert_eq!(replies[2].header("retry-after"), Some("30"));
    assert_eq!(replies[2].json()["type"], "urn:doorward:problem:too-many-requests");
    assert_eq!(crate::admin::Admin::of_tenant(&app).await.get(&users).await.status, 200, "another client");
}

#[tokio::test]
async fn a_public_client_has_its_quota_at_each_address() {
    let app = world(1000, 100).await;
    limit_client(&app, SPA, 1).await;
    let body = encode(&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", SPA)]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let mut statuses = Vec::new();
    for from in ["198.51.100.1", "198.51.100.1", "198.51.100.2"] {
        statuses.push(app.send_from(address(from), "POST", "/token", &headers, &body).await.status);
    }
    assert_eq!(statuses, [400, 429, 400]);
}

/// All places of programs are taken: the oldest of those that wait is told to come back, soon and not all at once; pages, keys and
/// probes are answered; and once a place is free everything is as before.
#[tokio::test]
async fn too_much_at_once_is_shed_and_nothing_else_suffers() {
    let app = world(0, 0).await;
    let admission = app.app.traffic.admission(Class::Protocol).expect("programs have places");
    let mut taken = Vec::new();
    for _ in 0..8 {
        taken.push(admission.enter().await.expect("a place"));
    }
    let mut waits = Vec::new();
    for _ in 0..20 {
        let mut request = Box::pin(ask_from(&app, "198.51.100.1", WEB));
        assert!(poll(&mut request).is_none(), "it waits for a place");
        let mut newer: Vec<_> = (0..256).map(|_| Box::pin(admission.enter())).collect();
        for one in &mut newer {
            assert!(poll(one).is_none());
        }
        let reply = poll(&mut request).expect("the oldest is told");
        reply.assert_error(503, "temporarily_unavailable");
        waits.push(reply.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds"));
    }
    assert!(waits.iter().all(|wait: &u32| (1..=5).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait != waits[0]), "they do not all come back at once: {waits:?}");

    assert_eq!(app.get("/jwks", &[]).await.status, 200);
    assert_eq!(app.get("/sign-in", &[]).await.status, 200);
    assert_eq!((admission.load(), admission.shed()), ((8, 0), 20));

    let mut request = Box::pin(ask_from(&app, "198.51.100.1", WEB));
    assert!(poll(&mut request).is_none());
    drop(taken);
    request.await.assert_error(400, "invalid_grant");
    assert_eq!(admission.load(), (0, 0));
}

/// Sign-ins that find the password threads' queue full are told so before anything is done for them, and tokens are issued meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_sign_ins_is_shed_and_tokens_are_issued() {
    let app = TestApp::new().await;
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let form = [("username", "alice"), ("password", PASSWORD), ("action", "sign-in")];
    let queue = FullQueue::of(&app.app.passwords);
    let shed = browser.submit(&page, &form).await;
    assert_eq!(shed.status, 503, "{}", shed.body);
    assert!(shed.header("retry-after").is_some());
    assert!(shed.body.contains("<html"), "{}", shed.body);
    let right = basic(M2M, &secret_of(M2M));
    let service = [("grant_type", "client_credentials")];
    assert_eq!(app.post_form("/token", &service, &[("authorization", &right)]).await.status, 200);
    // Jobs of which nobody wants to know are not done: she signs in at once.
    queue.end().await;
    assert_eq!(browser.submit(&page, &form).await.status, 303);
}

/// The queue is full where a password is looked at, after the form was let in: that is overload too, and no trouble of storage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_fills_meanwhile_is_overload_and_no_fault() {
    let app = TestApp::new().await;
    let (stranger, alice) = (app.browser(), app.browser());
    alice.sign_in("alice").await;
    let page = async |browser: &Browser<'_>, path: &str, action: &str| {
        let page = Page::of(browser.get(path).await);
        Page { action: action.to_owned(), ..page }
    };
    let (new, email) = ("another horse, another staple", "alice@elsewhere.example");
    let doors = [
        (
            "sign_in",
            page(&stranger, "/sign-in", "/sign-in").await,
            vec![("username", "alice"), ("action", "sign-in")],
        ),
        (
            "account_password",
            page(&alice, "/account", "/account/password").await,
            vec![("new_password", new), ("new_password_again", new)],
        ),
        (
            "account_email",
            page(&alice, "/account/email", "/account/email").await,
            vec![("email", email), ("action", "change")],
        ),
    ];
    let passwords = &app.app.passwords;
    for (endpoint, page, mut form) in doors {
        form.push(("password", PASSWORD));
        let browser = if endpoint == "sign_in" { &stranger } else { &alice };
        passwords.hold(true);
        let mut request = Box::pin(browser.submit(&page, &form));
        if endpoint == "sign_in" {
            loop {
                let before = passwords.waiting().load(Relaxed);
                let early = poll(&mut request).map(|reply| (reply.status, reply.body));
                assert_eq!(early, None, "it is let in, and waits for the store");
                if passwords.waiting().load(Relaxed) == before {
                    break;
                }
                // The store answered at once, and the password is in the queue before that is full.
                request = Box::pin(browser.submit(&page, &form));
            }
        }
        let queue = FullQueue::of(passwords);
        let reply = request.await;
        assert_eq!(reply.status, 503, "{endpoint}: {}", reply.body);
        assert!(reply.header("retry-after").is_some() && reply.body.contains("<html"), "{}", reply.body);
        queue.end().await;
        let text = app.app.metrics.text();
        let faults = text.lines().filter(|line| line.starts_with("doorward_faults_total"));
        assert!(faults.clone().all(|line| line.ends_with("} 0")), "{endpoint}: {text}");
        assert!(!text.contains("outcome=\"fault\""), "{endpoint}: {text}");
        let overload = format!(
            "doorward_endpoint_requests_total{{endpoint=\"{endpoint}\",outcome=\"refused\",reason=\"traffic.overloaded\"}} 1"
        );
        assert!(text.contains(&overload), "{overload} is not in {text}");
    }
}

/// What a future has to say now.
pub fn poll<F: Future + ?Sized>(future: &mut std::pin::Pin<Box<F>>) -> Option<F::Output> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
