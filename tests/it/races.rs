//! Requests that arrive at once: one winner, and nothing that a race lets through. Over two nodes on PostgreSQL.

use doorward_core::id::TenantId;
use doorward_tests::concurrent::{at_once, form_request, nodes, refresh_request};
use doorward_tests::{
    ALICE, BOB, Browser, Code, M2M, PASSWORD, PKJ, Page, Reply, SPA, T1, TestApp, WEB, assertion, encode,
    request, user_id,
};
use doorward_web::edge::EdgeRequest;
use serde_json::json;

const MANY: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_redemptions_of_a_pkce_bound_code_one_wins_and_its_tokens_live() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    for client in [WEB, SPA] {
        let code = app.code(client, &[]).await;
        let replies = at_once(&nodes, (0..MANY).map(|_| redemption(&code)).collect()).await;
        let winner = only_winner(&replies);
        assert_eq!(app.userinfo(&winner.text("access_token")).await.status, 200, "the winner's tokens live");
        let refreshed = app.refresh(client, &winner.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(app.recorded("code.replayed").await, 0);
    }
    assert_eq!(app.recorded("code.repeated").await, 2 * (MANY - 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_pkce_at_most_one_wins_and_the_repeat_ends_its_grant() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    let code = app.code("plain", &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    let replies = at_once(&nodes, (0..MANY).map(|_| redemption(&code)).collect()).await;
    let won: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert!(won.len() <= 1, "{} winners", won.len());
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        reply.assert_error(400, "invalid_grant");
    }
    for winner in won {
        assert_eq!(app.userinfo(&winner.text("access_token")).await.status, 401);
        app.refresh("plain", &winner.text("refresh_token")).await.assert_error(400, "invalid_grant");
    }
    assert!(app.recorded("code.replayed").await >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_refreshes_of_one_token_all_get_the_same_successor() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    for client in [WEB, SPA] {
        let mut token = app.tokens(client, &[]).await.text("refresh_token");
        for _ in 0..3 {
            let replies = at_once(&nodes, (0..MANY).map(|_| refresh_request(client, &token)).collect()).await;
            let successors: Vec<String> = replies
                .iter()
                .map(|reply| {
                    assert_eq!(reply.status, 200, "{client}: {}", reply.body);
                    reply.text("refresh_token")
                })
                .collect();
            assert!(successors.iter().all(|successor| *successor == successors[0] && *successor != token));
            assert_eq!(app.userinfo(&replies[0].text("access_token")).await.status, 200);
            token.clone_from(&successors[0]);
        }
    }
}

/// The old token and its successor at once: whatever the order, the client is not signed out.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_retry_beside_the_use_of_its_successor_signs_nobody_out() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    for client in [WEB, SPA] {
        let first = app.tokens(client, &[]).await.text("refresh_token");
        let second = app.refresh(client, &first).await.text("refresh_token");
        let both = (0..MANY).map(|number| refresh_request(client, [&first, &second][number % 2])).collect();
        let replies = at_once(&nodes, both).await;
        for (number, reply) in replies.iter().enumerate() {
            if number % 2 == 1 {
                assert_eq!(reply.status, 200, "{client}: {}", reply.body);
            } else if reply.status != 200 {
                reply.assert_error(400, "invalid_grant");
            }
        }
        let third = replies[1].text("refresh_token");
        assert_eq!(app.refresh(client, &third).await.status, 200, "{client} was signed out");
    }
    assert_eq!(app.recorded("refresh.replayed").await, 0);
}

/// A revocation among refreshes: once it was answered, nothing of the grant works.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_revoked_beside_refreshes_stays_revoked() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    for _ in 0..4 {
        let token = app.tokens(WEB, &[]).await.text("refresh_token");
        let mut requests: Vec<_> = (0..31).map(|_| refresh_request(WEB, &token)).collect();
        requests.insert(15, form_request("/revoke", WEB, &[("token", &token)]));
        let replies = at_once(&nodes, requests).await;
        assert_eq!(replies[15].status, 200, "{}", replies[15].body);
        for reply in replies.iter().filter(|reply| reply.status == 200 && reply.body.contains("access_token"))
        {
            assert_eq!(app.userinfo(&reply.text("access_token")).await.status, 401);
            app.refresh(WEB, &reply.text("refresh_token")).await.assert_error(400, "invalid_grant");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_20_uses_of_one_assertion_one_wins() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    for endpoint in ["/token", "/introspect", "/revoke"] {
        let now = app.clock.now().seconds();
        let claims = json!({ "iss": PKJ, "sub": PKJ, "aud": "https://id.example", "iat": now, "exp": now + 60,
                             "jti": format!("jti{endpoint}") });
        let assertion = assertion(&claims);
        let form = [
            ("grant_type", "client_credentials"),
            ("token", "unknown"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let requests = (0..20).map(|_| request("POST", endpoint, &headers, &encode(&form))).collect();
        let replies = at_once(&nodes, requests).await;
        let won = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(won, 1, "{endpoint}: {:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
        for reply in replies.iter().filter(|reply| reply.status != 200) {
            reply.assert_error(401, "invalid_client");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_guesses_at_once_count_as_a_hundred() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let guess = |number: usize| {
        submission(
            &browser,
            &page,
            &[("username", ALICE), ("password", &format!("guess-{number}")), ("action", "sign-in")],
        )
    };
    let replies = at_once(&nodes, (0..100).map(guess).collect()).await;
    let throttled = replies.iter().filter(|reply| reply.status == 429).count();
    assert_eq!(throttled, 90, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
    assert_eq!(app.recorded("sign_in.failed").await, 10, "ten were looked at");
    // Now even the right password waits. The address has failed too often as well, for ten minutes; then others sign in again.
    let right = [("username", ALICE), ("password", PASSWORD), ("action", "sign-in")];
    assert_eq!(browser.submit(&page, &right).await.status, 429);
    app.advance_s(10 * 60);
    app.browser().sign_in(BOB).await;
    assert_eq!(browser.submit(&page, &right).await.status, 429);
    app.advance_s(5 * 60);
    app.browser().sign_in(ALICE).await;
}

/// Two tabs, two requests, one person who allows both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn consent_given_twice_at_once_is_one_consent() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        pages.push(Page::of(browser.authorize(WEB, &[]).await));
    }
    let replies = at_once(&nodes, pages.iter().map(|page| allow(&browser, page)).collect()).await;
    for reply in &replies {
        let tokens = code_of(reply).redeem(&app).await;
        assert_eq!(tokens.status, 200, "two tabs never disturb each other: {}", tokens.body);
    }
    assert_eq!(live_consents(&app).await, 1);
}

/// A double click: both answers lead to the application, and one live grant is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_sent_twice_at_once_leaves_one_grant() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let page = Page::of(browser.authorize(WEB, &[]).await);
    let replies = at_once(&nodes, (0..2).map(|_| allow(&browser, &page)).collect()).await;
    let mut alive = 0;
    for reply in &replies {
        let tokens = code_of(reply).redeem(&app).await;
        alive += usize::from(tokens.status == 200);
    }
    assert_eq!((alive, live_consents(&app).await), (1, 1));
}

/// A person who signs in twice at once, in one browser, has one session and no error.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signing_in_twice_at_once_works() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let fields = [("username", ALICE), ("password", PASSWORD), ("action", "sign-in")];
    let replies = at_once(&nodes, (0..4).map(|_| submission(&browser, &page, &fields)).collect()).await;
    for reply in replies {
        assert_eq!(reply.status, 303, "{}", reply.body);
    }
}

/// Giving the same token back twice is answered twice with yes (RFC 7009, section 2.2).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_that_is_revoked_twice_at_once_is_revoked() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    for scope in ["rs1:read", "rs2:read"] {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let issued = at_once(&nodes, vec![form_request("/token", M2M, &form)]).await;
        let token = issued[0].text("access_token");
        let revocations = (0..16).map(|_| form_request("/revoke", M2M, &[("token", &token)])).collect();
        for reply in at_once(&nodes, revocations).await {
            assert_eq!(reply.status, 200, "{scope}: {}", reply.body);
        }
        assert_eq!(app.introspect(M2M, &token).await.json()["active"], false);
    }
}

/// Only failures count: a busy client is not taken for an attacker.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_honest_requests_at_once_are_answered() {
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    let replies = at_once(&nodes, (0..300).map(|_| form_request("/token", M2M, &form)).collect()).await;
    assert!(
        replies.iter().all(|reply| reply.status == 200),
        "{:?}",
        replies.iter().find(|reply| reply.status != 200)
    );
    let token = replies[0].text("access_token");
    let questions = (0..300).map(|_| form_request("/introspect", M2M, &[("token", &token)])).collect();
    let replies = at_once(&nodes, questions).await;
    assert!(
        replies.iter().all(|reply| reply.status == 200),
        "{:?}",
        replies.iter().find(|reply| reply.status != 200)
    );
}

fn redemption(code: &Code) -> EdgeRequest {
    let form = code.form();
    let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form_request("/token", &code.client, &pairs)
}

#[track_caller]
fn only_winner(replies: &[Reply]) -> &Reply {
    let mut won = replies.iter().filter(|reply| reply.status == 200);
    let winner = won.next().unwrap_or_else(|| panic!("nobody won: {:?}", replies[0]));
    assert_eq!(won.count(), 0, "more than one won");
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        reply.assert_error(400, "invalid_grant");
    }
    winner
}

fn allow(browser: &Browser<'_>, page: &Page) -> EdgeRequest {
    submission(browser, page, &[("action", "allow")])
}

/// What the browser would send for this form.
fn submission(browser: &Browser<'_>, page: &Page, fields: &[(&str, &str)]) -> EdgeRequest {
    let mut form: Vec<(&str, &str)> =
        page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form.extend_from_slice(fields);
    let cookies: Vec<String> =
        browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let headers = [
        ("origin", "https://id.example"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookies.as_str()),
    ];
    request("POST", &page.action, &headers, &encode(&form))
}

#[track_caller]
fn code_of(reply: &Reply) -> Code {
    let code = reply.param("code").unwrap_or_else(|| panic!("no code: {} {}", reply.status, reply.body));
    Code {
        code,
        client: WEB.to_owned(),
        redirect_uri: "https://app.example/cb".to_owned(),
        verifier: Some(doorward_tests::VERIFIER.to_owned()),
    }
}

async fn live_consents(app: &TestApp) -> usize {
    let user = user_id(ALICE).into();
    app.store.applications_of(&TenantId::from(T1), &user).await.expect("consents can be read").len()
}
